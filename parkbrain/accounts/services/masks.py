"""Showing a masked value whole is an act of its own, with an event."""

from __future__ import annotations

from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, scope
from parkbrain.kernel.models import Park, User


class CannotRevealValue(Exception):
    """The person may not see the value whole, or the field is not one that is masked."""


@transaction.atomic
def reveal_value(
    *,
    target: models.Model,
    field: str,
    path: str | None,
    actor: User,
    at: datetime,
    owner: str = "",
    park: Park | None = None,
) -> str:
    """Return a masked field of a row whole, and write down who looked.

    :raises CannotRevealValue: the field is not masked, or the actor may not see it.
    """
    declared = scope.masked_fields_of(type(target)).get(field)
    if declared is None:
        raise CannotRevealValue(_("This field is not one that is hidden."))
    if not actor.may(declared.permission, path) and not (owner and owner in scope.own_enterprise_codes(actor)):
        raise CannotRevealValue(_("You may not see this value."))
    value = getattr(target, field)
    audit.record("accounts.value.revealed", target=target, actor=actor, at=at, park=park, field=field)
    return "" if value is None else str(value)
