"""How much flows through each meter of the living park in each hour: pure, whole years at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from .telemetry import DemoPoint

Hours = npt.NDArray[np.float64]
HOUR = timedelta(hours=1)
#: Local time is eight hours ahead of UTC, all year.
OFFSET_H = 8
#: What gets lost between a meter and those below it.
LOSS = 0.015


class Calendar:
    """The hours of a period: local hour of the day, day of the week, warmth of the season (0 in January, 1 in July)."""

    def __init__(self, start_at: datetime, hours: int) -> None:
        epoch_h = int(start_at.timestamp()) // 3600 + OFFSET_H
        ticks = epoch_h + np.arange(hours)
        self.count = hours
        # The same hour of the same day always draws the same, wherever a period begins.
        self.ticks = ticks
        self.hour = (ticks % 24).astype(np.float64)
        self.weekday = (ticks // 24 + 3) % 7
        day = ticks / 24 - (date(2024, 1, 20) - date(1970, 1, 1)).days
        self.warmth = 0.5 - 0.5 * np.cos(2 * np.pi * day / 365.25)

    @property
    def is_workday(self) -> npt.NDArray[np.bool_]:
        """Monday to Friday."""
        return np.asarray(self.weekday < 5)

    def between(self, first: float, last: float, soft: float = 1.0) -> Hours:
        """Return 1 within these hours of the day, falling to 0 within `soft` hours around them."""
        rise = np.clip((self.hour - first) / soft + 1, 0, 1)
        fall = np.clip((last - self.hour) / soft + 1, 0, 1)
        return np.asarray(np.minimum(rise, fall))


def _draws(calendar: Calendar, number: int, seed: int) -> Hours:
    """Return one number in [0, 1) for each hour that depends on nothing but hour, point and seed."""
    mixed = (calendar.ticks.astype(np.uint64) + np.uint64(number * 1_000_003 + seed)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(32)
    return np.asarray((mixed >> np.uint64(11)) / 2.0**53)


def shape(kind: str, calendar: Calendar, draw: Hours) -> Hours:
    """Return the flow of a kind of use as a share of its busiest hour."""
    work = np.where(calendar.is_workday, 1.0, 0.28)
    within, warmth = calendar.between, calendar.warmth
    lunch = 0.9 * within(10.5, 13) + 0.5 * within(17, 19)
    # One draw a day: how clear the sky is.
    clear = np.repeat(0.35 + 0.65 * draw[::24], 24)[: calendar.count]
    daily: dict[str, Callable[[], Hours]] = {
        "office": lambda: 0.08 + 0.85 * within(8.5, 18) * work,
        "production": lambda: 0.3 + 0.62 * np.maximum(within(8, 20), 0.55 * within(20, 24)) * work,
        "retail": lambda: 0.15 + 0.8 * within(9, 21),
        "lighting": lambda: 0.2 + 0.75 * within(7, 20) * work,
        "canteen": lambda: 0.05 + lunch * np.where(calendar.is_workday, 1, 0.5),
        "charging": lambda: 0.08 + 0.6 * within(9, 12) * work + 0.75 * within(21, 24),
        "cooling": lambda: np.clip(1.35 * warmth - 0.18, 0.02, 1) * (0.12 + 0.86 * within(8, 19) * work),
        "heating": lambda: (0.35 + 0.5 * (1 - warmth)) * (0.2 + 0.75 * within(6, 22)),
        "irrigation": lambda: (0.2 + 0.8 * warmth) * (within(6, 7, 0.5) + 0.6 * within(18, 19, 0.5)),
        "sun": lambda: np.clip(np.sin((calendar.hour - 6) / 12.5 * np.pi), 0, 1) * (0.62 + 0.3 * warmth) * clear,
        "flat": lambda: np.full(calendar.count, 0.7),
    }
    return np.asarray(daily[kind]() * (0.9 + 0.2 * draw))


def hourly_use(*, points: Sequence[DemoPoint], start_at: datetime, hours: int, seed: int) -> dict[str, Hours]:
    """Return what flows through each meter in each hour [its unit], those above as the sum of those below and losses."""
    calendar = Calendar(start_at, hours)
    found: dict[str, Hours] = {}
    for number, point in enumerate(points):
        if point.busiest is not None and point.kind == "REGISTER":
            found[point.code] = point.busiest * shape(point.shape, calendar, _draws(calendar, number, seed))
    children: dict[str, list[str]] = {}
    for point in points:
        if point.parent:
            children.setdefault(point.parent, []).append(point.code)
    # Those below stand after those above in the table: from its end every sum has its parts.
    for point in reversed(points):
        if point.shape == "sum":
            below = np.sum([found[code] for code in children[point.code]], axis=0)
            found[point.code] = below * (1 + LOSS)
    return found


def gauges(
    *, points: Sequence[DemoPoint], use: Mapping[str, Hours], start_at: datetime, hours: int, seed: int
) -> dict[str, Hours]:
    """Return what each gauge shows at the end of each hour."""
    calendar = Calendar(start_at, hours)
    found = {}
    for number, point in enumerate(points):
        if point.kind != "GAUGE":
            continue
        draw = _draws(calendar, number, seed)
        swing = np.sin((calendar.hour - 9) / 24 * 2 * np.pi)
        if point.shape.startswith("power:"):
            found[point.code] = np.round(use[point.shape[6:]] * (0.97 + 0.06 * draw), 1)
        elif point.shape == "weather":
            found[point.code] = np.round(14.5 + 14.5 * calendar.warmth + 3.6 * swing + 1.6 * (draw - 0.5), 1)
        else:
            found[point.code] = np.round(22.5 + 3.4 * calendar.warmth + 0.9 * swing + 0.8 * (draw - 0.5), 1)
    return found
