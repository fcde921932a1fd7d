"""IFC (IFC2X3, IFC4, IFC4X3) → buildings, storeys and spaces with their areas, all in metres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from .errors import DrawingError, DrawingRemark
from .ifc_shapes import Shape, read_shapes
from .levels import levels_of
from .plane import geometry_area_m2

MAX_BYTES = 200 * 1024 * 1024
MAX_SPACES = 20_000
_START, _END = b"ISO-10303-21", b"END-ISO-10303-21"
_SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3")
#: Names of quantities by what they are; in IFC2X3 tools write them into sets of several names.
_GROSS = ("GrossFloorArea", "GrossArea", "GSA BIM Area")
_NET = ("NetFloorArea", "NetArea")
_CLEAR = ("FinishCeilingHeight", "ClearHeight")
_STOREY_HEIGHT = ("GrossHeight", "NetHeight", "Height")
#: Storeys lie this far apart at most; a larger step is a gap in the drawing and says nothing of a height [m].
_HIGHEST_STOREY_M = 30.0


@dataclass(frozen=True)
class DrawnBuilding:
    """A building (IfcBuilding)."""

    guid: str
    name: str
    long_name: str


@dataclass(frozen=True)
class DrawnStorey:
    """A storey (IfcBuildingStorey): floor level above the building's zero and height to the next floor [m]."""

    guid: str
    building_guid: str
    name: str
    level: int
    elevation_m: float | None
    height_m: float | None
    gross_floor_area_m2: float | None


@dataclass(frozen=True)
class DrawnSpace:
    """A space (IfcSpace): its number and name, areas [m²], clear height [m], zones and outline (metres of the file)."""

    guid: str
    storey_guid: str
    number: str
    name: str
    gross_area_m2: float
    net_area_m2: float | None
    clear_height_m: float | None
    zone: str
    plan: dict[str, Any] | None


@dataclass(frozen=True)
class BuildingDrawing:
    """What an IFC file says of buildings, and what had to be assumed."""

    schema: str
    buildings: list[DrawnBuilding] = field(default_factory=list)
    storeys: list[DrawnStorey] = field(default_factory=list)
    spaces: list[DrawnSpace] = field(default_factory=list)
    remarks: list[DrawingRemark] = field(default_factory=list)


def read_ifc(path: Path) -> BuildingDrawing:
    """Return the spatial structure of an IFC file, lengths in metres and areas in square metres.

    Areas come from the quantities of a space; where there are none, the outline of its shape is measured and counts as
    its gross area. A gross area smaller than the net one is taken as not given.

    Raises
    ------
    DrawingError
        ``ifc_not_ifc``, ``ifc_truncated``, ``ifc_schema``, ``ifc_broken``, ``ifc_too_large``, ``ifc_no_building``,
        ``ifc_no_storeys``, ``ifc_no_unit``.
    """
    _check_file(path)
    try:
        import ifcopenshell

        try:
            model = ifcopenshell.open(str(path), format=".ifc")
        except Exception as error:
            raise DrawingError("ifc_broken", detail=str(error)[:160]) from error
        if str(model.schema) not in _SCHEMAS:
            raise DrawingError("ifc_schema", schema=str(model.schema)[:20], known=", ".join(_SCHEMAS))
        return _Reader(model).read()
    except (AttributeError, RuntimeError, KeyError, TypeError, ValueError, IndexError) as error:
        if isinstance(error, DrawingError):
            raise
        # A file of the right form whose objects lack what the schema demands of them.
        raise DrawingError("ifc_broken", detail=str(error)[:160]) from error


def _check_file(path: Path) -> None:
    """Refuse what is no IFC, what is cut off, and what would take all the memory, before anything is parsed."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise DrawingError("ifc_too_large", size=round(size / 1_048_576), limit=MAX_BYTES // 1_048_576)
    with path.open("rb") as file:
        start = file.read(256).lstrip(b"\xef\xbb\xbf \t\r\n")
        file.seek(max(0, size - 256))
        end = file.read()
    if not start.startswith(_START):
        raise DrawingError("ifc_not_ifc")
    # The parser takes a file that ends anywhere as one that says less; to the record that is another building.
    if _END not in end:
        raise DrawingError("ifc_truncated")


class _Reader:
    """Reads one model; keeps the units and the shapes of its spaces."""

    def __init__(self, model: Any) -> None:
        from ifcopenshell.util import unit

        self.model = model
        self.remarks: list[DrawingRemark] = []
        if not model.by_type("IfcUnitAssignment"):
            raise DrawingError("ifc_no_unit")
        self.in_metres = float(unit.calculate_unit_scale(model))
        self.in_square_metres = float(unit.calculate_unit_scale(model, "AREAUNIT"))

    def read(self) -> BuildingDrawing:
        """Return everything the model says."""
        buildings = self.model.by_type("IfcBuilding")
        if not buildings:
            raise DrawingError("ifc_no_building")
        spaces = self.model.by_type("IfcSpace")
        if len(spaces) > MAX_SPACES:
            raise DrawingError("ifc_too_large", size=len(spaces), limit=MAX_SPACES)
        storeys = [s for b in buildings for s in self._storeys(b)]
        if not storeys:
            raise DrawingError("ifc_no_storeys")
        found = self._spaces(spaces, {s.guid for s in storeys})
        return BuildingDrawing(
            schema=str(self.model.schema),
            buildings=[DrawnBuilding(b.GlobalId, _text(b.Name), _text(b.LongName)) for b in buildings],
            storeys=self._in_use(storeys, found),
            spaces=found,
            remarks=self.remarks,
        )

    def _storeys(self, building: Any) -> list[DrawnStorey]:
        items = [i for i in _decomposed(building) if i.is_a("IfcBuildingStorey")]
        floors = [self._metres(i.Elevation) for i in items]
        levels = levels_of([_text(i.Name) for i in items], floors)
        heights = self._heights(items, floors)
        return [
            DrawnStorey(
                guid=item.GlobalId,
                building_guid=building.GlobalId,
                name=_text(item.Name) or _text(item.LongName),
                level=level,
                elevation_m=None if floor is None else round(floor, 3),
                height_m=height,
                gross_floor_area_m2=self._area(_quantities(item), _GROSS),
            )
            for item, level, floor, height in zip(items, levels, floors, heights, strict=True)
        ]

    def _heights(self, items: list[Any], floors: list[float | None]) -> list[float | None]:
        """Return the height of each storey: the way to the next floor, or for the top what its quantities say."""
        ordered = sorted({f for f in floors if f is not None})
        following = dict(pairwise(ordered))
        heights: list[float | None] = []
        for item, floor in zip(items, floors, strict=True):
            height = following[floor] - floor if floor in following and floor is not None else None
            if height is None or height > _HIGHEST_STOREY_M:
                height = self._metres(_number(_quantities(item), _STOREY_HEIGHT))
            heights.append(round(height, 3) if height and height >= 1.5 else None)
        return heights

    def _in_use(self, storeys: list[DrawnStorey], spaces: list[DrawnSpace]) -> list[DrawnStorey]:
        """Leave out what is only a reference plane: storeys above the last and below the first one with a space."""
        used = {s.storey_guid for s in spaces}
        kept: list[DrawnStorey] = []
        for guid in dict.fromkeys(s.building_guid for s in storeys):
            own = [s for s in storeys if s.building_guid == guid]
            levels = [s.level for s in own if s.guid in used]
            kept += [s for s in own if not levels or min(levels) <= s.level <= max(levels)]
        left = [s.name for s in storeys if s not in kept]
        if left:
            self.remarks.append(DrawingRemark("remark_storeys_left", {"names": ", ".join(left[:20])}))
        return kept

    def _spaces(self, items: list[Any], storey_guids: set[str]) -> list[DrawnSpace]:
        placed = [(i, s) for i in items if (s := _storey_of(i)) in storey_guids]
        shapes = read_shapes(self.model, [i for i, _s in placed])
        zones = _zones(self.model)
        found, measured, left = [], 0, [_text(i.Name) for i in items if _storey_of(i) not in storey_guids]
        for item, storey in placed:
            shape = shapes.get(item.GlobalId)
            outline_m2 = round(geometry_area_m2(shape.plan, is_geographic=False), 2) if shape else None
            said = _quantities(item)
            gross, net = self._area(said, _GROSS), self._area(said, _NET)
            if gross is not None and net is not None and gross < net:
                gross = None
            measured += gross is None and outline_m2 is not None
            # A net area alone: the outline is the better gross area, and the net area itself the least there can be.
            gross = gross or max(outline_m2 or 0.0, net or 0.0) or None
            if gross is None:
                left.append(_text(item.Name))
                continue
            found.append(
                DrawnSpace(
                    guid=item.GlobalId,
                    storey_guid=storey,
                    number=_text(item.Name),
                    name=_text(item.LongName),
                    gross_area_m2=gross,
                    net_area_m2=net,
                    clear_height_m=self._clear_height(said, shape),
                    zone=zones.get(item.GlobalId, ""),
                    plan=shape.plan if shape else None,
                )
            )
        for code, count in (("remark_areas_measured", measured), ("remark_spaces_left", len(left))):
            if count:
                self.remarks.append(DrawingRemark(code, {"count": count, "names": ", ".join(left[:20])}))
        return found

    def _clear_height(self, said: Mapping[str, float], shape: Shape | None) -> float | None:
        height = self._metres(_number(said, _CLEAR)) or (shape.height_m if shape else None)
        return round(height, 3) if height and 1.5 <= height <= 60 else None

    def _metres(self, value: Any) -> float | None:
        return float(value) * self.in_metres if isinstance(value, int | float) else None

    def _area(self, said: Mapping[str, float], names: tuple[str, ...]) -> float | None:
        value = _number(said, names)
        return round(value * self.in_square_metres, 2) if value and value > 0 else None


def _text(value: Any) -> str:
    return " ".join(str(value).split()) if value else ""


def _decomposed(item: Any) -> list[Any]:
    """Return what a spatial element consists of, at any depth below it but not within its storeys."""
    from ifcopenshell.util import element

    # In the order of the file: the library returns a set.
    return sorted(element.get_decomposition(item, is_recursive=True), key=lambda i: i.id())


def _storey_of(space: Any) -> str:
    """Return the GlobalId of the storey that a space lies on, also where it is part of another space."""
    from ifcopenshell.util import element

    above: Any = element.get_aggregate(space)
    while above is not None and not above.is_a("IfcBuildingStorey"):
        above = element.get_aggregate(above)
    return str(above.GlobalId) if above is not None else ""


def _quantities(item: Any) -> dict[str, float]:
    """Return the quantities of an object by name, as they stand in the file; sets that follow the standard win."""
    from ifcopenshell.util import element

    sets = element.get_psets(item, qtos_only=True)
    said: dict[str, float] = {}
    for name in sorted(sets, key=lambda n: ("BaseQuantities" in n, n)):
        said.update({k: float(v) for k, v in sets[name].items() if isinstance(v, int | float) and k != "id"})
    return said


def _number(said: Mapping[str, float], names: tuple[str, ...]) -> float | None:
    return next((said[n] for n in names if n in said), None)


def _zones(model: Any) -> dict[str, str]:
    """Return the name of the first zone of each space."""
    names: dict[str, str] = {}
    for zone in sorted(model.by_type("IfcZone"), key=lambda z: (_text(z.Name), z.GlobalId)):
        grouped = zone.IsGroupedBy or ()
        for relation in grouped if isinstance(grouped, tuple | list) else (grouped,):
            for item in relation.RelatedObjects:
                if item.is_a("IfcSpace") and _text(zone.Name):
                    names.setdefault(item.GlobalId, _text(zone.Name))
    return names
