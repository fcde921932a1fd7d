"""A local day of hours as one column of bytes, and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from django.utils import timezone

from parkbrain.calc.metering import PeriodUse, local_days, local_hours
from parkbrain.calc.metering.periods import HOUR_US

#: Bytes of an hour: use as float64, then known, measured and flags.
BYTES_PER_HOUR = 11
_WHOLE = 255
_ROUNDING = 1e-9


@dataclass(frozen=True)
class DayRow:
    """A day of a meter as the table keeps it."""

    day: date
    use: float | None
    known: float
    measured: float
    flags: int
    hours: bytes

    def differs(self, other: DayRow | None) -> bool:
        """Tell whether another version of the day says something else.

        The last places of a sum depend on where it was begun, which is no difference.
        """
        if other is None or self.flags != other.flags or len(self.hours) != len(other.hours):
            return True
        if self.hours == other.hours:
            return False
        count = len(self.hours) // BYTES_PER_HOUR
        if self.hours[8 * count :] != other.hours[8 * count :]:
            return True
        mine, theirs = (np.frombuffer(one.hours, dtype="<f8", count=count) for one in (self, other))
        return not np.allclose(mine, theirs, rtol=_ROUNDING, atol=_ROUNDING, equal_nan=True)


def park_zone() -> ZoneInfo:
    """Return the time zone in which days and months are meant."""
    return ZoneInfo(str(timezone.get_default_timezone()))


def local_day(*, at_us: int, zone: ZoneInfo) -> date:
    """Return the local day of an instant [µs since 1970 UTC]."""
    return datetime.fromtimestamp(at_us / 1e6, zone).date()


@lru_cache(maxsize=64)
def day_borders(first_on: date, end_on: date, zone: ZoneInfo) -> npt.NDArray[np.int64]:
    """Return the borders of local days; asked for again and again for the same days."""
    return local_days(first_on, end_on, zone)


def split_days(*, use: PeriodUse, first_on: date, end_on: date, zone: ZoneInfo) -> list[DayRow]:
    """Return the rows of the days of which anything is known; `use` has the hours of exactly these days."""
    starts = np.searchsorted(use.borders_us, day_borders(first_on, end_on, zone))
    known8 = np.rint(use.known * _WHOLE).astype(np.uint8)
    measured8 = np.rint(use.measured * _WHOLE).astype(np.uint8)
    flags8 = use.flags.astype(np.uint8)
    values = use.use.astype("<f8")
    sums = np.add.reduceat(np.nan_to_num(use.use), starts[:-1])
    lengths = np.diff(starts)
    known = np.add.reduceat(use.known, starts[:-1]) / lengths
    measured = np.add.reduceat(use.measured, starts[:-1]) / lengths
    flags = np.bitwise_or.reduceat(use.flags, starts[:-1])
    rows = []
    for number in np.flatnonzero(known > 0):
        part = slice(starts[number], starts[number + 1])
        packed = values[part].tobytes() + known8[part].tobytes() + measured8[part].tobytes() + flags8[part].tobytes()
        rows.append(
            DayRow(
                first_on + timedelta(days=int(number)),
                float(sums[number]),
                float(known[number]),
                float(measured[number]),
                int(flags[number]),
                packed,
            )
        )
    return rows


def join_days(*, rows: Iterable[tuple[date, bytes]], first_on: date, end_on: date, zone: ZoneInfo) -> PeriodUse:
    """Return the use by hour of the local days in [first_on, end_on); days without a row are unknown."""
    borders = local_hours(first_on, end_on, zone)
    starts = np.searchsorted(borders, day_borders(first_on, end_on, zone))
    count = borders.size - 1
    use, known = np.full(count, np.nan), np.zeros(count)
    measured, flags = np.zeros(count), np.zeros(count, dtype=np.uint8)
    for day, packed in rows:
        number = (day - first_on).days
        hours = len(packed) // BYTES_PER_HOUR
        part = slice(starts[number], starts[number] + hours)
        use[part] = np.frombuffer(packed, dtype="<f8", count=hours)
        small = np.frombuffer(packed, dtype=np.uint8, offset=8 * hours).reshape(3, hours)
        known[part], measured[part], flags[part] = small[0] / _WHOLE, small[1] / _WHOLE, small[2]
    return PeriodUse(borders, use, known, measured, flags)


__all__ = ["HOUR_US", "DayRow", "day_borders", "join_days", "local_day", "park_zone", "split_days"]
