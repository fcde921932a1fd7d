"""What firms of a park offer each other and need."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import own_enterprise_codes
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link, key_in
from parkbrain.ui.paging import paged

from .. import queries, services
from ..forms import EndForm, OfferForm
from ..models import ExchangeOffer
from .common import crumbs, may_edit, open_park


def _may_offer(request: HttpRequest, park: Park) -> bool:
    own = bool(own_enterprise_codes(request.user))
    return may_edit(request, park) or (own and request.user.may(Permission.VIEW_OWN_ENTERPRISE, park.branch.path))


@require_safe
def exchange(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show what fits together in a park, and every offer and need."""
    park = open_park(request, park_id, Permission.VIEW_PARK)
    on = day_of(request)
    offers = queries.list_offers(user=request.user, on=on).filter(park=park).select_related("enterprise", "building")
    mine = own_enterprise_codes(request.user)
    may_change_all = may_edit(request, park)
    rows = [(offer, may_change_all or offer.enterprise.uscc in mine) for offer in offers]
    context = {
        "park": park,
        "as_of": on,
        "matches": queries.list_matches(park=park, user=request.user, on=on),
        "offers": [r for r in rows if r[0].direction == ExchangeOffer.Direction.OFFER],
        "needs": [r for r in rows if r[0].direction == ExchangeOffer.Direction.NEED],
        "may_offer": _may_offer(request, park),
        "crumbs": crumbs(park),
    }
    return page(request, "carbon/exchange.html", context)


@require_safe
def exchange_between(request: HttpRequest) -> HttpResponse:
    """Show what fits from one park to another, of the parks that a person sees; `from` and `to` keep those of a park."""
    if not request.user.may(Permission.VIEW_PARK):
        raise PermissionDenied
    on = day_of(request)
    every = queries.list_matches_between(user=request.user, on=on)
    ends = {side: _asked_park(request, side) for side in ("from", "to")}
    kind = request.GET.get("kind", "")
    kept = [
        one
        for one in every
        if (ends["from"] is None or one.offer.park_id == ends["from"].pk)
        and (ends["to"] is None or one.need.park_id == ends["to"].pk)
        and kind in {"", one.offer.kind}
    ]
    context = {
        "as_of": on,
        "all_count": len(every),
        "count": len(kept),
        "matches": paged(kept, request.GET),
        "ends": ends,
        "kind": kind,
        "kinds": ExchangeOffer.Kind.choices,
        "reaches": queries.name_reaches(),
    }
    return page(request, "carbon/exchange_between.html", context)


def _asked_park(request: HttpRequest, side: str) -> Park | None:
    typed = request.GET.get(side, "")
    if not typed:
        return None
    return get_object_or_404(Park.objects.visible_to(request.user, Permission.VIEW_PARK), pk=key_in(typed))


def _form(request: HttpRequest, park: Park, form: Any, save: Any, title: str) -> HttpResponse:
    if form.is_bound and form.is_valid():
        try:
            save(dict(form.cleaned_data))
        except services.CannotRecordOffer as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("exchange", park.pk)
    back = reverse("exchange", args=[park.pk])
    context = {
        "form": form,
        "title": title,
        "park": park,
        "back": back,
        "crumbs": crumbs(park, Link(_("Exchange"), back)),
    }
    return page(request, "carbon/form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def exchange_add(request: HttpRequest, park_id: int) -> HttpResponse:
    """Record an offer or a need: the operator for any firm, a firm for itself."""
    park = open_park(request, park_id, Permission.VIEW_PARK)
    if not _may_offer(request, park):
        raise PermissionDenied
    own = sorted(own_enterprise_codes(request.user))
    initial = {"starts_on": timezone.localdate(), "uscc": own[0] if own else ""}
    form = OfferForm(request.POST if request.method == "POST" else None, initial=initial)

    def save(values: dict[str, Any]) -> None:
        services.record_offers(park=park, rows=[values], actor=request.user, at=timezone.now())

    return _form(request, park, form, save, _("Add an offer or a need"))


@require_http_methods(["GET", "POST"])
def exchange_end(request: HttpRequest, offer_id: int) -> HttpResponse:
    """End an offer or a need on a day."""
    visible = ExchangeOffer.objects.visible_to(request.user).select_related("park__branch", "enterprise")
    offer = get_object_or_404(visible, pk=offer_id)
    request.park = offer.park
    if not (may_edit(request, offer.park) or offer.enterprise.uscc in own_enterprise_codes(request.user)):
        raise PermissionDenied
    form = EndForm(request.POST if request.method == "POST" else None, initial={"ends_on": timezone.localdate()})

    def save(values: dict[str, Any]) -> None:
        services.end_offer(offer=offer, ends_on=values["ends_on"], actor=request.user, at=timezone.now())

    return _form(request, offer.park, form, save, _("End: %(thing)s") % {"thing": offer})
