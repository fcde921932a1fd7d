"""The utilities clause of a lease decides how a supply is charged, and the bill names it; worked examples."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils.translation import override

from parkbrain.billing.queries import explain_reasons
from parkbrain.energy import queries
from parkbrain.energy import services as energy
from parkbrain.energy.models import EnergyTariff, MonthStatement, StatementLine
from parkbrain.leasing import services as leasing
from parkbrain.leasing.models import Lease
from parkbrain.leasing.services import ClauseRow, PlaceRow
from tests.factories import AT, make_enterprise, make_park, make_premises

from .test_statements import JULY as JULY_AT
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


INDUSTRY = {"energy_kind": "ELECTRICITY", "code": "IND", "name_zh_hans": "大工业两部制", "starts_on": date(2020, 1, 1)}
FLAT = {"rates": {"method": "flat", "price": "0.50"}, "tax_rate": "0.06"}


def by_name(name: str) -> dict:
    return {"supply": "ELECTRICITY", "way": "TARIFF", "tariff": name}


@pytest.mark.parametrize("name", ["IND", "ind ", "大工业两部制"])
def test_the_tariff_that_a_lease_names_prices_the_firm_alone(name: str) -> None:
    park, _meters, rooms, firms = world()
    energy.record_tariffs(park=park, rows=[{**INDUSTRY, **FLAT}], actor=None, at=JULY_AT)
    before = charges(park, firms[1])
    lease_of(park, firms[0], rooms[0], by_name(name))
    assert queries.list_gaps(park=park, **JULY)[0].code == "energy.worked_out_anew"
    assert charges(park, firms[0]) == {}
    assert energy.refresh_named_tariffs(park=park, at=JULY_AT) == 1
    found = charges(park, firms[0])
    # 4 kW x 720 h at the flat price; what is shared out costs what the park's supply costs, and bears its tax.
    assert set(found) == {"flat", "public", "loss"} and found["flat"].gross_yuan == D("1440.00")
    assert (found["flat"].tax_rate, found["public"].tax_rate) == (D("0.06"), D("0.13"))
    assert "大工业两部制" in words(found["flat"])
    assert queries.list_gaps(park=park, **JULY) == []
    after = charges(park, firms[1])
    assert {k: c.gross_yuan for k, c in after.items()} == {k: c.gross_yuan for k, c in before.items()}
    assert energy.refresh_named_tariffs(park=park, at=JULY_AT) == 0


def test_the_line_of_the_firm_says_the_tax_of_each_part() -> None:
    park, _meters, rooms, firms = world()
    energy.record_tariffs(park=park, rows=[{**INDUSTRY, **FLAT}], actor=None, at=JULY_AT)
    lease_of(park, firms[0], rooms[0], by_name("IND"))
    energy.refresh_named_tariffs(park=park, at=JULY_AT)
    line = StatementLine.objects.get(statement__month_on=date(2026, 6, 1), enterprise=firms[0])
    owed = charges(park, firms[0]).values()
    assert line.amount_yuan == sum(c.gross_yuan for c in owed)
    assert abs(line.tax_yuan - sum(c.tax_yuan for c in owed)) <= D("0.02")


def test_a_tariff_that_begins_within_the_month_leaves_no_day_without_or_twice() -> None:
    park, _meters, rooms, firms = world()
    energy.record_tariffs(
        park=park, rows=[{**INDUSTRY, **FLAT, "starts_on": date(2020, 1, 1), "ends_on": date(2026, 6, 16)}],
        actor=None, at=JULY_AT,
    )  # fmt: skip
    later = {**INDUSTRY, "rates": {"method": "flat", "price": "0.60"}, "starts_on": date(2026, 6, 16)}
    energy.record_tariffs(park=park, rows=[later], actor=None, at=JULY_AT)
    lease_of(park, firms[0], rooms[0], by_name("IND"))
    energy.refresh_named_tariffs(park=park, at=JULY_AT)
    owed = [c for c in queries.propose_charges(park=park, **JULY) if c.enterprise_id == firms[0].pk]
    flat = [c for c in owed if ":flat" in c.key]
    assert [(c.quantity, c.unit_price_yuan) for c in flat] == [(D("1440.00"), D("0.50")), (D("1440.00"), D("0.60"))]


def test_days_before_the_named_tariff_are_a_gap_and_not_charged_by_another() -> None:
    park, _meters, rooms, firms = world()
    late = {**INDUSTRY, **FLAT, "starts_on": date(2026, 6, 16)}
    energy.record_tariffs(park=park, rows=[late], actor=None, at=JULY_AT)
    lease_of(park, firms[0], rooms[0], by_name("IND"))
    energy.refresh_named_tariffs(park=park, at=JULY_AT)
    assert charges(park, firms[0]) == {}
    assert [g.code for g in queries.list_gaps(park=park, **JULY)] == ["energy.other_tariff"]


def test_own_meters_that_nobody_bound_are_told() -> None:
    park, *_rest = world()
    firm, room = make_enterprise(), make_premises(park=park)
    lease_of(park, firm, room, {"supply": "ELECTRICITY", "way": "TARIFF"})
    assert charges(park, firm) == {}
    [gap] = queries.list_gaps(park=park, **JULY)
    assert gap.code == "energy.no_meter" and gap.url_name == "lease_clause"


def test_two_tariffs_hold_at_a_time_only_under_two_codes() -> None:
    park, *_rest = world()
    EnergyTariff.objects.create(park=park, code="IND", energy_kind="ELECTRICITY", starts_on=date(2021, 1, 1), rates={})
    for code in ("", "IND"):
        with pytest.raises(DatabaseError), transaction.atomic():
            EnergyTariff.objects.create(
                park=park, code=code, energy_kind="ELECTRICITY", starts_on=date(2022, 1, 1), rates={}
            )


@pytest.mark.django_db(transaction=True)
def test_a_lease_that_is_signed_has_its_months_worked_out_by_itself(settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    park, _meters, rooms, firms = world()
    energy.record_tariffs(park=park, rows=[{**INDUSTRY, **FLAT}], actor=None, at=JULY_AT)
    lease_of(park, firms[0], rooms[0], by_name("IND"))
    kept = MonthStatement.objects.get(park=park, energy_kind="ELECTRICITY", month_on=date(2026, 6, 1))
    assert list(kept.inputs["named_tariffs"]) == [str(firms[0].pk)]


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
