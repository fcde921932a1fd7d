"""Read sources, points and readings, and put readings."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from parkbrain import lake
from parkbrain.calc.wire.readings import RawRow, checked, columns_of_rows
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import (
    FieldProblem,
    Finite,
    In,
    Names,
    Out,
    Page,
    Problem,
    Slice,
    found,
    id_filter,
    names_of,
    paged,
    require,
    text_filter,
)

from .. import queries, services
from ..models import Point, Source

router = Router()
#: Readings of one answer, and of one put.
MOST_READINGS = 100_000
MOST_PUT = 10_000
WEEK_US = 7 * 86_400_000_000
ARROW = "application/vnd.apache.arrow.stream"


class SourceOut(Out):
    """A source of readings."""

    id: int
    park_id: int
    code: str
    name: str
    names: Names
    driver: str
    is_active: bool
    last_message_at: datetime | None
    fault: str = Field(
        description="What is wrong with its connection: a key such as unreachable or silent; empty is well."
    )


class PointOut(Out):
    """A measured quantity."""

    id: int = Field(description="Its number, also in the lake.")
    park_id: int
    code: str
    name: str
    names: Names
    kind: str = Field(description="REGISTER (cumulative), INTERVAL (amount of the interval that ends then) or GAUGE.")
    unit: str = Field(description="Local name of the QUDT unit.")
    brick_class: str
    source_id: int | None
    address: str
    interval_s: int
    register_width: float | None


class ReadingsOut(Out):
    """Readings as columns."""

    point_id: int
    unit: str
    count: int
    is_whole: bool = Field(description="False where there are more readings than one answer holds.")
    at: list[datetime]
    value: list[float]
    quality: list[int] = Field(description="0 good, 1 doubtful, 2 bad, 3 typed in, 4 repaired.")


class ReadingIn(In):
    """One reading to put; the point is named by its address at the source, or by its number."""

    point: str | int
    at: datetime
    value: Finite
    quality: int = Field(0, ge=0, le=4)


class ReadingsIn(In):
    """Readings to put."""

    readings: list[ReadingIn] = Field(max_length=MOST_PUT)


class Put(Out):
    """What became of readings that were put."""

    taken: int
    set_aside: int
    repeated: bool


class PointParams(Slice):
    """Which points."""

    park: int | None = id_filter("Points of this park.")
    source: int | None = id_filter("Points of this source.")
    q: str = text_filter("Part of the code.")


class SourceParams(Slice):
    """Which sources."""

    park: int | None = id_filter("Sources of this park.")


class ReadingsParams(Schema):
    """Which readings, and how they are told."""

    start_at: datetime | None = Field(None, description="From this moment on; a week before the end unless given.")
    end_at: datetime | None = Field(None, description="Up to, not including, this moment; now unless given.")
    form: Literal["json", "csv", "arrow"] = Field("json", description="JSON columns, CSV, or an Arrow IPC stream.")


def _source(source: Source) -> SourceOut:
    return SourceOut(
        id=source.pk,
        park_id=source.park_id,
        code=source.code,
        name=source.name,
        names=names_of(source),
        driver=source.driver,
        is_active=source.is_active,
        last_message_at=source.last_message_at,
        fault=source.last_error,
    )


def _point(point: Point) -> PointOut:
    return PointOut(
        id=point.pk,
        park_id=point.park_id,
        code=point.code,
        name=point.name,
        names=names_of(point),
        kind=point.kind,
        unit=point.unit,
        brick_class=point.brick_class,
        source_id=point.source_id,
        address=point.address,
        interval_s=point.interval_s,
        register_width=point.register_width,
    )


@router.get("/sources", response=Page[SourceOut], summary="Sources of readings")
def list_sources(request: HttpRequest, part: Query[SourceParams]) -> Page[SourceOut]:
    """The sources that you may see."""
    rows = queries.list_sources(user=request.user).order_by("park_id", "code")
    return paged(Page[SourceOut], request, rows.filter(park=part.park) if part.park else rows, part, _source)


@router.get("/points", response=Page[PointOut], summary="Measuring points")
def list_points(request: HttpRequest, part: Query[PointParams]) -> Page[PointOut]:
    """The points that you may see."""
    rows = queries.list_points(user=request.user).order_by("park_id", "code")
    if part.park:
        rows = rows.filter(park=part.park)
    if part.source:
        rows = rows.filter(source=part.source)
    if part.q.strip():
        rows = rows.filter(code__icontains=part.q.strip())
    return paged(Page[PointOut], request, rows, part, _point)


@router.get("/points/{int:point_id}", response=PointOut, summary="One measuring point")
def get_point(request: HttpRequest, point_id: int) -> PointOut:
    """A point."""
    return _point(found(queries.list_points(user=request.user), pk=point_id))


_BYTES = {"schema": {"type": "string", "format": "binary"}}


@router.get(
    "/points/{int:point_id}/readings",
    response=ReadingsOut,
    summary="Readings of a point",
    openapi_extra={
        "responses": {200: {"content": {"text/csv": _BYTES, "application/vnd.apache.arrow.stream": _BYTES}}}
    },
)
def get_readings(request: HttpRequest, point_id: int, part: Query[ReadingsParams]) -> ReadingsOut | HttpResponse:
    """The readings of a point in a half-open period, the earliest first; times without an offset are UTC."""
    point = found(queries.list_points(user=request.user), pk=point_id)
    end_us = _micros(part.end_at or timezone.now())
    start_us = _micros(part.start_at) if part.start_at else end_us - WEEK_US
    if end_us <= start_us:
        raise Problem(
            422, errors=[FieldProblem("query.end_at", "backwards", _("The end has to lie after the beginning."))]
        )
    table = lake.read_readings(points=[point.pk], start_us=start_us, end_us=end_us)
    whole = table.num_rows <= MOST_READINGS or part.form != "json"
    if part.form == "json":
        table = table.slice(0, MOST_READINGS)
        return ReadingsOut(
            point_id=point.pk,
            unit=point.unit,
            count=table.num_rows,
            is_whole=whole,
            at=[queries.moment_of(at_us=at) for at in table["at_us"].to_pylist()],
            value=table["value"].to_pylist(),
            quality=table["quality"].to_pylist(),
        )
    at = pa.array(np.asarray(table["at_us"].to_numpy()), pa.timestamp("us", "UTC"))
    columns = pa.table({"at": at, "value": table["value"], "quality": table["quality"]})
    sink = pa.BufferOutputStream()
    if part.form == "csv":
        pacsv.write_csv(columns.set_column(0, "at", at.cast(pa.string())), sink)
        return HttpResponse(sink.getvalue().to_pybytes(), content_type="text/csv; charset=utf-8")
    with pa.ipc.new_stream(sink, columns.schema) as stream:
        stream.write_table(columns)
    return HttpResponse(sink.getvalue().to_pybytes(), content_type=ARROW)


def _micros(at: datetime) -> int:
    return queries.micros_of(at=at if at.tzinfo else timezone.make_aware(at, timezone.get_fixed_timezone(0)))


@router.post("/sources/{int:source_id}/readings", response=Put, summary="Put readings of a source")
def put_readings(request: HttpRequest, source_id: int, values: ReadingsIn) -> Put:
    """Store readings for good; what cannot be taken is set aside and counted. The same again changes nothing.

    For a few readings by a program that holds your token. Devices push to the front door, with a token of their source.
    """
    source = found(queries.list_sources(user=request.user).select_related("park__branch"), pk=source_id)
    require(request.user.may(Permission.EDIT_RECORD, source.park.branch.path))
    now = timezone.now()
    rows = [RawRow(n, r.point, r.at, r.value, r.quality) for n, r in enumerate(values.readings, start=1)]
    now_us = queries.micros_of(at=now)
    columns = checked(columns_of_rows(rows, now_us=now_us, zone=settings.TIME_ZONE), now_us=now_us)
    digest = hashlib.sha256(b"api\0" + values.model_dump_json().encode()).hexdigest()
    outcome = services.put_readings(source=source, digest=digest, transport="api", found=columns, at=now)
    return Put(taken=outcome.taken, set_aside=outcome.set_aside, repeated=outcome.is_repeat)
