"""Columns and declarations of the lists of points and sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel.roles import Permission
from parkbrain.lists import Ask, ListSpec, park_filter
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from .drivers import DRIVERS, explain_fault
from .models import Point
from .queries import (
    UNITS,
    PointRow,
    ReadingRow,
    SourceRow,
    list_points,
    list_sources,
    point_rows,
    reason_label,
    source_rows,
    state_label,
    unit_symbol,
)


def quality_label(quality: int) -> tuple[str, str]:
    """Return a quality mark in words, with its tone."""
    return {
        0: (_("good"), "ok"),
        1: (_("doubtful"), "warn"),
        2: (_("bad"), "bad"),
        3: (_("typed in"), "info"),
        4: (_("repaired"), "info"),
    }.get(quality, (str(quality), ""))


def point_url(point_id: int) -> str:
    """Return the page of a point."""
    return reverse("point_detail", args=[point_id])


def _point_columns(ask: Ask) -> Sequence[Column]:
    return (
        Column("code", _("Measuring point"), lambda r: (r.point.code, point_url(r.point.pk)), "link", ("code",)),
        Column("name", _("Name"), lambda r: r.point.name, order_by=("name_zh_hans",)),
        Column("kind", _("Kind"), lambda r: r.point.get_kind_display(), order_by=("kind",)),
        Column("last_value", _("Last value"), lambda r: r.freshness.value, "number", decimals=2),
        Column("unit", _("Unit"), lambda r: unit_symbol(unit=r.point.unit), order_by=("unit",)),
        Column("last_at", _("Last reading"), lambda r: r.freshness.last_at, "moment"),
        Column("state", _("State"), _freshness_badge, "badge"),
        Column(
            "source",
            _("Source"),
            lambda r: (
                (r.point.source.code, reverse("source_detail", args=[r.point.source_id])) if r.point.source else None
            ),
            "link",
            ("source__code",),
        ),
        Column("address", _("Address"), lambda r: r.point.address, order_by=("address",), hidden=True),
        Column("brick", _("Brick class"), lambda r: r.point.brick_class, order_by=("brick_class",), hidden=True),
        Column("number", _("Number"), lambda r: r.point.pk, "integer", ("pk",), hidden=True),
        Column("park", _("Park"), lambda r: r.point.park.name, order_by=("park__code",), hidden=True),
    )


def _freshness_badge(row: PointRow) -> tuple[str, str]:
    if row.freshness.last_at is None:
        return _("no reading yet"), "info"
    if row.freshness.quality in {1, 2}:
        return quality_label(row.freshness.quality)
    return (_("fresh"), "ok") if row.freshness.is_fresh else (_("silent"), "warn")


def _point_filters(ask: Ask) -> Sequence[Filter]:
    sources = list_sources(user=ask.user).order_by("park", "code")[:200]
    return (
        Filter("q", _("Code, name or address"), fields=("code", "name_zh_hans", "name_en", "address"), main=True),
        Filter("kind", _("Kind"), "choices", ("kind",), Point.Kind.choices, main=True),
        Filter("unit", _("Unit"), "choices", ("unit",), [(k, v or k) for k, v in UNITS.items()], main=True),
        Filter("source", _("Source"), "choice", ("source_id",), [(str(s.pk), s.code) for s in sources]),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _point_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s point.", "%(count)s points.", count)
    return text % {"count": formats.number(count, 0)}


POINTS = ListSpec(
    key="telemetry.points",
    url_name="point_list",
    label=gettext_lazy("Measuring points"),
    columns=_point_columns,
    filters=_point_filters,
    rows=lambda ask: list_points(user=ask.user),
    related=("source", "park"),
    default_sort=("park_id", "code"),
    sentence=_point_sentence,
    prepare=lambda rows, ask: point_rows(points=rows, at=timezone.now()),
    permission=Permission.VIEW_TELEMETRY,
    empty=gettext_lazy("No points are kept by these filters."),
)


def _source_columns(ask: Ask) -> Sequence[Column]:
    return (
        Column(
            "code",
            _("Source"),
            lambda r: (r.source.code, reverse("source_detail", args=[r.source.pk])),
            "link",
            ("code",),
        ),
        Column("name", _("Name"), lambda r: r.source.name, order_by=("name_zh_hans",)),
        Column("driver", _("Driver"), _driver_label, order_by=("driver",)),
        Column("state", _("State"), lambda r: state_label(state=r.state), "badge"),
        Column("last", _("Last message"), lambda r: r.source.last_message_at, "moment", ("last_message_at",)),
        Column("rate", _("Readings per minute"), lambda r: r.readings_per_minute, "number", decimals=0),
        Column("points", _("Measuring points"), lambda r: r.points, "integer"),
        Column("aside", _("Set aside"), lambda r: r.set_aside, "integer"),
        Column("fault", _("Fault"), lambda r: explain_fault(r.source.last_error), hidden=True),
        Column("park", _("Park"), lambda r: r.source.park.name, order_by=("park__code",), hidden=True),
    )


def _driver_label(row: SourceRow) -> str:
    driver = DRIVERS.get(row.source.driver)
    return str(driver.label) if driver else row.source.driver


def _source_filters(ask: Ask) -> Sequence[Filter]:
    drivers = [(d.key, d.label) for d in DRIVERS.values()]
    return (
        Filter("q", _("Code or name"), fields=("code", "name_zh_hans", "name_en"), main=True),
        Filter("driver", _("Driver"), "choice", ("driver",), drivers, main=True),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _source_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s source of readings.", "%(count)s sources of readings.", count)
    return text % {"count": formats.number(count, 0)}


SOURCES = ListSpec(
    key="telemetry.sources",
    url_name="source_list",
    label=gettext_lazy("Sources"),
    columns=_source_columns,
    filters=_source_filters,
    rows=lambda ask: list_sources(user=ask.user),
    related=("park",),
    default_sort=("park_id", "code"),
    sentence=_source_sentence,
    prepare=lambda rows, ask: source_rows(sources=rows, at=timezone.now()),
    permission=Permission.VIEW_TELEMETRY,
    empty=gettext_lazy("No source of readings is kept by these filters."),
)

LISTS = (POINTS, SOURCES)


def reading_columns(*, unit: str) -> Sequence[Column]:
    """Return the columns of the readings of a point."""
    return (
        Column("at", _("Time"), lambda r: r.at, "moment"),
        Column("value", _("Reading"), lambda r: r.value, "number", decimals=3, unit=unit_symbol(unit=unit)),
        Column("quality", _("Quality"), _quality, "badge"),
    )


def problem_columns() -> Sequence[Column]:
    """Return the columns of the rows of a file that cannot be taken."""
    return (
        Column("row", _("Row"), lambda problem: problem.row, "integer"),
        Column("reason", _("Reason"), lambda problem: reason_label(reason=problem.code)),
        Column("point", _("Point"), lambda problem: problem.address),
        Column("text", _("What stands there"), lambda problem: problem.text),
    )


def _quality(row: ReadingRow) -> tuple[str, str]:
    return quality_label(row.quality)
