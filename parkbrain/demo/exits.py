"""Output per area and exits of the demo park: two classed years, monthly checks, decisions, one finished and one running exit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.enterprises.services import start_occupancy
from parkbrain.kernel.models import Park, User
from parkbrain.lifecycle.models import EfficiencyRun, ExitCase, ExitStep, ExitTrigger
from parkbrain.lifecycle.services import efficiency, exits, inspection, triggers

from .draws import rng
from .living import moment

SCHEME = "anhui_span"
#: Day of the year on which the classes of the year before are locked.
LOCK_MONTH, LOCK_DAY = 5, 20
#: Years that are classed, and how many months back the rules were checked.
YEARS, MONTHS = 2, 14


def load(*, seed: int, on: date, park: Park, actor: User) -> None:
    """Fill classes, checks, decisions and exits in the order in which they happened."""
    locks = _lock_days(on)
    _promise(seed, on, park, actor)
    days = sorted({*_check_days(on), *locks})
    for day in days:
        if day in locks:
            _classify(park, day, actor)
        if day in _check_days(on):
            triggers.check_triggers(park=park, on=day, actor=None, at=moment(day))
            _decide(seed, park, day, actor)
    _finish_one(park, on, actor)
    _begin_one(park, on, actor)


def _lock_days(on: date) -> list[date]:
    last = on.year if on > date(on.year, LOCK_MONTH, LOCK_DAY) else on.year - 1
    return [date(year, LOCK_MONTH, LOCK_DAY) for year in range(last - YEARS + 1, last + 1)]


def _check_days(on: date) -> list[date]:
    found = []
    for back in range(MONTHS, -1, -1):
        month = on.year * 12 + on.month - 1 - back
        day = date(month // 12, month % 12 + 1, 3)
        if day <= on:
            found.append(day)
    return found


def _promise(seed: int, on: date, park: Park, actor: User) -> None:
    """Let some firms promise output and tax: most keep it, two stay far below."""
    draw = rng(seed, "commitments")
    firms = list(Enterprise.objects.in_park(park, on).filter(returns__year=on.year - 1).distinct()[:60])
    chosen = draw.sample(firms, min(12, len(firms)))
    rows = []
    for place, firm in enumerate(chosen):
        for year in (on.year - 2, on.year - 1):
            known = firm.returns.filter(year=year).first()
            if known is None or known.output_wan is None or known.tax_wan is None:
                continue
            factor = Decimal("2.6") if place < 2 else Decimal(str(round(draw.uniform(0.85, 1.15), 2)))
            rows.append(
                {
                    "uscc": firm.uscc,
                    "year": year,
                    "output_wan": (known.output_wan * factor).quantize(Decimal(1)),
                    "tax_wan": (max(known.tax_wan, Decimal(1)) * factor).quantize(Decimal(1)),
                    "agreement": f"JG-{on.year - 3}-{place + 1:03d}",
                }
            )
    efficiency.record_commitments(park=park, rows=rows, actor=actor, at=moment(on))


def _classify(park: Park, day: date, actor: User) -> EfficiencyRun:
    at = moment(day)
    run = efficiency.classify_firms(park=park, year=day.year - 1, scheme_key=SCHEME, actor=actor, at=at)
    return efficiency.lock_run(run=run, actor=actor, at=at)


def _decide(seed: int, park: Park, day: date, actor: User) -> None:
    """Decide what waits from the month before; every ninth waits too long."""
    waiting = (
        ExitTrigger.objects.filter(park=park, decided_on=None, raised_on__lt=day)
        .select_related("enterprise")
        .order_by("pk")
    )
    reasons = {
        ExitTrigger.Decision.REMINDER: "约谈企业负责人，书面提醒一次",
        ExitTrigger.Decision.RECTIFICATION: "签订整改计划，按期复查",
        ExitTrigger.Decision.NO_ACTION: "已核实：研发投入期，税收暂低，继续观察",
    }
    for trigger in waiting:
        draw = rng(seed, f"{trigger.enterprise.uscc}{trigger.kind}{day}")
        decision = draw.choice(sorted(reasons))
        decided_on = trigger.raised_on + timedelta(days=33 if draw.random() < 0.12 else draw.randint(6, 26))
        if decided_on >= day + timedelta(days=3):
            decided_on = day
        follow_up_on = decided_on + timedelta(days=75) if decision == ExitTrigger.Decision.RECTIFICATION else None
        triggers.decide_trigger(
            trigger=trigger,
            decision=decision,
            reason=reasons[ExitTrigger.Decision(decision)],
            follow_up_on=follow_up_on,
            actor=actor,
            at=moment(decided_on),
        )


def _with_spare_room(park: Park, on: date) -> list[Occupancy]:
    """Return a stay of each firm that has more than one, in a tower, firms of the worst class first."""
    stays: dict[int, list[Occupancy]] = {}
    rows = Occupancy.objects.filter(premises__park=park, premises__building__code="T1", ends_on=None)
    early = on - timedelta(days=500)
    for stay in rows.filter(starts_on__lt=early, continues=None).select_related("premises", "enterprise"):
        stays.setdefault(stay.enterprise_id, []).append(stay)
    run = EfficiencyRun.objects.filter(park=park).order_by("-year").first()
    classes = dict(run.results.values_list("enterprise", "klass")) if run else {}
    order = "DCBA"
    several = [group[-1] for group in stays.values() if len(group) > 1]
    return sorted(several, key=lambda s: (order.find(classes.get(s.enterprise_id) or "A"), s.premises.code))


def _finish_one(park: Park, on: date, actor: User) -> None:
    """Let a firm give up a room in order, and the room go to one of class A for a higher rent."""
    rooms = _with_spare_room(park, on)
    if not rooms:
        return
    stay = rooms[0]
    vacated_on = on - timedelta(days=120)
    opened_on = vacated_on - timedelta(days=45)
    case = exits.open_exit(
        park=park,
        enterprise=stay.enterprise,
        premises=[stay.premises],
        reason=ExitCase.Reason.LESS_AREA,
        notice_on=opened_on,
        planned_on=vacated_on,
        note="低效面积腾退，集中到一层办公",
        actor=actor,
        at=moment(opened_on),
        notice=("减面积通知函.txt", ["演示生成\n".encode()]),
    )
    _walk(case, vacated_on, actor)
    exits.change_exit(case=case, cost_yuan=Decimal(26000), actor=actor, at=moment(vacated_on))
    _relet(park, stay, vacated_on + timedelta(days=41), actor)


def _walk(case: ExitCase, vacated_on: date, actor: User) -> None:
    before = vacated_on - timedelta(days=3)
    steps = {step.kind: step for step in case.steps.all()}
    kind = ExitStep.Kind
    exits.complete_step(
        step=steps[kind.SETTLEMENT],
        done_on=before,
        values={"readings": "E-1: 48 211.6 kWh; W-1: 932 m³"},
        actor=actor,
        at=moment(before),
    )
    lines: Sequence[tuple[str, str, Decimal | None]] = (
        ("墙面、吊顶", "GOOD", None),
        ("消防喷淋与烟感", "GOOD", None),
        ("环氧地坪", "DEFECT", Decimal("3200.00")),
    )
    for what, finding, cost in lines:
        inspection.add_inspection_item(
            step=steps[kind.RESTORATION], what=what, finding=finding, cost_yuan=cost, actor=actor, at=moment(before)
        )
    exits.complete_step(step=steps[kind.RESTORATION], done_on=before, actor=actor, at=moment(before))
    exits.waive_step(
        step=steps[kind.LICENCE_ADDRESS],
        reason="企业仍在园区注册",
        actor=actor,
        at=moment(before),
    )
    exits.complete_step(
        step=steps[kind.HANDOVER], done_on=vacated_on, values={"keys": "6"}, actor=actor, at=moment(vacated_on)
    )
    settled_on = vacated_on + timedelta(days=18)
    exits.complete_step(
        step=steps[kind.DEPOSIT_SETTLED],
        done_on=settled_on,
        values={"paid_back_yuan": Decimal("41800.00"), "withheld_yuan": Decimal("3200.00")},
        actor=actor,
        at=moment(settled_on),
    )


def _relet(park: Park, stay: Occupancy, starts_on: date, actor: User) -> None:
    run = EfficiencyRun.objects.filter(park=park).order_by("-year").first()
    if run is None:
        return
    here = Occupancy.objects.filter(premises__park=park, ends_on=None).order_by().values("enterprise")
    best = run.results.filter(klass="A", enterprise__in=here).exclude(enterprise=stay.enterprise)
    chosen = best.order_by("group", "rank").first()
    if chosen is None:
        return
    rent = stay.rent_yuan_per_m2_month
    start_occupancy(
        premises=stay.premises,
        enterprise=chosen.enterprise,
        starts_on=starts_on,
        lease_number=f"XT-{starts_on:%y%m}-H",
        lease_ends_on=date(starts_on.year + 3, starts_on.month, 1),
        rent_yuan_per_m2_month=rent + 6 if rent is not None else None,
        actor=actor,
        at=moment(starts_on),
    )


def _begin_one(park: Park, on: date, actor: User) -> None:
    """Let a firm have given notice: settlement and inspection have begun."""
    running = ExitCase.objects.filter(park=park).values("enterprise")
    stays = Occupancy.objects.filter(premises__park=park, premises__building__code="T1", ends_on=None)
    stay = stays.exclude(enterprise__in=running).filter(starts_on__lt=on - timedelta(days=700))
    chosen = stay.select_related("premises", "enterprise").order_by("premises__code").first()
    if chosen is None:
        return
    notice_on = on - timedelta(days=24)
    case = exits.open_exit(
        park=park,
        enterprise=chosen.enterprise,
        premises=[chosen.premises],
        reason=ExitCase.Reason.FIRM_NOTICE,
        notice_on=notice_on,
        planned_on=on + timedelta(days=6),
        has_hazardous_waste=True,
        note="迁往自建厂房",
        actor=actor,
        at=moment(notice_on),
    )
    step = case.steps.get(kind="RESTORATION")
    inspection.add_inspection_item(
        step=step, what="隔墙拆除", finding="DEFECT", actor=actor, at=moment(on - timedelta(days=2))
    )
    triggers.raise_trigger(
        park=park,
        enterprise=chosen.enterprise,
        kind=ExitTrigger.Kind.IDLE,
        note="巡查三次无人办公，设备已停",
        actor=actor,
        at=moment(on - timedelta(days=9)),
    )
