"""What needs a person today, and what a search over everything finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext

from parkbrain.assessment.models import Rating
from parkbrain.assessment.queries import (
    MAIN_SCHEME,
    NextStep,
    NotRated,
    StarSheet,
    gather_facts,
    get_next_step,
    get_scheme,
    get_star_sheet,
    list_declared_unverified,
)
from parkbrain.assessment.queries.lists import UnverifiedLine
from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.kernel import registry, scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.reading import read_once
from parkbrain.kernel.registry import Attention, SearchHit

#: At most this many items of one kind of urgency stand on the home page.
SHOWN = 12
PER_PROVIDER = 4


@dataclass(frozen=True)
class HomeFacts:
    """The numbers of a park's home, each None where it is not known."""

    occupancy: float | None
    leased_area_m2: float | None
    leasable_area_m2: float | None
    tenants: float | None
    vacant_area_m2: float | None
    output_wan: float | None

    @property
    def output_yuan(self) -> float | None:
        """The yearly output in yuan."""
        return None if self.output_wan is None else self.output_wan * 10_000


@dataclass(frozen=True)
class ToVerify:
    """A declared fact that waits for a finding, and the points that hang on it."""

    line: UnverifiedLine
    points: float


@dataclass(frozen=True)
class Home:
    """A park's home: what needs somebody, the star, the numbers."""

    items: Sequence[Attention]
    hidden_count: int
    sheet: StarSheet | None
    step: NextStep | None
    facts: HomeFacts


def list_attention(*, user: User, park: Park, on: date) -> tuple[list[Attention], int]:
    """Return what needs the person in a park: what is due first, then what weighs most; and how much more there is."""
    shown: list[Attention] = []
    hidden = 0
    with read_once():
        for provide in registry.attention:
            found = list(provide(user=user, park=park, on=on))
            shown += found[:PER_PROVIDER]
            hidden += max(0, len(found) - PER_PROVIDER)
    order = {"bad": 0, "warn": 1, "info": 2}
    shown.sort(key=lambda item: (order.get(item.tone, 3), item.due_on or date.max, -item.weight))
    return shown[:SHOWN], hidden + max(0, len(shown) - SHOWN)


def get_home(*, user: User, park: Park, on: date) -> Home:
    """Return the home of a park."""
    with read_once():
        return _home(user, park, on)


def _home(user: User, park: Park, on: date) -> Home:
    items, hidden = list_attention(user=user, park=park, on=on)
    try:
        sheet = get_star_sheet(park=park)
    except NotRated:
        sheet = None
    keys = ["leased_area_m2", "leasable_area_m2", "tenants_active", "vacant_area_m2", "total_output_wan"]
    leased, lettable, tenants, vacant, output = _values(park, sheet, keys, on)
    occupancy = leased / lettable if leased is not None and lettable else None
    step = get_next_step(sheet=sheet) if sheet is not None else None
    return Home(items, hidden, sheet, step, HomeFacts(occupancy, leased, lettable, tenants, vacant, output))


def _values(park: Park, sheet: StarSheet | None, keys: Sequence[str], on: date) -> list[float | None]:
    """Return facts as the park's rating took them, so that the home says what the stars say; gathered without one."""
    if sheet is not None and sheet.rating.cut_off_on == on:
        return [sheet.input_fact(key=key).value if key in sheet.inputs else None for key in keys]
    gathered = gather_facts(park_ids=[park.pk], cut_off_on=on, keys=keys).values[0]
    return [None if value != value else float(value) for value in gathered]


def list_to_verify(*, user: User, limit: int = 400) -> list[ToVerify]:
    """Return the declared facts that wait for an assessor, those first on which most points hang."""
    points: dict[str, float] = {}
    for one in get_scheme(scheme_id=MAIN_SCHEME).indicators:
        for key in one.facts:
            points[key] = points.get(key, 0.0) + one.weight
    newest: dict[tuple[int, str], UnverifiedLine] = {}
    for line in list_declared_unverified(user=user, limit=limit):
        newest.setdefault((line.park.pk, line.fact.key), line)
    found = [ToVerify(line, points.get(line.fact.key, 0.0)) for line in newest.values()]
    return sorted(found, key=lambda item: -item.points)


def list_own_occupancies(*, user: User, on: date) -> list[Occupancy]:
    """Return where the enterprises a tenant acts for are on a day."""
    own = Occupancy.objects.filter(enterprise__uscc__in=scope.own_enterprise_codes(user)).current_on(on)
    return list(own.select_related("premises__building", "premises__park").order_by("premises__code"))


def list_own_enterprises(*, user: User) -> list[Enterprise]:
    """Return the enterprises a tenant acts for."""
    return list(Enterprise.objects.filter(uscc__in=scope.own_enterprise_codes(user)).order_by("uscc"))


def list_published(*, parks: Sequence[Park]) -> Mapping[int, Rating]:
    """Return the latest frozen rating of each park: what everybody who may see the park may know."""
    found: dict[int, Rating] = {}
    rows = Rating.objects.filter(park__in=parks, scheme_id=MAIN_SCHEME, state=Rating.State.FROZEN)
    for row in rows.defer("inputs", "result").order_by("cut_off_on"):
        found[row.park_id] = row
    return found


def search_pages(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the pages of the rail whose name holds the words, those the person may open."""
    wanted = text.casefold()
    found = [
        SearchHit(kind=gettext("Go to"), label=str(item.label), url=reverse(item.url_name))
        for item in registry.nav
        if not item.needs_park
        and wanted in str(item.label).casefold()
        and (item.permission is None or user.may(item.permission))
    ]
    return found[:limit]


def search_everything(
    *, user: User, text: str, park: Park | None = None, limit: int = 6
) -> list[tuple[str, list[SearchHit]]]:
    """Return what the words find, by kind, within the person's scope; `park` is the one the person works in."""
    words = text.strip()
    if not words:
        return []
    groups: dict[str, list[SearchHit]] = {}
    found = [provide(user, words, limit) for provide in registry.search]
    found += [provide(user, words, limit, park) for provide in registry.park_search]
    for hits in found:
        for hit in hits:
            groups.setdefault(str(hit.kind), []).append(hit)
    typed = words.casefold()

    def is_looser(group: tuple[str, list[SearchHit]]) -> bool:
        return not any(str(hit.label).casefold().startswith(typed) for hit in group[1])

    # A firm whose name begins with what was typed stands before a meter that has it somewhere in its name.
    return sorted(groups.items(), key=is_looser)
