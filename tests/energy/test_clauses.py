"""The utilities clause of a lease decides how a supply is charged, and the bill names it; worked examples."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.utils.translation import override

from parkbrain.billing.queries import explain_reasons
from parkbrain.energy import queries
from parkbrain.leasing import services as leasing
from parkbrain.leasing.models import Lease
from parkbrain.leasing.services import ClauseRow, PlaceRow
from tests.factories import AT, make_enterprise, make_park, make_premises

from .test_statements import world

pytestmark = pytest.mark.django_db
JULY = {"starts_on": date(2026, 7, 1), "ends_on": date(2026, 8, 1)}
D = Decimal


def lease_of(park, firm, room, *clauses, start=date(2020, 1, 1), number="L-1") -> Lease:
    lease = leasing.draft_lease(
        park=park,
        enterprise=firm,
        number=number,
        starts_on=start,
        ends_on=date(2030, 1, 1),
        premises=[PlaceRow(room)],
        clauses=[ClauseRow("RENT", {"price_yuan_per_m2": "60"}), *(ClauseRow("UTILITIES", c) for c in clauses)],
        actor=None,
        at=AT,
    )
    leasing.submit_version(version=lease.versions.get(), actor=None, at=AT)
    lease.refresh_from_db()
    return leasing.sign_lease(lease=lease, signed_on=start, actor=None, at=AT)


def charges(park, firm) -> dict:
    found = [c for c in queries.propose_charges(park=park, **JULY) if c.enterprise_id == firm.pk]
    return {c.key.split(":")[4]: c for c in found}


def words(charge) -> str:
    with override("en"):
        return " ".join(s.text for s in explain_reasons(steps=[r.as_json() for r in charge.reasons], links=False))


def test_without_a_clause_the_meters_count_as_before() -> None:
    park, _meters, _rooms, firms = world()
    assert set(charges(park, firms[0])) == {"valley", "peak", "flat", "public", "loss"}


def test_by_tariff_the_bill_names_the_clause_and_opens_it() -> None:
    park, _meters, rooms, firms = world()
    lease = lease_of(park, firms[0], rooms[0], {"supply": "ELECTRICITY", "way": "TARIFF"})
    found = charges(park, firms[0])
    assert set(found) == {"valley", "peak", "flat", "public", "loss"}
    reason = found["peak"].reasons[0]
    clause = lease.versions.get().clauses.get(kind="UTILITIES")
    assert (reason.url_name, tuple(reason.url_args)) == ("lease_clause", (clause.pk,))
    assert "clause of lease L-1" in words(found["peak"])


def test_a_share_of_the_whole_takes_the_place_of_the_meters() -> None:
    park, _meters, rooms, firms = world()
    lease_of(park, firms[0], rooms[0], {"supply": "ELECTRICITY", "way": "SHARE", "share_percent": "25"})
    found = charges(park, firms[0])
    assert set(found) == {"share"}
    # 10 kW x 720 h = 7,200 kWh; 25 % are 1,800 kWh at 14.60 / 24 yuan on average.
    share = found["share"]
    assert (share.quantity, share.unit_price_yuan) == (D("1800.00"), D("0.608333"))
    assert share.gross_yuan == D("1095.00") and share.tax_rate == D("0.13")
    assert "25%" in words(share) and "lease L-1" in words(share) and "30 of 30 days" in words(share)
    # The neighbor pays by its meters as before.
    assert set(charges(park, firms[1])) == {"valley", "peak", "flat", "public", "loss"}


def test_a_share_of_common_use_takes_the_place_of_that_alone() -> None:
    park, _meters, rooms, firms = world()
    clause = {"supply": "ELECTRICITY", "way": "SHARE", "share_percent": "50", "share_of": "PUBLIC"}
    lease_of(park, firms[0], rooms[0], {"supply": "ELECTRICITY", "way": "TARIFF"}, clause)
    found = charges(park, firms[0])
    assert set(found) == {"valley", "peak", "flat", "public", "loss"}
    # 2 kW of lifts x 720 h = 1,440 kWh; half of them instead of the 480 kWh by area.
    assert found["public"].quantity == D("720.00") and found["public"].kind == "SHARED_ELECTRICITY"


def test_a_firm_without_a_meter_pays_its_share_for_the_days_of_its_lease() -> None:
    park, *_rest = world()
    firm, room = make_enterprise(), make_premises(park=park)
    clause = {"supply": "ELECTRICITY", "way": "SHARE", "share_percent": "10"}
    lease_of(park, firm, room, clause, start=date(2026, 6, 16))
    [share] = charges(park, firm).values()
    assert share.quantity == D("360.00")  # 7,200 kWh x 10 % x 15 of 30 days
    assert (share.starts_on, share.ends_on) == (date(2026, 6, 16), date(2026, 7, 1))


def test_a_tariff_that_is_not_in_force_is_told_and_nothing_is_charged_by_another() -> None:
    park, _meters, rooms, firms = world()
    lease_of(park, firms[0], rooms[0], {"supply": "ELECTRICITY", "way": "TARIFF", "tariff": "大工业两部制"})
    assert charges(park, firms[0]) == {}
    [gap] = queries.list_gaps(park=park, **JULY)
    assert gap.code == "energy.other_tariff" and gap.values["lease"] == "L-1"


def test_a_share_of_what_is_not_known_is_told() -> None:
    park, _meters, rooms, firms = world()
    lease_of(park, firms[0], rooms[0], {"supply": "WATER", "way": "SHARE", "share_percent": "5"})
    assert "share" not in charges(park, firms[0])
    assert [g.code for g in queries.list_gaps(park=park, **JULY)] == ["energy.share_unknown"]


def test_clauses_of_another_park_change_nothing() -> None:
    park, _meters, _rooms, firms = world()
    other = make_park()
    lease_of(
        other, firms[0], make_premises(park=other), {"supply": "ELECTRICITY", "way": "SHARE", "share_percent": "25"}
    )
    assert set(charges(park, firms[0])) == {"valley", "peak", "flat", "public", "loss"}


def test_the_same_month_proposes_the_same_keys() -> None:
    park, _meters, rooms, firms = world()
    lease_of(park, firms[0], rooms[0], {"supply": "ELECTRICITY", "way": "SHARE", "share_percent": "25"})
    keys = [c.key for c in queries.propose_charges(park=park, **JULY)]
    assert len(set(keys)) == len(keys)
    assert keys == [c.key for c in queries.propose_charges(park=park, **JULY)]
