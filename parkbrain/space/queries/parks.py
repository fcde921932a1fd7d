"""Parks as lists need them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Branch, Park, User
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


def list_parks(*, user: User, chosen: ParkFilter) -> QuerySet[Park]:
    """Return the parks the person may see, narrowed by the filter."""
    parks = Park.objects.visible_to(user)
    if chosen.text:
        names = Q(name_zh_hans__icontains=chosen.text) | Q(name_zh_hant__icontains=chosen.text)
        parks = parks.filter(
            names
            | Q(name_en__icontains=chosen.text)
            | Q(code__icontains=chosen.text)
            | Q(street__icontains=chosen.text)
        )
    if chosen.kind:
        parks = parks.filter(kind=chosen.kind)
    if chosen.district:
        parks = parks.filter(district_code=chosen.district)
    if chosen.standing:
        parks = parks.filter(standing=chosen.standing)
    return parks


def list_districts(*, user: User) -> dict[str, str]:
    """Return the districts in which the person sees parks: code to name, by code."""
    codes = Park.objects.visible_to(user).exclude(district_code="").order_by().values_list("district_code", flat=True)
    found = sorted(set(codes.distinct()))
    names = {b.code: b.name for b in Branch.objects.filter(code__in=found, kind=Branch.Kind.DISTRICT)}
    return {code: names.get(code) or code for code in found}


def find_park_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the parks whose name, code or street hold the text, for the search over everything."""
    found = list_parks(user=user, chosen=ParkFilter(text=text)).order_by("code")[:limit]
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
