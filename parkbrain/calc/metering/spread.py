"""From use between readings to use by hour, day or month: nothing is lost, and what is guessed is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .periods import Instants
from .registers import GAP, Amounts, Flags, IntervalUse


@dataclass(frozen=True)
class PeriodUse:
    """Use by period: `use[i]` in ``[borders_us[i], borders_us[i + 1])``, NaN where nothing is known of it.

    `known` is the share of the period's time that lies between readings, `measured` the share that lies between
    readings close enough to each other, both 0 to 1; `flags` gathers those of every interval it touches.
    """

    borders_us: Instants
    use: Amounts
    known: Amounts
    measured: Amounts
    flags: Flags


def use_of_intervals(starts_us: npt.ArrayLike, ends_us: npt.ArrayLike, use: npt.ArrayLike) -> IntervalUse:
    """Return the use of an interval meter in the form of a register's: contiguous, by time, holes as gaps of NaN.

    Parameters
    ----------
    starts_us, ends_us
        Each reading's half-open interval [µs since 1970 UTC]; any order.
    use
        What was used in it [unit of the meter]. The same interval twice counts once, the last to arrive.

    Raises
    ------
    ValueError
        If an interval is empty or two of them overlap in part: the place of the second is named.

    Examples
    --------
    >>> half = 1_800_000_000
    >>> use_of_intervals([half, 0], [2 * half, half], [3.0, 2.0]).use.tolist()
    [2.0, 3.0]
    """
    starts, ends = np.asarray(starts_us, dtype=np.int64), np.asarray(ends_us, dtype=np.int64)
    amounts = np.asarray(use, dtype=np.float64)
    if (ends <= starts).any():
        raise ValueError(f"interval {int(np.flatnonzero(ends <= starts)[0])} is empty")
    order = np.lexsort((np.arange(starts.size), starts))
    last = np.append(starts[order][1:] != starts[order][:-1], True) if order.size else np.empty(0, dtype=bool)
    order = order[last]
    starts, ends, amounts = starts[order], ends[order], amounts[order]
    overlap = ends[:-1] > starts[1:]
    if overlap.any():
        raise ValueError(f"interval {int(order[np.flatnonzero(overlap)[0] + 1])} overlaps the one before it")
    # A hole becomes an interval of its own, of unknown use.
    hole = np.flatnonzero(ends[:-1] < starts[1:])
    borders = np.insert(np.append(starts, ends[-1:]), hole + 1, ends[hole])
    flags = np.insert(np.zeros(amounts.size, dtype=np.uint8), hole + 1, GAP)
    return IntervalUse(at_us=borders, use=np.insert(amounts, hole + 1, np.nan), flags=flags)


def scale_use(used: IntervalUse, factors: Sequence[tuple[int, float]]) -> IntervalUse:
    """Return the use times the factor in force (current and voltage transformers, units); an interval is cut where it changes.

    Parameters
    ----------
    used
        Use in register units.
    factors
        Instants [µs since 1970 UTC] and the factor from then on; before the first one the first holds.

    Raises
    ------
    ValueError
        If there is no factor.

    Examples
    --------
    >>> used = IntervalUse(np.array([0, 10]), np.array([4.0]), np.zeros(1, dtype=np.uint8))
    >>> scale_use(used, [(0, 1.0), (5, 100.0)]).use.tolist()
    [2.0, 200.0]
    """
    if not factors:
        raise ValueError("a meter needs a factor, 1 where it counts as it is")
    ordered = sorted(factors)
    changes = np.array([at for at, _factor in ordered], dtype=np.int64)
    values = np.array([factor for _at, factor in ordered], dtype=np.float64)
    if not used.use.size:
        return used
    inside = changes[(changes > used.at_us[0]) & (changes < used.at_us[-1])]
    borders = np.union1d(used.at_us, inside)
    origin = np.searchsorted(used.at_us, borders[:-1], side="right") - 1
    share = np.diff(borders) / np.diff(used.at_us)[origin]
    factor = values[np.maximum(np.searchsorted(changes, borders[:-1], side="right") - 1, 0)]
    return IntervalUse(borders, used.use[origin] * share * factor, used.flags[origin], used.dropped)


def spread_use(used: IntervalUse, borders_us: npt.ArrayLike) -> PeriodUse:
    """Return the use by period, spread evenly over the time between readings.

    The sum over periods that cover the readings is the sum of the intervals: use is interpolated at the borders, never
    taken as a difference of two readings that lie near them.

    Parameters
    ----------
    used
        Use between readings; NaN where it is unknown.
    borders_us
        Borders of the periods [µs since 1970 UTC], ascending.

    Raises
    ------
    ValueError
        If the borders do not ascend.

    Examples
    --------
    >>> used = IntervalUse(np.array([0, 20, 40]), np.array([2.0, 6.0]), np.array([0, GAP], dtype=np.uint8))
    >>> periods = spread_use(used, [0, 10, 30, 50])
    >>> periods.use.tolist(), periods.measured.tolist()
    ([1.0, 4.0, 3.0], [1.0, 0.5, 0.0])
    """
    borders = np.asarray(borders_us, dtype=np.int64)
    if borders.size < 2 or (np.diff(borders) <= 0).any():
        raise ValueError("the borders of periods must ascend")
    spans = np.diff(borders).astype(np.float64)
    if not used.use.size:
        nothing = np.zeros(spans.size)
        return PeriodUse(borders, np.full(spans.size, np.nan), nothing, nothing, np.zeros(spans.size, dtype=np.uint8))
    lengths = np.diff(used.at_us).astype(np.float64)
    unknown = np.isnan(used.use)
    amount = _between(used.at_us, np.where(unknown, 0.0, used.use), borders)
    known = _between(used.at_us, np.where(unknown, 0.0, lengths), borders) / spans
    gap = used.flags & GAP > 0
    measured = known
    if gap.any():
        measured = _between(used.at_us, np.where(unknown | gap, 0.0, lengths), borders) / spans
    return PeriodUse(
        borders_us=borders,
        use=np.where(known > 0, amount, np.nan),
        known=np.clip(known, 0.0, 1.0),
        measured=np.clip(measured, 0.0, 1.0),
        flags=_gathered(used, borders),
    )


def _between(at_us: Instants, amounts: Amounts, borders: Instants) -> Amounts:
    """Return how much of the amounts falls between the borders, each spread evenly over its interval."""
    # Instants as offsets: sixteen digits of microseconds would cost the interpolation its last places.
    total = np.append(0.0, np.cumsum(amounts))
    offsets = (at_us - at_us[0]).astype(np.float64)
    return np.diff(np.interp((borders - at_us[0]).astype(np.float64), offsets, total))


def _gathered(used: IntervalUse, borders: Instants) -> Flags:
    every = np.bitwise_or.reduce(used.flags)
    if not every:
        return np.zeros(borders.size - 1, dtype=np.uint8)
    first = np.searchsorted(used.at_us, borders[:-1], side="right") - 1
    last = np.searchsorted(used.at_us, borders[1:], side="left") - 1
    first = np.maximum(first, 0)
    last = np.minimum(last, used.use.size - 1)
    gathered = np.zeros(borders.size - 1, dtype=np.uint8)
    for bit in (1 << n for n in range(8)):
        if not every & bit:
            continue
        count = np.append(0, np.cumsum(used.flags & bit > 0))
        found = np.where(last >= first, count[last + 1] - count[np.minimum(first, used.use.size)], 0)
        gathered |= np.where(found > 0, bit, 0).astype(np.uint8)
    return gathered
