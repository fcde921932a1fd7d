"""Recording space: what is said becomes so, once; who may not, may not; every change leaves an event."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import AuditEvent, Branch, Park
from parkbrain.kernel.roles import Role
from parkbrain.space.models import Premises, Space, Storey
from parkbrain.space.services import (
    CannotRecordBuilding,
    CannotRecordPark,
    CannotRecordPremises,
    record_branches,
    record_building,
    record_buildings,
    record_park,
    record_parks,
    record_premises,
    record_premises_rows,
    record_sites,
    record_storeys,
)
from tests.factories import AT, make_branch, make_building, make_park, make_premises, make_user

pytestmark = pytest.mark.django_db


def test_new_park_hangs_below_the_operator_who_records_it() -> None:
    operator = make_branch()
    actor = make_user(Role.OPERATOR, operator)
    recorded = record_park(values={"code": "XH", "name_zh_hans": "星河园", "name_en": "Xinghe"}, actor=actor, at=AT)
    park = recorded.row
    assert recorded.action == "create"
    assert (park.branch.parent, park.branch.path, park.branch.kind) == (operator, f"{operator.path}XH/", "PARK")
    assert park.name_zh_hant == "星河園"
    assert list(Park.objects.visible_to(actor)) == [park]
    assert AuditEvent.objects.get(code="space.park.added").actor == actor


def test_recording_the_same_again_changes_nothing_and_leaves_no_event() -> None:
    park = make_park()
    values = {"code": park.code, "land_area_m2": 5000, "kind": "RND"}
    assert record_parks(rows=[values], actor=None, at=AT)[0].action == "update"
    events = AuditEvent.objects.count()
    assert record_parks(rows=[values], actor=None, at=AT)[0].action == "nothing"
    assert AuditEvent.objects.count() == events


def test_change_names_the_fields_with_old_and_new_value() -> None:
    park = make_park(land_area_m2=4000.0)
    recorded = record_parks(rows=[{"code": park.code, "land_area_m2": 5000}], actor=None, at=AT)[0]
    assert recorded.fields == {"land_area_m2": (4000.0, 5000.0)}
    assert AuditEvent.objects.get(code="space.park.changed").details["fields"] == {"land_area_m2": [4000.0, 5000.0]}


def test_field_that_is_not_given_stays_as_it_is() -> None:
    park = make_park(land_area_m2=4000.0, street="新安街道")
    record_parks(rows=[{"code": park.code, "street": None}], actor=None, at=AT)
    park.refresh_from_db()
    assert (park.land_area_m2, park.street) == (4000.0, "")


def test_traditional_name_given_by_hand_survives_the_same_simplified_name() -> None:
    park = make_park(name_zh_hans="里程园", name_zh_hant="里程苑")
    record_parks(rows=[{"code": park.code, "name_zh_hans": "里程园"}], actor=None, at=AT)
    park.refresh_from_db()
    assert park.name_zh_hant == "里程苑"


def test_another_operators_park_is_refused_by_its_code() -> None:
    park, stranger = make_park(), make_user(Role.OPERATOR)
    with pytest.raises(CannotRecordPark):
        record_park(values={"code": park.code, "land_area_m2": 1.0}, actor=stranger, at=AT)


def test_person_of_two_operators_must_say_where_a_new_park_belongs() -> None:
    first, second = make_branch(), make_branch()
    actor = make_user(Role.OPERATOR, first)
    actor.memberships.create(branch=second, role=Role.OPERATOR)
    with pytest.raises(CannotRecordPark):
        record_park(values={"code": "XH", "name_zh_hans": "星河园"}, actor=actor, at=AT)
    assert (
        record_park(
            values={"code": "XH", "name_zh_hans": "星河园"}, actor=actor, at=AT, parent=second
        ).row.branch.parent
        == second
    )


def test_branches_are_recorded_parents_first_in_any_order() -> None:
    rows = [
        {"code": "op", "kind": Branch.Kind.OPERATOR, "parent_code": "440306", "name_zh_hans": "运营"},
        {"code": "4403", "kind": Branch.Kind.CITY, "name_zh_hans": "深圳"},
        {"code": "440306", "kind": Branch.Kind.DISTRICT, "parent_code": "4403", "name_zh_hans": "宝安"},
    ]
    assert record_branches(rows=rows, actor=None, at=AT)["op"].path == "/4403/440306/op/"
    assert record_branches(rows=rows, actor=None, at=AT)["op"].path == "/4403/440306/op/"
    with pytest.raises(CannotRecordPark, match="op"):
        record_branches(rows=[{"code": "op", "kind": "OPERATOR", "parent_code": "4403"}], actor=None, at=AT)
    with pytest.raises(CannotRecordPark):
        record_branches(rows=[{"code": "x", "kind": "OPERATOR", "parent_code": "nowhere"}], actor=None, at=AT)


def test_building_without_a_site_stands_on_the_parks_only_site() -> None:
    park = make_park()
    record_buildings(park=park, rows=[{"code": "A"}, {"code": "B"}], actor=None, at=AT)
    assert park.sites.count() == 1
    record_sites(park=park, rows=[{"code": "N", "land_area_m2": 100}], actor=None, at=AT)
    record_buildings(park=park, rows=[{"code": "B", "site_code": "N"}], actor=None, at=AT)
    assert sorted(s.buildings.count() for s in park.sites.all()) == [1, 1]


def test_level_zero_and_unknown_buildings_are_refused() -> None:
    park = make_building().park
    for row in (
        {"building_code": "?", "level": 1},
        {"building_code": park.sites.get().buildings.get().code, "level": 0},
    ):
        with pytest.raises(CannotRecordBuilding):
            record_storeys(park=park, rows=[row], actor=None, at=AT)


def row(**values: object) -> dict[str, object]:
    return {"code": "A-1", "building_code": "A", "level": 1, "use": "RND", "gross_area_m2": 100.0, **values}


def test_premises_on_two_storeys_are_billed_by_the_sum_of_their_spaces() -> None:
    park = make_building(code="A").park
    recorded = record_premises_rows(park=park, rows=[row(), row(level=2, gross_area_m2=50)], actor=None, at=AT)
    premises = Premises.objects.get()
    assert [r.action for r in recorded] == ["create", "create"]
    assert (premises.billing_area_m2, premises.spaces.count()) == (150.0, 2)
    assert sorted(Storey.objects.values_list("level", flat=True)) == [1, 2]
    again = record_premises_rows(park=park, rows=[row(), row(level=2, gross_area_m2=50)], actor=None, at=AT)
    assert [r.action for r in again] == ["nothing", "nothing"]


def test_premises_consist_afterwards_of_exactly_the_rows_given() -> None:
    park = make_building(code="A").park
    record_premises_rows(park=park, rows=[row(), row(level=2)], actor=None, at=AT)
    record_premises_rows(park=park, rows=[row(level=3)], actor=None, at=AT)
    assert list(Space.objects.values_list("storey__level", flat=True)) == [3]
    assert AuditEvent.objects.filter(code="space.space.removed").count() == 2


@pytest.mark.parametrize("missing", ["building_code", "use", "gross_area_m2"])
def test_new_premises_need_building_use_and_area(missing: str) -> None:
    park = make_building(code="A").park
    with pytest.raises(CannotRecordPremises):
        record_premises_rows(park=park, rows=[row(**{missing: None})], actor=None, at=AT)


@pytest.mark.parametrize("role", [Role.BUREAU, Role.ASSESSOR, Role.SERVICE_PROVIDER])
def test_roles_that_only_read_record_nothing(role: str) -> None:
    park = make_building(code="A").park
    reader = make_user(role, park.branch)
    with pytest.raises(CannotRecordBuilding):
        record_building(park=park, values={"code": "N"}, actor=reader, at=AT)
    with pytest.raises(CannotRecordPremises):
        record_premises(park=park, rows=[row()], actor=reader, at=AT)
    assert not AuditEvent.objects.exists()


def test_database_refuses_premises_without_area() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_premises(area_m2=0)


def test_what_follows_is_told_once_and_after_the_change(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, ...]] = []
    monkeypatch.setattr(registry, "park_changed", lambda *, park_ids, at: told.append(tuple(park_ids)))
    park = make_building(code="A").park
    record_premises(park=park, rows=[row(), row(code="A-2")], actor=None, at=AT)
    assert told == [(park.pk,)]


def test_every_event_reads_as_a_sentence() -> None:
    park = make_building(code="A").park
    record_premises_rows(park=park, rows=[row(), row(level=2)], actor=None, at=AT)
    record_premises_rows(park=park, rows=[row(use="LAB")], actor=None, at=AT)
    for event in AuditEvent.objects.all():
        assert "%(" not in audit.sentence(event)
