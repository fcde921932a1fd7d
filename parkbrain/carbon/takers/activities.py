"""The sheet of activity data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import ActivityData
from ..queries import get_kinds
from ..services import record_activities
from . import common
from .common import Context


def _kind_choices() -> Mapping[str, str]:
    return {kind.key: kind.name for kind in get_kinds().values()}


COLUMNS = (
    Column(
        "reference",
        gettext_lazy("Reference"),
        required=True,
        max_length=60,
        note=gettext_lazy("Number of the bill or line of the ledger; a row is found again by it."),
        synonyms=("凭证号", "账单号", "單據編號"),
        example="EL-2025-01",
    ),
    Column(
        "kind",
        gettext_lazy("Activity"),
        "choice",
        required=True,
        choices=_kind_choices,
        synonyms=("活动类型", "能源品种", "活動類型"),
        example="electricity",
    ),
    Column(
        "quantity",
        gettext_lazy("Activity quantity"),
        "number",
        minimum=0,
        note=gettext_lazy("In the unit of the activity; empty where it is not known: never zero."),
        synonyms=("用量", "活动水平", "消耗量"),
        example=182400,
    ),
    common.STARTS_ON,
    common.ENDS_ON,
    common.BUILDING,
    common.LEVEL,
    common.FIRM,
    common.EQUIPMENT,
    Column(
        "is_breakdown",
        gettext_lazy("Part of another row"),
        "boolean",
        note=gettext_lazy("A sub-meter behind the park's bill: it divides the total and is not added to it."),
        synonyms=("是否分项", "分表数据"),
        example=False,
    ),
    Column(
        "source",
        gettext_lazy("Source"),
        "choice",
        choices=dict(ActivityData.Source.choices),
        synonyms=("来源", "数据来源", "來源"),
        example=ActivityData.Source.BILL.value,
    ),
    common.UNCERTAINTY,
    common.NOTE,
)


def check(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find unknown places and firms, and periods that run backwards."""
    known = common.read_known(park, rows, context)
    problems = {row.number: common.find_problems(row, known) for row in rows}
    return {number: found for number, found in problems.items() if found}


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the activity of each row."""
    recorded = record_activities(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's activity data as the sheet has them."""
    rows = ActivityData.objects.filter(park=park).select_related("building", "storey", "enterprise", "equipment")
    plain = ("reference", "kind", "quantity", "starts_on", "ends_on", "is_breakdown", "source", "uncertainty", "note")
    ordered = rows.order_by("starts_on", "reference")
    return [{**{name: getattr(r, name) for name in plain}, **common.place_codes(r)} for r in ordered]


ACTIVITIES = Taker(
    key="activity_data",
    label=gettext_lazy("Activity data"),
    order=93,
    columns=COLUMNS,
    identity=("reference",),
    check=check,
    apply=apply,
    note=gettext_lazy("Fuels, power, heat, water, waste and travel by period: bills, ledgers and returns."),
    synonyms=("碳活动数据", "活动数据", "能源账单", "活動數據"),
    export=export,
)
