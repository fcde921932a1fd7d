"""Odd use: hours and days on which a meter did not do what it usually does, and what may be behind it.

Usual is the median, hour by hour, of the last days of the same kind (five weeks back, the day itself not among them), so
what is found is found on the day and not with hindsight. How far is far is told by how much those hours scattered.

    silent     nothing came                            stuck      one value over and over, longer than it ever was
    zero       nothing was counted where much usually is
    hours      some hours far off: runs of hours are scored, Σ(|z| − 2), as a CUSUM would
    level      days off by less, but all the same way: the same score over daily means
    base_load  the lowest hours of the night rose and stay up

The thresholds are constants of this module, the same for every meter.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import numpy.typing as npt

from .baseline import TEMPERATURE
from .change_point import choose_baseline
from .days import Kinds, Values
from .errors import EnergyError
from .odd_profile import Usual, longest_equal, usual_use
from .odd_runs import find_equal_runs, find_runs

SILENT, STUCK, ZERO, HOURS, LEVEL, BASE_LOAD = "silent", "stuck", "zero", "hours", "level", "base_load"

#: Causes that may be looked into, as codes.
MISSING_DATA, STUCK_REGISTER, SUPPLY_OFF = "missing_data", "stuck_register", "supply_off"
SCHEDULE, BASE_UP, WEATHER, NOT_WEATHER = "schedule_changed", "base_load_up", "weather", "not_weather"
CATCH_UP = "catch_up_after_gap"

_SILENT_HOURS, _STUCK_HOURS, _ZERO_HOURS = 6, 6, 3
_HOUR_FAR, _HOUR_SCORE, _HOUR_GAP = 3.0, 25.0, 3
_DAY_FAR, _DAY_SCORE, _DAY_GAP = 2.0, 8.0, 1
_NIGHT_DAYS, _NIGHT_RISE, _NIGHT_FAR = 3, 0.15, 3.0
_LEAST_SHARE = 0.1


@dataclass(frozen=True)
class OddUse:
    """Odd use from `start` to `end`, counted in hours from the first midnight, half-open.

    `excess` is actual less usual use over that time [unit of the load · h], None where it is not known; `strength` is
    how many times its usual scatter it was off on average, None for what is told by pattern alone. `causes` are what
    may be behind it, likeliest first: candidates to look into, not findings.
    """

    what: str
    start: int
    end: int
    excess: float | None
    strength: float | None
    causes: tuple[str, ...]


@dataclass(frozen=True)
class OddUseReport:
    """What was odd, by time, and what was usual on every hour (days × 24, NaN where nobody could tell yet)."""

    found: tuple[OddUse, ...]
    usual: Values


def find_odd_use(load: npt.ArrayLike, kinds: Kinds, *, temperature_c: npt.ArrayLike | None = None) -> OddUseReport:
    """Return the odd use of a meter.

    Parameters
    ----------
    load
        Hourly use by local day (days × 24) [any unit]; NaN where nothing is known.
    kinds
        Kind of each day, as `kinds_of_days` tells.
    temperature_c
        Outdoor temperature of the same hours [°C]. With it, what weather explains is taken out before days are
        compared, and every finding says whether weather may be behind it.

    Raises
    ------
    EnergyError
        ``lengths_differ``.

    Examples
    --------
    >>> load = np.tile(np.where(np.arange(24) // 8 == 1, 80.0, 20.0), (40, 1))
    >>> load += np.sin(np.arange(960) * 1.7).reshape(40, 24)
    >>> load[30, 20:24] += 60
    >>> [(one.what, one.start - 30 * 24, one.end - 30 * 24, one.causes) for one in find_odd_use(load, np.zeros(40)).found]
    [('hours', 20, 24, ('schedule_changed',))]
    """
    values, days = np.asarray(load, dtype=np.float64), np.asarray(kinds, dtype=np.int64)
    if values.ndim != 2 or values.shape[1] != 24 or values.shape[0] != days.size:
        raise EnergyError("lengths_differ", load=list(values.shape), kinds=days.size)
    effect = np.zeros(days.size)
    if temperature_c is not None:
        warm = np.asarray(temperature_c, dtype=np.float64)
        if warm.shape != values.shape:
            raise EnergyError("lengths_differ", load=list(values.shape), temperature=list(warm.shape))
        effect = _weather_effect(values, warm)
    usual = usual_use(values - effect[:, np.newaxis], days, effect)
    taken = np.zeros(values.size, dtype=np.bool_)
    found = _by_pattern(values.ravel(), usual, taken)
    found += _by_hours(values, usual, taken)
    found = _absorbed(found, _by_days(values, usual, taken))
    found += _by_night(values, usual, taken)
    shown = [_with_weather(one, values, usual, effect) if temperature_c is not None else one for one in found]
    return OddUseReport(tuple(sorted(shown, key=lambda one: (one.start, one.end))), usual.use)


def avoidable_cost(
    odd: OddUse, load: npt.ArrayLike, usual: npt.ArrayLike, price: npt.ArrayLike | Decimal
) -> Decimal | None:
    """Return what the use above usual cost [yuan], None where it is not known; hours below usual do not make up for it.

    Parameters
    ----------
    odd
        What was found.
    load, usual
        Hourly use and usual use (days × 24) [kWh].
    price
        Price of every hour [yuan/kWh], or one price.

    Examples
    --------
    >>> odd = OddUse(HOURS, 0, 2, 3.0, 5.0, ())
    >>> avoidable_cost(odd, [[5.0, 4.0]], [[2.0, 4.5]], Decimal("0.8"))
    Decimal('2.40')
    """
    over = np.asarray(load, dtype=np.float64).ravel() - np.asarray(usual, dtype=np.float64).ravel()
    part = np.maximum(over[odd.start : odd.end], 0.0)
    if np.isnan(part).all():
        return None
    prices = (
        float(price) if isinstance(price, Decimal) else np.asarray(price, dtype=np.float64).ravel()[odd.start : odd.end]
    )
    cost = Decimal(str(float(np.nansum(part * prices))))
    return cost.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _weather_effect(values: Values, warm: Values) -> Values:
    """Return what weather adds to an average hour of each day, against the middle of all days."""
    known = (~np.isnan(values)).sum(axis=1) >= 12
    known &= (~np.isnan(warm)).sum(axis=1) >= 12
    if known.sum() < 30:
        return np.zeros(values.shape[0])
    means = np.array([np.nanmean(row) if good else np.nan for row, good in zip(warm, known, strict=True)])
    use = np.array([np.nanmean(row) if good else np.nan for row, good in zip(values, known, strict=True)])
    expected = choose_baseline(use, means, kinds=("3PH", "3PC", "5P")).predict({TEMPERATURE: means}, count=means.size)
    return np.nan_to_num(expected - np.nanmedian(expected))


def _by_pattern(flat: Values, usual: Usual, taken: npt.NDArray[np.bool_]) -> list[OddUse]:
    """Return hours without value, without change, and without use, and mark them as taken."""
    found = []
    expected = usual.use.ravel()
    much = np.maximum(6 * usual.scatter, _LEAST_SHARE * usual.level[:, np.newaxis]).ravel()
    for start, end, value in find_equal_runs(flat):
        if np.isnan(value):
            if end - start >= _SILENT_HOURS:
                found.append(OddUse(SILENT, start, end, None, None, (MISSING_DATA,)))
                taken[start:end] = True
            continue
        if end - start < _ZERO_HOURS:
            continue
        part = slice(start, end)
        if value == 0 and np.mean(expected[part] > much[part]) > 0.5:
            followed = flat[end : end + 2]
            caught_up = followed.size > 0 and np.nanmax(followed) - expected[min(end, flat.size - 1)] > (
                0.5 * np.nansum(expected[part])
            )
            causes = (STUCK_REGISTER, CATCH_UP) if caught_up else (SUPPLY_OFF, MISSING_DATA, STUCK_REGISTER)
            found.append(OddUse(ZERO, start, end, -float(np.nansum(expected[part])), None, causes))
            taken[part] = True
        elif value != 0 and end - start >= _STUCK_HOURS and end - start >= 3 * longest_equal(flat, start):
            found.append(OddUse(STUCK, start, end, None, None, (STUCK_REGISTER,)))
            taken[part] = True
    return found


def _by_hours(values: Values, usual: Usual, taken: npt.NDArray[np.bool_]) -> list[OddUse]:
    away = ((values - usual.use) / usual.scatter).ravel()
    away[taken] = np.nan
    found = []
    for sign in (1, -1):
        for start, end in find_runs(
            sign * away, far=_HOUR_FAR, gap=_HOUR_GAP, score=_HOUR_SCORE, slack=2.0, cap=10.0, join=24
        ):
            found.append(_odd(HOURS, start, end, values, usual, away))
            taken[start:end] = True
    return found


def _by_days(values: Values, usual: Usual, taken: npt.NDArray[np.bool_]) -> list[OddUse]:
    free = np.where(taken.reshape(values.shape), np.nan, values - usual.use)
    enough = (~np.isnan(free)).sum(axis=1) >= 12
    daily = np.where(enough, np.nansum(free, axis=1) / np.maximum((~np.isnan(free)).sum(axis=1), 1), np.nan)
    away = daily / usual.day_scatter
    found = []
    for sign in (1, -1):
        for start, end in find_runs(
            sign * away, far=_DAY_FAR, gap=_DAY_GAP, score=_DAY_SCORE, slack=1.0, cap=6.0, join=2
        ):
            found.append(_odd(LEVEL, start * 24, end * 24, values, usual, np.repeat(away, 24)))
            taken[start * 24 : end * 24] = True
    return found


def _absorbed(hours: list[OddUse], levels: list[OddUse]) -> list[OddUse]:
    """Return both, without hours that stand out within a level of the same direction: they are part of it."""
    kept = [
        one
        for one in hours
        if not any(
            one.what == HOURS
            and level.start <= one.start
            and one.end <= level.end
            and (one.excess or 0) * (level.excess or 0) > 0
            for level in levels
        )
    ]
    return kept + levels


def _by_night(values: Values, usual: Usual, taken: npt.NDArray[np.bool_]) -> list[OddUse]:
    rise = usual.night - usual.usual_night
    is_up = (rise > _NIGHT_FAR * usual.night_scatter) & (rise > _NIGHT_RISE * np.abs(usual.usual_night))
    is_up &= ~taken.reshape(values.shape)[:, :6].any(axis=1)
    found = []
    for start, end, value in find_equal_runs(is_up.astype(np.float64)):
        if value == 1 and end - start >= _NIGHT_DAYS:
            strength = float(np.nanmean((rise / usual.night_scatter)[start:end]))
            excess = float(np.nansum((values - usual.use)[start:end]))
            found.append(OddUse(BASE_LOAD, start * 24, end * 24, excess, strength, (BASE_UP,)))
    return found


def _odd(what: str, start: int, end: int, values: Values, usual: Usual, away: Values) -> OddUse:
    over = (values - usual.use).ravel()[start:end]
    excess = float(np.nansum(over))
    strength = float(np.nanmean(np.abs(away[start:end])))
    return OddUse(what, start, end, excess, strength, _causes(start, end, values, usual, excess))


def _causes(start: int, end: int, values: Values, usual: Usual, excess: float) -> tuple[str, ...]:
    """Return what may be behind hours that were off, by when in the day they were."""
    flat, expected = values.ravel(), usual.use.ravel()
    if excess > 0 and start > 0 and np.isnan(flat[max(0, start - 3) : start]).any():
        return (CATCH_UP, MISSING_DATA)
    hour = np.arange(start, end) % 24
    over = flat[start:end] - expected[start:end]
    night, day = over[(hour < 6)], over[(hour >= 9) & (hour < 17)]
    both = night.size >= 3 and day.size >= 3
    if both and excess > 0 and np.nanmedian(night) > 0.5 * abs(np.nanmedian(day)) and np.nanmedian(day) > 0:
        return (BASE_UP, SCHEDULE)
    # A schedule moves use between hours that are usually high and hours that are usually low; a device adds to both.
    low = expected[start:end] < np.repeat(usual.level, 24)[start:end]
    against = np.nanmean((over > 0) == low) if over.size else 0.0
    return (SCHEDULE,) if against > 0.5 else (SCHEDULE, BASE_UP) if excess > 0 else (SUPPLY_OFF, SCHEDULE)


def _with_weather(odd: OddUse, values: Values, usual: Usual, effect: Values) -> OddUse:
    if odd.what in (SILENT, STUCK, ZERO):
        return odd
    days = slice(odd.start // 24, (odd.end - 1) // 24 + 1)
    raw = float(np.nanmean(values[days] - usual.use[days] + effect[days, np.newaxis]))
    rest = float(np.nanmean(values[days] - usual.use[days]))
    # Where weather takes away at least half of the distance it may be the reason for the rest as well.
    cause = WEATHER if abs(rest) < 0.5 * abs(raw) else NOT_WEATHER
    return OddUse(odd.what, odd.start, odd.end, odd.excess, odd.strength, (*odd.causes, cause))
