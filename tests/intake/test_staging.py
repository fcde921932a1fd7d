"""A file is read and checked once: what the preview found out is applied as long as it still holds, and never longer."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from parkbrain.intake import services
from parkbrain.intake.models import Batch
from parkbrain.intake.services import batches, examination, staging
from parkbrain.integration.models import Delivery
from parkbrain.kernel import audit
from parkbrain.kernel.models import AuditEvent, Document, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.space.models import Building
from tests.factories import AT, make_user

from .conftest import workbook_bytes
from .toy import gadgets

pytestmark = pytest.mark.django_db
Check = Callable[..., Batch]
HEAD = ["code", "name", "mass_t", "count", "price_wan", "bought_on", "in_use", "grade", "owner", "tags"]
FULL = ["G-1", "车床", 2.5, 3, "12.50", "2026-03-31", "yes", "GOOD", "91440300MA5DEM0006", "34, 391"]
LIST = ["property name", "address line 1", "year built", "gross floor area (sq ft)"]
EAST = ["East Hall", "123 Main Street", 1990, "12,000"]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Count how often a file is read, and how often its rows are."""
    counts = {"read": 0, "typed": 0}

    def count(what: str, run: Callable[..., Any]) -> Callable[..., Any]:
        def counting(**asked: Any) -> Any:
            counts[what] += 1
            return run(**asked)

        return counting

    monkeypatch.setattr(staging, "read_workbook", count("read", staging.read_workbook))
    monkeypatch.setattr(examination, "type_rows", count("typed", examination.type_rows))
    return counts


def staged(settings: Any) -> list[str]:
    return [path.name for path in Path(settings.MEDIA_ROOT).glob(".staged*")]


@pytest.fixture
def listed(park: Park, operator: User) -> Callable[..., Batch]:
    """Return a function that uploads and checks a list of buildings that nobody made for us."""

    def run(*rows: list[Any]) -> Batch:
        data = workbook_bytes({"Sheet1": [LIST, *rows]})
        batch = services.upload_batch(name="a.xlsx", chunks=[data], park=park, actor=operator, at=AT)
        return services.check_batch(batch=batch, actor=operator, at=AT)

    return run


@pytest.mark.usefixtures("toy")
def test_file_is_read_once_from_the_upload_to_the_record(
    client: Client, park: Park, operator: User, counted: dict[str, int], settings: Any
) -> None:
    client.force_login(operator)
    file = SimpleUploadedFile("gadgets.xlsx", workbook_bytes({"Gadgets": [HEAD, FULL]}))
    client.post(reverse("import_upload"), {"file": file, "park": park.pk})
    batch = Batch.objects.get()
    assert batch.state == Batch.State.CHECKED
    client.post(reverse("apply_import", args=[batch.pk]))
    assert counted == {"read": 1, "typed": 1}
    assert list(gadgets(park)) == ["G-1"]
    assert staged(settings) == []


@pytest.mark.usefixtures("toy")
def test_every_kind_of_value_is_applied_as_if_it_had_just_been_read(
    check: Check, operator: User, park: Park, counted: dict[str, int], settings: Any
) -> None:
    tagged = ["G-2", *[""] * 8, "34, 391"]
    services.apply_batch(batch=check({"Gadgets": [HEAD, FULL, tagged]}), actor=operator, at=AT)
    assert counted["typed"] == 1
    from_kept = gadgets(park)
    Document.objects.filter(size_bytes=0).delete()
    batch = check({"Gadgets": [HEAD, FULL, tagged]})
    for path in Path(settings.MEDIA_ROOT).glob(".staged*"):
        path.write_bytes(path.read_bytes()[:-7])
    services.apply_batch(batch=batch, actor=operator, at=AT)
    assert counted["typed"] == 3
    assert gadgets(park) == from_kept
    assert "('price_wan', '12.50')" in from_kept["G-1"]
    assert "('34', '391')" in from_kept["G-2"]


@pytest.mark.usefixtures("toy")
def test_cells_of_dates_and_times_are_kept_as_they_were_read(upload: Callable[..., Batch]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["code", "bought_on", "in_use", None])
    sheet.append(["G-1", date(2026, 3, 31), True, 0.1])
    sheet.append(["G-2", datetime.fromisoformat("2026-03-31T07:30"), False, 12])
    buffer = io.BytesIO()
    book.save(buffer)
    document = upload(buffer.getvalue()).document
    fresh = staging.read_document(document=document, keep=True)
    again = staging.read_document(document=document)
    assert again is not fresh
    assert [[list(row) for row in s.rows] for s in again.sheets] == [
        [list(row) for row in s.rows] for s in fresh.sheets
    ]
    assert [[type(c) for row in s.rows for c in row] for s in again.sheets] == [
        [type(c) for row in s.rows for c in row] for s in fresh.sheets
    ]


def test_row_is_matched_anew_when_the_record_changed_since_the_preview(
    listed: Callable[..., Batch], operator: User, park: Park, counted: dict[str, int]
) -> None:
    preview = listed(EAST)
    assert preview.report["outcomes"]["new"] == 1
    services.apply_batch(batch=listed([*EAST[:3], "12,100"]), actor=operator, at=AT)
    batch = services.apply_batch(batch=preview, actor=operator, at=AT)
    assert (batch.report["outcomes"]["new"], batch.report["outcomes"]["joined"]) == (0, 1)
    assert Building.objects.filter(site__park=park).count() == 1
    assert counted["typed"] == 3


def test_change_in_the_last_moment_is_seen_before_anything_is_written(
    listed: Callable[..., Batch], operator: User, park: Park, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview, other = listed(EAST), listed([*EAST[:3], "12,100"])
    # An event of somebody else: what was found out about the first file no longer holds by it.
    preview = services.check_batch(batch=preview, actor=operator, at=AT)
    find = batches.find_rows_kept

    def find_and_lose(**asked: Any) -> Any:
        monkeypatch.setattr(batches, "find_rows_kept", find)
        found = find(**asked)
        assert found is not None
        services.apply_batch(batch=other, actor=operator, at=AT)
        return found

    monkeypatch.setattr(batches, "find_rows_kept", find_and_lose)
    batch = services.apply_batch(batch=preview, actor=operator, at=AT)
    assert batch.report["outcomes"]["joined"] == 1
    assert Building.objects.filter(site__park=park).count() == 1


def test_file_that_became_wrong_in_the_last_moment_is_refused_and_writes_nothing(
    listed: Callable[..., Batch], operator: User, park: Park, monkeypatch: pytest.MonkeyPatch
) -> None:
    preview = listed(EAST)
    find = batches.find_rows_kept

    def find_and_lose(**asked: Any) -> Any:
        found = find(**asked)
        audit.record("intake.batch.discarded", target=preview, actor=operator, at=AT)
        document = Document.objects.get(pk=preview.document_id)
        staging.forget_document(document=document)
        staging.path_of(document.sha256).write_bytes(b"")
        return found

    monkeypatch.setattr(batches, "find_rows_kept", find_and_lose)
    batch = services.apply_batch(batch=preview, actor=operator, at=AT)
    assert (batch.state, batch.report["problems"][0]["code"]) == (Batch.State.REFUSED, "file_empty")
    assert not Building.objects.filter(site__park=park).exists()


def test_matched_rows_are_kept_with_their_reasons(
    listed: Callable[..., Batch], operator: User, counted: dict[str, int]
) -> None:
    services.apply_batch(batch=listed(EAST), actor=operator, at=AT)
    typed = counted["typed"]
    preview = listed(["East Hall LLC", "123 Main St.", 1991, "11,800"], ["West Hall", "9 Side Road", 12, "x"])
    batch = services.apply_batch(batch=preview, actor=operator, at=AT)
    assert counted["typed"] == typed + 1
    for part in ("outcomes", "unread", "sheets", "remarks", "counts", "aside"):
        assert batch.report[part] == preview.report[part]
    assert (batch.report["outcomes"]["joined"], batch.report["outcomes"]["refused"]) == (1, 1)


@pytest.mark.usefixtures("toy")
def test_what_one_person_checked_is_checked_again_for_another(
    check: Check, park: Park, counted: dict[str, int]
) -> None:
    batch = check({"Gadgets": [HEAD, FULL]})
    services.apply_batch(batch=batch, actor=make_user(Role.OPERATOR, park.branch), at=AT)
    assert counted["typed"] == 2


@pytest.mark.usefixtures("toy")
def test_discarded_batch_leaves_nothing_behind(check: Check, operator: User, settings: Any) -> None:
    batch = check({"Gadgets": [HEAD, FULL]})
    assert len(staged(settings)) == 1
    services.discard_batch(batch=batch, actor=operator, at=AT)
    assert staged(settings) == []


@pytest.mark.usefixtures("toy")
def test_what_nobody_came_back_for_is_removed(check: Check, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    check({"Gadgets": [HEAD, FULL]})
    before = staged(settings)
    monkeypatch.setattr(staging, "KEPT_S", -1)
    check({"Gadgets": [HEAD, ["G-2", "Press"]]})
    assert len(staged(settings)) == 1
    assert staged(settings) != before


def test_preview_leaves_no_event_and_the_chain_holds(listed: Callable[..., Batch]) -> None:
    listed(EAST)
    assert [e.code for e in AuditEvent.objects.order_by("pk")] == ["intake.batch.uploaded", "intake.batch.checked"]
    assert audit.verify_chain().holds
    assert not Delivery.objects.exists()


@pytest.mark.usefixtures("toy")
def test_what_another_state_of_the_program_found_out_is_not_used(
    check: Check, operator: User, counted: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = check({"Gadgets": [HEAD, FULL]})
    monkeypatch.setattr(staging, "_program", lambda: [("rows.py", 1, 1)])
    services.apply_batch(batch=batch, actor=operator, at=AT)
    assert counted["typed"] == 2
