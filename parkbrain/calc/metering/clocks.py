"""Clocks that readings were stamped by: hours that a zone skips or repeats, and loggers whose clock jumped.

A logger that writes local clock time has no reading in the hour that is skipped in spring and two in the hour that is
repeated in autumn. A logger whose clock was set wrong stamps everything with a constant offset until somebody sets it
right: seen as an offset between the stamp and the time of arrival that appears and goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from .periods import HOUR_US, Instants
from .registers import Flags

PLAIN, REPEATED, SKIPPED = 0, 1, 2
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - stamps of a local clock carry no zone


@dataclass(frozen=True)
class LocalStamps:
    """Instants of local clock stamps [µs since 1970 UTC], and of each `PLAIN`, `REPEATED` or `SKIPPED`."""

    at_us: Instants
    kind: Flags


@dataclass(frozen=True)
class ClockJump:
    """The clock of a logger was off by `offset_s` [s] (ahead above zero) from `start_us` to `end_us`; None: still is."""

    start_us: int
    end_us: int | None
    offset_s: float


def instants_of_local(local_us: npt.ArrayLike, zone: ZoneInfo) -> LocalStamps:
    """Return the instants that stamps of a local clock mean, in order of arrival.

    A stamp in the repeated hour is meant the first time as long as the stamps of that hour ascend, and the second time
    once they start over. A stamp in the skipped hour cannot be: its clock was not set forward, so it counts on by the
    time that held before.

    Parameters
    ----------
    local_us
        Stamps as the clock showed them [µs since 1970-01-01 00:00 of that clock], in order of arrival.
    zone
        Zone of the clock.

    Examples
    --------
    >>> clock = datetime(2021, 10, 31, 0, 30)
    >>> first = (clock - _EPOCH) // timedelta(microseconds=1)
    >>> stamps = [first, first + HOUR_US, first + HOUR_US, first + 2 * HOUR_US]
    >>> found = instants_of_local(stamps, ZoneInfo("Europe/London"))
    >>> (np.diff(found.at_us) // HOUR_US).tolist(), found.kind.tolist()
    ([1, 1, 1], [0, 1, 1, 0])
    """
    local = np.asarray(local_us, dtype=np.int64)
    earlier, later = _offsets(local, zone, fold=0), _offsets(local, zone, fold=1)
    kind = np.where(earlier > later, REPEATED, np.where(earlier < later, SKIPPED, PLAIN)).astype(np.uint8)
    repeated = np.flatnonzero(kind == REPEATED)
    offsets = earlier.copy()
    if repeated.size:
        # Each change of clocks has its own hour; within it a stamp that does not ascend starts the second time round.
        change = np.cumsum(np.append(True, np.diff(local[repeated]) > 24 * HOUR_US))
        back = np.append(False, (np.diff(local[repeated]) <= 0) & (np.diff(change) == 0))
        rounds = np.cumsum(back)
        first_round = np.maximum.accumulate(np.where(np.append(True, np.diff(change) > 0), rounds, 0))
        again = rounds > first_round
        offsets[repeated[again]] = later[repeated[again]]
    return LocalStamps(local - offsets, kind)


def _offsets(local: Instants, zone: ZoneInfo, *, fold: int) -> Instants:
    """Return what the zone's clock is ahead of UTC [µs]; asked once a quarter of an hour."""
    quarter = HOUR_US // 4
    places, inverse = np.unique(local // quarter, return_inverse=True)
    stamps = (_EPOCH + timedelta(microseconds=int(place) * quarter) for place in places)
    ahead = [stamp.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for stamp in stamps]
    return np.array([one // timedelta(microseconds=1) for one in ahead], dtype=np.int64)[inverse]


def find_clock_jumps(
    at_us: npt.ArrayLike, received_us: npt.ArrayLike, *, least_s: float = 300.0, readings: int = 5
) -> list[ClockJump]:
    """Return the times in which the clock of a logger was off by a constant offset.

    A reading arrives after it was stamped, usually by the same little while: the stretch whose offset is nearest to zero
    says by how long. Another stretch counts if it is off by more than `least_s` from that, and constantly so: late
    batches (stamps spread over time, arriving at once) are not a wrong clock, nor is a clock that drifts.

    Parameters
    ----------
    at_us
        Stamps of the readings [µs since 1970 UTC].
    received_us
        When each arrived [µs since 1970 UTC].
    least_s
        Smallest offset that counts [s].
    readings
        How many readings in a row must agree.

    Examples
    --------
    >>> received = np.arange(40) * 900_000_000
    >>> at = received - 2_000_000 + np.where((np.arange(40) >= 10) & (np.arange(40) < 30), HOUR_US, 0)
    >>> [(jump.start_us // 900_000_000, jump.offset_s) for jump in find_clock_jumps(at, received)]
    [(10, 3600.0)]
    """
    stamped, received = np.asarray(at_us, dtype=np.int64), np.asarray(received_us, dtype=np.int64)
    if stamped.shape != received.shape or stamped.ndim != 1:
        raise ValueError(f"{stamped.size} stamps for {received.size} times of arrival")
    if stamped.size < readings:
        return []
    order = np.argsort(received, kind="stable")
    stamped, received = stamped[order], received[order]
    ahead = (stamped - received) / 1e6
    edges = np.flatnonzero(np.abs(np.diff(ahead)) > least_s / 2) + 1
    stretches = [
        (int(first), int(last), float(np.median(ahead[first:last])))
        for first, last in zip([0, *edges], [*edges, ahead.size], strict=True)
        if last - first >= readings and np.ptp(ahead[first:last]) <= least_s
    ]
    # Nothing arrives before it was stamped, so a clock that was always ahead is off all the same.
    usual = min(0.0, min((offset for _first, _last, offset in stretches), key=abs, default=0.0))
    jumps = []
    for first, last, offset in stretches:
        if abs(offset - usual) > least_s:
            end = None if last == ahead.size else int(received[last])
            jumps.append(ClockJump(int(received[first]), end, offset - usual))
    return jumps


def hours_clocks_change(first_year: int, end_year: int, zone: ZoneInfo) -> list[tuple[int, int]]:
    """Return when the clocks of a zone change in the years ``[first_year, end_year)``.

    Returns
    -------
    list of (int, int)
        Instant [µs since 1970 UTC] and by how much clocks are set forward then [s], below zero where back.

    Examples
    --------
    >>> [seconds for _at, seconds in hours_clocks_change(2021, 2022, ZoneInfo("Europe/London"))]
    [3600, -3600]
    >>> hours_clocks_change(2021, 2022, ZoneInfo("Asia/Shanghai"))
    []
    """
    at, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(end_year, 1, 1, tzinfo=UTC)
    changes, before = [], at.astimezone(zone).utcoffset() or timedelta()
    while at < end:
        at += timedelta(minutes=60)
        now = at.astimezone(zone).utcoffset() or timedelta()
        if now != before:
            instant = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
            changes.append((instant, int((now - before).total_seconds())))
        before = now
    return changes
