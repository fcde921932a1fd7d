"""The sheet of the joint inspection of an exit: lines with what was found, and what was mended."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import User

from ..models import ExitStep, InspectionItem
from .exits import CannotExit, open_step
from .triggers import Upload


@transaction.atomic
def add_inspection_item(
    *,
    step: ExitStep,
    what: str,
    finding: str,
    actor: User | None,
    at: datetime,
    cost_yuan: Decimal | None = None,
    note: str = "",
    photo: Upload | None = None,
) -> InspectionItem:
    """Add a line to the sheet of the joint inspection.

    :raises CannotExit: the step is done or another one, nothing was looked at, a cost is negative, or the actor may not.
    """
    step = open_step(step=step, actor=actor)
    if step.kind != ExitStep.Kind.RESTORATION:
        raise CannotExit(_("Lines belong to the joint inspection."))
    if not what.strip():
        raise CannotExit(_("Say what was looked at."))
    if cost_yuan is not None and cost_yuan < 0:
        raise CannotExit(_("A cost is not negative."))
    document = None
    if photo is not None:
        document = store_document(name=photo[0], chunks=photo[1], actor=actor, at=at, park=step.case.park)
    item = InspectionItem.objects.create(
        step=step,
        what=what.strip()[:120],
        finding=finding,
        cost_yuan=cost_yuan,
        note=note.strip()[:300],
        photo=document,
    )
    audit.record("lifecycle.exit.inspected", target=step.case, actor=actor, at=at, park=step.case.park, what=item.what)
    return item


@transaction.atomic
def mend_item(*, item: InspectionItem, note: str, actor: User | None, at: datetime) -> InspectionItem:
    """Say that a defect was mended.

    :raises CannotExit: it is no defect, the inspection is over, or the actor may not.
    """
    open_step(step=item.step, actor=actor)
    if item.finding != InspectionItem.Finding.DEFECT:
        raise CannotExit(_("Only a defect is mended."))
    item.finding, item.note = InspectionItem.Finding.MENDED, note.strip()[:300] or item.note
    item.save(update_fields=["finding", "note"])
    case = item.step.case
    audit.record("lifecycle.exit.mended", target=case, actor=actor, at=at, park=case.park, what=item.what)
    return item
