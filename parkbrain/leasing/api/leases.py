"""Leases with their schedule."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from parkbrain.calc import leases as calc
from parkbrain.kernel.models import Park
from parkbrain.ui.rest import AsOf, Out, Page, Slice, choice, found, id_filter, paged

from .. import queries
from ..models import Lease

router = Router()


class LeaseOut(Out):
    """A lease: its term is [starts_on, stops_on)."""

    id: int
    park_id: int
    enterprise_id: int
    number: str
    state: str
    starts_on: date
    ends_on: date
    stops_on: date = Field(
        description="The first day that it does not cover: earlier than ends_on where it ended early."
    )
    signed_on: date | None
    renewed_from_id: int | None


class DeductionOut(Out):
    """What a free period or concession took off."""

    code: str
    amount_yuan: Decimal
    label: str


class LeaseLineOut(Out):
    """A line of the schedule; amounts are null where a figure it needs is unknown."""

    kind: str
    premises_code: str
    starts_on: date
    ends_on: date
    due_on: date
    area_m2: Decimal | None
    unit_price_yuan: Decimal | None
    net_yuan: Decimal | None
    tax_percent: Decimal
    tax_yuan: Decimal | None
    gross_yuan: Decimal | None
    deductions: list[DeductionOut]
    explanation: list[str]


class ScheduleOut(Out):
    """The whole schedule of a lease with its sums."""

    lease_id: int
    lines: list[LeaseLineOut]
    net_yuan: Decimal
    tax_yuan: Decimal
    gross_yuan: Decimal
    unknown_count: int = Field(description="Lines that wait for an index value or a turnover.")


class LeaseParams(AsOf, Slice):
    """Which leases."""

    park: int | None = id_filter("Leases of this park.")
    state: str = choice(Lease.State.values, "Leases in this state.")


def _out(lease: Lease) -> LeaseOut:
    same = "park_id enterprise_id number state starts_on ends_on stops_on signed_on renewed_from_id"
    return LeaseOut(id=lease.pk, **{name: getattr(lease, name) for name in same.split()})


@router.get("/leases", response=Page[LeaseOut], summary="Leases")
def list_leases(request: HttpRequest, part: Query[LeaseParams]) -> Page[LeaseOut]:
    """The leases of your parks; a tenant's own that are signed."""
    rows = queries.list_leases(user=request.user).order_by("park", "number", "pk")
    if part.park:
        rows = rows.filter(park=found(Park.objects.visible_to(request.user), pk=part.park))
    if part.state:
        rows = rows.filter(state=part.state)
    return paged(Page[LeaseOut], request, rows, part, _out)


@router.get("/leases/{int:lease_id}", response=LeaseOut, summary="One lease")
def get_lease(request: HttpRequest, lease_id: int) -> LeaseOut:
    """A lease."""
    return _out(found(queries.list_leases(user=request.user), pk=lease_id))


@router.get("/leases/{int:lease_id}/schedule", response=ScheduleOut, summary="Schedule of a lease")
def get_schedule(request: HttpRequest, lease_id: int) -> ScheduleOut:
    """Every line to the end of the lease, with the steps that make it."""
    lease = found(queries.list_leases(user=request.user), pk=lease_id)
    schedule = queries.get_schedule(lease=lease)
    sums = schedule.totals
    return ScheduleOut(
        lease_id=lease.pk,
        lines=[_line(line) for line in schedule.lines],
        net_yuan=sums.net_yuan,
        tax_yuan=sums.tax_yuan,
        gross_yuan=sums.gross_yuan,
        unknown_count=sums.unknown_count,
    )


def _line(line: calc.Line) -> LeaseLineOut:
    same = "kind starts_on ends_on due_on area_m2 net_yuan tax_percent tax_yuan gross_yuan"
    return LeaseLineOut(
        premises_code=line.place,
        unit_price_yuan=line.unit_price,
        deductions=[DeductionOut(code=d.code, amount_yuan=d.amount_yuan, label=d.label) for d in line.deductions],
        explanation=[text for text, _ref in queries.explain_line(line=line)],
        **{name: getattr(line, name) for name in same.split()},
    )
