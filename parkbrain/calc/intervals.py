"""Half-open periods of dates and of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache


@dataclass(frozen=True, order=True)
class DatePeriod:
    """Days from `starts_on` up to, not including, `ends_on`.

    Raises
    ------
    ValueError
        If the period is empty or runs backwards.

    Examples
    --------
    >>> DatePeriod(date(2026, 1, 1), date(2027, 1, 1)).days
    365
    """

    starts_on: date
    ends_on: date

    def __post_init__(self) -> None:
        if self.ends_on <= self.starts_on:
            raise ValueError(f"period ends on {self.ends_on} before it has begun on {self.starts_on}")

    @property
    def days(self) -> int:
        """Length of the period [d]."""
        return (self.ends_on - self.starts_on).days

    @property
    def last_on(self) -> date:
        """The last day that belongs to the period."""
        return self.ends_on - timedelta(days=1)

    def contains(self, day: date) -> bool:
        """Tell whether the day lies in the period."""
        return self.starts_on <= day < self.ends_on


def months_before(day: date, months: int) -> date:
    """Return the same day `months` earlier, or the last day of that month where it has no such day.

    Examples
    --------
    >>> months_before(date(2026, 3, 31), 1)
    datetime.date(2026, 2, 28)
    """
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    month += 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day.day, (following - timedelta(days=1)).day))


@lru_cache(maxsize=4096)
def period_of(kind: str, cut_off_on: date) -> DatePeriod:
    """Return the period a fact of this kind covers for a cut-off date.

    Parameters
    ----------
    kind
        ``as_of`` the cut-off day itself; ``ttm`` the twelve months up to and including it;
        ``fy`` the last calendar year that was closed before it.
    cut_off_on
        The cut-off date of the rating.

    Raises
    ------
    ValueError
        If the kind is none of the three.

    Examples
    --------
    >>> period_of("fy", date(2026, 6, 30))
    DatePeriod(starts_on=datetime.date(2025, 1, 1), ends_on=datetime.date(2026, 1, 1))
    """
    after = cut_off_on + timedelta(days=1)
    if kind == "as_of":
        return DatePeriod(cut_off_on, after)
    if kind == "ttm":
        return DatePeriod(months_before(after, 12), after)
    if kind == "fy":
        # A year counts as closed on its last day: a cut-off of 31 December takes that same year.
        year = after.year - 1
        return DatePeriod(date(year, 1, 1), date(year + 1, 1, 1))
    raise ValueError(f"unknown kind of period {kind!r}: as_of, ttm or fy")
