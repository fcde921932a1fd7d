"""What the briefs say of duties."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Sentence

from .standing import SOON_DAYS
from .tiles import get_duties_tile


def say_duties(*, user: User, park: Park, since: date, on: date) -> list[Sentence]:
    """Say how many duties are late and how many come soon, with the numbers of the home."""
    tile = get_duties_tile(user=user, park=park, on=on)
    if tile is None:
        return []
    late, soon = tile["figures"]
    overdue, coming = int(late.value), int(soon.value)
    return [
        Sentence(
            late_in_words(count=overdue),
            late.url,
            65 if overdue else 7,
            late.tone,
            key="lifecycle.late",
            values={"count": overdue},
        ),
        Sentence(
            soon_in_words(count=coming), soon.url, 35 if coming else 6, key="lifecycle.soon", values={"count": coming}
        ),
    ]


def late_in_words(*, count: int) -> str:
    """Say how many duties are late."""
    if not count:
        return _("No duty is late.")
    text = ngettext("%(count)s duty is late or has lapsed.", "%(count)s duties are late or have lapsed.", count)
    return text % {"count": count}


def soon_in_words(*, count: int) -> str:
    """Say how many duties come soon."""
    values = {"count": count, "days": SOON_DAYS}
    if not count:
        return _("No duty is due within %(days)s days.") % values
    text = ngettext(
        "%(count)s duty is due within %(days)s days.", "%(count)s duties are due within %(days)s days.", count
    )
    return text % values
