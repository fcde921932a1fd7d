"""Meters and readings for tests, made through the services."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from parkbrain import lake
from parkbrain.energy import services
from parkbrain.energy.models import EnergyKind, Meter
from parkbrain.kernel.models import Park
from parkbrain.kernel.names import name_fields
from parkbrain.telemetry.models import Point
from tests.factories import AT, make_park, make_point

HOUR_US = 3_600_000_000
#: Midnight of the first day of the stories, in the park's own time (Asia/Shanghai).
MIDNIGHT = datetime(2026, 5, 31, 16, 0, tzinfo=UTC)
FIRST_ON = date(2026, 6, 1)
_numbers = itertools.count(1)


def us(at: datetime) -> int:
    """Return a time as microseconds."""
    return int(at.timestamp()) * 1_000_000


def make_meter(
    *,
    park: Park | None = None,
    point: Point | None = None,
    code: str = "",
    kind: str = EnergyKind.ELECTRICITY,
    parent: str = "",
    is_bound: bool = True,
    **fields: Any,
) -> Meter:
    """Return a meter with a register of its own, unless it has a formula or is to stay unbound."""
    park = park or make_park()
    code = code or f"M-{next(_numbers)}"
    row = {"code": code, "energy_kind": kind, **name_fields(zh_hans=f"电表{code}", en=f"Meter {code}"), **fields}
    if not fields.get("formula") and is_bound:
        unit = "KiloW-HR" if kind == EnergyKind.ELECTRICITY else "M3"
        point = point or make_point(park=park, code=f"P-{code}", unit=unit)
        row["point_code"] = point.code
    if parent:
        row["parent_code"] = parent
    return services.record_meters(park=park, rows=[row], actor=None, at=AT)[0].row


def put(
    meter: Meter | Point,
    values: Sequence[float],
    *,
    start: datetime = MIDNIGHT,
    hours: float = 1.0,
    quality: int = 0,
    batch: str = "",
) -> None:
    """Append readings of a meter's point to the lake, one every so many hours."""
    at_us = us(start) + np.arange(len(values)) * int(hours * HOUR_US)
    put_at(meter, at_us.tolist(), values, quality=quality, batch=batch)


def put_at(
    meter: Meter | Point, at_us: Sequence[int], values: Sequence[float], *, quality: int = 0, batch: str = ""
) -> None:
    """Append readings at instants."""
    point_id = meter.pk if isinstance(meter, Point) else meter.points.get().point_id
    table = pa.table(
        {
            "point": np.full(len(values), point_id, dtype=np.int64),
            "at_us": np.asarray(at_us, dtype=np.int64),
            "value": np.asarray(values, dtype=np.float64),
            "quality": np.full(len(values), quality, dtype=np.int8),
        },
        schema=lake.SCHEMA,
    )
    lake.append_readings(table, batch_id=batch or f"test-{next(_numbers)}", at=AT)
