"""Use worked out anew, by itself: exactly the days that depend on what arrived or changed, and what came out otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Min

from parkbrain import lake
from parkbrain.calc.metering import MeteringError, order_formulas, parse_meter_formula
from parkbrain.kernel import audit, bulk, registry
from parkbrain.kernel.models import Park

from ..models import DayUse, Meter, MeterBasis, ReadMark, Recomputed
from ..queries.basis import FOREVER_US, MeterPlan, changed_span, list_plans, to_us
from ..queries.packed import DayRow, local_day, park_zone
from ..queries.working import Span, work_out_days, work_out_formula
from .tariffs import refresh_statements

#: Meters whose readings are in memory at a time.
BATCH = 40
_COLUMNS = ("meter_id", "day", "use", "known", "measured", "flags", "hours")


@dataclass(frozen=True)
class Task:
    """A meter whose use is worked out anew within a time, and what for."""

    plan: MeterPlan
    span: Span
    why: str


@dataclass
class Outcome:
    """What a run did: meters looked at, days written, and the days already known that came out otherwise."""

    meters: int = 0
    days_written: int = 0
    changed: list[Recomputed] = field(default_factory=list)


def recompute_use(*, at: datetime, park: Park | None = None, points: Sequence[int] | None = None) -> Outcome:
    """Work out anew what depends on readings that arrived and on bindings, factors, exchanges and formulas that changed.

    Runs on the schedule and right after a reading was typed in or repaired (`points`: only meters that read these). A
    run over everything moves the mark in the arrivals; two at once do no harm: the later one starts over next time.
    """
    mark = ReadMark.objects.filter(pk=1).values_list("marker", flat=True).first() or 0
    marker, touched = lake.list_touched(after=mark)
    found = Meter.objects.all() if park is None else Meter.objects.filter(park=park)
    plans = list_plans(meters=list(found))
    if points is not None:
        wanted = set(points)
        plans = [p for p in plans if p.formula or any(s.point_id in wanted for s in p.stretches)]
    spans: dict[int, tuple[int, int]] = {}
    for one in touched:
        start, end = spans.get(one.point, (one.start_us, one.end_us))
        spans[one.point] = (min(start, one.start_us), max(end, one.end_us))
    tasks = _list_tasks(plans, spans)
    outcome = Outcome()
    days: dict[int, tuple[date, date]] = {}
    for start in range(0, len(tasks), BATCH):
        batch = tasks[start : start + BATCH]
        rows = work_out_days(tasks=[(t.plan, t.span) for t in batch], zone=park_zone())
        _write(batch, rows, outcome, days, at)
    _recompute_formulas(plans, days, outcome, at)
    _refresh_months(days, at)
    if park is None and points is None:
        with transaction.atomic():
            ReadMark.objects.get_or_create(pk=1)
            # Where another run got further meanwhile, its mark stays.
            ReadMark.objects.filter(pk=1, marker=mark).update(marker=marker)
    _tell(outcome, at)
    return outcome


def _list_tasks(plans: Iterable[MeterPlan], touched: Mapping[int, tuple[int, int]]) -> list[Task]:
    """Return the meters that something happened to, those with like times next to each other."""
    plans = [p for p in plans if not p.formula]
    bases = dict(MeterBasis.objects.filter(meter__in=[p.meter_id for p in plans]).values_list("meter", "content"))
    tasks = []
    for plan in plans:
        spans = [(touched[s.point_id], Recomputed.Why.READINGS) for s in plan.stretches if s.point_id in touched]
        # A meter worked out for the first time depends on everything: its beginning need not be searched for.
        first = plan.meter_id not in bases and plan.atoms
        other = (0, FOREVER_US) if first else changed_span(before=bases.get(plan.meter_id, []), now=plan.atoms)
        if other is not None:
            spans.append((other, Recomputed.Why.BASIS))
        if spans:
            span = Span(min(s[0] for s, _w in spans), max(s[1] for s, _w in spans))
            tasks.append(Task(plan, span, spans[-1][1]))
    return sorted(tasks, key=lambda t: (t.span.start_us, t.plan.meter_id))


@transaction.atomic
def _write(
    batch: Sequence[Task],
    worked_out: Mapping[int, tuple[date, date, list[DayRow]]],
    outcome: Outcome,
    days: dict[int, tuple[date, date]],
    at: datetime,
) -> None:
    """Replace the days of the batch that differ and note which days already known changed."""
    meters = {
        m.pk: m for m in Meter.objects.select_for_update(of=("self",)).filter(pk__in=[t.plan.meter_id for t in batch])
    }
    known, latest = _stored(worked_out), _latest(list(worked_out))
    new: list[tuple[Any, ...]] = []
    for task in batch:
        meter_id = task.plan.meter_id
        if meter_id not in meters:
            continue
        outcome.meters += 1
        if meter_id in worked_out:
            _first_on, _end_on, rows = worked_out[meter_id]
            corrected = _replace(meters[meter_id], known.get(meter_id, {}), rows, new)
            # The newest day grows with every reading: that is no correction.
            if task.why == Recomputed.Why.READINGS:
                corrected.stale = [d for d in corrected.stale if d != latest.get(meter_id)]
            if corrected.stale:
                outcome.changed.append(_row(meters[meter_id], corrected, task.why, at))
            changed = corrected.every
            if changed:
                days[meter_id] = (min(changed), max(changed) + timedelta(days=1))
    bulk.insert_values(model=DayUse, columns=_COLUMNS, rows=new)
    outcome.days_written += len(new)
    _keep_bases([t.plan for t in batch if t.plan.meter_id in meters], at)


def _stored(worked_out: Mapping[int, tuple[date, date, list[DayRow]]]) -> dict[int, dict[date, DayRow]]:
    if not worked_out:
        return {}
    found = DayUse.objects.filter(
        meter__in=worked_out,
        day__gte=min(first for first, _end, _rows in worked_out.values()),
        day__lt=max(end for _first, end, _rows in worked_out.values()),
    )
    stored: dict[int, dict[date, DayRow]] = {}
    for meter_id, day, use, known, measured, flags, hours in found.order_by().values_list(*_COLUMNS):
        first_on, end_on, _rows = worked_out[meter_id]
        if first_on <= day < end_on:
            stored.setdefault(meter_id, {})[day] = DayRow(day, use, known, measured, flags, bytes(hours))
    return stored


def _latest(meters: Sequence[int]) -> dict[int, date]:
    found = DayUse.objects.filter(meter__in=meters).order_by().values("meter")
    return dict(found.annotate(last=Max("day")).values_list("meter", "last"))


@dataclass
class _Replaced:
    """Days of a meter that are otherwise now: all of them, and those that were known before."""

    every: list[date]
    stale: list[date]
    before: Mapping[date, DayRow]
    now: Mapping[date, DayRow]


def _replace(
    meter: Meter, before: Mapping[date, DayRow], rows: Sequence[DayRow], new: list[tuple[Any, ...]]
) -> _Replaced:
    """Take away the stored days that are otherwise now and put those that take their place among the new ones."""
    now = {r.day: r for r in rows}
    changed = [d for d, r in now.items() if r.differs(before.get(d))]
    gone = [d for d in before if d not in now]
    stale = [d for d in changed if d in before] + gone
    for start in range(0, len(stale), 500):
        DayUse.objects.filter(meter=meter, day__in=stale[start : start + 500]).delete()
    new += [(meter.pk, d, r.use, r.known, r.measured, r.flags, r.hours) for d in changed if (r := now[d])]
    return _Replaced(changed + gone, stale, before, now)


def _row(meter: Meter, found: _Replaced, why: str, at: datetime) -> Recomputed:
    return Recomputed(
        park_id=meter.park_id,
        meter=meter,
        what=str(meter)[:120],
        why=why,
        starts_on=min(found.stale),
        ends_on=max(found.stale) + timedelta(days=1),
        days_changed=len(found.stale),
        before=sum(found.before[d].use or 0.0 for d in found.stale),
        after=sum(found.now[d].use or 0.0 for d in found.stale if d in found.now),
        at=at,
    )


def _keep_bases(plans: Sequence[MeterPlan], at: datetime) -> None:
    rows = [MeterBasis(meter_id=p.meter_id, content=p.atoms, worked_out_at=at) for p in plans]
    MeterBasis.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["meter"], update_fields=["content", "worked_out_at"]
    )


def _recompute_formulas(
    plans: Sequence[MeterPlan], days: dict[int, tuple[date, date]], outcome: Outcome, at: datetime
) -> None:
    """Work out virtual meters whose parts changed, each after those it reads."""
    virtual = [p for p in plans if p.formula]
    bases = dict(MeterBasis.objects.filter(meter__in=[p.meter_id for p in virtual]).values_list("meter", "content"))
    for plan, parts in _in_order(virtual):
        new_formula = changed_span(before=bases.get(plan.meter_id, []), now=plan.atoms) is not None
        touched = [days[m] for m in parts.values() if m in days]
        if new_formula:
            every = DayUse.objects.filter(meter__in=[*parts.values(), plan.meter_id])
            limits = every.aggregate(first=Min("day"), last=Max("day"))
            if limits["first"] is not None:
                touched.append((limits["first"], limits["last"] + timedelta(days=1)))
        if not touched:
            if new_formula:
                _keep_bases([plan], at)
            continue
        first_on, end_on = min(t[0] for t in touched), max(t[1] for t in touched)
        rows = work_out_formula(formula=plan.formula, parts=parts, first_on=first_on, end_on=end_on, zone=park_zone())
        why = Recomputed.Why.BASIS if new_formula else Recomputed.Why.FORMULA
        _write([Task(plan, Span(0, FOREVER_US), why)], {plan.meter_id: (first_on, end_on, rows)}, outcome, days, at)


def _in_order(virtual: Sequence[MeterPlan]) -> Iterator[tuple[MeterPlan, dict[str, int]]]:
    """Yield virtual meters with the meters they read by code; a formula that names one that is gone is left unknown."""
    by_park: dict[int, list[MeterPlan]] = {}
    for plan in virtual:
        by_park.setdefault(plan.park_id, []).append(plan)
    for park_id, group in by_park.items():
        codes = dict(Meter.objects.filter(park=park_id).values_list("code", "pk"))
        by_code = {p.code: p for p in group}
        try:
            formulas = {p.code: parse_meter_formula(p.formula) for p in group}
            ordered = order_formulas(formulas)
        except MeteringError:
            continue
        for code in ordered:
            parts = {name: codes[name] for name in formulas[code].meters if name in codes}
            if len(parts) == len(formulas[code].meters):
                yield by_code[code], parts


def _refresh_months(days: Mapping[int, tuple[date, date]], at: datetime) -> None:
    """Work out the finished months that the changed days lie in; the month that goes on has its turn once a day."""
    spans: dict[tuple[int, str], tuple[date, date]] = {}
    this_month = local_day(at_us=to_us(at), zone=park_zone()).replace(day=1)
    found = Meter.objects.filter(pk__in=days).values_list("pk", "park_id", "energy_kind")
    for meter_id, park_id, kind in found:
        first, end = days[meter_id]
        if first < this_month:
            low, high = spans.get((park_id, kind), (first, end))
            spans[park_id, kind] = (min(low, first), min(max(high, end), this_month))
    parks = Park.objects.in_bulk({park_id for park_id, _kind in spans})
    for (park_id, kind), (first, end) in spans.items():
        refresh_statements(park=parks[park_id], at=at, starts_on=first, ends_on=end, energy_kinds=[kind])


def _tell(outcome: Outcome, at: datetime) -> None:
    """Write down what came out otherwise, and let what follows from it follow."""
    if not outcome.changed:
        return
    with transaction.atomic():
        Recomputed.objects.bulk_create(outcome.changed)
        by_park: dict[int, list[Recomputed]] = {}
        for row in outcome.changed:
            by_park.setdefault(row.park_id, []).append(row)
        for park_id, rows in by_park.items():
            targets = [(r.meter, _details(r)) for r in rows if r.meter is not None]
            park = Park.objects.get(pk=park_id)
            audit.record_many("energy.use.recomputed", targets=targets, actor=None, at=at, park=park)
        registry.park_changed(park_ids=sorted(by_park), at=at)


def _details(row: Recomputed) -> dict[str, Any]:
    return {
        "why": row.why,
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "days": row.days_changed,
        "before": round(row.before or 0.0, 6),
        "after": round(row.after or 0.0, 6),
    }


__all__ = ["Outcome", "recompute_use"]
