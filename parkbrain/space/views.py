"""The list of parks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park
from parkbrain.ui import table as tables
from parkbrain.ui.htmx import page

from .queries import ParkFilter, get_park_totals, list_districts, list_parks
from .reports import CSV, XLSX, table_file
from .tables import park_columns


def park_list(request: HttpRequest) -> HttpResponseBase:
    """Show the parks the person may see."""
    get = request.GET.get
    chosen = ParkFilter(get("q", "").strip(), get("kind", ""), get("district", ""), get("standing", ""))
    districts = list_districts(user=request.user)  # type: ignore[arg-type]
    columns = park_columns(districts=districts)
    parks = list_parks(user=request.user, chosen=chosen)  # type: ignore[arg-type]
    rows = parks.order_by(*tables.sort_fields(columns, request.GET, ["code"]))
    if get("format") in {CSV, XLSX}:
        return table_file(columns=columns, rows=rows.iterator(chunk_size=500), name="parks", kind=request.GET["format"])
    totals = get_park_totals(parks=parks)
    table = tables.build(
        columns=columns,
        rows=rows,
        params=request.GET,
        label=_("Parks"),
        totals={"land": totals.land_area_m2, "floor": totals.gross_floor_area_m2},
        count=totals.count,
    )
    context = {
        "chosen": chosen,
        "table": table,
        "totals": totals,
        "kinds": Park.Kind.choices,
        "standings": Park.Standing.choices,
        "districts": districts.items(),
    }
    return page(request, "space/park_list.html", context, parts=frozenset({"list"}))
