"""Rooms that are let: what binding leases hold, and the occupancies that follow from them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from parkbrain.calc.leases import governing_spans
from parkbrain.enterprises.models import Occupancy
from parkbrain.enterprises.services import CannotRecordOccupancy, record_occupancies
from parkbrain.kernel.models import User

from ..models import Lease, LeaseVersion, Let
from .common import CannotChangeLease


class CannotLetPremises(CannotChangeLease):
    """Somebody else has the premises on some of the days."""


def let_spans(*, lease: Lease) -> list[tuple[int, date, date, Decimal]]:
    """Return premises with the days that the approved versions of the lease let them, and the area."""
    versions = list(
        lease.versions.filter(state=LeaseVersion.State.APPROVED).order_by("number").prefetch_related("premises")
    )
    spans: list[tuple[int, date, date, Decimal]] = []
    for number, begin, end in governing_spans([v.effective_on for v in versions], lease.starts_on, lease.stops_on):
        for row in versions[number].premises.all():
            start, stop = max(row.starts_on, begin), min(row.ends_on, end)
            if stop > start:
                spans.append((row.premises_id, start, stop, row.area_m2))
    return _joined(sorted(spans))


def _joined(spans: list[tuple[int, date, date, Decimal]]) -> list[tuple[int, date, date, Decimal]]:
    """Join the days of the same premises that meet and have the same area."""
    joined: list[tuple[int, date, date, Decimal]] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last and last[0] == span[0] and last[2] == span[1] and last[3] == span[3]:
            joined[-1] = (last[0], last[1], span[2], last[3])
        else:
            joined.append(span)
    return joined


@transaction.atomic
def hold_premises(*, lease: Lease) -> None:
    """Write what a binding lease lets.

    :raises CannotLetPremises: another lease holds the premises on some of the days; the message says which.
    """
    lease.lets.all().delete()
    if not lease.is_binding:
        return
    rows = [Let(lease=lease, premises_id=p, starts_on=a, ends_on=b, area_m2=m) for p, a, b, m in let_spans(lease=lease)]
    try:
        with transaction.atomic():
            Let.objects.bulk_create(rows)
    except DatabaseError as error:
        # The database holds the rule, also against a request that was quicker.
        other = next((o for o in map(_who_holds, rows) if o), None)
        if other is None:
            raise CannotLetPremises(_("The lease names the same premises twice for the same days.")) from error
        raise CannotLetPremises(held_message(other=other)) from error


def _who_holds(row: Let) -> Let | None:
    """Return the let of another lease that shares a day with this one."""
    others = Let.objects.filter(premises_id=row.premises_id, starts_on__lt=row.ends_on, ends_on__gt=row.starts_on)
    return others.exclude(lease_id=row.lease_id).select_related("lease__enterprise", "premises").first()


def held_message(*, other: Let) -> str:
    """Return the sentence that says which lease holds the premises, and when."""
    return _("%(premises)s is let to %(enterprise)s by lease %(number)s from %(start)s until %(end)s.") % {
        "premises": other.premises.code,
        "enterprise": other.lease.enterprise.name,
        "number": other.lease.number,
        "start": other.starts_on.isoformat(),
        "end": other.ends_on.isoformat(),
    }


@transaction.atomic
def follow_with_occupancies(
    *, lease: Lease, rents: dict[int, Decimal | None], actor: User | None, at: datetime
) -> None:
    """Keep the stays of the firm in step with an active lease: begun, ended, with its number, end and rent.

    :raises CannotChangeLease: somebody else is in the premises; the message says who and since when.
    """
    spans: dict[int, tuple[date, date]] = {}
    for row in lease.lets.order_by("starts_on"):
        first = spans.get(row.premises_id, (row.starts_on, row.ends_on))[0]
        spans[row.premises_id] = (first, row.ends_on)
    stays = {
        o.premises_id: o
        for o in Occupancy.objects.filter(enterprise=lease.enterprise)
        .overlapping(lease.starts_on, date.max)
        .filter(premises__in=[*spans, *_left(lease)])
        .select_related("premises")
        .order_by("starts_on")
    }
    codes = dict(lease.park.premises.filter(pk__in=spans).values_list("pk", "code"))
    rows = [_stay(lease, codes[p], begin, end, stays.get(p), rents.get(p)) for p, (begin, end) in spans.items()]
    rows += [_gone(lease, stay) for p, stay in stays.items() if p not in spans and stay.ends_on is None]
    try:
        record_occupancies(park=lease.park, rows=rows, actor=actor, at=at)
    except CannotRecordOccupancy as refusal:
        raise CannotChangeLease(str(refusal)) from refusal


def _left(lease: Lease) -> list[int]:
    """Return premises where the firm is by this lease, whether the lease still lets them or not."""
    held = Occupancy.objects.filter(enterprise=lease.enterprise, lease_number=lease.number, premises__park=lease.park)
    return list(held.values_list("premises", flat=True))


def _stay(
    lease: Lease, code: str, begin: date, end: date, stay: Occupancy | None, rent: Decimal | None
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "premises_code": code,
        "uscc": lease.enterprise.uscc,
        "starts_on": stay.starts_on if stay else begin,
        "lease_number": lease.number,
        "lease_ends_on": end,
    }
    if rent is not None:
        row["rent_yuan_per_m2_month"] = rent
    if end < lease.stops_on:
        row["ends_on"] = end
    return row


def _gone(lease: Lease, stay: Occupancy) -> dict[str, Any]:
    """Return the row of a stay in premises that no version lets any more: a correction took them out."""
    return {
        "premises_code": stay.premises.code,
        "uscc": lease.enterprise.uscc,
        "starts_on": stay.starts_on,
        "lease_number": "",
        "lease_ends_on": None,
    }
