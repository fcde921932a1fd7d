"""Contacts of firms and what a firm entrusts to a park: telephone, identity and account numbers never reach the trail."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import NOTHING, created, updated

from ..models import Enterprise, EnterpriseConfidence, EnterpriseContact
from .register import CannotRecordEnterprise, check_may_edit, enterprises_by_code

#: Fields whose values stay out of the audit trail; it says that they changed, not from what to what.
SENSITIVE = frozenset({"phone", "email", "representative_id_number", "bank_account"})


@transaction.atomic
def record_contacts(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[EnterpriseContact]]:
    """Record the contacts a park has of firms, by firm (`uscc`), name and first day.

    :raises CannotRecordEnterprise: a firm is not there, a second main contact, or the actor may not.
    """
    check_may_edit(park=park, actor=actor)
    firms = enterprises_by_code(codes=[r["uscc"] for r in rows])
    existing = EnterpriseContact.objects.filter(park=park, enterprise__in=firms.values())
    found = {(c.enterprise_id, c.name, c.starts_on): c for c in existing}
    wanted = []
    for row in rows:
        if row["uscc"] not in firms:
            raise CannotRecordEnterprise(_("There is no enterprise %(code)s.") % {"code": row["uscc"]})
        firm = firms[row["uscc"]]
        values = {name: value for name, value in row.items() if name != "uscc"}
        wanted.append(((firm.pk, row["name"], row["starts_on"]), {**values, "enterprise": firm, "park": park}))
    recorded = _written(EnterpriseContact, found, wanted)
    audit.record_many("enterprises.contact.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("enterprises.contact.changed", targets=_discreet(recorded), actor=actor, at=at, park=park)
    return recorded


@transaction.atomic
def change_contact(
    *, contact: EnterpriseContact, values: Mapping[str, Any], actor: User | None, at: datetime
) -> Recorded[EnterpriseContact]:
    """Change a contact, or end it by `ends_on`.

    :raises CannotRecordEnterprise: a second main contact, the same name twice from one day on, or the actor may not.
    """
    check_may_edit(park=contact.park, actor=actor)
    recorded = _written(EnterpriseContact, {contact.pk: contact}, [(contact.pk, values)])
    audit.record_many("enterprises.contact.changed", targets=_discreet(recorded), actor=actor, at=at, park=contact.park)
    return recorded[0]


@transaction.atomic
def record_confidence(
    *, enterprise: Enterprise, park: Park, values: Mapping[str, Any], actor: User | None, at: datetime
) -> EnterpriseConfidence:
    """Record the representative, identity number and bank account that a firm entrusts to a park.

    :raises CannotRecordEnterprise: the actor may not change the record, or may not see such details.
    """
    check_may_edit(park=park, actor=actor)
    if actor is not None and not actor.may(Permission.VIEW_SENSITIVE, park.branch.path):
        raise CannotRecordEnterprise(_("You may not see these details."))
    current = EnterpriseConfidence.objects.filter(enterprise=enterprise, park=park).first()
    found = {1: current} if current else {}
    wanted = [(1, {**values, "enterprise": enterprise, "park": park})]
    recorded = upsert(model=EnterpriseConfidence, found=found, rows=wanted)[0]
    if recorded.action != NOTHING:
        fields = sorted(recorded.fields) or sorted(name for name, value in values.items() if value)
        audit.record("enterprises.confidence.changed", target=enterprise, actor=actor, at=at, park=park, changed=fields)
    row: EnterpriseConfidence = recorded.row
    return row


def _written(
    model: type[EnterpriseContact],
    found: Mapping[Any, EnterpriseContact],
    wanted: Sequence[tuple[Any, Mapping[str, Any]]],
) -> list[Recorded[EnterpriseContact]]:
    try:
        with transaction.atomic():
            return upsert(model=model, found=found, rows=wanted)
    except IntegrityError as error:
        raise CannotRecordEnterprise(
            _("A firm has one main contact at a time, and the same person begins once on a day.")
        ) from error


def _discreet(recorded: Iterable[Recorded[Any]]) -> list[tuple[models.Model, dict[str, Any]]]:
    """Return the changes for the audit trail with sensitive values left out."""
    targets = []
    for row, details in updated(recorded=recorded):
        fields = {k: v if k not in SENSITIVE else ["•", "•"] for k, v in details["fields"].items()}
        targets.append((row, {**details, "fields": fields}))
    return targets
