"""The sheets of places that must be metered, and of how common use and loss are shared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import AllocationRule, EnergyKind, Meter
from ..services import CannotRecordTariff, read_shares, record_needs, record_rules, write_shares

Context = Mapping[str, Sequence[TakenRow]]


def _kind() -> Column:
    return Column(
        "energy_kind",
        gettext_lazy("Energy kind"),
        "choice",
        required=True,
        choices=dict(EnergyKind.choices),
        synonyms=("能源种类", "介质"),
        example="ELECTRICITY",
    )


NEED_COLUMNS = (
    Column(
        "code", gettext_lazy("Place code"), required=True, max_length=60, synonyms=("计量点位",), example="T1-1F-AL1"
    ),
    Column("name_zh_hans", gettext_lazy("Place (Chinese)"), max_length=160, synonyms=("用能位置",), example="1层总箱"),
    Column("name_en", gettext_lazy("Place (English)"), max_length=200, example="Storey 1, main board"),
    _kind(),
    Column(
        "level",
        gettext_lazy("Level"),
        "choice",
        required=True,
        choices={str(value): label for value, label in Meter.Level.choices},
        synonyms=("计量级别",),
        example="2",
    ),
    Column("rated_load", gettext_lazy("Rated load"), "number", synonyms=("额定负荷",), example=120),
    Column(
        "meter_code",
        gettext_lazy("Meter that is there"),
        max_length=60,
        note=gettext_lazy("Empty: there is none yet."),
        synonyms=("对应表计",),
        example="E-T1-F01",
    ),
)


def check_needs(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find meters that nobody knows, and loads of nothing."""
    codes = set(park.meters.values_list("code", flat=True)) if park else set()
    codes |= {str(r.values.get("code")) for r in context.get("meters", ())}
    problems: dict[int, list[RowProblem]] = defaultdict(list)
    for row in rows:
        code, load = row.values.get("meter_code"), row.values.get("rated_load")
        if code and code not in codes:
            message = _("There is no meter %(code)s.") % {"code": code}
            problems[row.number].append(RowProblem("meter_code", "unknown_meter", message, str(code)))
        if load is not None and load <= 0:
            message = _("The rated load must be above zero.")
            problems[row.number].append(RowProblem("rated_load", "not_positive", message, str(load)))
    return dict(problems)


def apply_needs(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the place of each row."""
    values = [{k: int(v) if k == "level" and v else v for k, v in r.values.items()} for r in rows]
    recorded = record_needs(park=park, rows=values, actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export_needs(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's places as the sheet has them."""
    return [
        {
            "code": need.code,
            "name_zh_hans": need.name_zh_hans,
            "name_en": need.name_en,
            "energy_kind": need.energy_kind,
            "level": str(need.level),
            "rated_load": need.rated_load,
            "meter_code": need.meter.code if need.meter else "",
        }
        for need in park.metering_needs.select_related("meter").order_by("energy_kind", "level", "code")
    ]


NEEDS = Taker(
    key="metering_needs",
    label=gettext_lazy("Places to be metered"),
    order=122,
    columns=NEED_COLUMNS,
    identity=("code",),
    check=check_needs,
    apply=apply_needs,
    note=gettext_lazy("One row per place that the standard wants metered, from the one-line diagram."),
    synonyms=("计量需求清单", "应装表位置", "metering needs"),
    export=export_needs,
)


def _by(field: str, label: Any, *synonyms: str, example: str) -> Column:
    choices = dict(AllocationRule.By.choices)
    return Column(field, label, "choice", required=True, choices=choices, synonyms=synonyms, example=example)


RULE_COLUMNS = (
    _kind(),
    Column(
        "starts_on", gettext_lazy("Rule from"), "date", required=True, synonyms=("分摊起始日",), example="2026-01-01"
    ),
    Column("ends_on", gettext_lazy("Rule up to"), "date", synonyms=("分摊截止日",)),
    _by("public_by", gettext_lazy("Common use by"), "公共用量分摊方式", example="AREA"),
    _by("loss_by", gettext_lazy("Loss by"), "损耗分摊方式", example="USE"),
    Column(
        "fixed_shares",
        gettext_lazy("Fixed shares"),
        max_length=4000,
        note=gettext_lazy(
            "Credit code and weight, where something is shared by fixed shares: 91440300000000001X 60; …"
        ),
        synonyms=("固定分摊比例",),
    ),
)


def check_rules(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find fixed shares that do not read, or are wanted and missing."""
    problems: dict[int, list[RowProblem]] = {}
    for row in rows:
        try:
            shares = read_shares(text=str(row.values.get("fixed_shares") or ""))
            wants = AllocationRule.By.FIXED in (row.values.get("public_by"), row.values.get("loss_by"))
            if wants and not shares:
                raise CannotRecordTariff(_("State the fixed shares."))
        except CannotRecordTariff as error:
            value = str(row.values.get("fixed_shares") or "")[:80]
            problems[row.number] = [RowProblem("fixed_shares", "no_shares", str(error), value)]
    return problems


def apply_rules(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the rule of each row."""
    applied = {}
    for row in sorted(rows, key=lambda r: r.values["starts_on"]):
        values = {name: value for name, value in row.values.items() if name != "fixed_shares"}
        if "fixed_shares" in row.values:
            values["fixed_shares"] = read_shares(text=str(row.values["fixed_shares"] or ""))
        applied[row.number] = record_rules(park=park, rows=[values], actor=actor, at=at)[0].applied()
    return applied


def export_rules(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's sharing rules as the sheet has them."""
    plain = ("energy_kind", "starts_on", "ends_on", "public_by", "loss_by")
    return [
        {**{name: getattr(rule, name) for name in plain}, "fixed_shares": write_shares(shares=rule.fixed_shares)}
        for rule in park.allocation_rules.order_by("energy_kind", "starts_on")
    ]


RULES = Taker(
    key="sharing_rules",
    label=gettext_lazy("Sharing rules"),
    order=127,
    columns=RULE_COLUMNS,
    identity=("energy_kind", "starts_on"),
    check=check_rules,
    apply=apply_rules,
    note=gettext_lazy("One row per energy kind and first day; the rule before it ends there."),
    synonyms=("分摊规则", "公摊规则", "sharing rules"),
    export=export_rules,
)
