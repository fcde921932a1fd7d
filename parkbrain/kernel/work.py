"""Long work with progress and cancel, on any task backend; every job ends in done, failed with a reason, or cancelled."""

from __future__ import annotations

import functools
import gc
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from .models import Job, Park, User

logger = logging.getLogger(__name__)

#: A running job whose worker has not been heard of for this long is dead.
STALE_AFTER = timedelta(minutes=5)


Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def without_collecting(call: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Return the function with the search for reference cycles put off until it is done.

    Work over tens of thousands of rows makes millions of objects, none of them in a cycle; looking through all of them
    again and again takes a quarter of its time. What is in no cycle is freed as always.
    """

    @functools.wraps(call)
    def quietly(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        was_on = gc.isenabled()
        gc.disable()
        try:
            return call(*args, **kwargs)
        finally:
            if was_on:
                gc.enable()

    return quietly


class JobCancelled(Exception):
    """Raised inside the work when somebody asked for it to stop; the transaction rolls back."""


def start_job(*, kind: str, actor: User | None, at: datetime, park: Park | None = None) -> Job:
    """Record work that is about to be queued."""
    return Job.objects.create(kind=kind, park=park, requested_by=actor, requested_at=at)


def report_progress(*, job_id: int, done_steps: int, total_steps: int) -> None:
    """Store progress and raise `JobCancelled` where a person asked to stop.

    Written on its own connection state: callers inside a long transaction use `Progress`, which throttles.
    """
    Job.objects.filter(pk=job_id).update(done_steps=done_steps, total_steps=total_steps, heartbeat_at=timezone.now())
    stop_where_asked(job_id=job_id)


def run_job(*, job_id: int, work: Callable[[Job], Mapping[str, Any] | None]) -> None:
    """Run the work of a job and record how it ended; a failure keeps its reason and is logged with the job's number."""
    started = Job.objects.filter(pk=job_id, state=Job.State.WAITING).update(
        state=Job.State.RUNNING, heartbeat_at=timezone.now()
    )
    if not started:
        return  # taken by another worker, or cancelled before it began: tasks are idempotent
    job = Job.objects.get(pk=job_id)
    _stop_sign(job_id).unlink(missing_ok=True)
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
    _stop_sign(job_id).unlink(missing_ok=True)
    Job.objects.filter(pk=job_id).update(state=state, reason=reason, result=dict(result or {}), ended_at=timezone.now())


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


def stale_jobs(*, at: datetime) -> list[Job]:
    """Return the jobs that say they run but whose worker has gone silent."""
    limit = at - STALE_AFTER
    return list(Job.objects.filter(state=Job.State.RUNNING).filter(Q(heartbeat_at__lt=limit) | Q(heartbeat_at=None)))


def reap_stale_jobs(*, at: datetime) -> int:
    """End stale jobs as failed, so that nobody waits for a dead worker; return how many."""
    stale = [job.pk for job in stale_jobs(at=at)]
    return Job.objects.filter(pk__in=stale, state=Job.State.RUNNING).update(
        state=Job.State.FAILED, reason="the worker stopped before the work was done", ended_at=at
    )
