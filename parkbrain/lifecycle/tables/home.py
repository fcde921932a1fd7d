"""What a person's home shows of their duties."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from ..queries import list_own_duties
from .lists import standing_badge

#: So many duties stand on a home page.
SHOWN = 6


def home_panel(request: HttpRequest, _subject: Any) -> dict[str, Any] | None:
    """Return what is open of the duties the person answers for; nothing where they answer for none."""
    rows = [r for r in list_own_duties(user=request.user, on=timezone.localdate()) if not r.is_settled]  # type: ignore[arg-type]
    return {"duty_rows": [(row, *standing_badge(row)) for row in rows[:SHOWN]]} if rows else None
