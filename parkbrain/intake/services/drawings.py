"""Drawings as sheets: what IFC and GeoJSON say becomes typed rows, so that everything after reading is the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from parkbrain.calc.drawings import (
    BuildingDrawing,
    DrawingError,
    DrawingRemark,
    FootprintDrawing,
    read_geojson,
    read_ifc,
)

from .raw import RawSheet, RawWorkbook, Remark
from .refusals import CannotReadFile


def read_drawing(*, path: Path, kind: str) -> RawWorkbook:
    """Return a drawing as a workbook whose rows are its objects.

    :raises CannotReadFile: with the code of why not.
    """
    try:
        if kind == "ifc":
            drawing = read_ifc(path)
            return RawWorkbook(_building_sheets(drawing), _remarks(drawing.remarks), drawn=True)
        footprints = read_geojson(path.read_bytes())
        return RawWorkbook([_footprint_sheet(footprints)], _remarks(footprints.remarks), drawn=True)
    except DrawingError as error:
        raise CannotReadFile(error.code, **error.params) from error


def _remarks(remarks: Sequence[DrawingRemark]) -> list[Remark]:
    return [Remark(r.code, r.params) for r in remarks]


def _building_sheets(drawing: BuildingDrawing) -> list[RawSheet]:
    buildings = [{"source_guid": b.guid, "name": b.name, "long_name": b.long_name} for b in drawing.buildings]
    storeys = [
        {
            "source_guid": s.guid,
            "building_guid": s.building_guid,
            "label": s.name[:20],
            "level": s.level,
            "elevation_m": s.elevation_m,
            "height_m": s.height_m,
            "gross_floor_area_m2": s.gross_floor_area_m2,
        }
        for s in drawing.storeys
    ]
    spaces = [
        {
            "source_guid": s.guid,
            "storey_guid": s.storey_guid,
            "number": s.number[:40],
            "name": s.name[:100],
            "gross_area_m2": s.gross_area_m2,
            "net_internal_area_m2": s.net_area_m2,
            "clear_height_m": s.clear_height_m,
            "zone": s.zone[:100],
            "plan": s.plan,
        }
        for s in drawing.spaces
    ]
    return [
        _sheet("IfcBuilding", buildings, [b.guid for b in drawing.buildings]),
        _sheet("IfcBuildingStorey", storeys, [s.guid for s in drawing.storeys]),
        _sheet("IfcSpace", spaces, [s.guid for s in drawing.spaces]),
    ]


def _footprint_sheet(drawing: FootprintDrawing) -> RawSheet:
    refs = [f"features[{f.index}]" for f in drawing.footprints]
    rows = [
        {
            "feature": ref,
            "code": f.code,
            "name": f.name,
            "height_m": f.height_m,
            "storeys": f.storeys,
            "footprint_area_m2": f.area_m2,
            "footprint": f.geometry,
        }
        for ref, f in zip(refs, drawing.footprints, strict=True)
    ]
    return _sheet("Footprint", rows, refs)


def _sheet(name: str, rows: Sequence[Mapping[str, Any]], refs: Sequence[str]) -> RawSheet:
    """Return a sheet with the fields as headings; what is not known is an empty cell and says nothing."""
    fields = list(rows[0]) if rows else []
    cells = [["" if row[f] is None else row[f] for f in fields] for row in rows]
    return RawSheet(name, [fields, *cells] if rows else [], refs=["", *refs])
