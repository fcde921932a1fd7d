"""The list of operator groups, and the list of their parks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel.models import Park
from parkbrain.kernel.names import NAMES, park_q
from parkbrain.kernel.reading import among
from parkbrain.kernel.roles import Permission
from parkbrain.lists import Ask, ListSpec
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from ..models import LineService, OperatorGroup, ProductLine
from ..queries import (
    GroupLine,
    GroupPark,
    get_figures,
    group_parks,
    list_district_names,
    list_groups,
    places_on,
    sum_groups,
    with_figures,
)


def _outside(ask: Ask, value: Callable[[GroupLine], float | None]) -> tuple[str, Callable[[], Mapping[Any, Any]]]:
    return "pk", lambda: {pk: value(one) for pk, one in sum_groups(user=ask.user, on=ask.on).items()}


def _group_columns(ask: Ask) -> Sequence[Column]:
    def summed(key: str, label: str, value: Callable[[GroupLine], float | None], kind: str, **more: Any) -> Column:
        return Column(key, label, value, kind, outside=_outside(ask, value), **more)

    return (
        Column(
            "name",
            _("Operator group"),
            lambda r: (r.group.name, reverse("operator_detail", args=[r.pk])),
            "link",
            ("name_zh_hans",),
        ),
        Column("code", _("Code"), lambda r: r.group.code, order_by=("code",)),
        summed("lines", _("Product lines"), lambda r: r.line_count, "integer"),
        summed("parks", _("Parks"), lambda r: r.total.park_count, "integer"),
        summed("hidden", _("Parks not shown"), lambda r: r.hidden_count, "integer"),
        summed("floor", _("Floor area (m²)"), lambda r: r.total.floor_area_m2.value, "area", decimals=0),
        summed("occupancy", _("Occupancy rate"), lambda r: r.total.occupancy.value, "percent", decimals=1),
        summed("stars", _("Mean stars"), lambda r: r.total.mean_stars.value, "number", decimals=2),
        summed("unrated", _("Not assessed"), lambda r: r.total.mean_stars.unknown_count, "integer"),
        summed("firms", _("Firms"), lambda r: r.total.firms.value, "integer"),
    )


def _group_filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter("q", _("Name or code"), keep=_named, main=True),
        Filter(
            "district",
            _("District"),
            "choice",
            choices=list(list_district_names().items()),
            keep=lambda rows, code: rows.filter(
                pk__in=group_parks(user=ask.user)
                .filter(district_code=code)
                .values("branch__parent__group_place__group")
            ),
            main=True,
        ),
    )


def _named(rows: QuerySet[OperatorGroup], text: str) -> QuerySet[OperatorGroup]:
    typed = Q(code__icontains=text)
    for name in NAMES:
        typed |= Q(**{f"{name}__icontains": text})
    return rows.filter(typed)


def _group_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s operator group", "%(count)s operator groups", count)
    return text % {"count": formats.number(count, 0)}


def _group_lines(rows: Sequence[OperatorGroup], ask: Ask) -> list[GroupLine]:
    found = sum_groups(user=ask.user, on=ask.on)
    return [found[row.pk] for row in rows]


GROUPS = ListSpec(
    key="portfolio.groups",
    url_name="operator_list",
    label=gettext_lazy("Operator groups"),
    columns=_group_columns,
    filters=_group_filters,
    rows=lambda ask: list_groups(user=ask.user),
    prepare=_group_lines,
    default_sort=("code",),
    sentence=_group_sentence,
    permission=Permission.VIEW_RATING,
    dated=True,
    empty=gettext_lazy("No operator group is kept by these filters."),
)


def _figure(ask: Ask, value: Callable[[Any], Any]) -> tuple[str, Callable[[], Mapping[Any, Any]]]:
    """Return what orders the parks by a figure that no field of the database has."""

    def values() -> dict[int, Any]:
        ids = tuple(group_parks(user=ask.user).order_by().values_list("pk", flat=True))
        figures = get_figures(park_ids=ids, on=ask.on)
        return figures.by_park(value(figures))

    return "pk", values


def _park_columns(ask: Ask) -> Sequence[Column]:
    districts = list_district_names()

    def figure(key: str, label: str, value: Callable[[Any], Any], kind: str, **more: Any) -> Column:
        return Column(key, label, lambda r: value(r.figures), kind, outside=_figure(ask, value), **more)

    return (
        Column(
            "name", _("Park"), lambda r: (r.park.name, reverse("park_detail", args=[r.pk])), "link", ("name_zh_hans",)
        ),
        Column("line", _("Product line"), lambda r: r.line.name if r.line else _("In no line")),
        Column("since", _("In it since"), lambda r: r.since_on, "date", hidden=True),
        Column(
            "district",
            _("District"),
            lambda r: districts.get(r.park.district_code, r.park.district_code),
            order_by=("district_code",),
        ),
        Column("kind", _("Kind"), lambda r: r.park.get_kind_display(), order_by=("kind",), hidden=True),
        Column("stars", _("Stars"), _stars, "stars", outside=_figure(ask, lambda f: f.stars)),
        figure("total", _("Proven"), lambda f: f.total, "number", decimals=1),
        figure("occupancy", _("Occupancy rate"), lambda f: f.occupancy, "percent", decimals=1),
        Column(
            "floor",
            _("Floor area (m²)"),
            lambda r: r.park.gross_floor_area_m2,
            "area",
            ("gross_floor_area_m2",),
            decimals=0,
            total="gross_floor_area_m2",
        ),
        Column(
            "land",
            _("Land (m²)"),
            lambda r: r.park.land_area_m2,
            "area",
            ("land_area_m2",),
            decimals=0,
            total="land_area_m2",
            hidden=True,
        ),
        figure("firms", _("Firms"), lambda f: f.firm_count, "integer"),
        *(
            figure(key.lower(), str(name), _of_segment(key), "integer", hidden=True)
            for key, name in LineService.SEGMENT_NAMES.items()
        ),
    )


def _of_segment(segment: str) -> Callable[[Any], Any]:
    return lambda f: (f.segments or {}).get(segment)


def _stars(row: GroupPark) -> tuple[int, int] | None:
    if row.figures.stars is None:
        return None
    return row.figures.stars, row.figures.stars_reachable or 0


def _park_filters(ask: Ask) -> Sequence[Filter]:
    groups = list(list_groups(user=ask.user).prefetch_related("lines"))
    chosen = ask.params.get("group", "")
    lines = [
        (str(line.pk), line.name if chosen else f"{group.name} · {line.name}")
        for group in groups
        if chosen in {"", str(group.pk)}
        for line in group.lines.all()
    ]
    stars = [*((str(n), str(n)) for n in range(6)), ("none", _("not assessed"))]
    return (
        Filter("q", _("Name, code or street"), keep=_holding, main=True),
        Filter(
            "group",
            _("Operator group"),
            "choice",
            ("branch__parent__group_place__group",),
            [(str(group.pk), group.name) for group in groups],
        ),
        Filter(
            "line",
            _("Product line"),
            "choice",
            choices=[*lines, ("none", _("In no line"))],
            keep=lambda rows, line: _in_line(rows, ask, line),
            main=True,
        ),
        Filter(
            "stars",
            _("Proven stars"),
            "choices",
            choices=stars,
            keep=lambda rows, chosen: _with_stars(rows, ask, chosen),
            main=True,
        ),
        Filter("district", _("District"), "choice", ("district_code",), list(list_district_names().items()), main=True),
        Filter("kind", _("Kind"), "choice", ("kind",), Park.Kind.choices),
        Filter("floor", _("Floor area"), "number", ("gross_floor_area_m2",), unit="m²"),
        _lacks_filter(ask),
    )


def _lacks_filter(ask: Ask) -> Filter:
    """Return the filter by what is not known of a park, which the counts of unknown figures open."""
    return Filter(
        "lacks",
        _("Not known"),
        "choice",
        choices=[
            ("floor", _("Floor area")),
            ("occupancy", _("Occupancy rate")),
            ("firms", _("Firms")),
            *((key.lower(), str(name)) for key, name in LineService.SEGMENT_NAMES.items()),
        ],
        keep=lambda rows, key: _lacking(rows, ask, key),
    )


def _holding(rows: QuerySet[Park], text: str) -> QuerySet[Park]:
    return rows.filter(park_q(text))


def _in_line(rows: QuerySet[Park], ask: Ask, line: str) -> QuerySet[Park]:
    places = places_on(on=ask.on)
    if line != "none":
        return rows.filter(pk__in=among([park for park, place in places.items() if str(place.line_id) == line]))
    # In no line of the group that runs it: a line of another group is none.
    own = ProductLine.objects.filter(group__operators__operator__children__park__in=rows).values_list("pk", flat=True)
    mine = set(own)
    return rows.exclude(pk__in=among([park for park, place in places.items() if place.line_id in mine]))


def _with_stars(rows: QuerySet[Park], ask: Ask, chosen: Sequence[str]) -> QuerySet[Park]:
    figures = get_figures(park_ids=tuple(rows.order_by().values_list("pk", flat=True)), on=ask.on)
    stars = figures.by_park(figures.stars)
    kept = [pk for pk, count in stars.items() if ("none" if count is None else str(int(count))) in chosen]
    return rows.filter(pk__in=among(kept))


def _lacking(rows: QuerySet[Park], ask: Ask, key: str) -> QuerySet[Park]:
    if key == "floor":
        return rows.filter(gross_floor_area_m2__isnull=True)
    known: dict[str, Callable[[Any], Any]] = {
        "occupancy": lambda f: f.occupancy,
        "firms": lambda f: f.firm_count,
        **{segment.lower(): _of_segment(segment) for segment in LineService.SEGMENT_NAMES},
    }
    figures = get_figures(park_ids=tuple(rows.order_by().values_list("pk", flat=True)), on=ask.on)
    found = figures.by_park(known[key](figures))
    return rows.filter(pk__in=among([pk for pk, value in found.items() if value is None]))


def _park_sentence(count: int, totals: Mapping[str, Any]) -> str:
    return ngettext("%(count)s park shown", "%(count)s parks shown", count) % {"count": formats.number(count, 0)}


GROUP_PARKS = ListSpec(
    key="portfolio.group_parks",
    url_name="operator_parks",
    label=gettext_lazy("Parks of operator groups"),
    columns=_park_columns,
    filters=_park_filters,
    rows=lambda ask: group_parks(user=ask.user),
    prepare=lambda rows, ask: with_figures(parks=rows, on=ask.on),
    default_sort=("code",),
    sentence=_park_sentence,
    permission=Permission.VIEW_RATING,
    dated=True,
    empty=gettext_lazy("No park is kept by these filters."),
)
