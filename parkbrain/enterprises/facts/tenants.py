"""Numbers of tenants: how many, in which segment, with which certificates."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta

from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import DatePeriod, period_of
from parkbrain.calc.segments import GROWTH, LEADING, STARTUP
from parkbrain.kernel.reading import shared
from parkbrain.space.models import Premises

from ..models import Qualification
from ..queries.segments import reason_text
from ..queries.tenants import TECH_KINDS, Tenant, list_segmented_tenants, list_tenants, list_valid_kinds
from .pieces import Gathered, Piece, pieces_fact, tenant_piece

#: A tenant gets a plan of its own once it has been in the park this long.
PLAN_AFTER = timedelta(days=90)


@shared
def recorded_parks(*, park_ids: Collection[int]) -> set[int]:
    """Return the parks whose premises are in the record: only there does "nobody" mean nobody."""
    return set(Premises.objects.filter(park__in=park_ids).order_by().values_list("park_id", flat=True).distinct())


@pieces_fact(
    key="tenants_active",
    how=gettext_lazy("The enterprises that occupy premises of the park on the day, each counted once."),
)
def tenants_active(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the tenants on the day."""
    tenants = list_tenants(park_ids=park_ids, on=period.last_on)
    return Gathered([tenant_piece(tenant=t, value=1.0) for t in tenants], recorded_parks(park_ids=park_ids))


@pieces_fact(
    key="tenants_eligible_plan",
    how=gettext_lazy("The tenants on the day that have been in the park for at least 90 days."),
)
def tenants_eligible_plan(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the tenants that were there 90 days ago and still are."""
    before = list_tenants(park_ids=park_ids, on=period.last_on - PLAN_AFTER)
    there = {(t.park_id, t.enterprise_id) for t in before}
    now = list_tenants(park_ids=park_ids, on=period.last_on)
    pieces = [tenant_piece(tenant=t, value=1.0) for t in now if (t.park_id, t.enterprise_id) in there]
    return Gathered(pieces, recorded_parks(park_ids=park_ids))


def _segment(segment: str) -> Callable[..., Gathered]:
    def gather(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
        """Return the tenants of one segment."""
        year = period_of("fy", period.last_on).starts_on.year
        tenants = list_segmented_tenants(park_ids=park_ids, on=period.last_on, year=year)
        return Gathered([_segment_piece(t) for t in tenants if _is(t, segment)], recorded_parks(park_ids=park_ids))

    return gather


def _is(tenant: Tenant, segment: str) -> bool:
    return tenant.segment is not None and tenant.segment.segment == segment


def _segment_piece(tenant: Tenant) -> Piece:
    assert tenant.segment is not None
    return tenant_piece(tenant=tenant, value=1.0, detail=reason_text(reason=tenant.segment.reason))


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
    tenants = list_tenants(park_ids=park_ids, on=period.last_on)
    held = list_valid_kinds(enterprise_ids={t.enterprise_id for t in tenants}, on=period.last_on)
    pieces = []
    for tenant in tenants:
        kinds = [k for k in TECH_KINDS if k in held.get(tenant.enterprise_id, frozenset())]
        if kinds:
            pieces.append(
                tenant_piece(
                    tenant=tenant, value=1.0, detail=", ".join(str(Qualification.Kind(k).label) for k in kinds)
                )
            )
    return Gathered(pieces, recorded_parks(park_ids=park_ids))
