"""Lists of exit triggers, exits, low-efficiency space and vacated space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel.roles import Permission
from parkbrain.lists import Ask, ListSpec, park_filter
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from ..models import ExitCase, ExitTrigger
from ..queries.exits import LedgerRow, ledger_rows, vacated_stays

NAMES = ("enterprise__name_zh_hans", "enterprise__name_zh_hant", "enterprise__name_en")


def _firm_filter() -> Filter:
    return Filter("q", _("Enterprise"), fields=NAMES, main=True)


def _decision_badge(row: ExitTrigger) -> tuple[str, str]:
    if row.decided_on is None:
        return _("to decide"), "warn"
    return str(row.get_decision_display()), "ok" if row.is_in_time else ""


def _trigger_columns(ask: Ask) -> Sequence[Column]:
    return (
        Column(
            "firm",
            _("Enterprise"),
            lambda r: (r.enterprise.name, reverse("exit_trigger", args=[r.pk])),
            "link",
            ("enterprise__name_zh_hans",),
        ),
        Column("kind", _("What was found"), lambda r: r.get_kind_display(), order_by=("kind",)),
        Column("raised", _("Raised on"), lambda r: r.raised_on, "date", ("raised_on",)),
        Column("due", _("To be decided by"), lambda r: r.due_on, "date", ("due_on",)),
        Column("decision", _("Decision"), _decision_badge, "badge", ("decision",)),
        Column("decided", _("Decided on"), lambda r: r.decided_on, "date", ("decided_on",)),
        Column("park", _("Park"), lambda r: r.park.name, order_by=("park",), hidden=True),
    )


def _trigger_filters(ask: Ask) -> Sequence[Filter]:
    return (
        _firm_filter(),
        Filter("kind", _("What was found"), "choices", ("kind",), ExitTrigger.Kind.choices, main=True),
        Filter(
            "state",
            _("State"),
            "choice",
            choices=[("open", _("to decide")), ("late", _("past its day")), ("decided", _("decided"))],
            keep=lambda rows, state: _by_state(rows, state, ask),
            main=True,
        ),
        Filter("decision", _("Decision"), "choices", ("decision",), ExitTrigger.Decision.choices),
        Filter("raised", _("Raised on"), "date", ("raised_on",)),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _by_state(rows: Any, state: str, ask: Ask) -> Any:
    if state == "decided":
        return rows.filter(decided_on__isnull=False)
    rows = rows.filter(decided_on__isnull=True)
    return rows.filter(due_on__lt=ask.on) if state == "late" else rows


TRIGGERS = ListSpec(
    key="lifecycle.triggers",
    url_name="exit_triggers",
    label=gettext_lazy("Exit triggers"),
    columns=_trigger_columns,
    filters=_trigger_filters,
    rows=lambda ask: ExitTrigger.objects.all().visible_to(ask.user),
    related=("enterprise", "park"),
    default_sort=("decided_on", "due_on", "pk"),
    sentence=lambda count, totals: (
        ngettext("%(count)s exit trigger.", "%(count)s exit triggers.", count) % {"count": formats.number(count, 0)}
    ),
    permission=Permission.VIEW_MONEY,
    empty=gettext_lazy("No exit trigger is kept by these filters."),
)


def _state_badge(row: ExitCase) -> tuple[str, str]:
    tones = {ExitCase.State.OPEN: "warn", ExitCase.State.CLOSED: "ok", ExitCase.State.CANCELLED: ""}
    return str(row.get_state_display()), tones[ExitCase.State(row.state)]


def _case_columns(ask: Ask) -> Sequence[Column]:
    return (
        Column(
            "firm",
            _("Enterprise"),
            lambda r: (r.enterprise.name, reverse("exit_case", args=[r.pk])),
            "link",
            ("enterprise__name_zh_hans",),
        ),
        Column("reason", _("Reason"), lambda r: r.get_reason_display(), order_by=("reason",)),
        Column("notice", _("Notice of"), lambda r: r.notice_on, "date", ("notice_on",)),
        Column("planned", _("To be vacated by"), lambda r: r.planned_on, "date", ("planned_on",)),
        Column("vacated", _("Vacated on"), lambda r: r.vacated_on, "date", ("vacated_on",)),
        Column("state", _("State"), _state_badge, "badge", ("state",)),
        Column("park", _("Park"), lambda r: r.park.name, order_by=("park",), hidden=True),
    )


def _case_filters(ask: Ask) -> Sequence[Filter]:
    return (
        _firm_filter(),
        Filter("state", _("State"), "choices", ("state",), ExitCase.State.choices, main=True),
        Filter("reason", _("Reason"), "choices", ("reason",), ExitCase.Reason.choices, main=True),
        Filter("planned", _("To be vacated by"), "date", ("planned_on",)),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


CASES = ListSpec(
    key="lifecycle.exits",
    url_name="exit_cases",
    label=gettext_lazy("Exits"),
    columns=_case_columns,
    filters=_case_filters,
    rows=lambda ask: ExitCase.objects.visible_to(ask.user),
    related=("enterprise", "park"),
    default_sort=("-opened_on", "pk"),
    sentence=lambda count, totals: (
        ngettext("%(count)s exit.", "%(count)s exits.", count) % {"count": formats.number(count, 0)}
    ),
    permission=Permission.VIEW_MONEY,
    empty=gettext_lazy("No exit is kept by these filters."),
)


def _rounded(value: float | None, digits: int = 0) -> float | None:
    return None if value is None else round(value, digits)


def _ledger_columns(ask: Ask) -> Sequence[Column]:
    return (
        Column(
            "premises",
            _("Premises"),
            lambda r: (r.stay.premises.code, reverse("premises_detail", args=[r.stay.premises_id])),
            "link",
            ("premises__code",),
        ),
        Column(
            "area",
            _("Area freed (m²)"),
            lambda r: r.area_m2,
            "number",
            ("premises__billing_area_m2",),
            total="premises__billing_area_m2",
        ),
        Column("vacated", _("Vacated on"), lambda r: r.stay.ends_on, "date", ("ends_on",)),
        Column("old", _("Who left"), lambda r: r.stay.enterprise.name, order_by=("enterprise__name_zh_hans",)),
        Column("reason", _("Reason"), _why_left),
        Column("days", _("Days empty"), lambda r: r.empty_days, "number"),
        Column("new", _("Who came"), lambda r: r.following.enterprise.name if r.following else _("vacant")),
        Column("low", _("Low-efficiency"), lambda r: _("yes") if r.is_low_efficiency else "", hidden=True),
        Column("rent", _("Rent before"), lambda r: r.stay.rent_yuan_per_m2_month, "number", hidden=True),
        Column(
            "rent_new",
            _("Rent after"),
            lambda r: _since(r, r.following and r.following.rent_yuan_per_m2_month),
            "number",
            hidden=True,
        ),
        Column("rent_change", _("Rent change (yuan/m²·month)"), lambda r: _since(r, r.rent_change), "number"),
        Column("tax_old", _("Tax before (yuan/m²)"), lambda r: _rounded(r.tax_before), "number"),
        Column("tax_new", _("Tax after (yuan/m²)"), lambda r: _since(r, _rounded(r.tax_after)), "number"),
        Column("staff_old", _("Staff before"), lambda r: r.staff_before, "number", hidden=True),
        Column("staff_new", _("Staff after"), lambda r: _since(r, r.staff_after), "number", hidden=True),
        Column(
            "cost", _("Cost (yuan)"), lambda r: r.case.cost_yuan if r.case else None, "number", decimals=2, hidden=True
        ),
        Column("payback", _("Paid back after (months)"), lambda r: _since(r, _rounded(r.payback, 1)), "number"),
    )


def _since(row: LedgerRow, value: Any) -> Any:
    """Return a figure of whoever came after; while the space is vacant there is none, which is not unknown."""
    return value if row.following else ""


def _why_left(row: LedgerRow) -> tuple[str, str] | str:
    return str(row.case.get_reason_display()) if row.case else _("no exit on record")


def _ledger_filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter("q", _("Enterprise or premises"), fields=(*NAMES, "premises__code"), main=True),
        Filter("vacated", _("Vacated on"), "date", ("ends_on",), main=True),
        Filter("area", _("Area"), "number", ("premises__billing_area_m2",), unit="m²"),
        park_filter(ask.user, lambda rows, park: rows.filter(premises__park=park)),
    )


def _ledger_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s vacated with %(area)s m².", "%(count)s vacated with %(area)s m².", count)
    return text % {"count": formats.number(count, 0), "area": formats.number(totals["area"][0] or 0, 0)}


LEDGER = ListSpec(
    key="lifecycle.ledger",
    url_name="exit_ledger",
    label=gettext_lazy("Vacated and re-let space"),
    columns=_ledger_columns,
    filters=_ledger_filters,
    rows=lambda ask: vacated_stays(user=ask.user, on=ask.on),
    related=("premises__park", "enterprise"),
    default_sort=("-ends_on", "pk"),
    sentence=_ledger_sentence,
    prepare=lambda rows, ask: ledger_rows(stays=rows, on=ask.on),
    permission=Permission.VIEW_MONEY,
    dated=True,
    empty=gettext_lazy("Nothing was vacated."),
)

LISTS = (TRIGGERS, CASES, LEDGER)
