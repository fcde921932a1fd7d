"""Outlines in cells: a GeoJSON polygon, as text or as it was read from a drawing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .types import CellError, CellType


def parse_geometry(raw: object, kind: CellType) -> dict[str, Any]:
    """Return the polygon or multi-polygon of a cell, its coordinates as lists; whether it is valid is not looked at.

    Raises
    ------
    CellError
        ``not_a_polygon``.

    Examples
    --------
    >>> parse_geometry('{"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}', CellType("geometry"))
    {'type': 'Polygon', 'coordinates': [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    """
    found: Any = raw
    if isinstance(raw, str):
        try:
            found = json.loads(raw)
        except (ValueError, RecursionError) as error:
            raise CellError("not_a_polygon", value=raw[:80]) from error
    if not isinstance(found, Mapping) or found.get("type") not in {"Polygon", "MultiPolygon"}:
        raise CellError("not_a_polygon", value=str(raw)[:80])
    if not isinstance(found.get("coordinates"), list):
        raise CellError("not_a_polygon", value=str(raw)[:80])
    return {"type": found["type"], "coordinates": found["coordinates"]}


def write_geometry(value: Mapping[str, Any]) -> str:
    """Return a polygon as the text that `parse_geometry` reads.

    Examples
    --------
    >>> write_geometry({"type": "Polygon", "coordinates": []})
    '{"type":"Polygon","coordinates":[]}'
    """
    return json.dumps(value, separators=(",", ":"))
