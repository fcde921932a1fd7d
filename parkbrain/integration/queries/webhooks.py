"""Webhooks, the events there are, and deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from parkbrain.kernel import audit, scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission, Role

from ..models import Delivery, Webhook

#: Deliveries of one run of the worker.
RUN_ROWS = 200


@dataclass(frozen=True)
class EventGroup:
    """The events about one kind of thing: the beginning of their codes, and the codes."""

    prefix: str
    codes: Sequence[str]


def list_event_groups() -> list[EventGroup]:
    """Return the events of the installation by what they are about ("enterprises.occupancy.")."""
    groups: dict[str, list[str]] = {}
    for code in sorted(audit.described_codes()):
        groups.setdefault(code.rpartition(".")[0] + ".", []).append(code)
    return [EventGroup(prefix, codes) for prefix, codes in groups.items()]


def is_event_pattern(*, text: str) -> bool:
    """Tell whether a text names an event, or the beginning of some up to a dot, or all."""
    codes = audit.described_codes()
    return text == "*" or text in codes or (text.endswith(".") and any(code.startswith(text) for code in codes))


def can_see_events(*, webhook: Webhook, park: Park | None) -> bool:
    """Tell whether the webhook's owner may see the audit trail of a park, within the webhook's own branch.

    Events of no park are the installation's own: they reach who looks after all of it, by a webhook of no branch.
    """
    if not webhook.owner.is_active:
        return False
    if park is None:
        others = frozenset(Role) - {Role.ADMINISTRATOR}
        return webhook.branch is None and scope.covers_everything(webhook.owner, Permission.VIEW_AUDIT, besides=others)
    path = park.branch.path
    inside = webhook.branch is None or path.startswith(webhook.branch.path)
    return inside and webhook.owner.may(Permission.VIEW_AUDIT, path)


def list_webhooks(*, user: User) -> list[Webhook]:
    """Return the person's webhooks."""
    return list(Webhook.objects.visible_to(user).select_related("branch"))


def list_deliveries(*, webhook: Webhook) -> QuerySet[Delivery]:
    """Return what was sent to a webhook or waits to be, the newest first."""
    return Delivery.objects.filter(webhook=webhook)


def list_due_deliveries(*, at: datetime) -> list[Delivery]:
    """Return the deliveries to send now, the oldest first; one whose worker died is due again."""
    open_ones = Q(state=Delivery.State.WAITING) | Q(state=Delivery.State.SENDING)
    due = Delivery.objects.filter(open_ones, next_at__lte=at, webhook__state=Webhook.State.ACTIVE)
    related = due.select_related("webhook__owner", "webhook__branch", "event__park__branch")
    return list(related.order_by("next_at", "pk")[:RUN_ROWS])
