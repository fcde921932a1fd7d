"""The page of the city."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.space.reports import CSV, XLSX, table_file
from parkbrain.ui import table as tables
from parkbrain.ui.htmx import page

from . import charts, queries
from .tables import city_columns


@dataclass(frozen=True)
class Option:
    """A choice of a filter."""

    value: str
    label: str
    selected: bool


def _options(pairs: list[tuple[str, str]], chosen: str) -> list[Option]:
    return [Option(value, label, value == chosen) for value, label in pairs]


def city(request: HttpRequest) -> HttpResponseBase:
    """Show the parks of the person's branches: how many, how good, where, and each of them."""
    user = request.user
    if not user.may(Permission.VIEW_CITY):
        raise PermissionDenied
    get = request.GET.get
    chosen = queries.CityFilter(
        get("q", "").strip(), get("district", ""), get("kind", ""), get("stars", ""), get("operator", "")
    )
    overview = queries.get_overview(user=user)
    lines = overview.lines
    dimensions = queries.list_dimensions()
    columns = city_columns(districts={line.code: line.name for line in lines}, dimensions=dimensions)
    found = queries.list_city(user=user, chosen=chosen)
    rows = found.order_by(*tables.sort_fields(columns, request.GET, ["-total_proven", "pk"]))
    if get("format") in {CSV, XLSX}:
        return table_file(columns=columns, rows=rows.iterator(chunk_size=500), name="city", kind=request.GET["format"])
    is_narrowed = chosen != queries.CityFilter()
    shown = queries.get_city_totals(ratings=found) if is_narrowed else overview.totals
    context = {
        "chosen": chosen,
        "totals": overview.totals,
        "shown": shown,
        "lines": lines,
        "stars": charts.star_distribution(counts=overview.counts),
        "points": charts.total_distribution(totals=overview.points),
        "map": charts.district_map(shapes=queries.list_shapes(), lines=lines),
        "table": tables.build(columns=columns, rows=rows, params=request.GET, label=_("Parks"), count=shown.park_count),
        "districts": _options([(line.code, line.name) for line in lines], chosen.district),
        "kinds": _options([(str(v), str(label)) for v, label in Park.Kind.choices], chosen.kind),
        "ranks": _options([(str(n), str(n)) for n in range(6)], chosen.stars),
        "operators": _options([(b.code, b.name) for b in queries.list_operators(user=user)], chosen.operator),
        "stated": queries.list_stated_parks(user=user),
        "is_narrowed": is_narrowed,
    }
    return page(request, "portfolio/city.html", context, parts=frozenset({"list"}))
