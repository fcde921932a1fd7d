"""What the briefs say of a park's carbon."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Sentence

from .tiles import get_carbon_tile


def say_carbon(*, user: User, park: Park, since: date, on: date) -> list[Sentence]:
    """Say scopes 1 and 2 of the last closed year, as the home and the statement have them."""
    tile = get_carbon_tile(user=user, park=park, on=on)
    figure = tile["figures"][0] if tile else None
    if tile is None or figure is None:
        return []
    if figure.value is None:
        text = _("%(what)s are not known.") % {"what": tile["note"]}
        return [Sentence(text, figure.url, 12, key="carbon.scopes", values={"tco2e": None})]
    values = {"what": tile["note"], "value": figure.value}
    text = _("%(what)s: %(value)s tCO₂e, location-based.") % values
    return [Sentence(text, figure.url, 15, key="carbon.scopes", values={"tco2e": figure.value})]
