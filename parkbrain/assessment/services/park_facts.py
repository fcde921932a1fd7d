"""Facts of many parks that somebody above them states from a table of their own, with its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
from django.db.models import Q
from django.utils.translation import gettext as _

from parkbrain.calc.intervals import DatePeriod, period_of
from parkbrain.kernel import audit, bulk, registry
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.roles import Permission

from ..models import Declaration
from ..queries.facts import gather_facts
from ..queries.schemes import get_catalogue
from .facts import CannotDeclareFact, find_part_problem, find_value_problem, pairs_of

#: Park and fact.
Place = tuple[int, str]


@dataclass(frozen=True)
class ParkFact:
    """A fact of a park as a table states it."""

    park: Park
    key: str
    value: float
    note: str


class Stated(NamedTuple):
    """A declared fact as it stands, by the names of its columns; a model instance for each took most of the time."""

    pk: int
    value: float
    note: str
    declared_by_id: int | None
    declared_at: datetime


@dataclass(frozen=True)
class StatedFact:
    """What became of it: the value that stood there, the new one, and the row that holds it."""

    declaration_id: int
    old: float | None
    new: float
    is_new: bool


def find_problems_of_parks(*, values: Mapping[int, Mapping[str, float]], cut_off_on: date) -> dict[int, dict[str, str]]:
    """Return what is wrong with facts stated together, by park and fact: each by itself, beside its whole and its parts.

    A whole or a part that is not among them counts as it stands for its park; the number of queries does not grow.
    """
    catalogue = get_catalogue()
    found: dict[int, dict[str, str]] = {}
    for park_id, facts in values.items():
        for key, value in facts.items():
            if problem := find_value_problem(fact=catalogue[key], value=value):
                found.setdefault(park_id, {})[key] = problem
    for park_id, part, whole, known in _pairs(values, cut_off_on):
        place = part if part in values[park_id] else whole
        if place not in found.get(park_id, {}):
            problem = find_part_problem(fact=catalogue[part], value=known[0], whole=known[1])
            if problem:
                found.setdefault(park_id, {})[place] = problem
    return found


def _pairs(
    values: Mapping[int, Mapping[str, float]], cut_off_on: date
) -> Iterator[tuple[int, str, str, tuple[float, float]]]:
    """Return (park, part, whole, their values) wherever a part is above its whole and one of them is stated."""
    given = {key for facts in values.values() for key in facts}
    pairs = pairs_of(keys=given)
    keys = sorted({key for pair in pairs for key in pair})
    if not keys:
        return
    parks = list(values)
    gathered = gather_facts(park_ids=parks, cut_off_on=cut_off_on, keys=keys)
    places = {key: column for column, key in enumerate(keys)}
    for row, park_id in enumerate(parks):
        for key, value in values[park_id].items():
            if key in places:
                gathered.values[row, places[key]] = value
    for part, whole in pairs:
        parts, wholes = gathered.values[:, places[part]], gathered.values[:, places[whole]]
        # A comparison with what is not known is never true.
        for row in np.flatnonzero(parts > wholes).tolist():
            if part in values[parks[row]] or whole in values[parks[row]]:
                yield parks[row], part, whole, (float(parts[row]), float(wholes[row]))


def state_facts_of_parks(
    *, branch: Branch, facts: Sequence[ParkFact], cut_off_on: date, source: str, actor: User | None, at: datetime
) -> list[StatedFact]:
    """State facts of parks of a branch from one table, in the caller's transaction; return what became of each, in order.

    What an assessor verified, and what rows say, wins over them as over every declared fact. One event for each park.

    :raises CannotDeclareFact: the actor does not run rounds of the branch, or a park is none of its.
    """
    if actor is not None and not actor.may(Permission.RUN_ROUNDS, branch.path):
        raise CannotDeclareFact(_("You may not declare facts of this park."))
    if any(not one.park.branch.path.startswith(branch.path) for one in facts):
        raise CannotDeclareFact(_("You may not declare facts of this park."))
    catalogue = get_catalogue()
    periods = {key: period_of(catalogue[key].period, cut_off_on) for key in {one.key for one in facts}}
    known = _known(branch, periods)
    new: dict[Place, Declaration] = {}
    changed: dict[Place, Stated] = {}
    said: dict[Park, dict[str, list[float | None]]] = {}
    stands: dict[Place, float] = {place: row.value for place, row in known.items()}
    done: list[tuple[Place, float | None]] = []
    by = actor.pk if actor else None
    for one in facts:
        place = one.park.pk, one.key
        before = stands.get(place)
        done.append((place, before))
        if before == one.value:
            continue
        stands[place] = one.value
        if place in known:
            changed[place] = Stated(known[place].pk, one.value, one.note, by, at)
        else:
            new[place] = _declaration(one, periods[one.key], by, at)
        said.setdefault(one.park, {})[one.key] = [before, one.value]
    bulk.insert_rows(model=Declaration, rows=new.values())
    rows = [(row.pk, known[place][1:], row[1:]) for place, row in changed.items()]
    bulk.update_values(model=Declaration, names=Stated._fields[1:], rows=rows)
    targets = [(park, {"count": len(of), "source": source, "facts": of}) for park, of in said.items()]
    audit.record_many("assessment.facts.stated", targets=targets, actor=actor, at=at, park_of=lambda park: park)
    if said:
        registry.park_changed(park_ids=[park.pk for park in said], at=at)
    keys = {place: row.pk for place, row in known.items()} | {place: row.pk for place, row in new.items()}
    return [
        StatedFact(keys[place], old, float(one.value), old is None)
        for one, (place, old) in zip(facts, done, strict=True)
    ]


def _declaration(one: ParkFact, period: DatePeriod, by: int | None, at: datetime) -> Declaration:
    dates = {"starts_on": period.starts_on, "ends_on": period.ends_on}
    return Declaration(
        park=one.park, fact_key=one.key, value=one.value, note=one.note, declared_by_id=by, declared_at=at, **dates
    )


def _known(branch: Branch, periods: Mapping[str, DatePeriod]) -> dict[Place, Stated]:
    """Return what is declared of the facts for these very periods, by park and fact."""
    if not periods:
        return {}
    same = Q()
    for period in set(periods.values()):
        keys = [key for key, of in periods.items() if of == period]
        same |= Q(fact_key__in=keys, starts_on=period.starts_on, ends_on=period.ends_on)
    rows = Declaration.objects.filter(same, park__branch__path__startswith=branch.path).order_by()
    return {(park, key): Stated(*row) for park, key, *row in rows.values_list("park_id", "fact_key", *Stated._fields)}
