"""What the sheets of a register of leases share: columns of clauses and terms, and what may still be changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from parkbrain.calc import leases as calc
from parkbrain.kernel.models import Park
from parkbrain.kernel.taking import Column, RowProblem, TakenRow

from ..models import Lease, LeaseVersion
from ..queries import LABELS, OPTIONS, WORDS, problem_sentence

Context = Mapping[str, Sequence[TakenRow]]
Key = tuple[Any, ...]
_KINDS = {"price": "money", "money": "money", "percent": "money", "count": "integer", "day": "date", "flag": "boolean"}
_KINDS |= {"choice": "choice", "codes": "codes"}

LEASE_NUMBER = Column(
    "lease_number",
    gettext_lazy("Number of the lease"),
    required=True,
    max_length=60,
    synonyms=("所属租约编号", "所屬租約編號"),
    example="ZY-2026-001",
)
VERSION = Column(
    "version",
    gettext_lazy("Version of the lease"),
    "integer",
    minimum=1,
    maximum=999,
    note=gettext_lazy("Empty or 1: as signed. 2 and more are the changes on their own sheet."),
    synonyms=("租约版本", "租約版本"),
    example=1,
)


def spec_column(
    *,
    field: str,
    specs: Sequence[calc.Spec],
    label: str | Promise = "",
    synonyms: tuple[str, ...] = (),
    example: Any = None,
) -> Column:
    """Return the column of a field that one or more kinds of clause have; the widest bounds and all options hold."""
    options = tuple(dict.fromkeys(o for spec in specs for o in spec.options))
    holds = specs[0].holds
    least = [float(s.least) for s in specs if s.least is not None]
    most = [float(s.most) for s in specs if s.most is not None]
    return Column(
        field,
        label or LABELS[field],
        _KINDS.get(holds, "text"),
        choices={o: OPTIONS.get((field, o)) or WORDS[o] for o in options} if holds == "choice" else None,
        minimum=min(least, default=None),
        maximum=max(most, default=None),
        synonyms=synonyms,
        example=example,
    )


def read_words(*, text: str, options: Collection[str]) -> list[str]:
    """Return the keys of words that stand in one cell, in any of the languages; what is no word stays as it is."""
    known = {o.casefold(): o for o in options}
    for code, _name in settings.LANGUAGES:
        with override(code):
            known.update({str(WORDS[o]).casefold(): o for o in options})
    parts = text
    for mark in "，、;；":
        parts = parts.replace(mark, ",")
    return [known.get(part.strip().casefold(), part.strip()) for part in parts.split(",") if part.strip()]


def write_words(*, keys: Sequence[str]) -> str:
    """Return keys as words of the active language for one cell."""
    return ", ".join(str(WORDS[key]) for key in keys)


def version_of(row: TakenRow) -> int:
    """Return which version of its lease a row is about; 1 unless it says otherwise."""
    return int(row.values.get("version") or 1)


def open_versions(*, park: Park | None) -> dict[tuple[str, int], bool]:
    """Return the versions that are there, and whether each is still a draft."""
    if park is None:
        return {}
    found = LeaseVersion.objects.filter(lease__park=park).values_list("lease__number", "number", "state")
    return {(number, version): state == LeaseVersion.State.DRAFT for number, version, state in found}


def known_numbers(*, park: Park | None, context: Context) -> set[str]:
    """Return the numbers of leases that are there or come with the file."""
    numbers = {str(r.values.get("number")) for r in context.get("lease_register", ())}
    return numbers | set(Lease.objects.filter(park=park).values_list("number", flat=True))


def known_codes(*, park: Park | None, context: Context, key: str = "premises") -> set[str]:
    """Return the codes of premises that are there or come with the file."""
    codes = {str(r.values.get("code")) for r in context.get(key, ())}
    return codes | (set(park.premises.values_list("code", flat=True)) if park is not None else set())


def lease_problem(row: TakenRow, numbers: set[str], field: str = "lease_number") -> RowProblem | None:
    """Return the problem of a lease that is neither in the record nor in the file."""
    number = row.values.get(field)
    if not number or str(number) in numbers:
        return None
    return RowProblem(field, "unknown_lease", _("There is no lease %(number)s.") % {"number": number}, str(number))


def version_problem(row: TakenRow, versions: Collection[tuple[str, int]], context: Context) -> RowProblem | None:
    """Return the problem of a version that is neither in the record nor in the file."""
    number, version = str(row.values.get("lease_number")), version_of(row)
    coming = {(str(r.values.get("lease_number")), version_of(r)) for r in context.get("lease_versions", ())}
    if version == 1 or (number, version) in versions or (number, version) in coming:
        return None
    text = _("Lease %(number)s has no version %(version)s.") % {"number": number, "version": version}
    return RowProblem("version", "unknown_version", text, str(version))


def frozen_problems(*, row: TakenRow, known: Mapping[str, Any] | None, is_open: bool | None) -> list[RowProblem]:
    """Return where a row differs from what holds already: only a draft is changed by a register.

    `known` is the row as the record would write it, None where it is not there; `is_open` is None for a version that is
    not there yet, so that everything about it is new.
    """
    if is_open is None or is_open:
        return []
    text = _("This lease is no draft any more: change it by a new version, not by a register.")
    if known is None:
        return [RowProblem(None, "not_a_draft", text)]
    return [
        RowProblem(field, "not_a_draft", text, _shown(value))
        for field, value in row.values.items()
        if field in known and not is_same(value, known[field])
    ]


def _shown(value: Any) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two values say the same: nothing is nothing, 65 is 65.00."""
    empty: tuple[Any, ...] = (None, "", (), [])
    if one in empty or other in empty:
        return one in empty and other in empty
    if isinstance(one, (tuple, list)):
        return tuple(one) == tuple(other)
    return bool(one == other)


def clause_problems(*, found: calc.ClauseProblems, columns: Sequence[Column]) -> list[RowProblem]:
    """Return what the calculation finds wrong, beside the columns it lies in; a column that is missing is named."""
    labels = {c.field: c.label for c in columns}
    problems = []
    for p in found.problems:
        said = problem_sentence(problem=p)
        if p.code == "missing" and p.field in labels:
            said = _("“%(column)s” has to be given for this kind of clause.") % {"column": labels[p.field]}
        problems.append(RowProblem(p.field if p.field in labels else None, p.code, said, p.value))
    return problems


def backwards(row: TakenRow, start: str, end: str) -> RowProblem | None:
    """Return the problem of a period that ends before it has begun."""
    begin, stop = row.values.get(start), row.values.get(end)
    if isinstance(begin, date) and isinstance(stop, date) and stop <= begin:
        return RowProblem(end, "period_backwards", _("The end has to lie after the beginning."), str(stop))
    return None
