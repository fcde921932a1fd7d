"""Lists that nobody made for us go in without hand work, and every row of them is accounted for."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from parkbrain.intake import services
from parkbrain.intake.models import Batch, LearnedHeading, Origin, Profile
from parkbrain.intake.services import ColumnPlan, ImportSummary, Reading, SheetPlan
from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.space.models import Building
from tests.factories import AT, make_park, make_user

from .conftest import workbook_bytes

pytestmark = pytest.mark.django_db
HEAD = ["property name", "address line 1", "year built", "gross floor area (sq ft)", "Colour"]
EAST = ["East Hall", "123 Main Street", 1990, "12,000", "red"]


def take(path: Path, park: Park, actor: User, **more: object) -> ImportSummary:
    summary = services.import_file(path=path, actor=actor, at=AT, park_code=park.code, **more)  # type: ignore[arg-type]
    assert summary.problems == [], summary.as_text()
    assert sum(summary.outcomes.values()) == summary.rows
    return summary


def write(folder: Path, *rows: list[object], name: str = "list.xlsx") -> Path:
    path = folder / name
    path.write_bytes(workbook_bytes({"Sheet1": [HEAD, *rows]}))
    return path


def test_list_is_read_typed_and_its_other_columns_named(park: Park, operator: User, tmp_path: Path) -> None:
    summary = take(write(tmp_path, EAST), park, operator)
    building = Building.objects.get(site__park=park)
    assert (building.name_en, building.address, building.completed_year) == ("East Hall", "123 Main Street", 1990)
    assert building.gross_floor_area_m2 == pytest.approx(1114.836, abs=0.01)
    assert summary.not_taken == ["Colour"]


def test_row_is_joined_with_the_reason(park: Park, operator: User, tmp_path: Path) -> None:
    take(write(tmp_path, EAST), park, operator)
    again = ["East Hall LLC", "123 Main St.", 1991, "11,800", "red"]
    summary = take(write(tmp_path, again), park, operator)
    assert (summary.outcomes["joined"], summary.outcomes["new"]) == (1, 0)
    assert Building.objects.filter(site__park=park).count() == 1
    reason = Origin.objects.order_by("-pk")[0].reason
    assert (reason["outcome"], reason["with"]) == ("joined", "East Hall")
    assert [p[0] for p in reason["parts"]] == ["name", "address", "area", "year"]


def test_doubtful_row_waits_for_a_person_who_is_remembered(park: Park, operator: User, tmp_path: Path) -> None:
    take(write(tmp_path, EAST), park, operator)
    path = write(tmp_path, ["East Hall", "125 Main Street", 1990, "12,000", ""])
    batch = services.upload_batch(name="a.xlsx", chunks=[path.read_bytes()], park=park, actor=operator, at=AT)
    batch = services.check_batch(batch=batch, actor=operator, at=AT)
    aside = batch.report["aside"][0]
    assert (aside["outcome"], aside["row"], batch.change_count) == ("decide", 2, 0)
    services.decide_rows(batch=batch, decisions={"Sheet1|2": f"join:{aside['target']}"}, actor=operator, at=AT)
    batch = services.check_batch(batch=Batch.objects.get(pk=batch.pk), actor=operator, at=AT)
    assert (batch.report["outcomes"]["joined"], batch.report["outcomes"]["decide"]) == (1, 0)
    assert AuditEvent.objects.filter(code="intake.rows.decided").count() == 1
    services.decide_rows(batch=batch, decisions={"Sheet1|2": "new"}, actor=operator, at=AT)
    services.apply_batch(batch=Batch.objects.get(pk=batch.pk), actor=operator, at=AT)
    assert Building.objects.filter(site__park=park).count() == 2


def test_row_that_cannot_be_read_is_refused_with_the_reason(park: Park, operator: User, tmp_path: Path) -> None:
    summary = take(write(tmp_path, EAST, ["West Hall", "1 Side St", 12, "x", ""]), park, operator)
    assert (summary.outcomes["new"], summary.outcomes["refused"]) == (1, 1)
    assert {p.code for p in summary.unread} == {"below_minimum", "not_a_number"}


def test_profile_is_known_again_by_its_headings_and_applied(park: Park, operator: User, tmp_path: Path) -> None:
    rows = [["Bezeichnung", "Anschrift", "Fläche"], ["Halle 1", "Hauptstr. 5", "1.2万㎡"]]
    data = workbook_bytes({"Blatt": rows})
    batch = services.upload_batch(name="a.xlsx", chunks=[data], park=park, actor=operator, at=AT)
    plan = SheetPlan(
        "buildings", 1, {0: ColumnPlan("name_en"), 1: ColumnPlan("address"), 2: ColumnPlan("gross_floor_area_m2")}
    )
    reading = Reading({"Blatt": plan})
    services.save_mapping(batch=batch, reading=reading, profile_name="Yearly list", actor=operator, at=AT)
    assert LearnedHeading.objects.count() == 3
    path = tmp_path / "next.xlsx"
    path.write_bytes(workbook_bytes({"Other": [["x"], [c for c in reversed(rows[0])], [c for c in reversed(rows[1])]]}))
    summary = take(path, park, operator)
    assert [r["code"] for r in summary.remarks] == ["remark_profile"]
    assert Building.objects.get(site__park=park).gross_floor_area_m2 == 12_000
    assert not services.list_profiles(actor=make_user(Role.OPERATOR))
    with pytest.raises(services.CannotSaveProfile):
        services.delete_profile(profile=Profile.objects.get(), actor=make_user(Role.OPERATOR), at=AT)
    services.delete_profile(profile=Profile.objects.get(), actor=operator, at=AT)
    assert not Profile.objects.exists()


def test_new_park_is_made_by_name(operator: User, tmp_path: Path) -> None:
    summary = services.import_file(
        path=write(tmp_path, EAST), actor=operator, at=AT, park_code="CITY-1", park_name="City portfolio"
    )
    assert summary.problems == [], summary.as_text()
    assert (summary.rows, summary.created) == (1, 1)
    assert Building.objects.filter(site__park__code="CITY-1").count() == 1


def test_real_lists_are_joined_not_doubled(park: Park, operator: User, shared_data: Path) -> None:
    folder = shared_data / "building_lists"
    first = take(folder / "example-data-properties.xlsx", park, operator)
    assert (first.rows, first.outcomes["new"]) == (14, 14)
    changes = take(folder / "example-data-properties-small-changes.xlsx", park, operator)
    assert (changes.rows, changes.outcomes["joined"], changes.created) == (14, 14, 0)
    assert changes.updated > 0
    duplicates = take(folder / "example-data-properties-duplicates.xlsx", park, operator)
    assert (duplicates.rows, duplicates.outcomes["duplicate"], duplicates.outcomes["joined"]) == (9, 6, 3)
    assert Building.objects.filter(site__park=park).count() == 14


def test_two_real_lists_of_one_city_find_each_other(park: Park, operator: User, shared_data: Path) -> None:
    folder = shared_data / "building_lists"
    first = take(folder / "covered-buildings-sample.csv", park, operator)
    assert first.rows == 512
    second = take(folder / "portfolio-manager-sample.xlsx", park, operator)
    assert second.rows == 512
    assert second.outcomes["joined"] > 350


def test_every_row_of_a_citys_list_is_accounted_for(
    park: Park, operator: User, shared_data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "benchmarking_2016.csv"
    path.write_bytes(gzip.decompress((shared_data / "seattle_benchmarking" / "benchmarking_2016.csv.gz").read_bytes()))
    with path.open(encoding="utf-8-sig") as file:
        count = sum(1 for _row in csv.reader(file)) - 1
    summary = take(path, park, operator)
    assert summary.rows == count == 2532
    assert summary.outcomes["new"] + summary.outcomes["refused"] + summary.outcomes["decide"] == count
    assert summary.outcomes["new"] == Building.objects.filter(site__park=park).count() > 2400
    assert Building.objects.filter(site__park=park, postcode="98101").exists()
    again = take(path, make_park_again(park), operator)
    assert (again.created, again.updated) == (0, 0)


def make_park_again(park: Park) -> Park:
    """Return the park as the record has it now, beside another one of somebody else."""
    make_park()
    return Park.objects.get(pk=park.pk)


CODED = ["building code", "property name", "address line 1", "ubid", "gross floor area (sq ft)"]


def coded(folder: Path, *rows: list[object]) -> Path:
    path = folder / "coded.xlsx"
    path.write_bytes(workbook_bytes({"Sheet1": [CODED, *rows]}))
    return path


def test_row_listed_twice_under_one_code_is_one_building(park: Park, operator: User, tmp_path: Path) -> None:
    twice = ["A-03", "Works Tower West", "16 Guanlan Avenue", None, "398,750"]
    summary = take(coded(tmp_path, twice, [*twice[:4], None]), park, operator)
    assert (summary.outcomes["new"], summary.outcomes["duplicate"], summary.outcomes["refused"]) == (1, 1, 0)
    assert Building.objects.filter(site__park=park, code="A-03").count() == 1


def test_rows_with_one_code_and_two_other_numbers_are_refused(park: Park, operator: User, tmp_path: Path) -> None:
    one = ["A-03", "Works Tower West", "16 Guanlan Avenue", "8P8F-1", "398,750"]
    summary = take(coded(tmp_path, one, [*one[:3], "8P8F-2", one[4]]), park, operator)
    assert (summary.outcomes["new"], summary.outcomes["refused"]) == (1, 1)
    assert Building.objects.get(site__park=park).ubid == "8P8F-1"
