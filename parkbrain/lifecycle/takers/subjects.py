"""The sheets of projects and of stages: what goes through the life cycle, and when it entered each stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Change, Column, RowProblem, TakenRow, Taker
from parkbrain.space.models import Building

from ..models import STAGES, LifeSubject, Project, Stage, StagePeriod
from ..services import begin_life, record_projects

Context = Mapping[str, Sequence[TakenRow]]
Key = tuple[str, str]

PROJECT_COLUMNS = (
    Column("code", gettext_lazy("Project code"), required=True, max_length=40, synonyms=("项目编码", "項目編碼"), example="P-01"),
    Column(
        "name_zh_hans",
        gettext_lazy("Project name (Chinese)"),
        required=True,
        max_length=160,
        synonyms=("项目名称", "改造项目", "項目名稱"),
        example="1号楼工业上楼改造",
    ),
    Column("name_en", gettext_lazy("Project name (English)"), synonyms=("项目英文名称",), example="Industry upstairs"),
    Column(
        "kind",
        gettext_lazy("Kind of project"),
        "choice",
        required=True,
        choices=dict(Project.Kind.choices),
        synonyms=("项目类型", "項目類型"),
        example=Project.Kind.UPSTAIRS.value,
    ),
    Column("building_code", gettext_lazy("Building of the project"), max_length=40, synonyms=("所在楼栋编码",), example="A"),
    Column(
        "planned_area_m2",
        gettext_lazy("Planned area (m²)"),
        "number",
        minimum=0.01,
        synonyms=("规划面积", "改造面积", "規劃面積"),
        example=9600,
    ),
    Column("starts_on", gettext_lazy("Begins on"), "date", synonyms=("开工日期", "開工日期"), example="2026-07-01"),
    Column("ends_on", gettext_lazy("To be finished by"), "date", synonyms=("计划完工日期", "計劃完工日期"), example="2027-06-30"),
    Column("note", gettext_lazy("Note"), max_length=300, synonyms=("备注", "備註"), example=""),
)  # fmt: skip


def _codes(park: Park | None, context: Context, sheet: str) -> set[str]:
    """Return the codes of buildings or projects, of the record and of the same file."""
    found = {str(r.values["code"]) for r in context.get(sheet, ()) if r.values.get("code")}
    if park is not None:
        rows = Building.objects.filter(site__park=park) if sheet == "buildings" else Project.objects.filter(park=park)
        found |= set(rows.values_list("code", flat=True))
    return found


def check_projects(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown buildings and projects that end before they begin."""
    buildings, problems = _codes(park, context, "buildings"), {}
    for row in rows:
        code, start, end = (row.values.get(name) for name in ("building_code", "starts_on", "ends_on"))
        found = []
        if code and code not in buildings:
            text = _("There is no building %(code)s.") % {"code": code}
            found.append(RowProblem("building_code", "unknown_building", text, str(code)))
        if start and end and end <= start:
            text = _("The end has to lie after the beginning.")
            found.append(RowProblem("ends_on", "period_backwards", text, str(end)))
        if found:
            problems[row.number] = found
    return problems


def apply_projects(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the project of each row."""
    recorded = record_projects(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export_projects(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's projects as the sheet has them."""
    fields = [c.field for c in PROJECT_COLUMNS if c.field != "building_code"]
    return [
        {**{name: getattr(p, name) for name in fields}, "building_code": p.building.code if p.building else None}
        for p in Project.objects.filter(park=park).select_related("building").order_by("code")
    ]


STAGE_COLUMNS = (
    Column(
        "subject_kind",
        gettext_lazy("Park, building or project"),
        "choice",
        required=True,
        choices=dict(LifeSubject.Kind.choices),
        synonyms=("对象类别", "對象類別"),
        example=LifeSubject.Kind.BUILDING.value,
    ),
    Column(
        "subject_code",
        gettext_lazy("Code of the building or project"),
        max_length=40,
        note=gettext_lazy("Empty for the park itself."),
        synonyms=("对象编码", "楼栋或项目编码", "對象編碼"),
        example="A",
    ),
    Column(
        "stage",
        gettext_lazy("Stage"),
        "choice",
        required=True,
        choices=dict(Stage.choices),
        synonyms=("阶段", "階段"),
        example=Stage.OPERATE.value,
    ),
    Column(
        "entered_on",
        gettext_lazy("Entered on"),
        "date",
        required=True,
        synonyms=("进入阶段日期", "进入日期", "進入日期"),
        example="2020-03-01",
    ),
)  # fmt: skip


def key_of(row: TakenRow) -> Key:
    """Return which subject a row is about; the park's code is empty."""
    kind = str(row.values.get("subject_kind") or "")
    return kind, "" if kind == LifeSubject.Kind.PARK else str(row.values.get("subject_code") or "")


def _kept(park: Park | None) -> dict[Key, dict[str, StagePeriod]]:
    """Return the stages that are kept, by subject."""
    if park is None:
        return {}
    found = (
        LifeSubject.objects.filter(park=park).select_related("park", "building", "project").prefetch_related("stages")
    )
    return {
        (s.kind, "" if s.kind == LifeSubject.Kind.PARK else s.code): {p.stage: p for p in s.stages.all()} for s in found
    }


def _grouped(rows: Iterable[TakenRow]) -> dict[Key, list[TakenRow]]:
    groups: dict[Key, list[TakenRow]] = {}
    for row in rows:
        groups.setdefault(key_of(row), []).append(row)
    return {key: sorted(group, key=lambda r: STAGES.index(str(r.values["stage"]))) for key, group in groups.items()}


def check_stages(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown buildings and projects, days that do not follow on each other, and stages that are kept otherwise."""
    known = {"BUILDING": _codes(park, context, "buildings"), "PROJECT": _codes(park, context, "projects")}
    kept = _kept(park)
    problems: dict[int, list[RowProblem]] = {}
    whole = [row for row in rows if row.values.get("stage") in STAGES and row.values.get("entered_on")]
    for key, group in _grouped(whole).items():
        if key[0] in known and key[1] not in known[key[0]]:
            text = _("There is no building or project %(code)s.") % {"code": key[1]}
            problems |= {r.number: [RowProblem("subject_code", "unknown_subject", text, key[1])] for r in group}
        elif key in kept:
            problems |= _changed(group, kept[key])
        else:
            problems |= _disordered(group)
    return problems


def _changed(group: Sequence[TakenRow], kept: Mapping[str, StagePeriod]) -> dict[int, list[RowProblem]]:
    """A life that is kept is moved on by its gates, never by a sheet: a row may only say what is so."""
    text = _("Its stages are kept already: what gates them is settled on its page.")
    found = {}
    for row in group:
        period = kept.get(str(row.values["stage"]))
        if period is None or period.starts_on != row.values["entered_on"]:
            found[row.number] = [RowProblem("entered_on", "kept_already", text, str(row.values["entered_on"]))]
    return found


def _disordered(group: Sequence[TakenRow]) -> dict[int, list[RowProblem]]:
    text = _("The stages have to follow on each other, each beginning after the one before.")
    return {
        later.number: [RowProblem("entered_on", "stages_backwards", text, str(later.values["entered_on"]))]
        for sooner, later in pairwise(group)
        if later.values["entered_on"] <= sooner.values["entered_on"]
    }


def apply_stages(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Begin the life of each subject with its stages; what is kept stays as it is."""
    kept, done = _kept(park), {}
    for key, group in _grouped(rows).items():
        action = "nothing" if key in kept else "create"
        periods = kept.get(key) or _begin(
            park, key, [(str(r.values["stage"]), r.values["entered_on"]) for r in group], actor, at
        )
        for row in group:
            period = periods[str(row.values["stage"])]
            done[row.number] = Applied(
                Change(action, f"{key[1] or park} · {period}"), StagePeriod._meta.label_lower, period.pk
            )
    return done


def _begin(
    park: Park, key: Key, stages: Sequence[tuple[str, date]], actor: User, at: datetime
) -> dict[str, StagePeriod]:
    kind, code = key
    building = Building.objects.select_related("site").get(site__park=park, code=code) if kind == "BUILDING" else None
    project = Project.objects.get(park=park, code=code) if kind == "PROJECT" else None
    subject = begin_life(park=park, building=building, project=project, stages=stages, actor=actor, at=at)
    return {p.stage: p for p in subject.stages.all()}


def export_stages(*, park: Park) -> list[dict[str, Any]]:
    """Return the stages of the park, its buildings and projects as the sheet has them."""
    return [
        {"subject_kind": kind, "subject_code": code or None, "stage": p.stage, "entered_on": p.starts_on}
        for (kind, code), stages in sorted(_kept(park).items())
        for p in sorted(stages.values(), key=lambda p: p.starts_on)
    ]


PROJECTS = Taker(
    key="projects",
    label=gettext_lazy("Renovation projects"),
    order=94,
    columns=PROJECT_COLUMNS,
    identity=("code",),
    check=check_projects,
    apply=apply_projects,
    note=gettext_lazy("Industry upstairs, renewals, conversions and extensions."),
    synonyms=("改造项目", "更新项目", "改造項目"),
    export=export_projects,
)  # fmt: skip

STAGES_ENTERED = Taker(
    key="stages",
    label=gettext_lazy("Stages"),
    order=95,
    columns=STAGE_COLUMNS,
    identity=("subject_kind", "subject_code", "stage"),
    check=check_stages,
    apply=apply_stages,
    note=gettext_lazy(
        "When the park, its buildings and projects entered each stage; their duties come from the template with it."
    ),
    synonyms=("全周期阶段", "阶段", "階段"),
    export=export_stages,
)  # fmt: skip
