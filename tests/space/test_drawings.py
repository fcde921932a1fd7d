"""Drawings taken in: matched with what the record has, previewed, applied once, refused with the reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from parkbrain.calc.drawings import geometry_area_m2
from parkbrain.intake import services
from parkbrain.intake.models import Batch, Origin
from parkbrain.intake.queries import get_report
from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.space.models import Building, Space, Storey
from parkbrain.space.services import CannotRecordDrawing, record_drawn_spaces, record_footprints, record_premises_rows
from tests.factories import AT, make_building, make_park, make_premises, make_storey, make_user
from tests.ifc_files import TWO_STOREYS, make_ifc, rectangle
from tests.intake.whole import record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
LONGITUDE, LATITUDE = 114.0466, 22.7174
Run = Callable[..., Any]


@pytest.fixture
def park() -> Park:
    """A park whose place is known."""
    return make_park(longitude=LONGITUDE, latitude=LATITUDE)


@pytest.fixture
def operator(park: Park) -> User:
    """A person who may change the park's record."""
    return make_user(Role.OPERATOR, park.branch.parent)


@pytest.fixture
def take_in(park: Park, operator: User) -> Run:
    """Return a function that takes a file in from the terminal."""

    def run(path: Path, **how: Any) -> Any:
        return services.import_file(path=path, actor=operator, at=AT, park_code=park.code, **how)

    return run


def square(x: float = 0.0, y: float = 0.0, size: float = 0.0005) -> dict[str, Any]:
    """Return a square near the park, moved by degrees."""
    corners = [list(c) for c in rectangle(LONGITUDE + x, LATITUDE + y, size, size)]
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    """Return a feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@pytest.fixture
def geojson(tmp_path: Path) -> Run:
    """Return a function that writes features to a file."""

    def run(features: Sequence[Any], **more: Any) -> Path:
        path = tmp_path / "site.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}))
        return path

    return run


def sentences(summary: Any) -> list[str]:
    """Return what is said to be wrong, in English."""
    with override("en"):
        return [p["message"] for p in summary.as_dict()["problems"]]


def test_a_drawing_that_was_taken_in_can_be_rolled_back(
    take_in: Run, park: Park, operator: User, tmp_path: Path
) -> None:
    before = record()
    take_in(make_ifc(tmp_path / "plan.ifc"))
    assert record() != before
    services.roll_back_batch(batch=Batch.objects.get(), actor=operator, at=AT)
    assert record() == before


def test_ifc_makes_building_storeys_and_spaces_with_their_origin(take_in: Run, park: Park, tmp_path: Path) -> None:
    summary = take_in(make_ifc(tmp_path / "plan.ifc"))
    assert summary.problems == [], summary.as_text()
    assert summary.created == 1 + 2 + 6
    building = Building.objects.get(site__park=park)
    assert (building.code, len(building.source_guid)) == ("A", 22)
    assert [(s.level, s.elevation_m, s.height_m) for s in building.storeys.all()] == [(1, 0.0, 5.4), (2, 5.4, None)]
    space = Space.objects.get(storey__level=1, code="102")
    assert (space.name, space.gross_area_m2, space.net_internal_area_m2) == ("Laboratory", 240.0, 226.0)
    assert (space.clear_height_m, space.zone, space.premises) == (4.5, "Z-1", None)
    assert geometry_area_m2(space.plan, is_geographic=False) == pytest.approx(240.0)
    origin = Origin.objects.get(target_label="space.space", target_id=space.pk)
    assert (origin.sheet, set(origin.cells.values())) == ("IfcSpace", {space.source_guid})
    assert AuditEvent.objects.filter(code="space.space.added", park=park).count() == 6


def test_same_drawing_twice_changes_nothing(take_in: Run, geojson: Run, tmp_path: Path) -> None:
    plan, site = make_ifc(tmp_path / "plan.ifc"), geojson([feature(square(), code="A", height=24)])
    for path in (plan, site):
        assert take_in(path).created + take_in(path).updated >= 0
        again = take_in(path)
        assert (again.problems, again.created, again.updated) == ([], 0, 0)
        assert again.unchanged >= 1


def test_feet_without_quantities_give_the_same_areas(take_in: Run, tmp_path: Path) -> None:
    take_in(make_ifc(tmp_path / "old.ifc", unit="ft", schema="IFC2X3", quantities=False))
    assert sorted(Space.objects.values_list("gross_area_m2", flat=True)) == pytest.approx(
        [160, 160, 200, 200, 240, 240]
    )
    assert set(Space.objects.values_list("net_internal_area_m2", flat=True)) == {None}
    assert Storey.objects.get(level=2).elevation_m == pytest.approx(5.4)


def test_preview_shows_old_and_new_area_and_by_what_it_was_matched(park: Park, operator: User, tmp_path: Path) -> None:
    building = make_building(park=park, code="A")
    premises = make_premises(building=building, level=2, code="A-201", area_m2=195.0)
    path = make_ifc(tmp_path / "plan.ifc")
    batch = services.upload_batch(name="plan.ifc", chunks=[path.read_bytes()], park=park, actor=operator, at=AT)
    batch = services.check_batch(batch=batch, actor=operator, at=AT)
    with override("en"):
        changes = {c.name: c for c in get_report(batch=batch).changes}
    change = changes["A-201"]
    area = next(f for f in change.fields if f.label == "Gross area")
    assert (area.old, area.new, change.why) == ("195", "200", "matched by code")
    assert changes["101"].why == "nothing in the record matches"
    assert any(f.new == "outline of 4 corners" for f in change.fields)
    assert Space.objects.get(code="A-201").gross_area_m2 == 195.0
    services.apply_batch(batch=batch, actor=operator, at=AT)
    space = Space.objects.get(code="A-201")
    assert (space.gross_area_m2, space.premises, space.plan is not None) == (200.0, premises, True)
    assert building.storeys.count() == 2


def test_storeys_of_the_tables_are_found_by_elevation(take_in: Run, park: Park, tmp_path: Path) -> None:
    building = make_building(park=park, code="A")
    for level, height_m in ((1, 7.2), (2, 6.0), (3, 6.0)):
        make_storey(building=building, level=level, height_m=height_m)
    storeys = [("Ground", 0.0, TWO_STOREYS[0][2]), ("Upper", 7.3, TWO_STOREYS[1][2])]
    take_in(make_ifc(tmp_path / "plan.ifc", storeys=storeys))
    assert building.storeys.count() == 3
    assert building.storeys.get(level=2).elevation_m == 7.3


def test_new_space_belongs_to_the_premises_of_its_number(take_in: Run, park: Park, tmp_path: Path) -> None:
    building = make_building(park=park, code="A")
    premises = make_premises(building=building, level=2, code="102", area_m2=300.0)
    premises.spaces.all().delete()
    take_in(make_ifc(tmp_path / "plan.ifc"))
    assert Space.objects.get(premises=premises).code == "102"


def test_premises_take_over_the_space_that_a_drawing_brought(
    take_in: Run, park: Park, operator: User, tmp_path: Path
) -> None:
    take_in(make_ifc(tmp_path / "plan.ifc"))
    row = {"code": "101", "building_code": "A", "level": 1, "use": "OFFICE", "gross_area_m2": 200.0}
    record_premises_rows(park=park, rows=[row], actor=operator, at=AT)
    space = Space.objects.get(code="101")
    assert space.premises is not None
    assert space.plan is not None


def test_rooms_drawn_beside_those_of_the_tables_are_refused(take_in: Run, park: Park, tmp_path: Path) -> None:
    building = make_building(park=park, code="A")
    make_storey(building=building, level=1, gross_floor_area_m2=640.0)
    make_premises(building=building, level=1, code="West wing", area_m2=600.0)
    summary = take_in(make_ifc(tmp_path / "plan.ifc"))
    assert sentences(summary) == ["A 1F: its spaces would be 1,200.0 m², more than its 640.0 m²."]
    assert Space.objects.count() == 1
    assert Building.objects.get(code="A").source_guid == ""


def test_footprint_is_matched_by_name_and_measured(take_in: Run, park: Park, geojson: Run) -> None:
    building = make_building(park=park, code="T1", name_zh_hans="一号塔", name_en="Tower One")
    summary = take_in(geojson([feature(square(), name="tower one"), feature(square(0.001), code="T2", levels=3)]))
    assert (summary.problems, summary.updated, summary.created) == ([], 1, 1)
    building.refresh_from_db()
    assert building.footprint["type"] == "Polygon"
    # 0.0005° by 0.0005° at 22.7°: 51.4 m by 55.4 m.
    assert building.footprint_area_m2 == pytest.approx(51.37 * 55.37, rel=0.002)
    assert list(Storey.objects.filter(building__code="T2").values_list("level", flat=True)) == [1, 2, 3]
    cells = Origin.objects.get(target_label="space.building", target_id=building.pk).cells
    assert cells["footprint"] == "features[0]"


@pytest.mark.parametrize(
    ("features", "words"),
    [
        ([feature(square())], "features[0] has neither a code nor a name."),
        ([feature(square(0.2), code="A")], "features[0] lies 20.6 km away from the park."),
        (
            [feature({"type": "Polygon", "coordinates": [[[22.7, 114.0], [22.8, 114.0], [22.8, 114.1]]]}, code="A")],
            "longitude and latitude are swapped",
        ),
        (
            [feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, code="A")],
            "features[0]: the outline crosses itself",
        ),
        ([feature(square(), code="A"), feature({"type": "Point", "coordinates": [114, 22]}, code="B")], "features[1]"),
        ([feature(square(), code="A"), feature(square(0.001), code="A")], "Two objects of the drawing"),
        ([feature(square(), code="A", height="tall")], "“tall” is not a number."),
    ],
)
def test_footprints_that_cannot_be_right_are_refused_as_a_whole(
    take_in: Run, geojson: Run, features: Any, words: str
) -> None:
    summary = take_in(geojson(features))
    assert summary.state == Batch.State.REFUSED
    assert any(words in s for s in sentences(summary)), sentences(summary)
    assert not Building.objects.exists()


def test_place_is_held_against_the_city_where_the_park_has_none(take_in: Run, park: Park, geojson: Run) -> None:
    make_park(longitude=LONGITUDE, latitude=LATITUDE)
    Park.objects.filter(pk=park.pk).update(longitude=None, latitude=None)
    assert take_in(geojson([feature(square(0.2), code="A")])).problems == []
    assert "outside of the city" in sentences(take_in(geojson([feature(square(2.0), code="B")])))[0]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("x.ifc", b"hello", "ifc_not_ifc"),
        ("x.ifc", b"ISO-10303-21;\nHEADER;", "ifc_truncated"),
        ("x.ifc", b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\nENDSEC;\nEND-ISO-10303-21;", "ifc_broken"),
        ("x.geojson", b"{", "geojson_not_json"),
        ("x.json", b'{"type": "Topology"}', "geojson_not_geojson"),
        ("x.geojson", b'{"type": "FeatureCollection", "features": []}', "nothing_recognized"),
    ],
)
def test_bad_drawing_is_refused_with_its_reason(
    take_in: Run, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    summary = take_in(path)
    assert [p.code for p in summary.problems] == [code]
    assert sentences(summary)[0] != code


def test_problem_names_the_object_of_the_drawing(take_in: Run, tmp_path: Path) -> None:
    storeys = [("1F", 0.0, TWO_STOREYS[0][2]), ("1F", 5.4, TWO_STOREYS[1][2])]
    path = make_ifc(tmp_path / "plan.ifc", storeys=storeys)
    text = path.read_text().replace("'Assembly'", "'" + "x" * 120 + "'")
    path.write_text(text)
    assert take_in(path).problems == []
    assert Space.objects.filter(name="x" * 100).count() == 2


def test_who_may_not_change_the_park_may_not_draw_in_it(park: Park, tmp_path: Path) -> None:
    stranger = make_user(Role.OPERATOR)
    reader = make_user(Role.ASSESSOR, park.branch.parent)
    for person in (stranger, reader):
        with pytest.raises(services.CannotTakeIn):
            services.import_file(path=make_ifc(tmp_path / "p.ifc"), actor=person, at=AT, park_code=park.code)
        with pytest.raises(CannotRecordDrawing):
            record_footprints(park=park, rows=[], actor=person, at=AT)
        with pytest.raises(CannotRecordDrawing):
            record_drawn_spaces(park=park, rows=[], actor=person, at=AT)
    assert not Building.objects.exists()


def test_dry_run_leaves_no_trace(take_in: Run, tmp_path: Path) -> None:
    summary = take_in(make_ifc(tmp_path / "plan.ifc"), dry_run=True)
    assert summary.created == 9
    assert not Building.objects.exists()
