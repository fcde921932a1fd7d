"""Sources: how they are, their tokens, and what was set aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User

from ..models import DeviceToken, KeptAside, ReadingsBatch, Source, SourceMinute, SourceQuerySet

#: How much came lately is said over this time.
WINDOW = timedelta(minutes=5)
#: A source that said nothing for this long is silent.
SILENT_AFTER = timedelta(minutes=30)

#: Why readings are set aside, in words.
REASONS = {
    "unknown_address": gettext_lazy("no point has this address"),
    "no_address": gettext_lazy("without an address"),
    "bad_row": gettext_lazy("the row cannot be read"),
    "bad_number": gettext_lazy("the value is no number"),
    "not_a_number": gettext_lazy("the value is not finite"),
    "impossible_value": gettext_lazy("larger than any meter shows"),
    "too_old": gettext_lazy("older than what is kept in full"),
    "no_value": gettext_lazy("without a value"),
    "bad_time": gettext_lazy("the time cannot be read"),
    "impossible_time": gettext_lazy("before 1990 or more than a day ahead"),
    "bad_quality": gettext_lazy("the quality mark is unknown"),
    "wrong_utf8": gettext_lazy("not UTF-8"),
    "empty": gettext_lazy("an empty message"),
    "unreadable": gettext_lazy("the message cannot be read"),
    "truncated": gettext_lazy("the compressed message ends too early"),
    "too_large": gettext_lazy("the message is too large"),
    "not_compressed": gettext_lazy("the message is not compressed as it says"),
    "unknown_encoding": gettext_lazy("an unknown compression"),
    "unknown_format": gettext_lazy("an unknown format"),
    "missing_column": gettext_lazy("a column is missing"),
    "column_lengths": gettext_lazy("columns of different lengths"),
}
SILENT, WELL, FAULT, NEVER, OFF = "silent", "well", "fault", "never", "off"


@dataclass(frozen=True)
class SourceRow:
    """A source as the list shows it: its state, how many points, how much comes, how much is set aside."""

    source: Source
    state: str
    points: int
    readings_per_minute: float
    set_aside: int


def reason_label(*, reason: str) -> str:
    """Return why something was set aside, in the active language."""
    return str(REASONS.get(reason, reason))


def state_label(*, state: str) -> tuple[str, str]:
    """Return the state of a source in words, with its tone."""
    return {
        WELL: (_("receiving"), "ok"),
        SILENT: (_("silent"), "warn"),
        FAULT: (_("fault"), "bad"),
        NEVER: (_("nothing came yet"), "info"),
        OFF: (_("off"), ""),
    }[state]


def list_sources(*, user: User, park: Park | None = None) -> SourceQuerySet:
    """Return the sources that the person may see."""
    sources = Source.objects.visible_to(user)
    return sources.filter(park=park) if park is not None else sources


def get_source(*, user: User, source_id: int) -> Source | None:
    """Return a source that the person may see, or None."""
    return Source.objects.visible_to(user).select_related("park__branch").filter(pk=source_id).first()


def source_rows(*, sources: Sequence[Source], at: datetime) -> list[SourceRow]:
    """Return sources with how they are."""
    ids = [s.pk for s in sources]
    points = dict(
        Source.objects.filter(pk__in=ids).annotate(count=Count("points")).order_by().values_list("pk", "count")
    )
    recent = SourceMinute.objects.filter(source__in=ids, minute_at__gt=at - WINDOW, minute_at__lte=at)
    taken = dict(recent.order_by().values("source").annotate(sum=Sum("taken")).values_list("source", "sum"))
    aside = KeptAside.objects.filter(source__in=ids, closed_at=None)
    set_aside = dict(aside.order_by().values("source").annotate(sum=Sum("times")).values_list("source", "sum"))
    minutes = WINDOW.total_seconds() / 60
    return [
        SourceRow(
            source=source,
            state=_state(source, at),
            points=points.get(source.pk, 0),
            readings_per_minute=taken.get(source.pk, 0) / minutes,
            set_aside=set_aside.get(source.pk, 0),
        )
        for source in sources
    ]


def _state(source: Source, at: datetime) -> str:
    if not source.is_active:
        return OFF
    if source.last_error:
        return FAULT
    if source.last_message_at is None:
        return NEVER
    return WELL if at - source.last_message_at <= SILENT_AFTER else SILENT


def list_minutes(*, source: Source, at: datetime, hours: int = 2) -> list[SourceMinute]:
    """Return how much came in each of the last minutes in which something came, the earliest first."""
    return list(source.minutes.filter(minute_at__gt=at - timedelta(hours=hours)).order_by("minute_at"))


def list_device_tokens(*, source: Source) -> list[DeviceToken]:
    """Return the tokens of a source, the newest first."""
    return list(source.device_tokens.all())


def list_kept_aside(*, source: Source, limit: int = 100) -> list[KeptAside]:
    """Return what is set aside of a source and still open, what came last first."""
    return list(source.kept_aside.filter(closed_at=None)[:limit])


def list_readings_batches(*, park: Park) -> QuerySet[ReadingsBatch]:
    """Return the readings of a park that came from files, the latest first."""
    return park.readings_batches.select_related("park", "document", "kept", "taken_by")
