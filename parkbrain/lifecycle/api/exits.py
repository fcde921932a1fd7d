"""Exits, what may lead to them, the classes of firms by output per area, and vacated space."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import (
    AsOf,
    Day,
    In,
    Out,
    Page,
    Slice,
    choice,
    found,
    id_filter,
    paged,
    refusals,
    require,
)

from ..models import EfficiencyResult, ExitCase, ExitStep, ExitTrigger
from ..queries import efficiency, exits
from ..services import triggers

router = Router()


class StepOut(Out):
    """A step of an exit."""

    step: str = Field(description=f"One of {', '.join(ExitStep.Kind.values)}.")
    due_on: date
    done_on: date | None
    is_waived: bool = Field(description="Said not to be needed.")
    note: str


class FreedSpaceOut(Out):
    """Premises that an exit frees."""

    premises_id: int
    code: str
    area_m2: float
    free_from_on: date | None = Field(description="The first day without the firm; null while it is there.")


class ExitOut(Out):
    """A firm's leaving of premises of a park."""

    id: int
    park_id: int
    enterprise_id: int
    lease_id: int | None
    trigger_id: int | None
    reason: str = Field(description=f"One of {', '.join(ExitCase.Reason.values)}.")
    state: str
    notice_on: date
    planned_on: date = Field(description="The day by which the space is to be vacated.")
    vacated_on: date | None
    closed_on: date | None
    is_compliant: bool | None = Field(description="Whether it was handed over in order; null while its days run.")
    faults: list[str] = Field(description="What was late or missing, in the language of the request.")
    steps: list[StepOut]
    spaces: list[FreedSpaceOut]


class TriggerOut(Out):
    """A reason to look at whether a firm should stay, and what was decided."""

    id: int
    park_id: int
    enterprise_id: int
    kind: str = Field(description=f"One of {', '.join(ExitTrigger.Kind.values)}.")
    raised_on: date
    due_on: date = Field(description="The day by which it is to be decided.")
    decision: str = Field(description="Empty until it is decided.")
    decided_on: date | None
    follow_up_on: date | None


class ClassOut(Out):
    """A firm's class of a year by a locked run; what is not known is null."""

    id: int
    park_id: int
    enterprise_id: int
    year: int
    scheme: str
    klass: str = Field(description="A to D; empty where too little is known.")
    why: str
    score: float | None
    rank: int | None
    ranked: int = Field(description="Firms that were ranked with it.")
    floor_m2: float
    land_mu: float | None
    measures: dict[str, float | None] = Field(description="Tax, output, energy and others per area, by name.")


class VacatedOut(Out):
    """Premises that a firm vacated, and who came after it; what is not known is null."""

    premises_id: int
    code: str
    park_id: int
    area_m2: float
    enterprise_id: int
    vacated_on: date
    exit_id: int | None
    next_enterprise_id: int | None
    next_from_on: date | None
    empty_days: int = Field(description="Days between the two, or until the day of the answer.")
    is_low_efficiency: bool
    rent_change_yuan_per_m2_month: float | None
    tax_before_yuan_per_m2: float | None
    tax_after_yuan_per_m2: float | None
    payback_months: float | None


class ExitParams(AsOf, Slice):
    """Which exits."""

    park: int | None = id_filter("Exits of this park.")
    enterprise: int | None = id_filter("Exits of this enterprise.")
    state: str = choice(ExitCase.State.values, "Exits in this state.")


class TriggerParams(Slice):
    """Which triggers."""

    park: int | None = id_filter("Triggers of this park.")
    enterprise: int | None = id_filter("Triggers of this enterprise.")
    kind: str = choice(ExitTrigger.Kind.values, "Triggers of this kind.")
    state: str = choice(("open", "decided"), "Triggers that wait, or that were decided.")


class ClassParams(Slice):
    """Which classes."""

    park: int | None = id_filter("Firms of this park.")
    enterprise: int | None = id_filter("Classes of this enterprise.")
    year: int | None = Field(None, ge=1980, le=2100, description="Classes of this year.")
    klass: str = choice(EfficiencyResult.Klass.values, "Firms of this class.")


class VacatedParams(AsOf, Slice):
    """Which vacated space."""

    park: int | None = id_filter("Space of this park.")
    from_on: Day | None = Field(None, description="Vacated on this day or later.")


class TriggerIn(In):
    """What a person or a program saw."""

    enterprise_id: int = Field(ge=1)
    kind: str = choice(
        [k for k in ExitTrigger.Kind.values if k not in ExitTrigger.BY_RULE], "What was found.", default=None
    )
    note: str = Field(min_length=1, max_length=300, description="What was seen.")


class TriggerRaisedOut(Out):
    """What was raised."""

    id: int
    due_on: date


def _park(request: HttpRequest, park_id: int) -> Park:
    return found(Park.objects.visible_to(request.user), pk=park_id)


def _exit(case: ExitCase, on: date) -> ExitOut:
    order = exits.get_compliance(case=case, on=on)
    same = [
        "park_id",
        "enterprise_id",
        "lease_id",
        "reason",
        "state",
        "notice_on",
        "planned_on",
        "vacated_on",
        "closed_on",
    ]
    steps = [
        StepOut(step=s.kind, due_on=s.due_on, done_on=s.done_on, is_waived=s.is_waived, note=s.note)
        for s in sorted(case.steps.all(), key=lambda s: s.position)
    ]
    spaces = [
        FreedSpaceOut(
            premises_id=s.premises_id, code=s.premises.code, area_m2=s.area_m2, free_from_on=s.occupancy.ends_on
        )
        for s in case.spaces.all()
    ]
    return ExitOut(
        id=case.pk,
        trigger_id=case.trigger_id,
        is_compliant=order.is_compliant,
        faults=list(order.faults),
        steps=steps,
        spaces=spaces,
        **{name: getattr(case, name) for name in same},
    )


def _trigger(trigger: ExitTrigger) -> TriggerOut:
    same = ["park_id", "enterprise_id", "kind", "raised_on", "due_on", "decision", "decided_on", "follow_up_on"]
    return TriggerOut(id=trigger.pk, **{name: getattr(trigger, name) for name in same})


def _class(result: EfficiencyResult) -> ClassOut:
    same = ["enterprise_id", "klass", "why", "score", "rank", "ranked", "floor_m2", "land_mu", "measures"]
    return ClassOut(
        id=result.pk,
        park_id=result.run.park_id,
        year=result.run.year,
        scheme=result.run.scheme_key,
        **{name: getattr(result, name) for name in same},
    )


def _vacated(row: exits.LedgerRow) -> VacatedOut:
    assert row.stay.ends_on is not None
    change = row.rent_change
    return VacatedOut(
        premises_id=row.stay.premises_id,
        code=row.stay.premises.code,
        park_id=row.stay.premises.park_id,
        area_m2=row.area_m2,
        enterprise_id=row.stay.enterprise_id,
        vacated_on=row.stay.ends_on,
        exit_id=row.case.pk if row.case else None,
        next_enterprise_id=row.following.enterprise_id if row.following else None,
        next_from_on=row.following.starts_on if row.following else None,
        empty_days=row.empty_days,
        is_low_efficiency=row.is_low_efficiency,
        rent_change_yuan_per_m2_month=None if change is None else float(change),
        tax_before_yuan_per_m2=row.tax_before,
        tax_after_yuan_per_m2=row.tax_after,
        payback_months=row.payback,
    )


RELATED = ("steps", "spaces__premises", "spaces__occupancy")


@router.get("/exits", response=Page[ExitOut], summary="Exits")
def list_exits(request: HttpRequest, part: Query[ExitParams]) -> Page[ExitOut]:
    """The exits of parks whose money you see, with their steps; a firm finds its own that are shown to it."""
    rows = ExitCase.objects.visible_to(request.user).prefetch_related(*RELATED).order_by("-opened_on", "-pk")
    if part.park:
        rows = rows.filter(park=_park(request, part.park))
    if part.enterprise:
        rows = rows.filter(enterprise=part.enterprise)
    if part.state:
        rows = rows.filter(state=part.state)
    return paged(Page[ExitOut], request, rows, part, lambda case: _exit(case, part.day))


@router.get("/exits/{int:exit_id}", response=ExitOut, summary="One exit")
def get_exit(request: HttpRequest, exit_id: int, part: Query[AsOf]) -> ExitOut:
    """An exit with its steps, its space and whether it was handed over in order."""
    rows = ExitCase.objects.visible_to(request.user).prefetch_related(*RELATED)
    return _exit(found(rows, pk=exit_id), part.day)


@router.get("/exit-triggers", response=Page[TriggerOut], summary="Exit triggers")
def list_triggers(request: HttpRequest, part: Query[TriggerParams]) -> Page[TriggerOut]:
    """What may lead to an exit in the parks whose money you see, what waits first."""
    rows = ExitTrigger.objects.all().visible_to(request.user).order_by("decided_on", "due_on", "pk")
    if part.park:
        rows = rows.filter(park=_park(request, part.park))
    if part.enterprise:
        rows = rows.filter(enterprise=part.enterprise)
    if part.kind:
        rows = rows.filter(kind=part.kind)
    if part.state:
        rows = rows.filter(decided_on__isnull=part.state == "open")
    return paged(Page[TriggerOut], request, rows, part, _trigger)


@router.post("/parks/{int:park_id}/exit-triggers", response=TriggerRaisedOut, summary="Raise an exit trigger")
def raise_trigger(request: HttpRequest, park_id: int, values: TriggerIn) -> TriggerRaisedOut:
    """Raise what was seen of a tenant; what the figures show is found by the monthly check."""
    park = _park(request, park_id)
    require(request.user.may(Permission.MANAGE_LEASES, park.branch.path))
    firm = found(Enterprise.objects.visible_to(request.user), pk=values.enterprise_id)
    with refusals(triggers.CannotDecideTrigger):
        made = triggers.raise_trigger(
            park=park, enterprise=firm, kind=values.kind, note=values.note, actor=request.user, at=timezone.now()
        )
    return TriggerRaisedOut(id=made.pk, due_on=made.due_on)


@router.get("/efficiency-classes", response=Page[ClassOut], summary="Classes of firms by output per area")
def list_classes(request: HttpRequest, part: Query[ClassParams]) -> Page[ClassOut]:
    """The classes of locked years in parks whose money you see, newest first; a firm finds its own that are shown."""
    rows = efficiency.visible_results(user=request.user).order_by("-run__year", "run", "group", "rank", "pk")
    if part.park:
        rows = rows.filter(run__park=_park(request, part.park))
    if part.enterprise:
        rows = rows.filter(enterprise=part.enterprise)
    if part.year:
        rows = rows.filter(run__year=part.year)
    if part.klass:
        rows = rows.filter(klass=part.klass)
    return paged(Page[ClassOut], request, rows, part, _class)


@router.get("/vacated-space", response=Page[VacatedOut], summary="Vacated and re-let space")
def list_vacated(request: HttpRequest, part: Query[VacatedParams]) -> Page[VacatedOut]:
    """Premises that were vacated up to the day in parks whose money you see, and what became of them."""
    rows = exits.vacated_stays(user=request.user, on=part.day).select_related("premises__park", "enterprise")
    if part.park:
        rows = rows.filter(premises__park=_park(request, part.park))
    if part.from_on:
        rows = rows.filter(ends_on__gte=part.from_on)
    prepare = lambda stays: exits.ledger_rows(stays=stays, on=part.day)  # noqa: E731
    return paged(Page[VacatedOut], request, rows.order_by("-ends_on", "pk"), part, _vacated, prepare=prepare)
