"""From pieces to facts: the same pieces make the number of a park and the rows behind it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise

from parkbrain.calc.intervals import DatePeriod
from parkbrain.kernel.registry import FactRow, FactValue, fact

from ..queries.tenants import Tenant

#: Page that opens a row, by the table it lies in.
_PAGES = {"space.premises": "premises_detail", "enterprises.enterprise": "enterprise_detail"}


@dataclass(frozen=True)
class Piece:
    """One row's part of a park's number; None is a row whose part is unknown and that lowers the coverage."""

    park_id: int
    value: float | None
    target_label: str
    target_id: int
    label: str = ""
    detail: str = ""

    def as_row(self) -> FactRow:
        """Return the piece as the row that people open."""
        url = reverse(_PAGES[self.target_label], args=[self.target_id])
        return FactRow(self.label, self.value, url, self.detail, self.target_label, self.target_id)


@dataclass(frozen=True)
class Gathered:
    """Pieces of many parks, and the parks where none means zero rather than unknown.

    `weights` says how much each piece counts in the coverage (1 each when None).
    """

    pieces: Iterable[Piece]
    known_parks: Collection[int] = frozenset()
    weights: Mapping[int, float] | None = None


Gather = Callable[..., Gathered]


def pieces_fact(*, key: str, how: str | Promise) -> Callable[[Gather], Gather]:
    """Register a gathering function as a computed fact: the value is the sum, the coverage the known share."""

    def wrap(gather: Gather) -> Gather:
        def values(*, park_ids: Collection[int], period: DatePeriod) -> dict[int, FactValue]:
            gathered = gather(park_ids=park_ids, period=period)
            return _values(gathered)

        def rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
            pieces = gather(park_ids=[park_id], period=period).pieces
            # A known nothing is no row: the sum is the same and the list stays readable.
            known = [p for p in pieces if p.value]
            return [p.as_row() for p in sorted(known, key=lambda p: p.label)]

        fact(key, how=how, rows=rows)(values)
        return gather

    return wrap


def _values(gathered: Gathered) -> dict[int, FactValue]:
    totals: dict[int, float] = {}
    counts: dict[int, int] = {}
    known: dict[int, float] = {}
    whole: dict[int, float] = {}
    for piece in gathered.pieces:
        weight = 1.0 if gathered.weights is None else gathered.weights[piece.target_id]
        whole[piece.park_id] = whole.get(piece.park_id, 0.0) + weight
        if piece.value is not None:
            totals[piece.park_id] = totals.get(piece.park_id, 0.0) + piece.value
            counts[piece.park_id] = counts.get(piece.park_id, 0) + int(piece.value != 0)
            known[piece.park_id] = known.get(piece.park_id, 0.0) + weight
    values = {}
    for park_id in whole:
        coverage = known.get(park_id, 0.0) / whole[park_id]
        # Nothing of what should be there is known: that is unknown, not zero.
        total = totals.get(park_id) if coverage > 0 else None
        values[park_id] = FactValue(total, coverage, counts.get(park_id, 0))
    for park_id in gathered.known_parks:
        values.setdefault(park_id, FactValue(0.0))
    return values


def tenant_piece(*, tenant: Tenant, value: float | None, detail: str = "") -> Piece:
    """Return a tenant's part of a number."""
    return Piece(tenant.park_id, value, "enterprises.enterprise", tenant.enterprise_id, tenant.name, detail)
