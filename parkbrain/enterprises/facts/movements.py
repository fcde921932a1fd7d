"""Moves in, moves out and upgrades within a period."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import numpy as np
from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import DatePeriod
from parkbrain.kernel.reading import among

from ..models import Occupancy, Qualification
from ..queries.tenancies import get_tenancies
from .pieces import PREMISES, Gathered, Words, firm_names, pieces_fact, tenant_pieces
from .tenants import recorded_parks

Kind = Qualification.Kind
#: Certificates that count as an upgrade when a firm gets them for the first time.
UPGRADES = (Kind.ABOVE_SCALE, Kind.HNTE, Kind.SRDI, Kind.LITTLE_GIANT, Kind.CHAMPION)


def _moves(park_ids: Collection[int], period: DatePeriod, field: str) -> Gathered:
    inside = {f"{field}__gte": period.starts_on, f"{field}__lt": period.ends_on}
    # A stay carried on in other premises (split, merger) is no move.
    moved = {"continues": None} if field == "starts_on" else {"continuations": None}
    found = Occupancy.objects.filter(premises__park__in=among(park_ids), **inside, **moved)
    rows = list(found.values_list("premises__park_id", "premises_id", "premises__code", "enterprise_id", field))

    def describe(places: Sequence[int]) -> list[Words]:
        shown = [rows[place] for place in places]
        names = firm_names(firm_ids=[firm for *_premises, firm, _day in shown])
        return [
            Words(premises, f"{code} · {names[firm]}", day.isoformat()) for _park, premises, code, firm, day in shown
        ]

    parks = np.array([row[0] for row in rows], dtype=np.int64)
    return Gathered(parks, np.ones(len(rows)), PREMISES, describe, recorded_parks(park_ids=park_ids))


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
    tenancies = get_tenancies(park_ids=park_ids, on=period.last_on)
    first: dict[tuple[int, str], date] = {}
    held = Qualification.objects.filter(
        enterprise__in=among(tenancies.list_firms()), kind__in=UPGRADES, valid_from_on__lt=period.ends_on
    )
    for firm, kind, day in held.order_by("valid_from_on").values_list("enterprise_id", "kind", "valid_from_on"):
        first.setdefault((firm, kind), day)
    gained: dict[int, list[str]] = {}
    for (firm, kind), day in first.items():
        if period.contains(day):
            gained.setdefault(firm, []).append(kind)
    upgraded = tenancies.keep(np.isin(tenancies.firm_ids, list(gained)))
    firms = upgraded.firm_ids.tolist()
    return tenant_pieces(
        tenancies=upgraded,
        values=np.array([len(gained[firm]) for firm in firms], dtype=np.float64),
        known_parks=recorded_parks(park_ids=park_ids),
        detail=lambda place: ", ".join(sorted(str(Kind(kind).label) for kind in gained[firms[place]])),
    )
