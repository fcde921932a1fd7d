"""One line of a schedule: what is owed of a kind for a period, when, and every step that makes the number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from .prices import Step

CENT = Decimal("0.01")
ZERO = Decimal(0)


class Deduction(NamedTuple):
    """What was taken off [yuan]: by a free period (`FREE`) or a concession (`CONCESSION`), and the clause."""

    code: str
    amount_yuan: Decimal
    ref: str
    label: str = ""


class Line(NamedTuple):
    """What is owed of a kind for ``[starts_on, ends_on)``.

    Money is yuan, rounded as the terms say; ``net + tax = gross``. `factor` is how many months (days, where the price is
    per day) of the price are owed before deductions. All three amounts are None where a figure is unknown.
    """

    kind: str
    place: str
    starts_on: date
    ends_on: date
    due_on: date
    area_m2: Decimal | None
    unit_price: Decimal | None
    per: str
    factor: Decimal | None
    net_yuan: Decimal | None
    tax_percent: Decimal
    tax_yuan: Decimal | None
    gross_yuan: Decimal | None
    deductions: tuple[Deduction, ...]
    steps: tuple[Step, ...]

    @property
    def is_assessed(self) -> bool:
        """Whether every figure that the line needs is known."""
        return self.gross_yuan is not None

    @property
    def is_free(self) -> bool:
        """Whether nothing is owed because days are free or a concession takes all."""
        return self.gross_yuan == 0 and bool(self.deductions)


@dataclass(frozen=True)
class Totals:
    """Sums over lines [yuan], of those that are assessed; and how many are not."""

    net_yuan: Decimal
    tax_yuan: Decimal
    gross_yuan: Decimal
    deducted_yuan: Decimal
    unknown_count: int


def total(lines: Iterable[Line]) -> Totals:
    """Return the sums of lines: what a bill of these lines is.

    Examples
    --------
    >>> total([]).gross_yuan
    Decimal('0.00')
    """
    net = tax = gross = deducted = Decimal("0.00")
    unknown = 0
    for line in lines:
        if line.gross_yuan is None or line.net_yuan is None or line.tax_yuan is None:
            unknown += 1
            continue
        net, tax, gross = net + line.net_yuan, tax + line.tax_yuan, gross + line.gross_yuan
        deducted += sum((d.amount_yuan for d in line.deductions), ZERO)
    return Totals(net, tax, gross, deducted, unknown)


def by_month(lines: Iterable[Line]) -> dict[date, list[Line]]:
    """Return the lines by the first of the month in which their period begins, in order."""
    months: dict[date, list[Line]] = {}
    for line in lines:
        months.setdefault(line.starts_on.replace(day=1), []).append(line)
    return dict(sorted(months.items()))


def step_values(step: Step) -> Mapping[str, Any]:
    """Return the values of a step as JSON holds them: decimals as texts, days in ISO 8601.

    Examples
    --------
    >>> step_values(Step("price_base", {"price": Decimal("65.00"), "per": "MONTH"}))
    {'price': '65.00', 'per': 'MONTH'}
    """
    return {name: _json(value) for name, value in step.values.items()}


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
