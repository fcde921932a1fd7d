"""Areas of drawings against what is known without them: integrals, invariance, the shift of Chinese maps."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.drawings import (
    DrawingError,
    LocalPlane,
    check_geometry,
    geometry_area_m2,
    read_geojson,
    ring_area,
)
from parkbrain.calc.drawings.datums import bd09_to_wgs84, gcj02_to_wgs84, wgs84_to_gcj02
from parkbrain.calc.drawings.plane import ECCENTRICITY_2, SEMI_MAJOR_M


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """Return a box between two meridians and two parallels."""
    return {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north]]]}


def integral_m2(south: float, north: float, width_degrees: float, steps: int = 400) -> float:
    """Return the area between two parallels by adding up thin strips of the ellipsoid."""
    total, step = 0.0, math.radians(north - south) / steps
    for i in range(steps):
        latitude = math.radians(south) + (i + 0.5) * step
        bent = 1 - ECCENTRICITY_2 * math.sin(latitude) ** 2
        meridian = SEMI_MAJOR_M * (1 - ECCENTRICITY_2) / bent**1.5
        total += meridian * step * SEMI_MAJOR_M / math.sqrt(bent) * math.cos(latitude) * math.radians(width_degrees)
    return total


@pytest.mark.parametrize("latitude", [-45.0, 0.0, 22.7, 45.0, 70.0])
@pytest.mark.parametrize("size", [0.0005, 0.01])
def test_area_of_a_box_is_that_of_the_ellipsoid(latitude: float, size: float) -> None:
    found = geometry_area_m2(box(114.0, latitude, 114.0 + size, latitude + size))
    assert found == pytest.approx(integral_m2(latitude, latitude + size, size), rel=1e-7)


def test_hole_is_taken_out_and_parts_are_added() -> None:
    outer, inner = box(114.0, 22.5, 114.002, 22.502), box(114.0005, 22.5005, 114.001, 22.501)
    with_hole = {"type": "Polygon", "coordinates": [*outer["coordinates"], *inner["coordinates"]]}
    difference = geometry_area_m2(outer) - geometry_area_m2(with_hole)
    assert difference == pytest.approx(geometry_area_m2(inner), rel=1e-4)
    parts = {
        "type": "MultiPolygon",
        "coordinates": [outer["coordinates"], box(114.01, 22.5, 114.012, 22.502)["coordinates"]],
    }
    assert geometry_area_m2(parts) == pytest.approx(2 * geometry_area_m2(outer), rel=1e-6)


def test_plane_is_true_to_scale_at_its_latitude() -> None:
    plane = LocalPlane(114.0, 22.7)
    bent = 1 - ECCENTRICITY_2 * math.sin(math.radians(22.7)) ** 2
    east = SEMI_MAJOR_M / math.sqrt(bent) * math.cos(math.radians(22.7)) * math.radians(0.001)
    north = SEMI_MAJOR_M * (1 - ECCENTRICITY_2) / bent**1.5 * math.radians(0.001)
    assert plane.to_metres(114.001, 22.7) == pytest.approx((east, 0.0), abs=1e-6)
    assert plane.to_metres(114.0, 22.701)[1] == pytest.approx(north, rel=1e-5)


corner = st.tuples(st.floats(-500, 500), st.floats(-500, 500))


@given(st.lists(corner, min_size=3, max_size=12), st.integers(0, 11), st.floats(-3.2, 3.2), corner)
def test_area_stays_when_the_ring_is_turned_moved_reversed_or_begun_elsewhere(
    ring: list[tuple[float, float]], start: int, angle: float, by: tuple[float, float]
) -> None:
    area = ring_area(ring)
    at = start % len(ring)
    cosine, sine = math.cos(angle), math.sin(angle)
    turned = [(x * cosine - y * sine + by[0], x * sine + y * cosine + by[1]) for x, y in ring]
    for other in ([*ring[at:], *ring[:at]], ring[::-1], [*ring, ring[0]], turned):
        assert ring_area(other) == pytest.approx(area, abs=1e-6, rel=1e-9)


@given(st.floats(1, 300), st.floats(1, 300), st.floats(0, 3.2))
def test_area_of_a_turned_rectangle_is_width_times_depth(width: float, depth: float, angle: float) -> None:
    cosine, sine = math.cos(angle), math.sin(angle)
    corners = [(0, 0), (width, 0), (width, depth), (0, depth)]
    ring = [[x * cosine - y * sine, x * sine + y * cosine] for x, y in corners]
    geometry, mended = check_geometry({"type": "Polygon", "coordinates": [ring]}, decimals=3)
    assert not mended
    assert geometry_area_m2(geometry, is_geographic=False) == pytest.approx(width * depth, abs=0.002 * (width + depth))


@given(st.floats(105, 122), st.floats(18, 40))
def test_shift_of_chinese_maps_is_undone(longitude: float, latitude: float) -> None:
    assert gcj02_to_wgs84(*wgs84_to_gcj02(longitude, latitude)) == pytest.approx((longitude, latitude), abs=1e-8)


def test_shift_has_the_size_that_maps_have() -> None:
    plane = LocalPlane(114.0579, 22.5431)
    east, north = plane.to_metres(*wgs84_to_gcj02(114.0579, 22.5431))
    assert 300 < math.hypot(east, north) < 700
    # Tiananmen as Baidu's documentation shows it in BD-09, and in WGS 84.
    assert bd09_to_wgs84(116.404, 39.915) == pytest.approx((116.3913, 39.9075), abs=0.0003)


def read(features: Any, **more: Any) -> Any:
    return read_geojson(json.dumps({"type": "FeatureCollection", "features": features, **more}).encode())


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def test_named_shift_is_converted_and_said() -> None:
    square = box(114.05, 22.54, 114.051, 22.541)
    shifted = [list(wgs84_to_gcj02(*p)) for p in square["coordinates"][0]]
    drawing = read([feature({"type": "Polygon", "coordinates": [shifted]}, code="A")], coordinate_system="GCJ-02")
    assert [r.code for r in drawing.remarks] == ["remark_datum_converted"]
    assert drawing.footprints[0].area_m2 == pytest.approx(geometry_area_m2(square), rel=1e-3)
    assert drawing.footprints[0].geometry["coordinates"][0][0] == pytest.approx([114.05, 22.54], abs=2e-3)
    assert [r.code for r in read([feature(square, code="A")]).remarks] == ["remark_datum_assumed"]


def test_properties_are_known_by_the_names_people_use() -> None:
    drawing = read([feature(box(114, 22, 114.001, 22.001), **{"楼栋编码": 3.0, "名称": "三栋", "building:levels": 6})])
    found = drawing.footprints[0]
    assert (found.code, found.name, found.storeys, found.height_m) == ("3", "三栋", 6, None)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfe", "geojson_not_json"),
        (b'{"type": "Polygon", "coordinates": [[[NaN, 1], [2, 2], [3, 1]]]}', "geojson_not_json"),
        (b"[]", "geojson_not_geojson"),
        (b'{"type": "FeatureCollection"}', "geojson_not_geojson"),
        (b'{"type": "FeatureCollection", "features": [1]}', "geojson_not_geojson"),
        (b'{"type": "Feature", "geometry": null}', "geometry_kind"),
        (b'{"type": "Polygon", "coordinates": []}', "geometry_empty"),
        (b'{"type": "Polygon", "coordinates": [[[114, 22], [114, 23]]]}', "geometry_empty"),
        (b'{"type": "Polygon", "coordinates": [[[114, 22], [114, 23], [114, 24], [114, 22]]]}', "geometry_empty"),
        (b'{"type": "Polygon", "coordinates": [[["a", 22], [114, 23], [115, 24]]]}', "geometry_numbers"),
        (b'{"type": "Polygon", "coordinates": [[[114], [114, 23], [115, 24]]]}', "geometry_numbers"),
        (b'{"type": "Polygon", "coordinates": [[[1, 1], [2, 2], [2, 1], [1, 2], [1, 1]]]}', "geometry_crossing"),
        (b'{"type": "Polygon", "coordinates": [[[22.5, 114], [22.6, 114], [22.6, 114.1]]]}', "geojson_swapped"),
        (b'{"type": "Polygon", "coordinates": [[[5e5, 25e5], [6e5, 25e5], [6e5, 26e5]]]}', "geojson_projected"),
        (b'{"type": "Polygon", "crs": "EPSG:4547", "coordinates": [[[1, 1], [2, 1], [2, 2]]]}', "geojson_crs"),
    ],
)
def test_what_is_no_footprint_is_refused_with_a_code(content: bytes, code: str) -> None:
    with pytest.raises(DrawingError) as refusal:
        read_geojson(content)
    assert refusal.value.code == code


@given(st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.sampled_from(["Polygon", "Feature"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["type", "features", "geometry", "coordinates", "properties", "crs"]), inner),
    max_leaves=20,
))  # fmt: skip
def test_any_json_is_read_or_refused_with_a_code(data: Any) -> None:
    try:
        read_geojson(json.dumps(data).encode())
    except DrawingError as error:
        assert error.code
