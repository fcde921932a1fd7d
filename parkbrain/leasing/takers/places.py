"""The sheet of premises of leases."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.calc.leases import governing_spans
from parkbrain.enterprises.models import Occupancy
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import Lease, LeasePremises, Let
from ..services import record_lease_premises
from .common import (
    LEASE_NUMBER,
    VERSION,
    Context,
    backwards,
    frozen_problems,
    known_codes,
    known_numbers,
    lease_problem,
    open_versions,
    version_of,
    version_problem,
)

COLUMNS = (
    LEASE_NUMBER,
    VERSION,
    Column(
        "premises_code",
        gettext_lazy("Premises of the lease"),
        required=True,
        max_length=40,
        synonyms=("租赁单元编号", "租约房号", "租賃單元編號"),
        example="A-0301",
    ),
    Column(
        "starts_on",
        gettext_lazy("Let from"),
        "date",
        note=gettext_lazy("Empty: from the first day of the lease."),
        synonyms=("单元起租日期", "單元起租日期"),
        example="",
    ),
    Column(
        "ends_on",
        gettext_lazy("Let until"),
        "date",
        note=gettext_lazy("The first day that is not counted; empty: to the end of the lease."),
        synonyms=("单元退租日期", "單元退租日期"),
        example="",
    ),
    Column(
        "area_basis",
        gettext_lazy("Area basis"),
        "choice",
        choices=dict(LeasePremises.AreaBasis.choices),
        synonyms=("面积口径", "面積口徑"),
        example="BILLING",
    ),
    Column(
        "area_m2",
        gettext_lazy("Area of the lease"),
        "money",
        unit="m²",
        minimum=0.01,
        maximum=1e9,
        note=gettext_lazy("Empty: the billing area of the record."),
        synonyms=("租赁面积", "租賃面積", "合同面积"),
        example=612.5,
    ),
)


class _Span(NamedTuple):
    """Premises that a signed lease lets, from the record (row None) or from a row."""

    starts_on: date
    ends_on: date
    lease: str
    uscc: str
    row: int | None


def check(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown leases and premises, changes of what holds, and premises that two have on the same day."""
    numbers, codes = known_numbers(park=park, context=context), known_codes(park=park, context=context)
    versions = open_versions(park=park)
    known = _known(park)
    starts = {number: lease[0] for number, lease in _signed(park, context).items()}
    if park is not None:
        starts |= dict(Lease.objects.filter(park=park).values_list("number", "starts_on"))
    problems: dict[int, list[RowProblem]] = {}
    for row in rows:
        number, code = str(row.values.get("lease_number")), str(row.values.get("premises_code"))
        found = [lease_problem(row, numbers), version_problem(row, versions, context)]
        found.append(backwards(row, "starts_on", "ends_on"))
        if code not in codes:
            text = _("There are no premises %(code)s.") % {"code": code}
            found.append(RowProblem("premises_code", "unknown_premises", text, code))
        key = (number, version_of(row), code, row.values.get("starts_on") or starts.get(number))
        found += frozen_problems(row=row, known=known.get(key), is_open=versions.get(key[:2]))
        if any(found):
            problems[row.number] = [p for p in found if p]
    for row_number, problem in _taken(park, rows, context):
        problems.setdefault(row_number, []).append(problem)
    return problems


def _known(park: Park | None) -> dict[tuple[Any, ...], dict[str, Any]]:
    if park is None:
        return {}
    return {(r["lease_number"], r["version"], r["premises_code"], r["starts_on"]): r for r in export(park=park)}


def _signed(park: Park | None, context: Context) -> dict[str, tuple[date, date, str, bool]]:
    """Return the signed leases that come new with the file: days, firm, and whether the firm is in by it."""
    there = set(Lease.objects.filter(park=park).values_list("number", flat=True)) if park is not None else set()
    found = {}
    for row in context.get("lease_register", ()):
        values = row.values
        number, begin, end = str(values.get("number")), values.get("starts_on"), values.get("ends_on")
        if number in there or values.get("state") not in Lease.BINDING or not begin or not end:
            continue
        # A change may have made the term longer.
        later = [
            r.values.get("ends_on") for r in context.get("lease_versions", ()) if r.values.get("lease_number") == number
        ]
        stop = values.get("ended_on") or max([end, *(d for d in later if d)])
        found[number] = (begin, stop, str(values.get("uscc")), values.get("state") == Lease.State.ACTIVE)
    return found


def _spans(park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[str, list[tuple[_Span, bool]]]:
    """Return by premises what the rows of signed leases let, cut to the days that their version governs."""
    signed = _signed(park, context)
    changes: dict[str, dict[int, date]] = {number: {1: lease[0]} for number, lease in signed.items()}
    for row in context.get("lease_versions", ()):
        number, begin = str(row.values.get("lease_number")), row.values.get("effective_on")
        if number in changes and begin and row.values.get("state", "APPROVED") == "APPROVED":
            changes[number][version_of(row)] = begin
    governed: dict[tuple[str, int], list[tuple[date, date]]] = {}
    for number, days in changes.items():
        order = sorted(days)
        for place, begin, end in governing_spans([days[v] for v in order], signed[number][0], signed[number][1]):
            governed.setdefault((number, order[place]), []).append((begin, end))
    spans: dict[str, list[tuple[_Span, bool]]] = {}
    for row in rows:
        number = str(row.values.get("lease_number"))
        for begin, end in governed.get((number, version_of(row)), ()):
            start = max(row.values.get("starts_on") or begin, begin)
            stop = min(row.values.get("ends_on") or end, end)
            if stop > start:
                span = _Span(start, stop, number, signed[number][2], row.number)
                spans.setdefault(str(row.values.get("premises_code")), []).append((span, signed[number][3]))
    return spans


def _taken(park: Park | None, rows: Sequence[TakenRow], context: Context) -> Iterator[tuple[int, RowProblem]]:
    """Yield the rows whose premises another lease lets, or another firm is in, on some of the days."""
    spans = _spans(park, rows, context)
    lets: dict[str, list[_Span]] = {}
    if park is not None and spans:
        held = Let.objects.filter(premises__park=park, premises__code__in=spans).select_related(
            "premises", "lease__enterprise"
        )
        for x in held:
            span = _Span(x.starts_on, x.ends_on, x.lease.number, x.lease.enterprise.uscc, None)
            lets.setdefault(x.premises.code, []).append(span)
    stays = _stays(park, list(spans), context)
    for code, group in spans.items():
        own = [span for span, _is_in in group]
        for one, other in itertools.combinations([*lets.get(code, ()), *own], 2):
            later = other if other.row is not None else one
            earlier = one if later is other else other
            if later.row is not None and earlier.lease != later.lease and _meet(one, other):
                yield later.row, _let_problem(code, earlier)
        for span, is_in in group:
            stay = next((s for s in stays.get(code, ()) if is_in and s.uscc != span.uscc and _meet(s, span)), None)
            if stay is not None and span.row is not None:
                yield span.row, _stay_problem(code, stay)


def _meet(one: _Span, other: _Span) -> bool:
    return one.starts_on < other.ends_on and other.starts_on < one.ends_on


def _stays(park: Park | None, codes: Sequence[str], context: Context) -> Mapping[str, Sequence[_Span]]:
    """Return who is in the premises, as the record has it once the file's own stays are taken in."""
    found: dict[tuple[str, str, date], _Span] = {}
    if park is not None:
        known = Occupancy.objects.filter(premises__park=park, premises__code__in=codes)
        for place, uscc, begin, end in known.values_list("premises__code", "enterprise__uscc", "starts_on", "ends_on"):
            found[place, uscc, begin] = _Span(begin, end or date.max, "", uscc, None)
    for row in context.get("occupancies", ()):
        place, uscc = str(row.values.get("premises_code")), str(row.values.get("uscc"))
        first = row.values.get("starts_on")
        if place in codes and isinstance(first, date):
            found[place, uscc, first] = _Span(first, row.values.get("ends_on") or date.max, "", uscc, None)
    by_place: dict[str, list[_Span]] = {}
    for (place, _uscc, _begin), span in found.items():
        by_place.setdefault(place, []).append(span)
    return by_place


def _let_problem(code: str, other: _Span) -> RowProblem:
    text = _("%(premises)s is let by lease %(number)s from %(start)s until %(end)s.")
    values = {"premises": code, "number": other.lease, "start": other.starts_on, "end": other.ends_on}
    return RowProblem("premises_code", "premises_let", text % values, code)


def _stay_problem(code: str, stay: _Span) -> RowProblem:
    text = _("%(premises)s is occupied by %(enterprise)s since %(start)s: end that stay first.")
    values = {"premises": code, "enterprise": stay.uscc, "start": stay.starts_on}
    return RowProblem("premises_code", "premises_occupied", text % values, code)


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the premises of each row."""
    recorded = record_lease_premises(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return the premises of the park's leases as the sheet has them."""
    found = LeasePremises.objects.filter(version__lease__park=park).select_related("version__lease", "premises")
    return [
        {
            "lease_number": p.version.lease.number,
            "version": p.version.number,
            "premises_code": p.premises.code,
            "starts_on": p.starts_on,
            "ends_on": p.ends_on,
            "area_basis": p.area_basis,
            "area_m2": p.area_m2,
        }
        for p in found.order_by("version__lease__number", "version__number", "premises__code", "starts_on")
    ]


LEASE_PREMISES = Taker(
    key="lease_premises",
    label=gettext_lazy("Premises of leases"),
    order=132,
    columns=COLUMNS,
    identity=("lease_number", "version", "premises_code", "starts_on"),
    check=check,
    apply=apply,
    note=gettext_lazy("Which premises each lease lets, and the area that is paid for."),
    synonyms=("租约房源", "租约单元", "租約房源"),
    export=export,
)
