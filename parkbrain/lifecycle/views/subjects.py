"""A subject with its stages; its life begun, moved on, taken back; projects."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from parkbrain.kernel.models import Park
from parkbrain.space.models import Building
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries, services
from ..forms import BeginForm, MoveForm, ProjectForm
from ..models import LifeSubject, Project, Stage
from ..tables import standing_badge
from .common import crumbs_of, form_page, may_edit, park_to_edit, subject_of


def life_subject(request: HttpRequest, subject_id: int) -> HttpResponse:
    """Show a subject: its stages, the gate of the present one as a checklist, its history."""
    subject, on = subject_of(request, subject_id), day_of(request)
    return _subject_page(request, subject, on, MoveForm(initial={"starts_on": on}))


def _subject_page(
    request: HttpRequest, subject: LifeSubject, on: date, form: MoveForm, status: int = 200
) -> HttpResponse:
    sheet = queries.get_subject_sheet(subject=subject, on=on)
    stages = [(stage, [(row, *standing_badge(row)) for row in stage.rows]) for stage in sheet.stages]
    context = {
        "subject": subject,
        "park": subject.park,
        "sheet": sheet,
        "stages": stages,
        "matrix_url": f"{reverse('life_matrix', args=[subject.park_id])}?subject={subject.pk}&on={on.isoformat()}",
        "next_label": Stage(sheet.next_stage).label if sheet.next_stage else "",
        "events": queries.list_subject_events(subject=subject),
        "form": form,
        "may_edit": may_edit(request, subject.park),
        "may_update": subject.template_version < queries.get_template_version(),
        "as_of": on,
        "crumbs": crumbs_of(subject.park),
    }
    return page(request, "lifecycle/subject.html", context, status=status)


@require_POST
def stage_move(request: HttpRequest, subject_id: int) -> HttpResponse:
    """Let a subject enter its next stage, or say which duties hold it back."""
    subject = subject_of(request, subject_id, edit=True)
    form = MoveForm(request.POST)
    if form.is_valid():
        values = form.cleaned_data
        try:
            entered = services.move_to_next_stage(
                subject=subject, on=values["starts_on"], note=values["note"], actor=request.user, at=timezone.now()
            )
        except services.CannotMoveStage as refusal:
            form.add_error(None, str(refusal))
        else:
            text = _("%(subject)s is in the stage %(stage)s now.")
            messages.success(request, text % {"subject": subject, "stage": entered.get_stage_display()})
            return redirect("life_subject", subject.pk)
    return _subject_page(request, subject, timezone.localdate(), form, status=422)


@require_POST
def stage_take_back(request: HttpRequest, subject_id: int) -> HttpResponse:
    """Take back that a subject entered its present stage."""
    subject = subject_of(request, subject_id, edit=True)
    reason = request.POST.get("reason", "")
    try:
        services.take_stage_back(subject=subject, reason=reason, actor=request.user, at=timezone.now())
    except services.CannotMoveStage as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Saved."))
    return redirect("life_subject", subject.pk)


@require_POST
def template_adopt(request: HttpRequest, subject_id: int) -> HttpResponse:
    """Take the duties of a newer template."""
    subject = subject_of(request, subject_id, edit=True)
    new = services.adopt_template(subject=subject, actor=request.user, at=timezone.now())
    messages.success(request, _("%(count)s duties were added.") % {"count": len(new)})
    return redirect("life_subject", subject.pk)


def _begun_thing(request: HttpRequest, park: Park) -> tuple[Building | None, Project | None]:
    """Return the building or the project that the address names; none is the park itself."""
    building, project = request.GET.get("building", ""), request.GET.get("project", "")
    if building.isdecimal():
        return get_object_or_404(Building, site__park=park, pk=int(building)), None
    if project.isdecimal():
        return None, get_object_or_404(Project, park=park, pk=int(project))
    return None, None


@require_http_methods(["GET", "POST"])
def life_begin(request: HttpRequest, park_id: int) -> HttpResponse:
    """Begin to keep the stages and duties of the park, a building or a project."""
    park = park_to_edit(request, park_id)
    building, project = _begun_thing(request, park)
    form = BeginForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            subject = services.begin_life(
                park=park, building=building, project=project, stages=form.stages, actor=request.user, at=timezone.now()
            )
        except services.CannotMoveStage as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("life_subject", subject.pk)
    return form_page(
        request,
        form,
        title=_("Keep the life cycle"),
        state=str(building or project or park),
        lead=_("Give the day it entered each stage it has been through. The last one is its present stage; the duties of "
        "the template come with it."),
        back=reverse("life_board", args=[park.pk]),
        crumbs=crumbs_of(park),
    )  # fmt: skip


def _project_of(request: HttpRequest, project_id: int) -> Project:
    visible = queries.list_projects(user=request.user).select_related("park__branch", "building", "life")
    project = get_object_or_404(visible, pk=project_id)
    request.park = project.park
    return project


def project_detail(request: HttpRequest, project_id: int) -> HttpResponse:
    """Go to the stages of a project, or offer to begin them."""
    project = _project_of(request, project_id)
    if hasattr(project, "life"):
        return redirect("life_subject", project.life.pk)
    context = {
        "project": project,
        "park": project.park,
        "may_edit": may_edit(request, project.park),
        "crumbs": crumbs_of(project.park, Link(_("Renovation projects"), reverse("project_list"))),
    }
    return page(request, "lifecycle/project.html", context)


@require_http_methods(["GET", "POST"])
def project_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Record a project."""
    park = park_to_edit(request, park_id)
    form = ProjectForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        code = form.cleaned_data["code"]
        if Project.objects.filter(park=park, code=code).exists():
            form.add_error("code", _("There is a project %(code)s already.") % {"code": code})
    return _project_form(request, park, form, _("Add a project"), reverse("project_list"))


@require_http_methods(["GET", "POST"])
def project_change(request: HttpRequest, project_id: int) -> HttpResponse:
    """Change what is recorded of a project."""
    project = _project_of(request, project_id)
    park = park_to_edit(request, project.park_id)
    initial = {name: getattr(project, name) for name in ProjectForm.base_fields if name != "building_code"}
    initial["building_code"] = project.building.code if project.building else ""
    form = ProjectForm(request.POST if request.method == "POST" else None, initial=initial)
    form.fields["code"].disabled = True
    title = _("Change: %(thing)s") % {"thing": project}
    return _project_form(request, park, form, title, reverse("project_detail", args=[project.pk]))


def _project_form(request: HttpRequest, park: Park, form: ProjectForm, title: str, back: str) -> HttpResponse:
    if form.is_bound and form.is_valid():
        try:
            recorded = services.record_projects(
                park=park, rows=[form.cleaned_data], actor=request.user, at=timezone.now()
            )
        except services.CannotRecordProject as refusal:
            form.add_error("building_code", str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("project_detail", recorded[0].row.pk)
    return form_page(request, form, title=title, state=park.name, back=back, crumbs=crumbs_of(park))
