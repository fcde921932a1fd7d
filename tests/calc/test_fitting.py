"""Premises against a need: verdicts with reasons, neighbors together, and the order of offers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.calc.fitting import FAILS, MEETS, UNKNOWN, Room, SpaceNeed, check_rooms, find_fitting, neighbors
from parkbrain.calc.specfit import PremisesSpec

STRONG = PremisesSpec(
    floor_load_kn_m2=12.0,
    clear_height_m=6.0,
    goods_lift_load_t=3.0,
    power_density_w_m2=150.0,
    has_water=True,
    has_exhaust=True,
)
NEED = SpaceNeed(
    area_from_m2=900,
    area_to_m2=1100,
    use="PRODUCTION",
    floor_load_kn_m2=8,
    clear_height_m=5,
    goods_lift_load_t=2,
    power_kw=120,
    needs_water=True,
    needs_exhaust=True,
    fire_class="C",
    budget_yuan_per_m2_month=60,
    move_in_on=date(2026, 9, 1),
)


def room(key: str = "301", area_m2: float = 1000.0, **values: object) -> Room:
    base = {
        "use": "PRODUCTION",
        "spec": STRONG,
        "fire_class": "C",
        "asking_yuan_per_m2_month": 55.0,
        "free_from_on": date(2026, 7, 1),
    }
    return Room(key, area_m2, **{**base, **values})  # type: ignore[arg-type]


def verdicts(one: Room, need: SpaceNeed = NEED) -> dict[str, str]:
    return {check.constraint: check.verdict for check in check_rooms([one], need).checks}


def test_a_room_that_meets_every_demand_fits() -> None:
    made = check_rooms([room()], NEED)
    assert made.fits
    assert len(made.checks) == 11


@pytest.mark.parametrize(
    ("constraint", "changed"),
    [
        ("use", {"use": "OFFICE"}),
        ("area_m2", {"area_m2": 700.0}),
        ("area_m2", {"area_m2": 1300.0}),
        ("floor_load_kn_m2", {"spec": PremisesSpec(floor_load_kn_m2=6.5)}),
        ("fire_class", {"fire_class": "D"}),
        ("power_kw", {"power_left_kw": 40.0}),
        ("price_yuan_per_m2_month", {"asking_yuan_per_m2_month": 61.0}),
        ("free_from_on", {"free_from_on": date(2026, 9, 2)}),
    ],
)
def test_each_demand_that_is_not_met_fails_by_its_name(constraint: str, changed: dict[str, object]) -> None:
    assert verdicts(room(**changed))[constraint] == FAILS  # type: ignore[arg-type]


def test_a_figure_that_nobody_recorded_is_unknown_and_named() -> None:
    bare = room(spec=PremisesSpec(), fire_class="", asking_yuan_per_m2_month=None, free_from_on=None)
    made = check_rooms([bare], NEED)
    unknown = {check.constraint: check.missing for check in made.checks if check.verdict == UNKNOWN}
    assert unknown["floor_load_kn_m2"] == ("301",)
    assert {"fire_class", "power_kw", "price_yuan_per_m2_month", "free_from_on"} <= set(unknown)
    assert made.may_fit
    assert not made.fits


def test_premises_for_hazardous_production_take_less_hazardous_one() -> None:
    assert verdicts(room(fire_class="A"))["fire_class"] == MEETS


def test_the_area_has_a_tolerance_of_a_tenth() -> None:
    assert verdicts(room(area_m2=811.0))["area_m2"] == MEETS
    assert verdicts(room(area_m2=1209.0))["area_m2"] == MEETS


def test_neighbors_together_have_the_sum_of_area_and_power_and_the_weakest_floor() -> None:
    weak = PremisesSpec(floor_load_kn_m2=6.0, power_density_w_m2=150.0)
    pair = [room("301", 500.0, storey="3", place=1), room("302", 480.0, storey="3", place=2, spec=weak)]
    made = {check.constraint: check for check in check_rooms(pair, NEED).checks}
    assert made["area_m2"].found == 980.0
    assert made["power_kw"].verdict == MEETS
    assert made["floor_load_kn_m2"].verdict == FAILS
    assert made["floor_load_kn_m2"].found == 6.0


def test_only_rooms_side_by_side_are_joined() -> None:
    floor = [room(str(n), 450.0, storey="3", place=n) for n in (1, 2, 4)] + [room("9", 450.0, storey="4", place=3)]
    assert [[r.key for r in run] for run in neighbors(floor, NEED)] == [["1", "2"]]


def test_hard_constraints_come_before_price_and_date() -> None:
    dear, weak = room("dear", asking_yuan_per_m2_month=90.0), room("weak", spec=PremisesSpec(floor_load_kn_m2=2.0))
    assert [f.rooms[0].key for f in find_fitting([weak, dear, room("good")], NEED)] == ["good", "dear", "weak"]


def test_a_strong_floor_is_kept_for_who_needs_it() -> None:
    stronger = PremisesSpec(None, 30.0, 6.0, 3.0, 150.0, None, True, True)
    offers = find_fitting([room("strong", spec=stronger), room("enough")], NEED)
    assert [f.rooms[0].key for f in offers] == ["enough", "strong"]


def test_no_room_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        check_rooms([], NEED)


numbers = st.none() | st.floats(0.5, 40)


@given(loads=st.lists(numbers, min_size=1, max_size=6), needed=st.floats(0.5, 40))
def test_the_order_never_puts_a_failing_room_before_one_that_fits(loads: list[float | None], needed: float) -> None:
    rooms = [Room(str(n), 100.0, spec=PremisesSpec(floor_load_kn_m2=load)) for n, load in enumerate(loads)]
    order = [f.checks[0].verdict for f in find_fitting(rooms, SpaceNeed(floor_load_kn_m2=needed))]
    assert order == sorted(order, key=[MEETS, UNKNOWN, FAILS].index)


@given(loads=st.lists(numbers, min_size=1, max_size=4), needed=st.floats(0.5, 20), more=st.floats(0, 20))
def test_asking_for_more_never_makes_a_failing_room_fit(loads: list[float | None], needed: float, more: float) -> None:
    rooms = [Room(str(n), 100.0, spec=PremisesSpec(floor_load_kn_m2=load)) for n, load in enumerate(loads)]
    before = check_rooms(rooms, SpaceNeed(floor_load_kn_m2=needed)).fits
    assert before or not check_rooms(rooms, SpaceNeed(floor_load_kn_m2=needed + more)).fits
