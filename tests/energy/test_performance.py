"""Plans against what was used, and what was avoided against a baseline."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.energy import queries, services
from parkbrain.energy.models import EnergyBaseline, EnergyDriver, EnergyPlanMonth, Meter
from parkbrain.kernel.models import AuditEvent, Park
from parkbrain.kernel.roles import Role
from parkbrain.telemetry.models import Point
from tests.factories import AT, make_park, make_point, make_user

from .make import FIRST_ON, MIDNIGHT, make_meter, put
from .test_overview_pages import signed_in

pytestmark = pytest.mark.django_db
DAYS = 120
ENDS_ON = FIRST_ON + timedelta(days=60)
LAST_ON = FIRST_ON + timedelta(days=DAYS)
SAVED_A_DAY = 48.0


def workday(day: date) -> bool:
    return day.weekday() < 5


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def outside(park: Park) -> Point:
    """A thermometer that swings by day and by week."""
    point = make_point(
        park=park, code="T-OUT", unit="DEG_C", kind=Point.Kind.GAUGE, brick_class="Outside_Air_Temperature_Sensor"
    )
    put(point, temperatures().repeat(24).tolist(), batch="outside")
    return point


def temperatures() -> Any:
    return 20 + 8 * np.sin(np.arange(DAYS) / 9) + np.cos(np.arange(DAYS) * 2.3)


@pytest.fixture
def meter(park: Park) -> Meter:
    """A meter that takes 1000 a day, 240 more on workdays, 50 more per degree above 18, and 48 less after the baseline."""
    meter = make_meter(park=park, code="E-1", level=1)
    days = [FIRST_ON + timedelta(days=n) for n in range(DAYS)]
    use = 1000 + 240.0 * np.array([workday(d) for d in days]) + 50 * np.maximum(temperatures() - 18, 0)
    use = use + 6 * np.sin(np.arange(DAYS) * 1.9) - SAVED_A_DAY * (np.arange(DAYS) >= 60)
    put(meter, [0.0, *np.cumsum(use.repeat(24) / 24).round(3).tolist()])
    services.recompute_use(at=AT)
    return meter


def values(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Whole park",
        "step": "day",
        "starts_on": FIRST_ON,
        "ends_on": ENDS_ON,
        "reports_from": ENDS_ON,
        "temperature": None,
        "counts_workdays": True,
        "note": "",
    } | changes


def test_what_was_avoided_is_found_with_its_uncertainty(meter: Meter, outside: Point) -> None:
    baseline = services.record_baseline(
        park=meter.park, values=values(temperature=outside), meters=[meter], actor=None, at=AT
    )
    found = queries.get_baseline_result(baseline=baseline, on=LAST_ON)
    assert found.model is not None and found.savings is not None and found.savings.uncertainty is not None
    assert found.model.kind == "3PC"
    assert found.model.change_points[0] == pytest.approx(18, abs=0.3)
    slopes = {term.driver: term.slope for term in found.model.terms}
    assert slopes["temperature_c"] == pytest.approx(50, rel=0.02)
    assert slopes["workdays"] == pytest.approx(240, rel=0.02)
    # The day of the change that is drawn between two readings belongs half to either side.
    assert found.savings.avoided == pytest.approx(SAVED_A_DAY * 60, rel=0.05)
    assert found.savings.uncertainty < 0.2 * found.savings.avoided
    assert found.is_shown and not found.shortfalls
    assert found.saved_so_far is not None
    assert found.saved_so_far[-1] == pytest.approx(found.savings.avoided)


def test_without_a_thermometer_workdays_alone_are_the_driver(meter: Meter) -> None:
    baseline = services.record_baseline(park=meter.park, values=values(), meters=[meter], actor=None, at=AT)
    found = queries.get_baseline_result(baseline=baseline, on=LAST_ON)
    assert found.model is not None and [term.driver for term in found.model.terms] == ["workdays"]
    assert found.shortfalls == ["r2"]


def test_a_reading_repaired_in_the_time_of_the_baseline_changes_its_model(meter: Meter, outside: Point) -> None:
    baseline = services.record_baseline(
        park=meter.park, values=values(temperature=outside), meters=[meter], actor=None, at=AT
    )
    before = queries.get_baseline_result(baseline=baseline, on=LAST_ON).model
    assert before is not None and before.as_dict() == baseline.model
    # Readings of one morning come late and say otherwise.
    put(meter, [float(x) for x in range(40_000, 40_003)], start=MIDNIGHT + timedelta(days=30, hours=1), batch="late")
    services.recompute_use(at=AT)
    after = queries.get_baseline_result(baseline=baseline, on=LAST_ON).model
    assert after is not None and after.as_dict() != baseline.model


def test_days_of_which_something_is_unknown_do_not_count(meter: Meter, outside: Point) -> None:
    baseline = services.record_baseline(
        park=meter.park, values=values(temperature=outside), meters=[meter], actor=None, at=AT
    )
    found = queries.get_baseline_result(baseline=baseline, on=LAST_ON + timedelta(days=10))
    assert found.savings is not None and found.savings.compared == 60


def test_by_month_a_driver_gives_use_per_unit(park: Park) -> None:
    meter = make_meter(park=park, code="E-9", level=2)
    first = date(2026, 6, 1)
    made = {date(2026, month, 1): 100.0 + 7 * ((month * 5) % 4) for month in range(6, 13)}
    days = [first + timedelta(days=n) for n in range(214)]
    use = np.array([made[d.replace(day=1)] * (2.0 if d.month < 10 else 1.8) / _length(d) for d in days])
    put(meter, [0.0, *np.cumsum(use.repeat(24) / 24).round(4).tolist()])
    services.recompute_use(at=AT)
    driver = services.record_driver(park=park, name="Boards", unit="1,000", actor=None, at=AT)
    assert services.record_driver_months(driver=driver, months=dict(made), actor=None, at=AT) == 7
    baseline = services.record_baseline(
        park=park,
        values=values(
            step="month",
            starts_on=first,
            ends_on=date(2026, 10, 1),
            reports_from=date(2026, 10, 1),
            counts_workdays=False,
        ),
        meters=[meter],
        drivers=[driver],
        actor=None,
        at=AT,
    )
    found = queries.get_baseline_result(baseline=baseline, on=date(2026, 12, 31))
    assert found.per_unit is not None and found.savings is not None
    assert found.per_unit.baseline == pytest.approx(2.0, rel=1e-3)
    assert found.per_unit.change == pytest.approx(-0.1, abs=1e-3)
    assert found.savings.compared == 2, "December is not over"
    assert found.savings.share == pytest.approx(0.1, abs=0.002)


def _length(day: date) -> int:
    return (queries.month_after(day.replace(day=1)) - day.replace(day=1)).days


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ends_on": FIRST_ON}, "end has to lie after"),
        ({"reports_from": FIRST_ON}, "begins when the baseline has ended"),
        ({"step": "month", "ends_on": FIRST_ON + timedelta(days=40), "reports_from": LAST_ON}, "first of a month"),
        ({"ends_on": FIRST_ON + timedelta(days=2)}, "Too few periods"),
    ],
)
def test_a_baseline_that_says_nothing_is_refused_and_nothing_kept(
    meter: Meter, outside: Point, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(services.CannotRecordPerformance, match=words):
        services.record_baseline(
            park=meter.park, values=values(temperature=outside, **changes), meters=[meter], actor=None, at=AT
        )
    assert not EnergyBaseline.objects.exists()
    assert not AuditEvent.objects.filter(code__startswith="energy.baseline").exists()


def test_meters_of_two_kinds_or_none_are_refused(meter: Meter) -> None:
    water = make_meter(park=meter.park, code="W-1", kind="WATER")
    for meters in ([], [meter, water]):
        with pytest.raises(services.CannotRecordPerformance):
            services.record_baseline(park=meter.park, values=values(), meters=meters, actor=None, at=AT)


def test_a_plan_stands_against_months_that_are_over_and_known(meter: Meter) -> None:
    months = {date(2026, 6, 1): 38_000.0, date(2026, 7, 1): 40_000.0, date(2026, 11, 1): 5.0}
    assert services.record_plan(park=meter.park, energy_kind="ELECTRICITY", months=months, actor=None, at=AT) == 3
    assert services.record_plan(park=meter.park, energy_kind="ELECTRICITY", months=months, actor=None, at=AT) == 0
    found = queries.get_planned_year(park=meter.park, energy_kind="ELECTRICITY", year=2026, on=date(2026, 7, 20))
    june, july = found.lines[5], found.lines[6]
    assert june.actual is not None and june.difference == pytest.approx(june.actual - 38_000)
    assert (july.planned, july.actual, july.difference) == (40_000.0, None, None), "July is not over"
    assert found.lines[0].actual is None and found.lines[0].planned is None
    services.record_plan(park=meter.park, energy_kind="ELECTRICITY", months={date(2026, 6, 1): None}, actor=None, at=AT)
    assert EnergyPlanMonth.objects.count() == 2
    with pytest.raises(services.CannotRecordPerformance, match="2026-08"):
        services.record_plan(
            park=meter.park, energy_kind="ELECTRICITY", months={date(2026, 8, 1): -1.0}, actor=None, at=AT
        )


@pytest.fixture
def operator(park: Park) -> Client:
    return signed_in(make_user(Role.OPERATOR, park.branch.parent))


def test_a_person_states_a_plan_a_driver_and_a_baseline_and_takes_it_away(
    operator: Client, meter: Meter, outside: Point
) -> None:
    park = meter.park
    plan = reverse("energy_plan", args=[park.pk]) + "?kind=ELECTRICITY&year=2026"
    wrong = operator.post(plan, {"m6": "many"})
    assert wrong.status_code == 422 and b"many" in wrong.content
    assert operator.post(plan, {"m6": "38000"}).status_code == 302
    drivers = reverse("energy_drivers", args=[park.pk])
    assert operator.post(drivers, {"name": "Boards", "unit": "pieces"}).status_code == 302
    assert operator.post(drivers, {"name": "Boards", "unit": "pieces"}).status_code == 422
    driver = EnergyDriver.objects.get()
    of_year = reverse("driver_months", args=[driver.pk]) + "?year=2026"
    assert operator.post(of_year, {"m1": "12.5"}).status_code == 302
    assert b"12.5" in operator.get(of_year).content
    typed = {k: str(v) for k, v in values().items() if v} | {"meters": [str(meter.pk)], "temperature": str(outside.pk)}
    add = reverse("baseline_add", args=[park.pk])
    late = operator.post(add, typed | {"ends_on": str(FIRST_ON)})
    assert late.status_code == 422 and b"after the beginning" in late.content and b"Whole park" in late.content
    answer = operator.post(add, typed, follow=True)
    assert answer.status_code == 200 and b"3PC" in answer.content
    baseline = EnergyBaseline.objects.get()
    change = reverse("baseline_change", args=[baseline.pk])
    assert operator.post(change, typed | {"note": "two shifts"}).status_code == 302
    home = operator.get(reverse("energy_performance", args=[park.pk]) + "?year=2026")
    assert b"Whole park" in home.content and b"38,000" in home.content
    assert operator.post(reverse("baseline_remove", args=[baseline.pk])).status_code == 302
    assert not EnergyBaseline.objects.exists()
    codes = set(AuditEvent.objects.values_list("code", flat=True))
    assert {
        "energy.plan.recorded", "energy.driver.added", "energy.driver.months_recorded", "energy.baseline.added",
        "energy.baseline.changed", "energy.baseline.removed",
    } <= codes  # fmt: skip


def test_who_only_looks_may_look_and_nothing_else(meter: Meter) -> None:
    baseline = services.record_baseline(park=meter.park, values=values(), meters=[meter], actor=None, at=AT)
    bureau = signed_in(make_user(Role.BUREAU, meter.park.branch.parent))
    assert bureau.get(reverse("baseline_detail", args=[baseline.pk])).status_code == 200
    assert b"baseline_change" not in bureau.get(reverse("energy_performance", args=[meter.park.pk])).content
    for name in ("energy_plan", "energy_drivers", "baseline_add"):
        assert bureau.get(reverse(name, args=[meter.park.pk])).status_code == 403
    assert bureau.post(reverse("baseline_remove", args=[baseline.pk])).status_code == 403
    stranger = signed_in(make_user(Role.OPERATOR, make_park().branch))
    assert stranger.get(reverse("baseline_detail", args=[baseline.pk])).status_code == 404
