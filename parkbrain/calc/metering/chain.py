"""The use of a meter whose points, registers, factors and devices changed over time: every stretch by its own rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .periods import Instants
from .registers import GAP, Amounts, IntervalUse, Register, Swap, use_of_register
from .spread import PeriodUse, scale_use, spread_use, use_of_intervals


@dataclass(frozen=True)
class Stretch:
    """A time in which one point showed what a meter counts: half-open ``[start_us, end_us)`` (None: open).

    `interval_us` is the length of the interval that ends at each reading, None for a cumulative register. `factors` are
    instants [µs] with the factor from then on (NaN: nobody knows it), as `scale_use` takes them. `swaps` are exchanges
    of the device within the stretch or at its ends.
    """

    start_us: int
    end_us: int | None = None
    register: Register = field(default_factory=Register)
    interval_us: int | None = None
    factors: tuple[tuple[int, float], ...] = ((0, 1.0),)
    swaps: tuple[Swap, ...] = ()


def use_of_stretch(at_us: npt.ArrayLike, reading: npt.ArrayLike, stretch: Stretch) -> IntervalUse:
    """Return what the meter counted between the readings of one stretch, cut at its ends.

    Readings of the same point from before and after belong to it: the use across an end is divided there evenly by
    time, except where an exchange of the device at that end says what the registers showed.

    Parameters
    ----------
    at_us
        Instants of the readings [µs since 1970 UTC], in order of arrival.
    reading
        What the point showed [its unit]; NaN where it is to be left out.
    stretch
        Rules and ends.

    Returns
    -------
    IntervalUse
        Use [unit of the meter]; NaN where it is unknown.

    Examples
    --------
    >>> hours = np.arange(3) * 3_600_000_000
    >>> half = Stretch(start_us=0, end_us=hours[1] + 1_800_000_000, factors=((0, 10.0),))
    >>> use_of_stretch(hours, [5.0, 6.0, 8.0], half).use.tolist()
    [10.0, 10.0]
    """
    instants, values = np.asarray(at_us, dtype=np.int64), np.asarray(reading, dtype=np.float64)
    if stretch.interval_us is not None:
        good = np.isfinite(values)
        used = _of_intervals(instants[good], values[good], stretch.interval_us)
    else:
        inside = np.ones(instants.size, dtype=bool)
        # A device that was exchanged at an end shows nothing beyond it that belongs to this meter.
        if any(swap.at_us == stretch.start_us for swap in stretch.swaps):
            inside &= instants >= stretch.start_us
        if stretch.end_us is not None and any(swap.at_us == stretch.end_us for swap in stretch.swaps):
            inside &= instants < stretch.end_us
        used = use_of_register(instants[inside], values[inside], register=stretch.register, swaps=stretch.swaps)
    return _clipped(scale_use(used, stretch.factors), stretch.start_us, stretch.end_us)


def _of_intervals(ends: Instants, amounts: Amounts, interval_us: int) -> IntervalUse:
    """Return the amounts as contiguous use; an interval that reaches into the one before it is cut short there.

    A sender that is late or early by seconds shifts the border, not the amount.
    """
    order = np.argsort(ends, kind="stable")
    ends, amounts = ends[order], amounts[order]
    last = np.append(ends[1:] != ends[:-1], True) if ends.size else np.empty(0, dtype=bool)
    ends, amounts = ends[last], amounts[last]
    starts = ends - interval_us
    starts[1:] = np.maximum(starts[1:], ends[:-1])
    return use_of_intervals(starts, ends, amounts)


def _clipped(used: IntervalUse, start_us: int, end_us: int | None) -> IntervalUse:
    """Return the part of the use that lies within the ends."""
    if not used.use.size:
        return used
    low = max(start_us, int(used.at_us[0]))
    high = int(used.at_us[-1]) if end_us is None else min(end_us, int(used.at_us[-1]))
    if high <= low:
        return IntervalUse(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0, dtype=np.uint8), used.dropped)
    if low == used.at_us[0] and high == used.at_us[-1]:
        return used
    inner = used.at_us[(used.at_us > low) & (used.at_us < high)]
    borders = np.concatenate([[low], inner, [high]]).astype(np.int64)
    origin = np.searchsorted(used.at_us, borders[:-1], side="right") - 1
    share = np.diff(borders) / np.diff(used.at_us)[origin]
    return IntervalUse(borders, used.use[origin] * share, used.flags[origin], used.dropped)


def use_of_stretches(parts: Sequence[IntervalUse], borders_us: npt.ArrayLike) -> PeriodUse:
    """Return use by period from the use of stretches that do not overlap in time.

    Parameters
    ----------
    parts
        Use of each stretch [unit of the meter].
    borders_us
        Borders of the periods [µs since 1970 UTC], ascending.

    Examples
    --------
    >>> old = IntervalUse(np.array([0, 10]), np.array([4.0]), np.zeros(1, dtype=np.uint8))
    >>> new = IntervalUse(np.array([10, 20]), np.array([6.0]), np.zeros(1, dtype=np.uint8))
    >>> use_of_stretches([old, new], [0, 20, 40]).use.tolist()
    [10.0, nan]
    """
    spread = [spread_use(part, borders_us) for part in parts if part.use.size]
    if not spread:
        return spread_use(
            IntervalUse(np.empty(0, dtype=np.int64), np.empty(0), np.empty(0, dtype=np.uint8)), borders_us
        )
    known = np.clip(np.sum([one.known for one in spread], axis=0), 0.0, 1.0)
    use = np.where(known > 0, np.nansum([one.use for one in spread], axis=0), np.nan)
    measured = np.clip(np.sum([one.measured for one in spread], axis=0), 0.0, 1.0)
    flags = np.bitwise_or.reduce([one.flags for one in spread], axis=0).astype(np.uint8)
    # Part of a period may lie in no stretch at all: what is missing there is a gap like any other.
    flags = np.where((known > 0) & (known < 1 - 1e-9), flags | GAP, flags).astype(np.uint8)
    return PeriodUse(spread[0].borders_us, use, known, measured, flags)
