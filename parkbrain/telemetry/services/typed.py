"""Readings that people type in, with the photo of the meter, and what looks wrong about them."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import pyarrow as pa
from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain import lake
from parkbrain.calc.metering import Register, doubts_about
from parkbrain.kernel import audit
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import User

from ..models import Point, TypedReading
from ..queries import micros_of
from .sources import may_change

#: Quality mark of what a person typed in.
TYPED_IN = 3
#: A new reading is held against the readings of this long before it.
LOOK_BACK = timedelta(days=400)
AHEAD = timedelta(minutes=5)


class CannotRecordReading(Exception):
    """The reading cannot be recorded."""


class NeedsConfirmation(CannotRecordReading):
    """Something speaks against the reading: a person has to say that it is right all the same."""

    def __init__(self, message: str, doubts: Sequence[str]) -> None:
        super().__init__(message)
        self.doubts = tuple(doubts)


@transaction.atomic
def record_reading(
    *,
    point: Point,
    read_at: datetime,
    value: float,
    actor: User | None,
    at: datetime,
    note: str = "",
    photo: tuple[str, Iterable[bytes]] | None = None,
    is_confirmed: bool = False,
) -> TypedReading:
    """Record a reading that a person took; `photo` is the file's name and content.

    :raises NeedsConfirmation: something speaks against it and nobody confirmed it.
    :raises CannotRecordReading: it is no number, lies ahead, or the actor may not.
    """
    if not may_change(park=point.park, actor=actor):
        raise CannotRecordReading(_("You may not change the record of this park."))
    if not math.isfinite(value):
        raise CannotRecordReading(_("The reading has to be a number."))
    if read_at > at + AHEAD:
        raise CannotRecordReading(_("The reading cannot lie ahead."))
    doubts = find_doubts(point=point, read_at=read_at, value=value)
    if doubts and not is_confirmed:
        raise NeedsConfirmation(_("Something speaks against this reading; confirm it if it is right."), doubts)
    document = None
    if photo is not None:
        document = store_document(name=photo[0], chunks=photo[1], actor=actor, at=at, park=point.park)
    typed = TypedReading.objects.create(
        point=point,
        at=read_at,
        value=value,
        photo=document,
        note=note,
        warnings=list(doubts),
        recorded_by=actor,
        recorded_at=at,
    )
    table = pa.table(
        {"point": [point.pk], "at_us": [micros_of(at=read_at)], "value": [float(value)], "quality": [TYPED_IN]},
        schema=lake.SCHEMA,
    )
    digest = hashlib.sha256(f"{point.pk} {typed.pk} {at.isoformat()}".encode()).hexdigest()
    lake.append_readings(table, batch_id=f"typed-{digest}", at=at)
    audit.record(
        "telemetry.reading.recorded",
        target=point,
        actor=actor,
        at=at,
        park=point.park,
        value=value,
        read_at=read_at.isoformat(),
        doubts=list(doubts),
    )
    return typed


def find_doubts(*, point: Point, read_at: datetime, value: float) -> tuple[str, ...]:
    """Return what speaks against a reading of the point; only registers can be held against what they showed before."""
    if point.kind != Point.Kind.REGISTER:
        return ()
    new_us = micros_of(at=read_at)
    span_us = int(LOOK_BACK.total_seconds()) * 1_000_000
    series = lake.read_series(points=[point.pk], start_us=new_us - span_us, end_us=new_us + span_us).get(point.pk)
    if series is None:
        return ()
    register = Register(point.register_width, point.max_rate_per_hour, point.gap_hours)
    return doubts_about(series.at_us, series.value, new_at_us=new_us, new_reading=value, register=register)
