"""Like for like: what came or went is left out of both ends, and nothing else is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.boundary import Stay, Unit, kept_lineages, left_out, lineages, month_days, park_series
from parkbrain.calc.icalendar import DayEvent, calendar, folded

FIRST, LAST = date(2023, 11, 23), date(2026, 11, 23)
DAYS = month_days(LAST, 36)
days = st.dates(date(2022, 1, 1), date(2027, 12, 31))
maybe = st.none() | days


def forward(start: date | None, end: date | None) -> tuple[date | None, date | None]:
    return (start, end) if start is None or end is None or end > start else (start, None)


@st.composite
def parks(draw: st.DrawFn, *, moving: bool) -> tuple[list[Unit], list[Stay]]:
    units, stays = [], []
    for key in range(draw(st.integers(1, 6))):
        added, removed = forward(draw(maybe), draw(maybe)) if moving else (None, None)
        first, last = forward(draw(maybe), draw(maybe))
        area = draw(st.floats(1, 5000))
        units.append(Unit(key, key, area, added, removed, draw(st.booleans()), first, last))
        if draw(st.booleans()):
            starts = draw(days)
            ends = draw(maybe)
            stays.append(Stay(key, draw(st.integers(0, 3)), starts, ends if ends and ends > starts else None))
    return units, stays


outputs = st.dictionaries(
    st.integers(2021, 2026), st.dictionaries(st.integers(0, 3), st.floats(0, 1e6), max_size=4), max_size=6
)


@given(parks(moving=False), outputs)
def test_like_for_like_equals_as_was_when_no_boundary_changed(park, outputs_wan) -> None:
    units, stays = park
    kept = kept_lineages(units, DAYS[0], DAYS[-1])
    whole = park_series(units, stays, outputs_wan, DAYS)
    assert park_series(units, stays, outputs_wan, DAYS, lineages_kept=kept) == whole
    assert left_out(units, DAYS[0], DAYS[-1]) == []


@given(parks(moving=True), outputs)
def test_like_for_like_never_exceeds_as_was_and_misses_only_what_is_left_out(park, outputs_wan) -> None:
    units, stays = park
    kept = kept_lineages(units, DAYS[0], DAYS[-1])
    gone = {u.key for u in left_out(units, DAYS[0], DAYS[-1])}
    was = park_series(units, stays, outputs_wan, DAYS)
    like = park_series(units, stays, outputs_wan, DAYS, lineages_kept=kept)
    rest = park_series([u for u in units if u.key in gone], [s for s in stays if s.unit in gone], outputs_wan, DAYS)
    for a, b, c in zip(was, like, rest, strict=True):
        assert b.lettable_area_m2 <= a.lettable_area_m2 + 1e-6
        assert a.lettable_area_m2 == pytest.approx(b.lettable_area_m2 + c.lettable_area_m2)
        assert a.let_area_m2 == pytest.approx(b.let_area_m2 + c.let_area_m2)
        assert b.occupancy is None or 0 <= b.occupancy <= 1 + 1e-9


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=12))
def test_lineages_join_exactly_what_successions_connect(pairs) -> None:
    found = lineages(range(9), pairs)
    for before, after in pairs:
        assert found[before] == found[after]
    alone = set(range(9)) - {k for pair in pairs for k in pair}
    assert len({found[k] for k in alone}) == len(alone)


def test_sold_parcel_and_new_building_are_left_out_and_a_split_is_not() -> None:
    change = date(2025, 6, 1)
    line = lineages(["old", "a", "b", "sold", "new", "stays"], [("old", "a"), ("old", "b")])
    units = [
        Unit("old", line["old"], 400.0, removed_on=change),
        Unit("a", line["a"], 250.0, added_on=change),
        Unit("b", line["b"], 150.0, added_on=change),
        Unit("sold", line["sold"], 1000.0, removed_on=date(2025, 9, 1)),
        Unit("new", line["new"], 2000.0, added_on=date(2026, 2, 1)),
        Unit("stays", line["stays"], 600.0),
    ]
    assert {u.key for u in left_out(units, FIRST, LAST)} == {"sold", "new"}
    kept = kept_lineages(units, FIRST, LAST)
    areas = [p.lettable_area_m2 for p in park_series(units, [], {}, DAYS, lineages_kept=kept)]
    assert set(areas) == {1000.0}
    was = [p.lettable_area_m2 for p in park_series(units, [], {}, DAYS)]
    assert (was[0], was[-1], min(was)) == (2000.0, 3000.0, 1000.0)


def test_output_of_a_day_is_that_of_the_last_closed_year_and_unknown_without_a_report() -> None:
    units, stays = [Unit("a", "a", 1.0)], [Stay("a", "f", date(2020, 1, 1))]
    on = [date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 1)]
    points = park_series(units, stays, {2025: {"f": 7.0}}, on)
    assert [p.output_wan for p in points] == [None, 7.0, 7.0]
    assert [(p.firms, p.reported) for p in points] == [(1, 0), (1, 1), (1, 1)]


def test_days_are_half_open() -> None:
    unit = Unit("a", "a", 1.0, added_on=FIRST, removed_on=LAST)
    assert unit.belongs_on(FIRST) and not unit.belongs_on(LAST) and unit.belongs_on(LAST - timedelta(days=1))


def test_calendar_file_is_folded_and_escaped_and_ends_every_event() -> None:
    events = [DayEvent("q1@parkbrain", date(2026, 12, 31), "高新技术企业, 深圳市" + "长" * 40, "a;b\nc")]
    text = calendar(events, name="N", written_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert text.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    plain = text.replace("\r\n ", "")
    assert "DTSTART;VALUE=DATE:20261231" in plain and "DTEND;VALUE=DATE:20270101" in plain
    assert "高新技术企业\\, 深圳市" in plain and "a\\;b\\nc" in plain


@given(st.text(alphabet="aé证🙂 ", max_size=200))
def test_folding_loses_nothing(text: str) -> None:
    line = "X:" + text
    assert folded(line).replace("\r\n ", "") == line


def test_calendar_needs_a_moment_with_its_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        calendar([], name="N", written_at=datetime(2026, 1, 1))
