"""Calendar files (iCalendar, RFC 5545) of all-day events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

#: RFC 5545, 3.1: a line is at most 75 octets long, without its break.
LINE_OCTETS = 75


@dataclass(frozen=True)
class DayEvent:
    """An all-day event; `uid` stays the same when the file is made again, so that calendars update it."""

    uid: str
    on: date
    summary: str
    description: str = ""


def escaped(text: str) -> str:
    r"""Return a text as a value of RFC 5545, 3.3.11.

    Examples
    --------
    >>> escaped("a, b; c")
    'a\\, b\\; c'
    """
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return text


def folded(line: str) -> str:
    """Return a line folded at 75 octets, never inside a character.

    Examples
    --------
    >>> [len(part.encode()) <= 75 for part in folded("SUMMARY:" + "证" * 40).split("\\r\\n")]
    [True, True]
    """
    parts, current, used = [], "", 0
    for char in line:
        size = len(char.encode())
        if used + size > LINE_OCTETS:
            parts.append(current)
            # The space that marks a continued line counts among its octets.
            current, used = " ", 1
        current += char
        used += size
    return "\r\n".join([*parts, current])


def calendar(events: Sequence[DayEvent], *, name: str, written_at: datetime) -> str:
    """Return the calendar file.

    Parameters
    ----------
    events
        All-day events.
    name
        Name that calendars show.
    written_at
        When the file is made [aware, UTC].

    Raises
    ------
    ValueError
        If `written_at` has no zone.
    """
    if written_at.tzinfo is None:
        raise ValueError("written_at has no zone")
    stamp = f"{written_at:%Y%m%dT%H%M%SZ}"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//ParkBrain//Record//EN", f"X-WR-CALNAME:{escaped(name)}"]
    for event in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{escaped(event.uid)}",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{event.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{event.on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{escaped(event.summary)}",
        ]
        if event.description:
            lines.append(f"DESCRIPTION:{escaped(event.description)}")
        lines.append("END:VEVENT")
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)
