"""Value added tax on fees: on top of a price, or within it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from .clauses import Clause, Tax
from .lines import CENT
from .prices import HUNDRED, ONE, Step, round_to


def tax_of(clauses: Sequence[Clause], kind: str) -> Tax | None:
    """Return the tax clause that speaks of a fee, the later of two."""
    return next((c for c in reversed(clauses) if isinstance(c, Tax) and kind in c.fees), None)


def with_tax(amount: Decimal, tax: Tax | None, steps: list[Step]) -> tuple[Decimal, Decimal, Decimal]:
    """Return net, tax and gross [yuan] of a rounded amount and add the step that says so.

    Examples
    --------
    >>> with_tax(Decimal("109.00"), Tax(rate_percent=Decimal(9), included=True), [])
    (Decimal('100.00'), Decimal('9.00'), Decimal('109.00'))
    """
    amount = amount.quantize(CENT)
    if tax is None or tax.rate_percent == 0:
        return amount, Decimal("0.00"), amount
    net, duty, gross = _split(amount, tax.rate_percent, tax.included)
    code = "tax_included" if tax.included else "tax_added"
    steps.append(Step(code, {"percent": tax.rate_percent, "net": net, "tax": duty, "gross": gross}, tax.ref))
    return net, duty, gross


@lru_cache(maxsize=4096)
def _split(amount: Decimal, percent: Decimal, included: bool) -> tuple[Decimal, Decimal, Decimal]:
    """Return net, tax and gross: most months of a lease owe the same."""
    share = percent / HUNDRED
    if included:
        net = round_to(amount / (ONE + share), CENT)
        return net, amount - net, amount
    duty = round_to(amount * share, CENT)
    return amount, duty, amount + duty
