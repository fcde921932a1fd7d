"""What another park can take over of billing: how bills are made, and the ladder of reminders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.taking import Column, SetupPart

from ..models import BillingRules, DunningStep
from ..services import CannotBill, CannotDun, set_ladder, set_rules

_RULES = ("least_days_to_pay", "grace_days", "run_by_day")
_STEP = ("days_overdue", "name_zh_hans", "name_en", "text_zh_hans", "text_en")


def _read_rules(*, park: Park, on: date, actor: User | None) -> list[dict[str, Any]]:
    return list(BillingRules.objects.filter(park=park).values(*_RULES))


def _write_rules(*, park: Park, values: Mapping[str, Any], starts_on: date, actor: User | None, at: datetime) -> None:
    set_rules(park=park, values=values, actor=actor, at=at)


def _read_steps(*, park: Park, on: date, actor: User | None) -> list[dict[str, Any]]:
    return list(DunningStep.objects.filter(park=park).order_by("days_overdue").values(*_STEP))


def _write_step(*, park: Park, values: Mapping[str, Any], starts_on: date, actor: User | None, at: datetime) -> None:
    steps = {step["days_overdue"]: step for step in _read_steps(park=park, on=starts_on, actor=actor)}
    steps[values["days_overdue"]] = dict(values)
    set_ladder(park=park, steps=[steps[day] for day in sorted(steps)], actor=actor, at=at)


def _days(label: Any, field: str, least: int, most: int) -> Column:
    return Column(field, label, "integer", required=True, minimum=least, maximum=most)


def _step_name(values: Mapping[str, Any]) -> str:
    days = ngettext("%(days)s day overdue", "%(days)s days overdue", values["days_overdue"])
    name = values.get("name_zh_hans") or values.get("name_en") or ""
    return f"{days % {'days': values['days_overdue']}} · {name}"


SETUP = (
    SetupPart(
        key="billing.rules",
        label=gettext_lazy("Rules of billing"),
        order=30,
        permission=Permission.MANAGE_MONEY,
        columns=(
            _days(gettext_lazy("Least days to pay"), "least_days_to_pay", 0, 365),
            _days(gettext_lazy("Days of grace"), "grace_days", 0, 365),
            _days(gettext_lazy("Run made by day of the month"), "run_by_day", 1, 28),
        ),
        identity=(),
        name=lambda _values: _("Rules of billing"),
        read=_read_rules,
        write=_write_rules,
        refusals=(CannotBill,),
        note=gettext_lazy("Payee, bank and account stay with their park."),
    ),
    SetupPart(
        key="billing.ladder",
        label=gettext_lazy("Ladder of reminders"),
        order=40,
        permission=Permission.MANAGE_MONEY,
        columns=(
            _days(gettext_lazy("Days overdue"), "days_overdue", 1, 3650),
            Column("name_zh_hans", gettext_lazy("Name (Chinese)"), max_length=160),
            Column("name_en", gettext_lazy("Name (English)")),
            Column("text_zh_hans", gettext_lazy("Text (Chinese)"), max_length=4000),
            Column("text_en", gettext_lazy("Text (English)"), max_length=4000),
        ),
        identity=("days_overdue",),
        name=_step_name,
        read=_read_steps,
        write=_write_step,
        refusals=(CannotDun,),
    ),
)
