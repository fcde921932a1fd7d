"""Which offer of a by-product, waste heat or reclaimed water serves which need: kind, amount, quality, time, distance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_M = 6_371_008.8
#: Offers are compared with all needs of their kind so many at a time: memory stays bounded.
_AT_ONCE = 512


@dataclass(frozen=True)
class Party:
    """One side: so much a month [unit] of a kind in ``[starts_on, ends_on)``, at a temperature [°C] and a place."""

    key: int
    firm: int
    kind: str
    substance: str
    unit: str
    per_month: float | None
    starts_on: date
    ends_on: date | None = None
    temperature_c: float | None = None
    place: tuple[float, float] | None = None
    park: int = 0


@dataclass(frozen=True)
class Match:
    """An offer for a need: the share of the need it fills (None where an amount is unknown), and how far it is [m]."""

    offer: int
    need: int
    filled: float | None
    distance_m: float | None
    same_substance: bool


def distance_m(one: tuple[float, float] | None, other: tuple[float, float] | None) -> float | None:
    """Return the distance of two places (longitude, latitude) along the ground [m]; None where one is unknown.

    Examples
    --------
    >>> round(distance_m((114.0, 22.5), (114.0, 22.501)))
    111
    """
    if one is None or other is None:
        return None
    return float(distances_m(np.array([one]), np.array([other]))[0, 0])


def match_parties(offers: Sequence[Party], needs: Sequence[Party]) -> list[Match]:
    """Return what fits, the best first: the same substance, then the fuller, then the nearer.

    Kind and unit agree, the periods meet, heat is at least as warm as is needed, and no firm serves itself.

    Examples
    --------
    >>> day = date(2026, 1, 1)
    >>> offer = Party(1, 10, "WASTE_HEAT", "hot water", "MJ", 300.0, day, temperature_c=85.0)
    >>> need = Party(2, 11, "WASTE_HEAT", "hot water", "MJ", 400.0, day, temperature_c=60.0)
    >>> match_parties([offer], [need])
    [Match(offer=1, need=2, filled=0.75, distance_m=None, same_substance=True)]
    """
    fitting = [(offer, need) for offer in offers for need in needs if _fits(offer, need)]
    return _best_first([_match(offer, need, distance_m(offer.place, need.place)) for offer, need in fitting])


def match_between(offers: Sequence[Party], needs: Sequence[Party], *, reach_m: Mapping[str, float]) -> list[Match]:
    """Return what fits from one park to another, the best first as in `match_parties`.

    `reach_m` says by kind how far a thing is worth carrying [m, along the ground]; a kind that is not in it is carried
    nowhere, and who has no place is found by nobody.

    Examples
    --------
    >>> day = date(2026, 1, 1)
    >>> offer = Party(1, 10, "BYPRODUCT", "chips", "t", 2.0, day, place=(114.0, 22.5), park=1)
    >>> near = Party(2, 11, "BYPRODUCT", "chips", "t", 4.0, day, place=(114.0, 22.6), park=2)
    >>> far = Party(3, 12, "BYPRODUCT", "chips", "t", 4.0, day, place=(116.0, 24.0), park=3)
    >>> [(m.offer, m.need, m.filled, round(m.distance_m / 1000)) for m in
    ...  match_between([offer], [near, far], reach_m={"BYPRODUCT": 50_000.0})]
    [(1, 2, 0.5, 11)]
    """
    found = []
    for kind, reach in reach_m.items():
        sources = [one for one in offers if one.kind == kind and one.place is not None]
        sinks = [one for one in needs if one.kind == kind and one.place is not None]
        if not sources or not sinks:
            continue
        there = np.array([one.place for one in sinks])
        parks = np.array([one.park for one in sinks])
        for start in range(0, len(sources), _AT_ONCE):
            part = sources[start : start + _AT_ONCE]
            apart_m = distances_m(np.array([one.place for one in part]), there)
            near = apart_m <= reach
            near &= np.array([one.park for one in part])[:, None] != parks[None, :]
            found += [
                _match(part[i], sinks[j], float(apart_m[i, j]))
                for i, j in np.argwhere(near).tolist()
                if _fits(part[i], sinks[j])
            ]
    return _best_first(found)


def distances_m(ones: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far each place is from each other one along the ground [m]: shape (n, m).

    `ones` and `others` are longitudes and latitudes [degrees], shapes (n, 2) and (m, 2). By the haversine formula on a
    sphere of the mean radius of IUGG, off by at most 0.6 %.

    Examples
    --------
    >>> distances_m(np.array([[114.0, 22.5]]), np.array([[114.0, 22.501], [114.0, 22.5]])).round().tolist()
    [[111.0, 0.0]]
    """
    a, b = np.radians(ones)[:, None, :], np.radians(others)[None, :, :]
    half = np.sin((b - a) / 2) ** 2
    angle = half[..., 1] + np.cos(a[..., 1]) * np.cos(b[..., 1]) * half[..., 0]
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(angle, 0.0, 1.0))))


def _best_first(found: Sequence[Match]) -> list[Match]:
    return sorted(
        found,
        key=lambda m: (
            not m.same_substance,
            -(m.filled if m.filled is not None else 0.0),
            math.inf if m.distance_m is None else m.distance_m,
            m.offer,
            m.need,
        ),
    )


def _fits(offer: Party, need: Party) -> bool:
    if offer.firm == need.firm or offer.kind != need.kind or offer.unit != need.unit:
        return False
    if offer.temperature_c is not None and need.temperature_c is not None and offer.temperature_c < need.temperature_c:
        return False
    return (need.ends_on is None or offer.starts_on < need.ends_on) and (
        offer.ends_on is None or need.starts_on < offer.ends_on
    )


def _match(offer: Party, need: Party, apart_m: float | None) -> Match:
    filled = None
    if offer.per_month is not None and need.per_month:
        filled = min(1.0, offer.per_month / need.per_month)
    same = offer.substance.strip().casefold() == need.substance.strip().casefold()
    return Match(offer.key, need.key, filled, apart_m, same)
