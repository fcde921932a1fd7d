"""What drawings bring: buildings, storeys and spaces of an IFC file, footprints of a GeoJSON file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..queries import Surroundings, get_surroundings
from ..services import record_drawn_buildings, record_drawn_spaces, record_drawn_storeys, record_footprints
from .buildings import LEVEL, level_problem

_GUID = Column("source_guid", gettext_lazy("GlobalId"), required=True, max_length=22, example="2O2Fr$t4X7Zf8NOew3FNr2")
_OUTLINE = {"type": "Polygon", "coordinates": [[[0.0, 0.0], [30.0, 0.0], [30.0, 20.0], [0.0, 0.0]]]}


def _guid(field: str, label: Any) -> Column:
    return Column(field, label, required=True, max_length=22, example="1xS3BCk291UvhgP2a6eflL")


def _area(field: str, label: Any, example: float, *, required: bool = False) -> Column:
    return Column(field, label, "number", required, "m²", minimum=0.1, maximum=1e6, example=example)


def _height(field: str, label: Any, most: float, example: float) -> Column:
    return Column(field, label, "number", unit="m", minimum=1.5, maximum=most, example=example)


BUILDING_COLUMNS = (
    _GUID,
    Column("name", gettext_lazy("Name in the drawing"), example="A"),
    Column("long_name", gettext_lazy("Long name in the drawing"), example="Tower A"),
)
STOREY_COLUMNS = (
    _GUID,
    _guid("building_guid", gettext_lazy("GlobalId of the building")),
    Column("label", gettext_lazy("Storey name in the drawing"), max_length=20, example="3F"),
    LEVEL,
    Column("elevation_m", gettext_lazy("Elevation"), "number", unit="m", minimum=-200, maximum=9000, example=10.8),
    _height("height_m", gettext_lazy("Storey height"), 60, 5.4),
    _area("gross_floor_area_m2", gettext_lazy("Gross floor area"), 2400),
)
SPACE_COLUMNS = (
    _GUID,
    _guid("storey_guid", gettext_lazy("GlobalId of the storey")),
    Column("number", gettext_lazy("Space number"), max_length=40, example="301"),
    Column("name", gettext_lazy("Space name"), max_length=100, example="Assembly"),
    _area("gross_area_m2", gettext_lazy("Gross area"), 612.5, required=True),
    _area("net_internal_area_m2", gettext_lazy("Net internal area"), 540),
    _height("clear_height_m", gettext_lazy("Clear height"), 60, 4.8),
    Column("zone", gettext_lazy("Zone"), max_length=100, example="A-0301"),
    Column("plan", gettext_lazy("Outline"), "geometry", example=_OUTLINE),
)
FOOTPRINT_COLUMNS = (
    Column("feature", gettext_lazy("Feature"), required=True, max_length=40, example="features[0]"),
    Column("code", gettext_lazy("Building code"), max_length=40, example="A"),
    Column("name", gettext_lazy("Building name"), example="Tower A"),
    Column("height_m", gettext_lazy("Height"), "number", unit="m", minimum=1, maximum=1000, example=99.5),
    Column("storeys", gettext_lazy("Number of storeys"), "integer", minimum=1, maximum=200, example=18),
    _area("footprint_area_m2", gettext_lazy("Footprint area"), 4200),
    Column("footprint", gettext_lazy("Footprint"), "geometry", required=True, example=_OUTLINE),
)

Rows = Sequence[TakenRow]
Context = Mapping[str, Sequence[TakenRow]]


def check_nothing(*, park: Park | None, rows: Rows, context: Context) -> dict[int, list[RowProblem]]:
    """Find nothing: every rule lies in the cells, or needs the record and is told when it is compared."""
    return {}


def check_storeys(*, park: Park | None, rows: Rows, context: Context) -> dict[int, list[RowProblem]]:
    """Find levels that do not exist."""
    return {r.number: [p] for r in rows if (p := level_problem(r))}


def check_footprints(*, park: Park | None, rows: Rows, context: Context) -> dict[int, list[RowProblem]]:
    """Find footprints of no name, and those that lie where the park cannot be."""
    around = get_surroundings(park=park)
    problems = {}
    for row in rows:
        found = [p for p in (_nameless(row), _astray(row, around)) if p]
        if found:
            problems[row.number] = found
    return problems


def _nameless(row: TakenRow) -> RowProblem | None:
    if row.values.get("code") or row.values.get("name"):
        return None
    message = _("%(feature)s has neither a code nor a name.") % {"feature": row.values["feature"]}
    return RowProblem("code", "footprint_nameless", message)


def _astray(row: TakenRow, around: Surroundings) -> RowProblem | None:
    distance_m = around.distance_m(row.values["footprint"])
    if distance_m is None or distance_m <= around.reach_m:
        return None
    words = {"feature": row.values["feature"], "km": f"{distance_m / 1000:,.1f}"}
    if around.is_own:
        message = _("%(feature)s lies %(km)s km away from the park. Is it another park, or are the coordinates wrong?")
    else:
        message = _("%(feature)s lies %(km)s km outside of the city. Are the coordinates wrong?")
    return RowProblem("footprint", "footprint_astray", message % words)


def _applier(record: Callable[..., Sequence[Any]]) -> Callable[..., Mapping[int, Applied]]:
    def apply(*, park: Park, rows: Rows, actor: User, at: datetime) -> dict[int, Applied]:
        """Record what the rows say of the record's things that they match."""
        matched = record(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
        return {row.number: outcome.applied() for row, outcome in zip(rows, matched, strict=True)}

    return apply


DRAWN_BUILDINGS = Taker(
    key="drawn_buildings",
    label=gettext_lazy("Buildings of a drawing"),
    order=15,
    columns=BUILDING_COLUMNS,
    identity=("source_guid",),
    check=check_nothing,
    apply=_applier(record_drawn_buildings),
    note=gettext_lazy("From an IFC file: its buildings."),
    synonyms=("IfcBuilding",),
    is_drawn=True,
)
FOOTPRINTS = Taker(
    key="footprints",
    label=gettext_lazy("Footprints"),
    order=16,
    columns=FOOTPRINT_COLUMNS,
    identity=("feature",),
    check=check_footprints,
    apply=_applier(record_footprints),
    note=gettext_lazy("From a GeoJSON file: the outlines of buildings on the ground."),
    synonyms=("Footprint",),
    is_drawn=True,
)
DRAWN_STOREYS = Taker(
    key="drawn_storeys",
    label=gettext_lazy("Storeys of a drawing"),
    order=17,
    columns=STOREY_COLUMNS,
    identity=("source_guid",),
    check=check_storeys,
    apply=_applier(record_drawn_storeys),
    note=gettext_lazy("From an IFC file: storeys with elevation, height and area."),
    synonyms=("IfcBuildingStorey",),
    is_drawn=True,
)
DRAWN_SPACES = Taker(
    key="drawn_spaces",
    label=gettext_lazy("Spaces of a drawing"),
    order=18,
    columns=SPACE_COLUMNS,
    identity=("source_guid",),
    check=check_nothing,
    apply=_applier(record_drawn_spaces),
    note=gettext_lazy("From an IFC file: spaces with areas, clear height and outline."),
    synonyms=("IfcSpace",),
    is_drawn=True,
)
