"""The numbers that follow from classes, triggers and exits; without a row of their own they are not assessed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from django.db.models import Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import DatePeriod, months_before
from parkbrain.enterprises.models import Occupancy
from parkbrain.kernel.reading import among, shared
from parkbrain.kernel.registry import FactRow, FactValue, fact

from ..models import EfficiencyRun, ExitCase, ExitSpace, ExitTrigger, LowEfficiencySpace, TriggerRun
from ..queries.exits import get_compliance

Part = tuple[float | None, FactRow]
Parts = Mapping[int, Sequence[Part]]
Gather = Callable[..., Parts]


def _parts_fact(key: str, how: object) -> Callable[[Gather], Gather]:
    """Register a fact whose value is the sum of its parts; a park that is not among them is not assessed."""

    def wrap(gather: Gather) -> Gather:
        def rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
            """Return the rows that count."""
            return [row for value, row in gather(park_ids=[park_id], period=period).get(park_id, ()) if value]

        def values(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
            """Return the sums."""
            return {pk: _value(parts) for pk, parts in gather(park_ids=park_ids, period=period).items()}

        fact(key, how=how, rows=rows)(values)  # type: ignore[arg-type]
        return gather

    return wrap


def _value(parts: Sequence[Part]) -> FactValue:
    known = [value for value, _row in parts if value is not None]
    coverage = len(known) / len(parts) if parts else 1.0
    return FactValue(float(sum(known)) if coverage > 0 else None, coverage, sum(bool(v) for v in known))


def _grouped(park_ids: Sequence[int], rows: Sequence[tuple[int, Part]]) -> dict[int, list[Part]]:
    found: dict[int, list[Part]] = {pk: [] for pk in park_ids}
    for park_id, part in rows:
        found[park_id].append(part)
    return found


# ---- low-efficiency space


@shared
def _listed(*, park_ids: Sequence[int], start: date) -> dict[int, list[LowEfficiencySpace]]:
    """Return what stood on the list at the beginning; only of parks that had a locked run by then."""
    runs = EfficiencyRun.objects.filter(park__in=among(park_ids), locked_on__lte=start).order_by()
    parks = set(runs.values_list("park", flat=True))
    found: dict[int, list[LowEfficiencySpace]] = {pk: [] for pk in parks}
    rows = LowEfficiencySpace.objects.filter(park__in=among(parks), listed_on__lte=start)
    for row in rows.select_related("premises", "enterprise").order_by("premises__code", "pk"):
        if row.disposed_on is None or row.disposed_on > start:
            found[row.park_id].append(row)
    return found


def _space_row(row: LowEfficiencySpace) -> FactRow:
    label = f"{row.premises.code} · {row.enterprise.name}"
    detail = (
        row.get_disposal_display()
        if row.disposal
        else _("on the list since %(day)s") % {"day": row.listed_on.isoformat()}
    )
    url = reverse("premises_detail", args=[row.premises_id])
    return FactRow(label, row.area_m2, url, detail, "lifecycle.lowefficiencyspace", row.pk)


def _start_of(period: DatePeriod) -> date:
    """Return the day twelve months before the last one: the list at the start of a year that ends with the period."""
    return months_before(period.last_on, 12)


@_parts_fact(
    "loweff_area_start_m2",
    gettext_lazy(
        "The area on the list of low-efficiency space twelve months before the day, after a locked classification."
    ),
)
def _loweff_start(*, park_ids: Sequence[int], period: DatePeriod) -> Parts:
    found = _listed(park_ids=park_ids, start=_start_of(period))
    return {pk: [(row.area_m2, _space_row(row)) for row in rows] for pk, rows in found.items()}


@_parts_fact(
    "loweff_area_disposed_m2",
    gettext_lazy("Of that area what was upgraded, let again, moved or left since."),
)
def _loweff_disposed(*, park_ids: Sequence[int], period: DatePeriod) -> Parts:
    found = _listed(park_ids=park_ids, start=_start_of(period))
    return {
        pk: [
            (row.area_m2 if row.disposed_on and row.disposed_on <= period.last_on else 0.0, _space_row(row))
            for row in rows
        ]
        for pk, rows in found.items()
    }


@_parts_fact(
    "efficiency_classification_run",
    gettext_lazy("Yes where a classification of firms was locked within the twelve months; no where an older one was."),
)
def _classified(*, park_ids: Sequence[int], period: DatePeriod) -> Parts:
    runs = EfficiencyRun.objects.filter(park__in=among(park_ids), locked_on__lte=period.last_on).select_related("park")
    found: dict[int, list[Part]] = {}
    for run in runs.order_by("park", "-locked_on"):
        counts = run.locked_on is not None and run.locked_on > _start_of(period)
        if run.park_id not in found:
            url = reverse("park_efficiency", args=[run.park_id])
            row = FactRow(str(run), 1.0, url, str(run.locked_on), "lifecycle.efficiencyrun", run.pk)
            found[run.park_id] = [(1.0 if counts else 0.0, row)]
    return found


# ---- triggers


def _logged_parks(park_ids: Sequence[int], period: DatePeriod) -> set[int]:
    """Return the parks whose rules were checked by the end of the period: only there does no trigger mean none."""
    runs = TriggerRun.objects.filter(park__in=among(park_ids), on__lte=period.last_on).order_by()
    return set(runs.values_list("park", flat=True))


def _triggers(park_ids: Sequence[int], period: DatePeriod, *, in_time: bool) -> Parts:
    parks = sorted(_logged_parks(park_ids, period))
    rows = ExitTrigger.objects.filter(
        park__in=among(parks), raised_on__gte=period.starts_on, raised_on__lt=period.ends_on
    ).select_related("enterprise")
    parts = []
    for trigger in rows.order_by("raised_on", "pk"):
        decided = trigger.decided_on is not None and trigger.decided_on <= period.last_on
        # What still waits within its days can be judged neither way.
        if not decided and trigger.due_on >= period.last_on:
            continue
        value = 1.0 if not in_time or (decided and trigger.is_in_time) else 0.0
        url = reverse("exit_trigger", args=[trigger.pk])
        detail = trigger.get_decision_display() or _("waits")
        parts.append(
            (trigger.park_id, (value, FactRow(str(trigger), 1.0, url, detail, "lifecycle.exittrigger", trigger.pk)))
        )
    return _grouped(parks, parts)


@_parts_fact(
    "exit_triggers_raised",
    gettext_lazy("The exit triggers raised in the period that were decided or whose day to be decided by has come."),
)
def _raised(*, park_ids: Sequence[int], period: DatePeriod) -> Parts:
    return _triggers(park_ids, period, in_time=False)


@_parts_fact("exit_triggers_decided_in_time", gettext_lazy("Of these the ones that were decided by their day."))
def _decided_in_time(*, park_ids: Sequence[int], period: DatePeriod) -> Parts:
    return _triggers(park_ids, period, in_time=True)


@_parts_fact(
    "exit_trigger_run_logged",
    gettext_lazy("Yes where the rules of exit were checked in every full month of the period since the first check."),
)
def _run_logged(*, park_ids: Sequence[int], period: DatePeriod) -> Parts:
    runs = TriggerRun.objects.filter(park__in=among(park_ids), on__lte=period.last_on).select_related("park")
    by_park: dict[int, list[TriggerRun]] = {}
    for run in runs.order_by("park", "on"):
        by_park.setdefault(run.park_id, []).append(run)
    found: dict[int, list[Part]] = {}
    for park_id, own in by_park.items():
        checked = {(run.on.year, run.on.month) for run in own}
        first = max(own[0].on, period.starts_on)
        months = _months(first, period.last_on)
        newest = own[-1]
        row = FactRow(str(newest), 1.0, reverse("exit_triggers"), str(newest.on), "lifecycle.triggerrun", newest.pk)
        found[park_id] = [(1.0 if all(month in checked for month in months) else 0.0, row)]
    return found


def _months(first: date, last: date) -> list[tuple[int, int]]:
    """Return the months from that of the first day up to, not including, that of the last: the running one may still come."""
    count = (last.year - first.year) * 12 + last.month - first.month
    return [((first.month - 1 + n) // 12 + first.year, (first.month - 1 + n) % 12 + 1) for n in range(max(count, 1))]


# ---- exits


@_parts_fact(
    "moveouts_compliant_12m",
    gettext_lazy(
        "Of the occupancies that ended within the period those whose exit was handed over in order: every step done, the "
        "deposit settled within its days. One without an exit on record was not; one whose "
        "days still run, or from before exits were kept, is unknown."
    ),
)
def _compliant(*, park_ids: Sequence[int], period: DatePeriod) -> Parts:
    cases = ExitCase.objects.filter(park__in=among(park_ids), opened_on__lte=period.last_on)
    first = dict(cases.order_by().values("park").annotate(first=Min("opened_on")).values_list("park", "first"))
    parks = sorted(first)
    stays = Occupancy.objects.filter(
        premises__park__in=among(parks), ends_on__gte=period.starts_on, ends_on__lt=period.ends_on, continuations=None
    ).select_related("premises", "enterprise")
    spaces = ExitSpace.objects.filter(occupancy__in=stays, case__vacated_on__isnull=False)
    by_stay = {s.occupancy_id: s.case for s in spaces.select_related("case").prefetch_related("case__steps")}
    parts = []
    for stay in stays.order_by("ends_on", "pk"):
        case = by_stay.get(stay.pk)
        compliant = get_compliance(case=case, on=period.last_on).is_compliant if case else False
        if case is None and stay.ends_on is not None and stay.ends_on <= first[stay.premises.park_id]:
            compliant = None
        value = None if compliant is None else float(compliant)
        url = reverse("exit_case", args=[case.pk]) if case else ""
        label = f"{stay.premises.code} · {stay.enterprise.name}"
        row = FactRow(label, 1.0, url, str(stay.ends_on), "enterprises.occupancy", stay.pk)
        parts.append((stay.premises.park_id, (value, row)))
    return _grouped(parks, parts)
