"""What firms of a park offer each other and need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from parkbrain import lists
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import own_enterprise_codes
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link, key_in
from parkbrain.ui.media import hand_out
from parkbrain.ui.paging import paged

from .. import queries, reports, services
from ..forms import BetweenForm, EndForm, OfferForm
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


@dataclass(frozen=True)
class Pairs:
    """The pairs that the address of a page of pairs asks for, of all that the person sees."""

    on: date
    form: BetweenForm
    ends: dict[str, Park | None]
    every: list[queries.ExchangeMatch]

    @property
    def kept(self) -> list[queries.ExchangeMatch]:
        """Return those of the chosen kind from the one park to the other; none where a choice is refused."""
        if not self.form.is_valid():
            return []
        start, end, kind = self.ends["from"], self.ends["to"], self.form.cleaned_data["kind"]
        return [
            one
            for one in self.every
            if (start is None or one.offer.park_id == start.pk)
            and (end is None or one.need.park_id == end.pk)
            and kind in {"", one.offer.kind}
        ]


def _pairs(request: HttpRequest) -> Pairs:
    if not request.user.may(Permission.VIEW_PARK):
        raise PermissionDenied
    on = day_of(request)
    ends = {side: _asked_park(request, side) for side in ("from", "to")}
    return Pairs(on, BetweenForm(request.GET), ends, queries.list_matches_between(user=request.user, on=on))


@require_safe
def exchange_between(request: HttpRequest) -> HttpResponse:
    """Show what fits from one park to another, of the parks that a person sees; `from` and `to` keep those of a park."""
    pairs = _pairs(request)
    kept = pairs.kept
    context = {
        "as_of": pairs.on,
        "all_count": len(pairs.every),
        "count": len(kept),
        "matches": paged(kept, request.GET),
        "ends": pairs.ends,
        "form": pairs.form,
        "reaches": queries.name_reaches(),
        "asked": f"?{request.GET.urlencode()}" if request.GET else "",
    }
    return page(request, "carbon/exchange_between.html", context, status=422 if pairs.form.errors else 200)


@require_safe
def exchange_between_file(request: HttpRequest, suffix: str) -> HttpResponse:
    """Hand out the pairs that the page shows, a row each."""
    if suffix not in {lists.CSV, lists.XLSX, lists.PDF}:
        raise Http404
    pairs = _pairs(request)
    if pairs.form.errors:
        return redirect(f"{reverse('exchange_between')}?{request.GET.urlencode()}")
    made = reports.make_between_file(matches=pairs.kept, on=pairs.on, kind=suffix)
    return hand_out(made.content, made.content_type, made.name)


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
