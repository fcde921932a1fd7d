"""Money for use by hour: dated tariffs applied to the hours they hold for, and what is common shared out.

Prices include tax. Quantities are rounded as they stand on the bill, then each line's amount; a bill is the sum of its
lines. Where an hour is unknown there is no bill, not a smaller one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from .tariffs import (
    BANDS,
    CENT,
    BandIndex,
    ChargeLine,
    Tier,
    TimeBand,
    TimeOfUse,
    band_of_periods,
    charge_by_band,
    charge_by_tier,
    charge_demand,
    round_quantity,
)

#: Places of a quantity on the bill.
DECIMALS = 2
Hours = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Rates:
    """A checked tariff: a price, or prices by band, or tiers; and a price for the greatest demand [yuan/kW]."""

    method: str
    price: Decimal | None = None
    time_of_use: TimeOfUse = field(default_factory=TimeOfUse)
    prices: Mapping[str, Decimal] | None = None
    tiers: tuple[Tier, ...] = ()
    demand_price: Decimal | None = None


def parse_rates(rates: Mapping[str, Any]) -> Rates:
    """Return a tariff as its JSON has it, checked beyond what a schema can say.

    Raises
    ------
    ValueError
        If a band that the hours name has no price, a band runs backward, or the tiers do not ascend.

    Examples
    --------
    >>> rates = parse_rates({"method": "time_of_use", "prices": {"flat": "0.7", "valley": "0.3"},
    ...     "bands": [{"band": "valley", "from": "00:00", "to": "08:00"}]})
    >>> rates.prices["valley"]
    Decimal('0.3')
    """
    demand = rates.get("demand")
    demand_price = None if demand is None else Decimal(demand["price_per_kw"])
    if rates["method"] == "flat":
        return Rates("flat", Decimal(rates["price"]), demand_price=demand_price)
    if rates["method"] == "tiers":
        tiers = tuple(Tier(Decimal(t["up_to"]) if "up_to" in t else None, Decimal(t["price"])) for t in rates["tiers"])
        charge_by_tier(Decimal(0), tiers)
        return Rates("tiers", tiers=tiers, demand_price=demand_price)
    bands = tuple(
        TimeBand(
            b["band"],
            _minute(b["from"]),
            _minute(b["to"]),
            frozenset(b.get("months", range(1, 13))),
            frozenset(b.get("weekdays", range(7))),
        )
        for b in rates["bands"]
    )
    prices = {band: Decimal(price) for band, price in rates["prices"].items()}
    time_of_use = TimeOfUse(bands)
    named = {BANDS[index] for index in np.unique(time_of_use.table())}
    if missing := sorted(named - set(prices)):
        raise ValueError(f"there is no price for {missing[0]}")
    return Rates("time_of_use", time_of_use=time_of_use, prices=prices, demand_price=demand_price)


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def charge_hours(
    use: npt.ArrayLike, borders_us: npt.ArrayLike, zone: ZoneInfo, tariffs: Sequence[tuple[int, int, Rates]]
) -> list[ChargeLine]:
    """Return the lines for use by hour under tariffs that each hold for a time.

    Parameters
    ----------
    use
        Use by hour [kWh, m³ …]; none may be unknown.
    borders_us
        Borders of the hours [µs since 1970 UTC].
    zone
        Zone in which the bands of the day are meant.
    tariffs
        Beginning and end [µs) with the tariff; every hour with use lies in exactly one.

    Raises
    ------
    ValueError
        If a use is unknown, an hour has no tariff, or a band that is used has no price.

    Examples
    --------
    >>> flat = parse_rates({"method": "flat", "price": "0.70"})
    >>> hours = np.arange(3) * 3_600_000_000
    >>> [str(line.amount) for line in charge_hours([1.0, 2.0], hours, ZoneInfo("UTC"), [(0, 10**15, flat)])]
    ['2.10']
    """
    amounts, borders = np.asarray(use, dtype=np.float64), np.asarray(borders_us, dtype=np.int64)
    if np.isnan(amounts).any():
        raise ValueError(f"the use of {int(np.isnan(amounts).sum())} hours is unknown: no bill can be made of it")
    lines, covered = _charge_spans(amounts, borders, zone, tariffs)
    if (amounts[~covered] != 0).any():
        raise ValueError("there is no tariff for a part of the time")
    return lines


def _charge_spans(
    amounts: npt.NDArray[np.float64],
    borders: npt.NDArray[np.int64],
    zone: ZoneInfo,
    tariffs: Sequence[tuple[int, int, Rates]],
) -> tuple[list[ChargeLine], npt.NDArray[np.bool_]]:
    """Return the lines, and which hours lie under a tariff."""
    covered = np.zeros(amounts.size, dtype=bool)
    lines: list[ChargeLine] = []
    already = Decimal(0)
    for start, end, rates in sorted(tariffs, key=lambda t: t[0]):
        inside = (borders[:-1] >= start) & (borders[:-1] < end)
        covered |= inside
        first, last = np.searchsorted(borders[:-1], [start, end])
        if last <= first:
            continue
        part = amounts[first:last]
        quantity = round_quantity(float(part.sum()), DECIMALS)
        if rates.method == "time_of_use":
            bands = _bands(borders[first : last + 1].tobytes(), zone, rates.time_of_use)
            lines += charge_by_band(part, bands, rates.prices or {}, decimals=DECIMALS)
        else:
            lines += _without_bands(quantity, rates, already)
        already += quantity
        if rates.demand_price is not None:
            lines += _demand(part, rates.demand_price, amounts.size)
    return lines, covered


def _without_bands(quantity: Decimal, rates: Rates, already: Decimal) -> list[ChargeLine]:
    if rates.method == "tiers":
        return charge_by_tier(quantity, rates.tiers, already=already)
    if quantity and rates.price is not None:
        return [ChargeLine("flat", quantity, rates.price, _money(quantity * rates.price))]
    return []


def _demand(part: Hours, price: Decimal, hours: int) -> list[ChargeLine]:
    """Return the charge for the greatest hour; a tariff that holds for a part of the time charges that part of it."""
    share = Decimal(part.size) / Decimal(hours)
    greatest = round_quantity(float(part.max(initial=0.0)), DECIMALS)
    return charge_demand(greatest, (price * share).quantize(Decimal("0.000001"), ROUND_HALF_UP))


@lru_cache(maxsize=32)
def _bands(borders: bytes, zone: ZoneInfo, time_of_use: TimeOfUse) -> BandIndex:
    """Return the bands of a month's hours: every enterprise of the month asks for the same ones."""
    return band_of_periods(np.frombuffer(borders, dtype=np.int64), zone, time_of_use)


def net_of_tax(amount: Decimal, tax_rate: Decimal) -> Decimal:
    """Return the tax within an amount that includes it.

    Examples
    --------
    >>> net_of_tax(Decimal("113.00"), Decimal("0.13"))
    Decimal('13.00')
    """
    return amount - _money(amount / (1 + tax_rate))


def mean_price(lines: Sequence[ChargeLine], quantity: Decimal) -> Decimal | None:
    """Return what a unit cost on average [yuan per unit], to six places; None where nothing was used.

    Examples
    --------
    >>> mean_price([ChargeLine("flat", Decimal(8), Decimal("0.5"), Decimal("4.00"))], Decimal(8))
    Decimal('0.500000')
    """
    if quantity <= 0:
        return None
    return (sum((line.amount for line in lines), Decimal(0)) / quantity).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def _money(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def parse_bands(text: str) -> list[dict[str, Any]]:
    """Return the hours of bands from their short form: band, hours, and months where they are not all.

    Raises
    ------
    ValueError
        If a part cannot be read.

    Examples
    --------
    >>> parse_bands("peak 10-12; critical_peak 11-12 months 7-9")[1]
    {'band': 'critical_peak', 'from': '11:00', 'to': '12:00', 'months': [7, 8, 9]}
    """
    bands = []
    for part in filter(None, (p.strip() for p in text.split(";"))):
        words, _sep, months = part.partition(" months ")
        band, *spans = words.split()
        for first, last in (_span(span) for span in spans):
            found: dict[str, Any] = {"band": band, "from": f"{first:02d}:00", "to": f"{last:02d}:00"}
            if months:
                found["months"] = [m for span in months.split() for m in range(_span(span)[0], _span(span)[1] + 1)]
            bands.append(found)
    return bands


def _span(text: str) -> tuple[int, int]:
    first, _sep, last = text.partition("-")
    if not first.isdecimal() or not (last or first).isdecimal():
        raise ValueError(f"{text} is no span of hours or months")
    return int(first), int(last or first)


def write_bands(bands: Sequence[Mapping[str, Any]]) -> str:
    """Return the short form that `parse_bands` reads.

    Examples
    --------
    >>> write_bands(parse_bands("peak 10-12; critical_peak 11-12 months 7-9"))
    'peak 10-12; critical_peak 11-12 months 7 8 9'
    """
    parts = []
    for band in bands:
        months = " months " + " ".join(str(m) for m in band["months"]) if "months" in band else ""
        parts.append(f"{band['band']} {int(band['from'][:2])}-{int(band['to'][:2])}{months}")
    return "; ".join(parts)


def parse_tiers(text: str) -> list[dict[str, str]]:
    """Return tiers from their short form: up to a quantity at a price, the last one without end.

    Examples
    --------
    >>> parse_tiers("22: 2.67; 4.01")
    [{'up_to': '22', 'price': '2.67'}, {'price': '4.01'}]
    """
    tiers = []
    for part in filter(None, (p.strip() for p in text.split(";"))):
        up_to, sep, price = part.partition(":")
        tiers.append({"up_to": up_to.strip(), "price": price.strip()} if sep else {"price": part})
    return tiers


def write_tiers(tiers: Sequence[Mapping[str, str]]) -> str:
    """Return the short form that `parse_tiers` reads.

    Examples
    --------
    >>> write_tiers(parse_tiers("22: 2.67; 4.01"))
    '22: 2.67; 4.01'
    """
    return "; ".join(f"{t['up_to']}: {t['price']}" if "up_to" in t else t["price"] for t in tiers)
