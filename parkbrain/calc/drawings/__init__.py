"""Drawings → storeys, spaces, footprints and areas: IFC (IFC2X3, IFC4) and GeoJSON (RFC 7946); no record, no network.

A drawing that cannot be read is refused with a machine code (`DrawingError`); what had to be assumed is a remark.
`ifcopenshell` and `shapely` are imported when a drawing is read and not before: they cost half a second of start-up.
"""

from .errors import DrawingError, DrawingRemark
from .geojson import DrawnFootprint, FootprintDrawing, read_geojson
from .geometry import check_geometry, corner_count
from .ifc import BuildingDrawing, DrawnBuilding, DrawnSpace, DrawnStorey, read_ifc
from .matching import Candidate, Match, match_candidates
from .plane import LocalPlane, geometry_area_m2, ring_area

__all__ = [
    "BuildingDrawing",
    "Candidate",
    "DrawingError",
    "DrawingRemark",
    "DrawnBuilding",
    "DrawnFootprint",
    "DrawnSpace",
    "DrawnStorey",
    "FootprintDrawing",
    "LocalPlane",
    "Match",
    "check_geometry",
    "corner_count",
    "geometry_area_m2",
    "match_candidates",
    "read_geojson",
    "read_ifc",
    "ring_area",
]
