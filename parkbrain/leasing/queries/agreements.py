"""Leases as the calculation knows them: term, versions, premises, clauses, and the figures they wait for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch

from parkbrain.calc import leases as calc

from ..models import Clause, IndexValue, Lease, LeasePremises, LeaseVersion, ReportedTurnover

State = LeaseVersion.State


def with_contents(*, leases: Sequence[Lease]) -> list[Lease]:
    """Return the leases with versions, premises and clauses read, in a handful of queries for all."""
    from django.db.models import prefetch_related_objects

    rows = list(leases)
    places = Prefetch("versions__premises", LeasePremises.objects.select_related("premises"))
    prefetch_related_objects(rows, "versions", places, "versions__clauses")
    return rows


def parse_clauses(*, clauses: Sequence[Clause]) -> list[calc.Clause]:
    """Return stored clauses as the calculation reads them."""
    return [calc.parse_clause(c.kind, c.values, ref=str(c.pk)) for c in clauses]


def _version_of(version: LeaseVersion) -> calc.Version:
    places = [
        calc.Place(p.premises.code, p.area_m2, p.starts_on, p.ends_on, p.area_basis) for p in version.premises.all()
    ]
    clauses = parse_clauses(clauses=list(version.clauses.all()))
    return calc.Version(version.effective_on, calc.parse_terms(version.terms), places, clauses)


def agreement_of(*, lease: Lease, besides: LeaseVersion | None = None) -> calc.Agreement:
    """Return a lease as the calculation knows it: its approved versions, and `besides` one that is not approved yet.

    A lease without an approved version is taken as its first version has it: the draft.
    """
    versions = sorted(lease.versions.all(), key=lambda v: v.number)
    taken = [v for v in versions if v.state == State.APPROVED]
    if besides is not None and besides not in taken:
        taken.append(besides)
    if not taken:
        taken = [v for v in versions if v.state != State.UNDONE][:1]
    ends_on = besides.ends_on if besides is not None else lease.ends_on
    return calc.Agreement(lease.starts_on, ends_on, [_version_of(v) for v in taken], lease.ended_on)


def figures_of(*, leases: Sequence[Lease]) -> dict[int, calc.Figures]:
    """Return index values of the leases' parks and the turnover that each tenant reported, by lease."""
    indices: dict[int, dict[str, dict[date, Decimal]]] = {}
    rows = IndexValue.objects.filter(park__in={lease.park_id for lease in leases})
    for park, series, month, value in rows.values_list("park", "series", "month_on", "value"):
        indices.setdefault(park, {}).setdefault(series, {})[month] = value
    turnover: dict[int, dict[tuple[date, date], Decimal]] = {}
    reports = ReportedTurnover.objects.filter(lease__in=[lease.pk for lease in leases])
    for pk, begin, end, value in reports.values_list("lease", "starts_on", "ends_on", "turnover_yuan"):
        turnover.setdefault(pk, {})[begin, end] = value
    return {
        lease.pk: calc.Figures(indices=indices.get(lease.park_id, {}), turnover=turnover.get(lease.pk, {}))
        for lease in leases
    }


def rents_on(*, lease: Lease, on: date) -> Mapping[int, Decimal | None]:
    """Return the price of the rent per m² and month of each of the lease's premises on a day, None where unknown."""
    return rents_of(leases=[lease], on=on)[lease.pk]


def rents_of(*, leases: Sequence[Lease], on: date) -> Mapping[int, Mapping[int, Decimal | None]]:
    """Return the same of several leases, by lease, in a handful of queries for all."""
    figures = figures_of(leases=leases)
    return {lease.pk: _rents(lease, figures[lease.pk], on) for lease in with_contents(leases=leases)}


def _rents(lease: Lease, figures: calc.Figures, on: date) -> Mapping[int, Decimal | None]:
    agreement = agreement_of(lease=lease)
    keys = {p.premises.code: p.premises_id for v in lease.versions.all() for p in v.premises.all()}
    day = min(max(on, agreement.starts_on), agreement.last_on - date.resolution)
    rents: dict[int, Decimal | None] = {}
    days = [v.effective_on for v in agreement.versions]
    for number, begin, end in calc.governing_spans(days, agreement.starts_on, agreement.last_on):
        if not begin <= day < end:
            continue
        version = agreement.versions[number]
        for place in version.places:
            line = calc.price_line(
                version.clauses, calc.RENT, place.code, agreement.starts_on, agreement.ends_on, version.terms, figures
            )
            known = [p for p in line if p.from_on <= day]
            if known and known[-1].per == "MONTH":
                rents[keys[place.code]] = known[-1].yuan_per_m2
    return rents
