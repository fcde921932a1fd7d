"""The meters of the living park: recorded, filled with readings, and kept running while the system runs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from parkbrain import lake
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import name_fields
from parkbrain.telemetry import services
from parkbrain.telemetry.drivers.http import push
from parkbrain.telemetry.models import Point
from parkbrain.telemetry.queries import micros_of

from . import readings
from .telemetry import GATEWAY, DemoPoint, list_demo_points

INTERVAL_S = 3600
#: The meters push this often while the system runs [s].
PUSH_EVERY_S = 5.0
MOST_BACKFILLED = timedelta(days=30)
#: A meter whose register passes its end in the year, one that was silent for thirty hours, one whose clock was doubtful.
ROLLS_OVER, FELL_SILENT, DOUBTFUL = "E-T1-AIR-1", "E-T1-F05-0502", "E-T1-F12-1203"


def measured_since(*, on: date) -> date:
    """Return from when on readings are kept: the whole year before, by which firms are classed and carbon compared."""
    return date(on.year - 1, 1, 1)


def load(*, seed: int, park: Park, actor: User, at: datetime, days: int | None) -> int:
    """Record source, points and factors of the living park and write hourly readings up to now; return how many.

    They begin `days` before, or with the year before.
    """
    days = days or (at.date() - measured_since(on=at.date())).days + 1
    points = list_demo_points(seed=seed)
    source = services.create_source(
        park=park,
        code=GATEWAY,
        driver="http",
        actor=actor,
        at=at,
        name_zh_hans="能源采集网关（演示）",
        name_en="Energy gateway (demo)",
    )
    start_at = at.replace(minute=0, second=0, microsecond=0) - timedelta(days=days)
    hours = days * 24
    use = readings.hourly_use(points=points, start_at=start_at, hours=hours, seed=seed)
    recorded = services.record_points(park=park, rows=[_row(point, use) for point in points], actor=actor, at=at)
    numbers = {r.row.code: r.row for r in recorded}
    factors = [
        (numbers[p.code], _midnight(start_at - timedelta(days=400)), {"ct_ratio": p.ct_ratio, "pt_ratio": p.pt_ratio})
        for p in points
        if p.ct_ratio * p.pt_ratio != 1
    ]
    services.set_factors(park=park, rows=factors, actor=actor, at=at)
    shown = registers(points=points, use=use, seed=seed)
    shown |= readings.gauges(points=points, use=use, start_at=start_at, hours=hours, seed=seed)
    table = _table(shown, {code: point.pk for code, point in numbers.items()}, start_at, hours)
    taken = services.put_point_readings(source=source, table=table, batch_id=f"demo-{park.code}-{seed}", at=at)
    token = services.create_device_token(source=source, name="demo", actor=actor, at=at)
    # Only once all of the demo is there for good.
    transaction.on_commit(partial(_keep, seed=seed, token=token.secret, park=park))
    return taken


def _midnight(at: datetime) -> datetime:
    """Return the beginning of the local day: from when on a factor holds is said by the day."""
    return timezone.localtime(at).replace(hour=0, minute=0, second=0, microsecond=0)


def _row(point: DemoPoint, use: dict[str, readings.Hours]) -> dict[str, Any]:
    busiest = use[point.code].max() if point.code in use else None
    ratio = point.ct_ratio * point.pt_ratio
    return {
        "code": point.code,
        **name_fields(zh_hans=point.name_zh, en=point.name_en),
        "brick_class": point.brick_class,
        "unit": point.unit,
        "kind": point.kind,
        "register_width": point.width,
        "max_rate_per_hour": None if busiest is None else float(f"{busiest / ratio * 1.8:.3g}"),
        "interval_s": INTERVAL_S,
        "source_code": GATEWAY,
        "address": point.code,
    }


def first_shown(point: DemoPoint, number: int, year_use: float) -> float:
    """Return what a register showed when the year began."""
    width = point.width or 1.0
    if point.code == ROLLS_OVER:
        return width - 0.6 * year_use
    return (number * 7919.0) % (0.2 * width)


def registers(*, points: tuple[DemoPoint, ...], use: dict[str, readings.Hours], seed: int) -> dict[str, readings.Hours]:
    """Return what each register shows at the end of each hour."""
    shown = {}
    for number, point in enumerate(points):
        if point.kind != "REGISTER":
            continue
        counted = np.cumsum(use[point.code]) / (point.ct_ratio * point.pt_ratio)
        value = first_shown(point, number, float(counted[-1])) + counted
        shown[point.code] = np.round(np.mod(value, point.width) if point.width else value, 2)
    return shown


def _table(shown: dict[str, readings.Hours], numbers: dict[str, int], start_at: datetime, hours: int) -> pa.Table:
    """Return the lake's columns, sorted by point and time, with what is wrong in the demo on purpose."""
    ends_us = micros_of(at=start_at) + (np.arange(hours, dtype=np.int64) + 1) * 3_600_000_000
    codes = sorted(shown, key=numbers.__getitem__)
    point = np.repeat(np.array([numbers[c] for c in codes], dtype=np.int64), hours)
    value = np.concatenate([shown[c] for c in codes])
    quality = np.zeros(value.size, dtype=np.int8)
    keep = np.ones(value.size, dtype=np.bool_)
    for place, code in enumerate(codes):
        if code == FELL_SILENT:
            keep[place * hours + hours - 35 * 24 : place * hours + hours - 35 * 24 + 30] = False
        if code == DOUBTFUL:
            quality[place * hours + hours - 12 * 24 : place * hours + hours - 12 * 24 + 9] = 1
    columns = {"point": point, "at_us": np.tile(ends_us, len(codes)), "value": value, "quality": quality}
    return pa.table({name: column[keep] for name, column in columns.items()}, schema=lake.SCHEMA)


def _path() -> Path:
    return Path(settings.HOME_DIR) / "demo-meters.json"


def _keep(*, seed: int, token: str, park: Park) -> None:
    """Leave what the running meters need in the data folder, for nobody else to read."""
    with os.fdopen(os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({"seed": seed, "token": token, "park_code": park.code}, file)


class LiveMeters:
    """The meters while the system runs: each goes on from what it last showed, as its hour of the day wants it."""

    def __init__(self, *, seed: int, park_code: str) -> None:
        self._points = list_demo_points(seed=seed)
        self._seed = seed
        numbers = dict(Point.objects.filter(park__code=park_code).values_list("code", "pk"))
        latest = lake.get_latest(points=[numbers[p.code] for p in self._points if p.code in numbers])
        self._shown: dict[str, float] = {}
        self._at_us: dict[str, int] = {}
        for point in self._points:
            last = latest.get(numbers.get(point.code, 0))
            if last is not None:
                self._shown[point.code], self._at_us[point.code] = float(last.value), int(last.at_us)

    def lines(self, now: datetime) -> list[str]:
        """Return what the meters say now, with the full hours that passed since they last said something."""
        now_us = micros_of(at=now)
        start_us = max(min(self._at_us.values(), default=now_us), now_us - int(MOST_BACKFILLED.total_seconds()) * 10**6)
        first = start_us // 3_600_000_000
        hours = int(now_us // 3_600_000_000 - first) + 1
        if hours <= 0:
            return []  # what was loaded with the demo reaches beyond now
        start_at = datetime.fromtimestamp(first * 3600, tz=now.tzinfo)
        use = readings.hourly_use(points=self._points, start_at=start_at, hours=hours, seed=self._seed)
        said = readings.gauges(points=self._points, use=use, start_at=start_at, hours=hours, seed=self._seed)
        lines = []
        for point in self._points:
            if point.code not in self._shown:
                continue
            for hour in range(hours):
                until_us = min((first + hour + 1) * 3_600_000_000, now_us)
                since_us = max(self._at_us[point.code], (first + hour) * 3_600_000_000)
                if until_us <= since_us:
                    continue
                if point.kind == "REGISTER":
                    more = use[point.code][hour] * (until_us - since_us) / 3_600_000_000
                    value = self._shown[point.code] + more / (point.ct_ratio * point.pt_ratio)
                    value = value % point.width if point.width else value
                else:
                    value = float(said[point.code][hour])
                self._shown[point.code], self._at_us[point.code] = value, until_us
                lines.append(f"{point.code} value={value:.4f} {until_us}")
        return lines


def run_live(*, wait: Callable[[float], object] = time.sleep, rounds: int | None = None) -> int:
    """Let the meters of the demo push over the front door, every few seconds, until stopped; return what was taken."""
    kept = json.loads(_path().read_text())
    meters, taken, done = LiveMeters(seed=kept["seed"], park_code=kept["park_code"]), 0, 0
    url = f"http://127.0.0.1:{settings.INGEST_PORT}/ingest"
    unsent: list[str] = []
    while rounds is None or done < rounds:
        done += 1
        unsent += meters.lines(timezone.now())
        try:
            body = "\n".join(unsent).encode()
            status, said = push(url=url, token=kept["token"], body=body, media_type="text/plain")
        except OSError:
            status, said = 0, {}
        if status == 200:
            taken += int(said.get("taken", 0))
            unsent = []
        wait(PUSH_EVERY_S)
    return taken
