"""Programs change the record: parks, buildings, premises, firms, facts, ratings, documents and imports, as pages do."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.test import Client
from django.test.client import encode_multipart

from parkbrain.calc.uscc import complete
from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.kernel.models import AuditEvent, Document, Park
from parkbrain.kernel.roles import Role
from parkbrain.space.models import Building
from tests.factories import make_enterprise, make_occupancy, make_park, make_premises, make_user
from tests.query_counts import pinned_queries

from .conftest import Caller, caller_for

pytestmark = pytest.mark.django_db
USCC = complete("91440300MA5999001")


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def operator(park: Park) -> Caller:
    return caller_for(make_user(Role.OPERATOR, park.branch.parent))


def upload(caller: Caller, path: str, name: str, content: bytes) -> Any:
    file = io.BytesIO(content)
    file.name = name
    body = encode_multipart("BoUnDaRy", {"file": file})
    headers = {"authorization": f"Bearer {caller.secret}", "accept-language": "en"}
    return Client(headers=headers).post(f"/api/v1/{path}", body, content_type="multipart/form-data; boundary=BoUnDaRy")


def test_park_is_recorded_changed_and_furnished_with_one_event_each(operator: Caller) -> None:
    made = operator.post("parks", {"code": "new-park", "name_zh_hans": "新园", "name_en": "New Park"})
    assert made.status_code == 201
    park = Park.objects.get(code="new-park")
    assert made.json()["names"] == {"zh_hans": "新园", "zh_hant": "新園", "en": "New Park"}
    assert operator.post("parks", {"code": "new-park", "name_zh_hans": "新园"}).status_code == 409
    assert operator.patch(f"parks/{park.pk}", {"street": "Xinghe Road"}).json()["street"] == "Xinghe Road"
    park.refresh_from_db()
    assert (park.street, park.name_en) == ("Xinghe Road", "New Park")
    building = operator.post(f"parks/{park.pk}/buildings", {"code": "A", "name_en": "Block A"}).json()
    assert operator.post(f"buildings/{building['id']}/storeys", {"level": 3, "height_m": 4.5}).json()["label"] == "3F"
    room = {"code": "A-301", "building_code": "A", "level": 3, "use": "RND", "gross_area_m2": 400}
    made = operator.post(f"parks/{park.pk}/premises", room)
    assert (made.status_code, made.json()["billing_area_m2"]) == (200, 400)
    assert operator.get(f"spaces?premises={made.json()['id']}").json()["items"][0]["level"] == 3
    codes = AuditEvent.objects.filter(target_name__in=["新园", "A-301"]).values_list("code", flat=True)
    assert {"space.park.added", "space.park.changed", "space.premises.added"} <= set(codes)


def test_fields_that_are_unknown_or_impossible_are_named(operator: Caller, park: Park) -> None:
    answer = operator.patch(f"parks/{park.pk}", {"stret": "x", "land_area_m2": -1, "latitude": 91})
    assert answer.status_code == 422
    assert {e["field"] for e in answer.json()["errors"]} == {"body.stret", "body.land_area_m2", "body.latitude"}
    assert not AuditEvent.objects.filter(code="space.park.changed").exists()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"stret": "x"}, "没有这个名称的字段。"),
        ({"land_area_m2": -1}, "必须大于 0。"),
        ({"land_area_m2": "many"}, "必须是数字。"),
        ({"kind": "CASTLE"}, "必须是 "),
        ({"name_zh_hans": "长" * 999}, "最多 160 个字符。"),
        ({"opened_on": "soon"}, "必须是日期，如 2026-06-30。"),
        ([], "必须是带有字段名的对象。"),
    ],
    ids=lambda value: next(iter(value), "list") if isinstance(value, (dict, list)) else "",
)
def test_each_fault_is_told_in_the_language_of_the_request(operator: Caller, park: Park, body: Any, said: str) -> None:
    headers = {"authorization": f"Bearer {operator.secret}", "accept-language": "zh-hans"}
    answer = Client(headers=headers).patch(f"/api/v1/parks/{park.pk}", json.dumps(body), "application/json")
    assert answer.status_code == 422
    assert said in answer.json()["errors"][0]["message"]


def test_what_the_database_refuses_is_a_conflict_and_changes_nothing(operator: Caller, park: Park) -> None:
    room = make_premises(park=park)
    body = {"code": room.code, "lettable_from_on": "2026-02-01", "lettable_to_on": "2026-01-01"}
    assert operator.post(f"parks/{park.pk}/premises", body).status_code == 409
    room.refresh_from_db()
    assert room.lettable_from_on is None


def test_firm_with_its_return_and_certificate_is_recorded(operator: Caller, park: Park) -> None:
    firm = {"uscc": USCC, "name_zh_hans": "甲机器人", "industry_code": "3491"}
    made = operator.post("enterprises", firm).json()
    assert made["action"] == "create"
    assert operator.post("enterprises", firm).json()["action"] == "nothing"
    assert operator.post("enterprises", {**firm, "uscc": "X" * 18}).status_code == 409
    # Nobody sees a firm that was never in a park of theirs.
    assert operator.get(f"enterprises/{made['id']}").status_code == 404
    make_occupancy(premises=make_premises(park=park), enterprise=Enterprise.objects.get(uscc=USCC))
    figures = {"year": 2025, "staff_count": 30, "revenue_wan": "1250.5"}
    assert operator.post(f"enterprises/{made['id']}/returns", figures).json()["action"] == "create"
    held = {"kind": "HNTE", "valid_from_on": "2025-01-01", "valid_to_on": "2028-01-01"}
    assert operator.post(f"enterprises/{made['id']}/qualifications", held).json()["action"] == "create"
    wrong = operator.post(f"enterprises/{made['id']}/qualifications", {**held, "valid_to_on": "2024-01-01"})
    assert wrong.status_code == 422
    known = operator.get(f"enterprises/{made['id']}?as_of=2026-06-30").json()
    assert known["returns"][0]["revenue_wan"] == "1250.5000"
    assert known["qualifications"][0]["state"] == "VALID"


def test_second_firm_in_the_same_premises_is_refused_by_name(operator: Caller, park: Park) -> None:
    stay = make_occupancy(premises=make_premises(park=park))
    body = {"premises_id": stay.premises_id, "uscc": make_enterprise().uscc, "starts_on": "2026-01-01"}
    refused = operator.post("occupancies", body)
    assert refused.status_code == 409
    assert stay.enterprise.name_en in refused.json()["detail"]
    ended = operator.post(f"occupancies/{stay.pk}/end", {"ends_on": "2026-01-01"})
    assert ended.json()["ends_on"] == "2026-01-01"
    assert operator.post("occupancies", body).status_code == 201
    assert Occupancy.objects.filter(premises=stay.premises).count() == 2
    day_before = operator.get(f"premises/{stay.premises_id}?as_of=2025-12-31").json()
    assert day_before["enterprise_id"] == stay.enterprise_id


def test_fact_is_declared_with_a_stored_file_and_taken_back(operator: Caller, park: Park) -> None:
    stored = upload(operator, f"parks/{park.pk}/documents", "survey.pdf", b"%PDF-1.4 survey")
    assert stored.status_code == 201
    number = stored.json()["id"]
    other = Document.objects.create(
        park=make_park(), name="x", sha256="0" * 64, size_bytes=1, uploaded_at=stored.json()["uploaded_at"]
    )
    path = f"parks/{park.pk}/facts/satisfaction_score"
    assert operator.post(f"{path}/declare", {"value": 90, "document_id": other.pk}).status_code == 404
    stated = operator.post(f"{path}/declare", {"value": 90, "document_id": number})
    assert (stated.status_code, stated.json()["document_id"]) == (200, number)
    sheet = operator.get(path).json()
    assert (sheet["value"], sheet["standing"]) == (90, "declared")
    assert b"".join(operator.get(f"documents/{number}/content")) == b"%PDF-1.4 survey"
    assert operator.post(f"{path}/declare", {"value": 900}).status_code == 409
    assert operator.post(f"parks/{park.pk}/facts/no_such_fact/declare", {"value": 1}).status_code == 409
    assert operator.delete(f"declarations/{stated.json()['id']}").status_code == 204
    assert operator.get(path).json()["value"] is None


def test_rating_is_frozen_with_its_hash(operator: Caller, park: Park) -> None:
    operator.post(f"parks/{park.pk}/facts/satisfaction_score/declare", {"value": 90})
    from django.utils import timezone

    today = timezone.localdate().isoformat()
    frozen = operator.post(f"parks/{park.pk}/ratings", {"cut_off_on": today, "title": "Round 1"})
    assert frozen.status_code == 201
    assert len(frozen.json()["hash"]) == 64
    sheet = operator.get(f"ratings/{frozen.json()['id']}").json()
    assert sheet["hash"] == frozen.json()["hash"]
    assert len([node for node in sheet["nodes"] if node["is_indicator"]]) == 63
    ahead = operator.post(f"parks/{park.pk}/ratings", {"cut_off_on": "2190-01-01", "title": "Too early"})
    assert ahead.status_code == 409


def test_file_is_checked_shown_and_applied(operator: Caller, park: Park) -> None:
    good = "building code,name,use\nB7,七号楼,FACTORY\n".encode()
    made = upload(operator, f"imports?park={park.pk}", "buildings.csv", good)
    assert made.status_code == 201, made.content
    batch = made.json()
    assert batch["state"] == "CHECKED", operator.get(f"imports/{batch['id']}/problems").json()
    assert not Building.objects.filter(code="B7").exists()
    changes = operator.get(f"imports/{batch['id']}/changes").json()
    assert changes["items"][0]["action"] == "create"
    assert operator.post(f"imports/{batch['id']}/apply").json()["state"] == "APPLIED"
    assert Building.objects.filter(code="B7", site__park=park).exists()
    assert operator.post(f"imports/{batch['id']}/apply").status_code == 409
    assert upload(operator, "imports", "x.exe", b"x").json()["errors"][0]["field"] == "file"


def test_an_import_is_taken_back_once_its_plan_is_clear(operator: Caller, park: Park) -> None:
    file = "building code,name,use\nB8,八号楼,FACTORY\n".encode()
    number = upload(operator, f"imports?park={park.pk}", "buildings.csv", file).json()["id"]
    assert operator.get(f"imports/{number}/roll-back").status_code == 409, "nothing was applied yet"
    operator.post(f"imports/{number}/apply")
    plan = operator.get(f"imports/{number}/roll-back").json()
    assert plan["is_possible"], plan["conflicts"]
    assert plan["removed"][0]["count"] == 1
    assert operator.post(f"imports/{number}/roll-back").json()["state"] == "ROLLED_BACK"
    assert not Building.objects.filter(code="B8").exists()
    assert operator.post(f"imports/{number}/roll-back").status_code == 409


def test_an_import_that_was_built_upon_is_not_taken_back(operator: Caller, park: Park) -> None:
    file = "building code,name,use\nB9,九号楼,FACTORY\n".encode()
    number = upload(operator, f"imports?park={park.pk}", "buildings.csv", file).json()["id"]
    operator.post(f"imports/{number}/apply")
    assert Building.objects.filter(code="B9").exists()
    assert operator.post(f"parks/{park.pk}/buildings", {"code": "B9", "name_zh_hans": "另一栋"}).status_code in {
        200,
        201,
    }
    plan = operator.get(f"imports/{number}/roll-back").json()
    assert not plan["is_possible"] and plan["conflict_count"] == 1 and plan["conflicts"][0]["reason"]
    assert operator.post(f"imports/{number}/roll-back").status_code == 409
    assert Building.objects.filter(code="B9").exists()


def test_events_are_read_on_from_where_one_stopped(operator: Caller, park: Park) -> None:
    operator.patch(f"parks/{park.pk}", {"street": "1"})
    make_premises(park=park)
    operator.post(f"parks/{park.pk}/buildings", {"code": "Z1"})
    first = operator.get(f"audit-events?after_id=0&park={park.pk}&limit=1").json()["items"][0]
    rest = operator.get(f"audit-events?after_id={first['id']}&park={park.pk}").json()["items"]
    assert [event["id"] for event in rest] == sorted(event["id"] for event in rest)
    assert first["id"] not in {event["id"] for event in rest}


def test_list_needs_as_many_statements_for_fifty_firms_as_for_one(operator: Caller, park: Park) -> None:
    for _n in range(50):
        make_occupancy(premises=make_premises(park=park))
    operator.get("me")
    with pinned_queries("integration.enterprises"):
        assert len(operator.get("enterprises").json()["items"]) == 50
    with pinned_queries("integration.premises"):
        assert len(operator.get("premises").json()["items"]) == 50
