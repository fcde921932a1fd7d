"""Amounts of the year from the supply meters: electricity, renewable electricity, fresh and recycled water."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import DatePeriod
from parkbrain.kernel.reading import among
from parkbrain.kernel.registry import FactRow, FactValue, fact

from ..models import EnergyKind, Meter
from ..queries import TotalUse, get_totals


@dataclass(frozen=True)
class Counted:
    """A supply meter with what it counted in the period, taken off where it is given away."""

    meter: Meter
    total: TotalUse

    @property
    def value(self) -> float | None:
        """Its part of the number."""
        if self.total.use is None:
            return None
        return -self.total.use if self.meter.flow == Meter.Flow.OUT else self.total.use


def _counted(park_ids: Collection[int], period: DatePeriod, kind: str, flows: Collection[str]) -> list[Counted]:
    found = Meter.objects.filter(
        park__in=among(park_ids),
        energy_kind=kind,
        flow__in=flows,
        level=Meter.Level.SUPPLY,
        formula="",
        parents__isnull=True,
    )
    meters = list(found.in_use_on(period.last_on).order_by("park", "code"))
    ids = [m.pk for m in meters]
    totals = get_totals(meters=ids, starts_on=period.starts_on, ends_on=period.ends_on) if ids else {}
    return [Counted(m, totals[m.pk]) for m in meters]


def _values(counted: Sequence[Counted]) -> dict[int, FactValue]:
    by_park: dict[int, list[Counted]] = defaultdict(list)
    for one in counted:
        by_park[one.meter.park_id].append(one)
    values = {}
    for park_id, group in by_park.items():
        known = [c for c in group if c.value is not None]
        coverage = sum(c.total.known for c in group) / len(group)
        # A meter of which nothing is known may be the greatest: then the sum is unknown, not small.
        whole = len(known) == len(group) and coverage > 0
        values[park_id] = FactValue(
            sum(c.value or 0.0 for c in group) if whole else None, coverage, len(group) if whole else 0
        )
    return values


def _rows(counted: Sequence[Counted]) -> list[FactRow]:
    if any(c.value is None for c in counted):
        return []
    return [
        FactRow(
            str(c.meter),
            c.value,
            reverse("meter_detail", args=[c.meter.pk]),
            f"{c.total.known:.0%}",
            "energy.meter",
            c.meter.pk,
        )
        for c in counted
    ]


def _amount_fact(key: str, *, kind: str, flows: Collection[str], how: Any) -> Callable[..., Mapping[int, FactValue]]:
    """Register what the supply meters of a kind counted as a fact."""

    def rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
        return _rows(_counted([park_id], period, kind, flows))

    def values(*, park_ids: Collection[int], period: DatePeriod) -> dict[int, FactValue]:
        return _values(_counted(park_ids, period, kind, flows))

    return fact(key, how=how, rows=rows)(values)


ALL_FLOWS = tuple(Meter.Flow.values)
total_kwh = _amount_fact(
    "total_kwh",
    kind=EnergyKind.ELECTRICITY,
    flows=ALL_FLOWS,
    how=gettext_lazy("The year's electricity by the supply meters: taken in and generated, less what was given away."),
)
renewable_kwh = _amount_fact(
    "renewable_kwh",
    kind=EnergyKind.ELECTRICITY,
    flows=(Meter.Flow.GENERATED,),
    how=gettext_lazy("The year's electricity by the meters of generation in the park; bought green power is declared."),
)
fresh_water = _amount_fact(
    "fresh_water_m3",
    kind=EnergyKind.WATER,
    flows=ALL_FLOWS,
    how=gettext_lazy("The year's water by the supply meters."),
)
reused_water = _amount_fact(
    "reused_water_m3",
    kind=EnergyKind.RECYCLED_WATER,
    flows=ALL_FLOWS,
    how=gettext_lazy("The year's recycled water by its meters."),
)
