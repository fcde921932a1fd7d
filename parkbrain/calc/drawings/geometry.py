"""Polygons checked, mended where only one reading is possible, and rounded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import DrawingError
from .plane import polygons_of

#: Decimals that are kept: 1 cm in degrees, 1 mm in metres.
DEGREES, METRES = 7, 3
MAX_CORNERS = 20_000
#: A repaired polygon may differ from the drawn one by this share of its area; more is another building.
MENDED_SHARE = 0.01


def check_geometry(geometry: Any, *, decimals: int) -> tuple[dict[str, Any], bool]:
    """Return a valid polygon or multi-polygon as plain lists, and whether it had to be mended.

    Doubled corners, spikes and touching rings are mended, for every reading of them has the same area. An outline that
    crosses itself is refused: nobody can know which of its parts are the building.

    Raises
    ------
    DrawingError
        ``geometry_kind``, ``geometry_empty``, ``geometry_numbers``, ``geometry_crossing`` or ``geometry_corners``.

    Examples
    --------
    >>> square = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}
    >>> check_geometry(square, decimals=3)[0]["coordinates"]
    [[[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0], [0.0, 0.0]]]
    """
    import shapely
    from shapely.geometry import shape

    if not isinstance(geometry, Mapping) or geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        kind = geometry.get("type", "?") if isinstance(geometry, Mapping) else "?"
        raise DrawingError("geometry_kind", kind=str(kind)[:40])
    _check_numbers(geometry)
    try:
        drawn = shapely.force_2d(shape(dict(geometry)))
    except (shapely.errors.ShapelyError, ValueError, TypeError, IndexError) as error:
        raise DrawingError("geometry_numbers") from error
    if drawn.is_empty:
        raise DrawingError("geometry_empty")
    mended = not drawn.is_valid
    if mended:
        drawn = _mended(drawn)
    # A tolerance of nothing: corners in line with their neighbours and doubled ones go, the outline stays.
    plain = _plain(shapely.orient_polygons(drawn.simplify(0)), decimals)
    if drawn.area <= 0:
        raise DrawingError("geometry_empty")
    return plain, mended


def _check_numbers(geometry: Mapping[str, Any]) -> None:
    count = 0
    try:
        for rings in polygons_of(geometry):
            for ring in rings:
                for point in ring:
                    count += 1
                    if len(point) < 2 or any(isinstance(v, bool) or not abs(v) < 1e9 for v in point[:2]):
                        raise DrawingError("geometry_numbers")
                if 0 < len(ring) < 3:
                    raise DrawingError("geometry_empty")
            if len(rings) == 0 or len(rings[0]) == 0:
                raise DrawingError("geometry_empty")
    except (TypeError, KeyError) as error:
        raise DrawingError("geometry_numbers") from error
    if count == 0:
        raise DrawingError("geometry_empty")
    if count > MAX_CORNERS:
        raise DrawingError("geometry_corners", limit=f"{MAX_CORNERS:,}")


def _mended(drawn: Any) -> Any:
    """Return the polygon without its defects, or refuse where its readings differ."""
    import shapely

    # The two readings of a crossing: what lies inside an odd number of times, and what lies inside at all.
    odd = shapely.make_valid(drawn, method="linework")
    whole = shapely.make_valid(drawn, method="structure", keep_collapsed=False)
    odd = shapely.unary_union([g for g in getattr(odd, "geoms", [odd]) if g.geom_type.endswith("Polygon")])
    if whole.is_empty or whole.geom_type not in {"Polygon", "MultiPolygon"}:
        raise DrawingError("geometry_empty")
    parts = len(getattr(whole, "geoms", [whole]))
    if parts != len(getattr(drawn, "geoms", [drawn])) or abs(odd.area - whole.area) > MENDED_SHARE * whole.area:
        raise DrawingError("geometry_crossing")
    return whole


def _plain(drawn: Any, decimals: int) -> dict[str, Any]:
    def ring(line: Any) -> list[list[float]]:
        return [[round(x, decimals), round(y, decimals)] for x, y in line.coords]

    def polygon(part: Any) -> list[list[list[float]]]:
        return [ring(part.exterior), *(ring(hole) for hole in part.interiors)]

    if drawn.geom_type == "Polygon":
        return {"type": "Polygon", "coordinates": polygon(drawn)}
    return {"type": "MultiPolygon", "coordinates": [polygon(p) for p in drawn.geoms]}


def corner_count(geometry: Mapping[str, Any]) -> int:
    """Return how many corners a geometry has, holes included.

    Examples
    --------
    >>> corner_count({"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 0]]]})
    3
    """
    return sum(len(ring) - 1 for rings in polygons_of(geometry) for ring in rings)
