"""A hint in words: what was found, why it matters, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.assessment.queries import get_catalogue
from parkbrain.ui.formats import number, percent, with_unit

from ..models import Finding, Submission

Kind = Finding.Kind
#: Hints that say that something cannot be; the others say that something is odd.
GRAVE = frozenset({Kind.LIMIT, Kind.PART, Kind.UNIT})


@dataclass(frozen=True)
class HintWords:
    """A hint as people read it."""

    kind: str
    label: str
    fact_key: str
    fact: str
    found: str
    why: str
    todo: str
    tone: str


def describe_hint(*, kind: str, fact_key: str, params: Mapping[str, Any]) -> HintWords:
    """Return a hint in the reader's language."""
    fact = get_catalogue().get(fact_key)
    found, why, todo = _WORDS[kind](fact_key, params)
    tone = "bad" if kind in GRAVE else "warn" if kind != Kind.MISSING else ""
    return HintWords(kind, str(Kind(kind).label), fact_key, fact.name if fact else "", found, why, todo, tone)


Words = tuple[str, str, str]


def _value(key: str, value: float | None) -> str:
    fact = get_catalogue().get(key)
    return with_unit(value, fact.unit if fact and fact.kind != "boolean" else "")


def _missing(_key: str, _params: Mapping[str, Any]) -> Words:
    return (
        _("No value is given."),
        _("Without it the park counts as unknown here, and the published sums lack it."),
        _("Give the value, or say in the remark why it is not known."),
    )


def _late(_key: str, params: Mapping[str, Any]) -> Words:
    days = int(params["days"])
    return (
        ngettext("Handed in %(days)s day late.", "Handed in %(days)s days late.", days) % {"days": days},
        _("The bureau's tables wait for the last park."),
        _("Nothing, unless the bureau asks why."),
    )


def _limit(key: str, params: Mapping[str, Any]) -> Words:
    low, high = params.get("low"), params.get("high")
    if high is None or (low is not None and params["value"] < low):
        bound = _("It cannot be less than %(low)s.") % {"low": _value(key, low)}
    else:
        bound = _("It cannot be more than %(high)s.") % {"high": _value(key, high)}
    return (
        _("%(value)s is given.") % {"value": _value(key, params["value"])},
        bound,
        _("Correct the value: it is not taken so."),
    )


def _unit(key: str, params: Mapping[str, Any]) -> Words:
    power = int(params["power"])
    values = {
        "value": _value(key, params["value"]),
        "near": _value(key, params["near"]),
        "times": number(10 ** abs(power)),
    }
    found = (
        _("%(value)s is about %(times)s times what is expected (%(near)s).")
        if power > 0
        else _("%(value)s is about one part in %(times)s of what is expected (%(near)s).")
    )
    why = (
        _("So it looks where yuan are written for 10,000 yuan, or m² for 10,000 m².")
        if abs(power) == 4
        else _("So it looks where kilowatt-hours are written for megawatt-hours, or kilograms for tonnes.")
    )
    return found % values, why, _("Check the unit beside the field; if the value is right, say so in the remark.")


def _change(key: str, params: Mapping[str, Any]) -> Words:
    before = _value(key, params["before"])
    if params["change"] is None:
        found = _("%(value)s, after nothing the year before.") % {"value": _value(key, params["value"])}
    else:
        change = percent(abs(params["change"]), 0)
        text = (
            _("%(value)s is %(change)s more than the %(before)s of the year before.")
            if params["change"] > 0
            else _("%(value)s is %(change)s less than the %(before)s of the year before.")
        )
        found = text % {"value": _value(key, params["value"]), "change": change, "before": before}
    todo = _("A remark is given: read it.") if params.get("remarked") else _("Say in the remark what changed.")
    return found, _("A jump beyond the round's band has a reason, or one of the two values is wrong."), todo


def _computed(key: str, params: Mapping[str, Any]) -> Words:
    return (
        _("%(value)s is given, the park's own rows give %(computed)s.")
        % {"value": _value(key, params["value"]), "computed": _value(key, params["computed"])},
        _("Ratings take what the rows say, so the two would stand side by side."),
        _("Open the rows: take their number over, or complete them."),
    )


def _part(key: str, params: Mapping[str, Any]) -> Words:
    whole = get_catalogue()[params["whole"]]
    return (
        _("%(value)s is more than “%(whole)s”, of which it is a part: %(total)s.")
        % {
            "value": _value(key, params["value"]),
            "whole": whole.name,
            "total": _value(whole.key, params["total"]),
        },
        _("A part cannot be larger than its whole."),
        _("Correct one of the two: it is not taken so."),
    )


def _peers(key: str, params: Mapping[str, Any]) -> Words:
    return (
        _("%(value)s, where parks of like kind and size have a median of %(median)s (robust score %(score)s).")
        % {
            "value": _value(key, params["value"]),
            "median": _value(key, params["median"]),
            "score": number(params["score"], 1),
        },
        _("Beyond a score of 3.5 a value is a possible outlier (Iglewicz and Hoaglin)."),
        _("Check it; a park may well be unlike its peers, then say why in the remark."),
    )


def _round(_key: str, params: Mapping[str, Any]) -> Words:
    return (
        _("%(share)s of %(count)s large values have two digits and then only noughts.")
        % {"share": percent(params["share"], 0), "count": number(params["count"], 0)},
        _("By chance about one in a hundred does: such values are often estimates."),
        _("Give the values as the books and meters have them, or say that they are estimates."),
    )


def _same(_key: str, params: Mapping[str, Any]) -> Words:
    return (
        _("%(same)s of %(count)s values are the very ones of the year before.") % _counts(params),
        _("Measured values hardly ever repeat to the last digit."),
        _("Check whether last year's sheet was handed in again."),
    )


def _copy(_key: str, params: Mapping[str, Any]) -> Words:
    # Named for nobody: the page of a park must not say whose values another park gave.
    return (
        _("%(same)s of %(count)s values are exactly those of another park.") % _counts(params),
        _("Two parks hardly ever have the same values by chance."),
        _("Check whether a sheet was filled in for the wrong park."),
    )


def _counts(params: Mapping[str, Any]) -> dict[str, str]:
    return {"same": number(params["same"], 0), "count": number(params["count"], 0)}


_WORDS: dict[str, Callable[[str, Mapping[str, Any]], Words]] = {
    Kind.MISSING: _missing,
    Kind.LATE: _late,
    Kind.LIMIT: _limit,
    Kind.UNIT: _unit,
    Kind.CHANGE: _change,
    Kind.COMPUTED: _computed,
    Kind.PART: _part,
    Kind.PEERS: _peers,
    Kind.ROUND: _round,
    Kind.SAME: _same,
    Kind.COPY: _copy,
}


def list_copied(*, submission: Submission) -> list[Submission]:
    """Return the submissions whose values one repeats: for the bureau, which sees both."""
    numbers = [f.params["submission"] for f in submission.findings.all() if f.kind == Kind.COPY]
    return list(Submission.objects.filter(round_id=submission.round_id, pk__in=numbers).select_related("park"))
