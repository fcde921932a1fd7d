"""IFC files of both schemas and of any unit: storeys, spaces and areas as they were drawn."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from parkbrain.calc.drawings import Candidate, DrawingError, geometry_area_m2, match_candidates, read_ifc
from parkbrain.calc.drawings.levels import levels_of
from tests.ifc_files import TWO_STOREYS, Room, make_ifc, rectangle


@pytest.mark.parametrize("unit", ["m", "mm", "ft"])
@pytest.mark.parametrize("schema", ["IFC2X3", "IFC4"])
@pytest.mark.parametrize("quantities", [True, False])
def test_unit_and_schema_change_nothing(tmp_path: Path, unit: str, schema: str, quantities: bool) -> None:
    drawing = read_ifc(make_ifc(tmp_path / "a.ifc", unit=unit, schema=schema, quantities=quantities))
    assert drawing.schema == schema
    assert [(s.name, s.level, s.elevation_m, s.height_m) for s in drawing.storeys] == [
        ("1F", 1, 0.0, 5.4),
        ("2F", 2, 5.4, None),
    ]
    by_number = {s.number: s for s in drawing.spaces}
    assert {n: s.gross_area_m2 for n, s in by_number.items()} == pytest.approx(
        {"101": 200, "102": 240, "103": 160, "201": 200, "202": 240, "203": 160}
    )
    space = by_number["102"]
    assert (space.net_area_m2, space.zone, space.clear_height_m) == (226.0 if quantities else None, "Z-1", 4.5)
    assert space.plan is not None
    assert geometry_area_m2(space.plan, is_geographic=False) == pytest.approx(240.0, abs=0.01)
    assert [r.code for r in drawing.remarks] == ([] if quantities else ["remark_areas_measured"])


def test_outline_of_a_bent_room_is_measured(tmp_path: Path) -> None:
    bent = [(0, 0), (10, 0), (10, 4), (4, 4), (4, 8), (0, 8)]
    storeys = [("1F", 0.0, [Room("1", "Bent", bent), Room("2", "Net only", rectangle(20, 0, 5, 5), None, 24.0)])]
    drawing = read_ifc(make_ifc(tmp_path / "a.ifc", storeys=storeys))
    assert [s.gross_area_m2 for s in drawing.spaces] == pytest.approx([56.0, 25.0])
    assert drawing.spaces[1].net_area_m2 == 24.0


def test_gross_area_below_the_net_one_is_not_believed(tmp_path: Path) -> None:
    storeys = [("1F", 0.0, [Room("1", "", rectangle(0, 0, 10, 10), gross_m2=50.0, net_m2=98.0)])]
    assert read_ifc(make_ifc(tmp_path / "a.ifc", storeys=storeys)).spaces[0].gross_area_m2 == 100.0


def test_reference_planes_are_left_out_but_give_the_height_below_them(tmp_path: Path) -> None:
    storeys = [("Foundation", -2.0, []), *TWO_STOREYS, ("Roof", 10.2, [])]
    drawing = read_ifc(make_ifc(tmp_path / "a.ifc", storeys=storeys))
    assert [(s.name, s.level, s.height_m) for s in drawing.storeys] == [("1F", 1, 5.4), ("2F", 2, 4.8)]
    assert [(r.code, r.params["names"]) for r in drawing.remarks] == [("remark_storeys_left", "Foundation, Roof")]


@pytest.mark.parametrize(
    ("names", "floors", "levels"),
    [
        (["Ground", "First", "Second"], [0.0, 4.0, 8.0], [1, 2, 3]),
        (["Level 1", "Level 2"], [45.2, 49.7], [1, 2]),
        (["EG", "OG1"], [45.2, 49.7], [1, 2]),
        (["B2", "B1", "1F", "2F"], [-8.0, -4.0, 0.0, 5.0], [-2, -1, 1, 2]),
        (["Cellar", "Deep cellar", "Hall"], [-4.0, -8.0, 0.0], [-1, -2, 1]),
        (["负一层", "首层", "二层"], [-4.0, 0.0, 5.0], [-1, 1, 2]),
        (["1F", "1F"], [0.0, 5.0], [1, 2]),
    ],
)
def test_level_follows_from_name_or_elevation(names: list[str], floors: list[float], levels: list[int]) -> None:
    assert levels_of(names, floors) == levels


def refusal(path: Path) -> str:
    with pytest.raises(DrawingError) as error:
        read_ifc(path)
    return error.value.code


def test_what_is_no_building_is_refused_with_a_code(tmp_path: Path) -> None:
    path = make_ifc(tmp_path / "a.ifc")
    whole = path.read_text()
    for text, code in (
        ("PK\x03\x04 and so on", "ifc_not_ifc"),
        (whole[: len(whole) // 2], "ifc_truncated"),
        (whole.replace("FILE_SCHEMA(('IFC4'))", "FILE_SCHEMA(('IFC9'))"), "ifc_broken"),
        (whole.replace("IFCBUILDING(", "IFCSITE("), "ifc_broken"),
        (whole[: whole.index("DATA;")] + "DATA;\nENDSEC;\nEND-ISO-10303-21;\n", "ifc_no_unit"),
    ):
        path.write_text(text)
        assert refusal(path) in {code, "ifc_no_building"}, code
    path.write_bytes(b"ISO-10303-21;" + bytes(range(256)) * 4 + b"END-ISO-10303-21;")
    assert refusal(path) == "ifc_broken"


def test_building_without_storeys_is_refused(tmp_path: Path) -> None:
    assert refusal(make_ifc(tmp_path / "a.ifc", storeys=[])) == "ifc_no_storeys"


def test_stronger_ground_goes_first_and_a_shared_name_decides_nothing() -> None:
    recorded = [Candidate(1, names=["Office"]), Candidate(2, names=["Office"]), Candidate(3, guid="g", codes=["101"])]
    drawn = [Candidate("a", codes=["101"]), Candidate("b", guid="g"), Candidate("c", names=["office"])]
    assert [m.key for m in match_candidates(drawn, recorded)] == [None, 3, None]


def test_drawing_libraries_cost_nothing_until_a_drawing_is_read() -> None:
    code = "import sys, parkbrain.calc.drawings; print([m for m in ('ifcopenshell', 'shapely', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
