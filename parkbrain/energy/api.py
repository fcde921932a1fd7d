"""Meters with their use, the tree and the months as JSON."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import (
    AsOf,
    Day,
    FieldProblem,
    Names,
    Out,
    Page,
    Problem,
    Slice,
    choice,
    found,
    id_filter,
    names_of,
    ordered,
    ordering,
    paged,
    require,
)

from . import queries
from .models import EnergyKind, Meter, MonthStatement, StatementLine
from .queries.basis import from_us

router = Router()
ORDERS = {"code": ["park_id", "code"], "energy_kind": ["energy_kind", "code"], "due": ["calibration_due_on", "code"]}
#: Most periods of one answer.
MOST_PERIODS = 10_000


class MeterParams(Slice, AsOf):
    """Which meters."""

    park: int | None = id_filter("Only meters of this park.")
    energy_kind: str = choice(EnergyKind.values, "Only meters of this energy kind.")
    ordering: str = ordering(ORDERS, default="code")


class MeterOut(Out):
    """A meter."""

    id: int
    park_id: int
    code: str
    name: str
    names: Names
    energy_kind: str = Field(description=f"One of {', '.join(EnergyKind.values)}.")
    level: int = Field(description="1 supply, 2 building or tenant, 3 end use (GB 17167).")
    flow: str = Field(description="IN, GENERATED or OUT.")
    unit: str = Field(description="QUDT name of the unit that use is in.")
    formula: str = Field(description="Empty for a real meter.")
    accuracy_class: str
    calibration_due_on: date | None


class UseParams(Schema):
    """Which time, in which steps."""

    start_on: Day | None = Field(None, description="First local day; 31 days before the end unless given.")
    end_on: Day | None = Field(None, description="The day after the last; tomorrow unless given.")
    step: str = choice(queries.STEPS, "Length of the periods.", default="day")


class PeriodOut(Out):
    """Use in a period."""

    start_at: str = Field(description="Beginning of the period.")
    use: float | None = Field(description="Null where nothing is known of the period.")
    known: float = Field(description="Share of the period that lies between readings, 0 to 1.")
    measured: float = Field(description="Share between readings close enough to each other, 0 to 1.")
    flags: int = Field(
        description="1 gap, 2 rolled over, 4 reset, 8 exchanged, 16 backward, 32 implausible, 64 negative."
    )


class UseOut(Out):
    """Use of a meter by period."""

    meter_id: int
    unit: str
    step: str
    periods: list[PeriodOut]


class MeterNodeOut(Out):
    """A meter in the tree."""

    meter_id: int
    code: str
    depth: int
    use: float | None
    known: float
    measured: float
    below: float | None = Field(description="What the meters below counted; null where one is not wholly known.")
    loss: float | None


class TreeParams(UseParams):
    """Which kind and time."""

    step: str = choice(("month",), "Not used: the tree is over the whole time.", default="month")
    energy_kind: str = choice(EnergyKind.values, "Which energy kind.", default="ELECTRICITY")


class MonthLineOut(Out):
    """An enterprise's part of a month; amounts as decimal texts, null where something is not known."""

    enterprise_id: int
    uscc: str
    metered: str | None
    public_share: str | None
    loss_share: str | None
    charges: list[dict[str, str]]
    amount_yuan: str | None
    tax_yuan: str | None


class MonthOut(Out):
    """A month of an energy kind."""

    energy_kind: str
    month_on: date
    supply: float | None
    metered: float | None
    public: float | None
    loss: float | None
    amount_yuan: str | None
    coefficient: str | None
    lines: list[MonthLineOut]


def _meter(meter: Meter) -> MeterOut:
    return MeterOut(
        id=meter.pk,
        park_id=meter.park_id,
        code=meter.code,
        name=meter.name,
        names=names_of(meter),
        energy_kind=meter.energy_kind,
        level=meter.level,
        flow=meter.flow,
        unit=meter.unit,
        formula=meter.formula,
        accuracy_class=meter.accuracy_class,
        calibration_due_on=meter.calibration_due_on,
    )


@router.get("/meters", response=Page[MeterOut], summary="Meters")
def list_meters(request: HttpRequest, part: Query[MeterParams]) -> Page[MeterOut]:
    """The meters that you may see and that are in use on the day."""
    rows = queries.list_meters(user=request.user, on=part.day)
    if part.park:
        rows = rows.filter(park=part.park)
    if part.energy_kind:
        rows = rows.filter(energy_kind=part.energy_kind)
    return paged(Page[MeterOut], request, ordered(rows, part.ordering, ORDERS), part, _meter)


@router.get("/meters/{int:meter_id}", response=MeterOut, summary="One meter")
def get_meter(request: HttpRequest, meter_id: int) -> MeterOut:
    """A meter."""
    return _meter(found(Meter.objects.visible_to(request.user), pk=meter_id))


@router.get("/meters/{int:meter_id}/use", response=UseOut, summary="Use of a meter")
def get_meter_use(request: HttpRequest, meter_id: int, asked: Query[UseParams]) -> UseOut:
    """Use by hour, day or month of local days, with what is known, measured and doubtful."""
    meter = found(Meter.objects.visible_to(request.user), pk=meter_id)
    start_on, end_on = _time(asked)
    use = queries.get_use(meters=[meter.pk], starts_on=start_on, ends_on=end_on, step=asked.step)[meter.pk]
    periods = [
        PeriodOut(
            start_at=from_us(int(use.borders_us[n])).isoformat(),
            use=None if np.isnan(use.use[n]) else float(use.use[n]),
            known=float(use.known[n]),
            measured=float(use.measured[n]),
            flags=int(use.flags[n]),
        )
        for n in range(use.use.size)
    ]
    return UseOut(meter_id=meter.pk, unit=meter.unit, step=asked.step, periods=periods)


def _time(asked: UseParams) -> tuple[date, date]:
    """Return the time that is asked for; one without periods or with too many is refused."""
    end_on = asked.end_on or timezone.localdate() + timedelta(days=1)
    start_on = asked.start_on or end_on - timedelta(days=31)
    days = (end_on - start_on).days
    periods = days * (24 if asked.step == queries.HOUR else 1)
    if not 0 < periods <= MOST_PERIODS:
        message = f"The time must have 1 to {MOST_PERIODS} periods."
        raise Problem(422, errors=[FieldProblem("query.end_on", "bad_time", message)])
    return start_on, end_on


def _park(request: HttpRequest, park_id: int) -> Park:
    visible = Park.objects.visible_to(request.user).select_related("branch")
    park: Park = found(visible, pk=park_id)
    require(request.user.may(Permission.VIEW_TELEMETRY, park.branch.path))
    return park


@router.get("/parks/{int:park_id}/meter-tree", response=list[MeterNodeOut], summary="Tree and balance")
def get_meter_tree(request: HttpRequest, park_id: int, asked: Query[TreeParams]) -> list[MeterNodeOut]:
    """The meters of a kind, those above before those below, with what is lost between them."""
    park = _park(request, park_id)
    start_on, end_on = _time(asked)
    nodes = queries.get_tree(park=park, energy_kind=asked.energy_kind, starts_on=start_on, ends_on=end_on)
    return [
        MeterNodeOut(
            meter_id=n.meter.pk,
            code=n.meter.code,
            depth=n.depth,
            use=n.total.use,
            known=n.total.known,
            measured=n.total.measured,
            below=n.below,
            loss=n.loss,
        )
        for n in nodes
    ]


@router.get("/parks/{int:park_id}/energy-months", response=list[MonthOut], summary="Months with bill quantities")
def list_energy_months(request: HttpRequest, park_id: int) -> list[MonthOut]:
    """The months that were worked out, newest first: sums, and each enterprise's quantities and money."""
    park = _park(request, park_id)
    require(request.user.may(Permission.VIEW_ENTERPRISE, park.branch.path))
    months = MonthStatement.objects.filter(park=park).prefetch_related("lines__enterprise")[:120]
    return [_month(m) for m in months]


def _month(month: MonthStatement) -> MonthOut:
    return MonthOut(
        energy_kind=month.energy_kind,
        month_on=month.month_on,
        supply=month.supply,
        metered=month.metered,
        public=month.public,
        loss=month.loss,
        amount_yuan=_text(month.amount_yuan),
        coefficient=month.inputs.get("coefficient"),
        lines=[_month_line(line) for line in month.lines.all()],
    )


def _month_line(line: StatementLine) -> MonthLineOut:
    return MonthLineOut(
        enterprise_id=line.enterprise_id,
        uscc=line.enterprise.uscc,
        metered=_text(line.metered),
        public_share=_text(line.public_share),
        loss_share=_text(line.loss_share),
        charges=line.charges,
        amount_yuan=_text(line.amount_yuan),
        tax_yuan=_text(line.tax_yuan),
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
