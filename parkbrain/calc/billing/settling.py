"""What a payment pays: the oldest debt first, which is what the Civil Code (art. 560) takes where nobody says otherwise."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Share(Generic[K]):
    """What one debt gets of a payment."""

    key: K
    amount: Decimal


def pay_oldest_first(
    amount: Decimal, debts: Sequence[tuple[K, date, Decimal]], *, first: Sequence[K] = ()
) -> tuple[list[Share[K]], Decimal]:
    """Return what each debt gets of an amount, and what is left over.

    Parameters
    ----------
    amount
        What there is to pay with [yuan], zero or more.
    debts
        Key, due day and open amount [yuan] of each debt; amounts are zero or more.
    first
        Keys that the payer names: they are paid before the others, in this order.

    Raises
    ------
    ValueError
        If an amount is negative.

    Examples
    --------
    >>> debts = [("june", date(2026, 6, 5), Decimal(80)), ("may", date(2026, 5, 5), Decimal(50))]
    >>> shares, left = pay_oldest_first(Decimal(100), debts)
    >>> [(s.key, str(s.amount)) for s in shares], str(left)
    ([('may', '50'), ('june', '50')], '0')
    """
    if amount < 0 or any(open_amount < 0 for _key, _due, open_amount in debts):
        raise ValueError("amounts are not negative")
    rank = {key: index for index, key in enumerate(first)}
    order = sorted(enumerate(debts), key=lambda d: (rank.get(d[1][0], len(rank)), d[1][1], d[0]))
    shares, left = [], amount
    for _index, (key, _due, open_amount) in order:
        part = min(left, open_amount)
        if part > 0:
            shares.append(Share(key, part))
            left -= part
    return shares, left
