"""Let and vacant area."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from numpy.typing import NDArray

from parkbrain.calc.intervals import DatePeriod
from parkbrain.calc.vacancy import area_days, vacant_days
from parkbrain.kernel.reading import among, shared
from parkbrain.space.models import Premises

from ..models import Occupancy
from ..queries.tenancies import Floats, Integers, leads_of
from ..queries.tenants import leading_industries
from ..queries.vacancy import VacancySpell, list_vacancy_spells
from .pieces import PREMISES, Gathered, Words, firm_names, pieces_fact
from .tenants import recorded_parks


@dataclass(frozen=True)
class Let:
    """The occupied premises of the lettable stock as columns, by code; `industries` are those of their firms."""

    park_ids: Integers
    premises_ids: Sequence[int]
    codes: Sequence[str]
    areas_m2: Floats
    uses: Sequence[str]
    firm_ids: Sequence[int]
    industries: Sequence[str]


@shared
def _occupied(*, park_ids: Collection[int], on: date) -> Let:
    """Return the premises that belong to the lettable stock and are occupied on the day."""
    stock = Premises.objects.filter(park__in=among(park_ids), lettable=True).lettable_on(on)
    found = Occupancy.objects.current_on(on).filter(premises__in=stock).order_by("premises__code")
    read = ("park_id", "id", "code", "billing_area_m2", "use")
    rows = found.values_list(*(f"premises__{name}" for name in read), "enterprise_id", "enterprise__industry_code")
    parks, premises, codes, areas, uses, firms, industries = list(zip(*rows, strict=True)) or [()] * 7
    parks_, areas_ = np.array(parks, dtype=np.int64), np.array(areas, dtype=np.float64)
    return Let(parks_, premises, codes, areas_, uses, firms, industries)


def _gather(let: Let, park_ids: Collection[int], kept: NDArray[np.bool_], values: Floats) -> Gathered:
    """Return the kept premises with their parts of the number, each counting in the coverage by its area."""
    at = np.flatnonzero(kept).tolist()

    def describe(places: Sequence[int]) -> list[Words]:
        shown = [at[place] for place in places]
        names = firm_names(firm_ids=[let.firm_ids[n] for n in shown])
        return [Words(let.premises_ids[n], let.codes[n], names[let.firm_ids[n]]) for n in shown]

    known_parks = recorded_parks(park_ids=park_ids)
    return Gathered(let.park_ids[kept], values[kept], PREMISES, describe, known_parks, let.areas_m2[kept])


def _industrial(let: Let) -> NDArray[np.bool_]:
    return np.array([use in Premises.INDUSTRIAL_USES for use in let.uses], dtype=bool)


@pieces_fact(
    key="leased_area_m2",
    how=gettext_lazy("The billing areas of the lettable premises that are occupied on the day, added up."),
)
def leased_area(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the let premises with their area [m²]."""
    let = _occupied(park_ids=park_ids, on=period.last_on)
    return _gather(let, park_ids, np.ones(len(let.codes), dtype=bool), let.areas_m2)


@pieces_fact(
    key="leased_industrial_area_m2",
    how=gettext_lazy("The billing areas of let premises for production, R&D, laboratories, storage and incubation."),
)
def leased_industrial_area(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the let industrial premises with their area [m²]."""
    let = _occupied(park_ids=park_ids, on=period.last_on)
    return _gather(let, park_ids, _industrial(let), let.areas_m2)


@pieces_fact(
    key="leading_leased_area_m2",
    how=gettext_lazy(
        "The let industrial area of tenants whose GB/T 4754 code belongs to the park's leading industries; tenants "
        "without a code lower the coverage."
    ),
)
def leading_leased_area(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the let industrial premises of tenants in the leading industries."""
    leading = leading_industries(park_ids=park_ids)
    let = _occupied(park_ids=park_ids, on=period.last_on)
    kept = _industrial(let) & np.isin(let.park_ids, list(leading))
    leads = leads_of(park_ids=let.park_ids, industries=let.industries, leading=leading)
    return _gather(let, list(leading), kept, let.areas_m2 * leads)


def _vacant(spells: Sequence[VacancySpell], values: Floats, park_ids: Collection[int]) -> Gathered:
    """Return the spells with their parts of the number, each counting in the coverage by its area."""

    def describe(places: Sequence[int]) -> list[Words]:
        return [Words(s.premises_id, s.premises_code, _vacant_words(s)) for s in map(spells.__getitem__, places)]

    parks = np.array([s.park_id for s in spells], dtype=np.int64)
    return Gathered(parks, values, PREMISES, describe, recorded_parks(park_ids=park_ids), _areas_m2(spells))


def _areas_m2(spells: Sequence[VacancySpell]) -> Floats:
    return np.array([s.area_m2 for s in spells], dtype=np.float64)


def _vacant_words(spell: VacancySpell) -> str:
    since = spell.starts_on.isoformat() if spell.starts_on else _("unknown")
    return _("vacant from %(start)s to %(end)s") % {"start": since, "end": spell.ends_on.isoformat()}


@pieces_fact(
    key="vacant_area_m2",
    how=gettext_lazy(
        "The area of lettable premises that are vacant on the day or were let after a vacancy in the period."
    ),
)
def vacant_area(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the premises that count for the age of vacancy, with their area [m²]."""
    spells = list_vacancy_spells(park_ids=park_ids, period=period)
    # Without the day a vacancy began its age is unknown: it counts neither above nor below the line.
    unknown = np.array([s.starts_on is None for s in spells], dtype=bool)
    return _vacant(spells, np.where(unknown, np.nan, _areas_m2(spells)), park_ids)


@pieces_fact(
    key="vacant_area_days",
    how=gettext_lazy("For each of these premises its area times the days of its vacancy, added up."),
)
def vacant_area_days(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the premises that count for the age of vacancy, with area times days [m²·d]."""
    spells = list_vacancy_spells(park_ids=park_ids, period=period)
    starts = np.array([s.starts_on for s in spells], dtype="datetime64[D]")
    ends = np.array([s.ends_on for s in spells], dtype="datetime64[D]")
    return _vacant(spells, area_days(_areas_m2(spells), vacant_days(starts, ends)), park_ids)
