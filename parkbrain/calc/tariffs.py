"""What energy costs: price by time of use, by tier, by demand or capacity; every line says quantity, price and amount.

Quantities are rounded first, as they stand on the bill, then each line's amount; the bill is the sum of its lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

#: Bands of the day as tariffs name them: 尖, 峰, 平, 谷, 深谷.
CRITICAL_PEAK, PEAK, FLAT, VALLEY, DEEP_VALLEY = BANDS = ("critical_peak", "peak", "flat", "valley", "deep_valley")
CENT = Decimal("0.01")
_DAY_MINUTES = 1440
_MINUTE_US = 60_000_000

BandIndex = npt.NDArray[np.int8]


@dataclass(frozen=True)
class TimeBand:
    """A band of the local day, for some months and weekdays (Monday is 0); minutes from midnight, half-open."""

    band: str
    starts_minute: int
    ends_minute: int
    months: frozenset[int] = frozenset(range(1, 13))
    weekdays: frozenset[int] = frozenset(range(7))

    def __post_init__(self) -> None:
        if self.band not in BANDS:
            raise ValueError(f"unknown band {self.band}: one of {', '.join(BANDS)}")
        if not 0 <= self.starts_minute < self.ends_minute <= _DAY_MINUTES:
            raise ValueError(f"{self.band} runs from minute {self.starts_minute} to {self.ends_minute}")


@dataclass(frozen=True)
class TimeOfUse:
    """The bands of a year: what no band covers is flat, where two do the later one in the list holds."""

    bands: tuple[TimeBand, ...] = ()

    def table(self) -> BandIndex:
        """Return the band of every minute, by month, weekday and minute of the day."""
        table = np.full((12, 7, _DAY_MINUTES), BANDS.index(FLAT), dtype=np.int8)
        for one in self.bands:
            months, days = sorted(m - 1 for m in one.months), sorted(one.weekdays)
            table[np.ix_(months, days, range(one.starts_minute, one.ends_minute))] = BANDS.index(one.band)
        return table


@dataclass(frozen=True)
class ChargeLine:
    """One line of a bill: what, how much of it, at what price, what that comes to [yuan]."""

    item: str
    quantity: Decimal
    price: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Tier:
    """A tier holds up to a quantity (None: without end) at a price [yuan per unit]."""

    up_to: Decimal | None
    price: Decimal


def band_of_periods(borders_us: npt.ArrayLike, zone: ZoneInfo, tariff: TimeOfUse) -> BandIndex:
    """Return the band of every period, as its place in `BANDS`.

    Parameters
    ----------
    borders_us
        Borders of the periods [µs since 1970 UTC], ascending; no period longer than a day.
    zone
        Time zone in which the tariff's hours are meant.
    tariff
        The bands.

    Raises
    ------
    ValueError
        If a period lies in two bands: its use cannot be told apart, the first such period is named.

    Examples
    --------
    >>> day = TimeOfUse((TimeBand(VALLEY, 0, 480), TimeBand(PEAK, 600, 720)))
    >>> hours = np.arange(6, 13) * 3_600_000_000
    >>> [BANDS[index] for index in band_of_periods(hours, ZoneInfo("UTC"), day)]
    ['valley', 'valley', 'flat', 'flat', 'peak', 'peak']
    """
    borders = np.asarray(borders_us, dtype=np.int64)
    table = tariff.table()
    first, last = _place(borders[:-1], zone), _place(borders[1:] - 1, zone)
    bands: BandIndex = table[first]
    # A band is left and met again only over several borders: counting them finds every period that is not of one piece.
    changes = np.concatenate([np.zeros((12, 7, 1), dtype=np.int32), np.cumsum(np.diff(table) != 0, axis=2)], axis=2)
    same_day = (first[1] == last[1]) & (first[2] <= last[2])
    mixed = np.where(same_day, changes[last] != changes[first], (table[last] != bands) | (changes[last] != 0))
    mixed |= ~same_day & (changes[first[0], first[1], _DAY_MINUTES - 1] != changes[first])
    if mixed.any():
        at = datetime.fromtimestamp(int(borders[np.flatnonzero(mixed)[0]]) / 1e6, UTC).astimezone(zone)
        raise ValueError(f"the period from {at:%Y-%m-%d %H:%M} lies in two bands")
    return bands


def _place(at_us: npt.NDArray[np.int64], zone: ZoneInfo) -> tuple[npt.NDArray[np.intp], ...]:
    """Return month, weekday and minute of the local day, as places in the table."""
    hours = at_us // (60 * _MINUTE_US)
    # The offset of a zone changes on full quarter hours at most a few times a year: one question an hour is enough.
    unique, inverse = np.unique(hours, return_inverse=True)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    offsets = [(epoch + timedelta(hours=int(h))).astimezone(zone).utcoffset() or timedelta() for h in unique]
    minutes = at_us // _MINUTE_US + np.array([int(o.total_seconds() // 60) for o in offsets], dtype=np.int64)[inverse]
    days = minutes // _DAY_MINUTES
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    # 1970-01-01 was a Thursday.
    return months.astype(np.intp), ((days + 3) % 7).astype(np.intp), (minutes % _DAY_MINUTES).astype(np.intp)


def charge_by_band(
    use: npt.ArrayLike, bands: BandIndex, prices: Mapping[str, Decimal], *, decimals: int = 0
) -> list[ChargeLine]:
    """Return a line a band: use rounded as the bill shows it, times the price of the band.

    Parameters
    ----------
    use
        Use by period [kWh]; none may be unknown.
    bands
        Band of every period, from `band_of_periods`.
    prices
        Price by band [yuan/kWh].
    decimals
        Places of the quantity on the bill.

    Raises
    ------
    ValueError
        If a use is unknown, or a band that is used has no price.

    Examples
    --------
    >>> prices = {PEAK: Decimal("1.20"), FLAT: Decimal("0.70")}
    >>> lines = charge_by_band([10.4, 5.5], np.array([1, 2], dtype=np.int8), prices)
    >>> [(line.item, str(line.quantity), str(line.amount)) for line in lines]
    [('peak', '10', '12.00'), ('flat', '6', '4.20')]
    """
    amounts = np.asarray(use, dtype=np.float64)
    if np.isnan(amounts).any():
        raise ValueError(f"the use of {int(np.isnan(amounts).sum())} periods is unknown: no bill can be made of it")
    totals = np.bincount(bands, weights=amounts, minlength=len(BANDS))
    lines = []
    for band, total in zip(BANDS, totals, strict=True):
        quantity = round_quantity(float(total), decimals)
        if quantity and band not in prices:
            raise ValueError(f"there is no price for {band}")
        if quantity:
            lines.append(ChargeLine(band, quantity, prices[band], _money(quantity * prices[band])))
    return lines


def charge_by_tier(quantity: Decimal, tiers: Sequence[Tier], *, already: Decimal = Decimal(0)) -> list[ChargeLine]:
    """Return a line a tier, each part of the quantity at the price of the tier it falls in.

    Parameters
    ----------
    quantity
        What is billed now.
    tiers
        Ascending; the last one without end.
    already
        What was billed before in the same year or month, which has filled the lower tiers.

    Raises
    ------
    ValueError
        If the tiers do not ascend or the last one ends.

    Examples
    --------
    >>> tiers = [Tier(Decimal(22), Decimal("2.67")), Tier(None, Decimal("4.01"))]
    >>> [str(line.amount) for line in charge_by_tier(Decimal(10), tiers, already=Decimal(15))]
    ['18.69', '12.03']
    """
    ends = [tier.up_to for tier in tiers]
    if not tiers or ends[-1] is not None or None in ends[:-1] or sorted(e for e in ends[:-1] if e) != ends[:-1]:
        raise ValueError("tiers must ascend, the last one without end")
    lines, start, rest = [], Decimal(0), quantity
    for number, tier in enumerate(tiers, start=1):
        room = rest if tier.up_to is None else max(Decimal(0), tier.up_to - max(start, already))
        part = min(rest, room)
        if part > 0:
            lines.append(ChargeLine(f"tier_{number}", part, tier.price, _money(part * tier.price)))
            rest -= part
        start = tier.up_to or start
    return lines


@dataclass(frozen=True)
class DemandRule:
    """How the greatest demand is billed against what was contracted.

    Up to `free_share` of the contract the contract counts, above it every kW counts `excess_factor` times (China's
    two-part tariff: contract up to 105 %, beyond it double; NDRC 2016 no. 1583). Without a contract the demand counts.
    """

    contract_kw: Decimal | None = None
    free_share: Decimal = Decimal("1.05")
    excess_factor: Decimal = Decimal(2)


def charge_demand(greatest_kw: Decimal, price: Decimal, rule: DemandRule | None = None) -> list[ChargeLine]:
    """Return the lines for the greatest demand of the month [kW], at a price [yuan/kW].

    Examples
    --------
    >>> lines = charge_demand(Decimal(1100), Decimal(40), DemandRule(contract_kw=Decimal(1000)))
    >>> [(line.item, str(line.quantity), str(line.amount)) for line in lines]
    [('demand', '1050', '42000.00'), ('demand_excess', '50', '4000.00')]
    """
    rule = rule or DemandRule()
    if rule.contract_kw is None:
        return [ChargeLine("demand", greatest_kw, price, _money(greatest_kw * price))]
    limit = (rule.contract_kw * rule.free_share).quantize(Decimal(1), ROUND_HALF_UP)
    if greatest_kw <= limit:
        return [ChargeLine("demand", rule.contract_kw, price, _money(rule.contract_kw * price))]
    excess, twice = greatest_kw - limit, price * rule.excess_factor
    return [
        ChargeLine("demand", limit, price, _money(limit * price)),
        ChargeLine("demand_excess", excess, twice, _money(excess * twice)),
    ]


def round_quantity(value: float, decimals: int) -> Decimal:
    """Return a measured quantity as it stands on the bill, halves away from zero.

    Examples
    --------
    >>> round_quantity(2.675, 2), round_quantity(5.5, 0)
    (Decimal('2.68'), Decimal('6'))
    """
    # `repr` is the shortest text of the number: 2.675 is meant, not 2.67499….
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _money(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Share:
    """What one takes of a common amount, with what it was worked out from."""

    key: str
    weight: Decimal
    amount: Decimal = field(default=Decimal(0))


def allocate(amount: Decimal, weights: Mapping[str, Decimal], *, unit: Decimal = CENT) -> list[Share]:
    """Return the amount shared out by weight, to the last unit: the shares add up to the amount, always.

    What rounding leaves goes to those whose share was cut most (largest remainder, Hamilton's method), ties in the
    order given.

    Parameters
    ----------
    amount
        What is shared, a multiple of `unit`; may be negative (a correction).
    weights
        Area, sub-metered kWh or heads by key; none negative, not all zero.
    unit
        The smallest part.

    Raises
    ------
    ValueError
        If a weight is negative or all are zero.

    Examples
    --------
    >>> [str(share.amount) for share in allocate(Decimal("10.00"), dict.fromkeys("abc", Decimal(1)))]
    ['3.34', '3.33', '3.33']
    """
    total = sum(weights.values(), Decimal(0))
    if total <= 0 or min(weights.values()) < 0:
        raise ValueError("weights must not be negative, and not all zero")
    sign = -1 if amount < 0 else 1
    units = abs(amount) / unit
    exact = {key: units * weight / total for key, weight in weights.items()}
    whole = {key: value // 1 for key, value in exact.items()}
    left = int(units.to_integral_value(ROUND_HALF_UP) - sum(whole.values()))
    order = sorted(exact, key=lambda key: whole[key] - exact[key])
    for key in order[:left]:
        whole[key] += 1
    return [Share(key, weights[key], sign * whole[key] * unit) for key in weights]
