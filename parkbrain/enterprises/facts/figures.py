"""Sums of the tenants' yearly returns; what a tenant did not report lowers the coverage and is never zero."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import DatePeriod, months_before, period_of

from ..queries.tenants import Tenant, figures_of, industry_leads, leading_industries, list_tenants
from .pieces import Gathered, pieces_fact, tenant_piece

Gather = Callable[..., Gathered]


def _year_of(period: DatePeriod) -> int:
    """Return the year whose returns count: the period's own, or for other periods the last closed one."""
    if period == period_of("fy", period.last_on):
        return period.starts_on.year
    return period_of("fy", period.last_on).starts_on.year


def _sum_of(field: str) -> Gather:
    def gather(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
        """Return each tenant's figure of the year."""
        tenants = list_tenants(park_ids=park_ids, on=period.last_on)
        found = figures_of(enterprise_ids={t.enterprise_id for t in tenants}, year=_year_of(period), field=field)
        return Gathered(
            [tenant_piece(tenant=t, value=found.get(t.enterprise_id), detail=str(_year_of(period))) for t in tenants]
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
    tenants = list_tenants(park_ids=list(leading), on=period.last_on)
    found = figures_of(enterprise_ids={t.enterprise_id for t in tenants}, year=_year_of(period), field="output_wan")
    pieces = []
    for tenant in tenants:
        leads = industry_leads(industry_code=tenant.industry_code, leading=leading[tenant.park_id])
        output_wan = found.get(tenant.enterprise_id)
        value = None if leads is None or (leads and output_wan is None) else (output_wan or 0.0) * leads
        pieces.append(tenant_piece(tenant=tenant, value=value, detail=tenant.industry_code))
    return Gathered(pieces)


def _same_boundary(years_back: int) -> Gather:
    def gather(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
        """Return the output of the firms that were there at the end of both years and reported for both."""
        now = list_tenants(park_ids=park_ids, on=period.last_on)
        before_on = months_before(period.last_on, 36)
        before = {(t.park_id, t.enterprise_id) for t in list_tenants(park_ids=park_ids, on=before_on)}
        both = [t for t in now if (t.park_id, t.enterprise_id) in before]
        year = _year_of(period)
        firms = {t.enterprise_id for t in both}
        early = figures_of(enterprise_ids=firms, year=year - 3, field="output_wan")
        late = figures_of(enterprise_ids=firms, year=year, field="output_wan")
        wanted = late if years_back == 0 else early
        return Gathered(
            [
                tenant_piece(tenant=t, value=_if_both(t, early, late, wanted), detail=str(year - years_back))
                for t in both
            ]
        )

    return gather


def _if_both(tenant: Tenant, early: dict[int, float], late: dict[int, float], wanted: dict[int, float]) -> float | None:
    reported = tenant.enterprise_id in early and tenant.enterprise_id in late
    return wanted[tenant.enterprise_id] if reported else None


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
