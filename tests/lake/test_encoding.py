"""Values come back from sorted files to the last bit, mostly as whole numbers."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
from django.apps import apps
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from parkbrain import lake
from parkbrain.lake import rollup
from parkbrain.lake.encoding import GREATEST_VALUE, packed
from parkbrain.lake.engine import connect_engine
from parkbrain.lake.in_order import PERIODS, Asked, periods_in_order
from parkbrain.lake.models import Segment

from .test_readings import AT, T0, put, rows

DECIMAL = st.integers(-(10**11), 10**11).map(lambda n: n / 100)
ANY = st.floats(-GREATEST_VALUE, GREATEST_VALUE)


@given(st.lists(st.tuples(st.integers(1, 3), st.one_of(DECIMAL, ANY)), min_size=1, max_size=40))
def test_every_value_comes_back(readings: list[tuple[int, float]]) -> None:
    readings.sort(key=lambda row: row[0])
    points, values = zip(*readings, strict=True)
    table = packed(lake.readings_table(points, np.arange(len(points)), values))
    whole, divisor, value = (table[name].to_numpy() for name in ("whole", "divisor", "value"))
    assert np.where(np.isnan(divisor), value, whole / divisor).tolist() == list(values)


def test_a_point_has_one_divisor_whatever_its_neighbors_have() -> None:
    points = [1, 1, 2, 2, 3, 4, 4]
    values = [1.5, 2.25, 7.0, 8.0, 0.1 + 0.2, 5e9, 1.0]
    table = packed(lake.readings_table(points, range(7), values))
    assert table["divisor"].to_pylist() == [100.0, 100.0, 1.0, 1.0, None, None, None]
    assert table["whole"].to_pylist() == [150, 225, 7, 8, None, None, None]
    assert table["value"].to_pylist() == [None] * 4 + values[4:]


@pytest.mark.django_db
def test_files_sorted_in_the_older_way_are_read_and_sorted_again() -> None:
    put([(1, T0, 1.25), (2, T0, 0.1 + 0.2)])
    Segment.objects.update(level=Segment.Level.SORTED, partition="2026-11-23")
    import_module("parkbrain.lake.migrations.0002_sort_again").sort_again(apps, SimpleNamespace(connection=connection))
    before = rows([1, 2])
    assert before == [(1, T0, 1.25), (2, T0, 0.1 + 0.2)]
    assert lake.compact(at=AT).after == 1
    assert rows([1, 2]) == before
    assert Segment.objects.get(is_live=True).level == Segment.Level.SORTED


@pytest.mark.django_db
def test_what_is_not_sorted_yet_is_gathered_with_the_day_it_belongs_to_and_the_others_stay_apart() -> None:
    day_us = 86_400_000_000
    put([(point, T0 - day * day_us, 10.0 * day + point) for day in range(5) for point in (1, 2)])
    lake.compact(at=AT)
    put([(1, T0 - 2 * day_us, 0.5), (1, T0 - 2 * day_us + 1, 0.25), (3, T0 - 9 * day_us, 4.0)])
    found = lake.roll_up(start_us=0, end_us=2**62, step="day").to_pylist()
    totals = {(row["point"], (T0 - row["start_us"]) // day_us): row["total"] for row in found}
    expected = {(point, day): 10.0 * day + point for day in range(5) for point in (1, 2)}
    assert totals == expected | {(1, 2): 0.75, (3, 9): 4.0}
    assert len(found) == len(totals), "no period twice"


@pytest.mark.django_db
@pytest.mark.parametrize("points", [None, [2], [1, 3, 99]])
def test_one_pass_over_sorted_rows_answers_as_the_expression_does(
    points: list[int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("parkbrain.lake.encoding.ROW_GROUP_ROWS", 100)
    monkeypatch.setattr("parkbrain.lake.in_order.GROUPS_AT_ONCE", 2)
    random = np.random.default_rng(3)
    instants = T0 + np.sort(random.choice(3 * 86_400, 900, replace=False)) * 1_000_000
    for point, decimals in ((1, 2), (2, 9), (3, 0)):
        values = np.round(random.normal(0, 1e4, instants.size), decimals)
        lake.append_readings(lake.readings_table(np.full(900, point), instants, values), batch_id=f"{point}", at=AT)
    lake.compact(at=AT)
    files = lake.list_segment_files(start_us=0, end_us=2**62)
    assert [file.level for file in files] == [1, 1, 1]
    asked = Asked(points, T0 + 7_200_000_001, T0 + 2 * 86_400_000_000 + 5, 3_600_000_000)
    order = [("point", "ascending"), ("start_us", "ascending")]
    engine = connect_engine()
    readings = rollup._within(rollup._sorted_readings(engine, files), "at_us", asked)
    expected = engine.to_pyarrow(rollup.periods_of(readings, asked.step_us)).select(PERIODS.names).cast(PERIODS)
    found = periods_in_order([file.path for file in files], asked)
    assert found.num_rows > 40
    assert found.sort_by(order).equals(expected.sort_by(order))
