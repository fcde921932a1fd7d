"""What the frame of every page shows: navigation, the current park, the demo banner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Role
from parkbrain.kernel.scope import memberships_of

#: The park switcher lists at most this many; beyond it, people search.
SWITCHER_LIMIT = 30


@dataclass(frozen=True)
class RailItem:
    """One entry of the left rail as the template needs it."""

    label: str
    url: str
    icon: str
    active: bool


def current_park(request: HttpRequest) -> Park | None:
    """Return the park the person works in: the page's own, the one chosen before, or their first."""
    page_park = getattr(request, "park", None)
    if page_park is not None:
        return page_park  # type: ignore[no-any-return]
    visible = Park.objects.visible_to(request.user)  # type: ignore[arg-type]
    chosen = request.session.get("park_id")
    if chosen and (park := visible.filter(pk=chosen).first()):
        return park
    return visible.exclude(standing=Park.Standing.AS_STATED).order_by("pk").first()


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the frame's context; anonymous pages have none of it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    park = current_park(request)
    # A park opened by its own page becomes the current one for the pages that follow.
    if park is not None and request.session.get("park_id") != park.pk and getattr(request, "park", None) is not None:
        request.session["park_id"] = park.pk
    items = []
    for item in sorted(registry.nav, key=lambda i: i.order):
        if item.permission and not user.may(item.permission):
            continue
        if item.needs_park and park is None:
            continue
        url = reverse(item.url_name, args=[park.pk] if item.needs_park and park else [])
        # The entry with the longest fitting beginning is the active one: a park's stars are not also its space.
        own = [p.replace("<park>", str(park.pk) if park else "") for p in item.prefixes]
        prefixes = [p for p in (url, *own) if request.path == p or (p != "/" and request.path.startswith(p))]
        items.append((max(map(len, prefixes), default=0), str(item.label), url, item.icon))
    best = max((length for length, *_rest in items), default=0)
    rail = [RailItem(label, url, icon, 0 < length == best) for length, label, url, icon in items]
    return {
        "nav": rail,
        "current_park": park,
        "park_choices": _park_choices(request, park),
        "role_names": sorted({str(Role(m.role).label) for m in memberships_of(user)}),
        "demo_notice": park.demo_notice if park else "",
    }


def _park_choices(request: HttpRequest, park: Park | None) -> list[Park]:
    parks = Park.objects.visible_to(request.user).only(  # type: ignore[arg-type]
        "pk", "code", "name_zh_hans", "name_zh_hant", "name_en"
    )
    shown = list(parks.order_by("pk")[:SWITCHER_LIMIT])
    # The park of the page is among them, or the switcher would name another one than the page shows.
    return shown if park is None or park in shown else [park, *shown[: SWITCHER_LIMIT - 1]]
