"""Drawings of the wall: the hours of a day for the scene, who exchanges with whom, energy for each square metre."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.carbon.queries import ExchangeMatch
from parkbrain.energy.models import OddUse
from parkbrain.energy.queries import DayOfPlaces, park_zone
from parkbrain.enterprises.queries import BuildingState, PremisesState
from parkbrain.ui import formats, scene

from .queries import odd_url

HOURS = 24
#: Steps of use for each square metre: shares of the premises of which it is known, from the least up.
STEPS = 5


@dataclass(frozen=True)
class OddHours:
    """What was odd on a day: the hours [first, last] of it, where, what, and the page of its hours."""

    building: str
    first: int
    last: int
    text: str
    url: str

    @property
    def hours(self) -> str:
        """Its hours as they are written."""
        return f"{self.first:02d}:00–{self.last + 1:02d}:00"


@dataclass(frozen=True)
class HourRow:
    """What a building draws through a meter in the hour that is shown, and the page that has the same number."""

    key: str
    name: str
    load: float | None
    url: str


def odd_hours(odd: Sequence[OddUse], *, on: date) -> list[OddHours]:
    """Return what was odd on a day by hours of the day."""
    start = datetime.combine(on, time(), park_zone())
    found = []
    for one in odd:
        first = max(0, int((one.start_at - start) / timedelta(hours=1)))
        # A time that ends on the hour does not reach into it.
        last = min(HOURS - 1, int((one.end_at - start - timedelta(seconds=1)) / timedelta(hours=1)))
        text = f"{one.meter.code} · {one.get_what_display()}"
        found.append(OddHours(str(one.meter.building_id or ""), first, last, text, odd_url(odd=one)))
    return found


def hour_shown(places: DayOfPlaces | None, *, asked: int | None, now: int = 12) -> int:
    """Return the hour that was asked for, else the newest of which a load is known, else that of now (noon of other days)."""
    if asked is not None:
        return asked
    loads = [*places.buildings.values(), *places.storeys.values()] if places else []
    known = [hour for hour in range(HOURS) if any(one.hours[hour] is not None for one in loads)]
    return known[-1] if known else now


def hours_data(places: DayOfPlaces, *, hour: int, odd: Sequence[OddHours], live: bool) -> dict[str, Any]:
    """Return a day for the scene: loads by building and storey, as numbers and as they are written, and what was odd."""

    def rows(loads: Mapping[int, Any]) -> dict[str, list[float | None]]:
        return {str(key): [None if v is None else round(v, 2) for v in one.hours] for key, one in loads.items()}

    return {
        "hour": hour,
        "live": live,
        "clock": [clock(n) for n in range(HOURS)],
        "houses": rows(places.buildings),
        "levels": rows(places.storeys),
        "texts": {
            str(meter.pk): [load_text(v) for v in hours]
            for one in places.buildings.values()
            for meter, hours in zip(one.meters, one.by_meter, strict=True)
        },
        "odd": [{"house": one.building, "first": one.first, "last": one.last, "text": one.text} for one in odd],
    }


def load_text(load: float | None) -> str:
    """Return a load as it is written."""
    return _("unknown") if load is None else formats.number(load, 1)


def clock(hour: int) -> str:
    """Return an hour of the day as it is written."""
    return f"{hour:02d}:00–{hour + 1:02d}:00"


def hour_rows(places: DayOfPlaces, states: Sequence[BuildingState], *, hour: int) -> list[HourRow]:
    """Return what the buildings draw in an hour, a row for each meter that serves one whole."""
    rows = []
    days = f"step=hour&from={places.on}&to={places.on + timedelta(days=1)}"
    for state in states:
        one = places.buildings.get(state.building.pk)
        name = state.building.name or state.building.code
        for meter, hours in zip(one.meters, one.by_meter, strict=True) if one else ():
            label = f"{name} · {meter.code}"
            rows.append(
                HourRow(str(meter.pk), label, hours[hour], f"{reverse('meter_detail', args=[meter.pk])}?{days}")
            )
    return rows


def exchange_arcs(
    matches: Sequence[ExchangeMatch], states: Sequence[BuildingState], *, url: str
) -> list[tuple[scene.Arc, ExchangeMatch]]:
    """Return an arc for each pair that fits, from the storey of the firm that offers to that of the one that needs.

    A firm's storey is that of its first premises in the offer's building, as far as the viewer may know it; else the arc
    ends on the building.
    """
    homes: dict[tuple[int, int], str] = {}
    for state in states:
        for storey in state.storeys:
            for part, _area in storey.parts:
                if part.enterprise_id:
                    homes.setdefault((part.enterprise_id, state.building.pk), f"p{part.premises_id}")
    arcs = []
    for match in matches:
        ends = [
            homes.get((row.enterprise_id, row.building_id or 0), str(row.building_id or ""))
            for row in (match.offer, match.need)
        ]
        text = f"{match.offer.enterprise.name} → {match.need.enterprise.name}: {match.offer.substance_name}"
        arcs.append((scene.Arc(ends[0], ends[1], text, url), match))
    return arcs


def energy_colouring(
    per_m2: Mapping[int, float], *, unit: str
) -> tuple[Callable[[PremisesState], str], list[tuple[str, str]]]:
    """Return the colours of use for each square metre, in steps of equally many premises, with their legend."""
    ordered = sorted(per_m2.values())
    ends = [ordered[min(len(ordered) - 1, len(ordered) * n // STEPS)] for n in range(1, STEPS)] if ordered else []

    def fill(state: PremisesState) -> str:
        value = per_m2.get(state.premises_id)
        return "none" if value is None else f"step-{1 + sum(value >= end for end in ends)}"

    shown = [formats.number(end, 1) for end in ends]
    names = [f"< {shown[0]}", *(f"{a} – {b}" for a, b in itertools.pairwise(shown)), f"≥ {shown[-1]}"] if ends else []
    legend = [(f"step-{n}", f"{name} {unit}/m²") for n, name in enumerate(names, start=1)]
    return fill, [*legend, ("none", _("not known"))]
