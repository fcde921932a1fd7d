"""The audit trail: every state change is one event with an actor, a time and a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from .models import AuditEvent, Park, User
from .registry import events_recorded

_SENTENCES: dict[str, str | Promise] = {}


def describe(code: str, sentence: str | Promise) -> None:
    """Register the sentence people read for an event; `%(target)s` and keys of the details may stand in it."""
    if code in _SENTENCES:
        raise ValueError(f"event {code} is described twice")
    _SENTENCES[code] = sentence


def described_codes() -> frozenset[str]:
    """Return every event code that has a sentence."""
    return frozenset(_SENTENCES)


def record(
    code: str,
    *,
    target: models.Model,
    actor: User | None,
    at: datetime,
    park: Park | None = None,
    **details: Any,
) -> AuditEvent:
    """Write one event; call it inside the transaction that makes the change."""
    if code not in _SENTENCES:
        raise LookupError(f"event {code} has no sentence: register it with audit.describe in apps.py")
    event = AuditEvent.objects.create(
        code=code,
        at=at,
        actor=actor,
        park=park,
        target_label=target._meta.label_lower,
        target_id=str(target.pk),
        target_name=str(target)[:200],
        details=details,
    )
    events_recorded(events=[event])
    return event


def record_many(
    code: str,
    *,
    targets: Iterable[tuple[models.Model, Mapping[str, Any]]],
    actor: User | None,
    at: datetime,
    park: Park | None = None,
) -> None:
    """Write one event per target with its own details, in one statement; for services that take many rows at once."""
    if code not in _SENTENCES:
        raise LookupError(f"event {code} has no sentence: register it with audit.describe in apps.py")
    events = AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                code=code,
                at=at,
                actor=actor,
                park=park,
                target_label=target._meta.label_lower,
                target_id=str(target.pk),
                target_name=str(target)[:200],
                details=dict(details),
            )
            for target, details in targets
        ]
    )
    events_recorded(events=events)


def sentence(event: AuditEvent) -> str:
    """Return the event as a sentence in the active language."""
    template = str(_SENTENCES.get(event.code, event.code))
    values = {
        "target": event.target_name,
        **{k: v for k, v in event.details.items() if not isinstance(v, (dict, list))},
    }
    try:
        return template % values
    except (KeyError, ValueError, TypeError):
        # An old event may lack a key that a newer sentence names; its code still says what happened.
        return _("%(code)s: %(target)s") % {"code": event.code, "target": event.target_name}
