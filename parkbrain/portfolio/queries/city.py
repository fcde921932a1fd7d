"""What is so in a city: the parks of a person's branches under the main scheme, counted, by district and as a list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.core.cache import cache
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import get_language, gettext, gettext_lazy

from parkbrain.assessment.models import Rating
from parkbrain.assessment.queries import MAIN_SCHEME, describe, get_scheme, rated_state, ratings_state
from parkbrain.kernel import audit
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.names import localized
from parkbrain.kernel.reading import shared
from parkbrain.kernel.roles import MAY, Permission
from parkbrain.kernel.scope import branches_q, memberships_of
from parkbrain.schemes import path
from parkbrain.ui.formats import with_unit

SHAPES = Path(__file__).resolve().parent.parent / "data" / "shenzhen_districts.geojson"
#: What the audit trail says when parks were written down or changed, or when a table that did was taken back.
PARK_EVENTS = ("space.park.added", "space.park.changed", "intake.batch.rolled_back")
#: From this class on a park counts as modern.
MODERN_CLASS = 3


@dataclass(frozen=True)
class Statement:
    """What somebody said in public of a real park, as it was said."""

    name: str
    value: str
    bound: str
    year: int | None
    as_written: str
    note: str


#: Rings of longitude and latitude [degrees].
Rings = tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True)
class Shape:
    """A district's outline: its codes, name and rings of longitude and latitude."""

    codes: Sequence[str]
    name: str
    rings: Rings


def ratings_of(*, user: User) -> QuerySet[Rating]:
    """Return the current ratings of the parks that the person oversees; public statements are no ratings."""
    return (
        Rating.objects.visible_to(user, Permission.VIEW_CITY)
        .filter(scheme_id=MAIN_SCHEME, state=Rating.State.CURRENT)
        .exclude(park__standing=Park.Standing.AS_STATED)
    )


@shared
def list_district_names() -> dict[str, str]:
    """Return the names of the districts by their codes, in the active language."""
    return {
        b.code: localized(zh_hans=b.name_zh_hans, zh_hant=b.name_zh_hant, en=b.name_en)
        for b in Branch.objects.filter(kind=Branch.Kind.DISTRICT)
    }


@lru_cache(maxsize=1)
def get_article() -> Mapping[str, Any]:
    """Return the shipped public statements about real parks."""
    return yaml.safe_load(path("article_parks.yaml").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


#: How the source limits a figure that it does not give exactly.
BOUNDS = {
    "about": gettext_lazy("about"),
    "at_least": gettext_lazy("at least"),
    "at_most": gettext_lazy("at most"),
    "more_than": gettext_lazy("more than"),
}


def get_park_statements(*, park: Park) -> dict[str, Any] | None:
    """Return what is said in public of a real park, with its source; None for every other park."""
    if park.standing != Park.Standing.AS_STATED:
        return None
    article = get_article()
    said = next((p["statements"] for p in article["parks"] if p["id"] == park.code), None)
    if not said:
        return None
    source = article["source"]
    return {
        "lines": [_statement(one) for one in said],
        "source": describe(value=source["name"]),
        "notice": describe(value=source["notice"]),
    }


def _statement(said: Mapping[str, Any]) -> Statement:
    value, bound = said["value"], said.get("bound", "")
    if isinstance(value, dict):
        text = describe(value=value)
    elif isinstance(value, bool):
        text = gettext("yes") if value else gettext("no")
    else:
        text = with_unit(value, "" if said["unit"] in {"count", "boolean"} else said["unit"])
    return Statement(
        name=describe(value=said["name"]),
        value=text,
        bound=str(BOUNDS[bound]) if bound else "",
        year=said.get("year"),
        as_written=said["as_written"],
        note=describe(value=said["note"]) if said.get("note") else "",
    )


@lru_cache(maxsize=1)
def _shapes() -> Sequence[tuple[Mapping[str, str], Sequence[str], Rings]]:
    features = json.loads(SHAPES.read_text(encoding="utf-8"))["features"]
    return [
        (
            f["properties"],
            f["properties"]["codes"],
            tuple(tuple((x, y) for x, y in ring) for polygon in f["geometry"]["coordinates"] for ring in polygon),
        )
        for f in features
    ]


def list_shapes() -> list[Shape]:
    """Return the outlines that ship, with their names in the active language."""
    return [
        Shape(codes, localized(zh_hans=p["name_zh_hans"], zh_hant=p["name_zh_hant"], en=p["name_en"]), rings)
        for p, codes, rings in _shapes()
    ]


def list_dimensions() -> list[tuple[str, str]]:
    """Return the main scheme's first level: id and name."""
    return [(node.id, describe(value=node.name)) for node in get_scheme(scheme_id=MAIN_SCHEME).root.children]


def ratings_key(*, what: str, user: User) -> str:
    """Return the key of something formed once for each set of branches, language and state of the ratings."""
    return f"portfolio.{what}.{_place_of(user=user)}.{ratings_state()}"


def parks_key(*, what: str, user: User) -> str:
    """Return the key of something formed once for each set of branches, language and state of the rated parks."""
    return f"portfolio.{what}.{_place_of(user=user)}.{parks_state()}"


@shared
def parks_state() -> str:
    """Return what stays the same as long as the same parks are rated and no park was changed, whatever the ratings say."""
    return f"{rated_state()}.{audit.newest_of(codes=PARK_EVENTS)}"


@shared
def _place_of(*, user: User) -> str:
    paths = sorted(m.branch.path for m in memberships_of(user) if Permission.VIEW_CITY in MAY[m.role])
    return hashlib.sha256(f"{get_language()} {paths}".encode()).hexdigest()


@dataclass(frozen=True)
class ParkPoint:
    """A park's place on the map with its proven stars."""

    park_id: int
    longitude: float
    latitude: float
    stars: int


def list_points(*, user: User) -> list[ParkPoint]:
    """Return the places of the rated parks that have one, those with most stars last; kept as the overview is."""
    ratings = ratings_of(user=user)
    key = ratings_key(what="points", user=user)
    known: list[ParkPoint] | None = cache.get(key)
    if known is None:
        placed = ratings.filter(park__longitude__isnull=False, park__latitude__isnull=False).order_by("class_proven")
        fields = ("park_id", "park__longitude", "park__latitude", "class_proven")
        known = [ParkPoint(*row) for row in placed.values_list(*fields)]
        cache.set(key, known, timeout=3600)
    return known


@dataclass(frozen=True)
class Improvement:
    """A park whose proven total has grown since its last sealed rating."""

    park: Park
    before: float
    now: float
    since_on: date
    url: str

    @property
    def gain(self) -> float:
        """Points won."""
        return self.now - self.before


def list_most_improved(*, user: User, limit: int = 5) -> list[Improvement]:
    """Return the parks that won most points since their last sealed rating; empty where none was sealed."""
    sealed = {
        row.park_id: row
        for row in Rating.objects.visible_to(user, Permission.VIEW_CITY)
        .filter(scheme_id=MAIN_SCHEME, state=Rating.State.FROZEN)
        .defer("inputs", "result")
        .order_by("cut_off_on")
    }
    now = ratings_of(user=user).filter(park__in=sealed).select_related("park").defer("inputs", "result")
    found = [
        Improvement(
            row.park,
            sealed[row.park_id].total_proven,
            row.total_proven,
            sealed[row.park_id].cut_off_on,
            f"{reverse('rating_compare', args=[row.park_id])}?before={sealed[row.park_id].pk}&after={row.pk}",
        )
        for row in now
    ]
    return sorted((one for one in found if one.gain > 0), key=lambda one: -one.gain)[:limit]


@shared
def list_operators(*, user: User) -> list[Branch]:
    """Return the operators of the person's branches."""
    within = branches_q(user, Permission.VIEW_CITY, field="path")
    # An operator of whose parks only public statements are known keeps no park of the list.
    stated = Branch.objects.filter(park__standing=Park.Standing.AS_STATED).values("parent")
    operators = Branch.objects.filter(within, kind=Branch.Kind.OPERATOR).exclude(pk__in=stated)
    return list(operators.order_by("name_zh_hans"))


def list_stated_parks(*, user: User) -> list[Park]:
    """Return the real parks of which only public statements are known."""
    visible = Park.objects.visible_to(user, Permission.VIEW_CITY)
    return list(visible.filter(standing=Park.Standing.AS_STATED).order_by("code"))
