"""The audit trail as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import Field

from parkbrain.kernel import audit
from parkbrain.kernel.models import AuditEvent
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import Day, Out, Page, Slice, found, id_filter, paged, require, text_filter

from .queries import visible_events

router = Router()


class EventOut(Out):
    """One state change: what, on what, by whom, when."""

    id: int
    code: str
    at: datetime
    sentence: str = Field(description="The event in the language of the request.")
    actor: str | None
    park_id: int | None
    target_kind: str
    target_id: str
    target_name: str
    details: dict[str, Any]


class EventParams(Slice):
    """Which events."""

    park: int | None = id_filter("Only events of this park.")
    code: str = text_filter("Only events whose code begins with this.")
    target_kind: str = text_filter("Only events on this kind of thing, for example enterprises.occupancy.")
    target_id: str = Field("", max_length=40, description="Only events on the thing with this number.")
    after_id: int | None = Field(None, ge=0, le=2**63 - 1, description="Only events after this one, to go on reading.")
    from_on: Day | None = Field(None, description="Only events from this day on.")


def _event(event: AuditEvent) -> EventOut:
    return EventOut(
        id=event.pk,
        code=event.code,
        at=event.at,
        sentence=audit.sentence(event),
        actor=event.actor.username if event.actor else None,
        park_id=event.park_id,
        target_kind=event.target_label,
        target_id=event.target_id,
        target_name=audit.target_name(event),
        details=audit.details_of(event),
    )


@router.get("/audit-events", response=Page[EventOut], summary="Audit events")
def list_audit_events(request: HttpRequest, part: Query[EventParams]) -> Page[EventOut]:
    """What was changed in your parks, by whom and when: the newest first, or from `after_id` on in order."""
    require(request.user.may(Permission.VIEW_AUDIT))
    rows = visible_events(user=request.user)
    if part.park:
        rows = rows.filter(park=part.park)
    if part.code:
        rows = rows.filter(code__startswith=part.code)
    if part.target_kind:
        rows = rows.filter(target_label=part.target_kind)
    if part.target_id:
        rows = rows.filter(target_id=part.target_id)
    if part.from_on:
        rows = rows.filter(at__date__gte=part.from_on)
    if part.after_id is not None:
        return paged(Page[EventOut], request, rows.filter(pk__gt=part.after_id).order_by("pk"), part, _event)
    return paged(Page[EventOut], request, rows.order_by("-at", "-pk"), part, _event)


@router.get("/audit-events/{int:event_id}", response=EventOut, summary="One audit event")
def get_audit_event(request: HttpRequest, event_id: int) -> EventOut:
    """One state change."""
    require(request.user.may(Permission.VIEW_AUDIT))
    return _event(found(visible_events(user=request.user), pk=event_id))
