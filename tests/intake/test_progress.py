"""Whoever watches sees how far the work is, also while it writes in one transaction that nobody else can look into."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from parkbrain.intake import services
from parkbrain.intake.models import Origin
from parkbrain.intake.services import queue
from parkbrain.kernel import bulk
from parkbrain.kernel import work as jobs
from parkbrain.kernel.models import Job
from parkbrain.kernel.roles import Role
from tests.factories import AT, make_branch, make_user

from .conftest import workbook_bytes
from .whole import sheets


def elsewhere(ask: Any) -> Any:
    """Return the answer of another connection to the database."""
    answers: list[Any] = []

    def run() -> None:
        try:
            answers.append(ask())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return answers[0]


@pytest.mark.django_db(transaction=True)
def test_progress_of_the_writing_is_seen_from_another_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    person = make_user(Role.ADMINISTRATOR, make_branch())
    batch = services.upload_batch(name="park.xlsx", chunks=[workbook_bytes(sheets())], park=None, actor=person, at=AT)
    batch = services.check_batch(batch=batch, actor=person, at=AT)
    assert batch.problem_count == 0, batch.report["problems"]
    job = jobs.start_job(kind=queue.APPLY, actor=person, at=AT)
    type(batch).objects.filter(pk=batch.pk).update(job=job)
    monkeypatch.setattr(queue, "_TELL_EVERY_S", 0.0)
    seen: list[tuple[int, int]] = []
    insert = bulk.insert_values

    def watched(*, model: Any, **rest: Any) -> None:
        insert(model=model, **rest)
        if model is Origin:
            assert transaction.get_connection().in_atomic_block
            # The job alone: of an SQLite in memory, as tests have it, tables that are being written cannot be read at all.
            found = elsewhere(lambda: Job.objects.get(pk=job.pk))
            assert found.done_steps == 0
            jobs.with_progress(job=found)
            seen.append((found.done_steps, found.total_steps))

    monkeypatch.setattr(bulk, "insert_values", watched)
    services.run_batch_job.call(job_id=job.pk, batch_id=batch.pk)
    assert [0 < done < total for done, total in seen] == [True]
    job.refresh_from_db()
    assert (job.state, job.percent) == (Job.State.DONE, 100)


@pytest.mark.django_db
def test_progress_never_goes_back_and_ends_at_the_whole() -> None:
    person = make_user(Role.ADMINISTRATOR, make_branch())
    batch = services.upload_batch(name="park.xlsx", chunks=[workbook_bytes(sheets())], park=None, actor=person, at=AT)
    told: list[tuple[int, int]] = []

    def tell(stage: str, done: int, total: int) -> None:
        told.append((done, total))

    batch = services.check_batch(batch=batch, actor=person, at=AT, progress=tell)
    assert all(done <= total for done, total in told)
    assert [done for done, _total in told] == sorted(done for done, _total in told)
    told.clear()
    services.apply_batch(batch=batch, actor=person, at=AT, progress=tell)
    assert [done for done, _total in told] == sorted(done for done, _total in told)
    assert told[-1][0] == told[-1][1] > 0
