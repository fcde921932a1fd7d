"""The admission review: what has to be known of a firm before a lease is drafted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import User

from ..models import AdmissionReview, Lead, ReviewFinding
from .leads import CannotChangeLead, locked_lead

Outcome = AdmissionReview.Outcome


@transaction.atomic
def review_lead(
    *,
    lead: Lead,
    values: Mapping[str, Any],
    findings: Mapping[str, tuple[bool, str]],
    actor: User | None,
    at: datetime,
    reviewer: User | None = None,
) -> AdmissionReview:
    """Keep the review of a lead: `findings` by subject whether it is in order, and what was found.

    A subject that is left out was not looked at, and the review is not a full one. A later review stands beside it.

    :raises CannotChangeLead: nothing was looked at, a day ahead, admitted without conditions although a finding is not
        in order, conditions or a refusal without a word, or the actor may not.
    """
    lead = locked_lead(lead=lead, actor=actor)
    if not findings:
        raise CannotChangeLead(_("Say of at least one subject what was found."))
    if values["reviewed_on"] > timezone.localdate(at):
        raise CannotChangeLead(_("This day lies ahead."))
    outcome = values["outcome"]
    if outcome == Outcome.ADMITTED and not all(is_met for is_met, _note in findings.values()):
        raise CannotChangeLead(_("Something is not in order: admit on conditions, or do not admit."))
    if outcome != Outcome.ADMITTED and not values.get("note"):
        raise CannotChangeLead(_("Say on which conditions, or why not."))
    review = AdmissionReview.objects.create(lead=lead, reviewer=reviewer or actor, **values)
    ReviewFinding.objects.bulk_create(
        ReviewFinding(review=review, subject=subject, is_met=is_met, note=note)
        for subject, (is_met, note) in findings.items()
    )
    audit.record(
        "leasing.review.kept",
        target=lead,
        actor=actor,
        at=at,
        park=lead.park,
        outcome=str(outcome),
        reviewed_on=review.reviewed_on.isoformat(),
    )
    registry.park_changed(park_ids=[lead.park_id], at=at)
    return review
