"""Tenants as columns: of a city's hundreds of thousands, facts count and add up what they would not read one by one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc.segments import Segment
from parkbrain.kernel.reading import among, shared

from ..models import Enterprise, Occupancy
from .returns import FIGURES, list_returns
from .tenants import industry_leads, list_valid_kinds, place_tenants

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
#: What is read of a tenant's firm: its industry, and what its segment follows from.
FIRM_COLUMNS = ("industry_code", "size_class", "founded_on", "is_listed", "is_headquarters")
_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Tenancies:
    """Which firm was a tenant of which park on a day: a place for each park and firm, in their order."""

    park_ids: Integers
    firm_ids: Integers

    def among(self, other: Tenancies) -> NDArray[np.bool_]:
        """Tell of every place whether the other day has the same firm in the same park."""
        width = 1 + max(self.firm_ids.max(initial=0), other.firm_ids.max(initial=0))
        own, others = (one.park_ids * width + one.firm_ids for one in (self, other))
        return np.isin(own, others)

    def list_firms(self) -> list[int]:
        """Return every firm once, in order."""
        firms: list[int] = np.unique(self.firm_ids).tolist()
        return firms

    def keep(self, kept: NDArray[np.bool_]) -> Tenancies:
        """Return only some of the places."""
        return Tenancies(self.park_ids[kept], self.firm_ids[kept])


@shared
def get_tenancies(*, park_ids: Collection[int], on: date) -> Tenancies:
    """Return the tenants of the parks on a day."""
    rows = Occupancy.objects.current_on(on).filter(premises__park__in=among(park_ids)).order_by()
    parks, firms = _whole_numbers(rows.values_list("premises__park_id", "enterprise_id"), 2)
    width = 1 + firms.max(initial=0)
    # A firm in several premises of a park is one tenant of it.
    parks, firms = np.divmod(np.unique(parks * width + firms), width)
    return Tenancies(parks, firms)


def _whole_numbers(rows: Any, width: int) -> Integers:
    """Return the columns of rows of keys."""
    return np.array(list(rows), dtype=np.int64).reshape(-1, width).T


@shared
def list_firms(*, park_ids: Collection[int], on: date) -> dict[int, tuple[Any, ...]]:
    """Return the firms of the tenants on a day with their `FIRM_COLUMNS`."""
    firms = get_tenancies(park_ids=park_ids, on=on).list_firms()
    rows = Enterprise.objects.filter(pk__in=among(firms)).order_by().values_list("pk", *FIRM_COLUMNS)
    return {pk: tuple(columns) for pk, *columns in rows}


@shared
def list_industries(*, park_ids: Collection[int], on: date) -> NDArray[np.object_]:
    """Return the industry of every tenant, "" where it is unknown."""
    firms = list_firms(park_ids=park_ids, on=on)
    tenancies = get_tenancies(park_ids=park_ids, on=on)
    return np.array([firms[firm][0] for firm in tenancies.firm_ids.tolist()], dtype=object)


def leads_of(*, park_ids: Integers, industries: Iterable[str], leading: Mapping[int, Sequence[str]]) -> Floats:
    """Tell of every industry whether it is a leading one of its park: 1 or 0, `nan` where either is unknown."""
    known: dict[tuple[int, str], float] = {}
    for park, code in set(zip(park_ids.tolist(), industries, strict=True)):
        leads = industry_leads(industry_code=code, leading=leading.get(park, ()))
        known[park, code] = np.nan if leads is None else float(leads)
    return np.array([known[one] for one in zip(park_ids.tolist(), industries, strict=True)], dtype=np.float64)


def get_figures(*, park_ids: Collection[int], on: date, year: int, field: str) -> Floats:
    """Return one figure of the year's returns for every tenant on a day, `nan` where the firm did not report it."""
    tenancies = get_tenancies(park_ids=park_ids, on=on)
    firms, returns = tenancies.firm_ids, list_returns(enterprise_ids=tenancies.list_firms(), year=year)
    if not len(returns):
        return np.full(len(firms), np.nan)
    places = np.searchsorted(returns[:, 0], firms).clip(max=len(returns) - 1)
    return np.where(returns[places, 0] == firms, returns[places, 1 + FIGURES.index(field)], np.nan)


@shared
def list_segments(*, park_ids: Collection[int], on: date, year: int) -> list[Segment]:
    """Return the segment of every tenant on a day; output counts by the returns of `year`."""
    tenancies, firms = get_tenancies(park_ids=park_ids, on=on), list_firms(park_ids=park_ids, on=on)
    held = list_valid_kinds(enterprise_ids=list(firms), on=on)
    outputs = get_figures(park_ids=park_ids, on=on, year=year, field="output_wan").tolist()
    rows = [
        (park, *firms[firm][1:], held.get(firm, _NONE), output if output == output else None)
        for park, firm, output in zip(tenancies.park_ids.tolist(), tenancies.firm_ids.tolist(), outputs, strict=True)
    ]
    return place_tenants(rows=rows, on=on)
