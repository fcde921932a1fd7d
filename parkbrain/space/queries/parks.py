"""Parks as lists need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.names import best_first, park_q
from parkbrain.kernel.registry import SearchHit
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import branches_q

from ..models import Building, Premises, Site, Space, Storey


@dataclass(frozen=True)
class ParkFilter:
    """What the list of parks is narrowed to; empty is everything."""

    text: str = ""
    kind: str = ""
    district: str = ""
    standing: str = ""


@dataclass(frozen=True)
class ParkRow:
    """A park with its buildings and lettable area as of a day; None where no building, no premises are recorded."""

    park: Park
    building_count: int | None
    lettable_area_m2: float | None


def list_parks(*, user: User, chosen: ParkFilter, opened_by: date | None = None) -> QuerySet[Park]:
    """Return the parks the person may see, narrowed by the filter; those that had opened by a day, if one is given."""
    parks: QuerySet[Park] = Park.objects.visible_to(user)
    if opened_by is not None:
        parks = parks.filter(Q(opened_on__isnull=True) | Q(opened_on__lte=opened_by))
    if chosen.text:
        parks = parks_holding(parks=parks, text=chosen.text)
    if chosen.kind:
        parks = parks.filter(kind=chosen.kind)
    if chosen.district:
        parks = parks.filter(district_code=chosen.district)
    if chosen.standing:
        parks = parks.filter(standing=chosen.standing)
    return parks


def parks_holding(*, parks: QuerySet[Park], text: str) -> QuerySet[Park]:
    """Keep the parks whose name, code or street holds the text."""
    return parks.filter(park_q(text))


def park_rows(*, parks: Sequence[Park], on: date) -> list[ParkRow]:
    """Return the rows of one page of parks: what stands in each and can be let on a day."""
    keys = [park.pk for park in parks]
    buildings = Building.objects.filter(site__park__in=keys).in_park_on(on).order_by()
    counts = dict(buildings.values_list("site__park").annotate(count=Count("pk")))
    lettable = Premises.objects.filter(park__in=keys, lettable=True).lettable_on(on).order_by()
    areas = dict(lettable.values_list("park").annotate(area_m2=Sum("billing_area_m2")))
    return [ParkRow(park, counts.get(park.pk), areas.get(park.pk)) for park in parks]


def sum_lettable_area(*, parks: QuerySet[Park], on: date) -> tuple[float | None, int]:
    """Return the area [m²] that can be let in these parks on a day, and in how many of them there is any."""
    lettable = Premises.objects.filter(park__in=parks.order_by().values("pk"), lettable=True).lettable_on(on)
    found = lettable.order_by().aggregate(area_m2=Sum("billing_area_m2"), parks=Count("park", distinct=True))
    return found["area_m2"], found["parks"]


def list_districts(*, user: User) -> dict[str, str]:
    """Return the districts in which the person sees parks: code to name, by code."""
    codes = Park.objects.visible_to(user).exclude(district_code="").order_by().values_list("district_code", flat=True)
    found = sorted(set(codes.distinct()))
    names = name_districts() if found else {}
    return {code: names.get(code) or code for code in found}


def name_districts() -> dict[str, str]:
    """Return the name of every district by its code."""
    return {b.code: b.name for b in Branch.objects.filter(kind=Branch.Kind.DISTRICT)}


def find_park_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the parks whose name, code or street hold the text, for the search over everything."""
    found = list_parks(user=user, chosen=ParkFilter(text=text))
    found = found.order_by(best_first(text), "code")[:limit]
    return [SearchHit(_("Park"), p.name, reverse("park_detail", args=[p.pk]), p.code) for p in found]


def list_sites(*, park: Park, on: date) -> list[Site]:
    """Return the sites that belong to a park on a day."""
    return [site for site in park.sites.order_by("code") if site.belongs_on(on)]


def premises_levels(*, premises: Premises) -> list[str]:
    """Return the labels of the storeys on which premises lie, from the lowest up."""
    spaces = premises.spaces.select_related("storey").order_by("storey__level")
    return list(dict.fromkeys(space.storey.short_label for space in spaces))


def lowest_level(*, premises: Premises) -> int | None:
    """Return the lowest storey on which premises lie."""
    return premises.spaces.order_by("storey__level").values_list("storey__level", flat=True).first()


def list_branches(*, user: User) -> QuerySet[Branch]:
    """Return the branches of the tree in which the person may see parks."""
    return Branch.objects.filter(branches_q(user, Permission.VIEW_PARK, field="path"))


def list_storeys(*, user: User) -> QuerySet[Storey]:
    """Return the storeys of the buildings the person may see."""
    return Storey.objects.filter(building__in=Building.objects.visible_to(user)).select_related("building__site")


def list_spaces(*, user: User) -> QuerySet[Space]:
    """Return the spaces on the storeys of the buildings the person may see."""
    spaces = Space.objects.filter(storey__building__in=Building.objects.visible_to(user))
    return spaces.select_related("storey__building__site", "premises")
