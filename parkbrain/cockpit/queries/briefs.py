"""The brief of a park or a city: what its modules say of a day or a month, the weightiest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from parkbrain.kernel import registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.reading import read_once
from parkbrain.kernel.registry import Sentence

DAY, MONTH = KINDS = ("day", "month")


@dataclass(frozen=True)
class Brief:
    """What is said of a park, or of a city where `park` is None, from one day to another."""

    park: Park | None
    kind: str
    since: date
    on: date
    sentences: Sequence[Sentence]


def start_of(*, kind: str, on: date) -> date:
    """Return the first day that a brief speaks of: the day before, or the first of the month."""
    return on.replace(day=1) if kind == MONTH else on - timedelta(days=1)


def make_brief(*, user: User, park: Park | None, kind: str, on: date) -> Brief:
    """Return the brief within what the person may see, in the language in force."""
    since = start_of(kind=kind, on=on)
    path = park.branch.path if park else None
    said: list[Sentence] = []
    with read_once():
        for maker in registry.sentences:
            if maker.is_of_city == (park is None) and kind in maker.kinds and user.may(maker.permission, path):
                said += maker.say(user=user, park=park, since=since, on=on)
    return Brief(park, kind, since, on, sorted(said, key=lambda one: -one.weight))
