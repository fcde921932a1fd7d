"""Why two months of a firm differ: the difference is taken apart into causes that add up to it, to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
#: Causes in the order in which they are told.
CAUSES = ("new", "ended", "price", "quantity", "days", "tax", "override", "adjustment", "other")


@dataclass(frozen=True)
class Item:
    """A line as it is compared: lines of the same `key` in two months are the same thing.

    `quantity` and `unit_price` are None where the line has none; amounts are yuan; `days` is the length of its period
    and `whole_days` that of its month, so that a part of a month is known as one.
    """

    key: str
    net: Decimal
    tax: Decimal = Decimal(0)
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    days: int = 30
    whole_days: int = 30
    is_adjustment: bool = False
    is_overridden: bool = False


@dataclass(frozen=True)
class Cause:
    """A part of the difference [yuan], why, and what the line says before and after where a line of it can be named."""

    key: str
    why: str
    amount: Decimal
    before: Decimal | None = None
    after: Decimal | None = None


def explain_difference(before: Sequence[Item], after: Sequence[Item]) -> list[Cause]:
    """Return what the difference between two months of a firm is made of.

    A change of price and of quantity at once is told in two parts: the price at the old quantity, the quantity at the
    new price. What rounding leaves is told with the quantity. The amounts of all causes add up to the difference.

    Parameters
    ----------
    before, after
        The lines of the two months; several lines of one key (bands of a tariff, parts of a month) are taken together.

    Examples
    --------
    >>> old = [Item("rent", Decimal(1000), quantity=Decimal(100), unit_price=Decimal(10))]
    >>> new = [Item("rent", Decimal(1260), quantity=Decimal(120), unit_price=Decimal("10.5"))]
    >>> [(c.why, str(c.amount)) for c in explain_difference(old, new)]
    [('price', '50.00'), ('quantity', '210.00')]
    """
    causes = _adjustments(before, -1) + _adjustments(after, 1)
    olds, news = _by_key(before), _by_key(after)
    for key in dict.fromkeys([*olds, *news]):
        old, new = olds.get(key), news.get(key)
        if old is None and new is not None:
            causes.append(Cause(key, "new", new.net + new.tax, None, new.net + new.tax))
        elif new is None and old is not None:
            causes.append(Cause(key, "ended", -(old.net + old.tax), old.net + old.tax, None))
        elif old is not None and new is not None:
            causes += _changes(key, old, new)
    order = {why: index for index, why in enumerate(CAUSES)}
    return sorted((c for c in causes if c.amount), key=lambda c: (order[c.why], -abs(c.amount)))


def _adjustments(items: Sequence[Item], sign: int) -> list[Cause]:
    return [Cause(i.key, "adjustment", sign * (i.net + i.tax)) for i in items if i.is_adjustment]


def _by_key(items: Sequence[Item]) -> dict[str, Item]:
    found: dict[str, Item] = {}
    for item in items:
        if not item.is_adjustment:
            found[item.key] = _together(found[item.key], item) if item.key in found else item
    return found


def _together(one: Item, other: Item) -> Item:
    """Return two lines of one key as one; its price is the mean, which its quantity is charged at."""
    known = one.quantity is not None and other.quantity is not None
    quantity = (one.quantity or Decimal(0)) + (other.quantity or Decimal(0)) if known else None
    net = one.net + other.net
    return Item(
        one.key,
        net,
        one.tax + other.tax,
        quantity,
        net / quantity if quantity else None,
        max(one.days, other.days),
        max(one.whole_days, other.whole_days),
        is_overridden=one.is_overridden or other.is_overridden,
    )


def _changes(key: str, old: Item, new: Item) -> list[Cause]:
    rest = new.net - old.net
    causes = []
    if old.is_overridden or new.is_overridden:
        causes.append(Cause(key, "override", rest, old.net, new.net))
        rest = Decimal(0)
    elif old.quantity is not None and new.quantity is not None and old.unit_price and new.unit_price:
        by_price = ((new.unit_price - old.unit_price) * old.quantity * _part(old)).quantize(CENT, ROUND_HALF_UP)
        if old.unit_price == new.unit_price:
            by_price = Decimal(0)
        if by_price:
            causes.append(Cause(key, "price", by_price, old.unit_price, new.unit_price))
            rest -= by_price
        if old.quantity != new.quantity:
            causes.append(Cause(key, "quantity", rest, old.quantity, new.quantity))
            rest = Decimal(0)
    if rest:
        same_part = _part(old) == _part(new)
        why = "other" if same_part else "days"
        causes.append(Cause(key, why, rest, *((None, None) if same_part else (Decimal(old.days), Decimal(new.days)))))
    causes.append(Cause(key, "tax", new.tax - old.tax, old.tax, new.tax))
    return causes


def _part(item: Item) -> Decimal:
    """Return which part of its month a line is for; a line of more than a month is whole."""
    return Decimal(1) if item.days >= item.whole_days else Decimal(item.days) / item.whole_days
