"""Duties, the rows of the responsibility matrix, and projects: what these lists may be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.lists import Ask, ListSpec, park_filter
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from ..models import Duty, LifeSubject, PartyKind, Project, RaciRole, Stage
from ..queries import DutyRow, duty_rows, existing_subjects_q, late_q, list_assignments, list_duties, list_projects

TONES = {"open": "", "soon": "warn", "overdue": "bad", "done": "ok", "lapsed": "bad", "waived": "info"}


def standing_words() -> dict[str, str]:
    """Return where a duty stands in words, by its key."""
    return {
        "open": _("not done yet"),
        "soon": _("due soon"),
        "overdue": _("overdue"),
        "done": _("done"),
        "lapsed": _("has lapsed"),
        "waived": _("waived"),
    }


def standing_badge(row: DutyRow) -> tuple[str, str]:
    """Return where a duty stands as a badge."""
    return standing_words()[row.standing], TONES[row.standing]


def _subject_link(subject: LifeSubject) -> tuple[str, str]:
    return str(subject), reverse("life_subject", args=[subject.pk])


def _duty_columns(_ask: Ask) -> Sequence[Column]:
    return (
        Column(
            "duty",
            _("Duty"),
            lambda r: (r.duty.name, reverse("duty_detail", args=[r.duty.pk])),
            "link",
            ("position", "code"),
        ),
        Column("subject", _("Of"), lambda r: _subject_link(r.duty.subject), "link", ("subject",)),
        Column("stage", _("Stage"), lambda r: r.duty.get_stage_display(), order_by=("position",)),
        Column("gate", _("Gate"), lambda r: (_("gating"), "accent") if r.duty.is_gate else None, "badge", ("is_gate",)),
        Column("state", _("State"), standing_badge, "badge", ("state", "due_on")),
        Column("due", _("Due on"), lambda r: r.duty.due_on, "date", ("due_on",)),
        Column("responsible", _("Responsible"), lambda r: r.responsible.who if r.responsible else None),
        Column("accountable", _("Accountable"), lambda r: r.accountable.who if r.accountable else None, hidden=True),
        Column("evidence", _("Valid evidence"), lambda r: len(r.valid_evidence), "integer"),
        Column("lapses", _("Evidence valid to"), lambda r: r.lapses_on, "date", hidden=True),
        Column("basis", _("Basis"), lambda r: r.basis, hidden=True),
        Column("park", _("Park"), lambda r: r.duty.subject.park.name, order_by=("subject__park__code",), hidden=True),
    )


def _duty_filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter("q", _("Duty"), fields=("code", "name_zh_hans", "name_zh_hant", "name_en"), main=True),
        Filter("stage", _("Stage"), "choices", ("stage",), Stage.choices, main=True),
        Filter("state", _("State"), "choices", ("state",), Duty.State.choices, main=True),
        Filter(
            "late",
            _("Late"),
            "choice",
            choices=[("yes", _("Overdue or lapsed")), ("mine", _("Mine"))],
            keep=lambda rows, chosen: (
                rows.filter(late_q(on=ask.on)) if chosen == "yes" else rows.of_person(ask.user, ask.on)
            ),
            main=True,
        ),
        Filter("kind", _("Of"), "choices", ("subject__kind",), LifeSubject.Kind.choices, main=True),
        Filter("gate", _("Gate"), "flag", ("is_gate",)),
        Filter("due", _("Due on"), "date", ("due_on",)),
        Filter(
            "own",
            _("From"),
            "choice",
            choices=[("template", _("Template")), ("own", _("The park's own"))],
            keep=lambda rows, chosen: (
                rows.filter(template_key="") if chosen == "own" else rows.exclude(template_key="")
            ),
        ),
        park_filter(ask.user, lambda rows, park: rows.filter(subject__park=park)),
    )


def _duty_sentence(count: int, _totals: Mapping[str, Any]) -> str:
    return ngettext("%(count)s duty.", "%(count)s duties.", count) % {"count": formats.number(count, 0)}


DUTIES = ListSpec(
    key="lifecycle.duties",
    url_name="duty_list",
    label=gettext_lazy("Duties"),
    columns=_duty_columns,
    filters=_duty_filters,
    rows=lambda ask: list_duties(user=ask.user).filter(existing_subjects_q(on=ask.on, field="subject__")),
    default_sort=("subject_id", "position"),
    sentence=_duty_sentence,
    prepare=lambda rows, ask: duty_rows(duties=rows, on=ask.on),
    dated=True,
    empty=gettext_lazy("No duty is kept by these filters."),
)


def _assignment_columns(_ask: Ask) -> Sequence[Column]:
    return (
        Column("stage", _("Stage"), lambda a: a.duty.get_stage_display(), order_by=("duty__position",)),
        Column("subject", _("Of"), lambda a: _subject_link(a.duty.subject), "link", ("duty__subject",)),
        Column(
            "duty",
            _("Duty"),
            lambda a: (a.duty.name, reverse("duty_detail", args=[a.duty_id])),
            "link",
            ("duty__position",),
        ),
        Column("role", _("Role"), lambda a: a.get_role_display(), order_by=("role",)),
        Column("kind", _("Kind of party"), lambda a: a.get_party_kind_display(), order_by=("party_kind",)),
        Column("body", _("Body"), lambda a: a.enterprise.name if a.enterprise else a.body, order_by=("body",)),
        Column("person", _("Person"), lambda a: str(a.person) if a.person else "", order_by=("person__full_name",)),
        Column("from", _("From"), lambda a: a.starts_on, "date", ("starts_on",)),
        Column("to", _("To"), lambda a: a.ends_on, "date", ("ends_on",)),
        Column("letter", _("Letter of appointment"), lambda a: a.letter.name if a.letter else ""),
        Column(
            "park", _("Park"), lambda a: a.duty.subject.park.name, order_by=("duty__subject__park__code",), hidden=True
        ),
    )


def _assignment_filters(ask: Ask) -> Sequence[Filter]:
    names = ("duty__name_zh_hans", "duty__name_en", "body", "person__full_name", "enterprise__name_zh_hans")
    return (
        Filter("q", _("Duty, body or person"), fields=names, main=True),
        Filter("stage", _("Stage"), "choices", ("duty__stage",), Stage.choices, main=True),
        Filter("role", _("Role"), "choices", ("role",), RaciRole.choices, main=True),
        Filter("kind", _("Kind of party"), "choices", ("party_kind",), PartyKind.choices, main=True),
        Filter(
            "when",
            _("When"),
            "choice",
            choices=[("now", _("On this day")), ("all", _("Ever"))],
            keep=lambda rows, when: rows.current_on(ask.on) if when == "now" else rows,
            main=True,
            default="now",
        ),
        Filter("starts", _("From"), "date", ("starts_on",)),
        Filter("ends", _("To"), "date", ("ends_on",)),
        park_filter(ask.user, lambda rows, park: rows.filter(duty__subject__park=park)),
    )


def _assignment_sentence(count: int, _totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s assignment.", "%(count)s assignments.", count)
    return text % {"count": formats.number(count, 0)}


ASSIGNMENTS = ListSpec(
    key="lifecycle.assignments",
    url_name="assignment_list",
    label=gettext_lazy("Responsibility by row"),
    columns=_assignment_columns,
    filters=_assignment_filters,
    rows=lambda ask: list_assignments(user=ask.user),
    related=(
        "duty__subject__park",
        "duty__subject__building",
        "duty__subject__project",
        "enterprise",
        "person",
        "letter",
    ),
    default_sort=("duty__subject_id", "duty__position", "role"),
    sentence=_assignment_sentence,
    dated=True,
    empty=gettext_lazy("Nobody is named by these filters."),
)


def _project_url(project: Project) -> str:
    return reverse("project_detail", args=[project.pk])


def _present(project: Project) -> str | None:
    life = getattr(project, "life", None)
    period = next((p for p in life.stages.all() if p.ends_on is None), None) if life else None
    return period.get_stage_display() if period else None


def _project_columns(_ask: Ask) -> Sequence[Column]:
    return (
        Column("code", _("Project"), lambda p: (str(p), _project_url(p)), "link", ("code",)),
        Column("kind", _("Kind"), lambda p: p.get_kind_display(), order_by=("kind",)),
        Column(
            "building", _("Building"), lambda p: p.building.name if p.building else "", order_by=("building__code",)
        ),
        Column(
            "area",
            _("Planned area (m²)"),
            lambda p: p.planned_area_m2,
            "area",
            ("planned_area_m2",),
            total="planned_area_m2",
        ),
        Column("starts", _("Begins on"), lambda p: p.starts_on, "date", ("starts_on",)),
        Column("ends", _("To be finished by"), lambda p: p.ends_on, "date", ("ends_on",)),
        Column("stage", _("Stage"), _present),
        Column("note", _("Note"), lambda p: p.note, hidden=True),
        Column("park", _("Park"), lambda p: p.park.name, order_by=("park__code",), hidden=True),
    )


def _project_filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter("q", _("Code or name"), fields=("code", "name_zh_hans", "name_zh_hant", "name_en"), main=True),
        Filter("kind", _("Kind"), "choices", ("kind",), Project.Kind.choices, main=True),
        Filter("area", _("Planned area"), "number", ("planned_area_m2",), unit="m²", main=True),
        Filter("starts", _("Begins on"), "date", ("starts_on",)),
        Filter("ends", _("To be finished by"), "date", ("ends_on",)),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _project_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s project over %(area)s m².", "%(count)s projects over %(area)s m².", count)
    return text % {"count": formats.number(count, 0), "area": formats.number(totals["area"][0] or 0, 0)}


PROJECTS = ListSpec(
    key="lifecycle.projects",
    url_name="project_list",
    label=gettext_lazy("Renovation projects"),
    columns=_project_columns,
    filters=_project_filters,
    rows=lambda ask: list_projects(user=ask.user).prefetch_related("life__stages"),
    related=("park", "building", "life"),
    default_sort=("park_id", "code"),
    sentence=_project_sentence,
    empty=gettext_lazy("No project is kept by these filters."),
)

LISTS = (DUTIES, ASSIGNMENTS, PROJECTS)
