"""The schedule of a lease as a page shows it: by month, with sums, and each line with its steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from parkbrain.calc import leases as calc

from ..models import Lease, LeaseVersion
from .agreements import agreement_of, figures_of, with_contents
from .sentences import step_sentence

KINDS = (calc.RENT, calc.PROPERTY_FEE, calc.TURNOVER)


@dataclass(frozen=True)
class MonthRow:
    """What is owed for periods that begin in a month [yuan]: by kind and in all; None where a figure is unknown."""

    month_on: date
    by_kind: tuple[Decimal | None, ...]
    gross_yuan: Decimal | None
    deducted_yuan: Decimal
    lines: tuple[calc.Line, ...]


@dataclass(frozen=True)
class Schedule:
    """The whole schedule of a lease."""

    agreement: calc.Agreement
    lines: tuple[calc.Line, ...]
    months: tuple[MonthRow, ...]
    totals: calc.Totals
    kind_totals: tuple[Decimal, ...]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that occur."""
        return tuple(k for k in KINDS if any(line.kind == k for line in self.lines))


def get_schedule(*, lease: Lease, besides: LeaseVersion | None = None) -> Schedule:
    """Return the whole schedule of a lease, also with a version that is still a draft."""
    [lease] = with_contents(leases=[lease])
    agreement = agreement_of(lease=lease, besides=besides)
    return schedule_of(agreement=agreement, figures=figures_of(leases=[lease])[lease.pk])


def schedule_of(*, agreement: calc.Agreement, figures: calc.Figures) -> Schedule:
    """Return the whole schedule of an agreement."""
    lines = tuple(calc.schedule(agreement, figures))
    months = tuple(_month(month, rows) for month, rows in calc.by_month(lines).items())
    sums = tuple(calc.total(line for line in lines if line.kind == kind).gross_yuan for kind in KINDS)
    return Schedule(agreement, lines, months, calc.total(lines), sums)


def _month(month: date, lines: Sequence[calc.Line]) -> MonthRow:
    parts = tuple(_sum([line for line in lines if line.kind == kind]) for kind in KINDS)
    return MonthRow(month, parts, _sum(lines), calc.total(lines).deducted_yuan, tuple(lines))


def _sum(lines: Sequence[calc.Line]) -> Decimal | None:
    if any(line.gross_yuan is None for line in lines):
        return None
    return calc.total(lines).gross_yuan


def explain_line(*, line: calc.Line) -> list[tuple[str, str]]:
    """Return the steps of a line as sentences, each with the clause that it rests on (empty where none)."""
    return [(step_sentence(step=step), step.ref) for step in line.steps]
