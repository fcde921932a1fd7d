"""How sure a park's star is."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from parkbrain.ui.rest import Out, Problem

from .. import queries
from .common import rated_park

router = Router()
USUAL = queries.Assumptions()


class CertaintyParams(Schema):
    """Under which assumptions; spreads are half the range that holds 95 of 100 cases, in percent."""

    declared: float = Field(USUAL.declared, ge=0, le=100, description="How far declared facts may be off.")
    computed: float = Field(USUAL.computed, ge=0, le=100, description="How far computed facts may be off.")
    verified: float = Field(USUAL.verified, ge=0, le=100, description="How far verified facts may be off.")
    thresholds: float = Field(USUAL.thresholds, ge=0, le=50, description="Share of each scale by which it moves.")
    weights: int = Field(USUAL.weights, ge=0, le=1_000_000, description="Concentration of the weights; 0 holds them.")
    filled: float = Field(
        USUAL.filled, ge=0, le=100, description="Chance that an unknown is filled in as peers have it."
    )
    draws: int = Field(USUAL.draws, ge=64, le=20_000)
    seed: int = Field(USUAL.seed, ge=0, le=10**9, description="The same seed gives the same figures.")


class ChanceOut(Out):
    """A class and its chance, 0 to 1."""

    rank: int
    name: str
    chance: float
    is_proven: bool
    standard_error: float = Field(description="Of the chance, from the number of draws; 0 to 1.")


class DriverOut(Out):
    """One thing that decides: shares of the total's variance, and both its ends."""

    kind: str = Field(description="fact, gap (an indicator with something unknown), weights, thresholds or others.")
    subject: str = Field(description="Key of the fact or id of the indicator; empty for groups.")
    name: str
    indicator_ids: list[str]
    first_order: float = Field(description="Share of the variance that goes if this alone becomes known.")
    total_order: float = Field(description="Share of the variance that stays if all else becomes known.")
    low_total: float | None = Field(description="Mean total in its lower quarter, or while a gap is open.")
    high_total: float | None
    low_chance: float | None = Field(description="Chance of the likeliest class or better there.")
    high_chance: float | None


class PlaceOut(Out):
    """Places drawn with all parks under the usual assumptions: 5 %, 50 % and 95 %."""

    rank: list[int]
    park_count: int
    kind_rank: list[int]
    kind_count: int
    computed_at: datetime
    is_current: bool = Field(description="False where the facts changed since.")


class CertaintyOut(Out):
    """How sure the star of a park is under the main scheme."""

    park_id: int
    scheme_id: str
    scheme_version: str
    class_proven: int
    class_reachable: int
    likeliest: int
    draws: int = Field(description="In how many draws the chances were counted.")
    total_proven: float
    total_reachable: float
    chances: list[ChanceOut]
    quantiles: list[float] = Field(description="5, 25, 50, 75 and 95 % of the total.")
    mean: float
    drivers: list[DriverOut]
    evaluations: int = Field(description="Evaluations behind the drivers.")
    place: PlaceOut | None = Field(description="Null until all parks were drawn.")


@router.get("/parks/{int:park_id}/certainty", response=CertaintyOut, summary="How sure a star is")
def get_certainty(request: HttpRequest, park_id: int, part: Query[CertaintyParams]) -> CertaintyOut:
    """The chance of every star, the quantiles of the total, the place among all parks, and what decides it."""
    park = rated_park(request, park_id)
    try:
        sheet = queries.get_star_sheet(park=park)
    except queries.NotRated as reason:
        raise Problem(404, str(reason)) from reason
    shown = queries.get_certainty(sheet=sheet, assumptions=queries.Assumptions(**part.model_dump()))
    found = shown.found
    return CertaintyOut(
        park_id=park.pk,
        scheme_id=sheet.scheme.id,
        scheme_version=sheet.scheme.version,
        class_proven=found.class_proven,
        class_reachable=found.class_reachable,
        likeliest=found.likeliest,
        draws=shown.assumptions.draws,
        total_proven=found.total_proven,
        total_reachable=found.total_reachable,
        chances=[
            ChanceOut(rank=c.rank, name=c.name, chance=c.chance, is_proven=c.is_proven, standard_error=c.error)
            for c in shown.chances
        ],
        quantiles=list(found.quantiles),
        mean=found.mean,
        drivers=[_driver(one) for one in shown.drivers],
        evaluations=shown.sensitivity.evaluations,
        place=_place(shown),
    )


def _driver(one: queries.DriverLine) -> DriverOut:
    low, high = one.low or (None, None), one.high or (None, None)
    return DriverOut(
        kind=one.kind,
        subject=one.subject,
        name=one.name,
        indicator_ids=[key for key, _name in one.indicators],
        first_order=one.first,
        total_order=one.total,
        low_total=low[0],
        high_total=high[0],
        low_chance=low[1],
        high_chance=high[1],
    )


def _place(shown: queries.CertaintySheet) -> PlaceOut | None:
    city = shown.city
    if city is None:
        return None
    return PlaceOut(
        rank=city.rank,
        park_count=city.park_count,
        kind_rank=city.kind_rank,
        kind_count=city.kind_count,
        computed_at=city.computed_at,
        is_current=shown.is_city_current,
    )
