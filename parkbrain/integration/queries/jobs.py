"""Long work that a person may watch."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from parkbrain.kernel import scope
from parkbrain.kernel.models import Job, User
from parkbrain.kernel.roles import Permission


def visible_jobs(*, user: User) -> QuerySet[Job]:
    """Return the jobs that the person asked for, and those on parks whose record they may change."""
    of_parks = scope.branches_q(user, Permission.EDIT_RECORD, field="park__branch__path")
    return Job.objects.filter(of_parks | Q(requested_by=user)).select_related("park", "requested_by")


def can_cancel_job(*, user: User, job: Job) -> bool:
    """Tell whether the person may stop a job: their own, or one on a park whose record they may change."""
    if job.requested_by_id == user.pk:
        return True
    return job.park is not None and user.may(Permission.EDIT_RECORD, job.park.branch.path)
