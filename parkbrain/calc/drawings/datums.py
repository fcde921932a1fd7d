"""The shifted coordinates of Chinese maps → WGS 84.

Public maps in China are printed in GCJ-02, which is shifted from WGS 84 by 300 to 700 m, or in BD-09, which is shifted
once more. The shift of a file cannot be seen in its numbers: it has to be said. Source of the formulas: the published
reverse engineering of the GCJ-02 obfuscation (Krasovsky 1940 ellipsoid); accuracy of the way back: better than 1 m.
"""

from __future__ import annotations

import math

_KRASOVSKY_M = 6_378_245.0
_KRASOVSKY_E2 = 0.006_693_421_622_965_943
_BD_TURN = math.pi * 3000.0 / 180.0


def _shift(longitude: float, latitude: float) -> tuple[float, float]:
    x, y = longitude - 105.0, latitude - 35.0
    waves = 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + waves * 2.0 / 3.0
    east += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + waves * 2.0 / 3.0
    north += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    radians = math.radians(latitude)
    magic = 1 - _KRASOVSKY_E2 * math.sin(radians) ** 2
    root = math.sqrt(magic)
    east = east * 180.0 / (_KRASOVSKY_M / root * math.cos(radians) * math.pi)
    north = north * 180.0 / (_KRASOVSKY_M * (1 - _KRASOVSKY_E2) / (magic * root) * math.pi)
    return east, north


def wgs84_to_gcj02(longitude: float, latitude: float) -> tuple[float, float]:
    """Return a point of WGS 84 as a map in GCJ-02 shows it [degrees], within China.

    Examples
    --------
    >>> [round(v, 4) for v in wgs84_to_gcj02(114.0579, 22.5431)]
    [114.063, 22.5404]
    """
    east, north = _shift(longitude, latitude)
    return longitude + east, latitude + north


def gcj02_to_wgs84(longitude: float, latitude: float) -> tuple[float, float]:
    """Return a point of GCJ-02 in WGS 84 [degrees], within China; better than 1 mm against `wgs84_to_gcj02`.

    Examples
    --------
    >>> [round(v, 6) for v in gcj02_to_wgs84(*wgs84_to_gcj02(114.0579, 22.5431))]
    [114.0579, 22.5431]
    """
    lon, lat = longitude, latitude
    for _ in range(6):
        shown = wgs84_to_gcj02(lon, lat)
        lon, lat = lon + longitude - shown[0], lat + latitude - shown[1]
    return lon, lat


def bd09_to_wgs84(longitude: float, latitude: float) -> tuple[float, float]:
    """Return a point of BD-09 in WGS 84 [degrees], within China.

    Examples
    --------
    >>> [round(v, 3) for v in bd09_to_wgs84(114.0695, 22.5464)]
    [114.058, 22.543]
    """
    x, y = longitude - 0.0065, latitude - 0.006
    distance = math.hypot(x, y) - 0.00002 * math.sin(y * _BD_TURN)
    angle = math.atan2(y, x) - 0.000003 * math.cos(x * _BD_TURN)
    return gcj02_to_wgs84(distance * math.cos(angle), distance * math.sin(angle))
