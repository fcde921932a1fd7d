"""Supply meters fill the days that no bill covers, and never add to a bill."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from parkbrain.calc.carbon import SCOPE_2_LOCATION
from parkbrain.calc.intervals import DatePeriod
from parkbrain.carbon import queries
from parkbrain.energy.models import DayUse, Meter, MonthStatement, StatementLine
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from tests.factories import AT, make_activity, make_enterprise, make_factor, make_occupancy, make_park, make_premises

pytestmark = pytest.mark.django_db
QUARTER = DatePeriod(date(2025, 1, 1), date(2025, 4, 1))


def make_supply(park: Park, *, flow: str = "IN", kind: str = "ELECTRICITY", unit: str = "KiloW-HR") -> Meter:
    return Meter.objects.create(
        park=park,
        code=f"M-{kind}-{flow}",
        energy_kind=kind,
        level=Meter.Level.SUPPLY,
        flow=flow,
        unit=unit,
        changed_at=AT,
    )


def count(meter: Meter, *, first_on: date, days: int, use: float | None) -> None:
    for n in range(days):
        known = 0.0 if use is None else 1.0
        DayUse.objects.create(
            meter=meter, day=first_on + timedelta(days=n), use=use, known=known, measured=known, hours=b""
        )


@pytest.fixture
def park() -> Park:
    park = make_park()
    make_factor(branch=park.branch, value=0.5)
    return park


def total(park: Park) -> tuple[float | None, float | None]:
    found = queries.build_statement(park=park, period=QUARTER).totals[SCOPE_2_LOCATION]
    return found.tco2e, found.coverage


def test_without_a_bill_the_meter_counts_with_its_coverage(park: Park) -> None:
    count(make_supply(park), first_on=date(2025, 1, 1), days=45, use=100.0)
    assert total(park) == (pytest.approx(45 * 100 * 0.5e-3), pytest.approx(0.5, abs=0.01))


def test_days_of_a_bill_are_not_counted_again(park: Park) -> None:
    count(make_supply(park), first_on=date(2025, 1, 1), days=90, use=100.0)
    make_activity(park=park, quantity=5000, starts_on=date(2025, 2, 1), ends_on=date(2025, 3, 1))
    assert total(park)[0] == pytest.approx((5000 + (31 + 31) * 100) * 0.5e-3)


def test_a_meter_that_was_never_read_is_not_assessed(park: Park) -> None:
    make_supply(park)
    statement = queries.build_statement(park=park, period=QUARTER)
    line = next(one for one in statement.lines if one.kind == "electricity" and one.scope == SCOPE_2_LOCATION)
    assert (line.tco2e, line.reason) == (None, "no_amount")


def test_solar_power_given_away_is_not_used_in_the_park(park: Park) -> None:
    count(make_supply(park, flow="GENERATED"), first_on=date(2025, 1, 1), days=90, use=30.0)
    count(make_supply(park, flow="OUT"), first_on=date(2025, 1, 1), days=90, use=10.0)
    count(make_supply(park), first_on=date(2025, 1, 1), days=90, use=100.0)
    values = {
        key: registry.facts.get(key).values(park_ids=[park.pk], period=QUARTER)[park.pk].value
        for key in ("renewable_kwh", "total_kwh")
    }
    assert values == {"renewable_kwh": pytest.approx(90 * 20), "total_kwh": pytest.approx(90 * 120)}


def monitored(park: Park) -> tuple[float | None, float | None]:
    """Return the energy used and the part of it that was watched [tce]."""
    found = (registry.facts.get(key) for key in ("energy_tce_total", "energy_tce_monitored"))
    values = [fact.values(park_ids=[park.pk], period=QUARTER).get(park.pk) for fact in found if fact]
    return tuple(one.value if one else None for one in values)  # type: ignore[return-value]


def test_energy_under_monitoring_is_what_meters_measured_of_all_that_was_used(park: Park) -> None:
    meter = make_supply(park)
    count(meter, first_on=date(2025, 1, 1), days=90, use=100.0)
    used, watched = monitored(park)
    assert used == watched == pytest.approx(9000 * 0.1229 / 1000)
    # Half of every day was interpolated; a fuel is known from its bill alone.
    DayUse.objects.update(measured=0.5)
    make_activity(park=park, kind="natural_gas", quantity=1000, starts_on=date(2025, 1, 1), ends_on=date(2025, 4, 1))
    used_with_gas, watched = monitored(park)
    assert watched == pytest.approx(4500 * 0.1229 / 1000)
    assert used_with_gas is not None and used is not None and used_with_gas > used
    # A bill for power that meters also measured: no more is watched than was used.
    make_activity(park=park, quantity=3000, starts_on=date(2025, 1, 1), ends_on=date(2025, 4, 1))
    assert monitored(park)[1] == pytest.approx(3000 * 0.1229 / 1000)


def test_where_meters_do_not_know_the_whole_time_nothing_is_said_of_monitoring(park: Park) -> None:
    assert monitored(park) == (None, None)
    make_activity(park=park, quantity=3000, starts_on=date(2025, 1, 1), ends_on=date(2025, 4, 1))
    assert monitored(park) == (pytest.approx(0.3687), None), "another system may have watched it"
    count(make_supply(park), first_on=date(2025, 3, 1), days=31, use=10.0)
    assert monitored(park)[1] is None


def bill_of(park: Park, firm: Enterprise, *, month: int, metered: str | None) -> None:
    """Record what the meters of a firm counted in a month."""
    statement, _new = MonthStatement.objects.get_or_create(
        park=park,
        energy_kind="ELECTRICITY",
        month_on=date(2025, month, 1),
        defaults={"worked_out_at": AT, "digest": ""},
    )
    StatementLine.objects.create(
        statement=statement,
        enterprise=firm,
        metered=None if metered is None else Decimal(metered),
        meters=[["E-7", None if metered is None else float(metered)]],
        measured=1.0,
    )


def own_power(park: Park, firm: Enterprise) -> tuple[float | None, float | None]:
    sheet = queries.build_footprint(park=park, enterprise=firm, period=QUARTER)
    line = next((one for one in sheet.own if one.kind == "electricity" and one.scope == SCOPE_2_LOCATION), None)
    return (line.tco2e, line.coverage) if line else (None, None)


def test_the_meters_of_a_firm_fill_the_days_of_its_sheet_that_no_row_covers(park: Park) -> None:
    firm, other = make_enterprise(), make_enterprise()
    for one in (firm, other):
        make_occupancy(premises=make_premises(park=park), enterprise=one, starts_on=date(2020, 1, 1))
    assert own_power(park, firm) == (None, None)
    for month in (1, 2, 3):
        bill_of(park, firm, month=month, metered="100")
    assert own_power(park, firm) == (pytest.approx(300 * 0.5e-3), pytest.approx(1.0))
    # A row of the firm covers February: its meters say nothing more about it, nor about the neighbor.
    stated = {"starts_on": date(2025, 2, 1), "ends_on": date(2025, 3, 1), "enterprise": firm, "is_breakdown": True}
    make_activity(park=park, quantity=40, **stated)
    assert own_power(park, firm)[0] == pytest.approx(240 * 0.5e-3)
    assert own_power(park, other) == (None, None)
    sheet = queries.build_footprint(park=park, enterprise=firm, period=QUARTER)
    assert not sheet.misses_power and len(sheet.metered_kinds) == 1


def test_a_month_whose_meter_is_unknown_is_not_nothing(park: Park) -> None:
    firm = make_enterprise()
    make_occupancy(premises=make_premises(park=park), enterprise=firm, starts_on=date(2020, 1, 1))
    bill_of(park, firm, month=1, metered=None)
    assert own_power(park, firm)[0] is None
    bill_of(park, firm, month=2, metered="100")
    assert own_power(park, firm)[0] is None, "a sum of which a part is not known"
    sheet = queries.build_footprint(park=park, enterprise=firm, period=QUARTER)
    assert (sheet.total, sheet.totals[SCOPE_2_LOCATION].unknown) == (pytest.approx(0.05), 1), "and says so"


def test_what_the_meters_of_firms_counted_is_not_shared_out_as_public_use(park: Park) -> None:
    firm = make_enterprise()
    make_occupancy(premises=make_premises(park=park), enterprise=firm, starts_on=date(2020, 1, 1))
    make_activity(park=park, quantity=1000, starts_on=QUARTER.starts_on, ends_on=QUARTER.ends_on)
    for month in (1, 2, 3):
        bill_of(park, firm, month=month, metered="100")
    sheet = queries.build_footprint(park=park, enterprise=firm, period=QUARTER)
    assert sheet.share == 1.0
    assert sheet.total == pytest.approx(1000 * 0.5e-3), "300 of its own and 700 of public use"
