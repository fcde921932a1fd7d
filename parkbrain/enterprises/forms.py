"""What the address of a page says: the as-of date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import QueryDict


@dataclass(frozen=True)
class AsOf:
    """The day a page shows; `refused` is what was typed instead of a day."""

    on: date
    refused: str = ""


def as_of(*, params: QueryDict, today: date) -> AsOf:
    """Return the day of `?on=`, or today where none or no day is given."""
    typed = params.get("on", "").strip()
    if not typed:
        return AsOf(today)
    try:
        return AsOf(date.fromisoformat(typed))
    except ValueError:
        return AsOf(today, typed)
