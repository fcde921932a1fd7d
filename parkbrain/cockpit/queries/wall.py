"""What the wall shows of a park: the same questions as the office pages ask, asked for a person who only looks."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.cache import cache
from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import get_language

from parkbrain.assessment.queries import NotRated, StarSheet, gather_facts, get_catalogue, get_star_sheet
from parkbrain.calc.intervals import DatePeriod, period_of
from parkbrain.carbon import queries as carbon
from parkbrain.energy import queries as energy
from parkbrain.energy.models import OddUse
from parkbrain.enterprises.queries import OccupancyFilter, list_occupancies, occupancies_in_state
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Attention
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Premises

from .home import list_attention

#: What a park's people must do changes slowly and takes a while to gather: looked up once in so many seconds.
ATTENTION_S = 60
CARBON_S = 300
#: So many days back the office page of energy lists what was odd; the wall counts the same ones.
ODD_DAYS = 28
#: A wall turns through at most so many parks, and offers so many to choose from.
MOST_PARKS, OFFERED_PARKS = 4, 12
SEGMENTS = ("leading_tenants", "growth_tenants", "startup_tenants")


@dataclass(frozen=True)
class EnergyNow:
    """A park's main kind of energy: its day, its hours by place, and what was odd and nobody has judged."""

    kind: str
    day: energy.DayLoad
    odd: Sequence[OddUse]


@dataclass(frozen=True)
class CarbonYear:
    """Scopes 1 and 2 of the last closed year [t], None where nothing is recorded."""

    period: DatePeriod
    scope_12: float | None
    scope_12_market: float | None
    energy_tce: float | None

    @property
    def query(self) -> str:
        """The part of the statement's address that asks for this period."""
        return f"?from={self.period.starts_on}&to={self.period.last_on}"


@dataclass(frozen=True)
class SegmentLine:
    """How many firms are of a segment, and the fact that says so."""

    key: str
    name: str
    count: float | None


@dataclass(frozen=True)
class LeaseEnds:
    """Occupancies whose lease has ended or ends within 90 days, and their area."""

    count: int
    area_m2: float


def moment_of(*, on: date, at: datetime) -> datetime:
    """Return the moment a page of a day speaks of: now, or the end of an earlier day."""
    return min(at, datetime.combine(on + timedelta(days=1), time(), energy.park_zone()) - timedelta(seconds=1))


def list_wall_parks(*, user: User, asked: Sequence[int] = ()) -> list[Park]:
    """Return the parks that were asked for and may be seen, in that order; else the first whose premises are recorded."""
    visible = Park.objects.visible_to(user).select_related("branch")
    if asked:
        found = visible.in_bulk(list(asked))
        return [found[pk] for pk in dict.fromkeys(asked) if pk in found][:MOST_PARKS]
    return list_offered_parks(user=user)[:1] or list(visible.exclude(standing=Park.Standing.AS_STATED)[:1])


def list_offered_parks(*, user: User) -> list[Park]:
    """Return parks with premises in the record, for the choice of screens."""
    visible = Park.objects.visible_to(user).filter(pk__in=Premises.objects.order_by().values("park"))
    return list(visible.select_related("branch").order_by("pk")[:OFFERED_PARKS])


def get_energy_now(*, park: Park, at: datetime) -> EnergyNow | None:
    """Return the energy of a park as its office page shows it; None without a supply meter."""
    kinds = energy.list_kinds(park=park)
    day = energy.get_day_load(park=park, energy_kind=kinds[0], at=at) if kinds else None
    if day is None:
        return None
    odd = energy.list_odd_uses(park=park, since_at=at - timedelta(days=ODD_DAYS), until_at=at, energy_kind=kinds[0])
    return EnergyNow(kinds[0], day, [one for one in odd if one.state == OddUse.State.OPEN])


def list_odd_of_day(*, park: Park, on: date) -> list[OddUse]:
    """Return what was odd on a day, judged or not."""
    start = datetime.combine(on, time(), energy.park_zone())
    return energy.list_odd_uses(park=park, since_at=start, until_at=start + timedelta(days=1))


def get_carbon_year(*, park: Park, on: date) -> CarbonYear:
    """Return the last closed year of a park's statement, worked out once in a few minutes."""
    period = period_of("fy", on)
    key = f"cockpit.carbon.{park.pk}.{period.starts_on}.{period.ends_on}"
    known: CarbonYear | None = cache.get(key)
    if known is None:
        found = carbon.build_statement(park=park, period=period)
        known = CarbonYear(period, found.scope_12, found.scope_12_market, found.tce)
        cache.set(key, known, timeout=CARBON_S)
    return known


def list_wall_attention(*, user: User, park: Park, on: date) -> tuple[list[Attention], int]:
    """Return what needs those who run the park, gathered once a minute for each of them; nothing for everybody else."""
    if not user.may(Permission.DECLARE_FACT, park.branch.path):
        return [], 0
    text = f"{user.pk} {park.pk} {on} {get_language()}"
    key = f"cockpit.attention.{hashlib.sha256(text.encode()).hexdigest()}"
    known: tuple[list[Attention], int] | None = cache.get(key)
    if known is None:
        items, hidden = list_attention(user=user, park=park, on=on)
        known = items, sum(more.count for more in hidden)
        cache.set(key, known, timeout=ATTENTION_S)
    return known


def list_segments(*, park: Park, on: date) -> list[SegmentLine]:
    """Return how many firms a park has of each segment, as its facts say."""
    gathered = gather_facts(park_ids=[park.pk], cut_off_on=on, keys=list(SEGMENTS)).values[0]
    catalogue = get_catalogue()
    return [
        SegmentLine(key, catalogue[key].name, None if value != value else float(value))
        for key, value in zip(SEGMENTS, gathered, strict=True)
    ]


def get_lease_ends(*, user: User, park: Park, on: date) -> LeaseEnds:
    """Return the occupancies whose lease has ended or ends soon, as the list of occupancies counts them."""
    rows = list_occupancies(user=user, chosen=OccupancyFilter(state="all"), on=on).filter(premises__park=park)
    ending = occupancies_in_state(rows=rows, state="ending", on=on)
    found = ending.order_by().aggregate(count=Count("pk"), area_m2=Sum("premises__billing_area_m2"))
    return LeaseEnds(found["count"], found["area_m2"] or 0.0)


def find_star_sheet(*, user: User, park: Park) -> StarSheet | None:
    """Return the current rating of a park by the main scheme, for those who may see it."""
    if not user.may(Permission.VIEW_RATING, park.branch.path):
        return None
    try:
        return get_star_sheet(park=park)
    except NotRated:
        return None


def odd_url(*, odd: OddUse) -> str:
    """Return the page of the hours around what was odd."""
    zone = energy.park_zone()
    first, last = odd.start_at.astimezone(zone).date(), odd.end_at.astimezone(zone).date()
    around = f"from={first - timedelta(days=1)}&to={last + timedelta(days=1)}"
    return f"{reverse('meter_detail', args=[odd.meter_id])}?step=hour&{around}"


__all__ = [
    "MOST_PARKS",
    "CarbonYear",
    "EnergyNow",
    "LeaseEnds",
    "SegmentLine",
    "find_star_sheet",
    "get_carbon_year",
    "get_energy_now",
    "get_lease_ends",
    "list_odd_of_day",
    "list_offered_parks",
    "list_segments",
    "list_wall_attention",
    "list_wall_parks",
    "moment_of",
    "odd_url",
]
