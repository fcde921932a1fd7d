"""The table of a round as it is published: sums and medians by district, street and kind, small cells kept back."""

from __future__ import annotations

import statistics
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.utils.translation import gettext as _

from parkbrain.assessment.queries import CatalogueFact, get_catalogue
from parkbrain.calc.disclosure import CellSum, Equation, suppress
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.names import street_name
from parkbrain.ui.formats import unit
from parkbrain.ui.table import Column

from ..models import DataRound, Entry, Publication, Submission

#: The whole of the table, and the groups below it.
ALL = "all"
GROUPS = ("district", "street", "kind")
#: The median of fewer values is, to whoever knows the others, the value of one park.
LEAST_MEDIAN = 5


@dataclass(frozen=True)
class Cell:
    """A number of the published table; kept back where it would say too much of one park."""

    count: int
    total: float | None
    median: float | None
    is_kept_back: bool


@dataclass(frozen=True)
class PublishedRow:
    """A district, street or kind of park, or all of them."""

    group: str
    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class PublishedTable:
    """A published version as people read it."""

    publication: Publication
    facts: Sequence[CatalogueFact]
    rows: Sequence[PublishedRow]
    kept_back_count: int

    @property
    def width(self) -> int:
        """How many columns it has."""
        return 1 + 3 * len(self.facts)


def build_content(*, data_round: DataRound) -> dict[str, Any]:
    """Return the table of a round's accepted answers: {"facts", "groups", "cells": {fact: {group: [count, sum, median]}}}.

    A cell that is kept back has neither sum nor median, and no count either where fewer than the least number of parks
    stand behind it. What is a sum of other cells never gives one back.
    """
    accepted = data_round.submissions.filter(state=Submission.State.ACCEPTED).select_related("park")
    parks = {one.pk: one.park for one in accepted}
    groups = _groups(parks.values())
    cells: dict[str, dict[str, list[Any]]] = {}
    for key in data_round.fact_keys:
        entries = Entry.objects.filter(submission__in=parks, fact_key=key)
        values = {
            parks[pk].pk: value for pk, value in entries.values_list("submission_id", "value") if value is not None
        }
        cells[key] = _cells_of(values, groups, data_round)
    return {
        "facts": [key for key in data_round.fact_keys if key in get_catalogue()],
        "groups": {name: label for name, (label, _members, _parent) in groups.items()},
        "cells": cells,
    }


Groups = dict[str, tuple[str, frozenset[int], str]]


def _groups(parks: Any) -> Groups:
    """Return every group by its name, with its label, its parks and the group whose part it is."""
    members: dict[str, set[int]] = {ALL: set()}
    parents: dict[str, tuple[str, str]] = {ALL: ("", "")}
    for park in parks:
        district, street = f"district:{park.district_code}", f"street:{park.district_code}:{park.street}"
        named = ((ALL, "", ""), (district, park.district_code, ALL), (street, park.street, district))
        for name, label, parent in (*named, (f"kind:{park.kind}", park.kind, ALL)):
            members.setdefault(name, set()).add(park.pk)
            parents.setdefault(name, (label, parent))
    order = sorted(members, key=lambda name: (name != ALL, _rank(name), name))
    return {name: (parents[name][0], frozenset(members[name]), parents[name][1]) for name in order}


def _rank(name: str) -> int:
    return GROUPS.index(name.partition(":")[0]) if ":" in name else -1


def _cells_of(values: Mapping[int, float], groups: Groups, data_round: DataRound) -> dict[str, list[Any]]:
    given = {name: [values[pk] for pk in parks if pk in values] for name, (_label, parks, _parent) in groups.items()}
    # Sums of amounts of either sign hide nothing by their share: what counts is how much of it is one park's.
    sums: dict[Hashable, CellSum] = {
        name: CellSum(len(v), sum(abs(x) for x in v), max((abs(x) for x in v), default=0.0))
        for name, v in given.items()
    }
    primary, secondary = suppress(
        sums,
        _equations(groups),
        least=data_round.least_parks,
        dominance=data_round.dominance_percent / 100,
    )
    cells: dict[str, list[Any]] = {}
    for name, found in given.items():
        if name in primary or name in secondary:
            cells[name] = [len(found) if len(found) >= data_round.least_parks else None, None, None]
        else:
            has_median = len(found) >= max(LEAST_MEDIAN, data_round.least_parks)
            cells[name] = [len(found), sum(found) if found else None, statistics.median(found) if has_median else None]
    return cells


def _equations(groups: Groups) -> list[Equation]:
    """Return how the groups add up: districts and kinds to all, streets to their district."""
    parts: dict[tuple[str, str], list[Hashable]] = {}
    for name, (_label, _parks, parent) in groups.items():
        if parent:
            parts.setdefault((parent, name.partition(":")[0]), []).append(name)
    return [Equation(parent, tuple(names)) for (parent, _kind), names in parts.items()]


def get_published(*, publication: Publication) -> PublishedTable:
    """Return a published version as people read it, in their language."""
    content = publication.content
    catalogue = get_catalogue()
    keys = [key for key in content["facts"] if key in catalogue]
    codes = {name.split(":")[1] for name in content["groups"] if name.startswith("district:")}
    districts = {branch.code: branch.name for branch in Branch.objects.filter(code__in=codes)}
    rows = [
        PublishedRow(
            name.partition(":")[0],
            _label(name, label, districts),
            [_cell(content["cells"][key].get(name, [0, None, None])) for key in keys],
        )
        for name, label in content["groups"].items()
    ]
    kept_back = sum(cell.is_kept_back for row in rows for cell in row.cells)
    return PublishedTable(publication, [catalogue[key] for key in keys], rows, kept_back)


def _cell(stored: Sequence[Any]) -> Cell:
    count, total, median = stored
    return Cell(count or 0, total, median, total is None and count != 0)


def _label(name: str, label: str, districts: Mapping[str, str]) -> str:
    if name == ALL:
        return _("All parks")
    if name.startswith("kind:"):
        return str(dict(Park.Kind.choices).get(label, label))
    if name.startswith("district:"):
        return districts.get(label, label) or _("no district given")
    return street_name(label) or _("no street given")


def list_publications(*, user: User) -> list[Publication]:
    """Return the newest published version of every round whose tables the person may read."""
    rows = Publication.objects.visible_to(user).select_related("round__branch").order_by("round_id", "-version")
    newest: dict[int, Publication] = {}
    for one in rows:
        newest.setdefault(one.round_id, one)
    return sorted(newest.values(), key=lambda one: one.published_at, reverse=True)


def table_columns(*, table: PublishedTable) -> tuple[list[Column], list[list[Any]]]:
    """Return a published table as columns and rows of a file; what is kept back is a word, never a nought."""
    heads = [_("Group"), _("Name")]
    for fact in table.facts:
        heads += [f"{fact.name} ({unit(fact.unit)}): {word}" for word in (_("parks"), _("sum"), _("median"))]
    names = {ALL: _("All parks"), "district": _("District"), "street": _("Street"), "kind": _("Kind")}
    hidden = _("kept back")
    lines = []
    for row in table.rows:
        line: list[Any] = [names[row.group], row.label]
        for cell in row.cells:
            line += [cell.count or (hidden if cell.is_kept_back else 0)]
            line += [hidden, hidden] if cell.is_kept_back else [cell.total, cell.median]
        lines.append(line)
    return [Column(str(n), head, itemgetter(n)) for n, head in enumerate(heads)], lines
