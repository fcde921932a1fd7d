"""Use follows from readings by itself: whatever the order, the batches and the doubles."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from parkbrain.energy import services
from parkbrain.energy.models import DayUse, Recomputed
from parkbrain.energy.queries.packed import DayRow
from tests.factories import AT

from .make import FIRST_ON, HOUR_US, MIDNIGHT, make_meter, put, put_at, us

pytestmark = pytest.mark.django_db


def days(meter) -> dict:
    return {d.day: d.use for d in DayUse.objects.filter(meter=meter)}


def test_hourly_register_becomes_days_in_local_time() -> None:
    meter = make_meter()
    put(meter, np.arange(49) * 2.0)
    services.recompute_use(at=AT)
    assert days(meter) == {FIRST_ON: 48.0, FIRST_ON + timedelta(days=1): 48.0}


def test_late_readings_change_only_what_depends_on_them() -> None:
    meter = make_meter()
    values = np.cumsum(np.arange(24 * 20) % 7).astype(float)
    late = slice(100, 130)
    put(meter, values[:100])
    put(meter, values[130:], start=MIDNIGHT + timedelta(hours=130))
    services.recompute_use(at=AT)
    before = days(meter)
    put(meter, values[late], start=MIDNIGHT + timedelta(hours=100))
    outcome = services.recompute_use(at=AT)
    row = Recomputed.objects.get()
    assert row.starts_on == FIRST_ON + timedelta(days=4)
    assert row.ends_on == FIRST_ON + timedelta(days=6)
    assert outcome.days_written == row.days_changed == 2
    assert sum(days(meter).values()) == pytest.approx(sum(before.values())) == pytest.approx(values[-1])


def test_nothing_new_writes_nothing() -> None:
    meter = make_meter()
    put(meter, np.arange(30.0))
    services.recompute_use(at=AT)
    outcome = services.recompute_use(at=AT)
    assert (outcome.meters, outcome.days_written, outcome.changed) == (0, 0, [])


def test_formula_follows_its_meters() -> None:
    main = make_meter(code="A")
    make_meter(park=main.park, code="B")
    rest = make_meter(park=main.park, code="R", formula="[A] - [B]")
    put(main, np.arange(25) * 5.0)
    put(main.park.meters.get(code="B"), np.arange(25) * 2.0)
    services.recompute_use(at=AT)
    assert days(rest) == {FIRST_ON: pytest.approx(72.0)}


@pytest.mark.parametrize("seed", range(6))
def test_any_order_batches_and_doubles_give_the_same_days_as_all_at_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    whole, parts = make_meter(), make_meter()
    steps = rng.uniform(0.1, 3.0, 24 * 40)
    values = np.cumsum(steps).round(3)
    keep = np.flatnonzero(rng.random(values.size) > 0.15)
    hours = us(MIDNIGHT) + keep * HOUR_US
    put_at(whole, hours.tolist(), values[keep])
    services.recompute_use(at=AT)
    order = rng.permutation(keep.size)
    for number, chosen in enumerate(np.array_split(order, 9)):
        doubled = np.concatenate([chosen, rng.choice(chosen, 3)])
        put_at(parts, hours[doubled].tolist(), values[keep][doubled], batch=f"b{seed}-{number}")
        put_at(parts, hours[doubled].tolist(), values[keep][doubled], batch=f"b{seed}-{number}")
        services.recompute_use(at=AT)
    one, other = stored(whole), stored(parts)
    assert [r.day for r in one] == [r.day for r in other]
    assert not [r.day for r, same in zip(one, other, strict=True) if r.differs(same)]
    assert sum(days(parts).values()) == pytest.approx(values[keep[-1]] - values[keep[0]])


def stored(meter) -> list[DayRow]:
    return [
        DayRow(d.day, d.use, d.known, d.measured, d.flags, bytes(d.hours))
        for d in DayUse.objects.filter(meter=meter).order_by("day")
    ]
