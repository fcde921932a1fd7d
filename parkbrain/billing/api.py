"""Bills, their explained lines, and payments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import Day, In, Out, Page, Slice, choice, found, id_filter, paged, refusals, require

from . import queries, services
from .models import Bill, Payment

router = Router()


class BillOut(Out):
    """A bill; amounts are yuan as decimal texts."""

    id: int
    park_id: int
    enterprise_id: int
    number: str
    month_on: date
    issued_on: date
    due_on: date
    net_yuan: Decimal
    tax_yuan: Decimal
    gross_yuan: Decimal
    paid_yuan: Decimal
    written_off_yuan: Decimal
    open_yuan: Decimal
    state: str
    settled_on: date | None


class BillLineOut(Out):
    """A line of a bill with its explanation."""

    id: int
    kind: str
    premises_id: int | None
    starts_on: date
    ends_on: date
    quantity: Decimal | None
    unit: str
    unit_price_yuan: Decimal | None
    net_yuan: Decimal
    tax_rate: Decimal
    tax_yuan: Decimal
    gross_yuan: Decimal
    adjusts_id: int | None = Field(description="The charge that this one corrects.")
    is_overridden: bool
    explanation: list[str] = Field(description="Why it is what it is, in the language of the request.")


class BillLinesOut(BillOut):
    """A bill with its lines; their sum is the bill."""

    lines: list[BillLineOut]


class PaymentOut(Out):
    """Money of a firm; a red entry names the payment that it undoes."""

    id: int
    park_id: int
    enterprise_id: int
    kind: str
    received_on: date
    amount_yuan: Decimal
    unused_yuan: Decimal
    method: str
    reference: str
    payer: str
    voids_id: int | None


class PaymentIn(In):
    """Money that a firm paid."""

    enterprise_id: int
    received_on: Day
    amount_yuan: Decimal = Field(gt=0, max_digits=14, decimal_places=2)
    method: str = choice([v for v in Payment.Method.values if v != "INTERNAL"], "By which way.", default="BANK")
    reference: str = Field("", max_length=120)
    payer: str = Field("", max_length=160)


class BillParams(Slice):
    """Which bills."""

    park: int | None = id_filter("Bills of this park.")
    enterprise: int | None = id_filter("Bills of this firm.")
    state: str = choice(Bill.State.values, "Bills in this state.")


class PaymentParams(Slice):
    """Which payments."""

    park: int | None = id_filter("Payments of this park.")
    enterprise: int | None = id_filter("Payments of this firm.")


def _bill(bill: Bill) -> BillOut:
    return BillOut(**{name: getattr(bill, name) for name in BillOut.model_fields})


def _payment(payment: Payment) -> PaymentOut:
    return PaymentOut(**{name: getattr(payment, name) for name in PaymentOut.model_fields})


@router.get("/bills", response=Page[BillOut], summary="Bills")
def list_bills(request: HttpRequest, part: Query[BillParams]) -> Page[BillOut]:
    """The bills of your parks; a tenant's own."""
    rows = Bill.objects.visible_to(request.user).order_by("-month_on", "number", "pk")
    for name in ("park", "enterprise", "state"):
        if value := getattr(part, name):
            rows = rows.filter(**{name: value})
    return paged(Page[BillOut], request, rows, part, _bill)


@router.get("/bills/{int:bill_id}", response=BillLinesOut, summary="One bill")
def get_bill(request: HttpRequest, bill_id: int) -> BillLinesOut:
    """A bill with every line explained."""
    bill = found(Bill.objects.visible_to(request.user), pk=bill_id)
    view = queries.get_bill_view(bill=bill, links=False)
    same = [name for name in BillLineOut.model_fields if name != "explanation"]
    lines = [
        BillLineOut(**{n: getattr(x.charge, n) for n in same}, explanation=[one.text for one in x.said])
        for x in view.lines
    ]
    return BillLinesOut(**_bill(bill).model_dump(), lines=lines)


@router.get("/payments", response=Page[PaymentOut], summary="Payments")
def list_payments(request: HttpRequest, part: Query[PaymentParams]) -> Page[PaymentOut]:
    """The payments of your parks; a tenant's own."""
    rows = Payment.objects.visible_to(request.user).order_by("-received_on", "-pk")
    for name in ("park", "enterprise"):
        if value := getattr(part, name):
            rows = rows.filter(**{name: value})
    return paged(Page[PaymentOut], request, rows, part, _payment)


@router.post("/parks/{int:park_id}/payments", response=PaymentOut, summary="Enter a payment")
def receive_payment(request: HttpRequest, park_id: int, values: PaymentIn) -> PaymentOut:
    """Book money that a firm paid: the oldest bills are paid first, the rest stays as credit."""
    park = found(Park.objects.visible_to(request.user), pk=park_id)
    require(request.user.may(Permission.MANAGE_MONEY, park.branch.path))
    given = values.model_dump()
    enterprise = found(Enterprise.objects.visible_to(request.user), pk=given.pop("enterprise_id"))
    with refusals(services.CannotBook):
        payment = services.receive_payment(
            park=park, incoming=services.Incoming(enterprise, **given), actor=request.user, at=timezone.now()
        )
    return _payment(payment)
