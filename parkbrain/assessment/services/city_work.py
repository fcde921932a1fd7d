"""Work over all parks that one job at a time does: started, carried out with progress, stopped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from parkbrain.kernel import work
from parkbrain.kernel.models import Job, User


def _under_way(kind: str) -> QuerySet[Job]:
    return Job.objects.filter(kind=kind, state__in=[Job.State.WAITING, Job.State.RUNNING])


@transaction.atomic
def start_city_work(
    *, kind: str, record: Callable[[Job], object], enqueue: Callable[..., Any], actor: User, at: datetime
) -> Job:
    """Queue the work of a kind and record that, or return the job that is under way."""
    busy = _under_way(kind).first()
    if busy is not None:
        return busy
    job = work.start_job(kind=kind, actor=actor, at=at)
    record(job)
    # With the data: a worker that sees the task sees the job too.
    transaction.on_commit(lambda: enqueue(job_id=job.pk))
    return job


def run_city_work(*, job_id: int, refresh: Callable[..., int]) -> None:
    """Do the work of a job: `refresh(at, progress)` tells how far it is and returns how many parks it was done for."""

    def tell(done: int, total: int) -> None:
        work.report_progress(job_id=job_id, done_steps=done, total_steps=total)

    work.run_job(job_id=job_id, work=lambda _job: {"parks": refresh(at=timezone.now(), progress=tell)})


def cancel_city_work(*, kind: str) -> None:
    """Stop the work of a kind that is under way; what was found before stays."""
    for job in _under_way(kind):
        work.cancel_job(job_id=job.pk)
