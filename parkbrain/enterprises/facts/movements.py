"""Moves in, moves out and upgrades within a period."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import DatePeriod

from ..models import Occupancy, Qualification
from ..queries.tenants import list_tenants
from .pieces import Gathered, Piece, pieces_fact, tenant_piece
from .tenants import recorded_parks

Kind = Qualification.Kind
#: Certificates that count as an upgrade when a firm gets them for the first time.
UPGRADES = (Kind.ABOVE_SCALE, Kind.HNTE, Kind.SRDI, Kind.LITTLE_GIANT, Kind.CHAMPION)


def _moves(park_ids: Collection[int], period: DatePeriod, field: str) -> Gathered:
    inside = {f"{field}__gte": period.starts_on, f"{field}__lt": period.ends_on}
    # A stay carried on in other premises (split, merger) is no move.
    moved = {"continues": None} if field == "starts_on" else {"continuations": None}
    found = Occupancy.objects.filter(premises__park__in=park_ids, **inside, **moved)
    found = found.select_related("premises", "enterprise")
    pieces = [
        Piece(
            park_id=o.premises.park_id,
            value=1.0,
            target_label="space.premises",
            target_id=o.premises_id,
            label=f"{o.premises.code} · {o.enterprise.name}",
            detail=getattr(o, field).isoformat(),
        )
        for o in found
    ]
    return Gathered(pieces, recorded_parks(park_ids=park_ids))


@pieces_fact(key="new_leases_12m", how=gettext_lazy("The occupancies that began within the period."))
def new_leases(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the occupancies that began in the period."""
    return _moves(park_ids, period, "starts_on")


@pieces_fact(key="moveouts_12m", how=gettext_lazy("The occupancies that ended within the period."))
def moveouts(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the occupancies that ended in the period."""
    return _moves(park_ids, period, "ends_on")


@pieces_fact(
    key="upgrades_12m",
    how=gettext_lazy(
        "The first certificates of their kind that tenants gained within the period; renewals do not count."
    ),
)
def upgrades(*, park_ids: Collection[int], period: DatePeriod) -> Gathered:
    """Return the upgrades of tenants in the period."""
    tenants = list_tenants(park_ids=park_ids, on=period.last_on)
    firms = {t.enterprise_id for t in tenants}
    first: dict[tuple[int, str], Qualification] = {}
    held = Qualification.objects.filter(enterprise__in=firms, kind__in=UPGRADES, valid_from_on__lt=period.ends_on)
    for certificate in held.order_by("valid_from_on"):
        first.setdefault((certificate.enterprise_id, certificate.kind), certificate)
    gained: dict[int, list[str]] = {}
    for (firm, kind), certificate in first.items():
        if period.contains(certificate.valid_from_on):
            gained.setdefault(firm, []).append(str(Kind(kind).label))
    pieces = [
        tenant_piece(
            tenant=t, value=float(len(gained[t.enterprise_id])), detail=", ".join(sorted(gained[t.enterprise_id]))
        )
        for t in tenants
        if t.enterprise_id in gained
    ]
    return Gathered(pieces, recorded_parks(park_ids=park_ids))
