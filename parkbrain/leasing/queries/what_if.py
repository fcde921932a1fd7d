"""What the rents of a park may bring: the lease lines of the board put through the simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from parkbrain.calc.cash_flow import CashFlow, CashLine, WhatIf, simulate
from parkbrain.kernel.models import Park, User

from .board import Board, get_board

DAYS_PER_MONTH = 30.436875


@dataclass(frozen=True)
class WhatIfResult:
    """The simulated rents with the months they belong to, and what could not be counted."""

    board: Board
    what_if: WhatIf
    flow: CashFlow
    months: Sequence[str]
    let_count: int
    vacant_count: int
    left_out: int


def run_what_if(*, user: User, park: Park, on: date, what_if: WhatIf) -> WhatIfResult:
    """Return what the rents of a park may bring from the month of a day on.

    Let premises without a known rent, and vacant ones where no rent of the park is known to go by, are left out and
    counted. A vacant room is let at the median rent of its use here. A lease that is held over goes on for a month.
    """
    board = get_board(user=user, park=park, on=on)
    usual = {price.use: price.here for price in board.prices if price.here is not None}
    everywhere = median(usual.values()) if usual else None
    lines, let, vacant, left_out = [], 0, 0, 0
    for row in board.rows.values():
        key = str(row.state.premises_id)
        if row.state.is_let and row.rent_yuan_per_month is not None:
            lines.append(CashLine(key, float(row.rent_yuan_per_month), _months_left(row.ends_on, on)))
            let += 1
        elif not row.state.is_let and (price := usual.get(row.state.use, everywhere)) is not None:
            lines.append(CashLine(key, price * row.area_m2, 0))
            vacant += 1
        else:
            left_out += 1
    return WhatIfResult(
        board=board,
        what_if=what_if,
        flow=simulate(lines, what_if),
        months=[_month(on, index) for index in range(what_if.months)],
        let_count=let,
        vacant_count=vacant,
        left_out=left_out,
    )


def _months_left(ends_on: date | None, on: date) -> int:
    if ends_on is None:
        return 1
    return max(1, round((ends_on - on).days / DAYS_PER_MONTH))


def _month(on: date, index: int) -> str:
    year, month = divmod(on.year * 12 + on.month - 1 + index, 12)
    return f"{year}-{month + 1:02d}"
