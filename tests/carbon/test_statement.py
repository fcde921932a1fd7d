"""The statement of a park: totals by hand, boundaries, places, comparison, what is not assessed, papers."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.calc.carbon import SCOPE_1, SCOPE_2_LOCATION, SCOPE_2_MARKET, SCOPE_3
from parkbrain.calc.intervals import DatePeriod
from parkbrain.carbon import queries
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Role
from tests.factories import (
    make_activity,
    make_building,
    make_enterprise,
    make_equipment,
    make_factor,
    make_green_power,
    make_occupancy,
    make_park,
    make_premises,
    make_refrigerant_event,
    make_return,
    make_tenant_user,
    make_user,
)

pytestmark = pytest.mark.django_db
Y2025 = DatePeriod(date(2025, 1, 1), date(2026, 1, 1))


def browser(user: User, language: str = "en") -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    client.cookies["django_language"] = language
    return client


@pytest.fixture
def park() -> Park:
    park = make_park(district_code="440309")
    make_factor(branch=park.branch, value=0.5, uncertainty=0.04)
    make_factor(branch=park.branch, value=0.6, basis="market")
    return park


def build(park: Park, **asked: object) -> queries.Statement:
    return queries.add_intensities(statement=queries.build_statement(park=park, period=Y2025, **asked))


def test_totals_of_every_scope_on_both_bases_are_those_worked_by_hand(park: Park) -> None:
    make_activity(park=park, quantity=100_000, uncertainty=0.03)
    make_activity(park=park, kind="natural_gas", quantity=1_000)
    make_refrigerant_event(park=park, mass_kg=5.0)
    make_refrigerant_event(park=park, kind="RECOVERED", mass_kg=1.0)
    make_refrigerant_event(park=park, kind="LEAK", mass_kg=None)
    make_green_power(park=park, quantity_kwh=40_000)
    totals = build(park).totals
    assert totals[SCOPE_1].tco2e == pytest.approx(1000 * 2.1622e-3 + 4 * 1.924)
    assert totals[SCOPE_2_LOCATION].tco2e == pytest.approx(50.0)
    assert totals[SCOPE_2_LOCATION].uncertainty == pytest.approx(0.05)
    assert totals[SCOPE_2_MARKET].tco2e == pytest.approx(0.6 * 60)
    assert totals[SCOPE_3].tco2e is None


def test_certificates_that_are_not_retired_or_of_another_year_cover_nothing(park: Park) -> None:
    make_activity(park=park, quantity=1000)
    make_green_power(park=park, quantity_kwh=500, retired_on=None)
    make_green_power(park=park, quantity_kwh=500, starts_on=date(2024, 1, 1), ends_on=date(2025, 1, 1))
    assert build(park).totals[SCOPE_2_MARKET].tco2e == pytest.approx(0.6)


def test_a_park_without_rows_is_not_assessed_and_never_zero(park: Park) -> None:
    statement = build(park)
    assert {t.tco2e for t in statement.totals.values()} == {None}
    assert {line.reason for line in statement.lines} == {"no_data"}
    assert statement.tce is None and all(i.value is None for i in statement.intensities)


def test_an_unknown_mass_makes_the_loss_unknown(park: Park) -> None:
    make_refrigerant_event(park=park, mass_kg=None)
    line = next(one for one in build(park).lines if one.kind == "r410a")
    assert (line.tco2e, line.reason) == (None, "no_amount")


def test_parts_of_a_bill_divide_it_and_are_not_added(park: Park) -> None:
    building = make_building(park=park)
    firm = make_enterprise()
    make_activity(park=park, quantity=1000)
    make_activity(park=park, quantity=300, building=building, enterprise=firm, is_breakdown=True)
    statement = build(park)
    assert statement.totals[SCOPE_2_LOCATION].tco2e == pytest.approx(0.5)
    places = queries.list_places(statement=statement, level="enterprise")
    assert [p.by_scope[SCOPE_2_LOCATION] for p in places] == [pytest.approx(0.15), pytest.approx(0.35)]


def test_within_the_operators_control_tenants_power_stands_in_scope_3(park: Park) -> None:
    make_activity(park=park, quantity=1000)
    make_activity(park=park, quantity=300, enterprise=make_enterprise(), is_breakdown=True)
    make_factor(branch=park.branch, value=0.5, basis="", of="kgco2")
    totals = build(park, boundary=queries.OPERATOR).totals
    assert totals[SCOPE_2_LOCATION].tco2e == pytest.approx(0.35)
    assert totals[SCOPE_3].tco2e == pytest.approx(0.15)


def test_coverage_is_the_share_of_the_days_that_rows_cover(park: Park) -> None:
    make_activity(park=park, quantity=1000, ends_on=date(2025, 7, 2))
    total = build(park).totals[SCOPE_2_LOCATION]
    assert total.coverage == pytest.approx(182 / 365)


def test_an_own_factor_changes_only_the_years_of_its_dates(park: Park) -> None:
    other = make_park(district_code="440309")
    for one in (park, other):
        make_activity(park=one, quantity=1000, starts_on=date(2023, 1, 1), ends_on=date(2024, 1, 1))
    year = DatePeriod(date(2023, 1, 1), date(2024, 1, 1))
    both = [queries.build_statement(park=p, period=year).totals[SCOPE_2_LOCATION].tco2e for p in (park, other)]
    # The park's own factor begins in 2024; 2023 stays at the grid's published value for both.
    assert both == [pytest.approx(0.4042), pytest.approx(0.4042)]


def test_intensity_says_how_many_tenants_reported(park: Park) -> None:
    for number in range(2):
        stay = make_occupancy(premises=make_premises(park=park), starts_on=date(2020, 1, 1))
        if number:
            make_return(enterprise=stay.enterprise, year=2025, output_wan=100)
    make_activity(park=park, quantity=1000)
    found = {i.key: i for i in build(park).intensities}
    assert (found["co2_per_output"].value, found["co2_per_output"].coverage) == (pytest.approx(0.005), 0.5)


def test_a_year_against_the_one_before_is_split_into_use_and_factors(park: Park) -> None:
    make_activity(park=park, quantity=1000)
    make_activity(park=park, quantity=1200, starts_on=date(2024, 1, 1), ends_on=date(2025, 1, 1))
    make_factor(branch=make_park().branch, value=9.0)
    operator = make_user(Role.OPERATOR, park.branch)
    address = reverse("carbon_statement", args=[park.pk]) + "?from=2025-01-01&to=2025-12-31"
    changes = browser(operator).get(address).context["changes"]
    location = changes[1]
    assert location.difference == pytest.approx(-0.1)
    assert (location.by_use, location.by_factors) == (pytest.approx(-0.1), pytest.approx(0.0))


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_statement_and_sheet_are_handed_out_on_paper_and_as_a_workbook(park: Park, language: str) -> None:
    firm = make_enterprise(name_en="=HYPERLINK(1)")
    premises = make_premises(park=park)
    make_occupancy(premises=premises, enterprise=firm, starts_on=date(2020, 1, 1))
    make_activity(park=park, quantity=1000)
    make_activity(park=park, quantity=400, enterprise=firm, is_breakdown=True)
    client = browser(make_user(Role.OPERATOR, park.branch, language=language), language)
    for name, args in (("carbon_statement_file", [park.pk]), ("carbon_footprint_file", [park.pk, firm.pk])):
        query = "?from=2025-01-01&to=2025-12-31"
        pdf = client.get(reverse(name, args=[*args, "pdf"]) + query)
        assert pdf.content.startswith(b"%PDF") and len(pdf.content) > 20_000
        book = client.get(reverse(name, args=[*args, "xlsx"]) + query)
        sheets = openpyxl.load_workbook(io.BytesIO(book.content))
        numbers = [c.value for row in sheets.worksheets[1].iter_rows() for c in row if isinstance(c.value, float)]
        assert numbers
        assert b"<f>" not in zipfile.ZipFile(io.BytesIO(book.content)).read("xl/worksheets/sheet1.xml")
    assert client.get(reverse("carbon_statement_file", args=[park.pk, "docx"])).status_code == 404


def test_sheet_of_a_firm_is_its_own_use_and_its_share_of_public_use(park: Park) -> None:
    firm, other = make_enterprise(), make_enterprise()
    for one, area in ((firm, 250.0), (other, 750.0)):
        make_occupancy(premises=make_premises(park=park, area_m2=area), enterprise=one, starts_on=date(2020, 1, 1))
        make_activity(park=park, quantity=area, enterprise=one, is_breakdown=True)
    make_activity(park=park, quantity=2000)
    make_return(enterprise=firm, year=2025, output_wan=10)
    sheet = queries.build_footprint(park=park, enterprise=firm, period=Y2025)
    assert sheet.share == pytest.approx(0.25)
    assert sheet.total == pytest.approx((250 + 0.25 * 1000) * 0.5e-3)
    assert sheet.per_output == pytest.approx(0.025)
    assert not sheet.misses_power


def test_a_tenant_sees_the_own_sheet_and_neither_the_park_nor_a_neighbour(park: Park) -> None:
    stays = [make_occupancy(premises=make_premises(park=park)) for _ in range(2)]
    client = browser(make_tenant_user(stays[0].enterprise, park))
    own, other = (reverse("carbon_footprint", args=[park.pk, s.enterprise_id]) for s in stays)
    assert client.get(own).status_code == 200
    assert client.get(other).status_code == 404
    assert client.get(reverse("carbon_statement", args=[park.pk])).status_code == 404


def test_every_line_opens_its_rows_with_factor_and_source(park: Park) -> None:
    machine = make_equipment(park=park)
    row = make_activity(park=park, quantity=1000, equipment=machine, reference="BILL-77")
    client = browser(make_user(Role.ASSESSOR, park.branch))
    page = client.get(
        reverse("carbon_line", args=[park.pk, SCOPE_2_LOCATION, "electricity"]) + "?from=2025-01-01&to=2025-12-31"
    )
    text = page.content.decode()
    assert "BILL-77" in text and "Own test" in text and reverse("activity_detail", args=[row.pk]) in text
    assert client.get(reverse("carbon_line", args=[park.pk, SCOPE_2_LOCATION, "diesel"])).status_code == 404


def test_a_period_that_is_none_is_told_and_the_last_year_is_shown(park: Park) -> None:
    client = browser(make_user(Role.OPERATOR, park.branch))
    for query in ("from=x&to=2025-01-01", "from=2025-02-01&to=2025-01-01", "from=1990-01-01&to=2099-01-01"):
        page = client.get(reverse("carbon_statement", args=[park.pk]) + f"?{query}")
        assert page.status_code == 200 and "two days in order" in page.content.decode()
