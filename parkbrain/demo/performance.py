"""What the living park means to use this year, and a baseline of its electricity to hold itself against."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from parkbrain.energy import queries, services
from parkbrain.energy.models import EnergyBaseline
from parkbrain.energy.queries.use import month_after
from parkbrain.kernel.models import Park, User

from .draws import rng

OUTSIDE = "T-OUT"
#: Kinds that the park plans, and to how many units it rounds.
PLANNED = {"ELECTRICITY": 10_000, "WATER": 500}
BASELINE_MONTHS = 6
#: Share of the baseline that has to be known.
KNOWN = 0.9


def state_performance(*, seed: int, on: date, park: Park, actor: User, at: datetime) -> None:
    """State the plan of the year, and a baseline over the first months of which everything is known."""
    for kind, step in PLANNED.items():
        _plan(seed, on, park, kind, step, actor, at)
    meters = queries.list_supply_meters(park=park, energy_kind="ELECTRICITY", on=on)
    outside = park.points.filter(code=OUTSIDE).first()
    if not meters or outside is None:
        return
    starts_on = month_after(on.replace(year=on.year - 1, day=1))
    ends_on = starts_on
    for _number in range(BASELINE_MONTHS):
        ends_on = month_after(ends_on)
    totals = queries.get_totals(meters=[m.pk for m in meters], starts_on=starts_on, ends_on=ends_on)
    if any(total.known < KNOWN for total in totals.values()):
        return  # loaded with fewer days of readings than a baseline is made of
    services.record_baseline(
        park=park,
        values={
            "name": "园区总用电",
            "step": EnergyBaseline.Step.DAY,
            "starts_on": starts_on,
            "ends_on": ends_on,
            "reports_from": ends_on,
            "temperature": outside,
            "counts_workdays": True,
            "note": "建筑面积与营业时间不变",
        },
        meters=meters,
        actor=actor,
        at=at,
    )


def _plan(seed: int, on: date, park: Park, kind: str, step: int, actor: User, at: datetime) -> None:
    draw = rng(seed, f"plan-{kind}")
    known: dict[int, float] = {}
    for year in (on.year - 1, on.year):
        found = queries.get_planned_year(park=park, energy_kind=kind, year=year, on=on)
        known |= {
            month.month: line.actual
            for month, line in zip(found.months, found.lines, strict=True)
            if line.actual is not None
        }
    months: dict[date, float | None] = {
        date(on.year, number, 1): round(known[number] * draw.uniform(0.96, 1.07) / step) * float(step)
        for number in sorted(known)
    }
    services.record_plan(park=park, energy_kind=kind, months=months, actor=actor, at=at - timedelta(days=1))
