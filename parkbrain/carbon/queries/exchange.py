"""What firms offer each other and who needs it, with how far apart they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from django.db.models import QuerySet

from parkbrain.calc.exchange import Match, Party, match_between, match_parties
from parkbrain.kernel.models import Park, User

from ..models import ExchangeOffer

#: How far a thing is worth carrying from one park to another [m]: by pipe, or by lorry. Our own assumption, said on the page.
REACH_M: Mapping[str, float] = {
    ExchangeOffer.Kind.COMPRESSED_AIR: 1_000.0,
    ExchangeOffer.Kind.WASTE_HEAT: 3_000.0,
    ExchangeOffer.Kind.RECLAIMED_WATER: 5_000.0,
    ExchangeOffer.Kind.PACKAGING: 60_000.0,
    ExchangeOffer.Kind.BYPRODUCT: 100_000.0,
    ExchangeOffer.Kind.SOLVENT: 100_000.0,
}


@dataclass(frozen=True)
class ExchangeMatch:
    """An offer that fits a need: how much of the need it fills, and how far it is [m]."""

    offer: ExchangeOffer
    need: ExchangeOffer
    filled: float | None
    distance_m: float | None
    same_substance: bool

    @property
    def distance_km(self) -> float | None:
        """Return how far it is [km]."""
        return None if self.distance_m is None else self.distance_m / 1000


def list_offers(*, user: User, on: date) -> QuerySet[ExchangeOffer]:
    """Return the offers and needs that have not ended on a day in parks the person sees."""
    return ExchangeOffer.objects.visible_to(user).holding_on(on)


def _place(row: ExchangeOffer) -> tuple[float, float] | None:
    building = row.building
    if building is None:
        return None
    if building.longitude is not None and building.latitude is not None:
        return building.longitude, building.latitude
    if building.footprint:
        ring = building.footprint["coordinates"][0]
        ring = ring[0] if building.footprint["type"] == "MultiPolygon" else ring
        points = ring[:-1] or ring
        return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)
    return None


def _place_within_city(row: ExchangeOffer) -> tuple[float, float] | None:
    """Return where a firm is, or at least its park."""
    park = row.park
    at_park = (park.longitude, park.latitude) if park.longitude is not None and park.latitude is not None else None
    return _place(row) or at_park


def _party(row: ExchangeOffer, place: tuple[float, float] | None) -> Party:
    return Party(
        row.pk,
        row.enterprise_id,
        row.kind,
        row.substance,
        row.unit,
        row.per_month,
        row.starts_on,
        row.ends_on,
        row.temperature_c,
        place,
        row.park_id,
    )


def list_matches(*, park: Park, user: User, on: date) -> list[ExchangeMatch]:
    """Return the offers of a park that fit its needs, the best first."""
    rows = list_offers(user=user, on=on).filter(park=park).select_related("enterprise", "building")
    return _matched(rows, place=_place, match=match_parties)


def list_matches_between(*, user: User, on: date) -> list[ExchangeMatch]:
    """Return the offers that fit a need in another park within reach, of the parks a person sees, the best first."""
    rows = list_offers(user=user, on=on).select_related("enterprise", "building", "park")
    return _matched(rows, place=_place_within_city, match=partial(match_between, reach_m=REACH_M))


def _matched(
    rows: Iterable[ExchangeOffer],
    *,
    place: Callable[[ExchangeOffer], tuple[float, float] | None],
    match: Callable[[Sequence[Party], Sequence[Party]], list[Match]],
) -> list[ExchangeMatch]:
    """Return what a way of matching finds among offers and needs, with each firm where `place` says it is."""
    by_key = {row.pk: row for row in rows}
    offers, needs = (
        [_party(row, place(row)) for row in by_key.values() if row.direction == side]
        for side in (ExchangeOffer.Direction.OFFER, ExchangeOffer.Direction.NEED)
    )
    return [
        ExchangeMatch(by_key[m.offer], by_key[m.need], m.filled, m.distance_m, m.same_substance)
        for m in match(offers, needs)
    ]


def name_reaches() -> list[tuple[str, float]]:
    """Return the kinds of things by name, each with how far it is carried [km]."""
    return [(str(ExchangeOffer.Kind(kind).label), reach / 1000) for kind, reach in REACH_M.items()]
