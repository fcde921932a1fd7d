"""Every job ends in done, failed with a reason, or cancelled."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from parkbrain.kernel import work as jobs
from parkbrain.kernel.models import Job

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)


def started() -> Job:
    return jobs.start_job(kind="test", actor=None, at=NOON)


def test_finished_work_is_done_with_its_result() -> None:
    job = started()
    jobs.run_job(job_id=job.pk, work=lambda j: {"rows": 3})
    job.refresh_from_db()
    assert (job.state, job.result) == (Job.State.DONE, {"rows": 3})
    assert job.ended_at is not None


def test_failed_work_keeps_its_reason() -> None:
    def fail(job: Job) -> Mapping[str, Any]:
        raise ValueError("row 7 is wrong")

    job = started()
    jobs.run_job(job_id=job.pk, work=fail)
    job.refresh_from_db()
    assert (job.state, job.reason) == (Job.State.FAILED, "row 7 is wrong")


def test_running_work_stops_at_its_next_step_when_asked() -> None:
    def work(job: Job) -> None:
        jobs.cancel_job(job_id=job.pk)
        jobs.report_progress(job_id=job.pk, done_steps=1, total_steps=10)
        raise AssertionError("went on after the cancel")

    job = started()
    jobs.run_job(job_id=job.pk, work=work)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED
    assert job.percent == 10


def test_waiting_work_that_was_cancelled_never_runs() -> None:
    job = started()
    jobs.cancel_job(job_id=job.pk)
    jobs.run_job(job_id=job.pk, work=lambda j: pytest.fail("ran"))
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_the_same_job_is_not_run_twice() -> None:
    runs: list[int] = []
    job = started()
    for _ in range(2):
        jobs.run_job(job_id=job.pk, work=lambda j: runs.append(j.pk))
    assert runs == [job.pk]


def test_a_job_whose_worker_went_silent_ends_as_failed() -> None:
    job = started()
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, heartbeat_at=NOON)
    assert jobs.reap_stale_jobs(at=NOON + jobs.STALE_AFTER - timedelta(seconds=1)) == 0
    assert jobs.reap_stale_jobs(at=NOON + jobs.STALE_AFTER + timedelta(seconds=1)) == 1
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "worker stopped" in job.reason


def test_progress_told_from_inside_a_transaction_is_seen_outside(settings: Any) -> None:
    job = started()

    def work(running: Job) -> None:
        with transaction.atomic():
            jobs.report_progress(job_id=job.pk, done_steps=3, total_steps=10)
            seen = Job.objects.get(pk=job.pk)
            assert seen.done_steps == 0
            assert jobs.with_progress(job=seen).percent == 30
            # A second worker's job has its own.
            assert jobs.with_progress(job=started()).percent is None

    jobs.run_job(job_id=job.pk, work=work)
    job.refresh_from_db()
    assert (job.state, job.percent) == (Job.State.DONE, 30)
    assert not list(Path(settings.MEDIA_ROOT).glob(".progress*"))


def test_a_job_that_tells_its_progress_from_inside_a_transaction_is_alive() -> None:
    job = started()
    now = datetime.now(UTC)
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, heartbeat_at=now - 2 * jobs.STALE_AFTER)
    jobs.report_progress(job_id=job.pk, done_steps=3, total_steps=10)
    assert jobs.reap_stale_jobs(at=now) == 0
    assert jobs.reap_stale_jobs(at=now + 2 * jobs.STALE_AFTER) == 1


def test_half_a_sign_is_no_progress(settings: Any) -> None:
    job = started()
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, done_steps=1, total_steps=4)
    Path(settings.MEDIA_ROOT, f".progress-{job.pk}").write_text("3", encoding="ascii")
    assert jobs.with_progress(job=Job.objects.get(pk=job.pk)).percent == 25


def test_work_that_ended_while_its_job_was_read_is_not_shown_as_it_was_before() -> None:
    job = started()
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING, done_steps=1, total_steps=4)
    read = Job.objects.get(pk=job.pk)
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, done_steps=4)
    assert (jobs.with_progress(job=read).percent, read.state) == (100, Job.State.DONE)


@pytest.mark.django_db(transaction=True)
def test_what_a_transaction_asks_for_many_times_is_done_once_and_not_after_a_roll_back() -> None:
    done: list[int] = []
    with transaction.atomic():
        for _time in range(3):
            jobs.once_on_commit(done.append, 1)
        with suppress(ZeroDivisionError), transaction.atomic():
            jobs.once_on_commit(done.append, 2)
            raise ZeroDivisionError
        jobs.once_on_commit(done.append, 3)
    assert done == [1, 3]
    jobs.once_on_commit(done.append, 1)
    assert done == [1, 3, 1]
