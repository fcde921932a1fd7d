"""The day a page shows: `?on=YYYY-MM-DD` in its address, today without one; links of the page keep it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_noop

from .said import Said

#: Days outside are slips of the keyboard; inside, adding and taking years never leaves the calendar.
FIRST_YEAR, LAST_YEAR = 1980, 2100
KEY = "on"


@dataclass(frozen=True)
class AsOf:
    """The day a page shows; `refused` is what was typed instead of a day."""

    on: date
    refused: str = ""


def read_as_of(typed: str, *, today: date) -> AsOf:
    """Return the typed day, or today where nothing or no day between 1980 and 2100 was typed."""
    typed = typed.strip()
    if not typed:
        return AsOf(today)
    try:
        on = date.fromisoformat(typed)
    except ValueError:
        return AsOf(today, typed[:40])
    return AsOf(on) if FIRST_YEAR <= on.year <= LAST_YEAR else AsOf(today, typed[:40])


def refusal(asked: AsOf) -> Said | None:
    """Return why the typed text is no day to show, None where it is one."""
    if not asked.refused:
        return None
    values = {"typed": asked.refused, "first": FIRST_YEAR, "last": LAST_YEAR}
    key = gettext_noop("“%(typed)s” is not a date between %(first)s and %(last)s (like 2026-06-30); today is shown.")
    return Said(key, values)


def day_of(request: HttpRequest) -> date:
    """Return the day the page shows and say so when the typed one is no day."""
    asked = read_as_of(request.GET.get(KEY, ""), today=timezone.localdate())
    if asked.refused:
        messages.warning(request, str(refusal(asked)))
    return asked.on


def kept_day(request: HttpRequest | None) -> str:
    """Return the day that links of this page keep, empty where the page shows today."""
    if request is None:
        return ""
    today = timezone.localdate()
    asked = read_as_of(request.GET.get(KEY, ""), today=today)
    return "" if asked.on == today else asked.on.isoformat()


def dated(url: str, kept: str) -> str:
    """Return an address of this installation with the kept day, unless it has a day of its own.

    >>> dated("/premises/7/", "2025-06-30")
    '/premises/7/?on=2025-06-30'
    >>> dated("/premises/7/?on=2024-01-01", "2025-06-30")
    '/premises/7/?on=2024-01-01'
    """
    if not kept or not url.startswith("/"):
        return url
    path, hash_, fragment = url.partition("#")
    if f"?{KEY}=" in path or f"&{KEY}=" in path:
        return url
    return f"{path}{'&' if '?' in path else '?'}{KEY}={kept}{hash_}{fragment}"
