"""From pieces to facts: the same pieces make the number of a park and the rows behind it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from django.urls import reverse
from django.utils.functional import Promise

from parkbrain.calc.intervals import DatePeriod
from parkbrain.kernel.names import NAMES, namer
from parkbrain.kernel.registry import FactRow, FactValue, fact

from ..models import Enterprise
from ..queries.tenancies import Floats, Integers, Tenancies

#: Tables that pieces lie in, and the page that opens a row of each.
PREMISES, ENTERPRISE = "space.premises", "enterprises.enterprise"
_PAGES = {PREMISES: "premises_detail", ENTERPRISE: "enterprise_detail"}
_NOTHING = FactValue(0.0)


class Words(NamedTuple):
    """What people read of a piece, and the key of its row."""

    target_id: int
    label: str
    detail: str = ""


#: Words of the pieces at some places.
Describe = Callable[[Sequence[int]], Iterable[Words]]


@dataclass(frozen=True)
class Gathered:
    """Pieces of many parks as columns: whose each is and its part of the number, and the parks where none means zero.

    `nan` is a part that is unknown and that lowers the coverage; `weights` says how much each piece counts in it (1 each
    when None). The words of a piece are made only for those who open the rows: a city has hundreds of thousands.
    """

    park_ids: Integers
    values: Floats
    target_label: str
    describe: Describe
    known_parks: Collection[int] = frozenset()
    weights: Floats | None = None


Gather = Callable[..., Gathered]


def pieces_fact(*, key: str, how: str | Promise) -> Callable[[Gather], Gather]:
    """Register a gathering function as a computed fact: the value is the sum, the coverage the known share."""

    def wrap(gather: Gather) -> Gather:
        def values(*, park_ids: Collection[int], period: DatePeriod) -> dict[int, FactValue]:
            gathered = gather(park_ids=park_ids, period=period)
            return _values(gathered)

        def rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
            return _rows(gather(park_ids=[park_id], period=period))

        fact(key, how=how, rows=rows)(values)
        return gather

    return wrap


def _rows(gathered: Gathered) -> list[FactRow]:
    # A known nothing is no row: the sum is the same and the list stays readable.
    places = np.flatnonzero(np.nan_to_num(gathered.values)).tolist()
    target, page = gathered.target_label, _PAGES[gathered.target_label]
    rows = [
        FactRow(label, float(gathered.values[place]), reverse(page, args=[key]), detail, target, key)
        for place, (key, label, detail) in zip(places, gathered.describe(places), strict=True)
    ]
    return sorted(rows, key=lambda row: row.label)


def _values(gathered: Gathered) -> dict[int, FactValue]:
    parks, park = np.unique(gathered.park_ids, return_inverse=True)
    weights = np.ones(len(park)) if gathered.weights is None else gathered.weights
    known = ~np.isnan(gathered.values)
    counted = known & (gathered.values != 0)
    # Added up in the order of the pieces, as one by one.
    columns = (
        np.bincount(park[known], gathered.values[known], len(parks)),
        np.bincount(park[counted], minlength=len(parks)),
        np.bincount(park[known], weights[known], len(parks)) / np.bincount(park, weights, len(parks)),
    )
    values = {}
    for park_id, total, count, coverage in zip(parks.tolist(), *(c.tolist() for c in columns), strict=True):
        # Nothing of what should be there is known: that is unknown, not zero.
        values[park_id] = FactValue(total if coverage > 0 else None, coverage, count)
    for park_id in gathered.known_parks:
        values.setdefault(park_id, _NOTHING)
    return values


def tenant_pieces(
    *,
    tenancies: Tenancies,
    values: Floats | None = None,
    known_parks: Collection[int] = frozenset(),
    detail: Callable[[int], str] = lambda place: "",
) -> Gathered:
    """Return every tenant's part of a number (1 each when None), with what is said of the one at a place."""

    def describe(places: Sequence[int]) -> list[Words]:
        firms = tenancies.firm_ids[places].tolist()
        names = firm_names(firm_ids=firms)
        return [Words(firm, names[firm], detail(place)) for firm, place in zip(firms, places, strict=True)]

    parts = np.ones(len(tenancies.firm_ids)) if values is None else values
    return Gathered(tenancies.park_ids, parts, ENTERPRISE, describe, known_parks)


def firm_names(*, firm_ids: Collection[int]) -> dict[int, str]:
    """Return the names of firms in the active language."""
    name_of = namer()
    return {firm.pk: name_of(firm) for firm in Enterprise.objects.filter(pk__in=set(firm_ids)).only(*NAMES)}
