"""What the briefs say of a park's star, its space and what is not known of it."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Sentence
from parkbrain.ui import formats

from ..models import Rating
from .schemes import MAIN_SCHEME
from .sheets import StarSheet
from .tiles import find_next_step, find_star_sheet, home_facts, next_step_url

#: So many indicators are named that moved a total most, and a smaller move is not worth a name [points].
NAMED, LEAST_MOVE = 3, 0.05


def say_star(*, user: User, park: Park, since: date, on: date) -> list[Sentence]:
    """Say the star, and against the last sealed rating before the day which indicators moved it."""
    sheet = find_star_sheet(park=park)
    url = reverse("stars", args=[park.pk])
    if sheet is None:
        return [Sentence(_("The park is not rated yet."), url, 60, key="star.now", values={"proven": None})]
    if sheet.rating.cut_off_on > on:
        text = _("How the star stood on %(day)s is on its page.") % {"day": on.isoformat()}
        return [Sentence(text, f"{url}?on={on.isoformat()}", 60, key="star.page")]
    unit = sheet.unit
    figures = {"class": unit.class_proven, "proven": unit.total_proven, "reachable": unit.total_reachable}
    said = [Sentence(sheet.sentence, url, 60, key="star.now", values={**figures, "unknown": sheet.unknown_count})]
    sealed = Rating.objects.filter(park=park, scheme_id=MAIN_SCHEME, state=Rating.State.FROZEN, cut_off_on__lt=on)
    before = sealed.order_by("-cut_off_on", "-pk").first()
    if before is None:
        return [*said, Sentence(_("No sealed rating is there to compare with."), url, 5, key="star.sealed")]
    change = sheet.unit.total_proven - before.total_proven
    values = {"day": before.cut_off_on.isoformat(), "points": formats.number(abs(change), 2)}
    if abs(change) < LEAST_MOVE:
        text = _("The total is as it was in the rating sealed on %(day)s.") % values
    elif change > 0:
        text = _("The total is %(points)s points above the rating sealed on %(day)s.") % values
    else:
        text = _("The total is %(points)s points below the rating sealed on %(day)s.") % values
    moved = {"points": change, "since": before.cut_off_on.isoformat()}
    return [*said, Sentence(text, url, 55, key="star.sealed", values=moved), *_moved(sheet, before, url)]


def _moved(sheet: StarSheet, before: Rating, url: str) -> list[Sentence]:
    then = before.result.get("indicators", {})
    moves = []
    for row in sheet.rows:
        # A sealed indicator is kept as value, state, proven, reachable and weight in force.
        old = then[row.id][2] if row.is_indicator and row.id in then else None
        if old is not None and row.proven is not None:
            points = (row.proven - old) * row.weight / 100
            if abs(points) >= LEAST_MOVE:
                moves.append((points, row.name, row.id))
    if not moves:
        return []
    moves.sort(key=lambda move: -abs(move[0]))
    named = _(", ").join(f"{name} {points:+.2f}" for points, name, _id in moves[:NAMED])
    values = {indicator: points for points, _name, indicator in moves[:NAMED]}
    text = _("It was moved most by %(indicators)s.") % {"indicators": named}
    return [Sentence(text, url, 54, key="star.moved", values=values)]


def say_occupancy(*, user: User, park: Park, since: date, on: date) -> list[Sentence]:
    """Say the let share and the vacant area."""
    facts = home_facts(park=park, on=on)
    leased, lettable, vacant = facts["leased_area_m2"], facts["leasable_area_m2"], facts["vacant_area_m2"]
    url = reverse("indicator_detail", args=[park.pk, MAIN_SCHEME, "F1.1"])
    if leased is None or not lettable:
        return [
            Sentence(_("How much of the area is let is not known."), url, 40, key="space.let", values={"share": None})
        ]
    share, let = formats.percent(leased / lettable), {"share": leased / lettable, "vacant_m2": vacant}
    if vacant is None:
        text = _("%(share)s of the area is let.") % {"share": share}
        return [Sentence(text, url, 40, key="space.let", values=let)]
    values = {"share": share, "vacant": formats.number(vacant, 0)}
    text = _("%(share)s of the area is let; %(vacant)s m² are vacant.") % values
    return [Sentence(text, url, 40, key="space.let", values=let)]


def say_step(*, user: User, park: Park, since: date, on: date) -> list[Sentence]:
    """Say the cheapest way to the next class."""
    sheet = find_star_sheet(park=park)
    # A plan is of today: a brief of a day that has passed does not speak of it.
    if sheet is None or sheet.rating.cut_off_on > on:
        return []
    step = find_next_step(park=park)
    if step is None:
        return []
    values = {
        "target": step.target,
        "cost": formats.number(step.cost_yuan, 0),
        "months": formats.number(step.months, 0),
    }
    text = ngettext(
        "The cheapest way to “%(target)s” is %(count)s measure for %(cost)s yuan in %(months)s months.",
        "The cheapest way to “%(target)s” is %(count)s measures for %(cost)s yuan in %(months)s months.",
        step.measure_count,
    )
    text %= {**values, "count": step.measure_count}
    figures = {"measures": step.measure_count, "yuan": step.cost_yuan, "months": step.months}
    return [Sentence(text, next_step_url(park=park), 30, key="star.step", values=figures)]


def say_gaps(*, user: User, park: Park, since: date, on: date) -> list[Sentence]:
    """Say how many facts are not known, and which of them most points hang on."""
    sheet = find_star_sheet(park=park)
    if sheet is None or sheet.rating.cut_off_on > on:
        return []
    url, count = reverse("fact_list", args=[park.pk]), sheet.unknown_count
    if not count:
        return [Sentence(_("No fact of the rating is unknown."), url, 5, key="facts.unknown", values={"count": 0})]
    text = ngettext("%(count)s fact is not known.", "%(count)s facts are not known.", count) % {"count": count}
    first = next((gap for gap in sheet.gaps if gap.facts), None)
    said = [Sentence(text, url, 25, key="facts.unknown", values={"count": count})]
    if first is not None:
        values = {"fact": first.facts[0].name, "points": formats.number(first.points, 1)}
        fact_url = reverse("fact_detail", args=[park.pk, first.facts[0].key])
        text = _("Most hangs on %(fact)s: up to %(points)s points.") % values
        hangs: dict[str, float | str | None] = {"fact": first.facts[0].key, "points": first.points}
        said.append(Sentence(text, fact_url, 24, key="facts.gain", values=hangs))
    return said
