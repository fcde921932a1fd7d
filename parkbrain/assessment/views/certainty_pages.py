"""How sure a park's star is, and what decides it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from parkbrain.ui.htmx import page

from .. import charts, queries
from ..forms import DoubtForm
from .common import crumbs, not_rated, open_park, stars_link


def star_certainty(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show the chance of every star under the assumptions of the address, the bands of total and rank, and the drivers."""
    park = open_park(request, park_id)
    context = {"park": park, "crumbs": crumbs(park, stars_link(park)), "on": ""}
    try:
        sheet = queries.get_star_sheet(park=park)
    except queries.NotRated as reason:
        return not_rated(request, park, context, reason)
    form = DoubtForm(request.GET or None)
    wrong = form.is_bound and not form.is_valid()
    context |= {"sheet": sheet, "form": form, "notice": queries.describe(value=sheet.scheme.notice)}
    if not wrong:
        assumptions = form.assumptions() if form.is_bound else queries.Assumptions()
        shown = queries.get_certainty(sheet=sheet, assumptions=assumptions)
        pieces = charts.chance_pieces(chances=[one.chance for one in shown.chances])
        context |= {"shown": shown, "pieces": pieces, "bands": charts.total_bands(shown=shown)}
    parts = frozenset({"certainty"})
    return page(request, "assessment/certainty.html", context, parts=parts, status=422 if wrong else 200)
