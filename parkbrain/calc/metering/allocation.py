"""Shared electricity and water: what nobody's meter saw, spread over the meters that there are.

The rule of the lease annex: unit price = invoice ÷ use on the invoice; coefficient = (public use + loss) ÷ sum of the
meters; every meter pays for its own use and its part of the shared use at the unit price. Inputs and coefficient stay
with the result, so that a bill line can show how it came about. The lines add up to the invoice to the cent: where the
park passes power on, users together may not pay more than was paid to the supplier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from .errors import MeteringError

CENT = Decimal("0.01")
ZERO = Decimal(0)


@dataclass(frozen=True)
class SupplyInvoice:
    """What the supplier billed: amount with tax [yuan], use [kWh or m³], tax rate (0.13 is 13 %)."""

    amount: Decimal
    use: Decimal
    tax_rate: Decimal = ZERO


@dataclass(frozen=True)
class AllocatedLine:
    """What one meter pays: own and shared use [unit of the invoice], amounts [yuan], `amount` with tax."""

    meter: str
    use: Decimal
    shared_use: Decimal
    net: Decimal
    tax: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Allocation:
    """An invoice spread over meters, with all that it was computed from.

    `public_use` is what common meters saw, `loss` the rest that no meter saw (below zero where meters saw more than was
    billed), both in the unit of the invoice; `coefficient` is their sum ÷ `metered_use`; `unit_price` [yuan per unit]
    is with tax. The lines' amounts add up to the invoice's.
    """

    invoice: SupplyInvoice
    meters: Mapping[str, Decimal]
    metered_use: Decimal
    public_use: Decimal
    loss: Decimal
    coefficient: Decimal
    unit_price: Decimal
    lines: tuple[AllocatedLine, ...]


def allocate_invoice(
    invoice: SupplyInvoice,
    meters: Mapping[str, Decimal],
    *,
    public_use: Decimal = ZERO,
    most_loss_share: Decimal | None = None,
) -> Allocation:
    """Return an invoice spread over the meters, each by its own use and its part of what is shared.

    Cents that rounding leaves over go to the lines that lost most by it.

    Parameters
    ----------
    invoice
        Amount [yuan, tax included], use and tax rate.
    meters
        Use of every paying meter over the invoice's time [unit of the invoice]; none below zero.
    public_use
        Use of the common meters in that time [unit of the invoice].
    most_loss_share
        The most of the supplied use that may be shared as loss (0.1 is 10 %); None where no rule limits it.

    Raises
    ------
    MeteringError
        ``invoice_without_use``, ``use_below_zero``, ``nothing_metered``, ``share_above_limit`` (params: share, limit).

    Examples
    --------
    >>> found = allocate_invoice(SupplyInvoice(Decimal("1000.00"), Decimal(1000), Decimal("0.13")),
    ...     {"a": Decimal(500), "b": Decimal(300)}, public_use=Decimal(120))
    >>> found.coefficient, found.loss, [line.amount for line in found.lines]
    (Decimal('0.25'), Decimal('80'), [Decimal('625.00'), Decimal('375.00')])
    """
    if invoice.use <= 0:
        raise MeteringError("invoice_without_use", use=invoice.use)
    below_zero = sorted(code for code, use in meters.items() if use < 0)
    if below_zero or public_use < 0:
        raise MeteringError("use_below_zero", meters=below_zero)
    metered = sum(meters.values(), ZERO)
    if metered == 0:
        raise MeteringError("nothing_metered", use=invoice.use)
    loss = invoice.use - metered - public_use
    if most_loss_share is not None and loss / invoice.use > most_loss_share:
        raise MeteringError("share_above_limit", share=loss / invoice.use, limit=most_loss_share)
    coefficient = (public_use + loss) / metered
    amounts = split_amount(invoice.amount, meters)
    lines = tuple(_line(code, use, use * coefficient, amounts[code], invoice.tax_rate) for code, use in meters.items())
    unit_price = invoice.amount / invoice.use
    return Allocation(invoice, dict(meters), metered, public_use, loss, coefficient, unit_price, lines)


def _line(code: str, use: Decimal, shared: Decimal, amount: Decimal, tax_rate: Decimal) -> AllocatedLine:
    net = (amount / (1 + tax_rate)).quantize(CENT, ROUND_HALF_UP)
    return AllocatedLine(code, use, shared, net, amount - net, amount)


def split_amount(amount: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return the amount split by weights (use, leased area, heads), to the cent and without remainder.

    Parameters
    ----------
    amount
        What is to be split [yuan]; below zero is a credit.
    weights
        Weight of each; none below zero, not all zero.

    Raises
    ------
    MeteringError
        ``use_below_zero`` (params: meters) or ``nothing_metered``.

    Examples
    --------
    >>> split_amount(Decimal("100.00"), {"a": Decimal(1), "b": Decimal(1), "c": Decimal(1)})
    {'a': Decimal('33.34'), 'b': Decimal('33.33'), 'c': Decimal('33.33')}
    """
    below_zero = sorted(code for code, weight in weights.items() if weight < 0)
    if below_zero:
        raise MeteringError("use_below_zero", meters=below_zero)
    whole = sum(weights.values(), ZERO)
    if whole == 0:
        raise MeteringError("nothing_metered", use=amount)
    exact = {code: amount * weight / whole for code, weight in weights.items()}
    split = {code: value.quantize(CENT, ROUND_FLOOR) for code, value in exact.items()}
    # The largest remainders get the cents that are left; at a draw the first in the list does. Zero weight gets none.
    order = sorted((code for code in weights if weights[code]), key=lambda code: split[code] - exact[code])
    left = int(((amount - sum(split.values(), ZERO)) / CENT).to_integral_value(ROUND_HALF_UP))
    for code in order[:left]:
        split[code] += CENT
    return split
