"""The demo's whole record: taken in again it changes nothing, and what differs is shown before it is written."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from parkbrain.intake import services
from parkbrain.intake.models import Batch, Origin, WrittenRow
from parkbrain.intake.queries import get_report, list_takers
from parkbrain.kernel import bulk
from parkbrain.kernel import work as jobs
from parkbrain.kernel.models import AuditEvent, Job, Park, User
from tests.demo_fixtures import demo_park, loaded_demo
from tests.factories import AT

from .conftest import workbook_bytes
from .whole import FIRM, ROWS, Take, record, sheets

__all__ = ["demo_park", "loaded_demo"]
LATER = AT + timedelta(days=200)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def exported(demo_park: Park, tmp_path: Path) -> Path:
    """The demo park's record as a workbook."""
    path = tmp_path / "record.xlsx"
    services.write_export(park=demo_park, target=path, language="en")
    return path


@pytest.fixture
def operator_of_demo(demo_park: Park) -> User:
    """Who runs the demo park."""
    return User.objects.get(username="operator")


def sheet_of(book: Any, key: str) -> Any:
    """Return the sheet of a thing in an exported workbook."""
    return book.worksheets[1 + [t.key for t in list_takers()].index(key)]


def test_whole_record_of_the_demo_taken_in_again_changes_nothing(
    demo_park: Park, exported: Path, operator_of_demo: User
) -> None:
    before, events = record(), AuditEvent.objects.count()
    summary = services.import_file(path=exported, actor=operator_of_demo, at=LATER)
    assert not summary.problems, summary.as_text()
    assert (summary.created, summary.updated) == (0, 0)
    assert summary.unchanged > 1000
    assert record() == before
    new = AuditEvent.objects.order_by("-pk")[: AuditEvent.objects.count() - events]
    assert {e.code for e in new} == {"intake.batch.uploaded", "intake.batch.applied"}
    assert not WrittenRow.objects.filter(batch_id=summary.batch_id).exists()
    assert not Origin.objects.filter(batch_id=summary.batch_id).exists()


@pytest.mark.parametrize("key", [t.key for t in list_takers()])
def test_every_sheet_of_the_demo_is_known_by_its_identity(
    demo_park: Park, exported: Path, operator_of_demo: User, key: str
) -> None:
    book = openpyxl.load_workbook(exported)
    keep = sheet_of(book, key)
    for sheet in book.worksheets[1:]:
        if sheet.title != keep.title and sheet.sheet_state == "visible":
            book.remove(sheet)
    book.save(exported)
    summary = services.import_file(
        path=exported, actor=operator_of_demo, at=LATER, park_code=demo_park.code, dry_run=True
    )
    assert not summary.problems, summary.as_text()
    assert (summary.created, summary.updated) == (0, 0)
    assert summary.unchanged >= 1
    assert summary.left_out == []


def test_whole_record_under_a_new_code_can_be_rolled_back(
    demo_park: Park, exported: Path, operator_of_demo: User
) -> None:
    before = record()
    book = openpyxl.load_workbook(exported)
    sheet_of(book, "park")["B2"].value = "COPY-1"
    # The declared facts name files that are stored with the park they came from; a certificate of green power counts
    # once, for one park.
    for sheet in [sheet_of(book, key) for key in ("facts", "green_power")]:
        book.remove(sheet)
    book.save(exported)
    summary = services.import_file(path=exported, actor=operator_of_demo, at=LATER)
    assert not summary.problems, summary.as_text()
    assert record() != before
    batch = Batch.objects.get(pk=summary.batch_id)
    services.roll_back_batch(batch=batch, actor=operator_of_demo, at=LATER)
    assert record() == before


def checked(content: Any, clerk: User, park: Park | None = None) -> Batch:
    batch = services.upload_batch(name="x.xlsx", chunks=[workbook_bytes(content)], park=park, actor=clerk, at=AT)
    return services.check_batch(batch=batch, actor=clerk, at=AT)


def test_file_of_fewer_rows_says_what_it_leaves_as_it_is(take: Take, clerk: User) -> None:
    take(sheets())
    before = record()
    fewer = {
        "park": ROWS["park"],
        "storeys": ROWS["storeys"][:2],
        "premises": ROWS["premises"][:3],
        "enterprises": [["uscc", "name_zh_hans"], [FIRM, "新名公司"]],
    }
    batch = checked(fewer, clerk)
    report = get_report(batch=batch)
    assert [(one.kind, one.count, list(one.names)) for one in report.left_out] == [
        ("Storeys", 2, ["A · 2", "A · 3"]),
        ("Premises", 1, ["A-2"]),
    ]
    changes = [(c.sheet, c.row, c.name, [(f.label, f.old, f.new) for f in c.fields]) for c in report.changes]
    assert ("enterprises", 2, "新名公司") in [c[:3] for c in changes]
    assert ("Name (Chinese)", "回退公司", "新名公司") in changes[0][3]
    client = Client()
    client.force_login(clerk)
    shown = client.get(reverse("import_batch", args=[batch.pk])).content.decode()
    for text in ("Not in the file, left as they are", "A-2", "Storeys: 2"):
        assert text in shown
    applied = services.apply_batch(batch=batch, actor=clerk, at=AT)
    assert get_report(batch=applied).left_out == report.left_out
    after = record()
    assert len(after["space.premises"]) == len(before["space.premises"])
    assert after["space.storey"] == before["space.storey"]


def test_terminal_says_the_differences_before_anything_is_written(
    take: Take,
    clerk: User,
    tmp_path: Path,
) -> None:
    take(sheets())
    path = tmp_path / "changed.xlsx"
    path.write_bytes(
        workbook_bytes({"park": ROWS["park"], "returns": [["uscc", "year", "staff_count"], [FIRM, 2025, 81]]})
    )
    summary = services.import_file(path=path, actor=clerk, at=LATER, dry_run=True)
    assert "Staff 80 → 81" in summary.as_text()
    assert summary.as_dict()["changes"][0]["fields"] == {"staff_count": [80, 81]}


def test_cancel_in_the_middle_of_the_writing_leaves_nothing(clerk: User, monkeypatch: Any, settings: Any) -> None:
    from parkbrain.intake.services import queue

    before = record()
    batch = checked(sheets(), clerk)
    job = jobs.start_job(kind=queue.APPLY, actor=clerk, at=AT)
    written: list[str] = []
    insert = bulk.insert_values

    def slow(*, model: Any, **rest: Any) -> None:
        written.append(model.__name__)
        if model is Origin:
            # The very last rows are on their way when the person presses Cancel.
            jobs.cancel_job(job_id=job.pk)
            # On SQLite that write waits for this transaction: what is seen of it is the sign alone.
            Job.objects.filter(pk=job.pk).update(cancel_requested=False)
        insert(model=model, **rest)

    monkeypatch.setattr(bulk, "insert_values", slow)
    services.run_batch_job.call(job_id=job.pk, batch_id=batch.pk)
    job.refresh_from_db()
    batch.refresh_from_db()
    assert "Premises" in written
    assert (job.state, batch.state) == (Job.State.CANCELLED, Batch.State.CHECKED)
    assert record() == before
    assert not Origin.objects.filter(batch=batch).exists()
    assert not list(Path(settings.MEDIA_ROOT).glob(".stop*"))


def test_cancel_of_a_rollback_leaves_everything(take: Take, clerk: User, monkeypatch: Any) -> None:
    batch = take(sheets())
    before = record()

    def stop(stage: str, done: int, total: int) -> None:
        if stage == "Rolling back":
            raise jobs.JobCancelled

    with pytest.raises(jobs.JobCancelled):
        services.roll_back_batch(batch=batch, actor=clerk, at=LATER, progress=stop)
    assert record() == before
    assert Batch.objects.get(pk=batch.pk).state == Batch.State.APPLIED
