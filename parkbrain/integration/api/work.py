"""Long work: its state, its progress, and a way to stop it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from parkbrain.kernel.models import Job
from parkbrain.kernel.work import cancel_job as ask_to_stop
from parkbrain.kernel.work import with_progress
from parkbrain.ui.rest import Out, Page, Slice, choice, found, paged, require

from ..queries import can_cancel_job, visible_jobs

router = Router()


class JobOut(Out):
    """Long work that somebody asked for."""

    id: int
    kind: str = Field(description="What it does, for example intake.apply.")
    park_id: int | None
    state: str = Field(description="WAITING, RUNNING, DONE, FAILED or CANCELLED.")
    percent: int | None = Field(description="Progress; null while the size of the work is not known.")
    reason: str = Field(description="Why it failed.")
    result: dict[str, Any]
    requested_by: str | None
    requested_at: datetime
    ended_at: datetime | None
    cancel_requested: bool


class JobParams(Slice):
    """Which jobs."""

    state: str = choice(Job.State.values, "Only jobs in this state.")


def _job(job: Job) -> JobOut:
    job = with_progress(job=job)
    return JobOut(
        id=job.pk,
        kind=job.kind,
        park_id=job.park_id,
        state=job.state,
        percent=job.percent,
        reason=job.reason,
        result=job.result,
        requested_by=job.requested_by.username if job.requested_by else None,
        requested_at=job.requested_at,
        ended_at=job.ended_at,
        cancel_requested=job.cancel_requested,
    )


@router.get("/jobs", response=Page[JobOut], summary="Jobs")
def list_jobs(request: HttpRequest, part: Query[JobParams]) -> Page[JobOut]:
    """The work that you asked for, and work on parks whose record you may change; the newest first."""
    rows = visible_jobs(user=request.user)
    if part.state:
        rows = rows.filter(state=part.state)
    return paged(Page[JobOut], request, rows.order_by("-requested_at", "-pk"), part, _job)


@router.get("/jobs/{int:job_id}", response=JobOut, summary="One job")
def get_job(request: HttpRequest, job_id: int) -> JobOut:
    """The state of a job; ask again every few seconds while it waits or runs."""
    return _job(found(visible_jobs(user=request.user), pk=job_id))


@router.post("/jobs/{int:job_id}/cancel", response=JobOut, summary="Stop a job")
def cancel_job(request: HttpRequest, job_id: int) -> JobOut:
    """Ask a job to stop: one that waits is cancelled now, one that runs stops at its next step. An ended job stays so."""
    job = found(visible_jobs(user=request.user), pk=job_id)
    require(can_cancel_job(user=request.user, job=job))
    ask_to_stop(job_id=job.pk)
    job.refresh_from_db()
    return _job(job)
