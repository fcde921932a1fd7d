"""An import happens as a whole or not at all, and every value remembers its cell."""

from __future__ import annotations

import ast
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from parkbrain.intake import services
from parkbrain.intake.models import Batch, Origin
from parkbrain.intake.queries import list_origins
from parkbrain.intake.services.queue import INLINE_BYTES
from parkbrain.kernel import registry
from parkbrain.kernel.models import AuditEvent, Document, Job, Park, User
from parkbrain.kernel.roles import Role
from tests.factories import AT, make_park, make_user

from .conftest import workbook_bytes
from .toy import COLUMNS, gadgets

Check = Callable[..., Batch]
HEAD = ["Gadget code", "Gadget name", "Mass (t)", "How many", "Bought on", "In use", "Grade", "Price (10k yuan)"]
ROW = ["G-1", "Lathe", "2,500 kg", "３", date(2026, 3, 31), "√", "Good one", "5.2万元"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("toy")]


def apply(batch: Batch, actor: User) -> Batch:
    return services.apply_batch(batch=batch, actor=actor, at=AT)


def test_preview_writes_nothing(check: Check, park: Park) -> None:
    batch = check({"Gadgets": [HEAD, ROW]})
    assert batch.state == Batch.State.CHECKED
    assert (batch.row_count, batch.change_count, batch.problem_count) == (1, 1, 0)
    assert gadgets(park) == {}
    assert not Origin.objects.exists()


def test_values_arrive_typed(check: Check, operator: User, park: Park) -> None:
    apply(check({"Gadgets": [HEAD, ROW]}), operator)
    written = gadgets(park)["G-1"]
    for pair in (("mass_t", "2.5"), ("count", "3"), ("bought_on", "2026-03-31"), ("in_use", "True"), ("grade", "GOOD")):
        assert str(pair) in written
    assert Decimal("5.2") == Decimal(dict(ast.literal_eval(written))["price_wan"])


def test_every_value_remembers_file_sheet_and_cell(check: Check, operator: User, park: Park) -> None:
    batch = apply(check({"Gadgets": [["Title"], HEAD, ROW]}), operator)
    target = Document.objects.get(sha256="G-1", park=park)
    cells = {o.field: o for o in list_origins(target_label="kernel.document", target_id=target.pk)}
    mass = cells["mass_t"]
    assert (mass.file_name, mass.sheet, mass.cell, mass.batch_id, mass.taken_at) == (
        "gadgets.xlsx", "Gadgets", "C3", batch.pk, AT,
    )  # fmt: skip


def test_same_file_twice_changes_nothing(check: Check, operator: User) -> None:
    apply(check({"Gadgets": [HEAD, ROW]}), operator)
    again = check({"Gadgets": [HEAD, ROW]})
    assert again.report["counts"] == {"create": 0, "update": 0, "nothing": 1}
    apply(again, operator)
    assert Origin.objects.count() == 1


def test_changed_file_shows_a_list_of_differences(check: Check, operator: User) -> None:
    apply(check({"Gadgets": [HEAD, ROW, ["G-2", "Press"]]}), operator)
    batch = check({"Gadgets": [HEAD, ["G-1", "Lathe 2", *ROW[2:]], ["G-2", "Press"], ["G-3", "Saw"]]})
    assert batch.report["counts"] == {"create": 1, "update": 1, "nothing": 1}
    change = batch.report["changes"][0]
    assert (change["action"], change["row"], change["name"]) == ("update", 2, "G-1")
    assert "Lathe 2" in change["fields"]["name"][1]


def test_empty_cell_says_nothing_and_clear_says_empty(check: Check, operator: User, park: Park) -> None:
    apply(check({"Gadgets": [HEAD, ["G-1", "", "(clear)"]]}), operator)
    assert gadgets(park)["G-1"] == str([("code", "G-1"), ("mass_t", "None")])


def test_example_rows_are_left_out_with_a_remark(check: Check) -> None:
    batch = check({"Gadgets": [["Mark", *HEAD], ["示例", *ROW], [None, "G-2"]]})
    assert batch.row_count == 1
    assert batch.report["remarks"] == [{"code": "remark_examples", "params": {"count": 1, "sheet": "Gadgets"}}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_in_every_usual_encoding(
    check: Check, operator: User, park: Park, encoding: str, separator: str
) -> None:
    lines = [
        ["器物编号" if encoding != "big5" else "Gadget code", "Gadget name", "备注" if encoding != "big5" else "備註"]
    ]
    lines.append(["G-1", "香港車床" if encoding == "big5" else "数控车床", "x"])
    content = "\r\n".join(separator.join(line) for line in lines).encode(encoding)
    batch = apply(check(content, "器物.csv"), operator)
    assert batch.state == Batch.State.APPLIED
    assert lines[1][1] in gadgets(park)["G-1"]
    assert [c["field"] for c in batch.report["sheets"][0]["columns"]] == ["code", "name", None]


def test_sheet_is_recognized_by_its_headings_in_any_language(check: Check) -> None:
    sheet = check({"Sheet1": [["器物编号", "器物名称", "质量（kg）"], ["G-1", "车床", 2500]]}).report["sheets"][0]
    assert (sheet["state"], sheet["taker"]) == ("taken", "gadgets")


def test_heading_in_another_unit_scales_with_a_remark(check: Check, operator: User, park: Park) -> None:
    batch = apply(check({"Sheet1": [["器物编号", "器物名称", "质量（kg）"], ["G-1", "车床", 2500]]}), operator)
    assert "('mass_t', '2.5')" in gadgets(park)["G-1"]
    assert batch.report["remarks"][0]["code"] == "remark_unit"


def test_applied_batch_cannot_be_applied_again(check: Check, operator: User) -> None:
    batch = apply(check({"Gadgets": [HEAD, ROW]}), operator)
    with pytest.raises(services.CannotApplyBatch):
        apply(batch, operator)
    with pytest.raises(services.CannotDiscardBatch):
        services.discard_batch(batch=batch, actor=operator, at=AT)


def test_second_of_two_at_once_finds_the_batch_applied(check: Check, operator: User, park: Park) -> None:
    batch = check({"Gadgets": [HEAD, ROW]})
    stale = Batch.objects.get(pk=batch.pk)
    apply(batch, operator)
    with pytest.raises(services.CannotApplyBatch):
        apply(stale, operator)
    assert len(gadgets(park)) == 1


def test_person_without_the_park_cannot_apply(check: Check) -> None:
    batch = check({"Gadgets": [HEAD, ROW]})
    for stranger in (make_user(Role.OPERATOR), make_user(Role.ASSESSOR, batch.park.branch), make_user(None)):
        with pytest.raises(services.CannotApplyBatch):
            apply(batch, stranger)


def test_read_only_roles_cannot_upload(park: Park) -> None:
    for role in (Role.BUREAU, Role.ASSESSOR, Role.SERVICE_PROVIDER):
        with pytest.raises(services.CannotTakeIn):
            services.upload_batch(name="a.xlsx", chunks=[b"x"], park=park, actor=make_user(role, park.branch), at=AT)


def test_every_step_leaves_one_event(check: Check, operator: User) -> None:
    apply(check({"Gadgets": [HEAD, ROW]}), operator)
    bad = check({"Gadgets": [HEAD, ["G-1", "x", "heavy"]]})
    services.discard_batch(batch=bad, actor=operator, at=AT)
    codes = list(AuditEvent.objects.filter(code__startswith="intake.").order_by("pk").values_list("code", flat=True))
    assert codes == [
        "intake.batch.uploaded", "intake.batch.checked", "intake.batch.applied",
        "intake.batch.uploaded", "intake.batch.checked", "intake.batch.discarded",
    ]  # fmt: skip


def test_what_follows_is_followed_once_and_only_when_something_changed(
    check: Check, operator: User, park: Park, monkeypatch: Any
) -> None:
    followed: list[Any] = []
    followers = registry.Registry[Any]("follower")
    followers.add("test", lambda *, park_ids, at: followed.append(list(park_ids)))
    monkeypatch.setattr(registry, "followers", followers)
    batch = check({"Gadgets": [HEAD, ROW]})
    assert followed == []
    apply(batch, operator)
    assert followed == [[park.pk]]
    apply(check({"Gadgets": [HEAD, ROW]}), operator)
    assert followed == [[park.pk]]


def test_large_file_is_worked_on_by_a_job_that_ends(
    upload: Callable[..., Batch], operator: User, park: Park, django_capture_on_commit_callbacks: Any
) -> None:
    batch = upload(workbook_bytes({"Gadgets": [HEAD, *[[f"G-{i}", f"gadget {i}"] for i in range(8000)]]}))
    assert batch.document.size_bytes > INLINE_BYTES
    with django_capture_on_commit_callbacks(execute=True) as queued:
        services.start_check(batch=batch, actor=operator, at=AT)
    assert len(queued) == 1
    batch.refresh_from_db()
    # What the worker does; where tasks run at once it has happened already, and happens only once.
    services.run_batch_job.call(job_id=batch.job.pk, batch_id=batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.job.state, batch.change_count) == (Batch.State.CHECKED, Job.State.DONE, 8000)
    assert batch.job.result["changes"] == 8000


def test_cancelled_work_writes_nothing(
    upload: Callable[..., Batch], operator: User, park: Park, django_capture_on_commit_callbacks: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("parkbrain.intake.services.queue.INLINE_BYTES", 0)
    batch = upload(workbook_bytes({"Gadgets": [HEAD, ROW]}))
    services.start_check(batch=batch, actor=operator, at=AT)
    with pytest.raises(services.CannotCheckBatch):
        services.start_check(batch=Batch.objects.get(pk=batch.pk), actor=operator, at=AT)
    batch.refresh_from_db()
    services.cancel_work(batch=batch)
    services.run_batch_job.call(job_id=batch.job.pk, batch_id=batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.job.state) == (Batch.State.UPLOADED, Job.State.CANCELLED)


def test_cancel_while_rows_are_written_rolls_everything_back(
    check: Check, operator: User, park: Park, monkeypatch: Any
) -> None:
    from parkbrain.intake.services import queue
    from parkbrain.kernel import work as jobs

    batch = check({"Gadgets": [HEAD, ROW]})
    job = jobs.start_job(kind=queue.APPLY, actor=operator, at=AT, park=park)
    Job.objects.filter(pk=job.pk).update(cancel_requested=True)
    services.run_batch_job.call(job_id=job.pk, batch_id=batch.pk)
    job.refresh_from_db()
    batch.refresh_from_db()
    assert (job.state, batch.state) == (Job.State.CANCELLED, Batch.State.CHECKED)
    assert gadgets(park) == {}


def test_fault_of_ours_ends_the_job_with_a_reason(check: Check, operator: User, park: Park, monkeypatch: Any) -> None:
    from parkbrain.intake.services import queue
    from parkbrain.kernel import work as jobs

    def broken(**_anything: Any) -> Batch:
        raise RuntimeError("disk full")

    batch = check({"Gadgets": [HEAD, ROW]})
    monkeypatch.setattr(queue, "apply_batch", broken)
    job = jobs.start_job(kind=queue.APPLY, actor=operator, at=AT, park=park)
    services.run_batch_job.call(job_id=job.pk, batch_id=batch.pk)
    job.refresh_from_db()
    assert (job.state, job.reason) == (Job.State.FAILED, "disk full")


def test_terminal_import_applies_and_says_what_it_did(file: Callable[..., Path], operator: User, park: Park) -> None:
    path = file({"Gadgets": [HEAD, ROW]})
    stages: list[str] = []
    summary = services.import_file(
        path=path, actor=operator, at=AT, park_code=park.code, progress=lambda stage, done, total: stages.append(stage)
    )
    assert (summary.state, summary.created, summary.unchanged) == ("APPLIED", 1, 0)
    assert stages
    again = services.import_file(path=path, actor=operator, at=AT, park_code=park.code)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)


def test_dry_run_leaves_no_trace(file: Callable[..., Path], operator: User, park: Park) -> None:
    summary = services.import_file(
        path=file({"Gadgets": [HEAD, ROW]}), actor=operator, at=AT, park_code=park.code, dry_run=True
    )
    assert (summary.state, summary.created, summary.dry_run) == ("CHECKED", 1, True)
    assert not Batch.objects.exists()
    assert gadgets(park) == {}


def test_terminal_names_every_problem_with_its_place(file: Callable[..., Path], operator: User, park: Park) -> None:
    path = file({"Gadgets": [HEAD, ["G-1", "", "12,5O0"]]})
    summary = services.import_file(path=path, actor=operator, at=AT, park_code=park.code)
    assert (summary.state, summary.as_dict()["problem_count"]) == ("REFUSED", 1)
    assert "Gadgets C2" in summary.as_text()
    assert summary.as_dict()["problems"][0]["cell"] == "C2"


def test_terminal_refuses_an_unknown_or_foreign_park(file: Callable[..., Path], operator: User) -> None:
    path = file({"Gadgets": [HEAD, ROW]})
    for code in ("no-such-park", make_park().code):
        with pytest.raises(services.CannotTakeIn):
            services.import_file(path=path, actor=operator, at=AT, park_code=code)


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant", "en"])
def test_template_reads_back_as_the_toy(check: Check, language: str) -> None:
    buffer = io.BytesIO()
    services.write_template(target=buffer, language=language)
    batch = check(buffer.getvalue())
    assert [p["code"] for p in batch.report["problems"]] == ["no_rows"]
    taken = next(s for s in batch.report["sheets"] if s["taker"] == "gadgets")
    assert all(c["field"] for c in taken["columns"])
    assert len(taken["columns"]) == len(COLUMNS)
