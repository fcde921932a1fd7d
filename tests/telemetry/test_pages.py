"""Pages of sources and points: what they show, to whom, and what they refuse."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from parkbrain import lake
from parkbrain.kernel.models import AuditEvent, Park
from parkbrain.kernel.roles import Role
from parkbrain.telemetry.models import DeviceToken, KeptAside, Point, Source, TypedReading
from parkbrain.telemetry.queries import get_freshness, micros_of
from parkbrain.telemetry.services import put_readings
from tests.factories import make_park, make_point, make_point_factor, make_source, make_user

from .conftest import columns

pytestmark = pytest.mark.django_db


def signed_in(role: str, park: Park) -> Client:
    client = Client()
    client.force_login(make_user(role, park.branch))
    return client


def show(point: Point, *values: float, every_s: int = 3600) -> None:
    now = timezone.now()
    table = pa.table(
        {
            "point": [point.pk] * len(values),
            "at_us": [micros_of(at=now - timedelta(seconds=every_s * (len(values) - i))) for i in range(len(values))],
            "value": [float(v) for v in values],
            "quality": [0] * len(values),
        },
        schema=lake.SCHEMA,
    )
    lake.append_readings(table, batch_id=f"test-{point.pk}-{len(values)}", at=now)


def test_lists_show_what_each_point_last_said_and_how_each_source_is() -> None:
    source = make_source()
    point = make_point(source=source, code="E-MAIN-1")
    show(point, 10, 12.5)
    client = signed_in(Role.OPERATOR, source.park)
    text = client.get("/points/").content.decode()
    assert "E-MAIN-1" in text and "12.5" in text and "kWh" in text
    text = client.get("/sources/").content.decode()
    assert source.code in text and "nothing came yet" in text


@pytest.mark.parametrize("role", [Role.TENANT, Role.SERVICE_PROVIDER])
def test_people_who_do_not_run_the_park_see_no_points(role: str) -> None:
    point = make_point(source=make_source())
    client = Client()
    client.force_login(make_user(role, point.park.branch, subject="914403000000000000" if role == Role.TENANT else ""))
    assert client.get("/points/").status_code in {403, 404}
    assert client.get(f"/points/{point.pk}/").status_code == 404
    assert client.get(f"/sources/{point.source_id}/").status_code == 404


def test_another_parks_points_and_sources_are_not_there() -> None:
    point = make_point(source=make_source())
    client = signed_in(Role.OPERATOR, make_park())
    for path in (
        f"/points/{point.pk}/",
        f"/points/{point.pk}/reading/",
        f"/sources/{point.source_id}/",
        f"/sources/{point.source_id}/change/",
    ):
        assert client.get(path).status_code == 404, path
    assert point.code not in client.get("/points/").content.decode()


def test_page_of_a_point_shows_its_readings_factor_and_marks() -> None:
    point = make_point(source=make_source(), code="E-1")
    make_point_factor(point=point, ct_ratio=60.0, pt_ratio=100.0)
    show(point, *range(100, 150))
    text = signed_in(Role.BUREAU, point.park).get(f"/points/{point.pk}/").content.decode()
    assert "6,000" in text and "149" in text and "park-chart" in text and "good" in text
    assert "Type in a reading" not in text
    empty = signed_in(Role.OPERATOR, point.park).get(f"/points/{point.pk}/?from_on=2020-01-01&to_on=2020-01-02")
    assert "No readings in this period." in empty.content.decode()


def test_pages_of_a_point_and_a_source_move_by_themselves_while_the_time_they_show_goes_on() -> None:
    point = make_point(source=make_source())
    show(point, *range(100, 150))
    client = signed_in(Role.BUREAU, point.park)
    for path in (f"/points/{point.pk}/", f"/sources/{point.source_id}/"):
        assert "every 30s" in client.get(path).content.decode(), path
        part = client.get(path, headers={"HX-Request": "true", "HX-Target": "now"}).content.decode()
        assert 'id="now"' in part and "every 30s" in part and "<html" not in part
    assert "every 30s" not in client.get(f"/points/{point.pk}/?from_on=2020-01-01&to_on=2020-01-02").content.decode()


def test_page_of_a_point_that_last_spoke_yesterday_waits_for_its_next_reading() -> None:
    point = make_point(source=make_source())
    show(point, 1.0, 2.0, every_s=30 * 3600)
    client = signed_in(Role.BUREAU, point.park)
    assert "every 30s" in client.get(f"/points/{point.pk}/").content.decode()
    assert "every 30s" in client.get(f"/points/{point.pk}/?from_on=2020-01-01").content.decode()


def test_reading_with_a_photo_is_recorded_and_audited(document_store: None) -> None:
    point = make_point()
    client = signed_in(Role.OPERATOR, point.park)
    photo = SimpleUploadedFile("meter.jpg", b"\xff\xd8picture", content_type="image/jpeg")
    typed = {"value": "1234.5", "read_at": "2026-06-01T08:30", "photo": photo, "note": "seal broken"}
    assert client.post(f"/points/{point.pk}/reading/", typed).status_code == 302
    reading = TypedReading.objects.get(point=point)
    assert (reading.value, reading.note, reading.photo is not None) == (1234.5, "seal broken", True)
    found = get_freshness(points=[point], at=timezone.now())[point.pk]
    assert (found.value, found.quality) == (1234.5, 3)
    assert AuditEvent.objects.get(code="telemetry.reading.recorded").details["value"] == 1234.5


def test_reading_that_runs_backwards_has_to_be_confirmed() -> None:
    point = make_point()
    show(point, 1000, 1010, 1020)
    client = signed_in(Role.OPERATOR, point.park)
    typed = {"value": "990", "read_at": timezone.localtime().strftime("%Y-%m-%dT%H:%M")}
    answer = client.post(f"/points/{point.pk}/reading/", typed)
    assert answer.status_code == 422
    assert "less than a reading before it" in answer.content.decode()
    assert not TypedReading.objects.exists()
    assert client.post(f"/points/{point.pk}/reading/", {**typed, "is_confirmed": "on"}).status_code == 302
    assert TypedReading.objects.get().warnings == ["backward"]


@pytest.mark.parametrize(
    "wrong", [{"value": "nan"}, {"value": ""}, {"value": "12,5O0"}, {"read_at": "2999-01-01T00:00"}]
)
def test_reading_that_cannot_be_is_refused_on_the_same_form(wrong: dict[str, str]) -> None:
    point = make_point()
    client = signed_in(Role.OPERATOR, point.park)
    answer = client.post(f"/points/{point.pk}/reading/", {"value": "5", "read_at": "2026-06-01T08:30", **wrong})
    assert answer.status_code == 422
    assert not TypedReading.objects.exists()


def test_who_only_reads_can_neither_type_in_nor_make_sources_or_tokens() -> None:
    point = make_point(source=make_source())
    client = signed_in(Role.BUREAU, point.park)
    assert client.post(f"/points/{point.pk}/reading/", {"value": "5"}).status_code == 403
    assert client.post(f"/parks/{point.park_id}/sources/add/", {"code": "X", "driver": "http"}).status_code == 403
    assert client.post(f"/sources/{point.source_id}/", {"name": "x", "days": "365"}).status_code == 403
    assert client.post(f"/sources/{point.source_id}/change/", {}).status_code == 403
    assert not DeviceToken.objects.exists()


def test_source_is_made_and_its_token_is_shown_once() -> None:
    park = make_park()
    client = signed_in(Role.OPERATOR, park)
    made = client.post(f"/parks/{park.pk}/sources/add/", {"code": "GW-9", "name_zh_hans": "网关", "driver": "http"})
    source = Source.objects.get(code="GW-9")
    assert made.headers["Location"] == f"/sources/{source.pk}/"
    again = client.post(f"/parks/{park.pk}/sources/add/", {"code": "GW-9", "driver": "http"})
    assert (again.status_code, Source.objects.count()) == (422, 1)
    answer = client.post(f"/sources/{source.pk}/", {"name": "gateway", "days": "365"})
    assert answer.status_code == 201
    token = DeviceToken.objects.get()
    assert f"{token.prefix}_" in answer.content.decode()
    assert f"{token.prefix}_" not in client.get(f"/sources/{source.pk}/").content.decode()
    client.post(f"/device-tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert token.revoked_at is not None
    codes = list(AuditEvent.objects.order_by("position").values_list("code", flat=True))
    assert codes[-3:] == ["telemetry.source.added", "telemetry.token.created", "telemetry.token.revoked"]


def test_what_was_set_aside_is_released_once_its_point_is_there() -> None:
    source = make_source()
    now = timezone.now()
    put_readings(source=source, digest="m1", transport="text/csv", found=columns([("E-7", 3.0), ("E-7", 4.0)]), at=now)
    kept = KeptAside.objects.get()
    client = signed_in(Role.OPERATOR, source.park)
    assert "no point has this address" in client.get(f"/sources/{source.pk}/").content.decode()
    client.post(f"/kept-aside/{kept.pk}/", {"action": "release"})
    kept.refresh_from_db()
    assert kept.closed_at is None
    point = make_point(source=source, code="E-7")
    client.post(f"/kept-aside/{kept.pk}/", {"action": "release"})
    kept.refresh_from_db()
    assert (kept.released, kept.closed_at is not None) == (2, True)
    assert get_freshness(points=[point], at=now)[point.pk].value == 4.0
    assert signed_in(Role.BUREAU, source.park).post(f"/kept-aside/{kept.pk}/", {"action": "dismiss"}).status_code == 403


def test_table_of_a_source_is_refused_with_row_and_column_and_nothing_typed_is_lost() -> None:
    source = make_source(driver="modbus", is_active=False)
    client = signed_in(Role.OPERATOR, source.park)
    given = {
        "name_zh_hans": "一号楼网关",
        "set_host": "10.0.0.9",
        "set_port": "502",
        "set_every_s": "60",
        "is_active": "on",
    }
    wrong = "device,register,type,point\n1,100,float32,E-1\n1,ten,float32,E-2"
    shown = client.post(f"/sources/{source.pk}/change/", {**given, "set_registers": wrong})
    text = shown.content.decode()
    assert shown.status_code == 422
    assert "Row 3, column “register”: ten is no number that fits." in text and "1,ten,float32,E-2" in text
    source.refresh_from_db()
    assert not source.is_active and "registers" not in source.settings
    saved = client.post(f"/sources/{source.pk}/change/", {**given, "set_registers": wrong.replace("ten", "10")})
    assert saved.status_code == 302
    source.refresh_from_db()
    assert source.is_active and source.settings["host"] == "10.0.0.9"


def test_fault_of_a_connection_is_told_in_words() -> None:
    source = make_source(driver="dlt645", last_error="silent")
    client = signed_in(Role.OPERATOR, source.park)
    assert "The device does not answer." in client.get(f"/sources/{source.pk}/").content.decode()
