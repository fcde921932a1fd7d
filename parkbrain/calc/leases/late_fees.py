"""Late fee by the day, with its own first day, grace and cap."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .clauses import LateFee
from .lines import CENT, ZERO
from .prices import HUNDRED, Step, round_to


@dataclass(frozen=True)
class LateFeeResult:
    """A late fee [yuan] with the days it counts and its steps."""

    amount_yuan: Decimal
    starts_on: date
    ends_on: date
    steps: tuple[Step, ...]


def late_fee(
    clause: LateFee, *, due_on: date, balances: Sequence[tuple[date, Decimal]], until_on: date
) -> LateFeeResult:
    """Return the late fee on an amount that was due, up to, not including, a day.

    The first day that counts is the one after the due day, or after the days of grace where the clause counts from
    their end; never a day before the clause's own first day. What is paid within the grace costs nothing. The cap is a
    percentage of the amount that was open on the first day that counts.

    Parameters
    ----------
    clause
        Rate per day, grace, first day, cap.
    due_on
        Day on which the amount was due [date].
    balances
        What was open from which day on [yuan], in order of days.
    until_on
        First day that is not counted [date].

    Examples
    --------
    >>> from decimal import Decimal
    >>> clause = LateFee(percent_per_day=Decimal("0.05"), grace_days=5)
    >>> fee = late_fee(clause, due_on=date(2026, 1, 5), balances=[(date(2026, 1, 5), Decimal(10000))], until_on=date(2026, 1, 21))
    >>> fee.amount_yuan, fee.starts_on.isoformat()
    (Decimal('50.00'), '2026-01-11')
    """
    grace_end = due_on + timedelta(days=1 + clause.grace_days)
    begin = grace_end if clause.counts_from == "GRACE_END" else due_on + timedelta(days=1)
    if clause.starts_on is not None:
        begin = max(begin, clause.starts_on)
    open_after_grace = _open_on(balances, grace_end)
    if until_on <= begin or until_on <= grace_end or open_after_grace <= 0:
        return LateFeeResult(Decimal("0.00"), begin, begin, ())
    exact, steps = ZERO, []
    rows = [*balances, (until_on, ZERO)]
    for (day, open_yuan), (next_day, _then) in itertools.pairwise(rows):
        lower, upper = max(day, begin), min(next_day, until_on)
        if upper > lower and open_yuan > 0:
            part = open_yuan * clause.percent_per_day / HUNDRED * (upper - lower).days
            exact += part
            values = {"open": open_yuan, "days": (upper - lower).days, "percent": clause.percent_per_day}
            steps.append(Step("late_days", {**values, "starts_on": lower, "ends_on": upper}, clause.ref))
    if clause.cap_percent is not None:
        cap = _open_on(balances, begin) * clause.cap_percent / HUNDRED
        if exact > cap:
            exact = cap
            steps.append(Step("late_capped", {"percent": clause.cap_percent, "cap": round_to(cap, CENT)}, clause.ref))
    return LateFeeResult(round_to(exact, CENT), begin, until_on, tuple(steps))


def _open_on(balances: Sequence[tuple[date, Decimal]], on: date) -> Decimal:
    return next((amount for day, amount in reversed(balances) if day <= on), ZERO)
