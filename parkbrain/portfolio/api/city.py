"""The city as JSON."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router
from pydantic import Field

from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import Out, require

from .. import queries

router = Router()


class DistrictOut(Out):
    """A district with its parks."""

    code: str
    name: str
    park_count: int
    modern_count: int
    mean_total: float | None
    land_area_m2: float | None


class CityOut(Out):
    """The parks of your branches in a few numbers, by the current ratings of the main scheme."""

    park_count: int
    modern_count: int = Field(description="Parks with three stars or more.")
    mean_total: float | None
    mean_coverage: float | None
    land_area_m2: float | None
    parks_by_stars: list[int] = Field(description="Number of parks with 0, 1, 2, 3, 4 and 5 proven stars.")
    districts: list[DistrictOut]


@router.get("/city", response=CityOut, summary="City")
def get_city(request: HttpRequest) -> CityOut:
    """The parks that you oversee: how many, how good, and by district. `/ratings` lists them one by one."""
    require(request.user.may(Permission.VIEW_CITY))
    overview = queries.get_overview(user=request.user)
    totals = overview.totals
    return CityOut(
        park_count=totals.park_count,
        modern_count=totals.modern_count,
        mean_total=totals.mean_total,
        mean_coverage=totals.mean_coverage,
        land_area_m2=totals.land_area_m2,
        parks_by_stars=[overview.counts.get(stars, 0) for stars in range(6)],
        districts=[
            DistrictOut(
                code=line.code,
                name=line.name,
                park_count=line.park_count,
                modern_count=line.modern_count,
                mean_total=line.mean_total,
                land_area_m2=line.land_area_m2,
            )
            for line in overview.lines
        ],
    )
