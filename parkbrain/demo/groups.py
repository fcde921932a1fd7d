"""Operator groups of the fictional city, two small ones and one of 67 parks in three product lines.

So many parks and lines has the group that the article tells of; this one, its operators and its parks are fictional.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db.models import Count

from parkbrain.calc.intervals import months_before
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.names import name_fields, to_traditional
from parkbrain.portfolio import services
from parkbrain.portfolio.models import OperatorGroup, ProductLine

from .draws import data

#: The lines were drawn up so long ago; a park that opened later is in its line since it opened.
LINES_MONTHS = 30
#: Every so manieth park is not placed yet where a group has not placed all; the last of each line came from another one.
UNPLACED = 11
#: No group runs more of a city's parks than one of so many.
LARGEST_PART = 4
FIRMS = {"S": "for_startup", "G": "for_growth", "L": "for_leading"}


def load(*, on: date, park: Park, operators: Iterable[Branch], actor: User, at: datetime) -> None:
    """Make the groups over the living park's operator and the city's operators in their order, and place their parks."""
    free, own = {one.pk: one for one in operators}, park.branch.parent
    for spec in data("groups.yaml"):
        chosen = [own] if spec["own"] and own else []
        chosen += _chosen(free, chosen, spec)
        for one in chosen:
            free.pop(one.pk, None)
        group = services.record_group(
            values={"code": spec["code"], **name_fields(zh_hans=spec["zh"], en=spec["en"])},
            operators=chosen,
            actor=actor,
            at=at,
        )
        lines = [_line(group, position, row, actor, at) for position, row in enumerate(spec["lines"])]
        if lines:
            _place(group, lines, spec, months_before(on, LINES_MONTHS), on, actor, at)


def _chosen(free: Mapping[int, Branch], taken: Sequence[Branch], spec: dict[str, Any]) -> list[Branch]:
    """Return the next operators of a group: those with exactly the parks it is to have, in a city that has enough."""
    wanted = spec.get("parks", 0)
    rows = Park.objects.filter(branch__parent__in=[*free, *(one.pk for one in taken)]).order_by()
    counts = dict(rows.values_list("branch__parent").annotate(Count("pk")))
    if 0 < wanted * LARGEST_PART <= sum(counts.values()):
        missing = wanted - sum(counts.get(one.pk, 0) for one in taken)
        found = add_up(counts={pk: counts.get(pk, 0) for pk in free}, to=missing)
        if found:
            return [free[pk] for pk in found]
    return list(islice(free.values(), spec["operators"]))


def add_up(*, counts: Mapping[int, int], to: int) -> list[int]:
    """Return the keys, the earliest there are, whose counts add up to exactly a number; none where there are no such.

    >>> add_up(counts={1: 30, 2: 5, 3: 36, 4: 31}, to=66)
    [1, 2, 4]
    """
    reached: dict[int, list[int]] = {0: []}
    for key, count in counts.items():
        for total, keys in list(reached.items()) if count else ():
            if total + count <= to:
                reached.setdefault(total + count, [*keys, key])
        if to in reached:
            break
    return reached.get(to, [])


def _line(group: OperatorGroup, position: int, row: dict[str, Any], actor: User, at: datetime) -> ProductLine:
    promise = row["promise_zh"]
    values = {
        "code": row["code"],
        "position": position,
        **name_fields(zh_hans=row["zh"], en=row["en"]),
        "promise_zh_hans": promise,
        "promise_zh_hant": to_traditional(promise),
        "promise_en": row["promise_en"],
    }
    offered = [
        {
            **name_fields(zh_hans=one["zh"], en=one["en"]),
            "kind": one["kind"],
            **{field: letter in one["firms"] for letter, field in FIRMS.items()},
            "is_standard": one["standard"],
        }
        for one in row["services"]
    ]
    return services.record_line(group=group, values=values, services=offered, actor=actor, at=at)


def _place(
    group: OperatorGroup,
    lines: Sequence[ProductLine],
    spec: dict[str, Any],
    since_on: date,
    on: date,
    actor: User,
    at: datetime,
) -> None:
    """Place the parks by their kind; one of each line was in another before, and in some groups not all are placed."""
    places_all = "parks" in spec
    parks = list(Park.objects.filter(branch__parent__group_place__group=group).order_by("code"))
    for n, (line, row) in enumerate(zip(lines, spec["lines"], strict=True)):
        of_kind = [(i, p) for i, p in enumerate(parks) if p.kind in row["kinds"]]
        own = [p for i, p in of_kind if places_all or i % UNPLACED != UNPLACED - 1]
        for park in own:
            begin = max(since_on, park.opened_on or since_on)
            place: dict[str, Any] = {"group": group, "parks": [park], "actor": actor, "at": at}
            if park is own[-1] and len(own) > 1 and begin < months_before(on, 12):
                services.place_parks(line=lines[n - 1], starts_on=begin, **place)
                begin = months_before(on, 12)
            services.place_parks(line=line, starts_on=begin, **place)
