"""Chart options: pure, from zero, in tokens, with a table twin; and drawn without a browser for PDF."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from parkbrain.ui import chart, charts_ssr, kit
from parkbrain.ui.assets import DIST

STYLES = Path(__file__).resolve().parents[2] / "frontend" / "src" / "styles"
TOKENS = (STYLES / "tokens.css").read_text()


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item)


def test_bars_stand_on_zero_and_carry_their_values() -> None:
    option = chart.bar(["甲", "乙"], [1820, 4], unit="家", urls=["/a", "/b"])
    assert option["yAxis"]["min"] == 0
    assert option["yAxis"]["name"] == "家"
    assert [d["value"] for d in option["series"][0]["data"]] == [1820, 4]
    assert option["series"][0]["data"][0]["label"]["formatter"] == "1,820"
    assert option["series"][0]["data"][1]["url"] == "/b"


def test_an_unknown_value_is_a_gap_and_not_zero() -> None:
    assert chart.bar(["a", "b"], [None, 0])["series"][0]["data"][0] is None
    assert chart.line(["a", "b"], [("s", [None, 0])])["series"][0]["data"] == [None, 0]


def test_horizontal_bars_read_from_the_top() -> None:
    option = chart.bar(["a"], [1], horizontal=True)
    assert option["yAxis"]["inverse"] is True
    assert option["xAxis"]["min"] == 0


def test_lines_are_named_at_their_ends_when_there_are_several() -> None:
    several = chart.line(["a"], [("x", [1]), ("y", [2])], unit="kWh")
    assert [s["endLabel"]["show"] for s in several["series"]] == [True, True]
    assert chart.line(["a"], [("x", [1])])["series"][0]["endLabel"]["show"] is False


def test_a_band_lies_between_low_and_high_and_has_a_gap_where_either_is_unknown() -> None:
    option = chart.line(["a", "b"], [("x", [1, 2])], band=([1.0, None], [4.0, 5.0]))
    low, height = option["series"][1:]
    assert low["data"] == [1.0, None]
    assert height["data"] == [3.0, None]
    assert low["stack"] == height["stack"]


def test_a_curve_marks_where_the_value_lies() -> None:
    marked = chart.curve([(0, 0), (10, 100)], x_unit="%", y_unit="points", mark=(4.0, 40.0), mark_label="40")
    assert marked["series"][1]["data"] == [[4.0, 40.0]]
    assert len(chart.curve([(0, 0), (10, 100)], x_unit="%", y_unit="points")["series"]) == 1


def test_the_twin_says_what_the_picture_says() -> None:
    view = chart.view(
        chart.bar(["a"], [3]), label="L", summary="S", heads=[("N", False), ("V", True)], rows=[("a", 1234.5)]
    )
    assert [cell.text for cell in view.table.rows[0]] == ["a", "1,234.5"]
    assert view.table.label == "L"


def test_every_colour_of_every_chart_is_a_token_of_both_themes() -> None:
    named = set(re.findall(r"--([a-z0-9-]+): light-dark\(", TOKENS))
    for view in kit.charts():
        used = {text[1:] for text in texts(view.option) if text.startswith("@")}
        assert used and used <= named
        assert not [text for text in texts(view.option) if re.fullmatch(r"#[0-9a-fA-F]{3,8}", text)]


def test_tooltips_need_no_markup_that_the_policy_forbids() -> None:
    assert {view.option["tooltip"]["renderMode"] for view in kit.charts()} == {"richText"}


def test_paper_takes_the_colours_of_the_light_theme() -> None:
    light = dict(re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9a-f]{6}),", TOKENS))
    assert {name: light[name] for name in charts_ssr.PAPER} == charts_ssr.PAPER


def test_paper_knows_every_colour_that_charts_use() -> None:
    used = {text[1:] for view in kit.charts() for text in texts(view.option) if text.startswith("@")}
    assert used <= set(charts_ssr.PAPER)


@pytest.mark.skipif(not (DIST / "echarts-ssr.js").exists(), reason="the front end is not built")
@pytest.mark.parametrize("index", range(6))
def test_every_kind_of_chart_is_drawn_without_a_browser(index: int) -> None:
    svg = charts_ssr.render_svg(kit.charts()[index].option, width=480, height=300)
    assert svg.startswith("<svg") and 'width="480"' in svg
    assert "@" not in re.sub(r"@(font|media)[^{]*", "", svg)


@pytest.mark.skipif(not (DIST / "echarts-ssr.js").exists(), reason="the front end is not built")
def test_chinese_stays_text_in_the_drawing_for_paper() -> None:
    with translation.override("zh-hans"):
        svg = charts_ssr.render_svg(chart.bar(["全周期管理", "智慧化"], [72.5, 61], unit="分"), width=480, height=300)
    assert "全周期管理" in svg and "72.5" in svg and ">分<" in svg
    assert "Noto Sans SC" in svg and "Inter" not in svg


def test_options_are_plain_data() -> None:
    for view in kit.charts():
        assert json.loads(json.dumps(view.option)) is not None


def test_names_of_a_radar_stand_in_short_lines_and_break_after_a_colon() -> None:
    names = ["水资源利用：三选一", "精细化企业服务", "Green and safety bottom line"]
    drawn = chart.radar(names, [("", [1, 2, 3])])["radar"]["indicator"]
    assert [one["name"] for one in drawn] == [
        "水资源利用：\n三选一",
        "精细化企业\n服务",
        "Green and\nsafety bottom\nline",
    ]


def test_a_unit_stands_within_the_drawing() -> None:
    lying = chart.bar(["a"], [1], unit="10k yuan/mu", horizontal=True)
    assert lying["xAxis"]["nameLocation"] == "middle" and lying["grid"]["bottom"] > lying["xAxis"]["nameGap"]
    assert chart.bar(["a"], [1], unit="10k yuan/mu")["yAxis"]["nameTextStyle"]["align"] == "left"
