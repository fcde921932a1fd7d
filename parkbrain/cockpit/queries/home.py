"""What needs a person today, and what a search over everything finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from parkbrain.assessment.models import Rating
from parkbrain.assessment.queries import MAIN_SCHEME, list_declared_unverified, points_by_fact
from parkbrain.assessment.queries.lists import UnverifiedLine
from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.kernel import registry, scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.reading import read_once
from parkbrain.kernel.registry import Attention, SearchHit
from parkbrain.kernel.roles import Permission

#: At most this many items of one kind of urgency stand on the home page.
SHOWN = 12
PER_PROVIDER = 4
#: So many of them fit a home without scrolling.
ON_TILE = 10
#: So many facts to verify stand on an assessor's home without scrolling.
ASSESSOR_LINES = 16
#: So many parks stand on a home by name.
NAMED_PARKS = 12


@dataclass(frozen=True)
class Needs:
    """All that needs a person of one kind, what is due first, then what weighs most."""

    key: str
    label: str
    items: Sequence[Attention]


@dataclass(frozen=True)
class MoreNeeds:
    """How much more of a kind needs a person than is shown."""

    key: str
    label: str
    count: int


@dataclass(frozen=True)
class ToVerify:
    """A declared fact that waits for a finding, and the points that hang on it."""

    line: UnverifiedLine
    points: float


def list_needs(*, user: User, park: Park, on: date) -> list[Needs]:
    """Return everything that needs the person in a park, by its kind; kinds that need nothing are left out."""
    with read_once():
        asked = [(key, kind, kind.ask(user=user, park=park, on=on)) for key, kind in registry.attention.items()]
    return [Needs(key, str(kind.label), _pressing_first(found)) for key, kind, found in asked if found]


def list_attention(*, user: User, park: Park, on: date, limit: int = SHOWN) -> tuple[list[Attention], list[MoreNeeds]]:
    """Return what needs the person in a park, most pressing first, and of which kinds there is how much more."""
    kinds = list_needs(user=user, park=park, on=on)
    shown = _pressing_first([item for kind in kinds for item in kind.items[:PER_PROVIDER]])[:limit]
    kept = {id(item) for item in shown}
    left = [MoreNeeds(kind.key, kind.label, sum(id(item) not in kept for item in kind.items)) for kind in kinds]
    return shown, [more for more in left if more.count]


def _pressing_first(items: Sequence[Attention]) -> list[Attention]:
    """Return what is due first, then what weighs most."""
    order = {"bad": 0, "warn": 1, "info": 2}
    return sorted(items, key=lambda item: (order.get(item.tone, 3), item.due_on or date.max, -item.weight))


def get_needs_tile(*, user: User, park: Park, on: date) -> dict[str, Any]:
    """Return what needs the person in a park, for their home."""
    items, hidden = list_attention(user=user, park=park, on=on, limit=ON_TILE)
    return {"items": items, "hidden": hidden, "hidden_count": sum(more.count for more in hidden), "park": park}


def get_verify_tile(*, user: User, park: Park | None, on: date) -> dict[str, Any]:
    """Return the declared facts that wait for an assessor, as many as a home has room for."""
    lines = list_to_verify(user=user)
    return {"lines": lines[:ASSESSOR_LINES], "count": len(lines), "hidden": max(0, len(lines) - ASSESSOR_LINES)}


def get_parks_tile(*, user: User, park: Park | None, on: date) -> dict[str, Any] | None:
    """Return the parks of a person, each with its kept star where one was kept."""
    permission = Permission.VERIFY_FACT if user.may(Permission.VERIFY_FACT) else Permission.VIEW_PARK
    found = list(Park.objects.visible_to(user, permission).order_by("pk")[: NAMED_PARKS + 1])
    parks = found[:NAMED_PARKS]
    published = list_published(parks=parks)
    opens_stars = user.may(Permission.VIEW_RATING)
    rows = [(one, published.get(one.pk)) for one in parks]
    return {"parks": rows, "opens_stars": opens_stars, "is_cut": len(found) > len(parks)} if parks else None


def get_enterprise_tile(*, user: User, park: Park | None, on: date) -> dict[str, Any] | None:
    """Return the enterprises that a person acts for."""
    found = list_own_enterprises(user=user)
    return {"enterprises": found} if found else None


def get_premises_tile(*, user: User, park: Park | None, on: date) -> dict[str, Any] | None:
    """Return the premises of the enterprises that a person acts for."""
    found = list_own_occupancies(user=user, on=on)
    return {"stays": found} if found else None


def list_to_verify(*, user: User) -> list[ToVerify]:
    """Return the declared facts that wait for an assessor, those first on which most points hang."""
    points = points_by_fact()
    newest: dict[tuple[int, str], UnverifiedLine] = {}
    for line in list_declared_unverified(user=user):
        newest.setdefault((line.park.pk, line.fact.key), line)
    found = [ToVerify(line, points.get(line.fact.key, 0.0)) for line in newest.values()]
    return sorted(found, key=lambda item: -item.points)


def list_own_occupancies(*, user: User, on: date) -> list[Occupancy]:
    """Return where the enterprises a tenant acts for are on a day."""
    own = Occupancy.objects.filter(enterprise__uscc__in=scope.own_enterprise_codes(user)).current_on(on)
    return list(own.select_related("premises__building", "premises__park").order_by("premises__code"))


def list_own_enterprises(*, user: User) -> list[Enterprise]:
    """Return the enterprises a tenant acts for."""
    return list(Enterprise.objects.filter(uscc__in=scope.own_enterprise_codes(user)).order_by("uscc"))


def list_published(*, parks: Sequence[Park]) -> Mapping[int, Rating]:
    """Return the latest frozen rating of each park: what everybody who may see the park may know."""
    found: dict[int, Rating] = {}
    rows = Rating.objects.filter(park__in=parks, scheme_id=MAIN_SCHEME, state=Rating.State.FROZEN)
    for row in rows.defer("inputs", "result").order_by("cut_off_on"):
        found[row.park_id] = row
    return found


def search_pages(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the pages of the rail whose name holds the words, those the person may open."""
    wanted = text.casefold()
    found = [
        SearchHit(kind=gettext("Go to"), label=str(item.label), url=reverse(item.url_name))
        for item in registry.nav
        if not item.needs_park
        and wanted in str(item.label).casefold()
        and (item.permission is None or user.may(item.permission))
    ]
    return found[:limit]


def search_everything(
    *, user: User, text: str, park: Park | None = None, limit: int = 6
) -> list[tuple[str, list[SearchHit]]]:
    """Return what the words find, by kind, within the person's scope; `park` is the one the person works in."""
    words = text.strip()
    if not words:
        return []
    groups: dict[str, list[SearchHit]] = {}
    found = [provide(user, words, limit) for provide in registry.search]
    found += [provide(user, words, limit, park) for provide in registry.park_search]
    for hits in found:
        for hit in hits:
            groups.setdefault(str(hit.kind), []).append(hit)
    typed = words.casefold()

    def is_looser(group: tuple[str, list[SearchHit]]) -> bool:
        return not any(str(hit.label).casefold().startswith(typed) for hit in group[1])

    # A firm whose name begins with what was typed stands before a meter that has it somewhere in its name.
    return sorted(groups.items(), key=is_looser)
