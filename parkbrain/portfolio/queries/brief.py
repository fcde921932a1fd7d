"""What the briefs say of a city."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Sentence
from parkbrain.ui import formats

from .city import MODERN_CLASS, get_overview, list_most_improved

#: So many parks are named that rose most.
NAMED = 3


def say_city(*, user: User, park: Park | None, since: date, on: date) -> list[Sentence]:
    """Say how many parks there are, how they stand, and which rose most."""
    totals, url = get_overview(user=user).totals, reverse("city")
    if not totals.park_count:
        return [Sentence(_("No park is kept yet."), url, 50)]
    text = ngettext(
        "%(count)s park is kept, %(modern)s of them with three stars or more.",
        "%(count)s parks are kept, %(modern)s of them with three stars or more.",
        totals.park_count,
    )
    values = {"count": formats.number(totals.park_count, 0), "modern": formats.number(totals.modern_count, 0)}
    stars = "&".join(f"stars={n}" for n in range(MODERN_CLASS, 6))
    said = [Sentence(text % values, f"{url}?{stars}", 60)]
    if totals.mean_total is not None and totals.mean_coverage is not None:
        values = {"points": formats.number(totals.mean_total, 1), "share": formats.percent(totals.mean_coverage)}
        mean = _("On average %(points)s points are proven and %(share)s is known.") % values
        said.append(Sentence(mean, f"{url}?sort=-total", 50))
    for one in list_most_improved(user=user, limit=NAMED):
        values = {"park": one.park.name, "points": formats.number(one.gain, 2), "day": one.since_on.isoformat()}
        rose = _("%(park)s rose by %(points)s points since %(day)s.") % values
        said.append(Sentence(rose, reverse("stars", args=[one.park.pk]), 30 + min(9.0, one.gain)))
    return said
