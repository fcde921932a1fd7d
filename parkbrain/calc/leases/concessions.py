"""Concessions of programmes and what is used of their limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from .clauses import Concession
from .lines import CENT, ZERO, Deduction
from .pieces import Draft
from .prices import HUNDRED, Step
from .terms import Place

Key = tuple[str, str]


@dataclass
class Limits:
    """What is used of each programme's limits: yuan in total, yuan by premises, months by premises and fee.

    A programme keeps its count when a later version of the agreement repeats the clause.
    """

    yuan: dict[str, Decimal] = field(default_factory=dict)
    place_yuan: dict[Key, Decimal] = field(default_factory=dict)
    months: dict[tuple[str, str, str], Decimal] = field(default_factory=dict)

    def step(self, clause: Concession, place: Place) -> Step:
        """Return the step that says what the concession gives and what is used of its limit so far."""
        used = self.yuan.get(clause.programme, ZERO)
        months = max((v for k, v in self.months.items() if k[:2] == (clause.programme, place.code)), default=ZERO)
        values = {
            "programme": clause.programme,
            "percent": clause.percent,
            "price": clause.amount_yuan_per_m2_month,
            "used": used.quantize(CENT),
            "limit": clause.limit_yuan,
            "limit_per_m2": clause.limit_yuan_per_m2,
            "months": months.quantize(CENT),
            "limit_months": clause.limit_months,
        }
        return Step("concession", {k: v for k, v in values.items() if v is not None}, clause.ref)


def take_concession(
    clause: Concession, exact: Decimal, part: Decimal, draft: Draft, limits: Limits, taken: dict[str, Deduction]
) -> Decimal:
    """Return what is owed of a piece after a concession [yuan], and note what it used.

    Parameters
    ----------
    clause, exact, part
        The concession; what the piece owes before it [yuan]; the months it covers.
    draft, limits, taken
        The line, what is used of limits so far (changed), the line's deductions (changed).
    """
    place, programme = draft.place, clause.programme
    if clause.percent is not None:
        off = exact * clause.percent / HUNDRED
    else:
        off = min(exact, (clause.amount_yuan_per_m2_month or ZERO) * place.area_m2 * part)
    if clause.limit_months is not None and part:
        key = (programme, place.code, draft.kind)
        share = max(min(part, clause.limit_months - limits.months.get(key, ZERO)), ZERO)
        off = off * share / part
        limits.months[key] = limits.months.get(key, ZERO) + share
    if clause.limit_yuan_per_m2 is not None:
        left = clause.limit_yuan_per_m2 * place.area_m2 - limits.place_yuan.get((programme, place.code), ZERO)
        off = max(min(off, left), ZERO)
    if clause.limit_yuan is not None:
        off = max(min(off, clause.limit_yuan - limits.yuan.get(programme, ZERO)), ZERO)
    limits.yuan[programme] = limits.yuan.get(programme, ZERO) + off
    limits.place_yuan[programme, place.code] = limits.place_yuan.get((programme, place.code), ZERO) + off
    key_of_line = clause.ref or programme
    old = taken.get(key_of_line)
    amount = off.quantize(CENT) + (old.amount_yuan if old else ZERO)
    taken[key_of_line] = Deduction("CONCESSION", amount, clause.ref, programme)
    return exact - off
