"""The rows an inventory is made of: what was recorded, what refrigerants escaped, what fuels and power took upstream."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from django.db.models import QuerySet

from parkbrain.calc.intervals import DatePeriod
from parkbrain.calc.inventory import Activity, cut, refrigerant_loss_kg
from parkbrain.kernel.models import User
from parkbrain.kernel.reading import among, shared
from parkbrain.space.queries import FieldSource, list_field_sources

from ..models import ActivityData, GreenPower, RefrigerantEvent
from .kinds import UPSTREAM, get_kinds

PLACES = ("building", "storey", "enterprise", "equipment")


def list_activity_data(*, user: User) -> QuerySet[ActivityData]:
    """Return the activity data the person may see."""
    return ActivityData.objects.visible_to(user)


def list_refrigerant_events(*, user: User) -> QuerySet[RefrigerantEvent]:
    """Return the refrigerant log the person may see."""
    return RefrigerantEvent.objects.visible_to(user)


def list_green_power(*, user: User) -> QuerySet[GreenPower]:
    """Return the green power the person may see."""
    return GreenPower.objects.visible_to(user)


def _places(row: ActivityData | RefrigerantEvent) -> tuple[tuple[str, int], ...]:
    found = ((name, getattr(row, f"{name}_id", None)) for name in PLACES)
    return tuple((name, pk) for name, pk in found if pk is not None)


def _activity(row: ActivityData) -> Activity | None:
    kind = get_kinds().get(row.kind)
    if kind is None:
        return None
    period = DatePeriod(row.starts_on, row.ends_on)
    return Activity(
        row.pk, kind.key, kind.carrier, kind.scope, kind.category, row.quantity, period, row.uncertainty, None,
        _places(row),
    )  # fmt: skip


@shared
def list_recorded(
    *, park_ids: Sequence[int], period: DatePeriod, is_placed: bool = True
) -> dict[int, list[ActivityData]]:
    """Return the rows of parks that meet a period, by park; both those that count and those that divide another.

    Without `is_placed` the places, firms and machines of the rows are not read: for adding amounts up.
    """
    rows = ActivityData.objects.filter(park__in=among(park_ids)).overlapping(period.starts_on, period.ends_on)
    if is_placed:
        rows = rows.select_related("building", "storey__building", "enterprise", "equipment")
    found: dict[int, list[ActivityData]] = {}
    for row in rows.order_by("starts_on", "pk"):
        found.setdefault(row.park_id, []).append(row)
    return found


def as_activities(*, rows: Iterable[ActivityData]) -> list[Activity]:
    """Return rows as the calculation takes them."""
    return [one for one in map(_activity, rows) if one is not None]


@shared
def list_refrigerant_losses(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, list[Activity]]:
    """Return what escaped in a period by park, refrigerant and machine, as activities of scope 1.

    Where a mass was not written down, the loss is unknown.
    """
    events = RefrigerantEvent.objects.filter(
        park__in=among(park_ids), happened_on__gte=period.starts_on, happened_on__lt=period.ends_on
    )
    groups: dict[tuple[int, str, tuple[tuple[str, int], ...]], list[RefrigerantEvent]] = {}
    for event in events.order_by("happened_on", "pk"):
        groups.setdefault((event.park_id, event.refrigerant, _places(event)), []).append(event)
    losses: dict[int, list[Activity]] = {}
    for (park_id, refrigerant, places), rows in groups.items():
        kinds = RefrigerantEvent.Kind
        telling = [r for r in rows if r.kind in {kinds.TOP_UP, kinds.RECOVERED, kinds.RETIRED}]
        if not telling:
            continue
        masses = {kind: sum(r.mass_kg or 0.0 for r in telling if r.kind == kind) for kind in kinds}
        amount = refrigerant_loss_kg(masses[kinds.TOP_UP], masses[kinds.RETIRED], masses[kinds.RECOVERED])
        if any(r.mass_kg is None for r in telling):
            known: float | None = None
        else:
            known = amount
        stated = [r.uncertainty for r in telling]
        uncertainty = None if any(u is None for u in stated) else max(u for u in stated if u is not None)
        span = DatePeriod(telling[0].happened_on, telling[-1].happened_on + timedelta(days=1))
        losses.setdefault(park_id, []).append(
            Activity(-telling[0].pk, refrigerant, refrigerant, 1, "fugitive", known, span, uncertainty, 1.0, places)
        )
    return losses


def derive_upstream(*, activities: Iterable[Activity]) -> list[Activity]:
    """Return what fuels and power took on their way to the park: the same amounts with factors of their own."""
    kinds = get_kinds()
    return [
        replace(one, kind=one.kind + UPSTREAM, carrier=one.carrier + UPSTREAM, scope=3, category="fuel_and_energy")
        for one in activities
        if one.kind in kinds and kinds[one.kind].has_upstream
    ]


@shared
def sum_green_power(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, list[tuple[GreenPower, float]]]:
    """Return the green power of parks that covers use in a period, each with its share of the period [kWh]."""
    rows = GreenPower.objects.filter(park__in=among(park_ids)).overlapping(period.starts_on, period.ends_on)
    found: dict[int, list[tuple[GreenPower, float]]] = {}
    for row in rows.select_related("enterprise").order_by("starts_on", "pk"):
        if not row.counts:
            continue
        whole = DatePeriod(row.starts_on, row.ends_on)
        piece = Activity(row.pk, "", "", 0, "", row.quantity_kwh, whole)
        found.setdefault(row.park_id, []).extend((row, part.amount or 0.0) for part in cut(piece, period))
    return found


def sum_kinds(*, activities: Iterable[Activity], kinds: Sequence[str], period: DatePeriod) -> dict[str, float | None]:
    """Return the amount of each kind in a period; a kind without a row is left out, one with an unknown row is None."""
    sums: dict[str, float | None] = {}
    for one in activities:
        if one.kind not in kinds:
            continue
        for part in cut(one, period):
            before = sums.get(one.kind, 0.0)
            sums[one.kind] = None if part.amount is None or before is None else before + part.amount
    return sums


def list_row_sources(*, row: ActivityData) -> list[FieldSource]:
    """Return for each imported field of a row the file, sheet and cell it was last taken from."""
    return list_field_sources(target=row)
