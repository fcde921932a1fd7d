"""The sheet of clauses: one row per clause, its kind first, its values in columns that people can read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.calc import leases as calc
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import Clause
from ..services import clause_values, record_lease_clauses
from .common import (
    LEASE_NUMBER,
    VERSION,
    Context,
    clause_problems,
    frozen_problems,
    known_codes,
    known_numbers,
    lease_problem,
    open_versions,
    read_words,
    spec_column,
    version_of,
    version_problem,
    write_words,
)

#: Every field that a kind of clause has, with what it holds in each of them.
FIELDS: dict[str, list[calc.Spec]] = {}
for _cls in calc.CLAUSES.values():
    for _name, _spec in calc.specs_of(_cls).items():
        FIELDS.setdefault(_name, []).append(_spec)
#: Names that would say the same twice beside each other.
_LABELS = {
    "from_on": gettext_lazy("New price from"),
    "starts_on": gettext_lazy("Clause from"),
    "ends_on": gettext_lazy("Clause until"),
    "frees": gettext_lazy("Frees from the fees"),
    "fees": gettext_lazy("Applies to the fees"),
}
_EXAMPLES: Mapping[str, Any] = {"price_yuan_per_m2": 58.5, "per": "MONTH"}
COLUMNS = (
    LEASE_NUMBER,
    VERSION,
    Column(
        "position",
        gettext_lazy("Clause no."),
        "integer",
        required=True,
        minimum=1,
        maximum=999,
        note=gettext_lazy("1, 2, 3 … within the lease."),
        synonyms=("条款序号", "條款序號"),
        example=1,
    ),
    Column(
        "kind",
        gettext_lazy("Kind of clause"),
        "choice",
        required=True,
        choices=dict(Clause.Kind.choices),
        synonyms=("条款类型", "條款類型"),
        example="RENT",
    ),
    Column(
        "source",
        gettext_lazy("Clause in the document"),
        max_length=60,
        synonyms=("合同条款号", "合同條款號"),
        example="3.1",
    ),
    Column("remark", gettext_lazy("Remark on the clause"), max_length=300, synonyms=("条款备注",), example=""),
    *(
        spec_column(field=name, specs=specs, label=_LABELS.get(name, ""), example=_EXAMPLES.get(name, ""))
        for name, specs in FIELDS.items()
    ),
)
_WORDS = {name: specs[0].options for name, specs in FIELDS.items() if specs[0].holds == "choices"}


def _given(row: TakenRow) -> dict[str, Any]:
    """Return the values of a clause that a row gives; words become their keys."""
    given = {name: value for name, value in row.values.items() if name in FIELDS}
    for name, options in _WORDS.items():
        if given.get(name):
            given[name] = tuple(read_words(text=str(given[name]), options=options))
    return given


def check(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown leases and premises, values that the kind does not have or cannot read, changes of what holds."""
    numbers, codes = known_numbers(park=park, context=context), known_codes(park=park, context=context)
    versions = open_versions(park=park)
    there: dict[tuple[Any, ...], Clause] = {}
    if park is not None:
        found = Clause.objects.filter(version__lease__park=park).select_related("version__lease")
        there = {(c.version.lease.number, c.version.number, c.order + 1): c for c in found}
    problems: dict[int, list[RowProblem]] = {}
    for row in rows:
        key = (str(row.values.get("lease_number")), version_of(row), row.values.get("position"))
        current = there.get(key)
        wrong = [lease_problem(row, numbers), version_problem(row, versions, context), *_values(row, current)]
        wrong += [
            RowProblem("premises", "unknown_premises", _("There are no premises %(code)s.") % {"code": code}, code)
            for code in row.values.get("premises") or ()
            if code not in codes
        ]
        known = _row_of(current) if current is not None else None
        typed = TakenRow(row.number, {**row.values, **_given(row)})
        if current is not None:
            known = {**(known or {}), **{n: _keys(current, n) for n in _WORDS}}
        wrong += frozen_problems(row=typed, known=known, is_open=versions.get(key[:2]))
        if any(wrong):
            problems[row.number] = [p for p in wrong if p]
    return problems


def _keys(clause: Clause, name: str) -> tuple[str, ...]:
    return tuple(clause.values.get(name) or ())


def _values(row: TakenRow, current: Clause | None) -> list[RowProblem]:
    kind = row.values.get("kind")
    if not kind:
        return []
    try:
        clause_values(kind=str(kind), given=_given(row), current=current)
    except calc.ClauseProblems as wrong:
        return clause_problems(found=wrong, columns=COLUMNS)
    return []


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the clause of each row."""
    wanted = [{**{n: v for n, v in row.values.items() if n not in FIELDS}, "values": _given(row)} for row in rows]
    recorded = record_lease_clauses(park=park, rows=wanted, actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return the clauses of the park's leases as the sheet has them."""
    found = Clause.objects.filter(version__lease__park=park).select_related("version__lease")
    return [_row_of(c) for c in found.order_by("version__lease__number", "version__number", "order", "pk")]


def _row_of(clause: Clause) -> dict[str, Any]:
    parsed = calc.parse_clause(clause.kind, clause.values)
    values = {name: getattr(parsed, name) for name in calc.specs_of(type(parsed))}
    return {
        **dict.fromkeys(FIELDS),
        "lease_number": clause.version.lease.number,
        "version": clause.version.number,
        "position": clause.order + 1,
        "kind": clause.kind,
        "source": clause.source or None,
        "remark": clause.remark or None,
        **{n: write_words(keys=v) if n in _WORDS else (v if v not in ((), "") else None) for n, v in values.items()},
    }


LEASE_CLAUSES = Taker(
    key="lease_clauses",
    label=gettext_lazy("Clauses of leases"),
    order=133,
    columns=COLUMNS,
    identity=("lease_number", "version", "position"),
    check=check,
    apply=apply,
    note=gettext_lazy("What each lease says, one clause a row: fill in the columns that its kind has."),
    synonyms=("租约条款", "租約條款"),
    export=export,
)
