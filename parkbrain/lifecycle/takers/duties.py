"""The sheet of duties: what a park, its buildings and projects owe, when, and who answers for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import Duty, EvidenceKind, LifeSubject, PartyKind, RaciRole, Stage
from ..queries import get_template_duty, list_nameable_people
from ..services import record_duties
from .subjects import Key, key_of

Context = Mapping[str, Sequence[TakenRow]]

COLUMNS = (
    Column(
        "subject_kind",
        gettext_lazy("Subject of the duty"),
        "choice",
        required=True,
        choices=dict(LifeSubject.Kind.choices),
        synonyms=("对象类别", "事项对象", "對象類別"),
        example=LifeSubject.Kind.PARK.value,
    ),
    Column(
        "subject_code",
        gettext_lazy("Code of the building or project"),
        max_length=40,
        note=gettext_lazy("Empty for the park itself."),
        synonyms=("对象编码", "楼栋或项目编码", "對象編碼"),
        example="",
    ),
    Column(
        "code",
        gettext_lazy("Duty code"),
        required=True,
        max_length=60,
        note=gettext_lazy("The template's code, or one of your own."),
        synonyms=("事项编码", "事项代码", "事項編碼"),
        example="evacuation_plan",
    ),
    Column(
        "name_zh_hans",
        gettext_lazy("Duty (Chinese)"),
        max_length=160,
        synonyms=("事项名称", "事項名稱"),
        example="灭火和应急疏散预案",
    ),
    Column("name_en", gettext_lazy("Duty (English)"), synonyms=("事项英文名称",), example="Evacuation and firefighting plan"),
    Column(
        "stage",
        gettext_lazy("Stage"),
        "choice",
        choices=dict(Stage.choices),
        synonyms=("阶段", "所属阶段", "階段"),
        example=Stage.OPERATE.value,
    ),
    Column("is_gate", gettext_lazy("Gates the next stage"), "boolean", synonyms=("是否前置条件", "前置事项"), example=True),
    Column("due_on", gettext_lazy("Due on"), "date", synonyms=("截止日期", "办理期限", "截止時間"), example="2027-03-31"),
    Column(
        "every_months",
        gettext_lazy("Again every (months)"),
        "integer",
        minimum=1,
        maximum=240,
        synonyms=("重复周期（月）", "周期月数"),
        example=36,
    ),
    Column(
        "evidence_kind",
        gettext_lazy("Evidence asked for"),
        "choice",
        choices=dict(EvidenceKind.choices),
        synonyms=("佐证类型", "所需材料"),
        example=EvidenceKind.REPORT.value,
    ),
    Column("basis", gettext_lazy("Basis"), max_length=300, synonyms=("依据", "法规依据", "依據"), example=""),
    Column(
        "party_kind",
        gettext_lazy("Responsible: kind of party"),
        "choice",
        choices=dict(PartyKind.choices),
        synonyms=("责任主体类别", "責任主體類別"),
        example=PartyKind.PROPERTY.value,
    ),
    Column("body", gettext_lazy("Responsible: body"), max_length=160, synonyms=("责任单位", "責任單位"), example="星汀物业"),
    Column(
        "uscc",
        gettext_lazy("Responsible: credit code of the firm"),
        "uscc",
        max_length=18,
        synonyms=("责任企业信用代码",),
        example="",
    ),
    Column(
        "username",
        gettext_lazy("Responsible: sign-in name"),
        max_length=60,
        synonyms=("责任人账号", "責任人帳號"),
        example="",
    ),
    Column(
        "assigned_on",
        gettext_lazy("Responsible from"),
        "date",
        synonyms=("责任起始日期", "責任起始日期"),
        example="2026-01-01",
    ),
)  # fmt: skip

#: The fields that say who is responsible.
WHO = ("party_kind", "body", "uscc", "username", "assigned_on")


def check(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find subjects whose life is not kept, new duties without name or stage, and people and firms that are not there."""
    subjects = {} if park is None else find_subjects(park)
    known = _known_codes(subjects)
    names = {str(r.values["username"]) for r in rows if r.values.get("username")}
    people = (
        set()
        if park is None
        else set(list_nameable_people(park=park).filter(username__in=names).values_list("username", flat=True))
    )
    codes = {str(r.values["uscc"]) for r in rows if r.values.get("uscc")}
    firms = set(Enterprise.objects.filter(uscc__in=codes).values_list("uscc", flat=True))
    firms |= {str(r.values.get("uscc")) for r in context.get("enterprises", ())}
    begun = {key_of(r) for r in context.get("stages", ())}
    problems = {}
    for row in rows:
        found = [*_subject_problems(row, subjects, known, begun), *_who_problems(row, firms)]
        if row.values.get("username"):
            found += _person_problems(str(row.values["username"]), people, is_new=park is None)
        if found:
            problems[row.number] = found
    return problems


def find_subjects(park: Park) -> dict[Key, LifeSubject]:
    """Return what of a park goes through stages, by kind and code; the park's code is empty."""
    found = LifeSubject.objects.filter(park=park).select_related("park", "building", "project")
    return {(s.kind, "" if s.kind == LifeSubject.Kind.PARK else s.code): s for s in found}


def _known_codes(subjects: Mapping[Key, LifeSubject]) -> set[tuple[int, str]]:
    return set(Duty.objects.filter(subject__in=subjects.values()).values_list("subject", "code"))


def _subject_problems(
    row: TakenRow, subjects: Mapping[Key, LifeSubject], known: set[tuple[int, str]], begun: set[Key]
) -> list[RowProblem]:
    kind, code = key_of(row)
    subject = subjects.get((kind, code))
    if subject is None and (kind, code) in begun and get_template_duty(key=str(row.values.get("code"))):
        # The file itself begins the life, and the template brings the duty.
        return []
    if subject is None and (kind, code) not in begun:
        text = _("The life cycle of %(code)s is not kept yet: begin it on the board.")
        return [RowProblem("subject_code", "unknown_subject", text % {"code": code or kind}, code)]
    if subject is not None and (subject.pk, str(row.values.get("code"))) in known:
        return []
    found = []
    if not row.values.get("name_zh_hans") and not row.values.get("name_en"):
        found.append(RowProblem("name_zh_hans", "nameless", _("A duty needs a name.")))
    if not row.values.get("stage"):
        found.append(RowProblem("stage", "stageless", _("A new duty needs its stage.")))
    return found


def _person_problems(name: str, people: set[str], *, is_new: bool) -> list[RowProblem]:
    """Return what is wrong with a person's name. A park that is only made by the file cannot have given roles yet."""
    if is_new:
        text = _(
            "The park is new: a person is named where the sign-in name has a role on the branch that the park belongs "
            "to; otherwise the duty is taken with its body and without the person."
        )
        return [RowProblem("username", "person_of_new_park", text, name, refuses=False)]
    if name in people:
        return []
    return [RowProblem("username", "unknown_person", _("Nobody of this sign-in name has a role on this park."), name)]


def _who_problems(row: TakenRow, firms: set[str]) -> list[RowProblem]:
    values, found = row.values, []
    name, code = values.get("username"), values.get("uscc")
    if code and code not in firms:
        text = _("There is no enterprise %(code)s.") % {"code": code}
        found.append(RowProblem("uscc", "unknown_enterprise", text, str(code)))
    if code and values.get("body"):
        found.append(RowProblem("body", "two_bodies", _("Either a body by its name or a firm by its code."), str(code)))
    named = bool(name or code or values.get("body"))
    if named and not values.get("party_kind"):
        found.append(RowProblem("party_kind", "kindless", _("Say what kind of party it is.")))
    if named and not values.get("assigned_on"):
        found.append(RowProblem("assigned_on", "dateless", _("Say from which day on.")))
    return found


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the duty of each row and who is responsible."""
    names = {str(r.values["username"]) for r in rows if r.values.get("username")}
    people = set(list_nameable_people(park=park).filter(username__in=names).values_list("username", flat=True))
    recorded = record_duties(park=park, rows=[_without_strangers(r.values, people) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def _without_strangers(values: Mapping[str, Any], people: set[str]) -> dict[str, Any]:
    """Return a row without a person who has no role: the check lets one pass only in a park that is new."""
    taken = dict(values)
    if taken.get("username") and taken["username"] not in people:
        taken["username"] = None
    return taken


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's duties as the sheet has them, with who is responsible from the newest day on."""
    duties = Duty.objects.filter(subject__park=park).select_related(
        "subject__park", "subject__building", "subject__project"
    )
    found = []
    for duty in duties.prefetch_related("assignments__enterprise", "assignments__person").order_by(
        "subject", "position"
    ):
        held = [a for a in duty.assignments.all() if a.role == RaciRole.RESPONSIBLE and a.ends_on is None]
        who = held[-1] if held else None
        is_park = duty.subject.kind == LifeSubject.Kind.PARK
        row = {
            c.field: getattr(duty, c.field) for c in COLUMNS if c.field not in {"subject_kind", "subject_code", *WHO}
        }
        row |= {"subject_kind": duty.subject.kind, "subject_code": None if is_park else duty.subject.code}
        row |= {
            "party_kind": who.party_kind if who else None,
            "body": who.body or None if who else None,
            "uscc": who.enterprise.uscc if who and who.enterprise else None,
            "username": who.person.username if who and who.person else None,
            "assigned_on": who.starts_on if who else None,
        }
        found.append(row)
    return found


DUTIES = Taker(
    key="duties",
    label=gettext_lazy("Duties"),
    order=96,
    columns=COLUMNS,
    identity=("subject_kind", "subject_code", "code"),
    check=check,
    apply=apply,
    note=gettext_lazy("What the park, its buildings and projects have to show in each stage, by when, and who is responsible."),
    synonyms=("责任事项", "全周期事项", "责任清单", "責任清單", "duty list"),
    export=export,
)  # fmt: skip
