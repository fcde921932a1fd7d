"""The drawings of the living park: footprints of its site, and an IFC file of one storey; taken in as any file is."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

from parkbrain.intake.services import import_file
from parkbrain.kernel.models import Park, User

from . import tower
from .draws import rng

#: The storey that is drawn: its premises in two rows, the core between them.
LEVEL, ELEVATION_M, WIDTH_M = 5, 25.8, 62.0
CLEAR_HEIGHT_M = 5.4
_GUID_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$"


class CannotDrawDemo(Exception):
    """A drawing of the demo was refused, which is a fault of the demo."""


def take_in_drawings(*, seed: int, park: Park, actor: User, at: datetime) -> None:
    """Take in the footprints and the storey.

    :raises CannotDrawDemo: the import refused one of them.
    """
    with as_file(files("parkbrain.demo").joinpath("data/footprints.geojson")) as footprints:
        _take_in(footprints, park, actor, at)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "T1-5F.ifc"
        path.write_text(storey_ifc(seed=seed), encoding="ascii")
        _take_in(path, park, actor, at)


def _take_in(path: Path, park: Park, actor: User, at: datetime) -> None:
    summary = import_file(path=path, actor=actor, at=at, park_code=park.code)
    if summary.problems:
        raise CannotDrawDemo(summary.as_text())


def storey_ifc(*, seed: int) -> str:
    """Return an IFC4 file of the storey: every premises of it as a space of exactly its area."""
    places = [p for p in tower.draw_places(seed=seed) if p.level == LEVEL]
    file = _Writer(rng(seed, "ifc"))
    metre = file.add("IFCSIUNIT(*,.LENGTHUNIT.,$,.METRE.)")
    square = file.add("IFCSIUNIT(*,.AREAUNIT.,$,.SQUARE_METRE.)")
    units = file.add(f"IFCUNITASSIGNMENT(({metre},{square}))")
    origin = file.add("IFCCARTESIANPOINT((0.,0.,0.))")
    axes = file.add(f"IFCAXIS2PLACEMENT3D({origin},$,$)")
    context = file.add(f"IFCGEOMETRICREPRESENTATIONCONTEXT($,'Model',3,1.E-05,{axes},$)")
    project = file.add(f"IFCPROJECT({file.guid()},$,'Demo',$,$,$,$,({context}),{units})")
    building = file.add(f"IFCBUILDING({file.guid()},$,'T1',$,$,$,$,'Works Tower 1',.ELEMENT.,$,$,$)")
    storey = file.add(f"IFCBUILDINGSTOREY({file.guid()},$,'{LEVEL}F',$,$,$,$,$,.ELEMENT.,{ELEVATION_M})")
    file.add(f"IFCRELAGGREGATES({file.guid()},$,$,$,{project},({building}))")
    file.add(f"IFCRELAGGREGATES({file.guid()},$,$,$,{building},({storey}))")
    depth_m = tower.TOWER_M2 / WIDTH_M
    half = sum(p.area_m2 for p in places) / 2
    south, north = _halves(places, half)
    spaces = _row(file, context, axes, south, 0.0, is_north=False)
    spaces += _row(file, context, axes, north, depth_m, is_north=True)
    low, high = _row_depth(south), depth_m - _row_depth(north)
    spaces.append(
        _space(file, context, axes, ("T1-05-CORE", "Core"), (0.0, low, WIDTH_M, high), (high - low) * WIDTH_M)
    )
    file.add(f"IFCRELAGGREGATES({file.guid()},$,$,$,{storey},({','.join(spaces)}))")
    return file.text()


def _halves(places: Sequence[tower.Place], half_m2: float) -> tuple[list[tower.Place], list[tower.Place]]:
    south: list[tower.Place] = []
    for place in places:
        if sum(p.area_m2 for p in south) + place.area_m2 / 2 > half_m2:
            break
        south.append(place)
    return south, list(places[len(south) :])


def _row_depth(places: Sequence[tower.Place]) -> float:
    return sum(p.area_m2 for p in places) / WIDTH_M


def _row(
    file: _Writer, context: str, axes: str, places: Sequence[tower.Place], edge_m: float, *, is_north: bool
) -> list[str]:
    """Write the premises side by side along one edge of the storey."""
    depth, x, spaces = _row_depth(places), 0.0, []
    low, high = (edge_m - depth, edge_m) if is_north else (edge_m, edge_m + depth)
    for place in places:
        width = place.area_m2 / depth
        spaces.append(_space(file, context, axes, (place.code, ""), (x, low, x + width, high), place.area_m2))
        x += width
    return spaces


def _space(
    file: _Writer,
    context: str,
    axes: str,
    named: tuple[str, str],
    box: tuple[float, float, float, float],
    area_m2: float,
) -> str:
    x0, y0, x1, y1 = box
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
    points = ",".join(file.add(f"IFCCARTESIANPOINT(({x:.4f},{y:.4f}))") for x, y in corners)
    profile = file.add(f"IFCARBITRARYCLOSEDPROFILEDEF(.AREA.,$,{file.add(f'IFCPOLYLINE(({points}))')})")
    up = file.add("IFCDIRECTION((0.,0.,1.))")
    solid = file.add(f"IFCEXTRUDEDAREASOLID({profile},{axes},{up},{CLEAR_HEIGHT_M})")
    body = file.add(f"IFCSHAPEREPRESENTATION({context},'Body','SweptSolid',({solid}))")
    shape = file.add(f"IFCPRODUCTDEFINITIONSHAPE($,$,({body}))")
    place = file.add(f"IFCLOCALPLACEMENT($,{axes})")
    name, long_name = named[0], f"'{named[1]}'" if named[1] else "$"
    space = file.add(f"IFCSPACE({file.guid()},$,'{name}',$,$,{place},{shape},{long_name},.ELEMENT.,.SPACE.,$)")
    area = file.add(f"IFCQUANTITYAREA('GrossFloorArea',$,$,{area_m2:.2f},$)")
    height = file.add(f"IFCQUANTITYLENGTH('FinishCeilingHeight',$,$,{CLEAR_HEIGHT_M},$)")
    said = file.add(f"IFCELEMENTQUANTITY({file.guid()},$,'Qto_SpaceBaseQuantities',$,$,({area},{height}))")
    file.add(f"IFCRELDEFINESBYPROPERTIES({file.guid()},$,$,$,({space}),{said})")
    return space


class _Writer:
    """Collects the lines of an IFC file."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._lines: list[str] = []

    def add(self, entity: str) -> str:
        """Add an entity and return its number as others refer to it."""
        self._lines.append(entity)
        return f"#{len(self._lines)}"

    def guid(self) -> str:
        """Return a new GlobalId, quoted; the same draw gives the same."""
        return f"'{self._draw.choice('0123')}{''.join(self._draw.choices(_GUID_DIGITS, k=21))}'"

    def text(self) -> str:
        """Return the file."""
        head = "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\nFILE_NAME('','',(''),(''),'','','');\n"
        data = "".join(f"#{i}={line};\n" for i, line in enumerate(self._lines, start=1))
        return f"{head}FILE_SCHEMA(('IFC4'));\nENDSEC;\nDATA;\n{data}ENDSEC;\nEND-ISO-10303-21;\n"
