"""Facts and ratings for tests; every date counts from the record's `ON`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from parkbrain.assessment import queries, services
from parkbrain.assessment.models import Declaration, Verification
from parkbrain.calc.intervals import DatePeriod, period_of
from parkbrain.kernel.models import Document, Park, User
from parkbrain.kernel.roles import Role
from tests.factories import AT, ON, make_park, make_user


def period_for(fact_key: str, cut_off_on: date = ON) -> DatePeriod:
    """Return the period a fact covers for a cut-off date."""
    return period_of(queries.get_catalogue()[fact_key].period, cut_off_on)


def make_declaration(
    *,
    park: Park | None = None,
    fact_key: str = "leasable_area_m2",
    value: float = 10_000.0,
    cut_off_on: date = ON,
    declared_by: User | None = None,
    evidence: Document | None = None,
    **fields: Any,
) -> Declaration:
    """Return a declared fact for the period that fits the cut-off."""
    period = period_for(fact_key, cut_off_on)
    dates = {"starts_on": period.starts_on, "ends_on": period.ends_on, **fields}
    return Declaration.objects.create(
        park=park or make_park(),
        fact_key=fact_key,
        value=value,
        declared_by=declared_by,
        declared_at=AT,
        evidence=evidence,
        **dates,
    )


def make_verification(
    *, park: Park, fact_key: str, value: float, cut_off_on: date = ON, verified_by: User | None = None
) -> Verification:
    """Return an assessor's finding for the period that fits the cut-off."""
    period = period_for(fact_key, cut_off_on)
    return Verification.objects.create(
        park=park,
        fact_key=fact_key,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        value=value,
        verified_by=verified_by or make_user(Role.ASSESSOR, park.branch),
        verified_at=AT,
    )


def good_value(fact_key: str) -> float:
    """Return a plausible value of a fact: shares are whole, incidents do not happen, levels are in the middle."""
    fact = queries.get_catalogue()[fact_key]
    if fact.group == "veto" or any(word in fact_key for word in ("overdue", "fatal", "violation")):
        return 0.0
    if fact.kind == "boolean":
        return 1.0
    if fact.kind == "level":
        return 2.0
    # A part is nine tenths of its whole, a part of a part again.
    value, part = 120.0 if fact.kind == "count" else 1_000.0, fact
    while part.part_of:
        value, part = value * 0.9, queries.get_catalogue()[part.part_of]
    value = float(int(value))
    return value if fact.maximum is None else min(value, fact.maximum)


def declare_scheme(
    *,
    park: Park,
    scheme_id: str = queries.MAIN_SCHEME,
    without: tuple[str, ...] = (),
    changed: Mapping[str, float] | None = None,
    on: date = ON,
    at: datetime = AT,
) -> dict[str, float]:
    """Declare every fact of a scheme for a park but those left out, refresh its ratings, and return the values."""
    keys = queries.get_scheme(scheme_id=scheme_id).facts - set(without)
    values = {key: good_value(key) for key in sorted(keys)} | dict(changed or {})
    rows = [
        (park.pk, key, period_for(key, on).starts_on, period_for(key, on).ends_on, value, "")
        for key, value in values.items()
    ]
    services.declare_facts_bulk(rows=rows, actor=None, at=at)
    services.refresh_ratings(park_ids=[park.pk], on=on, at=at)
    return values
