"""Bills with every line explained, a firm's account, and what a search finds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import SearchHit
from parkbrain.kernel.roles import Permission

from ..models import Allocation, Bill, BillRun, Charge, Deposit, Payment
from .deposits import get_deposit
from .planning import source_label
from .sources import Said, explain_reasons

ZERO = Decimal(0)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Line:
    """A line of a bill with its explanation."""

    charge: Charge
    source: str
    said: Sequence[Said]


@dataclass(frozen=True)
class BillView:
    """A bill with its lines and everything that happened to it."""

    bill: Bill
    lines: Sequence[Line]
    paid: Sequence[Allocation]


def sees_rows(*, user: User, park: Park) -> bool:
    """Tell whether a person may open the rows behind a charge: who sees the park's money, and not the tenant."""
    return user.may(Permission.VIEW_MONEY, park.branch.path)


def visible_charges(*, user: User) -> QuerySet[Charge]:
    """Return the charges a person may see: a firm sees what it was billed, never what is only a preview."""
    in_branch = scope.branches_q(user, Permission.VIEW_MONEY, field="park__branch__path")
    own = Q(enterprise__uscc__in=scope.own_enterprise_codes(user), bill__isnull=False)
    return Charge.objects.filter(in_branch | own)


def explain_charges(*, charges: Sequence[Charge], links: bool) -> list[Line]:
    """Return charges with their reasons in words."""
    return [
        Line(charge, str(source_label(key=charge.source)), explain_reasons(steps=charge.reasons, links=links))
        for charge in charges
    ]


def get_bill_view(*, bill: Bill, links: bool) -> BillView:
    """Return a bill with every line explained; `links` where the reader may open the rows behind."""
    rows = bill.charges.select_related("premises", "adjusts__bill").order_by("kind", "starts_on", "pk")
    paid = bill.allocations.select_related("payment").order_by("payment__received_on", "pk")
    return BillView(bill, explain_charges(charges=list(rows), links=links), list(paid))


def list_bill_views(*, runs: Sequence[BillRun]) -> list[BillView]:
    """Return the bills of runs, each with its lines explained, in the order of their numbers; without links."""
    of_runs = {"run__in": [run.pk for run in runs]}
    bills = list(Bill.objects.filter(**of_runs).select_related("park", "enterprise").order_by("number"))
    charges: dict[int, list[Charge]] = defaultdict(list)
    rows = Charge.objects.filter(bill__in=[bill.pk for bill in bills]).select_related("premises", "adjusts__bill")
    for charge in rows.order_by("kind", "starts_on", "pk"):
        charges[charge.bill_id or 0].append(charge)
    paid: dict[int, list[Allocation]] = defaultdict(list)
    allocations = Allocation.objects.filter(bill__in=[bill.pk for bill in bills]).select_related("payment")
    for one in allocations.order_by("payment__received_on", "pk"):
        paid[one.bill_id].append(one)
    return [BillView(bill, explain_charges(charges=charges[bill.pk], links=False), paid[bill.pk]) for bill in bills]


@dataclass(frozen=True)
class Account:
    """What a firm owes and has paid in a park."""

    billed_yuan: Decimal
    open_yuan: Decimal
    overdue_yuan: Decimal
    credit_yuan: Decimal
    deposit: Deposit
    bills: Sequence[Bill]
    payments: Sequence[Payment]

    @property
    def balance_yuan(self) -> Decimal:
        """What the firm owes in the end; negative where the park owes it."""
        return self.open_yuan - self.credit_yuan


def get_account(*, park: Park, enterprise: Enterprise, on: date) -> Account:
    """Return a firm's account in a park as of today, with its newest bills and payments."""
    bills = Bill.objects.filter(park=park, enterprise=enterprise)
    payments = Payment.objects.filter(park=park, enterprise=enterprise)
    return Account(
        _sum(bills, "gross_yuan"),
        _sum(bills, "open_yuan"),
        _sum(bills.overdue_on(on), "open_yuan"),
        _sum(payments, "unused_yuan"),
        get_deposit(park=park, enterprise_id=enterprise.pk),
        list(bills.order_by("-month_on", "-number")[:36]),
        list(payments.order_by("-received_on", "-pk")[:36]),
    )


def _sum(rows: Any, field: str) -> Decimal:
    return (rows.order_by().aggregate(total=Sum(field))["total"] or ZERO).quantize(CENT)


def list_account_parks(*, user: User, enterprise: Enterprise) -> list[Park]:
    """Return the parks in which a person may see the account of a firm, and in which it has one."""
    with_bills = Bill.objects.filter(enterprise=enterprise).order_by().values("park")
    parks = Park.objects.filter(pk__in=with_bills).select_related("branch")
    if enterprise.uscc in scope.own_enterprise_codes(user):
        return list(parks)
    return list(parks.filter(scope.branches_q(user, Permission.VIEW_MONEY, field="branch__path")))


def find_account_firm(*, user: User, park: Park, enterprise_id: int) -> Enterprise | None:
    """Return a firm that has an account in a park, where the person may see that account."""
    firm = Enterprise.objects.filter(pk=enterprise_id).first()
    if firm is None or park not in list_account_parks(user=user, enterprise=firm):
        return None
    return firm


def get_money_panel(*, user: User, enterprise: Enterprise, on: date) -> dict[str, Any] | None:
    """Return a firm's accounts for its page; None where the person sees none."""
    parks = list_account_parks(user=user, enterprise=enterprise)
    accounts = [(park, get_account(park=park, enterprise=enterprise, on=on)) for park in parks]
    return {"enterprise": enterprise, "accounts": accounts} if accounts else None


def find_bill_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return bills whose number begins with what was typed."""
    typed = text.strip()
    if len(typed) < 4 or not typed[0].isdigit():
        return []
    found = Bill.objects.visible_to(user).filter(number__startswith=typed).select_related("enterprise", "park")
    return [
        SearchHit(
            _("Bill"), bill.number, reverse("bill_detail", args=[bill.pk]), f"{bill.enterprise.name} · {bill.park.name}"
        )
        for bill in found.order_by("-month_on", "number")[:limit]
    ]
