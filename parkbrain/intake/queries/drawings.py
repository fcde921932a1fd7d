"""The sentences about drawings: why one is refused, what was assumed, and by what its parts were matched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.calc.drawings.geometry import corner_count

DRAWING_SENTENCES: Mapping[str, str | Promise] = {
    "ifc_not_ifc": gettext_lazy("The file is no IFC file: it does not begin with ISO-10303-21."),
    "ifc_truncated": gettext_lazy("The IFC file is cut off: its end is missing. Export or copy it again."),
    "ifc_schema": gettext_lazy("IFC files of the schema %(schema)s cannot be read; known are %(known)s."),
    "ifc_broken": gettext_lazy("The IFC file is damaged: %(detail)s"),
    "ifc_too_large": gettext_lazy(
        "The drawing is too large (%(size)s; at most %(limit)s): export one building at a time."
    ),
    "ifc_no_building": gettext_lazy("The IFC file has no building (IfcBuilding)."),
    "ifc_no_storeys": gettext_lazy("The IFC file has no storeys (IfcBuildingStorey) below its buildings."),
    "ifc_no_unit": gettext_lazy("The IFC file does not say in which unit it measures."),
    "geojson_not_json": gettext_lazy("The file is no valid JSON: %(detail)s"),
    "geojson_not_geojson": gettext_lazy("The file is JSON, but no GeoJSON of polygons (%(detail)s)."),
    "geojson_too_large": gettext_lazy("The file has %(count)s features; at most %(limit)s are taken."),
    "geojson_crs": gettext_lazy(
        "The coordinate system “%(crs)s” is not known: export the file in WGS 84, or name GCJ-02 or BD-09."
    ),
    "geojson_swapped": gettext_lazy(
        "features[%(feature)s] lies at latitude %(latitude)s: longitude and latitude are swapped. GeoJSON has the "
        "longitude first."
    ),
    "geojson_projected": gettext_lazy(
        "features[%(feature)s] lies at (%(x)s, %(y)s): these are no degrees. Export the file in WGS 84."
    ),
    "geometry_kind": gettext_lazy("features[%(feature)s] is a %(kind)s: footprints are Polygon or MultiPolygon."),
    "geometry_empty": gettext_lazy("features[%(feature)s] has no area."),
    "geometry_numbers": gettext_lazy("features[%(feature)s] has coordinates that are no numbers."),
    "geometry_crossing": gettext_lazy(
        "features[%(feature)s]: the outline crosses itself, so what lies inside cannot be known. Redraw it."
    ),
    "geometry_corners": gettext_lazy("features[%(feature)s] has more than %(limit)s corners."),
    "remark_datum_assumed": gettext_lazy(
        "The coordinates are read as WGS 84, as the standard says. Coordinates from Chinese web maps (GCJ-02, BD-09) "
        "lie 300 to 700 m off: name the system in the file to have them converted."
    ),
    "remark_datum_converted": gettext_lazy("The coordinates are converted from %(datum)s to WGS 84."),
    "remark_mended": gettext_lazy("Outlines with doubled corners or spikes were mended: %(features)s."),
    "remark_storeys_left": gettext_lazy("Storeys without spaces at the top or bottom were left out: %(names)s."),
    "remark_areas_measured": gettext_lazy("Areas measured from the shape, for want of quantities: %(count)s."),
    "remark_spaces_left": gettext_lazy(
        "Spaces without area, shape or storey that were left out: %(count)s (%(names)s)."
    ),
}

_REASONS: Mapping[str, str | Promise] = {
    "guid": gettext_lazy("matched by GlobalId"),
    "code": gettext_lazy("matched by code"),
    "name": gettext_lazy("matched by name"),
    "elevation": gettext_lazy("matched by elevation"),
    "level": gettext_lazy("matched by level"),
    "new": gettext_lazy("nothing in the record matches"),
}


def get_match_reason(*, code: str) -> str:
    """Return by what a row was matched, in the active language; "" where there is nothing to say."""
    return str(_REASONS.get(code, ""))


def get_geometry_text(*, geometry: Mapping[str, Any]) -> str:
    """Return an outline in words: a list of coordinates tells a reader nothing."""
    if geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        return str(geometry)
    return _("outline of %(count)s corners") % {"count": corner_count(geometry)}
