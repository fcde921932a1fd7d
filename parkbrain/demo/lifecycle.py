"""The whole life of the living park: stages, duties with evidence, a nearly complete matrix, one project being built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from parkbrain.calc.intervals import months_before
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Document, Park, User
from parkbrain.kernel.names import name_fields
from parkbrain.lifecycle import services
from parkbrain.lifecycle.models import STAGES, Duty, LifeSubject, Project
from parkbrain.space.models import Building

from .draws import rng

#: Bodies that no register holds: a name is typed once, as the park calls them.
BODIES = {
    "OWNER": "星汀产投",
    "OPERATOR": "星汀运营",
    "PROPERTY": "星汀物业",
    "AUTHORITY": "区主管部门",
    "ENTERPRISE": "入驻企业",
}
#: Duties of the park that nobody has shown yet, and those whose last showing has run out.
NOT_SHOWN = frozenset({"energy_audit", "renewal_plan", "handover_sheet", "service_catalogue"})
#: When what is not shown is due, in days from today: some of it is late.
DUE_IN_DAYS = {"energy_audit": -19, "service_catalogue": 23, "bld_drainage": -46}
RUN_OUT = frozenset({"emergency_drills", "bld_lightning"})
#: Duties for which nobody is named yet: the gaps of the matrix.
UNNAMED = frozenset({"renewal_plan", "bld_soil", "level_protection", "prj_final_account"})
#: Construction records that the service building lacks.
LACKING = {("S1", "bld_drainage")}
#: Of the project: what is shown of its present stage.
PROJECT_DONE = frozenset({"prj_construction_permit", "prj_fire_review", "prj_neighbor_safety"})


@dataclass(frozen=True)
class Keeping:
    """Who keeps the record, as of which day."""

    seed: int
    on: date
    park: Park
    actor: User
    at: datetime
    letters: Mapping[str, Document]
    opened_on: date


def keep_life(*, seed: int, on: date, park: Park, actor: User, at: datetime) -> None:
    """Keep stages and duties of the park, of its buildings and of one project that puts industry upstairs."""
    opened_on = park.opened_on or date(on.year - 6, 3, 1)
    letters = {
        kind: _paper(park, actor, at, f"任命书-{kind}", [BODIES[kind], opened_on.isoformat()]) for kind in BODIES
    }
    keeping = Keeping(seed, on, park, actor, at, letters, opened_on)
    before = months_before(opened_on, 60), months_before(opened_on, 44), months_before(opened_on, 6)
    stages = [*zip(STAGES, before, strict=False), ("OPERATE", opened_on)]
    _settle(keeping, services.begin_life(park=park, stages=stages, actor=actor, at=at))
    for building in Building.objects.filter(site__park=park).order_by("code"):
        done_on = building.completed_on or opened_on
        let_on = max(opened_on, done_on + timedelta(days=45))
        built = [("BUILD", months_before(done_on, 30)), ("ATTRACT", done_on), ("OPERATE", let_on)]
        _settle(keeping, services.begin_life(park=park, building=building, stages=built, actor=actor, at=at))
    project = _record_project(keeping)
    begun = [("PLAN", months_before(on, 14)), ("BUILD", months_before(on, 4))]
    _settle(keeping, services.begin_life(park=park, project=project, stages=begun, actor=actor, at=at))
    _add_own(keeping)


def _record_project(keeping: Keeping) -> Project:
    on = keeping.on
    row = {
        "code": "P-01",
        **name_fields(zh_hans="1号塔四至六层工业上楼改造", en="Industry upstairs, storeys 4 to 6 of Tower 1"),
        "kind": Project.Kind.UPSTAIRS,
        "building_code": "T1",
        "planned_area_m2": 9600.0,
        "starts_on": months_before(on, 4),
        "ends_on": months_before(on, -5),
    }
    return services.record_projects(park=keeping.park, rows=[row], actor=keeping.actor, at=keeping.at)[0].row


def _settle(keeping: Keeping, subject: LifeSubject) -> None:
    """Name who answers for each duty of a subject and show those that are done."""
    reached = STAGES.index(subject.stages.get(ends_on=None).stage)
    since = subject.stages.order_by("starts_on").first()
    starts_on = (
        max(since.starts_on, keeping.opened_on) if since and subject.project is None else months_before(keeping.on, 14)
    )
    for duty in subject.duties.select_related("subject__park__branch").order_by("position"):
        if duty.code not in UNNAMED:
            _name(keeping, duty, starts_on)
        if not _is_shown(subject, duty, reached) and duty.code in DUE_IN_DAYS:
            due_on = keeping.on + timedelta(days=DUE_IN_DAYS[duty.code])
            services.change_duty(duty=duty, values={"due_on": due_on}, actor=keeping.actor, at=keeping.at)
        if STAGES.index(duty.stage) <= reached and _is_shown(subject, duty, reached):
            _show(keeping, duty)
    if subject.kind == LifeSubject.Kind.PARK:
        # What is asked of exits is in place long before anybody leaves.
        for duty in subject.duties.filter(code__in=["exit_rules", "classification", "licence_addresses"]):
            _show(keeping, duty)


def _is_shown(subject: LifeSubject, duty: Duty, reached: int) -> bool:
    if duty.code in NOT_SHOWN or (subject.code, duty.code) in LACKING:
        return False
    if subject.project is None:
        return True
    return STAGES.index(duty.stage) < reached or duty.code in PROJECT_DONE


def _name(keeping: Keeping, duty: Duty, starts_on: date) -> None:
    for role, kinds in duty.asked.items():
        for kind in kinds:
            if kind == "ENTERPRISE" and role in "CI":
                # Firms change from month to month: who is asked among them is not a row of the matrix.
                continue
            is_manager = kind == "OPERATOR" and role in "RA"
            services.assign_duty(
                duty=duty,
                role=role,
                party_kind=kind,
                body=BODIES[kind],
                person=keeping.actor if is_manager else None,
                starts_on=starts_on,
                letter=keeping.letters.get(kind) if role == "R" else None,
                actor=keeping.actor,
                at=keeping.at,
            )


def _show(keeping: Keeping, duty: Duty) -> None:
    """Give evidence of a duty and record it as done: once for good, or for its months, renewed as often as it came."""
    draw = rng(keeping.seed, f"life {duty.subject.code} {duty.code}")
    for done_on in _days(keeping, duty, draw.randrange(5, 26)):
        ends_on = months_before(done_on, -duty.every_months) if duty.every_months else None
        number = f"YS-{done_on:%Y}-{draw.randrange(1000, 9999)}"
        lines = [duty.name_zh_hans, duty.name_en, number, done_on.isoformat()]
        document = _paper(keeping.park, keeping.actor, keeping.at, f"{duty.name_zh_hans}-{done_on}", lines)
        services.give_evidence(
            duty=duty,
            document=document,
            number=number,
            valid_from_on=done_on,
            valid_to_on=ends_on,
            actor=keeping.actor,
            at=keeping.at,
        )
        services.finish_duty(duty=duty, on=done_on, actor=keeping.actor, at=keeping.at)


def _days(keeping: Keeping, duty: Duty, offset: int) -> list[date]:
    """Return the days a duty was done on: once, or as often as it came again up to today."""
    if not duty.every_months:
        base = duty.due_on or keeping.opened_on
        return [min(base - timedelta(days=offset), keeping.on - timedelta(days=offset))]
    last = months_before(keeping.on, duty.every_months + 1 if duty.code in RUN_OUT else max(1, duty.every_months // 3))
    first = last - timedelta(days=offset)
    found = [first]
    # The last two years are enough to rate what was so at earlier cut-offs.
    while found[0] > months_before(keeping.on, 26):
        found.insert(0, months_before(found[0], duty.every_months))
    return found


def _add_own(keeping: Keeping) -> None:
    """Add a duty of the park's own, which is overdue."""
    subject = LifeSubject.objects.select_related("park__branch").get(park=keeping.park, kind=LifeSubject.Kind.PARK)
    names = name_fields(zh_hans="屋顶起降点荷载与防护复核", en="Check of the roof pad: load and protection")
    values = {
        **names,
        "code": "roof_pad_check",
        "stage": "OPERATE",
        "is_gate": False,
        "due_on": keeping.on - timedelta(days=12),
        "evidence_kind": "REPORT",
        "asked": {"R": ["PROPERTY"], "A": ["OPERATOR"]},
        "basis": "园区自定",
    }
    duty = services.add_duty(subject=subject, values=values, actor=keeping.actor, at=keeping.at)
    _name(keeping, duty, keeping.opened_on)


def _paper(park: Park, actor: User, at: datetime, name: str, lines: list[str]) -> Document:
    text = "\n".join([park.name_zh_hans, *lines, "演示生成的佐证材料", ""])
    return store_document(name=f"{name}.txt", chunks=[text.encode()], actor=actor, at=at, park=park)
