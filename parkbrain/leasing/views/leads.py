"""Pages of leads: funnel, list, one lead, and the forms of what is done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from parkbrain import lists
from parkbrain.enterprises.queries import get_viewer, industry_name, list_building_states
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import masked_value
from parkbrain.space.models import Premises
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link, key_in

from .. import charts, queries, services
from ..forms import DraftForm, LeadForm, QuoteForm, ReviewForm, StageForm, StepForm, VisitForm, quote_defaults
from ..models import Lead, Lease, Quote, Visit
from ..tables import LEADS, stage_badge
from .showing import leasing_tabs, money_park, offer_lines

Refused = services.CannotChangeLead
OFFERS_SHOWN = 6


def lead_funnel(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show the leads of a park by stage, with conversion, durations and what is to be expected."""
    park = money_park(request, park_id)
    on = day_of(request)
    funnel = queries.get_funnel(user=request.user, on=on, park=park)  # type: ignore[arg-type]
    stages = {s.stage: s for s in funnel.stages}
    columns = [
        (Lead.Stage(key).label, key, stages.get(key), leads[:12], max(0, len(leads) - 12))
        for key, leads in funnel.leads.items()
        if key != Lead.Stage.LOST
    ]
    context = {
        "park": park,
        "as_of": on,
        "funnel": funnel,
        "columns": columns,
        "charts": [charts.funnel_chart(funnel), charts.segment_chart(funnel), charts.forecast_chart(funnel)]
        if funnel.count
        else [],
        "probabilities": [(Lead.Stage(p.stage).label, p) for p in funnel.probabilities.values()],
        "may_edit": _may_edit(request, park),
        "tabs": leasing_tabs(park, "lead_funnel", user=request.user),
        "crumbs": _crumbs(park),
    }
    return page(request, "leasing/funnel.html", context)


def lead_list(request: HttpRequest) -> HttpResponseBase:
    """Show the leads the person may see."""
    editing = Park.objects.visible_to(request.user, Permission.MANAGE_LEASES)  # type: ignore[arg-type]
    park = getattr(request, "park", None) or editing.first()
    return lists.respond(
        request,
        LEADS,
        template="leasing/lead_list.html",
        context={
            "add_park": park if park in editing else None,
            "tabs": leasing_tabs(park, "lead_list", user=request.user),
        },
    )


def _crumbs(park: Park) -> list[Link]:
    return [
        Link(park.name, reverse("park_detail", args=[park.pk])),
        Link(_("Leasing"), reverse("lettings_board", args=[park.pk])),
        Link(_("Leads"), f"{reverse('lead_list')}?park={park.pk}"),
    ]


def _may_edit(request: HttpRequest, park: Park) -> bool:
    return bool(request.user.may(Permission.MANAGE_LEASES, park.branch.path))  # type: ignore[union-attr]


def _lead(request: HttpRequest, lead_id: int) -> Lead:
    lead = queries.get_lead(user=request.user, lead_id=lead_id)  # type: ignore[arg-type]
    if lead is None:
        raise Http404
    request.park = lead.park  # type: ignore[attr-defined]
    return lead


def lead_detail(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Show a lead: what it needs, what fits, visits, quotes, the review, and what happened."""
    user: Any = request.user
    lead = _lead(request, lead_id)
    on = day_of(request)
    need = queries.get_need(lead=lead)
    path = lead.park.branch.path
    offers = []
    if lead.is_open:
        found = queries.find_offers(
            user=user, need=queries.need_of(need=need), on=on, park=lead.park, lead=lead, most=OFFERS_SHOWN
        )
        offers = offer_lines(found)
    drawn = None
    if offers:
        best = offers[0].offer
        building = best.premises[0].building
        viewer = get_viewer(user=user, park=lead.park)
        state = list_building_states(park=lead.park, on=on, viewer=viewer, building=building)[0]
        label = _("%(premises)s in %(building)s") % {"premises": best.label, "building": building.name or building.code}
        drawn = charts.offer_section(state, chosen={p.pk for p in best.premises}, label=label)
    context = {
        "lead": lead,
        "park": lead.park,
        "as_of": on,
        "need": need,
        "need_lines": _need_lines(need),
        "badge": stage_badge(lead),
        "industry": industry_name(code=lead.industry_code) if lead.industry_code else "",
        "phone": masked_value(lead, "contact_phone", user=user, path=path),
        "email": masked_value(lead, "contact_email", user=user, path=path),
        "offers": offers,
        "section": drawn,
        "visits": lead.visits.prefetch_related("premises").select_related("guide"),
        "quotes": lead.quotes.prefetch_related("premises__premises"),
        "reviews": queries.list_reviews(lead=lead),
        "moves": lead.moves.select_related("actor").order_by("moved_on", "id"),
        "namesakes": queries.list_namesakes(lead=lead, user=user),
        "may_edit": _may_edit(request, lead.park),
        "may_draft": _may_draft(lead),
        "crumbs": _crumbs(lead.park),
    }
    return page(request, "leasing/lead.html", context)


def _may_draft(lead: Lead) -> bool:
    return lead.is_open and lead.lease_id is None and lead.quotes.filter(state=Quote.State.ACCEPTED).exists()


def _need_lines(need: Any) -> list[tuple[str, str]]:
    """Return what is needed in words, only what is demanded."""
    lines = []
    for name in services.NEED_FIELDS:
        field, value = need._meta.get_field(name), getattr(need, name)
        if value in (None, "", False):
            continue
        said = getattr(need, f"get_{name}_display", None)
        text = said() if said else _("yes") if value is True else value
        label = str(field.verbose_name)
        lines.append((label[:1].upper() + label[1:], str(text)))
    return lines


def _form_page(
    request: HttpRequest, park: Park, form: forms.Form, title: str, back: str, note: str = ""
) -> HttpResponse:
    context = {"form": form, "title": title, "park": park, "back": back, "note": note, "crumbs": _crumbs(park)}
    return page(request, "leasing/lead_form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def lead_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Record a new lead."""
    park = money_park(request, park_id)
    if not _may_edit(request, park):
        raise PermissionDenied
    initial = {"received_on": timezone.localdate(), "source": Lead.Source.CALL}
    form = LeadForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        row = {**form.cleaned_data, "owner": request.user}
        try:
            made = services.record_leads(park=park, rows=[row], actor=request.user, at=timezone.now())  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("lead_detail", made[0].row.pk)
    return _form_page(request, park, form, _("Add a lead"), f"{reverse('lead_list')}?park={park.pk}")


@require_http_methods(["GET", "POST"])
def lead_edit(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Change the record of a lead, or what it needs."""
    lead = _lead(request, lead_id)
    if not _may_edit(request, lead.park):
        raise PermissionDenied
    need = queries.get_need(lead=lead)
    initial = {n: getattr(need if n in services.NEED_FIELDS else lead, n) for n in LeadForm.base_fields}
    form = LeadForm(request.POST if request.method == "POST" else None, initial=initial)
    if not request.user.may(Permission.VIEW_SENSITIVE, lead.park.branch.path):  # type: ignore[union-attr]
        # Whoever sees the number masked neither reads it in the form nor writes over it.
        del form.fields["contact_phone"], form.fields["contact_email"]
    if form.is_bound and form.is_valid():
        row = {**form.cleaned_data, "number": lead.number}
        try:
            services.record_leads(park=lead.park, rows=[row], actor=request.user, at=timezone.now())  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("lead_detail", lead.pk)
    back = reverse("lead_detail", args=[lead.pk])
    return _form_page(request, lead.park, form, _("Change: %(thing)s") % {"thing": lead}, back)


@dataclass(frozen=True)
class Step:
    """Something that is done with a lead by a form: its title, the form, and the service that does it."""

    title: str | Promise
    form: Callable[[HttpRequest, Lead], forms.Form]
    do: Callable[[Lead, Any, Mapping[str, Any]], Any]


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _premises_of(lead: Lead) -> QuerySet[Premises]:
    return queries.list_offerable_premises(lead=lead, on=timezone.localdate())


def _chosen(request: HttpRequest, lead: Lead) -> list[int]:
    """Return the premises that the address names, so that an offer leads to its form already filled."""
    asked = [key for typed in request.GET.getlist("premises") if (key := key_in(typed)) is not None]
    return [p.pk for p in _premises_of(lead).filter(pk__in=asked)]


def _visit_form(request: HttpRequest, lead: Lead) -> forms.Form:
    initial = {"visit_on": timezone.localdate(), "premises": _chosen(request, lead)}
    return VisitForm(_posted(request), premises=_premises_of(lead), initial=initial)


def _quote_form(request: HttpRequest, lead: Lead) -> forms.Form:
    on = timezone.localdate()
    initial = {**quote_defaults(on=on), "premises": _chosen(request, lead)}
    wanted_on = queries.get_need(lead=lead).move_in_on
    if wanted_on is not None and wanted_on >= on:
        initial["starts_on"] = wanted_on
    last = lead.quotes.order_by("-version").prefetch_related("premises").first()
    if last is not None and not initial["premises"]:
        same = ("term_months", "rent_yuan_per_m2_month", "fee_yuan_per_m2_month", "rent_free_months", "deposit_months")
        initial |= {name: getattr(last, name) for name in same}
        initial["premises"] = [row.premises_id for row in last.premises.all()]
    return QuoteForm(_posted(request), premises=_premises_of(lead), initial=initial)


def _review_form(request: HttpRequest, lead: Lead) -> forms.Form:
    need = queries.get_need(lead=lead)
    initial = {
        "reviewed_on": timezone.localdate(),
        "industry_code": lead.industry_code,
        "fire_class": need.fire_class,
        "power_kw": need.power_kw,
        "floor_load_kn_m2": need.floor_load_kn_m2,
    }
    return ReviewForm(_posted(request), initial=initial)


def _do_visit(lead: Lead, form: Any, who: Mapping[str, Any]) -> Any:
    values = form.cleaned_data
    return services.plan_visit(
        lead=lead,
        visit_on=values["visit_on"],
        premises=list(values["premises"]),
        guide=who["actor"],
        note=values["note"],
        **who,
    )


def _do_quote(lead: Lead, form: Any, who: Mapping[str, Any]) -> Any:
    values = dict(form.cleaned_data)
    premises = list(values.pop("premises"))
    return services.make_quote(lead=lead, premises=premises, values=values, **who)


def _do_step(lead: Lead, form: Any, who: Mapping[str, Any]) -> Any:
    values = form.cleaned_data
    return services.plan_next_step(lead=lead, step=values["step"], step_on=values["step_on"], **who)


STEPS: dict[str, Step] = {
    "stage": Step(
        gettext_lazy("Move to a stage"),
        lambda request, lead: StageForm(_posted(request), initial={"moved_on": timezone.localdate()}),
        lambda lead, form, who: services.move_lead(lead=lead, **form.cleaned_data, **who),
    ),
    "step": Step(
        gettext_lazy("Next step"),
        lambda request, lead: StepForm(
            _posted(request), initial={"step": lead.next_step, "step_on": lead.next_step_on}
        ),
        _do_step,
    ),
    "visit": Step(gettext_lazy("Plan a visit"), _visit_form, _do_visit),
    "quote": Step(gettext_lazy("Make a quote"), _quote_form, _do_quote),
    "draft": Step(
        gettext_lazy("Draft the lease"),
        lambda request, lead: DraftForm(_posted(request), initial={"number": f"HT-{lead.number}"}),
        lambda lead, form, who: services.draft_lease_of_lead(lead=lead, number=form.cleaned_data["number"], **who),
    ),
    "review": Step(
        gettext_lazy("Admission review"),
        _review_form,
        lambda lead, form, who: services.review_lead(lead=lead, values=form.values(), findings=form.findings(), **who),
    ),
}


@require_http_methods(["GET", "POST"])
def lead_do(request: HttpRequest, lead_id: int, step: str) -> HttpResponse:
    """Do something with a lead: move it, plan the next step or a visit, make a quote, review it."""
    lead = _lead(request, lead_id)
    if not _may_edit(request, lead.park):
        raise PermissionDenied
    if step not in STEPS:
        raise Http404
    chosen = STEPS[step]
    form = chosen.form(request, lead)
    if form.is_bound and form.is_valid():
        try:
            made = chosen.do(lead, form, {"actor": request.user, "at": timezone.now()})
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            # A drafted lease is read and completed next.
            return redirect("lease_detail", made.pk) if isinstance(made, Lease) else redirect("lead_detail", lead.pk)
    back = reverse("lead_detail", args=[lead.pk])
    return _form_page(request, lead.park, form, f"{chosen.title} · {lead}", back)


@require_POST
def visit_close(request: HttpRequest, visit_id: int) -> HttpResponse:
    """Say what became of a planned visit."""
    rows = Visit.objects.filter(lead__in=queries.list_leads(user=request.user))  # type: ignore[arg-type]
    visit = get_object_or_404(rows.select_related("lead__park__branch"), pk=visit_id)
    return _answer(
        request,
        visit.lead,
        lambda who: services.close_visit(visit=visit, done=request.POST.get("done") == "yes", **who),
    )


@require_POST
def quote_answer(request: HttpRequest, quote_id: int) -> HttpResponse:
    """Note that a lead accepted or refused a quote."""
    rows = Quote.objects.filter(lead__in=queries.list_leads(user=request.user))  # type: ignore[arg-type]
    quote = get_object_or_404(rows.select_related("lead__park__branch"), pk=quote_id)
    accepted = request.POST.get("accepted") == "yes"
    on = timezone.localdate()
    return _answer(request, quote.lead, lambda who: services.answer_quote(quote=quote, accepted=accepted, on=on, **who))


def _answer(request: HttpRequest, lead: Lead, do: Callable[[Mapping[str, Any]], Any]) -> HttpResponse:
    """Do what a button of a lead's page asks for, and show the page again with what came of it."""
    if not _may_edit(request, lead.park):
        raise PermissionDenied
    try:
        do({"actor": request.user, "at": timezone.now()})
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Saved."))
    return redirect("lead_detail", lead.pk)
