"""Numbers of tenants: how many, in which segment, with which certificates."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta

import numpy as np
from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import DatePeriod, period_of
from parkbrain.calc.segments import GROWTH, LEADING, STARTUP
from parkbrain.kernel.reading import among, shared
from parkbrain.space.models import Premises

from ..queries.segments import reason_text
from ..queries.tenancies import get_tenancies, list_segments
from ..queries.tenants import TECH_KINDS, list_valid_kinds
from .pieces import Gathered, pieces_fact, tenant_pieces

#: A tenant gets a plan of its own once it has been in the park this long.
PLAN_AFTER = timedelta(days=90)


@shared
def recorded_parks(*, park_ids: Collection[int]) -> set[int]:
    """Return the parks whose premises are in the record: only there does "nobody" mean nobody."""
    return set(
        Premises.objects.filter(park__in=among(park_ids)).order_by().values_list("park_id", flat=True).distinct()
    )


@pieces_fact(
    key="tenants_active",
    how=gettext_lazy("The enterprises that occupy premises of the park on the day, each counted once."),
)
def tenants_active(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the tenants on the day."""
    tenancies = get_tenancies(park_ids=park_ids, on=period.last_on)
    return tenant_pieces(tenancies=tenancies, known_parks=recorded_parks(park_ids=park_ids))


@pieces_fact(
    key="tenants_eligible_plan",
    how=gettext_lazy("The tenants on the day that have been in the park for at least 90 days."),
)
def tenants_eligible_plan(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the tenants that were there 90 days ago and still are."""
    before = get_tenancies(park_ids=park_ids, on=period.last_on - PLAN_AFTER)
    now = get_tenancies(park_ids=park_ids, on=period.last_on)
    return tenant_pieces(tenancies=now.keep(now.among(before)), known_parks=recorded_parks(park_ids=park_ids))


def _segment(segment: str) -> Callable[..., Gathered]:
    def gather(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
        """Return the tenants of one segment."""
        year = period_of("fy", period.last_on).starts_on.year
        segments = list_segments(park_ids=park_ids, on=period.last_on, year=year)
        there = np.array([one.segment == segment for one in segments], dtype=bool)
        reasons = [one.reason for one in segments if one.segment == segment]
        return tenant_pieces(
            tenancies=get_tenancies(park_ids=park_ids, on=period.last_on).keep(there),
            known_parks=recorded_parks(park_ids=park_ids),
            detail=lambda place: reason_text(reason=reasons[place]),
        )

    return gather


leading_tenants = pieces_fact(
    key="leading_tenants",
    how=gettext_lazy(
        "The tenants that are large, listed, a headquarters, a single-product champion, a national little giant, or "
        "among the top tenth of the park's output."
    ),
)(_segment(LEADING))
startup_tenants = pieces_fact(
    key="startup_tenants",
    how=gettext_lazy("The tenants founded less than five years ago that are small or micro and not leading."),
)(_segment(STARTUP))
growth_tenants = pieces_fact(
    key="growth_tenants", how=gettext_lazy("The tenants that are neither leading nor startups.")
)(_segment(GROWTH))


@pieces_fact(
    key="tenants_hnte_or_sse",
    how=gettext_lazy("The tenants that on the day hold a valid certificate as high-tech, specialized or little giant."),
)
def tenants_hnte_or_sse(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the tenants with a valid certificate of technology or specialization."""
    tenancies = get_tenancies(park_ids=park_ids, on=period.last_on)
    held = list_valid_kinds(enterprise_ids=tenancies.list_firms(), on=period.last_on)
    firms = {firm: kinds for firm, every in held.items() if (kinds := [k for k in TECH_KINDS if k in every])}
    holding = tenancies.keep(np.isin(tenancies.firm_ids, list(firms)))

    def kinds_of(place: int) -> str:
        return ", ".join(str(kind.label) for kind in firms[int(holding.firm_ids[place])])

    return tenant_pieces(tenancies=holding, known_parks=recorded_parks(park_ids=park_ids), detail=kinds_of)
