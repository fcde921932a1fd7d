"""Webhooks and what was delivered to them."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from parkbrain.kernel.models import Branch
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import branches_q
from parkbrain.ui.rest import MOST_ID, In, Out, Page, Slice, choice, found, paged, refusals, require

from .. import queries, services
from ..models import Delivery, Webhook

router = Router()


class WebhookOut(Out):
    """An address that is told of events."""

    id: int
    url: str
    events: list[str] = Field(description="Codes, beginnings ending in a dot, or *.")
    branch_id: int | None = Field(description="The branch whose events are sent; null: all that you may see.")
    state: str = Field(description="ACTIVE or PAUSED.")
    paused_reason: str
    created_at: datetime


class NewWebhookOut(WebhookOut):
    """A new webhook with the key its messages are signed with."""

    secret: str = Field(description="Shown once. Messages are signed with it as the Standard Webhooks say.")


class WebhookIn(In):
    """A new webhook."""

    url: str = Field(max_length=500, description="Where to send, https:// or http://.")
    events: list[str] = Field(min_length=1, max_length=100, description="Codes, beginnings ending in a dot, or *.")
    branch_id: int | None = Field(None, ge=1, le=MOST_ID, description="Only events of this branch.")


class DeliveryOut(Out):
    """An event on its way to a webhook."""

    id: int
    message_id: str = Field(description="The header webhook-id: the same at every attempt.")
    code: str
    state: str = Field(description="WAITING, SENDING, DELIVERED or FAILED.")
    attempts: int
    last_status: int | None = Field(description="HTTP status of the last answer; null where none came.")
    last_error: str
    duration_ms: int | None
    created_at: datetime
    next_at: datetime | None
    body: str = Field(description="The message as it is sent and signed.")


class DeliveryParams(Slice):
    """Which deliveries."""

    state: str = choice(Delivery.State.values, "Only deliveries in this state.")


def _webhook(hook: Webhook) -> WebhookOut:
    return WebhookOut(
        id=hook.pk,
        url=hook.url,
        events=hook.events,
        branch_id=hook.branch_id,
        state=hook.state,
        paused_reason=hook.paused_reason,
        created_at=hook.created_at,
    )


def _delivery(one: Delivery) -> DeliveryOut:
    return DeliveryOut(
        id=one.pk,
        message_id=one.message_id,
        code=one.code,
        state=one.state,
        attempts=one.attempts,
        last_status=one.last_status,
        last_error=one.last_error,
        duration_ms=one.duration_ms,
        created_at=one.created_at,
        next_at=one.next_at,
        body=one.body,
    )


def _own(request: HttpRequest, webhook_id: int) -> Webhook:
    require(request.user.may(Permission.VIEW_AUDIT))
    return found(Webhook.objects.visible_to(request.user), pk=webhook_id)


@router.get("/webhooks", response=Page[WebhookOut], summary="Webhooks")
def list_webhooks(request: HttpRequest, part: Query[Slice]) -> Page[WebhookOut]:
    """Your webhooks, the newest first."""
    require(request.user.may(Permission.VIEW_AUDIT))
    return paged(Page[WebhookOut], request, queries.list_webhooks(user=request.user), part, _webhook)


@router.post("/webhooks", response={201: NewWebhookOut}, summary="Subscribe to events")
def create_webhook(request: HttpRequest, values: WebhookIn) -> NewWebhookOut:
    """Tell an address of events: of those that you may see in the audit trail. The secret is in this answer only."""
    require(request.user.may(Permission.VIEW_AUDIT))
    branch = None
    if values.branch_id is not None:
        within = branches_q(request.user, Permission.VIEW_AUDIT, field="path")
        branch = found(Branch.objects.filter(within), pk=values.branch_id)
    with refusals(services.CannotCreateWebhook):
        hook = services.create_webhook(
            owner=request.user,
            url=values.url,
            events=values.events,
            branch=branch,
            actor=request.user,
            at=timezone.now(),
        )
    return NewWebhookOut(**_webhook(hook).model_dump(), secret=services.signing_secret(webhook=hook))


@router.get("/webhooks/{int:webhook_id}", response=WebhookOut, summary="One webhook")
def get_webhook(request: HttpRequest, webhook_id: int) -> WebhookOut:
    """One of your webhooks."""
    return _webhook(_own(request, webhook_id))


@router.delete("/webhooks/{int:webhook_id}", response={204: None}, summary="Delete a webhook")
def delete_webhook(request: HttpRequest, webhook_id: int) -> None:
    """Forget a webhook with its deliveries."""
    services.delete_webhook(webhook=_own(request, webhook_id), actor=request.user, at=timezone.now())


@router.post("/webhooks/{int:webhook_id}/ping", response={202: DeliveryOut}, summary="Send a test message")
def ping_webhook(request: HttpRequest, webhook_id: int) -> DeliveryOut:
    """Queue a test message; the worker sends it within seconds."""
    with refusals(services.CannotDeliver):
        sent = services.ping_webhook(webhook=_own(request, webhook_id), actor=request.user, at=timezone.now())
    return _delivery(sent)


@router.get("/webhooks/{int:webhook_id}/deliveries", response=Page[DeliveryOut], summary="Deliveries")
def list_deliveries(request: HttpRequest, webhook_id: int, part: Query[DeliveryParams]) -> Page[DeliveryOut]:
    """What was sent to a webhook or waits to be, the newest first."""
    rows = queries.list_deliveries(webhook=_own(request, webhook_id))
    if part.state:
        rows = rows.filter(state=part.state)
    return paged(Page[DeliveryOut], request, rows, part, _delivery)
