"""Current and frozen ratings, what moved between two, and their reports."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link, key_in
from parkbrain.ui.media import hand_out

from .. import charts, queries, reports, services
from ..forms import FreezeForm
from ..models import Rating
from .common import crumbs, day_of, may, open_park, sheet_of, stars_link
from .star_pages import sheet_context


def ratings(request: HttpRequest, park_id: int) -> HttpResponse:
    """List the current and the frozen ratings of a park, and freeze one."""
    park = open_park(request, park_id)
    may_freeze = may(request, Permission.FREEZE_RATING, park)
    form = FreezeForm(request.POST or None, initial={"cut_off_on": timezone.localdate()})
    status = 200
    if request.method == "POST":
        if not may_freeze:
            raise PermissionDenied
        status = 422
        if form.is_valid():
            try:
                row = services.freeze_rating(
                    park=park,
                    scheme_id=queries.MAIN_SCHEME,
                    cut_off_on=form.cleaned_data["cut_off_on"],
                    title=form.cleaned_data["title"],
                    actor=request.user,
                    at=timezone.now(),
                )
            except services.CannotFreezeRating as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("rating_detail", row.pk)
    frozen = queries.list_frozen(park=park)
    main = [row for row in frozen if row.scheme_id == queries.MAIN_SCHEME]
    context = {
        "park": park,
        "current": queries.list_current(park=park),
        "frozen": frozen,
        "main": main,
        "trend": charts.rating_trend(rows=main) if len(main) > 1 else None,
        "form": form,
        "may_freeze": may_freeze,
        "names": {s.id: queries.describe(value=s.name) for s in queries.list_schemes()},
        "crumbs": crumbs(park, stars_link(park)),
    }
    return page(request, "assessment/ratings.html", context, status=status)


def _rating(request: HttpRequest, rating_id: int) -> Rating:
    row: Rating = get_object_or_404(
        Rating.objects.visible_to(request.user).select_related("park__branch", "frozen_by"), pk=rating_id
    )
    request.park = row.park
    return row


def rating_page(request: HttpRequest, rating_id: int) -> HttpResponse:
    """Show a frozen rating as it stands, and whether recomputing gives the same hash."""
    row = _rating(request, rating_id)
    if row.state == Rating.State.CURRENT:
        return redirect(f"{reverse('stars', args=[row.park_id])}?scheme={row.scheme_id}")
    sheet = queries.build_sheet(row=row)
    matches = services.recompute_matches(frozen=row)
    list_url = reverse("rating_list", args=[row.park_id])
    context = {
        **sheet_context(sheet),
        "park": row.park,
        "row": row,
        "matches": matches,
        "crumbs": crumbs(row.park, stars_link(row.park), Link(_("Ratings"), list_url)),
    }
    return page(request, "assessment/rating.html", context)


def compare(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show what moved between two ratings of the park."""
    park = open_park(request, park_id)
    found = Rating.objects.filter(park=park).select_related("park")
    pair = []
    for name in ("before", "after"):
        pair.append(get_object_or_404(found, pk=key_in(request.GET.get(name, ""))))
    comparison = queries.compare_ratings(before=pair[0], after=pair[1])
    context = {
        "park": park,
        "comparison": comparison,
        "gain": f"{pair[1].total_proven - pair[0].total_proven:+,.2f}",
        "crumbs": crumbs(park, stars_link(park), Link(_("Ratings"), reverse("rating_list", args=[park.pk]))),
    }
    return page(request, "assessment/compare.html", context)


def rating_pdf(request: HttpRequest, rating_id: int) -> HttpResponse:
    """Hand out the report as PDF in the reader's language."""
    return _file_of(queries.build_sheet(row=_rating(request, rating_id)), "pdf")


def rating_xlsx(request: HttpRequest, rating_id: int) -> HttpResponse:
    """Hand out the workbook with live formulas in the reader's language."""
    return _file_of(queries.build_sheet(row=_rating(request, rating_id)), "xlsx")


def stars_file(request: HttpRequest, park_id: int, kind: str) -> HttpResponse:
    """Hand out what the star page shows, of its scheme and its day, as report or workbook.

    By the park: the number of a current rating is another as soon as something of the park changes.
    """
    park = open_park(request, park_id)
    try:
        sheet = sheet_of(park, request.GET.get("scheme", queries.MAIN_SCHEME), day_of(request))
    except queries.NotRated as reason:
        raise Http404 from reason
    return _file_of(sheet, kind)


def _file_of(sheet: queries.StarSheet, kind: str) -> HttpResponse:
    made = reports.make_file(sheet=sheet, kind=kind)
    return hand_out(made.content, made.content_type, made.name)
