"""Which bills are overdue, with the days on which money came: what a late fee is worked out from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from parkbrain.kernel.models import Park

from ..models import Allocation, Bill, Charge, ChargeKind


@dataclass(frozen=True)
class OverdueLine:
    """A line of an overdue bill, by the key its source gave it."""

    key: str
    source: str
    kind: str
    premises_id: int | None
    gross_yuan: Decimal


@dataclass(frozen=True)
class OverdueBill:
    """A bill that was not wholly paid on its due day, and what was paid of it on which day since.

    `paid_yuan` is what had come up to and on the due day. What of it are late fees themselves stands apart: whether a
    fee is charged on a fee is for the clause to say.
    """

    bill_id: int
    number: str
    enterprise_id: int
    month_on: date
    due_on: date
    gross_yuan: Decimal
    late_fee_yuan: Decimal
    paid_yuan: Decimal
    later_payments: tuple[tuple[date, Decimal], ...]
    written_off_yuan: Decimal
    lines: tuple[OverdueLine, ...]

    def open_on(self, day: date) -> Decimal:
        """Return what was open at the end of a day, by the days on which money came."""
        paid = sum((amount for on, amount in self.later_payments if on <= day), self.paid_yuan)
        return max(Decimal(0), self.gross_yuan - paid - self.written_off_yuan)


def list_overdue(*, park: Park, starts_on: date, ends_on: date) -> list[OverdueBill]:
    """Return the bills of a park that were overdue on a day of [starts_on, ends_on), with when money came.

    A payment that was voided counts until the day of its red entry and not after it, as the account showed it then.
    """
    settled_before = Q(settled_on__isnull=False, settled_on__lt=starts_on)
    rows = Bill.objects.filter(park=park, due_on__lt=ends_on, gross_yuan__gt=0).exclude(settled_before)
    bills = [b for b in rows.order_by("due_on", "pk") if b.settled_on is None or b.settled_on > b.due_on]
    money: dict[int, list[tuple[date, Decimal]]] = defaultdict(list)
    paid = Allocation.objects.filter(bill__in=bills).order_by("payment__received_on", "pk")
    for pk, on, amount in paid.values_list("bill", "payment__received_on", "amount_yuan"):
        money[pk].append((on, amount))
    lines: dict[int, list[OverdueLine]] = defaultdict(list)
    charges = Charge.objects.filter(bill__in=bills).order_by("pk")
    for pk, *values in charges.values_list("bill", "key", "source", "kind", "premises", "gross_yuan"):
        lines[pk].append(OverdueLine(*values))
    return [_overdue(bill, money[bill.pk], lines[bill.pk]) for bill in bills]


def _overdue(bill: Bill, money: Sequence[tuple[date, Decimal]], lines: Sequence[OverdueLine]) -> OverdueBill:
    return OverdueBill(
        bill.pk,
        bill.number,
        bill.enterprise_id,
        bill.month_on,
        bill.due_on,
        bill.gross_yuan,
        sum((x.gross_yuan for x in lines if x.kind == ChargeKind.LATE_FEE), Decimal(0)),
        sum((amount for on, amount in money if on <= bill.due_on), Decimal(0)),
        tuple((on, amount) for on, amount in money if on > bill.due_on),
        bill.written_off_yuan,
        tuple(lines),
    )
