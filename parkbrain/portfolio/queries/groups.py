"""Operator groups as a person may see them: lines, parks by line with their figures, and the lines beside each other."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from django.db.models import Count, Prefetch, QuerySet
from django.utils.translation import gettext

from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.reading import shared
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import branches_q

from ..models import GroupOperator, LinePlace, LineService, OperatorGroup, ProductLine
from .group_sums import LineSums, ParkFigures, get_figures, read_summed, sum_parks


class Place(NamedTuple):
    """Where a park is on a day: in which line, and since when."""

    line_id: int
    starts_on: date


@dataclass(frozen=True)
class PlacedPark:
    """A park of a group with its line on a day."""

    park: Park
    line: ProductLine | None
    since_on: date | None

    @property
    def pk(self) -> int:
        """The number of the park."""
        return self.park.pk


@dataclass(frozen=True)
class GroupPark(PlacedPark):
    """A park of a group with its line and its figures on a day."""

    figures: ParkFigures


@dataclass(frozen=True)
class GroupSheet:
    """A group's page: its lines with their services, their sums, and how many of its parks are not shown."""

    group: OperatorGroup
    lines: Sequence[ProductLine]
    sums: Sequence[LineSums]
    total: LineSums
    operators: Sequence[Branch]
    hidden_count: int


@dataclass(frozen=True)
class GroupLine:
    """A group in the list of groups: how many lines it has, and the sums of its parks that the person sees."""

    group: OperatorGroup
    line_count: int
    total: LineSums
    hidden_count: int

    @property
    def pk(self) -> int:
        """The number of the group."""
        return self.group.pk


def list_groups(*, user: User) -> QuerySet[OperatorGroup]:
    """Return the groups of which the person oversees something."""
    return OperatorGroup.objects.visible_to(user)


def group_parks(*, user: User, group: OperatorGroup | None = None) -> QuerySet[Park]:
    """Return the parks of one group, or of all, that the person oversees."""
    parks = Park.objects.visible_to(user, Permission.VIEW_RATING)
    if group is not None:
        return parks.filter(branch__parent__group_place__group=group)
    return parks.filter(branch__parent__group_place__isnull=False)


@shared
def places_on(*, on: date) -> dict[int, Place]:
    """Return the place of every park that is in a line on a day."""
    places = LinePlace.objects.current_on(on).order_by().values_list("park_id", "line_id", "starts_on")
    return {park: Place(line, since) for park, line, since in places}


def with_lines(*, parks: Sequence[Park], on: date) -> list[PlacedPark]:
    """Return parks with their line on a day."""
    places = places_on(on=on)
    lines = ProductLine.objects.in_bulk({places[park.pk].line_id for park in parks if park.pk in places})
    found = []
    for park in parks:
        place = places.get(park.pk)
        line, since_on = (lines[place.line_id], place.starts_on) if place else (None, None)
        found.append(PlacedPark(park, line, since_on))
    return found


def with_figures(*, parks: Sequence[Park], on: date) -> list[GroupPark]:
    """Return parks with their line on a day and their figures."""
    figures = get_figures(park_ids=tuple(p.pk for p in parks), on=on).each()
    return [GroupPark(one.park, one.line, one.since_on, figures[one.pk]) for one in with_lines(parks=parks, on=on)]


def list_lines(*, group: OperatorGroup) -> list[ProductLine]:
    """Return the lines of a group with their services, in their order."""
    services = Prefetch("services", LineService.objects.order_by("position", "pk"))
    return list(group.lines.order_by("position", "pk").prefetch_related(services))


def get_group_sheet(*, user: User, group: OperatorGroup, on: date) -> GroupSheet:
    """Return what the group's page says of a day: only parks of the person's branches are in a sum."""
    lines, places = list_lines(group=group), places_on(on=on)
    parks = read_summed(parks=group_parks(user=user, group=group), on=on)
    where = np.array([places[p].line_id if p in places else 0 for p in parks.park_ids.tolist()], dtype=np.int64)
    sums = [
        sum_parks(parks=parks, rows=where == line.pk, name=line.name, key=str(line.pk), line=line) for line in lines
    ]
    # A park may stand in a line that is of another group: it was handed over and is not placed anew.
    others = ~np.isin(where, [line.pk for line in lines])
    if others.any():
        sums.append(sum_parks(parks=parks, rows=others, name=gettext("In no line"), key="none"))
    operators = Branch.objects.filter(
        branches_q(user, Permission.VIEW_RATING, field="path"), group_place__group=group
    ).order_by("path")
    return GroupSheet(
        group=group,
        lines=lines,
        sums=sums,
        total=sum_parks(parks=parks, rows=np.ones(len(where), dtype=bool), name=gettext("All"), key=""),
        operators=list(operators),
        hidden_count=count_parks(group_ids=[group.pk]).get(group.pk, 0) - len(where),
    )


def count_parks(*, group_ids: Collection[int]) -> dict[int, int]:
    """Return how many parks each group runs, whoever may see them."""
    rows = Park.objects.filter(branch__parent__group_place__group__in=group_ids).order_by()
    return dict(rows.values_list("branch__parent__group_place__group").annotate(n=Count("pk")))


@shared
def sum_groups(*, user: User, on: date) -> dict[int, GroupLine]:
    """Return every group that the person oversees something of, with the sums of those parks."""
    groups = list(list_groups(user=user).annotate(line_count=Count("lines")))
    counts = count_parks(group_ids=[g.pk for g in groups])
    parks = read_summed(parks=group_parks(user=user), on=on)
    found = {}
    for group in groups:
        total = sum_parks(parks=parks, rows=parks.group_ids == group.pk, name=group.name, key="")
        found[group.pk] = GroupLine(group, group.line_count, total, counts.get(group.pk, 0) - total.park_count)
    return found


def list_addable_operators(*, user: User, group: OperatorGroup | None = None) -> list[Branch]:
    """Return the operators whose record the person keeps and that are in no other group."""
    taken = GroupOperator.objects.exclude(group=group) if group else GroupOperator.objects.all()
    mine = branches_q(user, Permission.EDIT_RECORD, field="path")
    operators = Branch.objects.filter(mine, kind=Branch.Kind.OPERATOR).exclude(pk__in=taken.values("operator"))
    stated = Branch.objects.filter(park__standing=Park.Standing.AS_STATED).values("parent")
    return list(operators.exclude(pk__in=stated).order_by("path"))


def list_placeable_parks(*, user: User, group: OperatorGroup, on: date) -> list[PlacedPark]:
    """Return the parks of a group that the person may place in its lines, with where they are."""
    mine = branches_q(user, Permission.EDIT_RECORD, field="branch__path")
    return with_lines(parks=list(group_parks(user=user, group=group).filter(mine).order_by("code")), on=on)


def may_place_parks(*, user: User, group: OperatorGroup) -> bool:
    """Tell whether the person keeps the record of a park of the group."""
    mine = branches_q(user, Permission.EDIT_RECORD, field="branch__path")
    return group_parks(user=user, group=group).filter(mine).exists()


def may_change_group(*, user: User, group: OperatorGroup) -> bool:
    """Tell whether the person keeps the record of every operator of the group: its lines hold for all of them."""
    paths = GroupOperator.objects.filter(group=group).values_list("operator__path", flat=True)
    return may_change_all(user=user, paths=paths)


def may_change_all(*, user: User, paths: Iterable[str]) -> bool:
    """Tell whether the person keeps the record of every one of these branches."""
    found = list(paths)
    return bool(found) and all(user.may(Permission.EDIT_RECORD, path) for path in found)


def get_line_panel(*, user: User, park: Park, on: date) -> dict[str, object] | None:
    """Return the group and the line of a park for its page; None where its operator is in no group."""
    if not user.may(Permission.VIEW_RATING, park.branch.path):
        return None
    group = OperatorGroup.objects.filter(operators__operator=park.branch.parent_id).first()
    if group is None:
        return None
    place = LinePlace.objects.filter(park=park).current_on(on).select_related("line").first()
    services = list(place.line.services.all()) if place else []
    return {
        "group": group,
        "place": place,
        "service_count": len(services),
        "standard_count": sum(1 for one in services if one.is_standard),
        "may_place": user.may(Permission.EDIT_RECORD, park.branch.path),
        "park": park,
    }
