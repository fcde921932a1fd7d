"""The lettings board: every lettable premises with its state, the rent roll, and what is paid elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from django.db.models import F, FloatField, Sum
from django.db.models.functions import Cast
from django.urls import reverse

from parkbrain.calc.lettings import (
    Expiring,
    LetLine,
    RollTotals,
    expiry_profile,
    median_or_none,
    roll_totals,
    vacancy_rate,
    wault_years,
)
from parkbrain.enterprises.models import Occupancy, OccupancyQuerySet
from parkbrain.enterprises.queries import BuildingState, PremisesState, get_viewer, list_building_states
from parkbrain.kernel import scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Premises

from ..models import Lease, Let, Quote

LET, ENDING, NOTICE, RESERVED, QUOTED, VACANT = "let", "ending", "notice", "reserved", "quoted", "vacant"
#: A lease that ends within so many days is shown apart.
SOON_DAYS = 180
#: Fewer premises, or parks, than these are no peers to speak of.
LEAST_PREMISES, LEAST_PARKS = 5, 3


@dataclass(frozen=True)
class BoardRow:
    """Lettable premises on the board: who is in, what is paid, until when, and who wants them."""

    state: PremisesState
    standing: str
    lease: Lease | None
    quote: Quote | None
    rent_yuan_per_m2_month: Decimal | None
    area_m2: float
    ends_on: date | None

    @property
    def rent_yuan_per_month(self) -> Decimal | None:
        """Rent of a month, to the cent."""
        if self.rent_yuan_per_m2_month is None:
            return None
        return round(self.rent_yuan_per_m2_month * Decimal(str(self.area_m2)), 2)

    @property
    def line(self) -> LetLine:
        """The row as the figures take it."""
        return LetLine(str(self.state.premises_id), self.area_m2, self.rent_yuan_per_month, self.ends_on)


@dataclass(frozen=True)
class UsePrice:
    """Rents of a use in yuan/m²·month: here, and in peers; None where too few are known."""

    use: str
    count: int
    here: float | None
    low: float | None
    high: float | None
    peers: float | None
    peer_parks: int


@dataclass(frozen=True)
class Board:
    """A park's lettings on a day."""

    park: Park
    on: date
    buildings: Sequence[BuildingState]
    rows: Mapping[int, BoardRow]
    totals: RollTotals
    lettable_m2: float
    vacant_m2: float
    wault_area: float | None
    wault_rent: float | None
    expiries: Sequence[Expiring]
    prices: Sequence[UsePrice]

    @property
    def vacancy(self) -> float | None:
        """Vacant share of the lettable area."""
        return vacancy_rate(min(self.vacant_m2, self.lettable_m2), self.lettable_m2)

    def count(self, standing: str) -> int:
        """Return how many premises are in a state."""
        return sum(1 for row in self.rows.values() if row.standing == standing)

    def area_of(self, standing: str) -> float:
        """Return the area of the premises in a state [m²]."""
        return sum(row.area_m2 for row in self.rows.values() if row.standing == standing)


def get_board(*, user: User, park: Park, on: date) -> Board:
    """Return the lettings of a park on a day, as far as the record and the person's rights go."""
    buildings = list_building_states(park=park, on=on, viewer=get_viewer(user=user, park=park))
    states = [s for b in buildings for s in b.states if s.lettable]
    rows = _rows(park, states, on)
    let = [row for row in rows.values() if row.state.is_let]
    lines = [row.line for row in let]
    return Board(
        park=park,
        on=on,
        buildings=[b for b in buildings if any(s.lettable for s in b.states)],
        rows=rows,
        totals=roll_totals(lines),
        lettable_m2=sum(s.area_m2 for s in states),
        vacant_m2=sum(s.area_m2 for s in states if not s.is_let),
        wault_area=wault_years(lines, on),
        wault_rent=wault_years(lines, on, weight="rent"),
        expiries=expiry_profile(lines),
        prices=_prices(user, park, let, on),
    )


def _rows(park: Park, states: Sequence[PremisesState], on: date) -> dict[int, BoardRow]:
    stays = {o.premises_id: o for o in Occupancy.objects.filter(premises__park=park).current_on(on)}
    lets = Let.objects.filter(premises__park=park, starts_on__lte=on, ends_on__gt=on).select_related("lease")
    by_premises = {one.premises_id: one for one in lets}
    quotes = _open_quotes(park, on)
    made = {}
    for state in states:
        key = state.premises_id
        stay, one, quote = stays.get(key), by_premises.get(key), quotes.get(key)
        ends_on = one.ends_on if one else stay.lease_ends_on if stay else None
        made[key] = BoardRow(
            state=state,
            standing=_standing(state, stay, one.lease if one else None, ends_on, quote, on),
            lease=one.lease if one else None,
            quote=quote,
            rent_yuan_per_m2_month=stay.rent_yuan_per_m2_month if stay else None,
            area_m2=float(one.area_m2) if one else state.area_m2,
            ends_on=ends_on,
        )
    return made


def _open_quotes(park: Park, on: date) -> dict[int, Quote]:
    """Return the offer that each premises are in; an accepted one before an open one."""
    states = (Quote.State.OFFERED, Quote.State.ACCEPTED)
    quotes = Quote.objects.filter(lead__park=park, state__in=states).exclude(lead__stage__in=("SIGNED", "LOST"))
    found: dict[int, Quote] = {}
    for quote in quotes.select_related("lead").annotate(room_id=F("premises__premises")).order_by("-state", "version"):
        if quote.holds_on(on):
            found[quote.room_id] = quote
    return found


def _standing(
    state: PremisesState,
    stay: Occupancy | None,
    lease: Lease | None,
    ends_on: date | None,
    quote: Quote | None,
    on: date,
) -> str:
    if state.is_let:
        if (lease and lease.ended_on) or (stay and stay.ends_on):
            return NOTICE
        soon = on + timedelta(days=SOON_DAYS)
        return ENDING if ends_on is not None and ends_on <= soon else LET
    if quote is None:
        return VACANT
    return RESERVED if quote.state == Quote.State.ACCEPTED else QUOTED


def _prices(user: User, park: Park, let: Sequence[BoardRow], on: date) -> list[UsePrice]:
    """Return what is paid by use here, and in parks of the same kind where the person sees money too."""
    here: dict[str, list[float]] = {}
    for row in let:
        if row.rent_yuan_per_m2_month:
            here.setdefault(row.state.use, []).append(float(row.rent_yuan_per_m2_month))
    elsewhere = _peer_rents(user, park, on)
    made = []
    for use in Premises.Use.values:
        rents = sorted(here.get(use, []))
        if not rents:
            continue
        enough = len(rents) >= LEAST_PREMISES
        peers = elsewhere.get(use, [])
        made.append(
            UsePrice(
                use=use,
                count=len(rents),
                here=float(median(rents)),
                low=rents[0] if enough else None,
                high=rents[-1] if enough else None,
                peers=median_or_none(peers, least=LEAST_PARKS),
                peer_parks=len(peers),
            )
        )
    return made


def _peer_rents(user: User, park: Park, on: date) -> dict[str, list[float]]:
    """Return by use the mean rents of peer parks, weighted by area: one figure of a park, however large it is."""
    peers = Park.objects.visible_to(user, Permission.VIEW_MONEY).filter(kind=park.kind).exclude(pk=park.pk)
    stays = Occupancy.objects.current_on(on).filter(premises__park__in=peers, rent_yuan_per_m2_month__gt=0)
    sums = stays.values("premises__park", "premises__use").annotate(
        area=Sum("premises__billing_area_m2"),
        rent=Sum(F("premises__billing_area_m2") * Cast(F("rent_yuan_per_m2_month"), FloatField())),
    )
    found: dict[str, list[float]] = {}
    for row in sums.order_by("premises__park"):
        found.setdefault(row["premises__use"], []).append(float(row["rent"]) / float(row["area"]))
    return found


def list_roll(*, user: User, on: date) -> OccupancyQuerySet:
    """Return what is let on a day in the parks whose money the person sees: the rows of the rent roll."""
    inside = scope.branches_q(user, Permission.VIEW_MONEY, field="premises__park__branch__path")
    rows: OccupancyQuerySet = Occupancy.objects.filter(inside, premises__lettable=True).current_on(on)
    return rows


def premises_url(*, row: BoardRow, dated: Callable[[str], str]) -> str:
    """Return where a cell of the board leads: to the lead that has an offer, else to the premises."""
    if row.quote is not None and not row.state.is_let:
        return reverse("lead_detail", args=[row.quote.lead_id])
    return dated(reverse("premises_detail", args=[row.state.premises_id]))
