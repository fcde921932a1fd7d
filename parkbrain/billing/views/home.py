"""How a park's money stands, its arrears, what was set by hand, and how it bills."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from parkbrain.kernel.models import Park
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.paging import paged

from .. import charts, queries, services
from ..forms import ChargeForm, PauseForm, ReasonForm, RulesForm, RunForm
from ..models import ChargeOverride, DunningPause, ManualCharge
from .common import check_may_manage, crumbs_of, may_manage, pages_of, park_of, park_to_manage, try_form


@require_http_methods(["GET", "POST"])
def billing_home(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show how a park's money stands; begin a run."""
    park = park_of(request, park_id)
    check_may_manage(request, park)
    on = day_of(request)
    month = queries.month_to_bill(park=park, on=on)
    initial = {"month_on": month, "issued_on": max(on, month)}
    form = RunForm(request.POST if request.method == "POST" else None, initial=initial)
    made = []

    def begin(values: dict[str, date]) -> None:
        now = timezone.now()
        run = services.begin_run(park=park, actor=request.user, at=now, **values)
        made.append(services.preview_run(run=run, actor=request.user, at=now))

    if form.is_bound and try_form(form, begin):
        return redirect("billing_run", made[0].pk)
    home = queries.get_home(park=park, on=on)
    context = {
        "park": park,
        "home": home,
        "form": form,
        "may_manage": may_manage(request, park),
        "needs": queries.list_attention(user=request.user, park=park, on=on),
        "ages": charts.ages_chart(park=park, by_age=home.by_age),
        "months": charts.months_chart(months=home.months) if len(home.months) > 1 else None,
        "pages": pages_of(request, park, "billing_home"),
        "crumbs": crumbs_of(request, park)[:1],
    }
    return page(request, "billing/home.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def billing_arrears(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show who owes since when; note steps that were taken, and pauses."""
    park = park_of(request, park_id)
    check_may_manage(request, park)
    on, now = day_of(request), timezone.now()
    asked = request.POST.get("ask", "")
    form = PauseForm(request.POST if asked == "pause" else None, firms=queries.firms_of(park=park))
    if asked == "steps":
        count = services.take_due_steps(park=park, done_on=min(on, timezone.localdate(now)), actor=request.user, at=now)
        messages.success(request, _("%(count)s steps were noted.") % {"count": count})
        return redirect("billing_arrears", park.pk)
    if asked == "end":
        pause = get_object_or_404(DunningPause, pk=request.POST.get("pause"), park=park)
        ending = ReasonForm(request.POST)
        if try_form(ending, lambda v: services.end_pause(pause=pause, actor=request.user, at=now, **v)):
            return redirect("billing_arrears", park.pk)
        messages.error(request, " ".join(ending.non_field_errors() or [_("Say why.")]))
    elif asked == "pause" and try_form(
        form, lambda v: services.pause_dunning(park=park, actor=request.user, at=now, **v)
    ):
        messages.success(request, _("Saved."))
        return redirect("billing_arrears", park.pk)
    firms = queries.list_arrears(park=park, on=on)
    by_age = queries.sum_ages(firms=firms)
    context = {
        "park": park,
        "firms": firms,
        "shown": paged(firms, request.GET, at="firms"),
        "ages": queries.age_labels(),
        "sums": list(by_age.values()),
        "total": sum(by_age.values()),
        "steps": sum(len(f.steps) for f in firms),
        "pauses": DunningPause.objects.filter(park=park, undone_at__isnull=True, ends_on__gt=on)
        .select_related("enterprise", "set_by")
        .order_by("ends_on"),
        "chart": charts.ages_chart(park=park, by_age=by_age),
        "form": form,
        "may_manage": may_manage(request, park),
        "pages": pages_of(request, park, "billing_arrears"),
        "as_of": on,
        "crumbs": crumbs_of(request, park),
    }
    return page(request, "billing/arrears.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def billing_corrections(request: HttpRequest, park_id: int) -> HttpResponse:
    """List every amount set by hand and every charge entered by hand; take one back."""
    park = park_of(request, park_id)
    check_may_manage(request, park)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        act = {"actor": request.user, "at": timezone.now()}
        if request.POST.get("override"):
            override = get_object_or_404(ChargeOverride, pk=request.POST["override"], park=park)
            done = try_form(form, lambda v: services.undo_override(override=override, **act, **v))
        else:
            charge = get_object_or_404(ManualCharge, pk=request.POST.get("charge"), park=park)
            done = try_form(form, lambda v: services.undo_charge(charge=charge, **act, **v))
        if done:
            messages.success(request, _("Taken back; the next run corrects what was billed."))
            return redirect("billing_corrections", park.pk)
    context = {
        "park": park,
        "overrides": paged(_set_by_hand(ChargeOverride, park), request.GET, key="set", at="set"),
        "charges": paged(_set_by_hand(ManualCharge, park), request.GET, at="entered"),
        "form": form,
        "may_manage": may_manage(request, park),
        "pages": pages_of(request, park, "billing_corrections"),
        "crumbs": crumbs_of(request, park),
    }
    return page(request, "billing/corrections.html", context, status=422 if form.is_bound else 200)


def _set_by_hand(model: type[ChargeOverride] | type[ManualCharge], park: Park) -> QuerySet[Any]:
    return model.objects.filter(park=park).select_related("enterprise", "set_by", "undone_by")


@require_http_methods(["GET", "POST"])
def charge_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Enter a charge or a credit by hand."""
    park = park_to_manage(request, park_id)
    initial = {"enterprise": request.GET.get("firm", "")}
    form = ChargeForm(
        request.POST if request.method == "POST" else None, firms=queries.firms_of(park=park), initial=initial
    )
    if form.is_bound and try_form(
        form, lambda v: services.add_charge(park=park, actor=request.user, at=timezone.now(), **v)
    ):
        messages.success(request, _("Entered; the run of its month bills it."))
        return redirect("billing_corrections", park.pk)
    return form_page(request, park, form, _("Enter a charge"), "billing_corrections")


def form_page(request: HttpRequest, park: object, form: object, title: str, back: str) -> HttpResponse:
    """Show a form of a park's money by itself."""
    context = {
        "park": park,
        "form": form,
        "title": title,
        "back": reverse(back, args=[park.pk]),
        "crumbs": crumbs_of(request, park),
    }
    return page(request, "billing/form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def billing_rules(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show and change how a park bills and duns."""
    park = park_to_manage(request, park_id)
    rules = queries.get_rules(park=park)
    names = [name for name in RulesForm.base_fields if name != "ladder"]
    initial = {name: getattr(rules, name) for name in names}
    initial["ladder"] = queries.write_ladder(park=park)
    form = RulesForm(request.POST if request.method == "POST" else None, initial=initial)

    def save(values: dict[str, object]) -> None:
        services.set_billing(park=park, values=values, actor=request.user, at=timezone.now())

    if form.is_bound and try_form(form, save):
        messages.success(request, _("Saved."))
        return redirect("billing_rules", park.pk)
    context = {
        "park": park,
        "form": form,
        "title": _("How the park bills"),
        "pages": pages_of(request, park, "billing_rules"),
        "back": reverse("billing_home", args=[park.pk]),
        "crumbs": crumbs_of(request, park),
    }
    return page(request, "billing/form.html", context, status=422 if form.is_bound else 200)
