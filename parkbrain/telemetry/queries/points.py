"""Points, what they last said, and their readings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from parkbrain import lake
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.reading import first_found
from parkbrain.kernel.registry import SearchHit
from parkbrain.kernel.roles import Permission

from ..models import Point, PointFactor, PointQuerySet, TypedReading

#: QUDT unit (local name) → how people write it.
UNITS = {
    "KiloW-HR": "kWh",
    "MegaW-HR": "MWh",
    "KiloW": "kW",
    "KiloV-A_Reactive-HR": "kvarh",
    "KiloV-A": "kVA",
    "M3": "m³",
    "M3-PER-HR": "m³/h",
    "L": "L",
    "GigaJ": "GJ",
    "MegaJ": "MJ",
    "TON_Metric": "t",
    "KiloGM": "kg",
    "DEG_C": "°C",
    "PERCENT": "%",
    "PERCENT_RH": "%RH",
    "V": "V",
    "A": "A",
    "HZ": "Hz",
    "KiloPA": "kPa",
    "MegaPA": "MPa",
    "PPM": "ppm",
    "LUX": "lx",
    "HR": "h",
    "UNITLESS": "",
}
#: A point is silent after so many of its intervals without a reading.
SILENT_INTERVALS = 3
_HOUR_US = 3_600_000_000


@dataclass(frozen=True)
class Freshness:
    """When a point last said something, what, and whether that is as recent as its interval lets one expect.

    `last_at` is None where it never said anything.
    """

    last_at: datetime | None
    value: float | None
    quality: int | None
    is_fresh: bool


@dataclass(frozen=True)
class PointRow:
    """A point as the list shows it."""

    point: Point
    freshness: Freshness


@dataclass(frozen=True)
class ReadingRow:
    """One reading as people see it."""

    at: datetime
    value: float
    quality: int


def micros_of(*, at: datetime) -> int:
    """Return a moment in microseconds since 1970 UTC."""
    past = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def moment_of(*, at_us: int) -> datetime:
    """Return microseconds since 1970 UTC as a moment."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(at_us))


def unit_symbol(*, unit: str) -> str:
    """Return how people write a unit; one that is not known stays as it is."""
    return UNITS.get(unit, unit)


def list_points(*, user: User, park: Park | None = None) -> PointQuerySet:
    """Return the points that the person may see."""
    points = Point.objects.visible_to(user)
    return points.filter(park=park) if park is not None else points


def get_point(*, user: User, point_id: int) -> Point | None:
    """Return a point that the person may see, or None."""
    return Point.objects.visible_to(user).select_related("park__branch", "source").filter(pk=point_id).first()


def get_freshness(*, points: Iterable[Point], at: datetime) -> dict[int, Freshness]:
    """Return for each point what it last said."""
    wanted = list(points)
    latest = lake.get_latest(points=[p.pk for p in wanted]) if wanted else {}
    found = {}
    for point in wanted:
        last = latest.get(point.pk)
        if last is None:
            found[point.pk] = Freshness(None, None, None, False)
            continue
        last_at = moment_of(at_us=last.at_us)
        limit = timedelta(seconds=SILENT_INTERVALS * point.interval_s)
        found[point.pk] = Freshness(last_at, float(last.value), int(last.quality), at - last_at <= limit)
    return found


def point_rows(*, points: Sequence[Point], at: datetime) -> list[PointRow]:
    """Return points with what they last said."""
    freshness = get_freshness(points=points, at=at)
    return [PointRow(point, freshness[point.pk]) for point in points]


def list_factors(*, point: Point) -> list[PointFactor]:
    """Return the factors of a point, the newest first."""
    return list(point.factors.order_by("-start_at"))


def get_factor(*, point: Point, at: datetime) -> float:
    """Return by what readings of the point are to be multiplied at a moment; 1 where nothing is recorded."""
    found = point.factors.filter(Q(end_at=None) | Q(end_at__gt=at), start_at__lte=at).first()
    return found.factor if found else 1.0


def list_readings(*, point: Point, start_at: datetime, end_at: datetime) -> list[ReadingRow]:
    """Return the readings of a point in a half-open period, the earliest first."""
    series = lake.read_series(points=[point.pk], start_us=micros_of(at=start_at), end_us=micros_of(at=end_at)).get(
        point.pk
    )
    if series is None:
        return []
    rows = zip(series.at_us.tolist(), series.value.tolist(), series.quality.tolist(), strict=True)
    return [ReadingRow(moment_of(at_us=at_us), value, quality) for at_us, value, quality in rows]


def list_typed_readings(*, point: Point, limit: int = 20) -> list[TypedReading]:
    """Return the latest typed-in readings of a point."""
    found = point.typed_readings.select_related("recorded_by", "photo")
    return list(found[:limit])


def find_point_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return points whose code, name or address holds the text."""
    from django.urls import reverse
    from django.utils.translation import gettext as _

    if not user.may(Permission.VIEW_TELEMETRY):
        return []
    held = (
        Q(code__icontains=text)
        | Q(name_zh_hans__icontains=text)
        | Q(name_zh_hant__icontains=text)
        | Q(name_en__icontains=text)
        | Q(address__iexact=text)
    )
    points = first_found(Point.objects.visible_to(user).filter(held).order_by("code", "pk"), limit=limit)
    return [
        SearchHit(_("Measuring point"), str(p), reverse("point_detail", args=[p.pk]), p.park.name)
        for p in points.select_related("park")
    ]
