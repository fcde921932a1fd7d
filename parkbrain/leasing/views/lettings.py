"""Pages of lettings: the board, the rent roll, the what-if, and the search for space."""

from __future__ import annotations

from functools import partial

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain import lists
from parkbrain.billing.queries import age_labels, overdue_by_age
from parkbrain.calc.cash_flow import WhatIf
from parkbrain.calc.fitting import SpaceNeed
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Premises
from parkbrain.ui.asof import dated, day_of, kept_day
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import charts, queries
from ..forms import NeedFields, WhatIfForm
from ..tables import RENT_ROLL
from .showing import leasing_tabs, money_park, offer_lines


def lettings_board(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show a park's buildings by the state of their lettings, with the figures of the rent roll."""
    park = money_park(request, park_id)
    on = day_of(request)
    board = queries.get_board(user=request.user, park=park, on=on)  # type: ignore[arg-type]
    keep = partial(dated, kept=kept_day(request))
    words = charts.standing_labels()
    context = {
        "park": park,
        "as_of": on,
        "board": board,
        "sections": [(b.building, charts.board_section(board, b, dated=keep)) for b in board.buildings],
        "standings": [(words[k], board.count(k), board.area_of(k), charts.STANDING_FILL[k]) for k in words],
        "twin": charts.board_twin(board),
        "expiries": charts.expiry_chart(board) if board.expiries else None,
        "prices": [(str(Premises.Use(p.use).label), p) for p in board.prices],
        "least_parks": queries.LEAST_PARKS,
        "arrears": list(zip(age_labels(), overdue_by_age(park=park, on=on).values(), strict=True)),
        "tabs": leasing_tabs(park, "lettings_board", user=request.user),
        "crumbs": [Link(park.name, reverse("park_detail", args=[park.pk])), Link(_("Leasing"))],
    }
    return page(request, "leasing/board.html", context)


def rent_roll(request: HttpRequest) -> HttpResponseBase:
    """Show what is let, with rents and lease ends."""
    return lists.respond(request, RENT_ROLL)


def what_if(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show what the rents of a park may bring under what the form assumes; the address holds the assumptions."""
    park = money_park(request, park_id)
    on = day_of(request)
    typed = {name: request.GET.get(name, value) for name, value in WhatIfForm.DEFAULTS.items()}
    form = WhatIfForm(typed)
    result = None
    if form.is_valid():
        result = queries.run_what_if(user=request.user, park=park, on=on, what_if=_assumed(form))  # type: ignore[arg-type]
    context = {
        "park": park,
        "as_of": on,
        "form": form,
        "sliders": [(form[name], *WhatIfForm.SLIDERS[name]) for name in WhatIfForm.SLIDERS],
        "result": result,
        "chart": charts.what_if_chart(result) if result else None,
        "tabs": leasing_tabs(park, "lettings_what_if", user=request.user),
        "crumbs": [
            Link(park.name, reverse("park_detail", args=[park.pk])),
            Link(_("Leasing"), reverse("lettings_board", args=[park.pk])),
        ],
    }
    # A slider that was moved asks for the answer alone: the sliders stay under the hand.
    part = "#answer" if request.htmx and request.htmx.target == "answer" else ""  # type: ignore[attr-defined]
    return page(request, f"leasing/what_if.html{part}", context, status=200 if result else 422)


def _assumed(form: WhatIfForm) -> WhatIf:
    values = form.cleaned_data
    return WhatIf(
        months=12 * values["years"],
        renewal_probability=values["renewal_percent"] / 100,
        vacancy_months=values["vacancy_months"],
        price_change=values["price_change_percent"] / 100,
        rent_free_months=values["rent_free_months"],
        term_months=values["term_months"],
        discount_rate=values["discount_percent"] / 100,
        seed=values["seed"],
    )


def find_space(request: HttpRequest) -> HttpResponse:
    """Show the premises of all parks the person may see that fit a need; the address holds the need."""
    user = request.user
    if not user.may(Permission.VIEW_MONEY):  # type: ignore[union-attr]
        raise PermissionDenied
    on = day_of(request)
    asked = bool(set(request.GET) & set(NeedFields.base_fields))
    form = NeedFields(request.GET if asked else None)
    park = None
    if request.GET.get("park", "").isdigit():
        park = get_object_or_404(Park.objects.visible_to(user, Permission.VIEW_MONEY), pk=request.GET["park"])  # type: ignore[arg-type]
        request.park = park  # type: ignore[attr-defined]
    offers = None
    if asked and form.is_valid():
        values = {k: v for k, v in form.cleaned_data.items() if v not in (None, "")}
        budget = values.pop("budget_yuan_per_m2_month", None)
        need = SpaceNeed(**values, budget_yuan_per_m2_month=None if budget is None else float(budget))
        offers = offer_lines(queries.find_offers(user=user, need=need, on=on, park=park))  # type: ignore[arg-type]
    context = {
        "form": form,
        "offers": offers,
        "fitting_count": sum(1 for offer in offers or () if offer.offer.fitting.fits),
        "park": park,
        "as_of": on,
        "tabs": leasing_tabs(park or getattr(request, "park", None), "find_space", user=user),
        "crumbs": [Link(_("Leasing"))],
    }
    return page(request, "leasing/find_space.html", context, status=422 if asked and offers is None else 200)
