"""Whether issued bills still say what their lines and payments come to: asked by the system's own check."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from ..models import Allocation, Bill, Charge

#: Sums of the database are compared with less than half a cent between them: SQLite adds money as floats.
HALF_CENT = Decimal("0.005")


@dataclass(frozen=True)
class UnsoundBills:
    """Bills that do not come to the sum of their lines, and bills of which not what was allocated is paid."""

    lines: list[str]
    payments: list[str]
    checked: int


def find_unsound_bills() -> UnsoundBills:
    """Return the numbers of bills of all parks whose amount, net, tax or paid sum is not that of the rows behind it."""
    bills: QuerySet[Bill] = Bill.objects.order_by("number")
    parts = ("net_yuan", "tax_yuan", "gross_yuan")
    summed = bills.annotate(**{f"of_{name}": _sum(Charge, name) for name in parts})
    off = Q()
    for name in parts:
        off |= ~_close(name, f"of_{name}")
    paid = bills.annotate(of_paid=_sum(Allocation, "amount_yuan")).filter(~_close("paid_yuan", "of_paid"))
    return UnsoundBills(
        list(summed.filter(off).values_list("number", flat=True)),
        list(paid.values_list("number", flat=True)),
        bills.count(),
    )


def _sum(model: Any, name: str) -> Coalesce:
    rows = model.objects.filter(bill=OuterRef("pk")).order_by().values("bill").annotate(sum=Sum(name)).values("sum")
    return Coalesce(Subquery(rows), Decimal(0))


def _close(name: str, other: str) -> Q:
    return Q(**{f"{name}__gt": F(other) - HALF_CENT, f"{name}__lt": F(other) + HALF_CENT})
