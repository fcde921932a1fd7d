"""The day of a kind of energy: load by hour, what was to be expected, what the month holds so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from parkbrain.calc.energy import EnergyError, LoadHistory, forecast_days, hours_by_day, kinds_of_days
from parkbrain.calc.metering import PeriodUse
from parkbrain.kernel.models import Park

from ..models import Meter
from .overview import list_supply_meters
from .packed import park_zone
from .use import TotalUse, get_hours_and_totals, get_use

#: Days that are looked back upon for what to expect; a forecast from like days needs no more and is quick.
LEARNED_DAYS = 42
#: Days shown before the day itself.
SHOWN_DAYS = 2
Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class HourLoad:
    """One hour of load [unit/h]: what was counted, and the band and middle of what was to be expected."""

    start_at: datetime
    load: float | None
    low: float | None
    middle: float | None
    high: float | None


@dataclass(frozen=True)
class DayLoad:
    """Hours up to the end of the day, and use of the day and of the month so far against the same days before."""

    unit: str
    hours: Sequence[HourLoad]
    today: TotalUse
    month: TotalUse
    month_before: float | None
    meters: Sequence[Meter]

    @property
    def flow_unit(self) -> str:
        """The unit of the load."""
        return "kW" if self.unit == "kWh" else f"{self.unit}/h"

    @property
    def newest(self) -> HourLoad | None:
        """The newest hour of which the load is known."""
        return next((h for h in reversed(self.hours) if h.load is not None), None)


def load_by_day(*, meters: Sequence[Meter], starts_on: date, ends_on: date, signed: bool = True) -> Values:
    """Return hourly use of meters together as a table of days × 24, NaN where one of them is unknown."""
    uses = get_use(meters=[m.pk for m in meters], starts_on=starts_on, ends_on=ends_on, step="hour")
    return _added_up(meters, uses, starts_on, ends_on, signed=signed)


def _added_up(
    meters: Sequence[Meter], uses: Mapping[int, PeriodUse], starts_on: date, ends_on: date, *, signed: bool = True
) -> Values:
    total = np.zeros(uses[meters[0].pk].use.size)
    for meter in meters:
        total = total + (-uses[meter.pk].use if signed and meter.flow == Meter.Flow.OUT else uses[meter.pk].use)
    return hours_by_day(uses[meters[0].pk].borders_us[:-1], total, starts_on, ends_on, park_zone())


def load_of_each(*, meters: Sequence[Meter], starts_on: date, ends_on: date) -> dict[int, Values]:
    """Return hourly use of each meter as a table of days × 24, NaN where it is unknown; read together."""
    uses = get_use(meters=[m.pk for m in meters], starts_on=starts_on, ends_on=ends_on, step="hour")
    zone = park_zone()
    return {pk: hours_by_day(one.borders_us[:-1], one.use, starts_on, ends_on, zone) for pk, one in uses.items()}


def get_day_load(*, park: Park, energy_kind: str, at: datetime) -> DayLoad | None:
    """Return the day of a kind at its supply meters; None where the park has none of them."""
    zone = park_zone()
    today = at.astimezone(zone).date()
    meters = list_supply_meters(park=park, energy_kind=energy_kind, on=today)
    if not meters:
        return None
    first, end = today - timedelta(days=LEARNED_DAYS), today + timedelta(days=1)
    month_on = today.replace(day=1)
    before_on = (month_on - timedelta(days=1)).replace(day=1)
    # On the first of a month there are no days before that it could be held against.
    spans = [(today, end), (month_on, end), (before_on, min(before_on + (today - month_on), month_on))]
    uses, totals = get_hours_and_totals(
        meters=[m.pk for m in meters], starts_on=first, ends_on=end, spans=spans if today > month_on else spans[:2]
    )
    of_day, of_month, *of_before = (_together(meters, found) for found in totals)
    load = _added_up(meters, uses, first, end)
    # The hour that is still running is not known yet.
    load[-1, at.astimezone(zone).hour :] = np.nan
    bands = _expected(load, first)
    hours = []
    for back in range(SHOWN_DAYS, -1, -1):
        day = today - timedelta(days=back)
        for hour in range(24):
            low, middle, high = (_number(v) for v in bands[SHOWN_DAYS - back, hour])
            start_at = datetime(day.year, day.month, day.day, hour, tzinfo=zone)
            hours.append(HourLoad(start_at, _number(load[-1 - back, hour]), low, middle, high))
    before = of_before[0].use if of_before else None
    return DayLoad(meters[0].unit_label, hours, of_day, of_month, before, meters)


def _expected(load: Values, first: date) -> Values:
    """Return the band of the shown days (days × 24 × low, middle, high), NaN where too little is known."""
    kinds = kinds_of_days(first, load.shape[0])
    place = load.shape[0] - 1 - SHOWN_DAYS
    try:
        return forecast_days(
            LoadHistory(load, kinds), first=place, quantiles=(0.05, 0.5, 0.95), method="same_days"
        ).values
    except EnergyError:
        return np.full((SHOWN_DAYS + 1, 24, 3), np.nan)


def _together(meters: Sequence[Meter], found: Mapping[int, TotalUse]) -> TotalUse:
    each = [(m, found[m.pk]) for m in meters]
    known = [(-t.use if m.flow == Meter.Flow.OUT else t.use) for m, t in each if t.use is not None]
    use = sum(known) if len(known) == len(each) else None
    return TotalUse(use, min(t.known for _m, t in each), min(t.measured for _m, t in each), 0)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


__all__ = ["DayLoad", "HourLoad", "get_day_load", "load_by_day", "load_of_each"]
