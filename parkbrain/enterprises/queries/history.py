"""What happened to a firm and its rows, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel import audit, scope
from parkbrain.kernel.models import AuditEvent, User
from parkbrain.kernel.roles import Permission

from ..models import Enterprise

#: Kinds of events, by the middle of their code.
KINDS: dict[str, Promise] = {
    "enterprise": _("Register"),
    "occupancy": _("Premises"),
    "qualification": _("Certificates"),
    "address": _("Addresses"),
    "contact": _("Contacts"),
    "document": _("Documents"),
    "return": _("Returns"),
    "confidence": _("Confidential details"),
}


@dataclass(frozen=True)
class Event:
    """One line of the history."""

    at: datetime
    text: str
    actor: str


def list_history(*, enterprise: Enterprise, user: User, kind: str = "") -> QuerySet[AuditEvent]:
    """Return the audited events of a firm and of its rows, of one kind or all, within the person's scope."""
    rows = {
        "occupancy": enterprise.occupancies,
        "qualification": enterprise.qualifications,
        "enterpriseaddress": enterprise.addresses,
        "enterprisecontact": enterprise.contacts,
        "enterprisedocument": enterprise.documents,
        "enterprisereturn": enterprise.returns,
    }
    about = Q(target_label="enterprises.enterprise", target_id=str(enterprise.pk))
    for name, related in rows.items():
        # The trail keeps keys as text, whatever they are in their table.
        keys = [str(pk) for pk in related.values_list("pk", flat=True)]
        if keys:
            about |= Q(target_label=f"enterprises.{name}", target_id__in=keys)
    events = AuditEvent.objects.filter(about)
    if kind in KINDS:
        events = events.filter(code__startswith=f"enterprises.{kind}.")
    if enterprise.uscc not in scope.own_enterprise_codes(user):
        inside = scope.branches_q(user, Permission.VIEW_ENTERPRISE, field="park__branch__path")
        events = events.filter(inside | Q(park=None))
    return events.select_related("actor").order_by("-at", "-id")


def event_line(*, event: AuditEvent) -> Event:
    """Return an event as the page shows it."""
    return Event(event.at, audit.sentence(event), str(event.actor or ""))
