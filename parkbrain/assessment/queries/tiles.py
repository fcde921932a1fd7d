"""What the homes show of a park's star: the class, the way to the next one, and facts as the rating took them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.reading import shared
from parkbrain.kernel.registry import Figure
from parkbrain.ui import formats

from ..models import StarCertainty
from .facts import gather_facts
from .plans import NextStep, facts_hash, get_next_step
from .schemes import MAIN_SCHEME, get_catalogue
from .sheets import NotRated, StarSheet, get_star_sheet

#: The sentences of what misses for the next class that a tile has room for.
REASONS = 3


@dataclass(frozen=True)
class StarTile:
    """A park's star with what stands between it and the next one, and how sure the city's drawing was of it."""

    sheet: StarSheet
    reasons: Sequence[str]
    more_count: int
    certainty: StarCertainty | None

    @property
    def band(self) -> tuple[float, float] | None:
        """The 5 and 95 % quantiles of the total."""
        quantiles = self.certainty.quantiles if self.certainty else []
        return (float(quantiles[0]), float(quantiles[-1])) if quantiles else None


@shared
def find_star_sheet(*, park: Park) -> StarSheet | None:
    """Return the current rating of a park by the main scheme; None where it is not rated."""
    try:
        return get_star_sheet(park=park)
    except NotRated:
        return None


@shared
def find_next_step(*, park: Park) -> NextStep | None:
    """Return the cheapest way to the next class in one line; None where the park is not rated or no way is known."""
    sheet = find_star_sheet(park=park)
    return None if sheet is None else get_next_step(sheet=sheet)


def next_step_url(*, park: Park) -> str:
    """Return the page of the cheapest way to the next class, asked for no certainty, as the home asks."""
    return f"{reverse('next_star', args=[park.pk])}?certainty=0"


def get_star_tile(*, user: User, park: Park, on: date) -> dict[str, Any] | None:
    """Return the star of a park with its band; the band is shown while the drawing was of the same facts."""
    sheet = find_star_sheet(park=park)
    if sheet is None:
        return None
    drawn = StarCertainty.objects.filter(park=park, scheme_id=MAIN_SCHEME).first()
    if drawn is not None and drawn.facts_hash != facts_hash(inputs=sheet.inputs):
        drawn = None
    reasons = sheet.next_step
    return {"star": StarTile(sheet, reasons[:REASONS], max(0, len(reasons) - REASONS), drawn), "park": park}


def get_dimension_tile(*, user: User, park: Park, on: date) -> dict[str, Any] | None:
    """Return the dimensions of a park's rating."""
    sheet = find_star_sheet(park=park)
    return None if sheet is None else {"sheet": sheet, "park": park}


def get_step_tile(*, user: User, park: Park, on: date) -> dict[str, Any] | None:
    """Return the cheapest way to the next class: what it costs, how long it takes, how many measures it needs."""
    if find_star_sheet(park=park) is None:
        return None
    step, url = find_next_step(park=park), next_step_url(park=park)
    if step is None:
        return {"note": _("No way to a higher class is known from the measures at hand."), "note_url": url}
    return {
        "figures": [
            Figure(step.target, formats.number(step.cost_yuan), url, _("yuan"), name="plan.cost"),
            Figure(_("Months needed"), formats.number(step.months), url, name="plan.months"),
            Figure(_("Measures"), formats.number(step.measure_count), url, name="plan.measures"),
        ],
    }


def find_gain(*, park: Park, fact_key: str) -> float | None:
    """Return the most points that filling a fact in may gain, as the home and the stars say; None where it opens none."""
    sheet = find_star_sheet(park=park)
    gaps = sheet.gaps if sheet else []
    return next((gap.points for gap in gaps if fact_key in {one.key for one in gap.facts}), None)


def get_gaps_tile(*, user: User, park: Park, on: date) -> dict[str, Any] | None:
    """Return the unknown facts on which most points hang."""
    sheet = find_star_sheet(park=park)
    if sheet is None:
        return None
    figures = [
        Figure(
            gap.facts[0].name,
            formats.number(gap.points, 1),
            reverse("fact_detail", args=[park.pk, gap.facts[0].key]),
            name="fact.gain",
        )
        for gap in sheet.gaps[:6]
        if gap.facts
    ]
    unknown_url = f"{reverse('fact_list', args=[park.pk])}?standing=u&scheme={sheet.scheme.id}"
    unknown = Figure(_("Unknown facts"), str(sheet.unknown_count), unknown_url, name="facts")
    return {"figures": [unknown, *figures], "note": _("Points that filling in may gain at most.")}


def values_of(*, park: Park, keys: Sequence[str], on: date) -> list[float | None]:
    """Return facts as the park's rating of the day took them, so that the home says what the stars say; else gathered."""
    sheet = find_star_sheet(park=park)
    if sheet is not None and sheet.rating.cut_off_on == on:
        return [sheet.input_fact(key=key).value if key in sheet.inputs else None for key in keys]
    gathered = gather_facts(park_ids=[park.pk], cut_off_on=on, keys=keys).values[0]
    return [None if value != value else float(value) for value in gathered]


#: Facts of the homes: they are gathered together, so that several tiles ask once.
_KEYS = ("leased_area_m2", "leasable_area_m2", "vacant_area_m2", "tenants_active", "total_output_wan")


@shared
def home_facts(*, park: Park, on: date) -> dict[str, float | None]:
    """Return the facts of a park that its home shows, each None where it is not known."""
    return dict(zip(_KEYS, values_of(park=park, keys=_KEYS, on=on), strict=True))


def _figure(park: Park, key: str, value: float | None) -> Figure:
    """Return a fact as a number that opens its page."""
    fact = get_catalogue()[key]
    text = None if value is None else formats.number(value)
    return Figure(
        fact.name, text, reverse("fact_detail", args=[park.pk, key]), formats.unit(fact.unit), name="fact.value"
    )


def get_occupancy_tile(*, user: User, park: Park, on: date) -> dict[str, Any] | None:
    """Return the let share of the area that can be let, and the areas behind it."""
    facts = home_facts(park=park, on=on)
    leased, lettable = facts["leased_area_m2"], facts["leasable_area_m2"]
    share = formats.percent(leased / lettable) if leased is not None and lettable else None
    url = reverse("indicator_detail", args=[park.pk, MAIN_SCHEME, "F1.1"])
    areas = [_figure(park, key, facts[key]) for key in ("leased_area_m2", "vacant_area_m2")]
    return {"figures": [Figure(_("Let share"), share, url, name="indicator.value"), *areas]}


def get_firms_tile(*, user: User, park: Park, on: date) -> dict[str, Any] | None:
    """Return how many firms are in the park and what they put out in a year."""
    facts = home_facts(park=park, on=on)
    return {"figures": [_figure(park, key, facts[key]) for key in ("tenants_active", "total_output_wan")]}
