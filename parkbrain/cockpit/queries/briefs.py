"""The brief of a park or a city: what its modules say of a day or a month, the weightiest first; kept or composed now."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language

from parkbrain.kernel import registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.reading import read_once
from parkbrain.kernel.registry import Sentence, SentenceMaker
from parkbrain.kernel.roles import MAY, Permission
from parkbrain.kernel.scope import memberships_of

from ..models import KeptBrief

DAY, MONTH = KINDS = ("day", "month")
#: Figures that differ by less are the same.
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Brief:
    """What is said of a park, or of a city where `park` is None, from one day to another.

    `sent_at` is None where it was composed now; `makers` are the modules that were asked, `said_by` tells by the keys of
    sentences which of them said what.
    """

    park: Park | None
    kind: str
    since: date
    on: date
    sentences: Sequence[Sentence]
    makers: Collection[str] = ()
    sent_at: datetime | None = None
    said_by: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """What a brief said when it was sent, and what would be said now; "" where nothing was or is."""

    then: str
    now: str
    url: str


def start_of(*, kind: str, on: date) -> date:
    """Return the first day that a brief speaks of: the day before, or the first of the month."""
    return on.replace(day=1) if kind == MONTH else on - timedelta(days=1)


def makers_of(*, user: User, park: Park | None, kind: str) -> dict[str, SentenceMaker]:
    """Return what the person may read in a brief: the makers of its sentences by their keys."""
    path = park.branch.path if park else None
    return {
        key: maker
        for key, maker in registry.sentences.items()
        if maker.is_of_city == (park is None) and kind in maker.kinds and user.may(maker.permission, path)
    }


def make_brief(*, user: User, park: Park | None, kind: str, on: date, only: Collection[str] | None = None) -> Brief:
    """Return the brief composed now within what the person may see, in the language in force; `only` of some makers."""
    since = start_of(kind=kind, on=on)
    makers = makers_of(user=user, park=park, kind=kind)
    if only is not None:
        makers = {key: maker for key, maker in makers.items() if key in only}
    said: list[Sentence] = []
    said_by: dict[str, str] = {}
    with read_once():
        for key, maker in makers.items():
            sentences = maker.say(user=user, park=park, since=since, on=on)
            said_by |= dict.fromkeys((one.key for one in sentences), key)
            said += sentences
    return Brief(park, kind, since, on, in_order(sentences=said), list(makers), said_by=said_by)


def in_order(*, sentences: Sequence[Sentence]) -> list[Sentence]:
    """Return the sentences with the weightiest first."""
    return sorted(sentences, key=lambda one: -one.weight)


def scope_of(*, user: User) -> str:
    """Return a mark of the branches whose city the person oversees: a brief of a city is kept for each of them."""
    paths = sorted(m.branch.path for m in memberships_of(user) if Permission.VIEW_CITY in MAY[m.role])
    return hashlib.sha256(" ".join(paths).encode()).hexdigest()


def list_kept_briefs(*, user: User, park: Park | None, kind: str) -> QuerySet[KeptBrief]:
    """Return the briefs that were sent of a park, or of the person's city, without their sentences, the newest first."""
    of = {"park": park} if park else {"park": None, "scope": scope_of(user=user)}
    return KeptBrief.objects.filter(**of, kind=kind).defer("sentences").order_by("-on")


def find_kept_brief(*, user: User, park: Park | None, kind: str, on: date) -> Brief | None:
    """Return the brief of a day as it was sent, as far as the person may read it; None where none of it was kept."""
    row = list_kept_briefs(user=user, park=park, kind=kind).filter(on=on).defer(None).first()
    may_read = makers_of(user=user, park=park, kind=kind)
    makers = [key for key in row.makers if key in may_read] if row else []
    if row is None or not makers:
        return None
    said = [_read(one) for one in row.sentences if one["maker"] in makers]
    said_by = {one["key"]: one["maker"] for one in row.sentences}
    return Brief(park, kind, row.since, on, in_order(sentences=said), makers, row.sent_at, said_by)


def _read(kept: Mapping[str, Any]) -> Sentence:
    texts = kept["texts"]
    text = texts.get(get_language() or "") or texts["en"]
    return Sentence(text, kept["url"], kept["weight"], kept["tone"], kept["key"], kept["values"])


def get_brief(*, user: User, park: Park | None, kind: str, on: date) -> Brief:
    """Return the brief of a day as it was sent, or composed now where none was kept."""
    return find_kept_brief(user=user, park=park, kind=kind, on=on) or make_brief(user=user, park=park, kind=kind, on=on)


def list_changes(*, user: User, kept: Brief, today: date) -> list[Change]:
    """Return where a brief that was sent differs from what the record of today says of the same day.

    What can only be said of the present is not held against a day that has passed.
    """
    passing = {key for key, maker in registry.sentences.items() if maker.of_now and kept.on < today}
    only = [key for key in kept.makers if key not in passing]
    now = make_brief(user=user, park=kept.park, kind=kept.kind, on=kept.on, only=only)
    said = {one.key: one for one in now.sentences}
    changes = []
    for then in kept.sentences:
        if kept.said_by[then.key] in passing:
            continue
        one = said.pop(then.key, None)
        if one is None:
            changes.append(Change(then.text, "", then.url))
        elif not _is_same(then.values, one.values):
            changes.append(Change(then.text, one.text, one.url))
    return [*changes, *(Change("", one.text, one.url) for one in in_order(sentences=list(said.values())))]


def _is_same(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    if then.keys() != now.keys():
        return False
    for key, value in now.items():
        before = then[key]
        if isinstance(value, int | float) and isinstance(before, int | float):
            if abs(before - value) > TOLERANCE * max(1.0, abs(value)):
                return False
        elif before != value:
            return False
    return True
