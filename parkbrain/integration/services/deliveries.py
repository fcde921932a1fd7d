"""Events on their way: written beside the event, sent by the worker, tried again with growing pauses."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.kernel import audit
from parkbrain.kernel.models import AuditEvent, User

from ..models import Delivery, Webhook
from ..queries import can_see_events, list_due_deliveries
from .addresses import CannotReachAddress
from .sending import Answer, CannotSend, send_message
from .webhooks import CannotDeliver, pause_webhook, signing_secret

#: Pauses after the first, second … failed attempt: eight attempts over a good day.
PAUSES = tuple(
    timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 420, 780)
)  # fmt: skip
ATTEMPTS = len(PAUSES) + 1
#: A worker that has not reported on a delivery for this long is dead: the delivery is tried again.
CLAIM = timedelta(minutes=2)
#: One run sends for at most this long [s]; the scheduler starts the next.
RUN_S = 20.0
PING = "integration.ping"
#: What has arrived or failed stays in the log for this long.
KEPT = timedelta(days=60)

State = Delivery.State


def outbox_events(*, events: Sequence[AuditEvent]) -> None:
    """Write what is to be sent about new events, in the transaction that wrote them."""
    with connection.cursor() as cursor:
        # Plain SQL: every change asks this, and most often nobody listens.
        cursor.execute(f"SELECT 1 FROM {Webhook._meta.db_table} WHERE state = %s LIMIT 1", [Webhook.State.ACTIVE.value])
        if cursor.fetchone() is None:
            return
    hooks = Webhook.objects.filter(state=Webhook.State.ACTIVE, owner__is_active=True)
    deliveries = []
    for hook in hooks.select_related("owner", "branch"):
        wanted = [event for event in events if hook.wants(event.code)]
        seen = {park and park.pk for park in {e.park for e in wanted} if can_see_events(webhook=hook, park=park)}
        deliveries += [_about(hook, event) for event in wanted if event.park_id in seen]
    Delivery.objects.bulk_create(deliveries, batch_size=500)


def _about(webhook: Webhook, event: AuditEvent) -> Delivery:
    data = {
        "event_id": event.pk,
        "actor": event.actor.username if event.actor else None,
        "park_id": event.park_id,
        "park_code": event.park.code if event.park else None,
        "target": {"kind": event.target_label, "id": event.target_id, "name": event.target_name},
        "details": audit.details_of(event),
    }
    return _delivery(webhook, event.code, event.at, data, event)


def _delivery(webhook: Webhook, code: str, at: datetime, data: dict[str, Any], event: AuditEvent | None) -> Delivery:
    body = {"type": code, "timestamp": at, "data": data}
    return Delivery(
        webhook=webhook,
        event=event,
        code=code,
        message_id=f"msg_{uuid.uuid4().hex}",
        body=json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False),
        created_at=at,
        next_at=at,
    )


@transaction.atomic
def ping_webhook(*, webhook: Webhook, actor: User, at: datetime) -> Delivery:
    """Queue a test message.

    :raises CannotDeliver: the webhook is somebody else's, or paused.
    """
    if actor.pk != webhook.owner_id:
        raise CannotDeliver(_("This is somebody else's webhook."))
    if webhook.state == Webhook.State.PAUSED:
        raise CannotDeliver(_("The webhook is paused: resume it first."))
    delivery = _delivery(webhook, PING, at, {"webhook_id": webhook.pk}, None)
    delivery.save()
    return delivery


@transaction.atomic
def resend_delivery(*, delivery: Delivery, actor: User, at: datetime) -> None:
    """Queue a delivery again, with its own id: the receiver can tell that it is the same.

    :raises CannotDeliver: the webhook is somebody else's, or paused; or the delivery is under way.
    """
    if actor.pk != delivery.webhook.owner_id:
        raise CannotDeliver(_("This is somebody else's webhook."))
    if delivery.webhook.state == Webhook.State.PAUSED:
        raise CannotDeliver(_("The webhook is paused: resume it first."))
    ended = Delivery.objects.filter(pk=delivery.pk, state__in=[State.DELIVERED, State.FAILED])
    if not ended.update(state=State.WAITING, next_at=at, attempts=0):
        raise CannotDeliver(_("The delivery is still under way."))


def deliver_due(*, clock: Callable[[], datetime] = timezone.now, seconds: float = RUN_S) -> int:
    """Send what is due and return how many arrived; a webhook that fails keeps its others waiting for the next run."""
    until, arrived, failed = time.monotonic() + seconds, 0, set[int]()
    for delivery in list_due_deliveries(at=clock()):
        if time.monotonic() > until:
            break
        if delivery.webhook_id in failed:
            continue
        now = clock()
        # The claim is one statement: of two workers that see the same delivery, one sends it.
        due = Delivery.objects.filter(pk=delivery.pk, next_at=delivery.next_at, state=delivery.state)
        if not due.update(state=State.SENDING, next_at=now + CLAIM):
            continue
        if _send(delivery, now):
            arrived += 1
        else:
            failed.add(delivery.webhook_id)
    return arrived


def sweep_deliveries(*, at: datetime) -> int:
    """Forget deliveries that ended long ago and return how many."""
    ended = Delivery.objects.filter(state__in=[State.DELIVERED, State.FAILED], created_at__lt=at - KEPT)
    return ended.delete()[0]


def _send(delivery: Delivery, now: datetime) -> bool:
    hook = delivery.webhook
    if delivery.event is not None and not can_see_events(webhook=hook, park=delivery.event.park):
        # The owner's role was taken away since: what they may not see any more is not sent either.
        _finish(delivery, State.FAILED, now, error=_("the owner may not see this event any more"))
        return True
    answer: Answer | None = None
    try:
        answer = send_message(
            url=hook.url,
            secret=signing_secret(webhook=hook),
            message_id=delivery.message_id,
            body=delivery.body,
            at=now,
        )
    except (CannotReachAddress, CannotSend) as refusal:
        error = str(refusal)
    else:
        if 200 <= answer.status < 300:
            _finish(delivery, State.DELIVERED, now, answer=answer)
            return True
        error = _("answered %(status)s") % {"status": answer.status}
    _fail(delivery, now, error, answer)
    return False


def _fail(delivery: Delivery, now: datetime, error: str, answer: Answer | None) -> None:
    tried = delivery.attempts + 1
    # The others wait a moment too: an address that does not answer is not asked once for each of them.
    behind = Delivery.objects.filter(webhook=delivery.webhook, state=State.WAITING, next_at__lt=now + PAUSES[0])
    behind.update(next_at=now + PAUSES[0])
    if tried < ATTEMPTS:
        _finish(delivery, State.WAITING, now, answer=answer, error=error, next_at=now + PAUSES[tried - 1])
        return
    with transaction.atomic():
        _finish(delivery, State.FAILED, now, answer=answer, error=error)
        # Nobody was there for a whole day: sending on would only fill the log.
        pause_webhook(webhook=delivery.webhook, actor=None, at=now, reason=error)


def _finish(
    delivery: Delivery,
    state: str,
    now: datetime,
    *,
    answer: Answer | None = None,
    error: str = "",
    next_at: datetime | None = None,
) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(
        state=state,
        next_at=next_at,
        attempts=delivery.attempts + 1,
        last_at=now,
        last_status=answer.status if answer else None,
        last_error=error[:200],
        duration_ms=answer.duration_ms if answer else None,
    )
