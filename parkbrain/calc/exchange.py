"""Which offer of a by-product, waste heat or reclaimed water serves which need: kind, amount, quality, time, distance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

EARTH_RADIUS_M = 6_371_008.8


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
    a, b = math.radians(one[1]), math.radians(other[1])
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(other[0] - one[0]) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


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
    found = [_match(offer, need) for offer in offers for need in needs if _fits(offer, need)]
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


def _match(offer: Party, need: Party) -> Match:
    filled = None
    if offer.per_month is not None and need.per_month:
        filled = min(1.0, offer.per_month / need.per_month)
    same = offer.substance.strip().casefold() == need.substance.strip().casefold()
    return Match(offer.key, need.key, filled, distance_m(offer.place, need.place), same)
