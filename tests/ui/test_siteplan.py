"""The plan from above is to scale, legible, and says when it is only a scheme."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.ui.siteplan import Area, DrawnArea, layout


def box(x: float, y: float, width: float, depth: float) -> list[list[list[tuple[float, float]]]]:
    return [[[(x, y), (x + width, y), (x + width, y + depth), (x, y + depth)]]]


def corners(drawn: DrawnArea) -> list[tuple[float, float]]:
    found = re.findall(r"(-?[\d.]+) (-?[\d.]+)", drawn.path)
    return [(float(x), float(y)) for x, y in found]


def size(drawn: DrawnArea) -> tuple[float, float]:
    xs, ys = zip(*corners(drawn), strict=True)
    return max(xs) - min(xs), max(ys) - min(ys)


def test_outlines_keep_their_proportions_and_north_is_up() -> None:
    areas = [Area("A", "A", "1", "A", outline=box(0, 0, 60, 40)), Area("B", "B", "2", "B", outline=box(0, 80, 30, 10))]
    view = layout(areas=areas, label="Site")
    first, second = view.areas
    scale = size(first)[0] / 60
    assert size(first)[1] == pytest.approx(40 * scale, abs=0.2)
    assert size(second) == pytest.approx((30 * scale, 10 * scale), abs=0.2)
    assert max(y for _x, y in corners(second)) < min(y for _x, y in corners(first))
    assert view.north
    assert not view.schematic
    metres = float(view.bar_label.removesuffix(" m"))
    assert view.bar == pytest.approx(metres * scale, rel=0.01)


def test_without_outlines_boxes_are_to_scale_and_said_to_be_a_scheme() -> None:
    view = layout(areas=[Area("A", "A", "1", "A", area_m2=400), Area("B", "B", "1", "B", area_m2=1600)], label="Site")
    large, small = view.areas
    assert (large.area.key, view.schematic, view.north) == ("B", True, False)
    assert size(large)[0] == pytest.approx(2 * size(small)[0], abs=0.2)


def test_what_has_no_outline_is_named_beside_those_that_have() -> None:
    areas = [Area("A", "A", "1", "A", outline=box(0, 0, 60, 40)), Area("B", "Block B", "1", "B", area_m2=500)]
    assert layout(areas=areas, label="Site").missing == ["Block B"]


def test_label_of_a_bent_building_lies_within_it() -> None:
    bent = [[[(0, 0), (100, 0), (100, 10), (10, 10), (10, 100), (0, 100)]]]
    drawn = layout(areas=[Area("A", "A", "1", "A", outline=bent)], label="Site").areas[0]
    xs, ys = zip(*corners(drawn), strict=True)
    scale = (max(xs) - min(xs)) / 100
    x, y = (drawn.label_x - min(xs)) / scale, (max(ys) - drawn.label_y + 4) / scale
    assert (0 <= x <= 100 and 0 <= y <= 10) or (0 <= x <= 10 and 0 <= y <= 100)


def test_labels_do_not_cover_each_other() -> None:
    areas = [
        Area(str(i), f"{i} is a long name of a small thing", "1", "", outline=box(i * 3, 0, 2, 2)) for i in range(20)
    ]
    view = layout(areas=areas, label="Site")
    shown = sorted(d.label_x for d in view.areas if d.label)
    assert 1 <= len(shown) < 20


@given(
    st.lists(st.tuples(*[st.floats(-2000, 2000)] * 2, *[st.floats(0.5, 500)] * 2), min_size=1, max_size=15),
    st.booleans(),
)
def test_everything_lies_within_the_drawing(shapes: list[tuple[float, float, float, float]], outlined: bool) -> None:
    areas = [
        Area(str(i), str(i), "1", "", outline=box(*s) if outlined else (), area_m2=s[2] * s[3])
        for i, s in enumerate(shapes)
    ]
    view = layout(areas=areas, label="Site")
    for drawn in view.areas:
        for x, y in corners(drawn):
            assert -0.1 <= x <= view.width + 0.1
            assert -0.1 <= y <= view.height + 0.1
    assert 0 < view.bar <= view.width / 4 + 0.1


def test_nothing_gives_an_empty_drawing() -> None:
    assert layout(areas=[], label="Site").areas == []
