"""What meters serve, exchanged meters, repaired readings: each dated, each with who did it, each to be taken back."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from parkbrain import lake
from parkbrain.kernel import audit
from parkbrain.kernel.models import User
from parkbrain.space.models import Building, Premises, Space, Storey
from parkbrain.telemetry.models import Point

from ..models import Meter, MeterSwap, MeterUse, ReadingRepair
from ..queries.basis import to_us
from .meters import CannotRecordMeter, check_may_edit

#: Marks of a reading in the lake.
BAD, REPAIRED = 2, 4


class CannotServe(CannotRecordMeter):
    """The meter cannot serve that."""


class CannotSwapMeter(CannotRecordMeter):
    """The exchange cannot be recorded."""


class CannotRepairReading(CannotRecordMeter):
    """The reading cannot be repaired."""


@transaction.atomic
def serve(
    *,
    meter: Meter,
    kind: str,
    target: Any,
    starts_on: date,
    actor: User | None,
    at: datetime,
    ends_on: date | None = None,
    share: Decimal = Decimal(1),
) -> MeterUse:
    """Let a meter serve a building, storey, space, premises, enterprise or a use in words, from a day on.

    :raises CannotServe: it serves that already, the shares exceed the whole, the place is in another park.
    """
    check_may_edit(park=meter.park, actor=actor)
    if ends_on is not None and ends_on <= starts_on:
        raise CannotServe(_("The end has to lie after the beginning."))
    if _park_of(target) not in {None, meter.park_id}:
        raise CannotServe(_("What a meter serves lies in its own park."))
    held = meter.uses.overlapping(starts_on, ends_on or date.max)
    together = [u for u in held if _takes_from_the_whole(u.kind) == _takes_from_the_whole(kind)]
    if _most_at_once(together, starts_on) + share > 1:
        raise CannotServe(_("With that the shares would be more than the whole."))
    column = "equipment" if kind == MeterUse.Kind.EQUIPMENT else kind.lower()
    try:
        with transaction.atomic():
            use = MeterUse.objects.create(
                meter=meter, kind=kind, share=share, starts_on=starts_on, ends_on=ends_on, **{column: target}
            )
    except DatabaseError as error:
        raise CannotServe(_("The meter serves that already at that time.")) from error
    audit.record(
        "energy.meter.serves",
        target=meter,
        actor=actor,
        at=at,
        park=meter.park,
        what=use.target_name,
        share=str(share),
        starts_on=starts_on.isoformat(),
    )
    return use


def _takes_from_the_whole(kind: str) -> bool:
    """Tell whether a share of this kind belongs to somebody, or only says where the meter stands."""
    return kind in {MeterUse.Kind.PREMISES, MeterUse.Kind.ENTERPRISE}


def _most_at_once(uses: list[MeterUse], starts_on: date) -> Decimal:
    """Return the greatest sum of shares on any day: it is reached on a day on which something begins."""
    days = [max(u.starts_on, starts_on) for u in uses]
    sums = [
        sum((u.share for u in uses if u.starts_on <= d and (u.ends_on is None or d < u.ends_on)), Decimal(0))
        for d in days
    ]
    return max(sums, default=Decimal(0))


def _park_of(target: Any) -> int | None:
    if isinstance(target, Premises):
        return target.park_id
    if isinstance(target, Building):
        return target.site.park_id
    if isinstance(target, Storey):
        return target.building.site.park_id
    if isinstance(target, Space):
        return target.storey.building.site.park_id
    return None


@transaction.atomic
def end_serving(*, use: MeterUse, ends_on: date, actor: User | None, at: datetime) -> MeterUse:
    """End what a meter serves on the first day on which it no longer does.

    :raises CannotServe: the day is not after the beginning.
    """
    check_may_edit(park=use.meter.park, actor=actor)
    if ends_on <= use.starts_on:
        raise CannotServe(_("The end has to lie after the beginning."))
    use.ends_on = ends_on
    use.save(update_fields=["ends_on"])
    audit.record(
        "energy.meter.serves_no_longer",
        target=use.meter,
        actor=actor,
        at=at,
        park=use.meter.park,
        what=use.target_name,
        ends_on=ends_on.isoformat(),
    )
    return use


@transaction.atomic
def swap_meter(
    *,
    meter: Meter,
    swapped_at: datetime,
    end_reading: float,
    start_reading: float,
    actor: User | None,
    at: datetime,
    old_serial_number: str = "",
    new_serial_number: str = "",
    reason: str = "",
) -> MeterSwap:
    """Record that the device was exchanged: what the old one showed last, what the new one showed first.

    :raises CannotSwapMeter: the moment lies ahead, it is recorded already, or the meter is no device.
    """
    check_may_edit(park=meter.park, actor=actor)
    if meter.is_virtual:
        raise CannotSwapMeter(_("%(meter)s follows from a formula; there is nothing to exchange.") % {"meter": meter})
    if swapped_at > at:
        raise CannotSwapMeter(_("The moment lies ahead."))
    if end_reading < 0 or start_reading < 0:
        raise CannotSwapMeter(_("A register shows no less than zero."))
    if meter.swaps.filter(at=swapped_at).exists():
        raise CannotSwapMeter(_("An exchange at that moment is recorded already."))
    swap = MeterSwap.objects.create(
        meter=meter,
        at=swapped_at,
        end_reading=end_reading,
        start_reading=start_reading,
        old_serial_number=old_serial_number or meter.serial_number,
        new_serial_number=new_serial_number,
        reason=reason,
        recorded_by=actor,
        recorded_at=at,
    )
    if new_serial_number:
        meter.serial_number = new_serial_number
        meter.save(update_fields=["serial_number"])
    audit.record(
        "energy.meter.swapped",
        target=meter,
        actor=actor,
        at=at,
        park=meter.park,
        end_reading=end_reading,
        start_reading=start_reading,
        swapped_at=swapped_at.isoformat(),
    )
    return swap


@transaction.atomic
def remove_swap(*, swap: MeterSwap, actor: User | None, at: datetime) -> None:
    """Take an exchange back that was recorded by mistake; the event keeps what it said."""
    check_may_edit(park=swap.meter.park, actor=actor)
    audit.record(
        "energy.meter.swap_taken_back",
        target=swap.meter,
        actor=actor,
        at=at,
        park=swap.meter.park,
        end_reading=swap.end_reading,
        start_reading=swap.start_reading,
        swapped_at=swap.at.isoformat(),
    )
    swap.delete()


@transaction.atomic
def repair_reading(
    *, point: Point, read_at: datetime, value: float | None, reason: str, actor: User | None, at: datetime
) -> ReadingRepair:
    """Let another value count for a reading, or none: the original stays in the record and can be brought back.

    :raises CannotRepairReading: nothing was read then and no value is given, no reason, or it is repaired already.
    """
    check_may_edit(park=point.park, actor=actor)
    if not reason.strip():
        raise CannotRepairReading(_("A repair needs a reason."))
    if read_at > at:
        raise CannotRepairReading(_("The moment lies ahead."))
    if ReadingRepair.objects.filter(point=point, at=read_at, undone_at=None).exists():
        raise CannotRepairReading(_("That reading is repaired already; take the repair back first."))
    at_us = to_us(read_at)
    series = lake.read_series(points=[point.pk], start_us=at_us, end_us=at_us + 1).get(point.pk)
    found = series is not None and series.at_us.size > 0
    if not found and value is None:
        raise CannotRepairReading(_("Nothing was read at that moment."))
    repair = ReadingRepair.objects.create(
        point=point,
        at=read_at,
        original_value=float(series.value[-1]) if found else None,
        original_quality=int(series.quality[-1]) if found else None,
        value=value,
        reason=reason.strip(),
        recorded_by=actor,
        recorded_at=at,
    )
    shown = value if value is not None else float(series.value[-1])
    _append(repair, shown, REPAIRED if value is not None else BAD, "repair", at)
    audit.record(
        "energy.reading.repaired",
        target=repair,
        actor=actor,
        at=at,
        park=point.park,
        original="" if repair.original_value is None else repair.original_value,
        value="" if value is None else value,
        reason=repair.reason,
    )
    return repair


@transaction.atomic
def undo_repair(*, repair: ReadingRepair, actor: User | None, at: datetime) -> ReadingRepair:
    """Let the original reading count again.

    :raises CannotRepairReading: it was taken back before.
    """
    check_may_edit(park=repair.point.park, actor=actor)
    if repair.undone_at is not None:
        raise CannotRepairReading(_("The repair was taken back before."))
    repair.undone_at = at
    repair.save(update_fields=["undone_at"])
    # A reading that the repair had added is left out again: the lake forgets nothing.
    original, quality = repair.original_value, repair.original_quality
    _append(repair, repair.value if original is None else original, BAD if original is None else quality, "undo", at)
    audit.record("energy.reading.repair_taken_back", target=repair, actor=actor, at=at, park=repair.point.park)
    return repair


def _append(repair: ReadingRepair, value: float | None, quality: int | None, what: str, at: datetime) -> None:
    table = pa.table(
        {
            "point": [repair.point_id],
            "at_us": [to_us(repair.at)],
            "value": [float(value or 0.0)],
            "quality": [int(quality or 0)],
        },
        schema=lake.SCHEMA,
    )
    lake.append_readings(table, batch_id=f"energy-{what}-{repair.pk}", at=at)
