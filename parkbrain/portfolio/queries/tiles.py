"""What the home of a bureau shows of its city."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.assessment.models import Rating
from parkbrain.assessment.queries import MAIN_SCHEME, get_scheme
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Figure
from parkbrain.ui import formats

from .city import MODERN_CLASS, list_most_improved, ratings_of
from .overview import get_overview

#: So many parks stand on a tile by name.
NAMED = 8
STARS = 5


def get_totals_tile(*, user: User, park: Park | None, on: date) -> dict[str, Any] | None:
    """Return the city in four numbers."""
    totals, url = get_overview(user=user).totals, reverse("city")
    mean = None if totals.mean_total is None else formats.number(totals.mean_total, 1)
    share = None if totals.modern_share is None else formats.percent(totals.modern_share)
    known = None if totals.mean_coverage is None else formats.percent(totals.mean_coverage)
    return {
        "row": True,
        "figures": [
            Figure(_("Parks"), formats.number(totals.park_count, 0), url, name="rows"),
            Figure(
                _("Three stars or more"),
                formats.number(totals.modern_count, 0),
                f"{url}?{'&'.join(f'stars={n}' for n in range(MODERN_CLASS, STARS + 1))}",
                detail=share or "",
                name="rows",
                detail_name="city.whole_share",
            ),
            Figure(_("Mean total proven"), mean, f"{url}?sort=-total", name="city.mean"),
            Figure(_("Known on average"), known, f"{url}?sort=coverage", name="city.known"),
        ],
    }


def get_districts_tile(*, user: User, park: Park | None, on: date) -> dict[str, Any] | None:
    """Return the districts with their parks."""
    lines = get_overview(user=user).lines
    return {"lines": lines} if lines else None


def get_strongest_tile(*, user: User, park: Park | None, on: date) -> dict[str, Any] | None:
    """Return the parks with most points proven."""
    return _named(user, "-total_proven", "-total")


def get_unknown_tile(*, user: User, park: Park | None, on: date) -> dict[str, Any] | None:
    """Return the parks of which least is known."""
    return _named(user, "coverage", "coverage")


def _named(user: User, order: str, sort: str) -> dict[str, Any] | None:
    """Return the first parks in an order, and the list that goes on in it where there are more."""
    found: list[Rating] = list(
        ratings_of(user=user).select_related("park").defer("inputs", "result").order_by(order, "pk")[: NAMED + 1]
    )
    all_url = f"{reverse('city')}?sort={sort}" if len(found) > NAMED else ""
    classes = get_scheme(scheme_id=MAIN_SCHEME).outcome.classes
    held = {
        row.pk for row in found if any(row.class_proven < c.rank and row.total_proven >= c.min_total for c in classes)
    }
    return {"rows": found[:NAMED], "held": held, "all_url": all_url} if found else None


def get_classes_tile(*, user: User, park: Park | None, on: date) -> dict[str, Any] | None:
    """Return how many parks have proven each number of stars."""
    counts, url = get_overview(user=user).counts, reverse("city")
    if not sum(counts.values()):
        return None
    return {
        "figures": [
            Figure(
                ngettext("%(stars)s star", "%(stars)s stars", stars) % {"stars": stars},
                formats.number(counts.get(stars, 0), 0),
                f"{url}?stars={stars}",
                name="rows",
            )
            for stars in range(STARS, -1, -1)
        ]
    }


def get_improved_tile(*, user: User, park: Park | None, on: date) -> dict[str, Any] | None:
    """Return the parks whose total rose most between their last two kept ratings."""
    found = list_most_improved(user=user)
    return {"improved": found[:NAMED]} if found else None
