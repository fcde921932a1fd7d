"""Versions side by side: which clause is as before, which changed from what to what, which is new or gone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from parkbrain.calc import leases as calc
from parkbrain.ui import formats

from ..models import Clause, LeasePremises, LeaseVersion
from .labels import LABELS, OPTIONS
from .sentences import clause_sentence, step_words


@dataclass(frozen=True)
class Changed:
    """A value that a version says otherwise than the one before: what it is called, the old one and the new one."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class ClauseChange:
    """A clause of a version beside the version before: as it was, changed value by value, or new."""

    row: Clause
    label: str
    text: str
    changes: tuple[Changed, ...] = ()
    is_new: bool = False


@dataclass(frozen=True)
class VersionChange:
    """What a version says otherwise than the one before it; of the first one nothing is otherwise."""

    clauses: tuple[ClauseChange, ...]
    gone: tuple[str, ...]
    terms: tuple[Changed, ...]
    premises: tuple[Changed, ...]


def compare_versions(*, version: LeaseVersion, before: LeaseVersion | None) -> VersionChange:
    """Return a version with what it says otherwise than the one before it."""
    rows = list(version.clauses.all())
    old = list(before.clauses.all()) if before is not None else []
    left = {c.pk: c for c in old}
    pairs: dict[int, Clause] = {}
    # What is the same word for word is no change, wherever it stands; the rest of a kind is paired in its order.
    for same in (True, False):
        for row in rows:
            if row.pk in pairs:
                continue
            match = next((c for c in left.values() if c.kind == row.kind and (not same or _is_same(c, row))), None)
            if match is not None:
                pairs[row.pk] = left.pop(match.pk)
    clauses = tuple(_clause(row, pairs.get(row.pk), is_first=before is None) for row in rows)
    gone = tuple(f"{c.get_kind_display()}: {clause_sentence(kind=c.kind, values=c.values)}" for c in left.values())
    if before is None:
        return VersionChange(clauses, (), (), ())
    return VersionChange(clauses, gone, _terms(before, version), _premises(before, version))


def _is_same(one: Clause, other: Clause) -> bool:
    return calc.parse_clause(one.kind, one.values) == calc.parse_clause(other.kind, other.values)


def _clause(row: Clause, old: Clause | None, *, is_first: bool) -> ClauseChange:
    text = clause_sentence(kind=row.kind, values=row.values)
    label = str(row.get_kind_display())
    if old is None:
        return ClauseChange(row, label, text, (), not is_first)
    return ClauseChange(row, label, text, _fields(calc.CLAUSES[row.kind], old.values, row.values))


def _fields(cls: type, old: dict[str, Any], new: dict[str, Any]) -> tuple[Changed, ...]:
    kind = getattr(cls, "KIND", "")
    read = (lambda values: calc.parse_clause(kind, values)) if kind else calc.parse_terms
    one, other = read(old), read(new)
    names = [n for n in calc.specs_of(cls) if getattr(one, n) != getattr(other, n)]
    return tuple(Changed(str(LABELS[n]), _said(n, getattr(one, n)), _said(n, getattr(other, n))) for n in names)


def _said(name: str, value: Any) -> str:
    if value is None or value == "" or value == ():
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if (name, str(value)) in OPTIONS:
        return str(OPTIONS[name, str(value)])
    return step_words(values={name: value})[name]


def _terms(before: LeaseVersion, version: LeaseVersion) -> tuple[Changed, ...]:
    found = list(_fields(calc.Terms, before.terms, version.terms))
    if before.ends_on != version.ends_on:
        found.append(Changed(_("End of the term"), before.ends_on.isoformat(), version.ends_on.isoformat()))
    return tuple(found)


def _premises(before: LeaseVersion, version: LeaseVersion) -> tuple[Changed, ...]:
    old, new = _areas(before.premises.all()), _areas(version.premises.all())
    codes: Sequence[str] = sorted({*old, *new})
    return tuple(Changed(c, old.get(c, "—"), new.get(c, "—")) for c in codes if old.get(c) != new.get(c))


def _areas(rows: Iterable[LeasePremises]) -> dict[str, str]:
    return {p.premises.code: f"{formats.number(p.area_m2, 2)} m²" for p in rows}
