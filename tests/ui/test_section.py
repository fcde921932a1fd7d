"""The section of a building is to scale."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbrain.ui.section import LEFT, WIDTH, Band, Cell, fitting, layout, shared_beginning, text_width

areas = st.floats(min_value=1, max_value=20_000, allow_nan=False)


@st.composite
def buildings(draw: st.DrawFn) -> list[Band]:
    bands = []
    for number in range(draw(st.integers(1, 12))):
        cells = [
            Cell(f"{number}-{i}", f"{number}{i:02}", a, "1", "")
            for i, a in enumerate(draw(st.lists(areas, max_size=6)))
        ]
        height_m = draw(st.none() | st.floats(min_value=2, max_value=20))
        area_m2 = draw(st.none() | areas)
        bands.append(Band(str(number), f"{number}F", height_m, area_m2, cells))
    return bands


@given(buildings())
def test_widths_are_areas_on_one_scale_over_all_storeys(bands: list[Band]) -> None:
    cells = [c for drawn in layout(bands=bands, label="").bands for c in drawn.cells]
    if cells:
        largest = max(cells, key=lambda c: c.cell.area_m2)
        scale = largest.width / largest.cell.area_m2
        # Half a hundredth of the drawing's unit is lost to rounding, on this cell and on the largest.
        assert all(c.width == pytest.approx(c.cell.area_m2 * scale, abs=0.011) for c in cells)


@given(buildings())
def test_cells_stand_side_by_side_within_their_storey(bands: list[Band]) -> None:
    for drawn in layout(bands=bands, label="").bands:
        right = LEFT
        for c in drawn.cells:
            assert c.x == pytest.approx(right, abs=0.05)
            assert (c.y, c.height) == (drawn.y, drawn.height)
            right = c.x + c.width
        assert right <= LEFT + drawn.width + 0.05


@given(buildings())
def test_the_widest_storey_fills_the_width_and_none_exceeds_it(bands: list[Band]) -> None:
    widths = [drawn.width for drawn in layout(bands=bands, label="").bands]
    if any(band.area_m2 or band.cells for band in bands):
        assert max(widths) == pytest.approx(WIDTH - LEFT - 8, abs=0.02)
    else:
        assert widths == [0.0] * len(bands)


@given(buildings())
def test_storeys_never_overlap_and_the_highest_is_on_top(bands: list[Band]) -> None:
    drawn = layout(bands=bands, label="").bands
    assert [d.band for d in drawn] == list(reversed(bands))
    assert all(upper.y + upper.height <= lower.y for upper, lower in pairwise(drawn))


def test_the_ground_lies_between_the_first_storey_and_the_basement() -> None:
    ground, cellar = Band("1", "1F", 6.0, 100, []), Band("-1", "B1", 4.0, 100, [], below_ground=True)
    view = layout(bands=[cellar, ground], label="")
    upper, lower = view.bands
    assert (upper.band, lower.band) == (ground, cellar)
    assert view.ground_y is not None
    assert upper.y + upper.height <= view.ground_y <= lower.y


def test_a_tall_storey_is_drawn_taller() -> None:
    bands = [Band(str(n), f"{n}F", height, 100, []) for n, height in ((1, 7.2), (2, 4.5), (3, 4.5))]
    top, _middle, ground = layout(bands=bands, label="").bands
    assert ground.height / top.height == pytest.approx(7.2 / 4.5, rel=0.01)


def test_a_storey_of_unknown_height_says_no_height() -> None:
    (drawn,) = layout(bands=[Band("1", "1F", None, 100, [])], label="").bands
    assert drawn.note == ""


@given(st.text(alphabet="园区大脑AB c1", max_size=30), st.floats(min_value=0, max_value=200))
def test_a_label_never_exceeds_its_room(text: str, width: float) -> None:
    assert fitting(text, width) == text or text_width(fitting(text, width)) <= width


def test_a_label_that_does_not_fit_is_cut_or_left_out() -> None:
    assert fitting("深圳市园区大脑", 60) == "深圳市园…"
    assert fitting("深圳市园区大脑", 18) == ""


def test_what_most_labels_begin_with_says_nothing_and_is_left_out() -> None:
    names = ["深圳市精衍无人机", "深圳市禾动智能", "深圳市同频光电", "广州远枢"]
    assert shared_beginning(names) == "深圳市"
    assert shared_beginning(["Shenzhen Hedong", "Shenzhen Hengzhe", "Shenzhen Tuoxin"]) == "Shenzhen "
    cells = [Cell(name, name, 1000, "1", name) for name in names]
    (drawn,) = layout(bands=[Band("1", "1F", 4.5, 4000, cells)], label="").bands
    assert [c.label for c in drawn.cells] == ["精衍无人机", "禾动智能", "同频光电", "广州远枢"]
    assert [c.cell.tooltip for c in drawn.cells] == names


@pytest.mark.parametrize("labels", [["T1-0101", "T1-0102", "T1-0103"], ["深圳市精衍"], ["Alpha", "Alto", "Almond"], []])
def test_codes_single_names_and_parts_of_words_are_never_cut(labels: list[str]) -> None:
    assert shared_beginning(labels) == ""
