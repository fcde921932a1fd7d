"""Publish the table of a round: frozen, numbered, with small cells kept back."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit
from parkbrain.kernel.models import User

from ..models import DataRound, Publication, Submission
from ..queries.tables import build_content
from .rounds import CannotRunRound, check_may_run


@transaction.atomic
def publish_round(*, data_round: DataRound, actor: User | None, at: datetime) -> Publication:
    """Publish what was accepted as a new version; earlier ones stay as they were.

    :raises CannotRunRound: the actor may not, the round is still open, nothing was accepted, or nothing changed since the
        last version.
    """
    check_may_run(branch=data_round.branch, actor=actor)
    one = DataRound.objects.select_for_update().get(pk=data_round.pk)
    if one.state != DataRound.State.CLOSED:
        raise CannotRunRound(_("Close the round first: what is published does not change any more."))
    count = one.submissions.filter(state=Submission.State.ACCEPTED).count()
    if not count:
        raise CannotRunRound(_("No answer was accepted: there is nothing to publish."))
    content = build_content(data_round=one)
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    last = one.publications.order_by("-version").first()
    if last is not None and last.sha256 == digest:
        raise CannotRunRound(_("Nothing changed since version %(version)s.") % {"version": last.version})
    publication = Publication.objects.create(
        round=one,
        version=last.version + 1 if last else 1,
        published_by=actor,
        published_at=at,
        park_count=count,
        content=content,
        sha256=digest,
    )
    audit.record(
        "portfolio.round.published", target=one, actor=actor, at=at, version=publication.version, hash=digest[:12]
    )
    return publication
