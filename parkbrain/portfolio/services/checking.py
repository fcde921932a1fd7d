"""Keep with every submission the hints that its figures give."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction

from parkbrain.kernel import audit
from parkbrain.kernel.models import User

from ..models import DataRound, Finding, Submission
from ..queries.hints import find_hints, load_figures
from .rounds import check_may_run


def check_submissions(*, data_round: DataRound, submission_ids: Collection[int] | None = None) -> int:
    """Check what was handed in, all or some of it, against everything else in the round; return how many hints there are.

    The caller's transaction holds what is written.
    """
    figures = load_figures(data_round=data_round, submission_ids=submission_ids)
    found = find_hints(figures=figures)
    Finding.objects.filter(submission_id__in=found).delete()
    rows = [
        Finding(submission_id=submission, kind=hint.kind, fact_key=hint.fact_key, params=dict(hint.params))
        for submission, hints in found.items()
        for hint in hints
    ]
    Finding.objects.bulk_create(rows, batch_size=2000)
    changed = [Submission(pk=submission, finding_count=len(hints)) for submission, hints in found.items()]
    Submission.objects.bulk_update(changed, ["finding_count"], batch_size=500)
    return len(rows)


@transaction.atomic
def check_round(
    *,
    data_round: DataRound,
    actor: User | None,
    at: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Check all that was handed in anew, as every park that answers changes what is usual; return how many hints there are.

    :raises CannotRunRound: the actor may not run it.
    """
    check_may_run(branch=data_round.branch, actor=actor)
    count = check_submissions(data_round=data_round)
    if progress:
        # The figures of all parks are held against each other at once: the last moment to stop is before they are kept.
        progress(1, 1)
    audit.record("portfolio.round.checked", target=data_round, actor=actor, at=at, hints=count)
    return count
