"""What the services of the life cycle share: who may, and what is refused."""

from __future__ import annotations

from datetime import date
from typing import TypeVar

from django.db import models
from django.utils.translation import gettext as _

from parkbrain.kernel import bulk
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission

from ..models import Duty

M = TypeVar("M", bound=models.Model)


class CannotChangeDuty(Exception):
    """The duty, what shows it, or who answers for it cannot be changed so."""


def check_may_edit(*, park: Park, actor: User | None, refusal: type[Exception] = CannotChangeDuty) -> None:
    """Refuse whoever may not change the park's record; None is the program itself."""
    if actor is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path):
        raise refusal(_("You may not change the record of this park."))


def check_may_settle(*, duty: Duty, actor: User | None, on: date) -> None:
    """Refuse whoever neither changes the park's record nor answers for the duty on the day."""
    if actor is None or actor.may(Permission.EDIT_RECORD, duty.subject.park.branch.path):
        return
    if not Duty.objects.of_person(actor, on).filter(pk=duty.pk).exists():
        raise CannotChangeDuty(_("You may not change this duty."))


def insert(*, row: M) -> M:
    """Insert one row, noted so that an import can take it back."""
    bulk.insert_rows(model=type(row), rows=[row])
    return row


def change(*, row: models.Model, **values: object) -> None:
    """Write new values of a row, noted so that an import can take it back."""
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    bulk.update_rows(model=type(row), changes=[(row, before)])
