"""GeoJSON (RFC 7946) → footprints of buildings in WGS 84, with their areas."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .datums import bd09_to_wgs84, gcj02_to_wgs84
from .errors import DrawingError, DrawingRemark
from .geometry import DEGREES, check_geometry
from .plane import geometry_area_m2

MAX_FEATURES = 20_000
#: What a property of a feature may be called, in lower case; the first that is there is taken.
PROPERTIES: Mapping[str, tuple[str, ...]] = {
    "code": ("code", "building_code", "ref", "楼栋编码", "楼栋", "栋号", "编号", "樓棟編碼", "棟號"),
    "name": ("name", "name:zh", "building_name", "楼栋名称", "楼宇名称", "名称", "樓棟名稱", "名稱"),
    "height_m": ("height_m", "height", "building:height", "建筑高度", "高度", "建築高度"),
    "storeys": ("storeys", "building:levels", "levels", "floors", "层数", "楼层数", "層數"),
}
_SHIFTED: Mapping[str, tuple[str, Callable[[float, float], tuple[float, float]]]] = {
    "gcj02": ("GCJ-02", gcj02_to_wgs84),
    "bd09": ("BD-09", bd09_to_wgs84),
}
#: Names of WGS 84 and of CGCS 2000, which differs from it by less than a metre.
_PLAIN_CRS = ("crs84", "wgs84", "4326", "cgcs2000", "4490")
#: Around China: outside of it the shifted systems are not defined.
_CHINA = (73.0, 136.0, 3.0, 54.0)


@dataclass(frozen=True)
class DrawnFootprint:
    """A feature: its index in the file, what it says of the building, its outline (WGS 84) and area [m²]."""

    index: int
    code: str
    name: str
    height_m: Any
    storeys: Any
    geometry: dict[str, Any]
    area_m2: float


@dataclass(frozen=True)
class FootprintDrawing:
    """The footprints of a file and what had to be assumed."""

    footprints: list[DrawnFootprint] = field(default_factory=list)
    remarks: list[DrawingRemark] = field(default_factory=list)


def read_geojson(content: bytes) -> FootprintDrawing:
    """Return the footprints of a GeoJSON file.

    Parameters
    ----------
    content
        UTF-8 text. A FeatureCollection, a Feature or a bare geometry; polygons only. Coordinates are read as WGS 84,
        longitude first. A member ``crs`` or ``coordinate_system`` that names GCJ-02 or BD-09 has them converted.

    Raises
    ------
    DrawingError
        ``geojson_not_json``, ``geojson_not_geojson``, ``geojson_too_large``, ``geojson_crs``, or of one feature (with
        its index) ``geojson_swapped``, ``geojson_projected``, ``geometry_kind``, ``geometry_empty``,
        ``geometry_numbers``, ``geometry_crossing``, ``geometry_corners``.

    Examples
    --------
    >>> read_geojson(b'{"type": "FeatureCollection", "features": []}').footprints
    []
    >>> read_geojson(b'{"some": "json"}')
    Traceback (most recent call last):
    parkbrain.calc.drawings.errors.DrawingError: geojson_not_geojson {'detail': '?'}
    """
    data = _parse(content)
    features = _features(data)
    if len(features) > MAX_FEATURES:
        raise DrawingError("geojson_too_large", count=len(features), limit=f"{MAX_FEATURES:,}")
    remarks, convert = _datum(data)
    drawing = FootprintDrawing(remarks=remarks if features else [])
    mended = []
    for index, feature in enumerate(features):
        if not isinstance(feature, Mapping) or feature.get("type") != "Feature":
            raise DrawingError("geojson_not_geojson", detail=f"features[{index}]")
        try:
            footprint, was_mended = _footprint(index, feature, convert)
        except DrawingError as error:
            raise DrawingError(error.code, feature=index, **error.params) from error
        drawing.footprints.append(footprint)
        if was_mended:
            mended.append(f"features[{index}]")
    if mended:
        drawing.remarks.append(DrawingRemark("remark_mended", {"features": ", ".join(mended[:20])}))
    return drawing


def _parse(content: bytes) -> Mapping[str, Any]:
    def refuse(word: str) -> float:
        raise ValueError(word)

    try:
        data = json.loads(content.decode("utf-8-sig"), parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise DrawingError("geojson_not_json", detail=str(error)[:120]) from error
    if not isinstance(data, Mapping) or not isinstance(data.get("type"), str):
        raise DrawingError("geojson_not_geojson", detail="?")
    return data


def _features(data: Mapping[str, Any]) -> list[Any]:
    if data["type"] == "FeatureCollection":
        if not isinstance(data.get("features"), list):
            raise DrawingError("geojson_not_geojson", detail="features")
        return list(data["features"])
    if data["type"] == "Feature":
        return [data]
    if data["type"] in {"Polygon", "MultiPolygon"}:
        return [{"type": "Feature", "properties": {}, "geometry": data}]
    raise DrawingError("geojson_not_geojson", detail=data["type"][:40])


def _datum(data: Mapping[str, Any]) -> tuple[list[DrawingRemark], Callable[[float, float], tuple[float, float]] | None]:
    named = data.get("coordinate_system") or ""
    crs = data.get("crs")
    if isinstance(crs, Mapping) and isinstance(crs.get("properties"), Mapping):
        named = crs["properties"].get("name") or named
    elif isinstance(crs, str):
        named = crs
    plain = "".join(c for c in str(named).lower() if c.isalnum())
    for key, (label, convert) in _SHIFTED.items():
        if key in plain:
            return [DrawingRemark("remark_datum_converted", {"datum": label})], convert
    if plain and not any(plain.endswith(known) for known in _PLAIN_CRS):
        raise DrawingError("geojson_crs", crs=str(named)[:80])
    return ([] if plain else [DrawingRemark("remark_datum_assumed")]), None


def _footprint(
    index: int, feature: Mapping[str, Any], convert: Callable[[float, float], tuple[float, float]] | None
) -> tuple[DrawnFootprint, bool]:
    geometry, mended = check_geometry(feature.get("geometry"), decimals=DEGREES)
    _check_degrees(geometry)
    if convert is not None:
        geometry = _converted(geometry, convert)
    properties = feature.get("properties")
    said = {str(k).strip().lower(): v for k, v in properties.items()} if isinstance(properties, Mapping) else {}
    values = {name: _first(said, keys) for name, keys in PROPERTIES.items()}
    area_m2 = geometry_area_m2(geometry)
    if not area_m2 > 0 or not math.isfinite(area_m2):
        raise DrawingError("geometry_empty")
    footprint = DrawnFootprint(
        index, _text(values["code"]), _text(values["name"]), values["height_m"], values["storeys"],
        geometry, round(area_m2, 2),
    )  # fmt: skip
    return footprint, mended


def _first(said: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    return next((said[k] for k in keys if said.get(k) not in (None, "")), None)


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()


def _check_degrees(geometry: Mapping[str, Any]) -> None:
    from .plane import middle_of, polygons_of

    x, y = middle_of(geometry)
    corners = [p for rings in polygons_of(geometry) for p in rings[0]]
    if all(abs(p[0]) <= 180 and abs(p[1]) <= 85 for p in corners):
        return
    if abs(x) <= 85 and abs(y) <= 180:
        raise DrawingError("geojson_swapped", longitude=round(x, 4), latitude=round(y, 4))
    raise DrawingError("geojson_projected", x=round(x, 1), y=round(y, 1))


def _converted(geometry: Mapping[str, Any], convert: Callable[[float, float], tuple[float, float]]) -> dict[str, Any]:
    def moved(part: Any) -> Any:
        if isinstance(part[0], int | float):
            west, east, south, north = _CHINA
            if not (west <= part[0] <= east and south <= part[1] <= north):
                raise DrawingError("geojson_crs", crs="GCJ-02, BD-09")
            return [round(v, DEGREES) for v in convert(part[0], part[1])]
        return [moved(p) for p in part]

    return {"type": geometry["type"], "coordinates": moved(geometry["coordinates"])}
