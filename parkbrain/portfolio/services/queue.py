"""Work over the parks of a round: a few while the person waits, many through a worker, with progress and a way to stop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django_tasks import task

from parkbrain.kernel import work as jobs
from parkbrain.kernel.models import Job, User

from ..models import DataRound, Submission
from .checking import check_round
from .decisions import accept_clean
from .reminders import remind_parks
from .rounds import CannotRunRound, check_may_run

ACCEPT, CHECK, REMIND = "portfolio.accept", "portfolio.check", "portfolio.remind"
#: A round that asks up to so many parks is worked on while the person waits.
INLINE_PARKS = 60
Work = Callable[..., int]
_WORK: Mapping[str, Work] = {ACCEPT: accept_clean, CHECK: check_round, REMIND: remind_parks}


def start_round_work(*, kind: str, data_round: DataRound, actor: User, at: datetime) -> int | None:
    """Do work over the parks of a round and return how many it was done for; None where a worker does it.

    :raises CannotRunRound: the actor may not, the round is not open, or other work on it is under way.
    :raises CannotDecide: an answer cannot be accepted.
    """
    check_may_run(branch=data_round.branch, actor=actor)
    if data_round.state != DataRound.State.OPEN:
        raise CannotRunRound(_("This round is not open."))
    if data_round.submissions.count() <= INLINE_PARKS:
        return _WORK[kind](data_round=data_round, actor=actor, at=at)
    with transaction.atomic():
        # Two people press at once: the second one finds the work of the first.
        locked = DataRound.objects.select_for_update(of=("self",)).select_related("job").get(pk=data_round.pk)
        if locked.job is not None and locked.job.is_under_way:
            raise CannotRunRound(_("Work on this round is under way."))
        locked.job = jobs.start_job(kind=kind, actor=actor, at=at)
        locked.save(update_fields=["job"])
        job_id = locked.job.pk
        # With the data: a worker that sees the task sees the round and the job too.
        transaction.on_commit(lambda: run_round_job.enqueue(job_id=job_id, round_id=locked.pk))
    return None


@task()
def run_round_job(*, job_id: int, round_id: int) -> None:
    """Do the work of a job on a round, in the language of the person who asked for it."""
    jobs.run_job(job_id=job_id, work=lambda job: _work(job, round_id))


def _work(job: Job, round_id: int) -> dict[str, int]:
    data_round = DataRound.objects.select_related("branch").get(pk=round_id)
    actor = job.requested_by
    assert actor is not None

    def tell(done: int, total: int) -> None:
        jobs.report_progress(job_id=job.pk, done_steps=done, total_steps=total)

    with override(actor.language):
        count = _WORK[job.kind](data_round=data_round, actor=actor, at=timezone.now(), progress=tell)
    return {"round": round_id, "count": count, "asked": Submission.objects.filter(round=data_round).count()}


def cancel_round_work(*, data_round: DataRound, actor: User) -> None:
    """Stop the work on a round that is under way; what was done for some of the parks stays.

    :raises CannotRunRound: the actor may not.
    """
    check_may_run(branch=data_round.branch, actor=actor)
    if data_round.job is not None and data_round.job.is_under_way:
        jobs.cancel_job(job_id=data_round.job.pk)
