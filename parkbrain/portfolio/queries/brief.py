"""What the briefs say of a city."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Sentence
from parkbrain.ui import formats

from .city import MODERN_CLASS, list_most_improved
from .overview import get_overview

#: So many parks are named that rose most.
NAMED = 3


def say_city(*, user: User, park: Park | None, since: date, on: date) -> list[Sentence]:
    """Say how many parks there are, how they stand, and which rose most."""
    totals, url = get_overview(user=user).totals, reverse("city")
    if not totals.park_count:
        return [Sentence(_("No park is kept yet."), url, 50, key="portfolio.parks", values={"parks": 0})]
    text = ngettext(
        "%(count)s park is kept, %(modern)s of them with three stars or more.",
        "%(count)s parks are kept, %(modern)s of them with three stars or more.",
        totals.park_count,
    )
    values = {"count": formats.number(totals.park_count, 0), "modern": formats.number(totals.modern_count, 0)}
    stars = "&".join(f"stars={n}" for n in range(MODERN_CLASS, 6))
    counted = {"parks": totals.park_count, "modern": totals.modern_count}
    said = [Sentence(text % values, f"{url}?{stars}", 60, key="portfolio.parks", values=counted)]
    if totals.mean_total is not None and totals.mean_coverage is not None:
        values = {"points": formats.number(totals.mean_total, 1), "share": formats.percent(totals.mean_coverage)}
        mean = _("On average %(points)s points are proven and %(share)s is known.") % values
        figures = {"points": totals.mean_total, "coverage": totals.mean_coverage}
        said.append(Sentence(mean, f"{url}?sort=-total", 50, key="portfolio.mean", values=figures))
    for one in list_most_improved(user=user, limit=NAMED):
        values = {"park": one.park.name, "points": formats.number(one.gain, 2), "day": one.since_on.isoformat()}
        rose = _("%(park)s rose by %(points)s points since %(day)s.") % values
        gained: dict[str, float | str | None] = {"points": one.gain, "since": one.since_on.isoformat()}
        weight = 30 + min(9.0, one.gain)
        said.append(Sentence(rose, one.url, weight, key=f"portfolio.rose.{one.park.pk}", values=gained))
    return said
