"""The same expression on a small cluster of real executors: the same numbers, to the last digit."""

from __future__ import annotations

import importlib.util
import shutil
from typing import Any

import numpy as np
import pytest

from parkbrain import lake
from parkbrain.lake import engine

from .test_readings import AT, DAY_US, T0

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="Java is not installed"),
    pytest.mark.skipif(importlib.util.find_spec("pyspark") is None, reason="pyspark is not installed"),
]
ORDER = [("point", "ascending"), ("start_us", "ascending")]


@pytest.fixture
def spark(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")

    def use(master: str) -> None:
        settings.LAKE_ENGINE, settings.SPARK_MASTER = "spark", master

    yield use
    session = engine.spark_session()
    session.stop()


def fill() -> None:
    random = np.random.default_rng(7)
    for number in range(3):
        points, instants = np.meshgrid(np.arange(1, 21), T0 + number * DAY_US + np.arange(0, DAY_US, 900_000_000))
        values = np.round(random.normal(50, 400, points.size), 2)
        table = lake.readings_table(points.ravel(), instants.ravel(), values)
        lake.append_readings(table, batch_id=f"day {number}", at=AT)
    lake.compact(at=AT)
    # Something repaired that has not been sorted yet.
    lake.append_readings(lake.readings_table([3, 21], [T0, T0], [0.1, 0.7]), batch_id="repair", at=AT)


def test_a_cluster_of_two_executors_answers_as_one_process_does(spark: Any) -> None:
    fill()
    here = {step: lake.roll_up(start_us=0, end_us=2**62, step=step).sort_by(ORDER) for step in ("hour", "day")}
    spark("local-cluster[2,1,1024]")
    there = {step: lake.roll_up(start_us=0, end_us=2**62, step=step).sort_by(ORDER) for step in ("hour", "day")}
    executors = engine.spark_session().sparkContext._jsc.sc().getExecutorMemoryStatus().size()
    assert executors == 3, "two executors and the driver"
    for step in ("hour", "day"):
        assert here[step].num_rows > 60
        assert there[step].equals(here[step]), step


def test_an_engine_nobody_knows_is_named(settings: Any) -> None:
    settings.LAKE_ENGINE = "abacus"
    with pytest.raises(ValueError, match="abacus"):
        lake.roll_up(start_us=0, end_us=1)
