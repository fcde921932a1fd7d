"""Heat map, flows and lines over time: what is unknown is not drawn, what is drawn can be read."""

from __future__ import annotations

from typing import Any

import pytest

from parkbrain.ui import charts_ssr
from parkbrain.ui.diagrams import Flow, heat, over_time, sankey

NAMES = {"grid": "Grid", "main": "Main meter", "a": "Firm A", "b": "Firm B", "loss": "Loss"}
FLOWS = [
    Flow("grid", "main", 100.0),
    Flow("main", "a", 60.0, "/enterprises/1/"),
    Flow("main", "b", 37.5),
    Flow("main", "loss", 2.5, is_loss=True),
]


def nodes(option: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in option["series"][0]["data"]}


def test_a_cell_nobody_knows_is_not_drawn_and_zero_is() -> None:
    option = heat(["0", "1"], ["Mon"], [[None, 0.0]], unit="kWh")
    assert option["series"][0]["data"] == [[1, 0, 0.0]]
    assert option["visualMap"]["min"] == option["visualMap"]["max"] == 0.0


def test_a_heat_map_without_a_value_has_a_scale_all_the_same() -> None:
    option = heat(["0"], ["Mon"], [[None]])
    assert option["series"][0]["data"] == []
    assert option["visualMap"]["min"] < option["visualMap"]["max"]


def test_flows_say_how_much_and_open_what_they_lead_to() -> None:
    drawn = nodes(sankey(NAMES, FLOWS))
    assert drawn["a"]["label"]["formatter"] == "Firm A  60"
    assert drawn["a"]["url"] == "/enterprises/1/"
    assert "url" not in drawn["b"]


def test_a_loss_has_the_hue_of_a_warning() -> None:
    option = sankey(NAMES, FLOWS)
    assert nodes(option)["loss"]["itemStyle"]["color"] == "@warn"
    assert [link["value"] for link in option["series"][0]["links"] if "lineStyle" in link] == [2.5]


def test_a_flow_of_nothing_is_not_drawn() -> None:
    option = sankey(NAMES, [Flow("grid", "main", 1.0), Flow("main", "a", 0.0)])
    assert set(nodes(option)) == {"grid", "main"}


def test_a_missing_value_breaks_the_line() -> None:
    option = over_time([("load", [(0, 1.0), (1000, None), (2000, 3.0)])], unit="kW")
    assert option["series"][0]["data"][1] == [1000, None]
    assert option["series"][0]["connectNulls"] is False


def test_a_band_lies_between_low_and_high() -> None:
    option = over_time([("load", [(0, 2.0)])], band=[(0, 1.0, 4.0)])
    low, height = (series["data"] for series in option["series"][1:])
    assert low == [[0, 1.0]]
    assert height == [[0, 3.0]]


def test_spans_in_doubt_are_shaded_with_the_reason() -> None:
    option = over_time([("use", [(0, 1.0), (9, 2.0)])], marked=[(2, 4, "gap")])
    assert option["series"][0]["markArea"]["data"] == [[{"xAxis": 2, "name": "gap"}, {"xAxis": 4}]]


@pytest.mark.parametrize(
    "option",
    [
        heat(["0", "1"], ["Mon", "Tue"], [[1.0, 2.0], [None, 4.0]], unit="kWh"),
        sankey(NAMES, FLOWS),
        over_time([("load", [(0, 1.0), (3_600_000, 2.0)])], band=[(0, 0.5, 2.0), (3_600_000, 1.0, 3.0)]),
    ],
)
def test_each_is_drawn_for_paper_too(option: dict[str, Any]) -> None:
    drawn = charts_ssr.render_svg(option, width=600, height=300)
    assert drawn.startswith("<svg") and drawn.count("<path") > 3
