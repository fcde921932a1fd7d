"""Premises that fit a need, across the parks a person may see, with the reason for each verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median

from django.db.models import F, Min, Q

from parkbrain.calc.fitting import Fitting, Room, SpaceNeed, find_fitting
from parkbrain.enterprises.models import Occupancy
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Premises
from parkbrain.space.queries import spec_of

from ..models import Lead, LeadNeed, Let, Quote

#: Rents of so many premises of a use make an asking rent; with fewer it is unknown.
LEAST_RENTS = 3
#: Premises whose lease ends within so many days are offered too.
AHEAD_DAYS = 365


@dataclass(frozen=True)
class Offer:
    """One or several premises that were checked against a need."""

    fitting: Fitting
    premises: Sequence[Premises]
    reserved_for: Lead | None

    @property
    def park(self) -> Park:
        """The park they lie in."""
        return self.premises[0].park

    @property
    def label(self) -> str:
        """The codes of the premises."""
        return " + ".join(p.code for p in self.premises)

    @property
    def asking_yuan_per_m2_month(self) -> float | None:
        """What is usually paid for this use here; None where too few rents are known."""
        prices = [r.asking_yuan_per_m2_month for r in self.fitting.rooms]
        return prices[0] if prices and None not in prices else None


def need_of(*, need: LeadNeed) -> SpaceNeed:
    """Return the need of a lead as the check takes it."""
    budget = need.budget_yuan_per_m2_month
    return SpaceNeed(
        area_from_m2=need.area_from_m2,
        area_to_m2=need.area_to_m2,
        use=need.use,
        floor_load_kn_m2=need.floor_load_kn_m2,
        clear_height_m=need.clear_height_m,
        goods_lift_load_t=need.goods_lift_load_t,
        power_kw=need.power_kw,
        needs_water=need.needs_water,
        needs_exhaust=need.needs_exhaust,
        fire_class=need.fire_class,
        budget_yuan_per_m2_month=None if budget is None else float(budget),
        move_in_on=need.move_in_on,
    )


def find_offers(
    *, user: User, need: SpaceNeed, on: date, park: Park | None = None, lead: Lead | None = None, most: int = 30
) -> list[Offer]:
    """Return the premises that fit a need best, in one park or all where the person sees money; the best first.

    On offer is what is lettable and vacant, or is let up to a day within the next year. Premises that another lead
    accepted are left out; those of `lead` itself stay.
    """
    stock = Premises.objects.visible_to(user, Permission.VIEW_MONEY).lettable_on(on).filter(lettable=True)
    if park is not None:
        stock = stock.filter(park=park)
    stock = stock.select_related("park", "building").annotate(
        level=Min("spaces__storey__level"), storey_id=Min("spaces__storey")
    )
    premises = {p.pk: p for p in stock.order_by("park", "building", "level", "code")}  # type: ignore[misc]
    free = _free_from(premises, on)
    promised = _promised(premises)
    taken = {pk for pk, other in promised.items() if lead is None or other.pk != lead.pk}
    asking = _asking(premises, on)
    rooms = [
        _room(p, place, free[pk], asking.get((p.park_id, p.use)))
        for place, (pk, p) in enumerate(premises.items())
        if pk in free and pk not in taken
    ]
    offers = []
    for fitting in find_fitting(rooms, need, most=most):
        chosen = [premises[int(room.key)] for room in fitting.rooms]
        offers.append(Offer(fitting, chosen, promised.get(chosen[0].pk)))
    return offers


def _free_from(premises: dict[int, Premises], on: date) -> dict[int, date]:
    """Return from when premises are free: now, or from the end of who is there, where that lies within a year."""
    free = dict.fromkeys(premises, on)
    limit = date.fromordinal(on.toordinal() + AHEAD_DAYS)
    stays = Occupancy.objects.filter(premises__in=premises).filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on))
    for pk, starts_on, ends_on, lease_ends_on in stays.values_list(
        "premises_id", "starts_on", "ends_on", "lease_ends_on"
    ):
        end = ends_on or lease_ends_on
        # A lease whose day has passed goes on until somebody ends it: nobody knows when the room is free.
        if end is None or end <= on or end > limit or starts_on > on:
            free.pop(pk, None)
        elif pk in free:
            free[pk] = max(free[pk], end)
    lets = Let.objects.filter(premises__in=premises, ends_on__gt=on)
    for pk, ends_on in lets.values_list("premises_id", "ends_on"):
        if pk in free:
            if ends_on > limit:
                del free[pk]
            else:
                free[pk] = max(free[pk], ends_on)
    return free


def _promised(premises: dict[int, Premises]) -> dict[int, Lead]:
    quotes = Quote.objects.filter(state=Quote.State.ACCEPTED, premises__premises__in=premises)
    quotes = quotes.exclude(lead__stage__in=Lead.CLOSED).select_related("lead")
    return {q.room_id: q.lead for q in quotes.annotate(room_id=F("premises__premises"))}


def _asking(premises: dict[int, Premises], on: date) -> dict[tuple[int, str], float]:
    """Return what is usually paid for a use in a park: the median rent of what is let there."""
    parks = {p.park_id for p in premises.values()}
    rents: dict[tuple[int, str], list[Decimal]] = {}
    stays = Occupancy.objects.current_on(on).filter(premises__park__in=parks, rent_yuan_per_m2_month__gt=0)
    for park, use, rent in stays.values_list("premises__park", "premises__use", "rent_yuan_per_m2_month"):
        if rent is not None:
            rents.setdefault((park, use), []).append(rent)
    return {key: float(median(found)) for key, found in rents.items() if len(found) >= LEAST_RENTS}


def _room(premises: Premises, place: int, free_from_on: date, asking: float | None) -> Room:
    level: int | None = premises.level  # type: ignore[attr-defined]
    storey: int | None = premises.storey_id  # type: ignore[attr-defined]
    return Room(
        key=str(premises.pk),
        area_m2=premises.billing_area_m2,
        storey=str(storey or ""),
        place=place,
        use=premises.use,
        spec=spec_of(premises=premises, lowest_level=level),
        fire_class=premises.fire_class,
        asking_yuan_per_m2_month=asking,
        free_from_on=free_from_on,
    )
