"""Real readings through the whole way: from the lake to the days, against answers that others worked out."""

from __future__ import annotations

import csv
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from parkbrain.calc.metering import Register, use_of_register
from parkbrain.energy import queries, services
from parkbrain.energy.models import DayUse
from parkbrain.energy.queries import park_zone
from parkbrain.telemetry.models import Point
from tests.factories import AT, make_point

from .make import make_meter, put_at

pytestmark = pytest.mark.django_db
GAS = [f"G_Data000{n}.csv.gz" for n in (1, 2, 3, 5, 6, 8, 9, 10, 12, 13, 15, 16)]


def local_us(text: str) -> int:
    at = datetime.fromisoformat(text).replace(tzinfo=park_zone())
    return int(at.timestamp()) * 1_000_000


def test_interval_readings_give_the_energy_per_day_that_another_project_worked_out(shared_data: Path) -> None:
    folder = shared_data / "oed_readings"
    readings = list(csv.reader((folder / "readings_ri_15_days_75.csv").open()))[1:]
    name = "expected_bar_ri_15_mu_kWh_gu_kWh_st_-inf_et_inf_bd_1.csv"
    expected = list(csv.DictReader((folder / name).open()))
    point = make_point(kind=Point.Kind.INTERVAL, interval_s=900, unit="KiloW-HR")
    meter = make_meter(park=point.park, point=point)
    put_at(point, [local_us(row[2]) for row in readings], [float(row[0]) for row in readings])
    services.recompute_use(at=AT)
    found = dict(DayUse.objects.filter(meter=meter).values_list("day", "use"))
    assert len(expected) == 75
    for row in expected:
        day = date.fromisoformat(row["start time"][:10])
        assert found[day] == pytest.approx(float(row["reading"]), rel=1e-9)


@pytest.mark.parametrize("name", GAS)
def test_gas_register_with_gaps_and_doubles_loses_nothing(shared_data: Path, name: str) -> None:
    frame = pd.read_csv(shared_data / "gas_registers" / name)
    times = pd.to_datetime(frame["CreateDate"]).dt.tz_localize(park_zone())
    at_us = times.dt.tz_convert("UTC").dt.tz_localize(None).astype("datetime64[us]").astype("int64").to_numpy()
    values = frame["BTotal"].to_numpy(dtype=float)
    expected = use_of_register(at_us, values, register=Register())
    point = make_point(unit="M3")
    meter = make_meter(park=point.park, point=point, kind="GAS")
    # In three batches, the middle one last.
    thirds = np.array_split(np.arange(at_us.size), 3)
    for number, part in enumerate((thirds[0], thirds[2], thirds[1])):
        put_at(point, at_us[part].tolist(), values[part], batch=f"{name}-{number}")
        services.recompute_use(at=AT)
    days = DayUse.objects.filter(meter=meter)
    assert sum(d.use for d in days) == pytest.approx(expected.total, rel=1e-9)
    first, last = days.order_by("day").first().day, days.order_by("-day").first().day
    month = queries.get_use(meters=[meter.pk], starts_on=first, ends_on=queries.month_after(last), step="month")[
        meter.pk
    ]
    assert np.nansum(month.use) == pytest.approx(expected.total, rel=1e-9)
    assert (month.measured <= month.known + 1e-9).all()
