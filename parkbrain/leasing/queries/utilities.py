"""How leases charge supplies: the utilities clauses that govern days of a time, for the module that knows the meters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from parkbrain.calc import leases as calc
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park

from ..models import Lease, LeaseVersion
from .agreements import with_contents


@dataclass(frozen=True)
class UtilityTerm:
    """A utilities clause on the days [starts_on, ends_on) that it governs.

    `way` is TARIFF (own meter, by `tariff` where it names one) or SHARE: `share_percent` [%] of what `share_of` says,
    WHOLE (the park's supply) or PUBLIC (its common use).
    """

    clause_id: int
    lease_number: str
    enterprise: Enterprise
    supply: str
    way: str
    share_percent: Decimal | None
    share_of: str
    tariff: str
    starts_on: date
    ends_on: date


def list_utilities(
    *, park: Park, starts_on: date, ends_on: date, supply: str = "", names_tariff: bool = False
) -> list[UtilityTerm]:
    """Return the utilities clauses of a park's binding leases on days of [starts_on, ends_on), by lease and clause.

    With `supply` those of one supply, with `names_tariff` those that name a tariff.
    """
    leases = Lease.objects.filter(park=park, state__in=Lease.BINDING, starts_on__lt=ends_on).stopping_after(starts_on)
    wanted: dict[str, Any] = {"versions__clauses__kind": "UTILITIES"}
    if names_tariff:
        wanted["versions__clauses__values__has_key"] = "tariff"
    with_clause = leases.filter(**wanted).distinct()
    rows = with_contents(leases=list(with_clause.select_related("enterprise").order_by("number")))
    terms = [term for lease in rows for term in _terms_of(lease, starts_on, ends_on)]
    return [t for t in terms if (not supply or t.supply == supply) and (t.tariff or not names_tariff)]


def _terms_of(lease: Lease, starts_on: date, ends_on: date) -> list[UtilityTerm]:
    held = (v for v in lease.versions.all() if v.state == LeaseVersion.State.APPROVED)
    versions = sorted(held, key=lambda v: v.number)
    found = []
    for number, begin, end in calc.governing_spans([v.effective_on for v in versions], lease.starts_on, lease.stops_on):
        first, last = max(begin, starts_on), min(end, ends_on)
        if last <= first:
            continue
        for row in versions[number].clauses.all():
            clause = calc.parse_clause(row.kind, row.values) if row.kind == "UTILITIES" else None
            if isinstance(clause, calc.Utilities):
                found.append(
                    UtilityTerm(
                        row.pk,
                        lease.number,
                        lease.enterprise,
                        clause.supply,
                        clause.way,
                        clause.share_percent,
                        clause.share_of,
                        clause.tariff,
                        first,
                        last,
                    )
                )
    return found
