"""Small IFC files made with ifcopenshell's own API: storeys of three rooms each, as the tests need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.api.aggregate
import ifcopenshell.api.context
import ifcopenshell.api.geometry
import ifcopenshell.api.group
import ifcopenshell.api.owner
import ifcopenshell.api.owner.settings
import ifcopenshell.api.pset
import ifcopenshell.api.root
import ifcopenshell.api.unit

#: Length units: metres in one unit.
METRES_IN = {"m": 1.0, "mm": 0.001, "ft": 0.3048}


@dataclass(frozen=True)
class Room:
    """A room of a test building, in metres: its number, name, outline, and the gross and net area to write down."""

    number: str
    name: str
    outline: Sequence[tuple[float, float]]
    gross_m2: float | None = None
    net_m2: float | None = None
    zone: str = ""


def rectangle(x: float, y: float, width: float, depth: float) -> list[tuple[float, float]]:
    """Return a rectangle as corners."""
    return [(x, y), (x + width, y), (x + width, y + depth), (x, y + depth)]


def three_rooms(level: int) -> list[Room]:
    """Return the rooms of a storey of 30 m by 20 m: 200, 240 and 160 m² gross."""
    return [
        Room(f"{level}01", "Assembly", rectangle(0, 0, 10, 20), 200.0, 188.0, f"Z-{level}"),
        Room(f"{level}02", "Laboratory", rectangle(10, 0, 12, 20), 240.0, 226.0, f"Z-{level}"),
        Room(f"{level}03", "Office", rectangle(22, 0, 8, 20), 160.0, 150.0),
    ]


TWO_STOREYS = [("1F", 0.0, three_rooms(1)), ("2F", 5.4, three_rooms(2))]


def make_ifc(
    path: Path,
    *,
    building: str = "A",
    unit: str = "mm",
    schema: str = "IFC4",
    storeys: Sequence[tuple[str, float, Sequence[Room]]] = tuple(TWO_STOREYS),
    quantities: bool = True,
    height_m: float = 4.5,
) -> Path:
    """Write a building of storeys (name, elevation [m], rooms) with shapes, and with quantities where wanted."""
    scale = 1 / METRES_IN[unit]
    file = ifcopenshell.file(schema=schema)
    _name_owner(file)
    project = ifcopenshell.api.root.create_entity(file, ifc_class="IfcProject", name="Test")
    _assign_units(file, unit)
    model = ifcopenshell.api.context.add_context(file, context_type="Model")
    body = ifcopenshell.api.context.add_context(
        file, context_type="Model", context_identifier="Body", target_view="MODEL_VIEW", parent=model
    )
    site = ifcopenshell.api.root.create_entity(file, ifc_class="IfcSite", name="Site")
    house = ifcopenshell.api.root.create_entity(file, ifc_class="IfcBuilding", name=building)
    ifcopenshell.api.aggregate.assign_object(file, products=[site], relating_object=project)
    ifcopenshell.api.aggregate.assign_object(file, products=[house], relating_object=site)
    zones: dict[str, Any] = {}
    for name, elevation_m, rooms in storeys:
        storey = ifcopenshell.api.root.create_entity(file, ifc_class="IfcBuildingStorey", name=name)
        storey.Elevation = elevation_m * scale
        ifcopenshell.api.aggregate.assign_object(file, products=[storey], relating_object=house)
        for room in rooms:
            space = _make_space(file, body, room, elevation_m, height_m, scale)
            ifcopenshell.api.aggregate.assign_object(file, products=[space], relating_object=storey)
            if quantities:
                _write_quantities(file, space, room, unit, height_m)
            if room.zone:
                zones.setdefault(room.zone, []).append(space)
    for name, spaces in zones.items():
        zone = ifcopenshell.api.root.create_entity(file, ifc_class="IfcZone", name=name)
        ifcopenshell.api.group.assign_group(file, products=spaces, group=zone)
    file.write(str(path))
    return path


def _name_owner(file: ifcopenshell.file) -> None:
    """Say who draws: IFC2X3 wants it of every object."""
    person = ifcopenshell.api.owner.add_person(file)
    organisation = ifcopenshell.api.owner.add_organisation(file)
    user = ifcopenshell.api.owner.add_person_and_organisation(file, person=person, organisation=organisation)
    application = ifcopenshell.api.owner.add_application(file, application_developer=organisation)
    ifcopenshell.api.owner.settings.get_user = lambda _file: user
    ifcopenshell.api.owner.settings.get_application = lambda _file: application


def _assign_units(file: ifcopenshell.file, unit: str) -> None:
    if unit == "ft":
        length = ifcopenshell.api.unit.add_conversion_based_unit(file, name="foot")
        area = ifcopenshell.api.unit.add_conversion_based_unit(file, name="square foot")
    else:
        prefix = {"mm": "MILLI", "m": None}[unit]
        length = ifcopenshell.api.unit.add_si_unit(file, unit_type="LENGTHUNIT", prefix=prefix)
        area = ifcopenshell.api.unit.add_si_unit(file, unit_type="AREAUNIT")
    ifcopenshell.api.unit.assign_unit(file, units=[length, area])


def _make_space(
    file: ifcopenshell.file, body: Any, room: Room, elevation_m: float, height_m: float, scale: float
) -> Any:
    space = ifcopenshell.api.root.create_entity(file, ifc_class="IfcSpace", name=room.number)
    space.LongName = room.name
    corners = [(x * scale, y * scale) for x, y in [*room.outline, room.outline[0]]]
    curve = file.createIfcPolyline([file.createIfcCartesianPoint(c) for c in corners])
    profile = file.createIfcArbitraryClosedProfileDef("AREA", None, curve)
    origin = file.createIfcAxis2Placement3D(file.createIfcCartesianPoint((0.0, 0.0, 0.0)), None, None)
    up = file.createIfcDirection((0.0, 0.0, 1.0))
    solid = file.createIfcExtrudedAreaSolid(profile, origin, up, height_m * scale)
    shape = file.createIfcShapeRepresentation(body, "Body", "SweptSolid", [solid])
    space.Representation = file.createIfcProductDefinitionShape(None, None, [shape])
    at = file.createIfcAxis2Placement3D(file.createIfcCartesianPoint((0.0, 0.0, elevation_m * scale)), None, None)
    space.ObjectPlacement = file.createIfcLocalPlacement(None, at)
    return space


def _write_quantities(file: ifcopenshell.file, space: Any, room: Room, unit: str, height_m: float) -> None:
    in_area = METRES_IN["ft"] ** 2 if unit == "ft" else 1.0
    values = {"GrossFloorArea": room.gross_m2, "NetFloorArea": room.net_m2}
    written = {name: value / in_area for name, value in values.items() if value is not None}
    written["FinishCeilingHeight"] = height_m / METRES_IN[unit]
    name = "BaseQuantities" if file.schema == "IFC2X3" else "Qto_SpaceBaseQuantities"
    qto = ifcopenshell.api.pset.add_qto(file, product=space, name=name)
    ifcopenshell.api.pset.edit_qto(file, qto=qto, properties=written)
