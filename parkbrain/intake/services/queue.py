"""Large files are checked and applied by a worker, with progress to watch and a way to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django_tasks import task

from parkbrain.kernel import work as jobs
from parkbrain.kernel.models import Job, User

from ..models import Batch
from ..queries import count_written_rows
from .batches import apply_batch, check_batch
from .examination import Progress
from .refusals import CannotApplyBatch, CannotCheckBatch, CannotRollBackBatch
from .rollback import find_batch_to_roll_back, roll_back_batch

CHECK, APPLY, ROLL_BACK = "intake.check", "intake.apply", "intake.roll_back"
#: Files up to this size are taken in while the person waits [bytes]; about two thousand rows.
INLINE_BYTES = 100_000
#: Imports that wrote up to this many rows are rolled back while the person waits.
INLINE_ROWS = 2000
#: Progress is stored at most this often [s].
_TELL_EVERY_S = 0.5


def start_check(*, batch: Batch, actor: User, at: datetime) -> Batch:
    """Check a batch: a small file now, a large one through a worker.

    :raises CannotCheckBatch: it is applied or discarded, or work on it is under way.
    """
    if _is_busy(batch):
        raise CannotCheckBatch(_("Work on this file is under way."))
    if batch.document.size_bytes <= INLINE_BYTES:
        return check_batch(batch=batch, actor=actor, at=at)
    return _enqueue(batch, CHECK, actor, at)


def start_apply(*, batch: Batch, actor: User, at: datetime) -> Batch:
    """Apply a batch that was checked: a small one now, a large one through a worker.

    :raises CannotApplyBatch: it was not checked, has errors, or work on it is under way.
    """
    if batch.state != Batch.State.CHECKED:
        raise CannotApplyBatch(_("Only a file that was checked and has no errors can be applied."))
    if _is_busy(batch):
        raise CannotApplyBatch(_("Work on this file is under way."))
    if batch.document.size_bytes <= INLINE_BYTES:
        return apply_batch(batch=batch, actor=actor, at=at)
    return _enqueue(batch, APPLY, actor, at)


def start_roll_back(*, batch: Batch, actor: User, at: datetime) -> Batch:
    """Roll an applied batch back: a small one now, a large one through a worker.

    :raises CannotRollBackBatch: it is not applied, something was built upon it, or work on it is under way.
    """
    find_batch_to_roll_back(batch_id=batch.pk, actor=actor)
    if _is_busy(batch):
        raise CannotRollBackBatch(_("Work on this file is under way."))
    if count_written_rows(batch=batch) <= INLINE_ROWS:
        return roll_back_batch(batch=batch, actor=actor, at=at)
    return _enqueue(batch, ROLL_BACK, actor, at)


def cancel_work(*, batch: Batch) -> None:
    """Ask the work on a batch to stop; nothing will have been written."""
    if batch.job is not None:
        jobs.cancel_job(job_id=batch.job.pk)


def _is_busy(batch: Batch) -> bool:
    return batch.job is not None and batch.job.is_under_way


def _enqueue(batch: Batch, kind: str, actor: User, at: datetime) -> Batch:
    with transaction.atomic():
        job = jobs.start_job(kind=kind, actor=actor, at=at, park=batch.park)
        Batch.objects.filter(pk=batch.pk).update(job=job)
        # With the data: a worker that sees the task sees the batch and the job too.
        transaction.on_commit(lambda: run_batch_job.enqueue(job_id=job.pk, batch_id=batch.pk))
    return Batch.objects.select_related("job").get(pk=batch.pk)


@task()
def run_batch_job(*, job_id: int, batch_id: int) -> None:
    """Do the work of a job on a batch, in the language of the person who asked for it."""
    jobs.run_job(job_id=job_id, work=lambda job: _work(job, batch_id))


def _work(job: Job, batch_id: int) -> dict[str, int]:
    batch = Batch.objects.select_related("document", "park__branch", "branch").get(pk=batch_id)
    actor = job.requested_by
    assert actor is not None
    run: Callable[..., Batch] = {CHECK: check_batch, APPLY: apply_batch, ROLL_BACK: roll_back_batch}[job.kind]
    with override(actor.language):
        done = run(batch=batch, actor=actor, at=timezone.now(), progress=_teller(job.pk))
    return {"batch": done.pk, "problems": done.problem_count, "changes": done.change_count}


def _teller(job_id: int) -> Progress:
    """Return a progress function that stores at most twice a second and stops the work where a person asked for it."""
    told_at = 0.0

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal told_at
        if time.monotonic() - told_at < _TELL_EVERY_S:
            jobs.stop_where_asked(job_id=job_id)
            return
        told_at = time.monotonic()
        jobs.report_progress(job_id=job_id, done_steps=done, total_steps=total)

    return tell
