"""The home pages, composed of tiles; the choice of tiles; the search over everything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page

from .. import queries, services
from .needs import needs_in_words, verify_in_words


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what needs the person today, by what they are and how they composed it."""
    kind, park, on = _asked(request)
    if kind == registry.OPERATOR_HOME and park is None:
        return page(request, "cockpit/empty.html", {})
    tiles = queries.list_shown_tiles(user=request.user, home=kind, park=park, on=on)
    drawn = [(one, _body(one)) for one in tiles]
    placed = {
        "full": [one for one in drawn if one[0].tile.size == "full"],
        "large": [one for one in drawn if one[0].tile.size == "large"],
        "flow": [one for one in drawn if one[0].tile.size not in {"full", "large"}],
    }
    context = {"park": park, "home": kind, "tiles": drawn, **placed, "sentence": _sentence(kind, tiles)}
    return page(request, "cockpit/home.html", context)


@require_safe
def home_tile(request: HttpRequest, tile_key: str) -> HttpResponse:
    """Show one tile by itself: what the home fetches after it is there, and a page of its own without a script."""
    kind, park, on = _asked(request)
    tile = queries.find_tile(user=request.user, home=kind, park=park, key=tile_key, on=on)
    if tile is None:
        raise Http404
    template = "cockpit/tile.html" if request.htmx and not request.htmx.boosted else "cockpit/tile_page.html"
    return page(request, template, {"park": park, "one": tile, "body": _body(tile)})


@require_http_methods(["GET", "POST"])
def home_tiles(request: HttpRequest) -> HttpResponse:
    """Choose which tiles the home has and in which order."""
    kind, park, _on = _asked(request)
    if kind == registry.OPERATOR_HOME and park is None:
        return redirect("home")
    refusal = ""
    if request.method == "POST":
        try:
            return _choose(request, kind, park)
        except services.CannotChooseTiles as wrong:
            refusal = str(wrong)
    context = {
        "park": park,
        "offered": queries.list_offered_tiles(user=request.user, home=kind, park=park),
        "is_own": queries.is_home_chosen(user=request.user, home=kind, park=park),
        "refusal": refusal,
    }
    return page(request, "cockpit/tiles.html", context, status=422 if refusal else 200)


def _choose(request: HttpRequest, kind: str, park: Park | None) -> HttpResponse:
    post = request.POST
    if "reset" in post:
        services.reset_tiles(home=kind, park=park, actor=request.user)
        messages.success(request, _("The home is as it is for your role again."))
        return redirect("home_tiles")
    chosen = set(post.getlist("tile"))
    order = [key for key in post.getlist("order") if key in chosen]
    for key, step in ((post.get("up"), -1), (post.get("down"), 1)):
        if key in order:
            place = order.index(key)
            order.insert(max(0, place + step), order.pop(place))
    services.choose_tiles(home=kind, park=park, tiles=order, actor=request.user)
    if "up" in post or "down" in post:
        return redirect("home_tiles")
    messages.success(request, _("Saved."))
    return redirect("home")


def _body(tile: queries.ShownTile) -> str:
    """Return what a tile shows as its module draws it; without the page's own context, which no tile needs."""
    return "" if tile.content is None else render_to_string(tile.tile.template, dict(tile.content))


def _asked(request: HttpRequest) -> tuple[str, Park | None, date]:
    """Return the kind of the person's home, the park it is of, and the day."""
    kind = queries.home_of(user=request.user)
    park = _current_park(request) if kind == registry.OPERATOR_HOME else None
    return kind, park, timezone.localdate()


def _sentence(kind: str, tiles: Sequence[queries.ShownTile]) -> str:
    """Return the home's state in one sentence, from what its tiles show."""
    content = {one.key: one.content or {} for one in tiles}
    if kind == registry.OPERATOR_HOME:
        parts = []
        if "cockpit.needs" in content:
            needs = content["cockpit.needs"]
            parts.append(needs_in_words(count=len(needs["items"]) + needs["hidden_count"]))
        if star := content.get("assessment.star", {}).get("star"):
            parts.append(star.sheet.sentence)
        return " ".join(parts)
    if kind == registry.BUREAU_HOME:
        return _("The parks you oversee.")
    if kind == registry.ASSESSOR_HOME:
        count = content.get("cockpit.verify", {}).get("count")
        return "" if count is None else verify_in_words(count=count)
    if content.get("cockpit.enterprise", {}).get("enterprises"):
        return _("Your enterprise, your premises and your park.")
    return _("The parks you work in.")


def _current_park(request: HttpRequest) -> Park | None:
    """Return the park chosen before among those the person operates, or the first of them."""
    own = Park.objects.visible_to(request.user, Permission.DECLARE_FACT).exclude(standing=Park.Standing.AS_STATED)
    own = own.select_related("branch")
    chosen = request.session.get("park_id")
    park = own.filter(pk=chosen).first() if chosen else None
    park = park or own.order_by("pk").first()
    if park is not None:
        request.park = park
    return park


def working_park(request: HttpRequest) -> Park | None:
    """Return the park the person opened or chose last; of those with one park alone, that one."""
    visible = Park.objects.visible_to(request.user).select_related("branch")
    if chosen := visible.filter(pk=request.session.get("park_id")).first():
        return chosen
    first = list(visible.exclude(standing=Park.Standing.AS_STATED).order_by("pk")[:2])
    own = _current_park(request) if request.user.may(Permission.DECLARE_FACT) else None
    return own or (first[0] if len(first) == 1 else None)


def search(request: HttpRequest) -> HttpResponse:
    """Find parks, firms, premises, indicators and facts by a few characters."""
    text = request.GET.get("q", "")[:80]
    groups = queries.search_everything(user=request.user, text=text, park=working_park(request))
    count = sum(len(hits) for _kind, hits in groups)
    context = {"text": text, "groups": groups, "count": count, "hint": _("Type a name, a code or a number.")}
    return page(request, "cockpit/search.html", context, parts=frozenset({"search-hits"}))
