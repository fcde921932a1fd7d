"""Load by place: what buildings and storeys drew in each hour of a day, and what premises used for each square metre."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np

from parkbrain.kernel.models import Park

from ..models import Meter, MeterParent, MeterUse
from .day import Values, load_of_each
from .packed import park_zone
from .use import get_totals


@dataclass(frozen=True)
class PlaceLoad:
    """A place's load by hour of the day [unit/h], None where one of its meters is unknown; the meters
    that count it, with the hours of each."""

    hours: Sequence[float | None]
    meters: Sequence[Meter]
    by_meter: Sequence[Sequence[float | None]]


@dataclass(frozen=True)
class DayOfPlaces:
    """The day of a kind by building and by storey, each by its number."""

    on: date
    unit: str
    buildings: Mapping[int, PlaceLoad]
    storeys: Mapping[int, PlaceLoad]


def get_day_of_places(*, park: Park, energy_kind: str, on: date, at: datetime) -> DayOfPlaces:
    """Return the load by place of a day, up to the last whole hour before `at`.

    A place has a load where meters serve it whole; what serves parts of it (machines, premises) is not added up, and
    neither is a meter below another one that serves the same place; what is generated there is no load of it.
    """
    kinds = (MeterUse.Kind.BUILDING, MeterUse.Kind.STOREY)
    found = MeterUse.objects.filter(
        meter__park=park,
        meter__energy_kind=energy_kind,
        meter__formula="",
        kind__in=kinds,
        share=1,
        meter__flow=Meter.Flow.IN,
    ).current_on(on)
    meters: dict[tuple[str, int], Sequence[Meter]] = {}
    for use in found.select_related("meter").order_by("meter__code"):
        place = (use.kind, use.building_id or use.storey_id or 0)
        meters[place] = [*meters.get(place, ()), use.meter]
    passed = at.astimezone(park_zone()).replace(tzinfo=None) - datetime.combine(on, time())
    known = int(min(24, max(0, passed.total_seconds() // 3600)))
    loads: dict[str, dict[int, PlaceLoad]] = {kind: {} for kind in kinds}
    above = dict(MeterParent.objects.filter(meter__park=park).current_on(on).values_list("meter_id", "parent_id"))
    meters = {place: _topmost(own, above) for place, own in meters.items()}
    every = sorted({m.pk: m for own in meters.values() for m in own}.values(), key=lambda m: m.code)
    by_meter = _hours(every, on, known)
    for (kind, target), own in meters.items():
        total = np.sum([by_meter[m.pk] for m in own], axis=0)
        loads[kind][target] = PlaceLoad(_known(total), own, [_known(by_meter[m.pk]) for m in own])
    unit = every[0].unit_label if every else ""
    return DayOfPlaces(on, unit, loads[MeterUse.Kind.BUILDING], loads[MeterUse.Kind.STOREY])


def _known(hours: Values) -> list[float | None]:
    return [None if np.isnan(v) else float(v) for v in hours]


def _topmost(meters: Sequence[Meter], above: Mapping[int, int]) -> list[Meter]:
    """Keep the meters that stand below none of the others: what they count is counted there already."""
    held = {m.pk for m in meters}

    def is_counted(pk: int) -> bool:
        seen = {pk}
        while (parent := above.get(pk)) is not None and parent not in seen:
            if parent in held:
                return True
            seen.add(parent)
            pk = parent
        return False

    return [m for m in meters if not is_counted(m.pk)]


def _hours(meters: Sequence[Meter], on: date, known: int) -> dict[int, Values]:
    if not meters:
        return {}
    found = {}
    for meter, table in load_of_each(meters=meters, starts_on=on, ends_on=on + timedelta(days=1)).items():
        row = table[0].copy()
        row[known:] = np.nan
        found[meter] = row
    return found


def get_use_per_m2(*, park: Park, energy_kind: str, starts_on: date, ends_on: date) -> dict[int, float]:
    """Return the use for each square metre of the premises that meters serve whole in [starts_on, ends_on), where known."""
    uses = MeterUse.objects.filter(
        meter__park=park, meter__energy_kind=energy_kind, meter__formula="", kind=MeterUse.Kind.PREMISES, share=1
    ).current_on(ends_on - timedelta(days=1))
    of_place: dict[int, list[int]] = defaultdict(list)
    areas: dict[int, float] = {}
    for meter, place, area_m2 in uses.values_list("meter_id", "premises_id", "premises__billing_area_m2"):
        of_place[place].append(meter)
        areas[place] = area_m2
    totals = get_totals(meters=[m for own in of_place.values() for m in own], starts_on=starts_on, ends_on=ends_on)
    return {
        place: sum(totals[m].use or 0.0 for m in own) / areas[place]
        for place, own in of_place.items()
        if areas[place] and all(totals[m].is_whole for m in own)
    }


__all__ = ["DayOfPlaces", "PlaceLoad", "get_day_of_places", "get_use_per_m2"]
