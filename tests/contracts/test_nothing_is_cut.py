"""Rows that a page does not show at once are on its next pages, or in a file that has all of them."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from parkbrain.assessment.queries import get_star_sheet
from parkbrain.assessment.services import refresh_ratings
from parkbrain.energy.models import ReadingRepair, Recomputed
from parkbrain.intake.models import Batch
from parkbrain.intake.services.outcomes import list_aside
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.roles import Role
from tests.energy.make import make_meter
from tests.factories import AT, make_branch, make_park, make_point, make_premises, make_source, make_user

pytestmark = pytest.mark.django_db


def browser(user: User) -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


@pytest.fixture
def park() -> Park:
    return make_park()


@pytest.fixture
def operator(park: Park) -> User:
    return make_user(Role.OPERATOR, park.branch)


def test_the_plan_names_every_fact_that_is_unknown(park: Park, operator: User) -> None:
    make_premises(park=park)
    refresh_ratings(park_ids=[park.pk], on=timezone.localdate(), at=timezone.now())
    gaps = get_star_sheet(park=park).gaps
    assert len(gaps) > 5
    page = browser(operator).get(reverse("next_star", args=[park.pk])).content.decode()
    assert f"all {len(gaps)} entries" in page
    for gap in gaps:
        assert all(reverse("fact_detail", args=[park.pk, fact.key]) in page for fact in gap.facts)


def test_every_wrong_row_of_a_file_of_readings_can_be_had(park: Park, operator: User) -> None:
    make_point(source=make_source(park=park), code="A")
    start = timezone.now() - timedelta(days=9)
    rows = [f"{'A' if n % 2 else 'NOBODY'},{(start + timedelta(hours=n)).isoformat()},{n}" for n in range(140)]
    content = "\n".join(["point,at,value", *rows]).encode()

    def post(act: str) -> Any:
        file = SimpleUploadedFile("a.csv", content)
        return browser(operator).post(reverse("readings_file", args=[park.pk]), {"act": act, "file": file})

    page = post("look").content.decode()
    assert "70 rows cannot be taken" in page and "The first 50 of 70 rows are shown" in page
    got = post("wrong")
    assert "wrong rows" in got["Content-Disposition"] and got["Content-Type"].startswith("text/csv")
    heads, *lines = csv.reader(io.StringIO(got.getvalue().decode("utf-8-sig")))
    assert heads == ["Row", "Reason", "Point", "What stands there"]
    assert len(lines) == 70 and {line[2] for line in lines} == {"NOBODY"}
    assert not post("take").content.decode().count("NOBODY,") > 50, "the page stays short"


def make_tables(branch: Branch, bureau: User, count: int) -> None:
    for n in range(count):
        document = store_document(name=f"table-{n}.xlsx", chunks=[f"{n}".encode()], actor=bureau, at=AT)
        Batch.objects.create(
            branch=branch,
            subject={"round": None, "cut_off_on": "2026-01-01", "source": "x"},
            document=document,
            created_by=bureau,
            created_at=AT + timedelta(minutes=n),
        )


def test_every_table_of_a_bureau_is_on_a_page() -> None:
    district = make_branch(Branch.Kind.DISTRICT, make_branch(Branch.Kind.CITY))
    bureau = make_user(Role.BUREAU, district)
    make_tables(district, bureau, 25)
    client, named = browser(bureau), set()
    for number in (1, 2):
        page = client.get(reverse("city_table"), {"tables": number}).content.decode()
        named |= {n for n in range(25) if f">table-{n}.xlsx<" in page}
        assert "of 25" in page
    assert named == set(range(25))


def test_every_repair_of_a_meter_is_on_a_page(park: Park, operator: User) -> None:
    point = make_point(source=make_source(park=park))
    meter = make_meter(park=park, point=point)
    for n in range(25):
        ReadingRepair.objects.create(
            point=point, at=AT + timedelta(hours=n), original_value=n, value=None, reason=f"why-{n}.", recorded_at=AT
        )
        Recomputed.objects.create(
            park=park, meter=meter, why=Recomputed.Why.values[0], at=AT, before=n, after=n + 1, days_changed=1,
            starts_on=date(2026, 1, 1) + timedelta(days=n), ends_on=date(2026, 3, 1),
        )  # fmt: skip
    client, reasons, days = browser(operator), set(), set()
    for number in (1, 2):
        page = client.get(
            reverse("meter_detail", args=[meter.pk]), {"repairs": number, "anew": number}
        ).content.decode()
        reasons |= {n for n in range(25) if f">why-{n}.<" in page}
        days |= {n for n in range(25) if (date(2026, 1, 1) + timedelta(days=n)).isoformat() in page}
    assert reasons == days == set(range(25))


def test_every_row_that_was_left_aside_can_be_decided(park: Park, operator: User) -> None:
    reason = {"outcome": "decide", "target": 1, "with": "Hall", "parts": [], "name": "Hall", "score": 0.8}
    sheet = SimpleNamespace(name="S", key="space.building", reasons={n: dict(reason) for n in range(2, 2502)})
    aside = list_aside(examined=SimpleNamespace(sheets=[sheet]))  # type: ignore[arg-type]
    assert len(aside) == 2500
    document = store_document(name="a.xlsx", chunks=[b"a"], actor=operator, at=AT, park=park)
    batch = Batch.objects.create(
        park=park, document=document, created_by=operator, created_at=AT, state=Batch.State.CHECKED,
        report={"aside": aside, "sheets": [], "problems": [], "changes": [], "counts": {}, "remarks": []},
    )  # fmt: skip
    client, rows = browser(operator), set()
    for number in range(1, 14):
        page = client.get(reverse("import_batch", args=[batch.pk]), {"aside": number}).content.decode()
        rows |= {n for n in range(2, 2502) if f'name="S|{n}"' in page}
    assert rows == set(range(2, 2502)) and "of 2500" in page
