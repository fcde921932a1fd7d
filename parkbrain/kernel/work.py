"""Long work with progress and cancel, on any task backend; every job ends in done, failed with a reason, or cancelled."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from .models import Job, Park, User

logger = logging.getLogger(__name__)

#: A running job whose worker has not been heard of for this long is dead.
STALE_AFTER = timedelta(minutes=5)


@dataclass(frozen=True)
class _Once:
    """A call that waits for the end of a transaction, equal to another of the same function and arguments."""

    function: Callable[..., Any]
    args: tuple[Any, ...]

    def __call__(self) -> None:
        self.function(*self.args)


def once_on_commit(function: Callable[..., Any], *args: Any) -> None:
    """Call a function once the transaction is stored, once however often it is asked for before that.

    A transaction may change a thousand rows that each want the same work done.
    """
    wanted = _Once(function, args)
    if not any(waiting == wanted for _savepoints, waiting, *_rest in transaction.get_connection().run_on_commit):
        transaction.on_commit(wanted)


class JobCancelled(Exception):
    """Raised inside the work when somebody asked for it to stop; the transaction rolls back."""


def start_job(*, kind: str, actor: User | None, at: datetime, park: Park | None = None) -> Job:
    """Record work that is about to be queued."""
    return Job.objects.create(kind=kind, park=park, requested_by=actor, requested_at=at)


def report_progress(*, job_id: int, done_steps: int, total_steps: int) -> None:
    """Tell how far a job is, and raise `JobCancelled` where a person asked to stop.

    From inside a transaction it is told through a file: a row written there is seen by nobody before the end.
    """
    if transaction.get_connection().in_atomic_block:
        path = _progress_file(job_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        # Renamed: a reader sees the whole of it or what was there before.
        new = path.with_suffix(".new")
        new.write_text(f"{done_steps} {total_steps}", encoding="ascii")
        os.replace(new, path)
    else:
        known = {"done_steps": done_steps, "total_steps": total_steps}
        Job.objects.filter(pk=job_id).update(**known, heartbeat_at=timezone.now())
        _progress_file(job_id).unlink(missing_ok=True)
    stop_where_asked(job_id=job_id)


def with_progress(*, job: Job) -> Job:
    """Return the job with the progress that its work told last, also from inside its long transaction."""
    if job.state != Job.State.RUNNING:
        return job
    try:
        done_steps, total_steps = _progress_file(job.pk).read_text(encoding="ascii").split()
    except (FileNotFoundError, ValueError):
        # Told by the row, which is written before the file goes: it may have been since the job was read.
        job.refresh_from_db(fields=["state", "done_steps", "total_steps"])
    else:
        job.done_steps, job.total_steps = int(done_steps), int(total_steps)
    return job


def run_job(*, job_id: int, work: Callable[[Job], Mapping[str, Any] | None]) -> None:
    """Run the work of a job and record how it ended; a failure keeps its reason and is logged with the job's number."""
    started = Job.objects.filter(pk=job_id, state=Job.State.WAITING).update(
        state=Job.State.RUNNING, heartbeat_at=timezone.now()
    )
    if not started:
        return  # taken by another worker, or cancelled before it began: tasks are idempotent
    job = Job.objects.get(pk=job_id)
    _forget_signs(job_id)
    try:
        result = work(job)
    except JobCancelled:
        _end(job_id, Job.State.CANCELLED)
    except Exception as error:
        logger.exception("job %s failed", job_id)
        _end(job_id, Job.State.FAILED, reason=str(error) or type(error).__name__)
    else:
        _end(job_id, Job.State.DONE, result=dict(result or {}))


def _end(job_id: int, state: str, *, reason: str = "", result: Mapping[str, Any] | None = None) -> None:
    job = with_progress(job=Job.objects.get(pk=job_id))
    known = {"done_steps": job.done_steps, "total_steps": job.total_steps, "ended_at": timezone.now()}
    Job.objects.filter(pk=job_id).update(state=state, reason=reason, result=dict(result or {}), **known)
    _forget_signs(job_id)


def cancel_job(*, job_id: int) -> None:
    """Ask a job to stop: one that waits is cancelled now, one that runs stops at its next step."""
    now = timezone.now()
    if Job.objects.filter(pk=job_id, state=Job.State.RUNNING).exists():
        # On SQLite work that is writing keeps every other writer waiting until it has ended; a file it can see at once.
        sign = _stop_sign(job_id)
        sign.parent.mkdir(parents=True, exist_ok=True)
        sign.touch()
    Job.objects.filter(pk=job_id, state=Job.State.WAITING).update(state=Job.State.CANCELLED, ended_at=now)
    Job.objects.filter(pk=job_id, state=Job.State.RUNNING).update(cancel_requested=True)


def stop_where_asked(*, job_id: int) -> None:
    """Raise `JobCancelled` where a person asked for the job to stop, also from inside its long transaction."""
    if _stop_sign(job_id).exists() or Job.objects.filter(pk=job_id, cancel_requested=True).exists():
        raise JobCancelled


def _stop_sign(job_id: int) -> Path:
    # Beside the documents: the one folder that every process of an installation shares.
    return Path(settings.MEDIA_ROOT) / f".stop-{job_id}"


def _progress_file(job_id: int) -> Path:
    return Path(settings.MEDIA_ROOT) / f".progress-{job_id}"


def _forget_signs(job_id: int) -> None:
    _stop_sign(job_id).unlink(missing_ok=True)
    _progress_file(job_id).unlink(missing_ok=True)


def _told_since(job_id: int, limit: datetime) -> bool:
    """Tell whether the work of a job gave a sign of life from inside its long transaction."""
    try:
        return _progress_file(job_id).stat().st_mtime >= limit.timestamp()
    except FileNotFoundError:
        return False


def stale_jobs(*, at: datetime) -> list[Job]:
    """Return the jobs that say they run but whose worker has gone silent."""
    limit = at - STALE_AFTER
    silent = Job.objects.filter(state=Job.State.RUNNING).filter(Q(heartbeat_at__lt=limit) | Q(heartbeat_at=None))
    return [job for job in silent if not _told_since(job.pk, limit)]


def reap_stale_jobs(*, at: datetime) -> int:
    """End stale jobs as failed, so that nobody waits for a dead worker; return how many."""
    stale = [job.pk for job in stale_jobs(at=at)]
    return Job.objects.filter(pk__in=stale, state=Job.State.RUNNING).update(
        state=Job.State.FAILED, reason="the worker stopped before the work was done", ended_at=at
    )
