"""Which numbers billing vouches for: what fell due in a period, and what of it came in time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import DatePeriod
from parkbrain.kernel.reading import among, shared
from parkbrain.kernel.registry import FactRow, FactValue, fact

from .models import Allocation, Bill, BillingRules

ZERO = Decimal(0)


@dataclass(frozen=True)
class _Fallen:
    """A bill that fell due in the period, and what had come for it by the end of its grace."""

    park_id: int
    pk: int
    number: str
    firm: str
    due_yuan: Decimal
    in_time_yuan: Decimal


def _fallen_bills(park_ids: Collection[int], period: DatePeriod) -> QuerySet[Bill]:
    return Bill.objects.filter(
        park__in=among(park_ids), due_on__gte=period.starts_on, due_on__lt=period.ends_on, gross_yuan__gt=0
    )


def _paid_of(park_ids: Collection[int], period: DatePeriod) -> QuerySet[Allocation]:
    return Allocation.objects.filter(
        bill__park__in=among(park_ids),
        bill__due_on__gte=period.starts_on,
        bill__due_on__lt=period.ends_on,
        bill__gross_yuan__gt=0,
        payment__voided_by__isnull=True,
        payment__voids__isnull=True,
    )


def _fallen(park_ids: Collection[int], period: DatePeriod) -> list[_Fallen]:
    bills = _fallen_bills(park_ids, period).select_related("enterprise")
    grace = dict(BillingRules.objects.filter(park__in=among(park_ids)).values_list("park", "grace_days"))
    usual = BillingRules().grace_days
    came: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    paid = _paid_of(park_ids, period)
    for pk, on, amount in paid.order_by().values_list("bill", "payment__received_on").annotate(sum=Sum("amount_yuan")):
        came[pk].append((on, amount))
    found = []
    for bill in bills:
        last = bill.due_on + timedelta(days=grace.get(bill.park_id, usual))
        in_time = sum((amount for on, amount in came[bill.pk] if on <= last), ZERO)
        found.append(_Fallen(bill.park_id, bill.pk, bill.number, bill.enterprise.name, bill.gross_yuan, in_time))
    return found


@dataclass
class _Sums:
    """What fell due in a park and what of it came in time, each with the number of bills."""

    due_yuan: Decimal = ZERO
    due_count: int = 0
    in_time_yuan: Decimal = ZERO
    in_time_count: int = 0


@shared
def _sum_up(*, park_ids: Collection[int], period: DatePeriod) -> dict[int, _Sums]:
    """Return the sums of the bills that `_fallen` lists, as plain columns: a year of a large park is thousands of bills."""
    bills = _fallen_bills(park_ids, period).order_by()
    sums: dict[int, _Sums] = {}
    for park_id, total, count in bills.values_list("park").annotate(total=Sum("gross_yuan"), count=Count("pk")):
        sums[park_id] = _Sums(total, count)
    grace = dict(BillingRules.objects.filter(park__in=sums).values_list("park", "grace_days")) if sums else {}
    usual = BillingRules().grace_days
    last: dict[tuple[int, date], date] = {}
    came: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    columns = ("bill__park", "bill", "bill__due_on", "payment__received_on", "amount_yuan")
    paid = _paid_of(park_ids, period).order_by().values_list(*columns) if sums else ()
    for park_id, pk, due_on, on, amount in paid:
        until = last.get((park_id, due_on))
        if until is None:
            until = last[park_id, due_on] = due_on + timedelta(days=grace.get(park_id, usual))
        if on <= until:
            came[park_id, pk] += amount
    for (park_id, _pk), amount in came.items():
        sums[park_id].in_time_yuan += amount
        sums[park_id].in_time_count += bool(amount)
    return sums


def _values(park_ids: Collection[int], period: DatePeriod, field: str) -> dict[int, FactValue]:
    # A park that bills elsewhere says nothing here: unknown, not zero.
    return {
        park_id: FactValue(float(getattr(sums, f"{field}_yuan")), row_count=getattr(sums, f"{field}_count"))
        for park_id, sums in _sum_up(park_ids=park_ids, period=period).items()
    }


def _rows(park_id: int, period: DatePeriod, field: str) -> list[FactRow]:
    return [
        FactRow(
            f"{bill.number} · {bill.firm}",
            float(getattr(bill, field)),
            reverse("bill_detail", args=[bill.pk]),
            target_label="billing.bill",
            target_id=bill.pk,
        )
        for bill in sorted(_fallen([park_id], period), key=lambda b: b.number)
        if getattr(bill, field)
    ]


def _due_rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
    return _rows(park_id, period, "due_yuan")


def _in_time_rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
    return _rows(park_id, period, "in_time_yuan")


@fact("fees_due_yuan", how=gettext_lazy("The bills that fell due within the period."), rows=_due_rows)
def fees_due(*, park_ids: Collection[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return what fell due within the period [yuan], tax included."""
    return _values(park_ids, period, "due")


@fact(
    "fees_received_on_time_yuan",
    how=gettext_lazy("What was paid of these bills up to their due day and the days of grace after it."),
    rows=_in_time_rows,
)
def fees_received_on_time(*, park_ids: Collection[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return what came in time of what fell due within the period [yuan]."""
    return _values(park_ids, period, "in_time")
