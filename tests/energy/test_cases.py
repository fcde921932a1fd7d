"""Cases that other systems got wrong, through the whole way from the lake to the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.utils.timezone import get_default_timezone

from parkbrain.calc.metering import GAP, RESET, ROLLED_OVER, SWAPPED
from parkbrain.energy import queries, services
from parkbrain.energy.models import DayUse, ReadingRepair, Recomputed
from parkbrain.energy.queries.use import gather, get_hours_and_totals
from parkbrain.telemetry.models import Point, PointFactor
from tests.factories import AT, make_park, make_point, make_point_factor

from .make import FIRST_ON, HOUR_US, MIDNIGHT, make_meter, put, put_at, us

pytestmark = pytest.mark.django_db


def total(meter, days: int = 30):
    return queries.get_totals(meters=[meter.pk], starts_on=FIRST_ON, ends_on=FIRST_ON + timedelta(days=days))[meter.pk]


def test_roll_over_is_recognized_and_marked() -> None:
    point = make_point(register_width=100_000.0)
    meter = make_meter(park=point.park, point=point)
    put(meter, [99_990.0, 99_998.0, 7.0, 9.0])
    services.recompute_use(at=AT)
    assert (total(meter).use, total(meter).flags & ROLLED_OVER) == (pytest.approx(19.0), ROLLED_OVER)


def test_reset_counts_from_zero_and_is_marked() -> None:
    meter = make_meter()
    put(meter, [500.0, 510.0, 4.0, 9.0])
    services.recompute_use(at=AT)
    assert (total(meter).use, total(meter).flags & RESET) == (pytest.approx(19.0), RESET)


def test_swap_between_readings_counts_both_registers() -> None:
    meter = make_meter()
    put(meter, [500.0, 510.0, 1004.0, 1009.0])
    services.recompute_use(at=AT)
    swap = services.swap_meter(
        meter=meter,
        swapped_at=MIDNIGHT + timedelta(minutes=90),
        end_reading=515.0,
        start_reading=1000.0,
        actor=None,
        at=AT,
    )
    services.recompute_use(at=AT)
    assert (total(meter).use, total(meter).flags & SWAPPED) == (pytest.approx(24.0), SWAPPED)
    services.remove_swap(swap=swap, actor=None, at=AT)
    services.recompute_use(at=AT)
    assert total(meter).use == pytest.approx(509.0)


def test_gap_is_interpolated_and_marked_as_not_measured() -> None:
    meter = make_meter()
    put(meter, [0.0, 1.0])
    put(meter, [25.0, 26.0], start=MIDNIGHT + timedelta(hours=25))
    services.recompute_use(at=AT)
    day = DayUse.objects.get(meter=meter, day=FIRST_ON)
    assert day.use == pytest.approx(24.0)
    assert (day.known, day.flags & GAP) == (pytest.approx(1.0), GAP)
    assert day.measured == pytest.approx(1 / 24)


def test_new_factor_changes_the_past_only_from_its_day_and_says_so() -> None:
    meter = make_meter()
    point = meter.points.get().point
    put(meter, np.arange(24 * 6 + 1.0))
    make_point_factor(point=point, ct_ratio=10.0)
    services.recompute_use(at=AT)
    assert total(meter).use == pytest.approx(1440.0)
    change_at = MIDNIGHT + timedelta(days=3)
    PointFactor.objects.filter(point=point).update(end_at=change_at)
    make_point_factor(point=point, start_at=change_at, ct_ratio=20.0)
    services.recompute_use(at=AT)
    row = Recomputed.objects.get()
    assert (row.why, row.starts_on, row.ends_on) == (
        "BASIS",
        FIRST_ON + timedelta(days=3),
        FIRST_ON + timedelta(days=6),
    )
    assert (row.before, row.after) == (pytest.approx(720.0), pytest.approx(1440.0))
    days = dict(DayUse.objects.filter(meter=meter).values_list("day", "use"))
    assert days[FIRST_ON] == pytest.approx(240.0)
    assert days[FIRST_ON + timedelta(days=4)] == pytest.approx(480.0)


def test_time_without_a_factor_is_unknown_and_not_multiplied_by_one() -> None:
    meter = make_meter()
    make_point_factor(point=meter.points.get().point, ct_ratio=10.0, end_at=MIDNIGHT + timedelta(days=1))
    put(meter, np.arange(24 * 3 + 1.0))
    services.recompute_use(at=AT)
    assert list(DayUse.objects.filter(meter=meter).values_list("day", "use")) == [(FIRST_ON, pytest.approx(240.0))]


def test_another_point_carries_the_meter_on() -> None:
    meter = make_meter()
    put(meter, np.arange(25.0))
    other = make_point(park=meter.park, code="NEW")
    services.bind_point(meter=meter, point=other, start_at=MIDNIGHT + timedelta(days=1), actor=None, at=AT)
    put(other, 900 + np.arange(25.0) * 2, start=MIDNIGHT + timedelta(days=1))
    services.recompute_use(at=AT)
    days = dict(DayUse.objects.filter(meter=meter).values_list("day", "use"))
    assert days == {FIRST_ON: pytest.approx(24.0), FIRST_ON + timedelta(days=1): pytest.approx(48.0)}


def test_repaired_reading_counts_at_once_and_the_original_comes_back() -> None:
    meter = make_meter()
    point = meter.points.get().point
    put(meter, [0.0, 10.0, 20.0, 90.0])
    services.recompute_use(at=AT)
    read_at = MIDNIGHT + timedelta(hours=3)
    repair = services.repair_reading(point=point, read_at=read_at, value=30.0, reason="mistyped", actor=None, at=AT)
    services.recompute_use(at=AT, points=[point.pk])
    assert total(meter).use == pytest.approx(30.0)
    assert (repair.original_value, repair.value) == (90.0, 30.0)
    services.undo_repair(repair=repair, actor=None, at=AT)
    services.recompute_use(at=AT, points=[point.pk])
    assert total(meter).use == pytest.approx(90.0)
    assert ReadingRepair.objects.get().undone_at == AT


def test_reading_left_out_does_not_count() -> None:
    meter = make_meter()
    point = meter.points.get().point
    put(meter, [0.0, 10.0, 20.0, 90.0])
    services.repair_reading(
        point=point, read_at=MIDNIGHT + timedelta(hours=3), value=None, reason="wrong meter", actor=None, at=AT
    )
    services.recompute_use(at=AT)
    assert total(meter).use == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("values", "words"), [({"reason": " "}, "reason"), ({"read_at": AT + timedelta(days=400)}, "ahead")]
)
def test_repair_without_reason_or_of_the_future_is_refused(values, words) -> None:
    meter = make_meter()
    put(meter, [0.0, 10.0])
    given = {"read_at": MIDNIGHT, "value": 1.0, "reason": "x", **values}
    with pytest.raises(services.CannotRepairReading, match=words):
        services.repair_reading(point=meter.points.get().point, actor=None, at=AT, **given)


def test_interval_readings_end_at_their_time() -> None:
    point = make_point(kind=Point.Kind.INTERVAL, interval_s=3600)
    meter = make_meter(park=point.park, point=point)
    put(meter, [5.0] * 24, start=MIDNIGHT + timedelta(hours=1))
    services.recompute_use(at=AT)
    day = DayUse.objects.get(meter=meter)
    assert (day.day, day.use, day.measured) == (FIRST_ON, pytest.approx(120.0), 1.0)


def test_month_is_summed_over_local_days_and_not_the_difference_of_two_readings() -> None:
    meter = make_meter()
    start = datetime(2026, 5, 20, 16, 0, tzinfo=UTC)
    put(meter, np.arange(25.0) * 31.0, start=start, hours=31.0)
    services.recompute_use(at=AT)
    june = queries.get_use(meters=[meter.pk], starts_on=date(2026, 6, 1), ends_on=date(2026, 7, 1), step="month")
    hours_in_june = (us(start) + 24 * 31 * HOUR_US - us(MIDNIGHT)) / HOUR_US
    assert june[meter.pk].use.tolist() == [pytest.approx(hours_in_june)]


@pytest.mark.parametrize("unit,scale", [("MegaW-HR", 1000.0), ("GigaJ", 1e6 / 3600)])
def test_point_in_another_unit_is_converted(unit: str, scale: float) -> None:
    point = make_point(unit=unit)
    meter = make_meter(park=point.park, point=point)
    put(meter, [0.0, 2.0])
    services.recompute_use(at=AT)
    assert total(meter).use == pytest.approx(2 * scale)


def test_point_that_measures_something_else_is_refused() -> None:
    point = make_point(unit="M3")
    with pytest.raises(services.CannotBindPoint):
        make_meter(park=point.park, point=point)


def test_point_shows_one_meter_at_a_time() -> None:
    meter = make_meter()
    with pytest.raises(services.CannotBindPoint):
        make_meter(park=meter.park, point=meter.points.get().point)


@pytest.mark.parametrize("formula", ["[A] * [B]", "[A] + 3", "[NOBODY]", "[C]", "drop table", ""])
def test_formula_that_is_none_is_refused(formula: str) -> None:
    park = make_park()
    for code in "AB":
        make_meter(park=park, code=code)
    if not formula:
        return
    with pytest.raises(services.CannotRecordMeter):
        make_meter(park=park, code="C", formula=formula)


def test_formulas_in_a_circle_are_refused() -> None:
    park = make_park()
    make_meter(park=park, code="A")
    make_meter(park=park, code="B", formula="2 * [A]")
    make_meter(park=park, code="C", formula="[B] + [A]")
    with pytest.raises(services.CannotRecordMeter, match="circle"):
        make_meter(park=park, code="B", formula="[C] - [A]")


def test_meter_stands_below_none_of_its_own() -> None:
    park = make_park()
    above = make_meter(park=park, code="A")
    below = make_meter(park=park, code="B", parent="A")
    with pytest.raises(services.CannotPlaceMeter, match="A → B → A"):
        services.place_meter(meter=above, parent=below, starts_on=FIRST_ON, actor=None, at=AT)


def test_readings_out_of_nowhere_of_late_arrival_are_in_the_totals() -> None:
    meter = make_meter()
    put(meter, np.arange(24 * 10 + 1.0), start=MIDNIGHT + timedelta(days=10))
    services.recompute_use(at=AT)
    put_at(meter, [us(MIDNIGHT)], [-240.0 + 240.0])
    services.recompute_use(at=AT)
    assert total(meter).use == pytest.approx(240.0)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin"])
def test_totals_are_those_of_the_days_also_where_the_clocks_change(settings: Any, zone: str) -> None:
    settings.TIME_ZONE = zone
    get_default_timezone.cache_clear()
    try:
        meter, silent = make_meter(), make_meter()
        start = datetime(2026, 3, 25, 23, 0, tzinfo=UTC)
        put(meter, np.arange(24 * 5 + 1.0), start=start)
        services.recompute_use(at=AT)
        asked = {"meters": [meter.pk, silent.pk], "starts_on": date(2026, 3, 24), "ends_on": date(2026, 4, 2)}
        found = queries.get_totals(**asked)
        by_day = queries.get_use(**asked, step="day")
        for pk, one in found.items():
            expected = gather(use=by_day[pk], borders_us=by_day[pk].borders_us[[0, -1]])
            assert (one.use is None) == bool(np.isnan(expected.use[0])) == (pk == silent.pk)
            assert one.use is None or one.use == pytest.approx(expected.use[0])
            assert (one.known, one.measured) == pytest.approx((expected.known[0], expected.measured[0]))
            assert one.flags == expected.flags[0]
        asked_spans = [(date(2026, 3, 24), date(2026, 4, 2)), (date(2026, 3, 29), date(2026, 3, 30))]
        by_hour, totals = get_hours_and_totals(
            meters=asked["meters"], starts_on=date(2026, 3, 28), ends_on=date(2026, 4, 2), spans=asked_spans
        )
        for (starts_on, ends_on), of_span in zip(asked_spans, totals, strict=True):
            for pk, one in queries.get_totals(meters=asked["meters"], starts_on=starts_on, ends_on=ends_on).items():
                assert (of_span[pk].use is None) == (one.use is None) == (pk == silent.pk)
                assert of_span[pk].flags == one.flags
                for name in ("use", "known", "measured"):
                    assert getattr(of_span[pk], name) == (getattr(one, name) and pytest.approx(getattr(one, name)))
        hours = queries.get_use(**{**asked, "starts_on": date(2026, 3, 28)}, step="hour")
        for pk, use in hours.items():
            np.testing.assert_array_equal(by_hour[pk].use, use.use)
            np.testing.assert_array_equal(by_hour[pk].borders_us, use.borders_us)
    finally:
        get_default_timezone.cache_clear()
