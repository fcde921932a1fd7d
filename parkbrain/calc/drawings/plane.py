"""Longitude and latitude → metres on a local plane that keeps areas."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

#: WGS 84 (and, within a metre, CGCS 2000): semi-major axis [m] and squared eccentricity.
SEMI_MAJOR_M = 6_378_137.0
ECCENTRICITY_2 = 0.006_694_379_990_141_3
_E = math.sqrt(ECCENTRICITY_2)

Point = Sequence[float]
Ring = Sequence[Point]


class LocalPlane:
    """The ellipsoidal cylindrical equal-area projection that is true to scale at one latitude [m].

    Areas are kept exactly wherever the place lies; what remains is that an edge is straight on the plane and not a
    geodesic, which for edges of 100 m is less than a millimetre. Shapes are true at the latitude of the origin and are
    stretched by about 0.00007 at a distance of 1 km from it. Latitudes from -85° to 85°.

    Source: J. P. Snyder, Map Projections: A Working Manual (USGS 1395, 1987), equations 10-13, 10-15 and 3-12.

    Examples
    --------
    >>> plane = LocalPlane(114.0, 22.5)
    >>> [round(v, 1) for v in plane.to_metres(114.001, 22.5)]
    [102.9, 0.0]
    """

    def __init__(self, longitude: float, latitude: float) -> None:
        sine = math.sin(math.radians(latitude))
        self._scale = math.cos(math.radians(latitude)) / math.sqrt(1 - ECCENTRICITY_2 * sine * sine)
        self._longitude = longitude
        self._origin_q = _authalic_q(latitude)

    def to_metres(self, longitude: float, latitude: float) -> tuple[float, float]:
        """Return the metres east and north of the origin.

        Examples
        --------
        >>> LocalPlane(0.0, 0.0).to_metres(0.0, 0.0)
        (0.0, 0.0)
        """
        x = SEMI_MAJOR_M * self._scale * math.radians(longitude - self._longitude)
        y = SEMI_MAJOR_M * (_authalic_q(latitude) - self._origin_q) / (2 * self._scale)
        return x, y


def _authalic_q(latitude: float) -> float:
    sine = math.sin(math.radians(latitude))
    bent = _E * sine
    return (1 - ECCENTRICITY_2) * (sine / (1 - bent * bent) - math.log((1 - bent) / (1 + bent)) / (2 * _E))


def ring_area(ring: Ring) -> float:
    """Return the area within a ring [unit of its coordinates, squared], whichever way round it runs.

    The first corner may be repeated at the end. A ring that crosses itself has no area that this function could know.

    Examples
    --------
    >>> ring_area([(0, 0), (4, 0), (4, 3)])
    6.0
    """
    if len(ring) < 3:
        return 0.0
    # Counted from the first corner: far from the origin the differences of large products would lose digits.
    x0, y0 = ring[0][0], ring[0][1]
    doubled = math.fsum(
        (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0) for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)
    )
    return abs(doubled) / 2


def polygons_of(geometry: Mapping[str, Any]) -> Iterator[Sequence[Ring]]:
    """Yield the polygons of a GeoJSON geometry, each as its outline and its holes.

    Examples
    --------
    >>> len(list(polygons_of({"type": "MultiPolygon", "coordinates": [[[]], [[]]]})))
    2
    """
    if geometry["type"] == "Polygon":
        yield geometry["coordinates"]
    else:
        yield from geometry["coordinates"]


def middle_of(geometry: Mapping[str, Any]) -> tuple[float, float]:
    """Return the middle of a geometry's extent, in its own coordinates.

    Examples
    --------
    >>> middle_of({"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 2], [0, 0]]]})
    (2.0, 1.0)
    """
    xs = [p[0] for rings in polygons_of(geometry) for p in rings[0]]
    ys = [p[1] for rings in polygons_of(geometry) for p in rings[0]]
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def geometry_area_m2(geometry: Mapping[str, Any], *, is_geographic: bool = True) -> float:
    """Return the area of a polygon or multi-polygon [m²], holes taken out.

    Parameters
    ----------
    geometry
        A valid GeoJSON Polygon or MultiPolygon.
    is_geographic
        Whether the coordinates are degrees (WGS 84); otherwise they are metres.

    Examples
    --------
    >>> square = [[0.0, 0.0], [0.001, 0.0], [0.001, 0.001], [0.0, 0.001], [0.0, 0.0]]
    >>> round(geometry_area_m2({"type": "Polygon", "coordinates": [square]}))
    12309
    >>> geometry_area_m2({"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 3]]]}, is_geographic=False)
    6.0
    """
    plane = LocalPlane(*middle_of(geometry)) if is_geographic else None
    total = 0.0
    for rings in polygons_of(geometry):
        flat = [[plane.to_metres(p[0], p[1]) for p in ring] if plane else ring for ring in rings]
        total += ring_area(flat[0]) - sum(ring_area(hole) for hole in flat[1:])
    return total
