"""What every computed fact promises, asked of all of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from parkbrain import schemes
from parkbrain.calc.intervals import period_of
from parkbrain.energy.models import DayUse, MeteringNeed
from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from parkbrain.lifecycle.services import begin_life, finish_duty, give_evidence
from parkbrain.space.models import Building
from tests.factories import (
    AT,
    ON,
    make_activity,
    make_assignment,
    make_building,
    make_document,
    make_energy_meter,
    make_enterprise,
    make_equipment,
    make_green_power,
    make_occupancy,
    make_park,
    make_premises,
    make_qualification,
    make_refrigerant_event,
    make_return,
    make_storey,
)

pytestmark = pytest.mark.django_db

KEYS = sorted(registry.facts.keys())


def living_park() -> Park:
    """Return a park in which every computed fact of the record has something to say."""
    park = make_park(
        land_area_m2=20_000.0,
        opened_on=date(2019, 6, 1),
        leading_industries=["34", "39"],
    )
    building = make_building(park=park, completed_on=date(2019, 3, 1))
    for level in (1, 2, 3):
        make_storey(building=building, level=level)
    fits = {
        "designated_industry": "34",
        "floor_load_kn_m2": 16,
        "clear_height_m": 6,
        "goods_lift_load_t": 5,
        "power_density_w_m2": 120,
    }
    ground = make_premises(building=building, level=1, area_m2=900, **fits)
    upper = make_premises(building=building, level=2, area_m2=600, designated_industry="34", floor_load_kn_m2=6)
    office = make_premises(building=building, level=3, area_m2=300, use="OFFICE")
    empty = make_premises(building=building, level=3, area_m2=200)
    big = make_enterprise(industry_code="3491", is_listed=True, founded_on=date(2010, 1, 1))
    young = make_enterprise(industry_code="6513", size_class="MICRO", founded_on=date(2024, 1, 1))
    other = make_enterprise(industry_code="3989", size_class="SMALL", founded_on=date(2012, 1, 1))
    gone = make_enterprise()
    make_occupancy(premises=ground, enterprise=big, starts_on=date(2020, 1, 1))
    make_occupancy(premises=upper, enterprise=other, starts_on=date(2021, 1, 1))
    make_occupancy(premises=office, enterprise=young, starts_on=date(2025, 10, 1))
    make_occupancy(premises=empty, enterprise=gone, starts_on=date(2022, 1, 1), ends_on=date(2026, 2, 1))
    for firm, output in ((big, 9000), (young, 80), (other, 700)):
        for year in (2022, 2024, 2025):
            make_return(
                enterprise=firm,
                year=year,
                staff_count=20,
                output_wan=output,
                revenue_wan=output * Decimal("1.1"),
                rd_spend_wan=30,
                tax_wan=40,
                value_added_wan=50,
            )
    record_green(park)
    make_qualification(enterprise=big, kind="HNTE", valid_from_on=date(2025, 12, 1), valid_to_on=date(2028, 12, 1))
    fill_with_meters(park)
    keep_life(park, building)
    return park


def keep_life(park: Park, building: Building) -> None:
    """Let the park do what its duties ask for, and its building hold some of its records."""
    since = [
        ("PLAN", date(2015, 1, 1)),
        ("BUILD", date(2016, 1, 1)),
        ("ATTRACT", date(2019, 1, 1)),
        ("OPERATE", date(2019, 6, 1)),
    ]
    for place, stages in ((None, since), (building, since[1:])):
        subject = begin_life(park=park, building=place, stages=stages, actor=None, at=AT)
        for duty in subject.duties.exclude(code="bld_drainage").filter(
            stage__in=["PLAN", "BUILD", "ATTRACT", "OPERATE"]
        ):
            document = make_document(park=park, name=f"{duty.code}.pdf")
            give_evidence(duty=duty, document=document, valid_from_on=date(2020, 1, 1), actor=None, at=AT)
            finish_duty(duty=duty, on=date(2026, 6, 1), actor=None, at=AT)
            make_assignment(duty=duty)


def fill_with_meters(park: Park) -> None:
    """Give the park supply meters of what the facts count, with every day of two years."""
    rows = (
        ("MAIN", "ELECTRICITY", "IN"),
        ("PV", "ELECTRICITY", "GENERATED"),
        ("W", "WATER", "IN"),
        ("RW", "RECYCLED_WATER", "IN"),
    )
    for code, kind, flow in rows:
        meter = make_energy_meter(
            park=park,
            code=f"{park.code}-{code}",
            energy_kind=kind,
            flow=flow,
            level=1,
            calibration_due_on=date(2027, 1, 1),
        )
        MeteringNeed.objects.create(park=park, code=f"N-{code}", energy_kind=kind, level=1, meter=meter)
        DayUse.objects.bulk_create(
            DayUse(meter=meter, day=date(2025, 1, 1) + timedelta(days=n), use=24.0, known=1.0, measured=1.0, hours=b"")
            for n in range(600)
        )


def record_green(park: Park) -> None:
    """Record two years of energy, water and waste, and machines of which some are obsolete or overdue."""
    for year in (2024, 2025):
        span = {"starts_on": date(year, 1, 1), "ends_on": date(year + 1, 1, 1)}
        for kind, quantity in (
            ("electricity", 90_000), ("pv_self_use", 5_000), ("natural_gas", 800), ("fresh_water", 700),
            ("fresh_industrial_water", 300), ("reused_water", 120), ("solid_waste_generated", 12),
            ("solid_waste_utilised", 9), ("solid_waste_old_stock", 1),
        ):  # fmt: skip
            make_activity(park=park, kind=kind, quantity=quantity, **span)
    make_activity(park=park, kind="electricity", quantity=4000, is_breakdown=True)
    make_green_power(park=park, quantity_kwh=20_000)
    make_refrigerant_event(park=park)
    make_equipment(park=park, kind="MOTOR", model="YE3-200", rated_kw=30, ie_class="IE3")
    make_equipment(park=park, kind="MOTOR", model="Y2-160M-4", rated_kw=11, stop_by_on=date(2026, 1, 1))
    make_equipment(park=park, kind="FORKLIFT", last_inspected_on=date(2023, 5, 1))


def period(key: str):
    return period_of(schemes.catalogue()[key]["period"], ON)


@pytest.mark.parametrize("key", KEYS)
def test_computed_fact_is_in_the_catalogue_with_words_how(key: str) -> None:
    assert key in schemes.catalogue()
    with translation.override("en"):
        assert len(str(registry.facts.get(key).how)) > 20


@pytest.mark.parametrize("key", KEYS)
def test_unit_in_the_name_is_the_unit_of_the_catalogue(key: str) -> None:
    unit = schemes.catalogue()[key]["unit"]
    endings = {"_m2": "m2", "_wan": "10k yuan", "_mu": "mu", "_years": "year", "_area_days": "m2*day"}
    expected = next((u for ending, u in endings.items() if key.endswith(ending)), unit)
    assert unit == expected


@pytest.mark.parametrize("key", KEYS)
def test_many_parks_at_once_equal_one_by_one_with_as_many_statements(key: str) -> None:
    fact, parks = registry.facts.get(key), [living_park(), make_park(), living_park()]
    ids = [p.pk for p in parks]
    with CaptureQueriesContext(connection) as one:
        singles = {pk: fact.values(park_ids=[ids[0]], period=period(key)).get(pk) for pk in ids[:1]}
    with CaptureQueriesContext(connection) as all_at_once:
        together = fact.values(park_ids=ids, period=period(key))
    assert len(all_at_once) <= len(one) + 1
    for pk in ids[1:]:
        singles[pk] = fact.values(park_ids=[pk], period=period(key)).get(pk)
    assert {pk: together.get(pk) for pk in ids} == singles


@pytest.mark.parametrize("key", KEYS)
def test_rows_add_up_to_the_value(key: str) -> None:
    fact, park = registry.facts.get(key), living_park()
    value = fact.values(park_ids=[park.pk], period=period(key))[park.pk]
    rows = fact.rows(park_id=park.pk, period=period(key))
    assert value.value is not None
    assert sum(r.value or 0 for r in rows) == pytest.approx(value.value)
    assert value.row_count == len(rows)
    assert 0 < value.coverage <= 1
    assert all(r.url and r.label for r in rows)


@pytest.mark.parametrize("key", KEYS)
def test_unknown_without_rows(key: str) -> None:
    park = make_park()
    value = registry.facts.get(key).values(park_ids=[park.pk], period=period(key)).get(park.pk)
    assert value is None or value.value is None
    assert list(registry.facts.get(key).rows(park_id=park.pk, period=period(key))) == []


@pytest.mark.parametrize("key", [k for k in KEYS if k.endswith("_wan") or k == "staff_total"])
def test_figure_that_no_tenant_reported_is_unknown_and_not_zero(key: str) -> None:
    park = make_park(leading_industries=["34"])
    make_occupancy(premises=make_premises(park=park), starts_on=date(2020, 1, 1))
    value = registry.facts.get(key).values(park_ids=[park.pk], period=period(key))[park.pk]
    assert (value.value, value.coverage) == (None, 0.0)


def test_coverage_is_the_share_of_tenants_with_a_return() -> None:
    park = make_park()
    for number in range(4):
        stay = make_occupancy(premises=make_premises(park=park), starts_on=date(2020, 1, 1))
        if number:
            make_return(enterprise=stay.enterprise, year=2025, output_wan=100)
    value = registry.facts.get("total_output_wan").values(park_ids=[park.pk], period=period("total_output_wan"))[
        park.pk
    ]
    assert (value.value, value.coverage, value.row_count) == (300.0, 0.75, 3)
