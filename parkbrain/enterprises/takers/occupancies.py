"""The sheet of occupancies: who is where since when."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import Occupancy
from ..services import record_occupancies
from .register import USCC, Context, backwards, firm_problem, known_codes

COLUMNS = (
    Column(
        "premises_code",
        gettext_lazy("Premises code"),
        required=True,
        max_length=40,
        synonyms=("房号", "单元编号", "房源编号", "房號", "unit", "room"),
        example="A-0301",
    ),
    USCC,
    Column(
        "starts_on",
        gettext_lazy("Moved in on"),
        "date",
        required=True,
        synonyms=("入驻日期", "起租日期", "入駐日期", "租期起", "move-in"),
        example="2023-03-01",
    ),
    Column(
        "ends_on",
        gettext_lazy("Moved out on"),
        "date",
        note=gettext_lazy("The first day on which the premises are free again; empty while the firm is there."),
        synonyms=("退租日期", "搬离日期", "退租日", "move-out"),
        example="2026-03-01",
    ),
    Column(
        "lease_number",
        gettext_lazy("Lease number"),
        max_length=60,
        synonyms=("合同编号", "租赁合同号", "合同編號", "contract no"),
        example="ZL-2023-018",
    ),
    Column(
        "lease_ends_on",
        gettext_lazy("Lease ends on"),
        "date",
        synonyms=("合同到期日", "租期止", "到期日期", "合同到期", "lease end"),
        example="2027-03-01",
    ),
    Column(
        "rent_yuan_per_m2_month",
        gettext_lazy("Rent"),
        "money",
        unit="yuan/m²·month",
        minimum=0,
        maximum=10_000,
        synonyms=("租金", "租金单价", "租金單價", "rent"),
        example=58.5,
    ),
)
_FOREVER = date.max


class _Spell(NamedTuple):
    """A firm in premises, from the record (number None) or from a row."""

    starts_on: date
    ends_on: date
    firm: str
    number: int | None


def check(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown premises and firms, periods that run backwards, and two firms in one place at a time."""
    codes = known_codes(rows, context)
    premises = {str(r.values.get("code")) for r in context.get("premises", ())}
    if park is not None:
        premises |= set(park.premises.values_list("code", flat=True))
    problems: dict[int, list[RowProblem]] = defaultdict(list)
    for row in rows:
        found = [
            firm_problem(row, codes),
            backwards(row, "starts_on", "ends_on"),
            backwards(row, "starts_on", "lease_ends_on"),
        ]
        problems[row.number].extend(p for p in found if p)
        code = str(row.values.get("premises_code") or "")
        if code not in premises:
            message = _("There are no premises %(code)s.") % {"code": code}
            problems[row.number].append(RowProblem("premises_code", "unknown_premises", message, code))
    for number, problem in _overlaps(park, rows, context):
        problems[number].append(problem)
    return {number: found for number, found in problems.items() if found}


def _overlaps(park: Park | None, rows: Sequence[TakenRow], context: Context) -> list[tuple[int, RowProblem]]:
    names = {str(r.values["uscc"]): str(r.values.get("name_zh_hans", "")) for r in context.get("enterprises", ())}
    spells: dict[tuple[str, str, date], _Spell] = {}
    if park is not None:
        places = {r.values["premises_code"] for r in rows}
        known = Occupancy.objects.filter(premises__park=park, premises__code__in=places)
        for o in known.select_related("premises", "enterprise"):
            names[o.enterprise.uscc] = o.enterprise.name
            key = (o.premises.code, o.enterprise.uscc, o.starts_on)
            spells[key] = _Spell(o.starts_on, o.ends_on or _FOREVER, o.enterprise.uscc, None)
    for row in rows:
        key = (str(row.values["premises_code"]), str(row.values["uscc"]), row.values["starts_on"])
        ends_on = row.values.get("ends_on")
        # A row that does not speak of moving out leaves the known day as it is.
        if ends_on is None:
            ends_on = spells[key].ends_on if key in spells and "ends_on" not in row.values else _FOREVER
        spells[key] = _Spell(key[2], ends_on, key[1], row.number)
    by_place: dict[str, list[_Spell]] = defaultdict(list)
    for (place, _firm, _start), spell in spells.items():
        by_place[place].append(spell)
    problems = []
    for place, group in by_place.items():
        group.sort(key=lambda s: (s.starts_on, s.number is not None))
        for earlier, later in itertools.pairwise(group):
            if earlier.ends_on <= later.starts_on:
                continue
            # The row is to blame, whichever of the two it is.
            guilty, other = (later, earlier) if later.number is not None else (earlier, later)
            if guilty.number is not None:
                problems.append((guilty.number, _taken(place, other, names)))
    return problems


def _taken(place: str, other: _Spell, names: dict[str, str]) -> RowProblem:
    values = {
        "premises": place,
        "enterprise": names.get(other.firm) or other.firm,
        "start": other.starts_on.isoformat(),
        "end": other.ends_on.isoformat(),
    }
    if other.ends_on == _FOREVER:
        message = _("%(premises)s is occupied by %(enterprise)s since %(start)s.") % values
    else:
        message = _("%(premises)s is occupied by %(enterprise)s from %(start)s until %(end)s.") % values
    return RowProblem("starts_on", "premises_taken", message, other.starts_on.isoformat())


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the occupancy of each row."""
    recorded = record_occupancies(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's occupancies as the sheet has them."""
    found = Occupancy.objects.filter(premises__park=park).select_related("premises", "enterprise")
    fields = [c.field for c in COLUMNS if c.field not in {"premises_code", "uscc"}]
    return [
        {"premises_code": o.premises.code, "uscc": o.enterprise.uscc, **{f: getattr(o, f) for f in fields}}
        for o in found.order_by("premises__code", "starts_on")
    ]


OCCUPANCIES = Taker(
    key="occupancies",
    label=gettext_lazy("Occupancies"),
    order=90,
    columns=COLUMNS,
    identity=("premises_code", "uscc", "starts_on"),
    check=check,
    apply=apply,
    note=gettext_lazy("One row per firm, premises and stay."),
    synonyms=("入驻", "租赁台账", "入驻情况", "租賃台賬", "leases", "tenancy"),
    export=export,
)
