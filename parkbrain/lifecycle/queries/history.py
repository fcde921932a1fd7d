"""What happened to a subject and its duties, from the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from parkbrain.kernel import audit
from parkbrain.kernel.models import AuditEvent

from ..models import Duty, LifeSubject


@dataclass(frozen=True)
class Happened:
    """An event as pages show it."""

    at: datetime
    text: str
    actor: str


def list_duty_events(*, duty: Duty, limit: int = 40) -> list[Happened]:
    """Return what happened to a duty, the newest first."""
    return _events(Q(target_label="lifecycle.duty", target_id=str(duty.pk)), limit)


def list_subject_events(*, subject: LifeSubject, limit: int = 12) -> list[Happened]:
    """Return how a subject went through its stages and how its duties were settled, the newest first."""
    thing = subject.thing
    about = Q(target_label=thing._meta.label_lower, target_id=str(thing.pk), code__startswith="lifecycle.")
    keys = [str(pk) for pk in subject.duties.values_list("pk", flat=True)]
    settled = Q(target_label="lifecycle.duty", target_id__in=keys) & ~Q(code__startswith="lifecycle.duty.assign")
    return _events(about | settled, limit)


def _events(condition: Q, limit: int) -> list[Happened]:
    events = AuditEvent.objects.filter(condition).select_related("actor").order_by("-at", "-id")[:limit]
    return [Happened(event.at, audit.sentence(event), str(event.actor or "")) for event in events]
