"""What a person's home shows of their duties."""

from __future__ import annotations

from datetime import date
from typing import Any

from parkbrain.kernel.models import Park, User

from ..queries import list_own_duties
from .lists import standing_badge

#: So many duties stand on a home page.
SHOWN = 6


def get_own_tile(*, user: User, park: Park | None, on: date) -> dict[str, Any] | None:
    """Return what is open of the duties the person answers for; nothing where they answer for none."""
    rows = [r for r in list_own_duties(user=user, on=on) if not r.is_settled]
    return {"duty_rows": [(row, *standing_badge(row)) for row in rows[:SHOWN]]} if rows else None
