"""A park over time: as it was, and like for like without what came or went in the period."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date

from parkbrain.calc.boundary import Point, Stay, Unit, kept_lineages, left_out, lineages, month_days, park_series
from parkbrain.kernel.models import Park, User
from parkbrain.space.models import Premises, PremisesSuccession

from ..models import EnterpriseReturn, Occupancy
from .viewing import visible_premises

MONTHS = 36


@dataclass(frozen=True)
class LeftOut:
    """Premises that the like-for-like series leaves out, with the days they came and went."""

    premises_id: int
    code: str
    building: str
    area_m2: float
    added_on: date | None
    removed_on: date | None


@dataclass(frozen=True)
class ParkSeries:
    """Figures of a park over months: as it was and like for like, oldest first."""

    was: Sequence[Point]
    like: Sequence[Point]
    left_out: Sequence[LeftOut]

    @property
    def changed(self) -> bool:
        """Whether the boundary changed in the period."""
        return bool(self.left_out)


def get_park_series(*, park: Park, on: date, months: int = MONTHS) -> ParkSeries | None:
    """Return the park's monthly figures up to a day; None where the record has no premises of it."""
    premises = {p.pk: p for p in Premises.objects.filter(park=park).select_related("building").order_by("code")}
    if not premises:
        return None
    successions = PremisesSuccession.objects.filter(before__park=park).values_list("before_id", "after_id")
    line = lineages(premises, successions)
    units = [_unit(p, line[p.pk]) for p in premises.values()]
    days = month_days(on, months)
    rows = Occupancy.objects.filter(premises__park=park, starts_on__lte=days[-1]).order_by()
    lines = list(rows.values_list("premises_id", "enterprise_id", "starts_on", "ends_on"))
    stays = [Stay(*line) for line in lines]
    outputs = _outputs({firm for _place, firm, _start, _end in lines}, days)
    kept = kept_lineages(units, days[0], days[-1])
    return ParkSeries(
        was=park_series(units, stays, outputs, days),
        like=park_series(units, stays, outputs, days, lineages_kept=kept),
        left_out=[_left_out(premises[int(str(u.key))], u) for u in left_out(units, days[0], days[-1])],
    )


def list_lineage(*, premises: Premises, user: User) -> tuple[list[PremisesSuccession], list[PremisesSuccession]]:
    """Return what the premises were made of and what they became, of what the person sees."""
    seen = visible_premises(user=user)
    return (
        list(premises.origins.filter(before__in=seen).select_related("before").order_by("before__code")),
        list(premises.successions.filter(after__in=seen).select_related("after").order_by("after__code")),
    )


def _unit(premises: Premises, lineage: Hashable) -> Unit:
    building = premises.building
    added = [day for day in (premises.added_on, building.added_on) if day]
    removed = [day for day in (premises.removed_on, building.removed_on) if day]
    return Unit(
        key=premises.pk,
        lineage=lineage,
        area_m2=premises.billing_area_m2,
        added_on=max(added, default=None),
        removed_on=min(removed, default=None),
        lettable=premises.lettable,
        lettable_from_on=premises.lettable_from_on,
        lettable_to_on=premises.lettable_to_on,
    )


def _left_out(premises: Premises, unit: Unit) -> LeftOut:
    building = premises.building.name or premises.building.code
    return LeftOut(premises.pk, premises.code, building, unit.area_m2, unit.added_on, unit.removed_on)


def _outputs(firms: set[int], days: Sequence[date]) -> dict[int, dict[Hashable, float]]:
    rows = EnterpriseReturn.objects.filter(
        enterprise__in=firms, output_wan__isnull=False, year__gte=days[0].year - 1, year__lte=days[-1].year
    )
    found: dict[int, dict[Hashable, float]] = {}
    for year, firm, output_wan in rows.order_by().values_list("year", "enterprise_id", "output_wan"):
        found.setdefault(year, {})[firm] = float(output_wan or 0)
    return found
