"""Let and vacant area."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import DatePeriod
from parkbrain.calc.vacancy import area_days, vacant_days
from parkbrain.kernel.reading import shared
from parkbrain.space.models import Premises

from ..models import Occupancy
from ..queries.tenants import industry_leads, leading_industries
from ..queries.vacancy import VacancySpell, list_vacancy_spells
from .pieces import Gathered, Piece, pieces_fact
from .tenants import recorded_parks

#: What the area facts read of an occupancy; making whole objects of hundreds takes longer than asking for them.
_READ = (
    *("premises__park_id", "premises__code", "premises__billing_area_m2", "premises__use"),
    *("enterprise__name_zh_hans", "enterprise__name_zh_hant", "enterprise__name_en", "enterprise__industry_code"),
)


@shared
def _occupied(*, park_ids: Collection[int], on: date) -> list[Occupancy]:
    """Return the occupancies on the day of premises that belong to the lettable stock."""
    stock = Premises.objects.filter(park__in=park_ids, lettable=True).lettable_on(on)
    found = Occupancy.objects.current_on(on).filter(premises__in=stock)
    return list(found.select_related("premises", "enterprise").only(*_READ).order_by("premises__code"))


def _let(park_ids: Collection[int], period: DatePeriod, *, industrial: bool) -> Iterable[Occupancy]:
    occupied = _occupied(park_ids=park_ids, on=period.last_on)
    return [o for o in occupied if not industrial or o.premises.use in Premises.INDUSTRIAL_USES]


def _piece(occupancy: Occupancy, area_m2: float | None) -> Piece:
    premises = occupancy.premises
    return Piece(premises.park_id, area_m2, "space.premises", premises.pk, premises.code, occupancy.enterprise.name)


@pieces_fact(
    key="leased_area_m2",
    how=gettext_lazy("The billing areas of the lettable premises that are occupied on the day, added up."),
)
def leased_area(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the let premises with their area [m²]."""
    pieces = [_piece(o, o.premises.billing_area_m2) for o in _let(park_ids, period, industrial=False)]
    return Gathered(pieces, recorded_parks(park_ids=park_ids))


@pieces_fact(
    key="leased_industrial_area_m2",
    how=gettext_lazy("The billing areas of let premises for production, R&D, laboratories, storage and incubation."),
)
def leased_industrial_area(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the let industrial premises with their area [m²]."""
    pieces = [_piece(o, o.premises.billing_area_m2) for o in _let(park_ids, period, industrial=True)]
    return Gathered(pieces, recorded_parks(park_ids=park_ids))


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
    pieces, weights = [], {}
    for occupancy in _let(list(leading), period, industrial=True):
        premises = occupancy.premises
        leads = industry_leads(industry_code=occupancy.enterprise.industry_code, leading=leading[premises.park_id])
        area_m2 = None if leads is None else premises.billing_area_m2 * leads
        pieces.append(_piece(occupancy, area_m2))
        weights[premises.pk] = premises.billing_area_m2
    return Gathered(pieces, recorded_parks(park_ids=list(leading)), weights)


def _vacancy_piece(spell: VacancySpell, value: float | None) -> Piece:
    since = spell.starts_on.isoformat() if spell.starts_on else _("unknown")
    detail = _("vacant from %(start)s to %(end)s") % {"start": since, "end": spell.ends_on.isoformat()}
    return Piece(spell.park_id, value, "space.premises", spell.premises_id, spell.premises_code, detail)


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
    pieces = [_vacancy_piece(s, s.area_m2 if s.starts_on else None) for s in spells]
    return Gathered(pieces, recorded_parks(park_ids=park_ids), {s.premises_id: s.area_m2 for s in spells})


@pieces_fact(
    key="vacant_area_days",
    how=gettext_lazy("For each of these premises its area times the days of its vacancy, added up."),
)
def vacant_area_days(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the premises that count for the age of vacancy, with area times days [m²·d]."""
    spells = list_vacancy_spells(park_ids=park_ids, period=period)
    starts = np.array([s.starts_on for s in spells], dtype="datetime64[D]")
    ends = np.array([s.ends_on for s in spells], dtype="datetime64[D]")
    values = area_days(np.array([s.area_m2 for s in spells]), vacant_days(starts, ends))
    pieces = [
        _vacancy_piece(s, None if np.isnan(value) else float(value)) for s, value in zip(spells, values, strict=True)
    ]
    return Gathered(pieces, recorded_parks(park_ids=park_ids), {s.premises_id: s.area_m2 for s in spells})
