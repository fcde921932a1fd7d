"""What firms offer each other and who needs it, with how far apart they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from parkbrain.calc.exchange import Party, match_parties
from parkbrain.kernel.models import Park, User

from ..models import ExchangeOffer


@dataclass(frozen=True)
class ExchangeMatch:
    """An offer that fits a need: how much of the need it fills, and how far it is [m]."""

    offer: ExchangeOffer
    need: ExchangeOffer
    filled: float | None
    distance_m: float | None
    same_substance: bool


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


def _party(row: ExchangeOffer) -> Party:
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
        _place(row),
    )


def list_matches(*, park: Park, user: User, on: date) -> list[ExchangeMatch]:
    """Return the offers of a park that fit its needs, the best first."""
    rows = list_offers(user=user, on=on).filter(park=park).select_related("enterprise", "building")
    by_key = {row.pk: row for row in rows}
    sides: dict[str, Sequence[Party]] = {
        side: [_party(row) for row in by_key.values() if row.direction == side] for side in ExchangeOffer.Direction
    }
    matches = match_parties(sides[ExchangeOffer.Direction.OFFER], sides[ExchangeOffer.Direction.NEED])
    return [ExchangeMatch(by_key[m.offer], by_key[m.need], m.filled, m.distance_m, m.same_substance) for m in matches]
