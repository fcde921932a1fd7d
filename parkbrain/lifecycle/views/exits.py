"""Exit triggers and their decisions; exits from the notice to the deposit; vacated space."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from parkbrain import lists
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.documents import path_of
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Premises
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from ..forms.exits import (
    CostForm,
    DecideForm,
    DepositForm,
    ItemForm,
    KeysForm,
    OpenExitForm,
    RaiseForm,
    ReasonForm,
    SettlementForm,
    StepForm,
)
from ..models import ExitCase, ExitStep, ExitTrigger, InspectionItem, TriggerRun
from ..queries import efficiency as told
from ..queries import exits as queries
from ..queries.findings import finding_sentence
from ..queries.land import list_firm_results
from ..services import exits as services
from ..services import inspection
from ..services import triggers as deciding
from ..tables.exits import CASES, LEDGER, TRIGGERS
from .efficiency import crumbs_of, exit_tabs, form_page

Kind = ExitStep.Kind
STEP_FORMS: dict[str, type[StepForm]] = {
    Kind.SETTLEMENT: SettlementForm,
    Kind.HANDOVER: KeysForm,
    Kind.DEPOSIT_SETTLED: DepositForm,
}
#: Fields of every step; what a form has beyond them is kept with the step.
PLAIN = ("done_on", "note", "evidence")


def _park(request: HttpRequest) -> Park | None:
    """Return the park that the list is narrowed to, or the one the person works in."""
    asked = request.GET.get("park", "")
    parks = Park.objects.visible_to(request.user, Permission.VIEW_MONEY)
    if asked.isdigit():
        return parks.filter(pk=int(asked)).first()
    return getattr(request, "park", None) or parks.first()


def _park_to_work(request: HttpRequest, park_id: int) -> Park:
    park = get_object_or_404(
        Park.objects.visible_to(request.user, Permission.VIEW_MONEY).select_related("branch"), pk=park_id
    )
    if not request.user.may(Permission.MANAGE_LEASES, park.branch.path):
        raise PermissionDenied
    request.park = park
    return park


def _list_context(request: HttpRequest, chosen: str) -> dict[str, Any]:
    park = _park(request)
    may = park is not None and request.user.may(Permission.MANAGE_LEASES, park.branch.path)
    return {"tabs": exit_tabs(park, chosen), "work_park": park if may else None}


def exit_triggers(request: HttpRequest) -> HttpResponseBase:
    """Show the exit triggers with when the rules were last checked."""
    context = _list_context(request, "exit_triggers")
    park = _park(request)
    context["last_run"] = TriggerRun.objects.filter(park=park).order_by("-on").first() if park else None
    return lists.respond(request, TRIGGERS, template="lifecycle/trigger_list.html", context=context)


def exit_cases(request: HttpRequest) -> HttpResponseBase:
    """Show the exits."""
    context = _list_context(request, "exit_cases")
    return lists.respond(request, CASES, template="lifecycle/exit_list.html", context=context)


def exit_ledger(request: HttpRequest) -> HttpResponseBase:
    """Show vacated space with what became of it, and its sums by year."""
    context = _list_context(request, "exit_ledger")
    park = _park(request)
    if park is not None and request.user.may(Permission.VIEW_MONEY, park.branch.path):
        on = timezone.localdate()
        stays = queries.vacated_stays(user=request.user, on=on).filter(premises__park=park)
        rows = queries.ledger_rows(stays=stays.select_related("premises__park", "enterprise"), on=on)
        context |= {"years": queries.ledger_years(rows=rows), "year_park": park}
    return lists.respond(request, LEDGER, template="lifecycle/ledger.html", context=context)


@require_POST
def triggers_check(request: HttpRequest, park_id: int) -> HttpResponse:
    """Check the rules of exit for the park now."""
    park = _park_to_work(request, park_id)
    now = timezone.now()
    run = deciding.check_triggers(park=park, on=timezone.localdate(now), actor=request.user, at=now)
    words = {"firms": run.checked, "raised": run.raised}
    messages.success(request, _("%(firms)s firms were checked, %(raised)s triggers raised.") % words)
    return redirect(f"{reverse('exit_triggers')}?park={park.pk}")


@require_http_methods(["GET", "POST"])
def trigger_raise(request: HttpRequest, park_id: int) -> HttpResponse:
    """Raise what a person saw."""
    park = _park_to_work(request, park_id)
    on = timezone.localdate()
    firms = told.list_tenant_choices(park=park, on=on)
    form = RaiseForm(request.POST or None, firms=firms, initial={"firm": request.GET.get("firm")})
    if form.is_valid():
        firm = Enterprise.objects.get(pk=form.cleaned_data["firm"])
        values = {"kind": form.cleaned_data["kind"], "note": form.cleaned_data["note"]}
        try:
            made = deciding.raise_trigger(park=park, enterprise=firm, actor=request.user, at=timezone.now(), **values)
        except deciding.CannotDecideTrigger as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("exit_trigger", made.pk)
    return form_page(request, park, form, _("Raise an exit trigger"), reverse("exit_triggers"))


@require_http_methods(["GET", "POST"])
def exit_trigger(request: HttpRequest, trigger_id: int) -> HttpResponse:
    """Show a trigger with its figures; decide on it."""
    rows = ExitTrigger.objects.all().visible_to(request.user)
    related = ("park__branch", "enterprise", "run", "decided_by", "agreed_by", "minutes", "approval", "raised_by")
    trigger = get_object_or_404(rows.select_related(*related), pk=trigger_id)
    park = trigger.park
    request.park = park
    may_work = request.user.may(Permission.MANAGE_LEASES, park.branch.path)
    if request.method == "POST" and not may_work:
        raise PermissionDenied
    form = DecideForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        try:
            done = deciding.decide_trigger(trigger=trigger, actor=request.user, at=timezone.now(), **form.cleaned_data)
        except deciding.CannotDecideTrigger as refusal:
            form.add_error(None, str(refusal))
        else:
            waits = done.decided_on is None
            messages.success(request, _("A second person decides on it.") if waits else _("The decision was recorded."))
            return redirect("exit_trigger", trigger.pk)
    context = {
        "trigger": trigger,
        "park": park,
        "sentence": finding_sentence(kind=trigger.kind, facts=trigger.facts),
        "form": form,
        "waits": trigger.decided_on is None and trigger.approval is not None and trigger.approval.state == "WAITING",
        "may_decide": may_work and trigger.decided_on is None,
        "may_work": may_work,
        "is_late": trigger.decided_on is None and trigger.due_on < timezone.localdate(),
        "leads_to_exit": trigger.decision in {"TERMINATION", "NON_RENEWAL", "RELOCATION"},
        "cases": trigger.cases.all(),
        "results": list_firm_results(enterprise=trigger.enterprise),
        "crumbs": crumbs_of(park, Link(_("Exit triggers"), f"{reverse('exit_triggers')}?park={park.pk}")),
    }
    return page(request, "lifecycle/trigger.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def exit_open(request: HttpRequest, park_id: int, enterprise_id: int) -> HttpResponse:
    """Open the exit of a firm with its notice."""
    park = _park_to_work(request, park_id)
    firm = get_object_or_404(Enterprise.objects.visible_to(request.user), pk=enterprise_id)
    on = timezone.localdate()
    stays = queries.list_exit_premises(park=park, enterprise=firm, on=on)
    initial = {"notice_on": on, "reason": request.GET.get("reason", "")}
    form = OpenExitForm(request.POST or None, request.FILES or None, stays=stays, initial=initial)
    if form.is_valid():
        values = dict(form.cleaned_data)
        chosen = list(Premises.objects.filter(park=park, pk__in=values.pop("premises")))
        try:
            case = services.open_exit(
                park=park, enterprise=firm, premises=chosen, actor=request.user, at=timezone.now(), **values
            )
        except services.CannotExit as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The exit was opened."))
            return redirect("exit_case", case.pk)
    back = reverse("enterprise_detail", args=[firm.pk])
    empty = "" if stays else _("The firm has no premises here that are not leaving already.")
    return form_page(request, park, form, _("Exit of %(firm)s") % {"firm": firm.name}, back, empty=empty)


def _case_of(request: HttpRequest, case_id: int, *, to_work: bool = False) -> ExitCase:
    related = ("park__branch", "enterprise", "lease", "trigger", "opened_by")
    case = get_object_or_404(ExitCase.objects.visible_to(request.user).select_related(*related), pk=case_id)
    if to_work and not request.user.may(Permission.MANAGE_LEASES, case.park.branch.path):
        raise PermissionDenied
    request.park = case.park
    return case


@require_http_methods(["GET", "POST"])
def exit_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show an exit: its steps on a line of time, the sheet of the inspection, the money; add a line to the sheet."""
    case = _case_of(request, case_id, to_work=request.method == "POST")
    on = timezone.localdate()
    restoration = case.steps.filter(kind=Kind.RESTORATION).first()
    form = ItemForm(request.POST or None, request.FILES or None)
    if form.is_bound and restoration is None:
        raise Http404
    if form.is_valid():
        try:
            inspection.add_inspection_item(step=restoration, actor=request.user, at=timezone.now(), **form.cleaned_data)
        except services.CannotExit as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('exit_case', args=[case.pk])}#sheet")
    sees_park = request.user.may(Permission.VIEW_MONEY, case.park.branch.path)
    is_open = case.state == ExitCase.State.OPEN
    may_work = is_open and request.user.may(Permission.MANAGE_LEASES, case.park.branch.path)
    context = {
        "case": case,
        "park": case.park,
        "steps": queries.list_steps(case=case, on=on),
        "spaces": case.spaces.select_related("premises", "occupancy"),
        "items": restoration.items.select_related("photo") if restoration else [],
        "sheet_open": may_work and restoration is not None and restoration.done_on is None,
        "money": queries.get_exit_money(case=case, on=on),
        "compliance": queries.get_compliance(case=case, on=on),
        "form": form,
        "may_work": may_work,
        "may_waive": services.MAY_WAIVE,
        "sees_park": sees_park,
        "may_share": sees_park and request.user.may(Permission.MANAGE_LEASES, case.park.branch.path),
        "crumbs": crumbs_of(case.park, Link(_("Exits"), f"{reverse('exit_cases')}?park={case.park_id}"))
        if sees_park
        else [],
    }
    return page(request, "lifecycle/exit_case.html", context, status=422 if form.is_bound else 200)


def _step_of(request: HttpRequest, step_id: int) -> ExitStep:
    cases = ExitCase.objects.visible_to(request.user, Permission.MANAGE_LEASES)
    steps = ExitStep.objects.filter(case__in=cases).select_related("case__park__branch", "case__enterprise")
    step = get_object_or_404(steps, pk=step_id)
    request.park = step.case.park
    return step


@require_http_methods(["GET", "POST"])
def exit_step(request: HttpRequest, step_id: int) -> HttpResponse:
    """Say that a step was done."""
    step = _step_of(request, step_id)
    form_class = STEP_FORMS.get(step.kind, StepForm)
    form = form_class(request.POST or None, request.FILES or None, initial={"done_on": timezone.localdate()})
    back = reverse("exit_case", args=[step.case_id])
    if form.is_valid():
        values = {name: form.cleaned_data[name] for name in form.cleaned_data if name not in PLAIN}
        plain = {name: form.cleaned_data[name] for name in PLAIN}
        try:
            services.complete_step(step=step, values=values, actor=request.user, at=timezone.now(), **plain)
        except services.CannotExit as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    title = _("%(step)s: %(firm)s") % {"step": step.get_kind_display(), "firm": step.case.enterprise.name}
    return form_page(request, step.case.park, form, title, back)


@require_http_methods(["GET", "POST"])
def exit_step_waive(request: HttpRequest, step_id: int) -> HttpResponse:
    """Say that a step is not needed."""
    step = _step_of(request, step_id)
    form = ReasonForm(request.POST or None)
    back = reverse("exit_case", args=[step.case_id])
    if form.is_valid():
        try:
            services.waive_step(step=step, reason=form.cleaned_data["reason"], actor=request.user, at=timezone.now())
        except services.CannotExit as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    return form_page(
        request, step.case.park, form, _("Not needed: %(thing)s") % {"thing": step.get_kind_display()}, back
    )


@require_http_methods(["GET", "POST"])
def exit_cancel(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take an exit back."""
    case = _case_of(request, case_id, to_work=True)
    form = ReasonForm(request.POST or None)
    back = reverse("exit_case", args=[case.pk])
    if form.is_valid():
        try:
            services.cancel_exit(case=case, reason=form.cleaned_data["reason"], actor=request.user, at=timezone.now())
        except services.CannotExit as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    return form_page(request, case.park, form, _("Take back: %(thing)s") % {"thing": case}, back)


@require_http_methods(["GET", "POST"])
def exit_cost(request: HttpRequest, case_id: int) -> HttpResponse:
    """Say what the change of tenant cost the owner."""
    case = _case_of(request, case_id, to_work=True)
    form = CostForm(request.POST or None, initial={"cost_yuan": case.cost_yuan})
    back = reverse("exit_case", args=[case.pk])
    if form.is_valid():
        services.change_exit(case=case, cost_yuan=form.cleaned_data["cost_yuan"], actor=request.user, at=timezone.now())
        messages.success(request, _("Saved."))
        return redirect(back)
    return form_page(request, case.park, form, _("Cost of the change: %(thing)s") % {"thing": case}, back)


@require_POST
def exit_share(request: HttpRequest, case_id: int) -> HttpResponse:
    """Show an exit to its firm, or no more."""
    case = _case_of(request, case_id, to_work=True)
    services.change_exit(case=case, is_shared=not case.is_shared, actor=request.user, at=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("exit_case", case.pk)


@require_POST
def item_mend(request: HttpRequest, item_id: int) -> HttpResponse:
    """Say that a defect was mended."""
    cases = ExitCase.objects.visible_to(request.user, Permission.MANAGE_LEASES)
    items = InspectionItem.objects.filter(step__case__in=cases).select_related("step__case__park__branch")
    item = get_object_or_404(items, pk=item_id)
    try:
        inspection.mend_item(item=item, note="", actor=request.user, at=timezone.now())
    except services.CannotExit as refusal:
        messages.error(request, str(refusal))
    return redirect(f"{reverse('exit_case', args=[item.step.case_id])}#sheet")


@require_safe
def exit_file(request: HttpRequest, document_id: int) -> FileResponse:
    """Hand out a file of an exit or a decision to those who may see it."""
    document = queries.find_file(user=request.user, document_id=document_id)
    if document is None or not path_of(document.sha256).is_file():
        raise Http404
    response = FileResponse(path_of(document.sha256).open("rb"), as_attachment=True, filename=document.name)
    # Never what the file claims to be: a page of somebody else's making does not run in our origin.
    response["Content-Type"] = "application/octet-stream"
    return response
