"""What another park can take over of energy: tariffs, and by what common use and loss are shared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.taking import Column, SetupPart

from ..models import AllocationRule, EnergyKind, EnergyTariff
from ..services import CannotRecordMeter, CannotRecordTariff, record_rules, record_tariffs

_TARIFF = ("energy_kind", "code", "name_zh_hans", "name_zh_hant", "name_en", "rates", "tax_rate", "source")
_RULE = ("energy_kind", "public_by", "loss_by")
REFUSALS = (CannotRecordMeter, CannotRecordTariff)


def _kind(values: Mapping[str, Any]) -> str:
    return str(EnergyKind(values["energy_kind"]).label)


def _read_tariffs(*, park: Park, on: date, actor: User | None) -> list[dict[str, Any]]:
    rows = EnergyTariff.objects.filter(park=park).current_on(on).order_by("energy_kind", "code")
    return [{name: getattr(row, name) for name in _TARIFF} for row in rows]


def _read_rules(*, park: Park, on: date, actor: User | None) -> list[dict[str, Any]]:
    # Fixed shares name the firms of one park: they are its record, not its set-up.
    rows = AllocationRule.objects.filter(park=park).current_on(on).order_by("energy_kind")
    fixed = AllocationRule.By.FIXED
    return [{name: getattr(r, name) for name in _RULE} for r in rows if fixed not in {r.public_by, r.loss_by}]


def _write_tariff(*, park: Park, values: Mapping[str, Any], starts_on: date, actor: User | None, at: datetime) -> None:
    row = {**values, "tax_rate": values["tax_rate"] or Decimal(0), "starts_on": starts_on}
    record_tariffs(park=park, rows=[row], actor=actor, at=at)


def _write_rule(*, park: Park, values: Mapping[str, Any], starts_on: date, actor: User | None, at: datetime) -> None:
    record_rules(park=park, rows=[{**values, "starts_on": starts_on}], actor=actor, at=at)


KIND = Column("energy_kind", _("Energy kind"), "choice", required=True, choices=lambda: dict(EnergyKind.choices))
#: Shares by firm stay at home.
_BY = {key: label for key, label in AllocationRule.By.choices if key != AllocationRule.By.FIXED}

TARIFF_SETUP = SetupPart(
    key="energy.tariffs",
    label=_("Energy tariffs"),
    order=10,
    permission=Permission.EDIT_RECORD,
    columns=(
        KIND,
        Column("code", _("Tariff code"), max_length=40),
        Column("name_zh_hans", _("Name (Chinese)"), max_length=160),
        Column("name_zh_hant", _("Name (Traditional Chinese)"), max_length=160),
        Column("name_en", _("Name (English)")),
        Column("rates", _("Rates"), "plain", required=True),
        Column("tax_rate", _("Tax rate"), "money", minimum=0, maximum=0.9999),
        Column("source", _("Source")),
    ),
    identity=("energy_kind", "code"),
    name=lambda values: " ".join(filter(None, [_kind(values), values.get("code")])),
    read=_read_tariffs,
    write=_write_tariff,
    refusals=REFUSALS,
    is_dated=True,
)

RULE_SETUP = SetupPart(
    key="energy.rules",
    label=_("Sharing of common use and loss"),
    order=20,
    permission=Permission.EDIT_RECORD,
    columns=(
        KIND,
        Column("public_by", _("Common use"), "choice", required=True, choices=_BY),
        Column("loss_by", _("Loss"), "choice", required=True, choices=_BY),
    ),
    identity=("energy_kind",),
    name=_kind,
    read=_read_rules,
    write=_write_rule,
    refusals=REFUSALS,
    is_dated=True,
    note=_("Rules by fixed shares name firms of their park and are not taken along."),
)

SETUP = (TARIFF_SETUP, RULE_SETUP)
