"""What another park can take over of the life cycle: the duties that a park added to the template."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.taking import Column, SetupPart

from ..models import Duty, EvidenceKind, LifeSubject, Stage
from ..services import CannotChangeDuty, add_duty, change_duty

_DUTY = (
    "code", "name_zh_hans", "name_zh_hant", "name_en", "stage", "is_gate", "every_months", "evidence_kind", "asked", "basis",
)  # fmt: skip


def _read(*, park: Park, on: date, actor: User | None) -> list[dict[str, Any]]:
    # Those of the template every park has; days, outcomes and who does what are the park's record.
    own = Duty.objects.filter(subject__park=park, subject__kind=LifeSubject.Kind.PARK, template_key="")
    return list(own.order_by("position", "code").values(*_DUTY))


def _write(*, park: Park, values: Mapping[str, Any], starts_on: date, actor: User | None, at: datetime) -> None:
    subject = LifeSubject.objects.filter(park=park, kind=LifeSubject.Kind.PARK).select_related("park__branch").first()
    if subject is None:
        raise CannotChangeDuty(_("The life cycle of this park is not kept yet: enter its first stage there."))
    duty = subject.duties.filter(code=values["code"]).first()
    if duty is None:
        add_duty(subject=subject, values=values, actor=actor, at=at)
        return
    if not duty.is_own:
        raise CannotChangeDuty(_("The template has a duty %(code)s already.") % {"code": values["code"]})
    duty.subject = subject
    change_duty(duty=duty, values={k: v for k, v in values.items() if k != "code"}, actor=actor, at=at)


DUTY_SETUP = SetupPart(
    key="lifecycle.duties",
    label=gettext_lazy("Own duties and gates of the stages"),
    order=70,
    permission=Permission.EDIT_RECORD,
    columns=(
        Column("code", gettext_lazy("Duty code"), required=True, max_length=60),
        Column("name_zh_hans", gettext_lazy("Name (Chinese)"), max_length=160),
        Column("name_zh_hant", gettext_lazy("Name (Traditional Chinese)"), max_length=160),
        Column("name_en", gettext_lazy("Name (English)")),
        Column("stage", gettext_lazy("Stage"), "choice", required=True, choices=lambda: dict(Stage.choices)),
        Column("is_gate", gettext_lazy("Gates the next stage"), "boolean", required=True),
        Column("every_months", gettext_lazy("Again every (months)"), "integer", minimum=1, maximum=600),
        Column(
            "evidence_kind", gettext_lazy("Evidence asked for"), "choice", choices=lambda: dict(EvidenceKind.choices)
        ),
        Column("asked", gettext_lazy("Who is asked"), "plain"),
        Column("basis", gettext_lazy("Basis"), max_length=300),
    ),
    identity=("code",),
    name=lambda values: str(values.get("name_zh_hans") or values.get("name_en") or values["code"]),
    read=_read,
    write=_write,
    refusals=(CannotChangeDuty,),
    note=gettext_lazy("Duties of the template are in every park; days and who does what stay with their park."),
)
