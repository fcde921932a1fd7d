"""What a firm used in a year by its meters, and that its class rests on it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from parkbrain.energy.models import EnergyKind, MonthStatement, StatementLine
from parkbrain.energy.queries import get_firms_energy
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Role
from parkbrain.lifecycle.queries import land
from parkbrain.lifecycle.services.efficiency import classify_firms
from tests.factories import (
    AT,
    make_enterprise,
    make_occupancy,
    make_park,
    make_premises,
    make_return,
    make_tenant_user,
    make_user,
)

pytestmark = pytest.mark.django_db
YEAR = {"starts_on": date(2025, 1, 1), "ends_on": date(2026, 1, 1)}


def a_month(park: Park, firm: Enterprise, month: int, metered: str | None, kind: str = EnergyKind.ELECTRICITY) -> None:
    at = date(2025, month, 1)
    statement, _made = MonthStatement.objects.get_or_create(
        park=park, energy_kind=kind, month_on=at, defaults={"digest": "x", "worked_out_at": AT}
    )
    StatementLine.objects.create(
        statement=statement, enterprise=firm, metered=None if metered is None else Decimal(metered)
    )


@pytest.fixture
def park(db: None) -> Park:
    return make_park(land_area_m2=10_000.0, gross_floor_area_m2=20_000.0)


def a_firm(park: Park, starts_on: date = date(2020, 1, 1)) -> Enterprise:
    firm = make_enterprise()
    make_occupancy(premises=make_premises(park=park, area_m2=100.0), enterprise=firm, starts_on=starts_on)
    return firm


def test_twelve_known_months_are_a_year_in_standard_coal(park: Park) -> None:
    firm = a_firm(park)
    for month in range(1, 13):
        a_month(park, firm, month, "1000")
    a_month(park, firm, 3, "100", EnergyKind.GAS)
    found = get_firms_energy(park=park, enterprise_ids=[firm.pk], **YEAR)[firm.pk]
    assert found.electricity_kwh == 12_000
    # 12,000 kWh × 0.1229 + 100 m³ × 1.33 kgce (GB/T 2589-2020).
    assert found.energy_tce == pytest.approx((12_000 * 0.1229 + 133) / 1000)
    assert (found.known_months, found.months) == (12, 12)


@pytest.mark.parametrize("metered", [None, "missing"])
def test_a_year_with_an_unknown_month_is_unknown_and_not_less(park: Park, metered: str | None) -> None:
    firm = a_firm(park)
    for month in range(1, 12):
        a_month(park, firm, month, "1000")
    if metered is None:
        a_month(park, firm, 12, None)
    found = get_firms_energy(park=park, enterprise_ids=[firm.pk], **YEAR)[firm.pk]
    assert (found.energy_tce, found.electricity_kwh, found.known_months, found.months) == (None, None, 11, 12)


def test_a_firm_is_asked_only_for_the_months_it_was_there(park: Park) -> None:
    firm = a_firm(park, starts_on=date(2025, 10, 15))
    for month in (10, 11, 12):
        a_month(park, firm, month, "500")
    found = get_firms_energy(park=park, enterprise_ids=[firm.pk], **YEAR)[firm.pk]
    assert (found.electricity_kwh, found.months) == (1500, 3)


def test_a_firm_without_a_meter_is_not_in_the_answer_and_other_parks_are_left_out(park: Park) -> None:
    firm, other = a_firm(park), make_park()
    make_occupancy(premises=make_premises(park=other), enterprise=firm, starts_on=date(2020, 1, 1))
    a_month(other, firm, 1, "10")
    assert get_firms_energy(park=park, enterprise_ids=[firm.pk], **YEAR) == {}


def test_the_class_of_a_firm_shows_its_energy_with_the_months_behind_it(park: Park, client) -> None:
    firm = a_firm(park)
    make_return(enterprise=firm, year=2025, tax_wan=5, value_added_wan=40, output_wan=90)
    for month in range(1, 13):
        a_month(park, firm, month, "1000")
    operator = make_user(Role.OPERATOR, park.branch)
    run = classify_firms(park=park, year=2025, scheme_key="anhui_span", actor=operator, at=AT)
    result = run.results.get()
    assert result.measures["energy_per_m2"] == pytest.approx(12_000 * 0.1229 / 100)
    client.force_login(operator)
    page = client.get(reverse("firm_efficiency", args=[result.pk]), headers={"accept-language": "en"}).content.decode()
    assert "meters: 12 of 12 months known" in page
    assert reverse("firm_energy", args=[park.pk, firm.pk]) in page


def test_the_map_shows_the_last_twelve_months_where_the_year_has_no_meters(park: Park, client) -> None:
    firm = a_firm(park)
    make_return(enterprise=firm, year=2024, tax_wan=5)
    operator = make_user(Role.OPERATOR, park.branch)
    classify_firms(park=park, year=2024, scheme_key="anhui_span", actor=operator, at=AT)
    for month in range(1, 13):
        a_month(park, firm, month, "1000")
    since, known = land.get_recent_intensity(park=park, on=date(2026, 1, 20))
    assert (since, known) == (date(2025, 1, 1), {firm.pk: pytest.approx(14.748)})
    client.force_login(operator)
    address = f"{reverse('park_efficiency', args=[park.pk])}?colour=energy_per_m2&on=2026-01-20"
    page = client.get(address, headers={"accept-language": "en"}).content.decode()
    assert "twelve months from 2025-01" in page


def test_a_firm_does_not_see_the_energy_of_another(park: Park, client) -> None:
    firm, other = a_firm(park), a_firm(park)
    for one in (firm, other):
        make_return(enterprise=one, year=2025, tax_wan=5)
        a_month(park, one, 1, "1000")
    operator = make_user(Role.OPERATOR, park.branch)
    run = classify_firms(park=park, year=2025, scheme_key="anhui_span", actor=operator, at=timezone.now())
    client.force_login(make_tenant_user(firm, park))
    assert client.get(reverse("firm_efficiency", args=[run.results.get(enterprise=other).pk])).status_code == 404
