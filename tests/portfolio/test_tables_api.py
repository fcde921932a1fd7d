"""A bureau's own tables by the API: uploaded, previewed with problems and matches, decided, taken in, by the bureau alone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.test.client import encode_multipart
from django.utils.translation import override

from parkbrain.assessment.models import Declaration
from parkbrain.intake.models import Batch
from parkbrain.kernel.models import Branch, Park
from parkbrain.kernel.roles import Role
from parkbrain.portfolio import services
from parkbrain.portfolio.models import Entry
from tests.factories import make_branch, make_user
from tests.integration.conftest import Caller, caller_for

from .test_city_tables import table
from .test_rounds import City

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Iterator[City]:
    with override("en"):
        made = City()
        for park, name in zip(made.parks, ["星海科技园", "云谷产业园", "湾区制造园", "北环物流园"], strict=True):
            Park.objects.filter(pk=park.pk).update(name_zh_hans=name, name_en="", district_code=made.district.code)
            park.refresh_from_db()
        yield made


@pytest.fixture
def bureau(city: City) -> Caller:
    return caller_for(city.bureau)


def upload(caller: Caller, path: str, rows: list[list[Any]], *, name: str = "t.xlsx", **typed: Any) -> Any:
    file = io.BytesIO(table(rows))
    file.name = name
    body = encode_multipart("BoUnDaRy", {"file": file, **typed})
    client = Client(headers={"authorization": f"Bearer {caller.secret}", "accept-language": "en"})
    return client.post(f"/api/v1/{path}", body, content_type="multipart/form-data; boundary=BoUnDaRy")


def test_a_table_is_previewed_by_cell_and_park_and_then_taken_in(city: City, bureau: Caller) -> None:
    rows = [
        [city.parks[0].code, None, None, 8_123, "2,345"],
        [city.parks[1].code, None, None, "8,1O0", 7],
        ["no-such-code", "湾区制造园", None, 3, 3],
    ]
    made = upload(bureau, f"rounds/{city.round.pk}/tables", rows, source="统计台账")
    assert made.status_code == 201, made.content
    shown = made.json()
    assert (shown["state"], shown["round_id"], shown["source"]) == ("CHECKED", city.round.pk, "统计台账")
    assert (shown["waiting_count"], shown["left_out_count"]) == (1, 1) and not Entry.objects.exists()
    at = f"city/tables/{shown['id']}"
    [problem] = bureau.get(f"{at}/problems").json()["items"]
    assert (problem["row"], problem["column"], problem["value"], problem["is_left_out"]) == (3, "D", "8,1O0", True)
    assert problem["message"]
    matches = {one["row"]: one for one in bureau.get(f"{at}/matches").json()["items"]}
    assert matches[4]["outcome"] == "decide" and matches[4]["park"] == "湾区制造园" and "name" in matches[4]["why"]
    assert matches[2]["outcome"] == "taken"
    sheet = matches[4]["sheet"]
    decided = bureau.post(f"{at}/decisions", {"rows": [{"sheet": sheet, "row": 4, "join": True}]}).json()
    assert (decided["state"], decided["waiting_count"]) == ("CHECKED", 0) and not Entry.objects.exists()
    assert bureau.post(f"{at}/apply").json()["state"] == "APPLIED"
    given = set(Entry.objects.filter(fact_key="total_tax_wan").values_list("value", "submission__park"))
    assert {(2_345, city.parks[0].pk), (3, city.parks[2].pk)} <= given
    assert bureau.post(f"{at}/apply").status_code == 409
    listed = bureau.get(f"rounds/{city.round.pk}/tables").json()["items"]
    assert [one["id"] for one in listed] == [shown["id"]] and bureau.get("city/tables").json()["total"] == 0


def test_facts_of_a_branch_are_taken_in_beside_a_round(city: City, bureau: Caller) -> None:
    typed = {"branch_id": city.district.pk, "cut_off_on": str(city.today), "source": "统计台账"}
    made = upload(bureau, "city/tables", [[city.parks[0].code, None, None, 5, 1]], **typed)
    assert made.status_code == 201 and made.json()["round_id"] is None
    assert made.json()["cut_off_on"] == str(city.today) and not Declaration.objects.exists()
    assert bureau.post(f"city/tables/{made.json()['id']}/apply").json()["created"] == 1
    assert Declaration.objects.count() == 2


def test_what_cannot_be_is_refused_by_field_and_nothing_is_kept(city: City, bureau: Caller) -> None:
    rows, into = [[city.parks[0].code, None, None, 5, 1]], f"rounds/{city.round.pk}/tables"
    for answer, field in (
        (upload(bureau, into, rows, name="t.pdf", source="x"), "file"),
        (upload(bureau, into, rows, source="  "), "source"),
        (
            upload(bureau, "city/tables", rows, source="x", branch_id=city.district.pk, cut_off_on="2199-01-01"),
            "cut_off_on",
        ),
    ):
        assert answer.status_code == 422 and [one["field"] for one in answer.json()["errors"]] == [field]
    assert upload(bureau, into, rows).status_code == 422, "no source"
    assert not Batch.objects.exists()
    made = upload(bureau, into, rows, source="x").json()
    wrong = bureau.post(f"city/tables/{made['id']}/decisions", {"rows": [{"sheet": "台账", "row": 2, "join": True}]})
    assert wrong.status_code == 422 and wrong.json()["errors"][0]["field"] == "rows.0.row"
    assert bureau.post(f"city/tables/{made['id']}/discard").json()["state"] == "CANCELLED"
    services.close_round(data_round=city.round, actor=city.bureau, at=city.now)
    assert upload(bureau, into, rows, source="x").status_code == 409


def test_nobody_but_the_bureau_of_the_branch_uploads_or_reads(city: City, bureau: Caller) -> None:
    rows, into = [[city.parks[0].code, None, None, 5, 1]], f"rounds/{city.round.pk}/tables"
    made = upload(bureau, into, rows, source="x").json()
    neighbour = make_user(Role.BUREAU, make_branch(Branch.Kind.DISTRICT, city.city))
    assessor = make_user(Role.ASSESSOR, city.district)
    for person, status in ((city.operator, 403), (assessor, 403), (neighbour, 404)):
        caller = caller_for(person)
        assert upload(caller, into, rows, source="x").status_code == status
        typed = {"branch_id": city.district.pk, "cut_off_on": str(city.today), "source": "x"}
        assert upload(caller, "city/tables", rows, **typed).status_code == status
        for path in ("", "/problems", "/matches"):
            assert caller.get(f"city/tables/{made['id']}{path}").status_code == status
        for act in ("apply", "discard"):
            assert caller.post(f"city/tables/{made['id']}/{act}").status_code == status
    reader = caller_for(city.bureau, scopes=["city:read"])
    assert reader.get(f"city/tables/{made['id']}").status_code == 200
    assert upload(reader, into, rows, source="x").status_code == 403
    assert Batch.objects.count() == 1 and not Entry.objects.exists()
