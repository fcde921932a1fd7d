"""Registries: the one way a lower page shows what a higher module knows. They freeze once the apps are ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.utils.functional import Promise

if TYPE_CHECKING:
    from django.http import HttpRequest


Text = str | Promise
T = TypeVar("T")


class Registry(Generic[T]):
    """An ordered set of named contributions."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._items: dict[str, T] = {}

    def add(self, key: str, item: T) -> T:
        """Add a contribution; a second one of the same key is a mistake."""
        if key in self._items:
            raise ValueError(f"{self._what} {key!r} is registered twice")
        self._items[key] = item
        return item

    def overrule(self, key: str, item: T) -> T:
        """Put a contribution in the place of a lower floor's, or where there is none yet; it knows what it replaces."""
        self._items[key] = item
        return item

    def get(self, key: str) -> T | None:
        """Return the contribution of that key, or None."""
        return self._items.get(key)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items.values())

    def items(self) -> Iterable[tuple[str, T]]:
        """Return keys with contributions, in order of registration."""
        return self._items.items()

    def keys(self) -> frozenset[str]:
        """Return the keys."""
        return frozenset(self._items)


@dataclass(frozen=True)
class NavItem:
    """An entry of the left rail: shown to people who hold the permission somewhere.

    `prefixes` are beginnings of addresses that belong to it beside its own; `<park>` in one stands for the park's number.
    """

    label: Text
    url_name: str
    icon: str
    order: int
    permission: str | None = None
    prefixes: tuple[str, ...] = ()
    needs_park: bool = False


@dataclass(frozen=True)
class Panel:
    """A slice that a higher module adds to a lower module's page: a template and the context for it."""

    slot: str
    template: str
    context: Callable[[HttpRequest, Any], Mapping[str, Any] | None]
    order: int = 100


@dataclass(frozen=True)
class SearchHit:
    """One answer of the search over everything."""

    kind: Text
    label: str
    url: str
    detail: str = ""


@dataclass(frozen=True)
class FactValue:
    """A number a module vouches for: None is unknown; coverage says how much of what should be there was there."""

    value: float | None
    coverage: float = 1.0
    row_count: int = 0


@dataclass(frozen=True)
class FactRow:
    """One row behind a fact: what it is, its part of the number, where it opens."""

    label: str
    value: float | None
    url: str = ""
    detail: str = ""
    target_label: str = ""
    target_id: int = 0


@dataclass(frozen=True)
class ComputedFact:
    """A fact computed from a module's own rows, for many parks at once."""

    key: str
    values: Callable[..., Mapping[int, FactValue]]
    rows: Callable[..., Sequence[FactRow]]
    how: Text


@dataclass(frozen=True)
class Attention:
    """Something that needs a person today."""

    title: str
    detail: str
    url: str
    due_on: date | None = None
    tone: str = "warn"
    weight: float = 0.0


@dataclass(frozen=True)
class AttentionKind:
    """A kind of what needs people: what it is called, and the question that finds all of it, `ask(*, user, park, on)`."""

    label: Text
    ask: Callable[..., Sequence[Attention]]


#: The kinds of home: who runs a park, who oversees a city, who judges facts, who works in a park.
OPERATOR_HOME, BUREAU_HOME, ASSESSOR_HOME, TENANT_HOME = "operator", "bureau", "assessor", "tenant"
HOMES = (OPERATOR_HOME, BUREAU_HOME, ASSESSOR_HOME, TENANT_HOME)


@dataclass(frozen=True)
class Figure:
    """A number of a tile as people read it, and the page of its rows; without a value it is unknown.

    `name` and `detail_name` are what the page calls the same numbers in its `data-figures`: a shared test holds the tile
    to its page. Only what is no number, as a date, may go without.
    """

    label: str
    value: str | None
    url: str
    unit: str = ""
    detail: str = ""
    tone: str = ""
    name: str = ""
    detail_name: str = ""


@dataclass(frozen=True)
class Tile:
    """A piece of the homes: what it shows in one sentence, who may have it, where it stands, the one question it asks.

    `ask(*, user, park, on)` returns what the template prints, None where there is nothing to show yet; `park` is None on
    homes of no park. `homes` gives the place by kind of home; a place below 0 is offered, and stands there only for those
    who choose it. `size` is small, tall, wide or large; a slow tile is fetched after the page.
    """

    label: Text
    says: Text
    ask: Callable[..., Mapping[str, Any] | None]
    homes: Mapping[str, int]
    permission: str
    template: str = "ui/tile_figures.html"
    size: str = "small"
    is_slow: bool = False


@dataclass(frozen=True)
class Sentence:
    """A sentence of a brief with the page of its rows; the heavier, the earlier it stands.

    `key` names it within a brief in every language, `values` are its figures as they were, so that a kept brief can be
    held against the record of a later day; days are written as such, what is not known is None.
    """

    text: str
    url: str
    weight: float = 10.0
    tone: str = ""
    key: str = ""
    values: Mapping[str, float | int | str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class SentenceMaker:
    """What a module says in a brief: `say(*, user, park, since, on)` puts its numbers of that time into words.

    `park` is None in the brief of a city; `is_of_city` tells which of the two a maker speaks of. What is not known is
    said, and nothing is said where nothing is kept. `kinds` are the briefs it belongs to; what is `of_now` cannot be
    said of a day that has passed.
    """

    topic: Text
    say: Callable[..., Sequence[Sentence]]
    permission: str
    is_of_city: bool = False
    kinds: tuple[str, ...] = ("day", "month")
    of_now: bool = False


@dataclass(frozen=True)
class ReportFile:
    """A report as it is kept and sent: a file, and what the mail around it says."""

    name: str
    content: bytes
    content_type: str
    text: str = ""
    html: str = ""


#: The spans a report can speak of, by the day it is sent.
LAST_MONTH, MONTH_SO_FAR, LAST_YEAR, YEAR_SO_FAR = PERIODS = ("LAST_MONTH", "MONTH_SO_FAR", "LAST_YEAR", "YEAR_SO_FAR")


class NoReport(Exception):
    """There is nothing to report on; the message is a key of the translations."""


@dataclass(frozen=True)
class ReportSubject:
    """The one thing of a park or of the city that a report is of: what people call it, and its row."""

    label: str
    row: Any


@dataclass(frozen=True)
class PageReport:
    """A page that has a report of its own: `make(*, user, park, since, on, kind)` returns it in the language in force.

    Reports of a park need the permission there; reports of a city are asked with `park` None. `kinds` are the files it can
    be made as. `periods` are the spans it can speak of, as the day of sending gives them, the usual one first; none where
    it is of that day. `keep`, of the same arguments and `at`, makes the report that goes out at its time and writes it down.

    A report of one thing has `find(*, user, park, number)`: the thing of that park, or of the city where it is a report of
    a city (`park` None); None where the person may not open its page or it is gone. That alone says who may have the
    report; `make` is then asked with the row as `of` too.

    :raises NoReport: there is nothing to report on.
    """

    label: Text
    make: Callable[..., ReportFile]
    permission: str = ""
    is_of_city: bool = False
    kinds: tuple[str, ...] = ("pdf",)
    periods: tuple[str, ...] = ()
    keep: Callable[..., ReportFile] | None = None
    find: Callable[..., ReportSubject | None] | None = None


@dataclass(frozen=True)
class ApiPart:
    """A part of the JSON API: the area that a token's scopes name, and where its router is found.

    The router is named, not given: a command of the terminal then starts without loading the API.
    """

    area: str
    label: Text
    router: str


nav: Registry[NavItem] = Registry("navigation entry")
panels: Registry[Panel] = Registry("panel")
search: Registry[Callable[[Any, str, int], Sequence[SearchHit]]] = Registry("search")
#: Searches whose hits are pages of a park: they are asked for the park the person works in, `(user, text, limit, park)`.
park_search: Registry[Callable[[Any, str, int, Any], Sequence[SearchHit]]] = Registry("park search")
facts: Registry[ComputedFact] = Registry("computed fact")
attention: Registry[AttentionKind] = Registry("kind of attention")
page_reports: Registry[PageReport] = Registry("report of a page")
tiles: Registry[Tile] = Registry("tile")
sentences: Registry[SentenceMaker] = Registry("maker of sentences")
followers: Registry[Callable[..., None]] = Registry("follower")
api_parts: Registry[ApiPart] = Registry("part of the API")
event_followers: Registry[Callable[..., None]] = Registry("follower of events")


#: The parks that changed while changes are held together; None where each is followed at once.
_held: ContextVar[set[int] | None] = ContextVar("held_parks", default=None)


@contextmanager
def hold_changes() -> Iterator[set[int]]:
    """Collect the parks that services report as changed instead of following each at once.

    For work of many services in one transaction: it calls `park_changed` itself, once, after the block.
    """
    parks: set[int] = set()
    token = _held.set(parks)
    try:
        yield parks
    finally:
        _held.reset(token)


def park_changed(*, park_ids: Sequence[int], at: datetime) -> None:
    """Recompute what follows from the rows of these parks; services call it last, inside their transaction."""
    held = _held.get()
    if held is not None:
        held.update(park_ids)
        return
    for follow in followers:
        follow(park_ids=park_ids, at=at)


def fact(key: str, *, how: Text, rows: Callable[..., Sequence[FactRow]]) -> Callable[[T], T]:
    """Register `values(*, park_ids, period) -> {park_id: FactValue}` as a computed fact of the catalogue.

    `rows(*, park_id, period)` lists the rows behind one park's number; a shared test holds their sum or count to it.
    """

    def wrap(values: T) -> T:
        facts.add(key, ComputedFact(key=key, values=values, rows=rows, how=how))  # type: ignore[arg-type]
        return values

    return wrap


def panels_for(slot: str) -> list[Panel]:
    """Return the panels of a slot in their order."""
    return sorted((p for p in panels if p.slot == slot), key=lambda p: p.order)


def events_recorded(*, events: Sequence[Any]) -> None:
    """Tell every follower of the audit trail of new events, inside the transaction that wrote them."""
    for follow in event_followers:
        follow(events=events)


__all__ = [
    "ASSESSOR_HOME",
    "BUREAU_HOME",
    "HOMES",
    "LAST_MONTH",
    "LAST_YEAR",
    "MONTH_SO_FAR",
    "OPERATOR_HOME",
    "PERIODS",
    "TENANT_HOME",
    "YEAR_SO_FAR",
    "ApiPart",
    "Attention",
    "AttentionKind",
    "ComputedFact",
    "FactRow",
    "FactValue",
    "Figure",
    "NavItem",
    "NoReport",
    "PageReport",
    "Panel",
    "Registry",
    "ReportFile",
    "ReportSubject",
    "SearchHit",
    "Sentence",
    "SentenceMaker",
    "Tile",
    "api_parts",
    "attention",
    "event_followers",
    "events_recorded",
    "fact",
    "facts",
    "followers",
    "hold_changes",
    "nav",
    "page_reports",
    "panels",
    "panels_for",
    "park_changed",
    "park_search",
    "search",
    "sentences",
    "tiles",
]
