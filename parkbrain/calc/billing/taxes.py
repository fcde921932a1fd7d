"""Tax on an amount and within one, rounded once to the cent, half up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def tax_on_net(net: Decimal, rate: Decimal) -> Decimal:
    """Return the tax on an amount without tax.

    Parameters
    ----------
    net
        Amount without tax [yuan], of either sign.
    rate
        Rate [0 … 1).

    Examples
    --------
    >>> tax_on_net(Decimal("100.05"), Decimal("0.09"))
    Decimal('9.00')
    """
    return (net * rate).quantize(CENT, ROUND_HALF_UP)


def split_gross(gross: Decimal, rate: Decimal) -> tuple[Decimal, Decimal]:
    """Return what of an amount with tax is the net amount, and what the tax; both add up to it.

    Parameters
    ----------
    gross
        Amount with tax [yuan], of either sign.
    rate
        Rate [0 … 1).

    Examples
    --------
    >>> split_gross(Decimal("113.00"), Decimal("0.13"))
    (Decimal('100.00'), Decimal('13.00'))
    """
    net = (gross / (1 + rate)).quantize(CENT, ROUND_HALF_UP)
    return net, gross - net
