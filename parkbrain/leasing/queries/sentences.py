"""Steps of an explanation and clauses in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.calc import leases as calc
from parkbrain.kernel.names import localized, to_traditional
from parkbrain.ui import formats

STEPS: Mapping[str, str | Promise] = {
    "price_base": gettext_lazy("The price is %(price)s yuan/m² per %(per)s."),
    "price_step": gettext_lazy("From %(from_on)s the price is %(price)s yuan/m²."),
    "price_rise": gettext_lazy("From %(from_on)s it rises by %(percent)s %%, %(mode)s."),
    "price_capped": gettext_lazy("The cap of %(cap)s yuan/m² holds the price."),
    "price_index": gettext_lazy(
        "By the index %(series)s, %(month)s: %(value)s against %(base)s, the price changes by %(percent)s %%."
    ),
    "price_index_held": gettext_lazy(
        "By the index %(series)s, %(month)s: %(value)s against %(base)s; floor or cap holds the change at %(percent)s %%."
    ),
    "index_unknown": gettext_lazy("The index %(series)s of %(month)s is not known: not assessed."),
    "piece": gettext_lazy(
        "%(starts_on)s until %(ends_on)s: %(area)s m² (%(basis)s) × %(price)s yuan × %(part)s %(per)s = %(amount)s yuan."
    ),
    "free": gettext_lazy("Free period %(starts_on)s until %(ends_on)s: %(amount)s yuan are not owed."),
    "free_fit_out": gettext_lazy("Fit-out %(starts_on)s until %(ends_on)s: %(amount)s yuan are not owed."),
    "free_recurring": gettext_lazy(
        "%(meaning)s, year %(year)s, %(starts_on)s until %(ends_on)s: %(amount)s yuan are not owed."
    ),
    "concession": gettext_lazy("Concession “%(programme)s”: %(off)s. Used of the limit: %(limits)s."),
    "rounded": gettext_lazy("%(exact)s yuan are rounded half up to %(step)s yuan."),
    "tax_included": gettext_lazy("Of %(gross)s yuan, %(tax)s are tax at %(percent)s %%; %(net)s without it."),
    "tax_added": gettext_lazy("%(net)s yuan and %(tax)s yuan of tax at %(percent)s %% are %(gross)s yuan."),
    "turnover": gettext_lazy("Turnover of %(turnover)s yuan, %(over)s above: × %(percent)s %% = %(amount)s yuan."),
    "turnover_unknown": gettext_lazy("The turnover %(starts_on)s until %(ends_on)s is not reported: not assessed."),
    "base_rent_unknown": gettext_lazy("The rent from %(starts_on)s is not assessed, so the breakpoint is not either."),
    "breakpoint_natural": gettext_lazy(
        "Breakpoint: rent of %(rent)s yuan ÷ %(percent)s %% = %(amount)s yuan of turnover."
    ),
    "breakpoint_stated": gettext_lazy("Breakpoint as stated: %(amount)s yuan of turnover."),
    "late_days": gettext_lazy(
        "%(starts_on)s until %(ends_on)s: %(open)s yuan open × %(days)s days × %(percent)s %% a day."
    ),
    "late_capped": gettext_lazy("The late fee is at most %(percent)s %% of what was open: %(cap)s yuan."),
}

WORDS: Mapping[str, str | Promise] = {
    "RENT": gettext_lazy("rent"),
    "PROPERTY_FEE": gettext_lazy("property fee"),
    "TURNOVER_RENT": gettext_lazy("turnover rent"),
    "MONTH": gettext_lazy("month"),
    "DAY": gettext_lazy("day"),
    "COMPOUND": gettext_lazy("on the last price (compound)"),
    "SIMPLE": gettext_lazy("on the first price (simple)"),
    "CONTRACT_YEAR_LAST_MONTHS": gettext_lazy("last months of the contract year"),
    "CONTRACT_YEAR_FIRST_MONTHS": gettext_lazy("first months of the contract year"),
    "CALENDAR_MONTH": gettext_lazy("months of the calendar year"),
    "NATURAL": gettext_lazy("natural (rent ÷ share)"),
    "STATED": gettext_lazy("as stated"),
    "NONE": gettext_lazy("none"),
    "GROSS": gettext_lazy("gross"),
    "NET": gettext_lazy("net"),
    "BILLING": gettext_lazy("billing area"),
    "ELECTRICITY": gettext_lazy("electricity"),
    "WATER": gettext_lazy("water"),
    "GAS": gettext_lazy("gas"),
    "HEAT": gettext_lazy("heat"),
    "COOLING": gettext_lazy("cooling"),
    "TARIFF": gettext_lazy("by the tariff on its own meter"),
    "SHARE": gettext_lazy("by a share of the bill"),
    "WHOLE": gettext_lazy("the park's whole supply"),
    "PUBLIC": gettext_lazy("the park's common use"),
    "GRACE_END": gettext_lazy("from the end of grace"),
    "DUE_DAY": gettext_lazy("from the due day"),
}


def _number(value: Any) -> str:
    """Return a number with its own places and separators; other things as they are."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    places = max(-int(number.as_tuple().exponent), 0) if number.is_finite() else 0
    return f"{number:,.{places}f}"


def step_words(*, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of a step as words: numbers with separators, keys as words of the language."""
    said = {name: _said(name, value) for name, value in values.items()}
    if "month" in said and "series" in said:
        said["month"] = str(values["month"])[:7]
    if "programme" in said and "used" in said:
        said["off"] = _off(values)
        said["limits"] = _limits(values)
    return said


def waiting_words(*, values: Mapping[str, Any]) -> dict[str, str]:
    """Return whose line of a lease waits, and for what, as words of the language."""
    why, chinese = values["why"], str(values["firm_zh"])
    sentence = STEPS[why["code"].removeprefix("leasing.")]
    return {
        "firm": localized(zh_hans=chinese, zh_hant=to_traditional(chinese), en=str(values["firm_en"])),
        "why": str(sentence) % step_words(values=why["values"]),
    }


def _said(name: str, value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(_said(name, v) for v in value)
    if str(value) in WORDS:
        return str(WORDS[str(value)])
    # Days and parts such as 17/31 are texts, not numbers.
    return str(value) if name.endswith("_on") or name in {"series", "programme", "month"} else _number(value)


def _off(values: Mapping[str, Any]) -> str:
    if values.get("percent") is not None:
        return _("%(percent)s %% off") % {"percent": _number(values["percent"])}
    return _("%(price)s yuan/m² and month off") % {"price": _number(values.get("price"))}


def _limits(values: Mapping[str, Any]) -> str:
    parts = []
    if values.get("limit") is not None:
        parts.append(_("%(used)s of %(limit)s yuan") % _numbers(values))
    if values.get("limit_per_m2") is not None:
        parts.append(_("%(used)s yuan, limit %(limit_per_m2)s yuan/m²") % _numbers(values))
    if values.get("limit_months") is not None:
        parts.append(_("%(months)s of %(limit_months)s months") % _numbers(values))
    return ", ".join(parts) or _("%(used)s yuan, no limit") % _numbers(values)


def _numbers(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: _number(value) for name, value in values.items()}


def step_sentence(*, step: calc.Step) -> str:
    """Return a step of an explanation as a sentence in the active language."""
    return str(STEPS[step.code]) % step_words(values=calc.step_values(step))


Say = Callable[[Mapping[str, str], Mapping[str, Any]], list[str]]


def clause_sentence(*, kind: str, values: Mapping[str, Any]) -> str:
    """Return a stored clause as sentences in the active language."""
    return " ".join(s for s in _CLAUSES[kind](step_words(values=values), values) if s)


def _for_places(said: Mapping[str, str], values: Mapping[str, Any]) -> str:
    return _("For %(premises)s.") % said if values.get("premises") else ""


def _price(said: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    return [_("%(price_yuan_per_m2)s yuan/m² per %(per)s.") % said, _for_places(said, values)]


def _step(said: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    return [_("From %(from_on)s, %(fee)s: %(price_yuan_per_m2)s yuan/m².") % said, _for_places(said, values)]


def _rise(said: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    first = _("first on %(first_on)s") % said if values.get("first_on") else _("first after that time")
    every = ngettext(
        "%(percent)s %% every year", "%(percent)s %% every %(every_years)s years", int(values["every_years"])
    )
    parts = [_("%(every)s, %(mode)s, %(first)s.") % {**said, "every": every % said, "first": first}]
    if values.get("cap_percent") is not None:
        parts.append(_("At most %(cap_percent)s %% above the first price.") % said)
    if values.get("cap_price_yuan_per_m2") is not None:
        parts.append(_("At most %(cap_price_yuan_per_m2)s yuan/m².") % said)
    return [_("The %(fee)s rises:") % said, *parts]


def _index(said: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    base = {**said, "base": str(values["base_month_on"])[:7]}
    parts = [
        _("The %(fee)s follows the index %(series)s, base %(base)s, from %(first_on)s every %(every_years)s years.")
        % base,
        _("%(share_percent)s %% of the change is passed on.") % said,
    ]
    if values.get("floor_percent") is not None:
        parts.append(_("Floor %(floor_percent)s %%.") % said)
    if values.get("cap_percent") is not None:
        parts.append(_("Cap %(cap_percent)s %%.") % said)
    return parts


def _turnover(said: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    parts = [
        _("%(percent)s %% of turnover, breakpoint: %(breakpoint)s; reported every %(months_per_report)s months.") % said
    ]
    if values.get("breakpoint_yuan_per_year") is not None:
        parts.append(_("Breakpoint %(breakpoint_yuan_per_year)s yuan a year.") % said)
    return parts


def _free(said: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    return [_("Free from %(starts_on)s until %(ends_on)s: %(frees)s.") % said]


def _recurring(said: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    months = int(values["months"])
    words = {
        "CONTRACT_YEAR_LAST_MONTHS": ngettext(
            "The last month of every contract year is free of %(frees)s.",
            "The last %(months)s months of every contract year are free of %(frees)s.",
            months,
        ),
        "CONTRACT_YEAR_FIRST_MONTHS": ngettext(
            "The first month of every contract year is free of %(frees)s.",
            "The first %(months)s months of every contract year are free of %(frees)s.",
            months,
        ),
        "CALENDAR_MONTH": ngettext(
            "Month %(calendar_month)s of every calendar year is free of %(frees)s.",
            "%(months)s months of every calendar year, from month %(calendar_month)s on, are free of %(frees)s.",
            months,
        ),
    }
    parts = [words[str(values["meaning"])] % said]
    if values.get("last_year"):
        parts.append(_("Years %(first_year)s to %(last_year)s.") % said)
    elif values.get("first_year") != 1:
        parts.append(_("From year %(first_year)s on.") % said)
    return parts


def _fit_out(said: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    return [
        _("Fit-out from %(starts_on)s until %(ends_on)s.") % said,
        _("No rent.") if values.get("rent_free") else _("Rent runs."),
        _("The property fee runs.") if values.get("property_fee_runs") else _("No property fee."),
    ]


def _utilities(said: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    parts = [_("%(supply)s: %(way)s.") % said]
    if values.get("share_percent") is not None:
        of = {"share_of": WORDS[str(values.get("share_of") or "WHOLE")]}
        parts.append(_("Share: %(share_percent)s %% of %(share_of)s.") % {**said, **of})
    if values.get("tariff"):
        parts.append(_("Tariff %(tariff)s.") % said)
    return parts


def _late(said: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    parts = [
        _("%(percent_per_day)s %% a day of what is overdue, %(grace_days)s days of grace, %(counts_from)s.") % said
    ]
    if values.get("starts_on"):
        parts.append(_("Not before %(starts_on)s.") % said)
    if values.get("cap_percent") is not None:
        parts.append(_("At most %(cap_percent)s %% of what was open.") % said)
    return parts


def _tax(said: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    within = _("within the price") if values.get("included") else _("on top of the price")
    return [_("Tax of %(rate_percent)s %%, %(within)s, on: %(fees)s.") % {**said, "within": within}]


def _concession(said: Mapping[str, str], values: Mapping[str, Any]) -> list[str]:
    off = {"percent": values.get("percent"), "price": values.get("amount_yuan_per_m2_month")}
    parts = [
        _("Programme “%(programme)s”, %(starts_on)s until %(ends_on)s: %(off)s, on: %(fees)s.")
        % {**said, "off": _off(off)}
    ]
    if values.get("limit_yuan") is not None:
        parts.append(_("At most %(limit_yuan)s yuan in all.") % said)
    if values.get("limit_yuan_per_m2") is not None:
        parts.append(_("At most %(limit_yuan_per_m2)s yuan/m².") % said)
    if values.get("limit_months") is not None:
        parts.append(_("For %(limit_months)s months at most.") % said)
    return parts


_CLAUSES: Mapping[str, Say] = {
    "RENT": _price,
    "PROPERTY_FEE": _price,
    "RENT_STEP": _step,
    "RISE": _rise,
    "INDEX": _index,
    "TURNOVER_RENT": _turnover,
    "RENT_FREE": _free,
    "RECURRING_FREE": _recurring,
    "FIT_OUT": _fit_out,
    "UTILITIES": _utilities,
    "LATE_FEE": _late,
    "TAX": _tax,
    "CONCESSION": _concession,
}


def terms_sentence(*, terms: calc.Terms) -> str:
    """Return how a lease is billed, in words."""
    values = {"months": terms.months_per_bill, "days": terms.due_days, "step": str(terms.round_to_yuan)}
    months = _("natural months") if terms.cycle == "NATURAL" else _("months of the contract")
    when = _("in advance") if terms.in_advance else _("in arrears")
    if terms.due_rule == "DAY_OF_MONTH":
        due = _("due on day %(days)s of the month") % values
    elif terms.due_days < 0:
        due = _("due %(days)s days before") % {"days": -terms.due_days}
    elif terms.in_advance:
        due = _("due %(days)s days after the first day") % values
    else:
        due = _("due %(days)s days after the end") % values
    counts = {"ACTUAL": _("actual days of the month"), "THIRTY_360": "30/360", "ACTUAL_365": _("actual days of 365")}
    at = _("per line") if terms.round_at == "LINE" else _("per piece")
    every = ngettext("Every month", "Every %(months)s months", terms.months_per_bill) % values
    said = _("%(every)s (%(kind)s), %(when)s, %(due)s; part months by %(count)s; rounded to %(step)s yuan %(at)s.")
    words = {"every": every, "kind": months, "when": when, "due": due, "count": counts[terms.day_count], "at": at}
    return said % {**values, **words}


#: What is wrong with a field, in words.
PROBLEMS: Mapping[str, str | Promise] = {
    "missing": gettext_lazy("This field is required."),
    "not_a_number": gettext_lazy("“%(value)s” is not a number."),
    "not_whole": gettext_lazy("“%(value)s” is not a whole number."),
    "too_small": gettext_lazy("%(value)s is too small."),
    "too_large": gettext_lazy("%(value)s is too large."),
    "not_a_day": gettext_lazy("“%(value)s” is not a date such as 2026-03-31."),
    "not_an_option": gettext_lazy("“%(value)s” is not one of the choices."),
    "not_yes_or_no": gettext_lazy("“%(value)s” is neither yes nor no."),
    "unknown_field": gettext_lazy("This kind of clause has no such field."),
    "period_backwards": gettext_lazy("The end has to lie after the beginning."),
    "one_of_two": gettext_lazy("Give a percentage or an amount, one of the two."),
    "cap_below_floor": gettext_lazy("The cap lies below the floor."),
    "not_a_day_of_the_month": gettext_lazy("%(value)s is not a day of the month."),
}


def problem_sentence(*, problem: calc.Problem) -> str:
    """Return what is wrong with a field, in words."""
    return str(PROBLEMS[problem.code]) % {"value": problem.value}


def money_text(*, amount: Decimal | None) -> str:
    """Return an amount with two places, or an empty text where it is unknown."""
    return "" if amount is None else formats.number(amount, 2)
