"""The park in three dimensions: areas to scale, storeys on each other, buildings where they stand."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from parkbrain.ui.scene import GAP_M, Arc, House, Level, Slab, area_of, cut, layout

BOX = ((0.0, 0.0), (60.0, 0.0), (60.0, 20.0), (0.0, 20.0))
#: An L of 40 × 40 with a corner of 20 × 20 missing.
ANGLE = ((0.0, 0.0), (40.0, 0.0), (40.0, 20.0), (20.0, 20.0), (20.0, 40.0), (0.0, 40.0))


def level(number: int, *slabs: Slab, area_m2: float | None = 1200.0, height_m: float | None = 5.0) -> Level:
    return Level(str(number), f"{number}F", height_m, area_m2, slabs, below_ground=number < 0)


def ring_of(flat: list[float]) -> tuple[tuple[float, float], ...]:
    return tuple(zip(flat[::2], flat[1::2], strict=True))


@given(st.lists(st.floats(0.02, 1.0), min_size=1, max_size=8), st.sampled_from([BOX, ANGLE]))
def test_pieces_have_the_shares_of_the_area_less_the_air_between_them(parts: list[float], ring: tuple) -> None:
    shares = tuple(round(p / (sum(parts) * 1.01), 6) for p in parts)
    pieces = cut(ring=ring, shares=shares)
    assert len(pieces) == len(shares)
    deepest = 40.0
    for share, piece in zip(shares, pieces, strict=True):
        whole = share * area_of(ring)
        assert whole - GAP_M * deepest - 0.5 <= area_of(piece) <= whole + 0.5


def test_a_box_is_cut_along_its_longer_side_in_the_order_given() -> None:
    left, right = cut(ring=BOX, shares=(0.25, 0.75))
    assert max(x for x, _y in left) < 15 < min(x for x, _y in left) + 16
    assert min(x for x, _y in right) > 15 and max(x for x, _y in right) < 60


def test_a_full_storey_leaves_nothing_uncut() -> None:
    pieces = cut(ring=BOX, shares=(0.5, 0.5))
    assert math.isclose(max(x for x, _y in pieces[1]), 60 - GAP_M / 2, abs_tol=0.01)


def test_storeys_stand_on_each_other_and_basements_below_the_ground() -> None:
    house = House("7", "T1", "/b/", [level(-1, height_m=4.0), level(1), level(2, height_m=3.0)], [[BOX]])
    [drawn] = layout(houses=[house], label="").data["houses"]
    assert [one["z"] for one in drawn["levels"]] == [-4.0, 0.0, 5.0]
    assert drawn["top"] == round(8.0 - GAP_M, 1)


def test_a_smaller_storey_has_a_smaller_outline_of_the_same_shape() -> None:
    house = House("7", "T1", "/b/", [level(1), level(2, area_m2=300.0)], [[BOX]])
    low, high = layout(houses=[house], label="").data["houses"][0]["levels"]
    assert math.isclose(area_of(ring_of(high["ring"])), area_of(ring_of(low["ring"])) / 4, rel_tol=0.02)


def test_a_storey_without_a_height_takes_the_middle_one_and_without_an_area_the_whole_outline() -> None:
    house = House("7", "T1", "/b/", [level(1), level(2, area_m2=None, height_m=None), level(3)], [[BOX]])
    drawn = layout(houses=[house], label="").data["houses"][0]["levels"]
    assert drawn[2]["z"] == 10.0
    assert area_of(ring_of(drawn[1]["ring"])) == 1200.0 and drawn[1]["m2"] is None


def test_buildings_without_an_outline_stand_in_a_row_beside_those_with_one_and_are_named() -> None:
    houses = [
        House("1", "drawn", "", [level(1)], [[BOX]]),
        House("2", "boxed", "", [level(1)], area_m2=1000.0),
        House("3", "unknown", "", [level(1)]),
    ]
    view = layout(houses=houses, label="")
    assert view.unplaced == ["boxed", "unknown"]
    rings = [ring_of(h["levels"][0]["ring"]) for h in view.data["houses"]]
    assert math.isclose(area_of(rings[1]), 1000.0, rel_tol=0.02)
    assert max(y for _x, y in rings[1]) < 0 and max(x for x, _y in rings[1]) < min(x for x, _y in rings[2])


def test_slabs_keep_their_colour_words_and_link() -> None:
    slab = Slab("p1", 600.0, "end-2", "T1-0101 · 600 m²", "/premises/1/")
    house = House("7", "T1", "/b/", [level(1, slab)], [[BOX]])
    [drawn] = layout(houses=[house], label="").data["slabs"]
    assert (drawn["fill"], drawn["text"], drawn["url"]) == ("end-2", "T1-0101 · 600 m²", "/premises/1/")


def test_arcs_join_slabs_or_buildings_and_those_with_an_unknown_end_are_left_out() -> None:
    one, two = Slab("p1", 600.0, "1", ""), Slab("p2", 600.0, "1", "")
    house = House("7", "T1", "/b/", [level(1, one), level(2, two)], [[BOX]])
    arcs = [Arc("p1", "p2", "scrap"), Arc("p1", "7", "heat"), Arc("p1", "p9", "lost"), Arc("p1", "p1", "itself")]
    drawn = layout(houses=[house], label="", arcs=arcs).data["arcs"]
    assert [a["text"] for a in drawn] == ["scrap", "heat"]
    assert drawn[0]["a"][2] < drawn[0]["b"][2] < drawn[1]["b"][2]


def test_a_park_without_buildings_is_an_empty_scene() -> None:
    assert layout(houses=[], label="").data == {"houses": [], "slabs": [], "arcs": []}
