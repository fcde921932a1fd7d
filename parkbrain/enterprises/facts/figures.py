"""Sums of the tenants' yearly returns; what a tenant did not report lowers the coverage and is never zero."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import DatePeriod, months_before, period_of

from ..queries.tenancies import get_figures, get_tenancies, leads_of, list_industries
from ..queries.tenants import leading_industries
from .pieces import Gathered, pieces_fact, tenant_pieces

Gather = Callable[..., Gathered]


def _year_of(period: DatePeriod) -> int:
    """Return the year whose returns count: the period's own, or for other periods the last closed one."""
    if period == period_of("fy", period.last_on):
        return period.starts_on.year
    return period_of("fy", period.last_on).starts_on.year


def _sum_of(field: str) -> Gather:
    def gather(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
        """Return each tenant's figure of the year."""
        year = _year_of(period)
        return tenant_pieces(
            tenancies=get_tenancies(park_ids=park_ids, on=period.last_on),
            values=get_figures(park_ids=park_ids, on=period.last_on, year=year, field=field),
            detail=lambda place: str(year),
        )

    return gather


staff_total = pieces_fact(
    key="staff_total", how=gettext_lazy("The staff that the tenants report for the last closed year, added up.")
)(_sum_of("staff_count"))
total_output = pieces_fact(
    key="total_output_wan", how=gettext_lazy("The output of the year that the tenants at its end report, added up.")
)(_sum_of("output_wan"))
revenue = pieces_fact(
    key="revenue_wan", how=gettext_lazy("The revenue of the year that the tenants at its end report, added up.")
)(_sum_of("revenue_wan"))
rd_spend = pieces_fact(
    key="rd_spend_wan", how=gettext_lazy("The R&D spend of the year that the tenants at its end report, added up.")
)(_sum_of("rd_spend_wan"))
total_tax = pieces_fact(
    key="total_tax_wan", how=gettext_lazy("The tax of the year that the tenants at its end report, added up.")
)(_sum_of("tax_wan"))
value_added = pieces_fact(
    key="value_added_wan", how=gettext_lazy("The value added of the year that the tenants at its end report, added up.")
)(_sum_of("value_added_wan"))


@pieces_fact(
    key="leading_output_wan",
    how=gettext_lazy(
        "The output of the year of those tenants whose industry belongs to the park's leading industries."
    ),
)
def leading_output(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the output [10,000 yuan] of tenants in the leading industries."""
    leading = leading_industries(park_ids=park_ids)
    every = get_tenancies(park_ids=park_ids, on=period.last_on)
    asked = np.isin(every.park_ids, list(leading))
    tenancies, industries = every.keep(asked), list_industries(park_ids=park_ids, on=period.last_on)[asked]
    figures = get_figures(park_ids=park_ids, on=period.last_on, year=_year_of(period), field="output_wan")[asked]
    leads = leads_of(park_ids=tenancies.park_ids, industries=industries, leading=leading)
    # Whose industry does not lead adds nothing, whatever its output: it need not be known.
    values = np.where(leads == 0, 0.0, leads * figures)
    return tenant_pieces(tenancies=tenancies, values=values, detail=lambda place: str(industries[place]))


def _same_boundary(years_back: int) -> Gather:
    def gather(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
        """Return the output of the firms that were there at the end of both years and reported for both."""
        now = get_tenancies(park_ids=park_ids, on=period.last_on)
        both = now.among(get_tenancies(park_ids=park_ids, on=months_before(period.last_on, 36)))
        year = _year_of(period)
        late, early = (
            get_figures(park_ids=park_ids, on=period.last_on, year=one, field="output_wan")[both]
            for one in (year, year - 3)
        )
        wanted = late if years_back == 0 else early
        return tenant_pieces(
            tenancies=now.keep(both),
            values=np.where(np.isnan(late) | np.isnan(early), np.nan, wanted),
            detail=lambda place: str(year - years_back),
        )

    return gather


output_now = pieces_fact(
    key="output_now_wan",
    how=gettext_lazy(
        "The output of the year of the firms that were tenants then and three years before and reported both."
    ),
)(_same_boundary(0))
output_3y_ago = pieces_fact(
    key="output_3y_ago_wan",
    how=gettext_lazy("The output three years before of the same firms: tenants at both times that reported both."),
)(_same_boundary(3))
