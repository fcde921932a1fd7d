"""What the homes show of a park's carbon."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.calc.intervals import period_of
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.reading import read_once
from parkbrain.kernel.registry import Figure
from parkbrain.ui import formats

from .statement import build_statement


def get_carbon_tile(*, user: User, park: Park, on: date) -> dict[str, Any] | None:
    """Return scopes 1 and 2 of the last closed year by place and by contract, as the statement says them."""
    period = period_of("fy", on)
    with read_once():
        found = build_statement(park=park, period=period)
    url = f"{reverse('carbon_statement', args=[park.pk])}?from={period.starts_on}&to={period.last_on}"
    named = [
        ("carbon.location", _("Location-based"), found.scope_12),
        ("carbon.market", _("Market-based"), found.scope_12_market),
    ]
    return {
        "figures": [
            Figure(label, None if value is None else formats.number(value, 1), url, "tCO₂e", name=name)
            for name, label, value in named
        ],
        "note": _("Scopes 1 and 2 of %(year)s") % {"year": period.starts_on.year},
        "note_url": url,
    }
