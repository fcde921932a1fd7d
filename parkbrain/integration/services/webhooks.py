"""Keep webhooks: subscribe, pause, resume, delete."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from parkbrain.kernel import audit
from parkbrain.kernel.models import Branch, User
from parkbrain.kernel.roles import Permission

from ..models import Webhook
from ..queries import is_event_pattern
from .addresses import CannotReachAddress, resolve_address
from .sending import SECRET_MARK

MOST_WEBHOOKS = 20


class CannotCreateWebhook(Exception):
    """The webhook cannot be kept like this."""


class CannotDeliver(Exception):
    """Nothing can be sent to this webhook by this person now."""


def signing_secret(*, webhook: Webhook) -> str:
    """Return the key that the webhook's messages are signed with."""
    digest = salted_hmac("parkbrain.integration.webhook", webhook.salt, algorithm="sha256").digest()
    return SECRET_MARK + base64.b64encode(digest).decode()


@transaction.atomic
def create_webhook(
    *, owner: User, url: str, events: Sequence[str], actor: User, at: datetime, branch: Branch | None = None
) -> Webhook:
    """Subscribe an address to events; `branch` narrows them to a part of what the owner may see.

    :raises CannotCreateWebhook: the owner may not see events there, the address is not allowed, or events are unknown.
    """
    if actor.pk != owner.pk or not owner.may(Permission.VIEW_AUDIT, branch.path if branch else None):
        raise CannotCreateWebhook(_("You may not see the events of this branch."))
    if not events or not all(is_event_pattern(text=event) for event in events):
        raise CannotCreateWebhook(_("Choose at least one event."))
    if Webhook.objects.visible_to(owner).count() >= MOST_WEBHOOKS:
        raise CannotCreateWebhook(_("You have %(count)s webhooks already.") % {"count": MOST_WEBHOOKS})
    try:
        resolve_address(url=url)
    except CannotReachAddress as refusal:
        raise CannotCreateWebhook(str(refusal)) from refusal
    webhook = Webhook.objects.create(
        owner=owner, url=url, events=sorted(events), branch=branch, salt=secrets.token_hex(16), created_at=at
    )
    audit.record("integration.webhook.created", target=webhook, actor=actor, at=at, events=webhook.events)
    return webhook


@transaction.atomic
def pause_webhook(*, webhook: Webhook, actor: User | None, at: datetime, reason: str = "") -> None:
    """Stop sending; events of the pause are not sent later.

    :raises CannotDeliver: it is somebody else's webhook.
    """
    _check_owner(webhook, actor)
    if Webhook.objects.filter(pk=webhook.pk, state=Webhook.State.ACTIVE).update(
        state=Webhook.State.PAUSED, paused_reason=reason[:200]
    ):
        audit.record("integration.webhook.paused", target=webhook, actor=actor, at=at, reason=reason)


@transaction.atomic
def resume_webhook(*, webhook: Webhook, actor: User, at: datetime) -> None:
    """Send again, beginning with what still waits.

    :raises CannotDeliver: it is somebody else's webhook.
    """
    _check_owner(webhook, actor)
    if Webhook.objects.filter(pk=webhook.pk, state=Webhook.State.PAUSED).update(
        state=Webhook.State.ACTIVE, paused_reason=""
    ):
        audit.record("integration.webhook.resumed", target=webhook, actor=actor, at=at)


@transaction.atomic
def delete_webhook(*, webhook: Webhook, actor: User, at: datetime) -> None:
    """Forget a webhook with its deliveries.

    :raises CannotDeliver: it is somebody else's webhook.
    """
    _check_owner(webhook, actor)
    audit.record("integration.webhook.deleted", target=webhook, actor=actor, at=at)
    webhook.delete()


def _check_owner(webhook: Webhook, actor: User | None) -> None:
    if actor is not None and actor.pk != webhook.owner_id:
        raise CannotDeliver(_("This is somebody else's webhook."))
