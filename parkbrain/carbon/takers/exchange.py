"""The sheet of offers and needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.enterprises.models import Occupancy
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import ExchangeOffer
from ..services import record_offers
from . import common
from .common import Context

COLUMNS = (
    replace(common.FIRM, required=True),
    Column(
        "direction",
        gettext_lazy("Offer or need"),
        "choice",
        required=True,
        choices=dict(ExchangeOffer.Direction.choices),
        synonyms=("供需方向", "供给或需求"),
        example=ExchangeOffer.Direction.OFFER.value,
    ),
    Column(
        "kind",
        gettext_lazy("Kind of exchange"),
        "choice",
        required=True,
        choices=dict(ExchangeOffer.Kind.choices),
        synonyms=("交换类型", "资源类型", "交換類型"),
        example=ExchangeOffer.Kind.WASTE_HEAT.value,
    ),
    Column(
        "substance",
        gettext_lazy("What exactly"),
        required=True,
        max_length=80,
        synonyms=("资源名称", "物质名称", "資源名稱"),
        example="热水",
    ),
    Column("quality", gettext_lazy("Quality"), synonyms=("品质", "质量要求", "品質"), example=""),
    Column("temperature_c", gettext_lazy("Temperature (°C)"), "number", synonyms=("温度", "溫度"), example=65),
    Column(
        "per_month",
        gettext_lazy("Amount a month"),
        "number",
        minimum=0.001,
        synonyms=("月供需量", "每月数量"),
        example=9000,
    ),
    Column(
        "unit",
        gettext_lazy("Unit of the exchange"),
        "choice",
        required=True,
        choices={unit: unit for unit in ExchangeOffer.UNITS},
        synonyms=("供需单位", "供需單位"),
        example="MJ",
    ),
    common.BUILDING,
    common.STARTS_ON,
    replace(common.ENDS_ON, required=False),
    Column(
        "contact",
        gettext_lazy("Contact for neighbours"),
        max_length=120,
        synonyms=("对接联系人", "對接聯繫人"),
        example="李明 0755-2600 0000",
    ),
)


def check(*, park: Park | None, rows: Sequence[TakenRow], context: Context) -> dict[int, list[RowProblem]]:
    """Find firms that are not in the park, unknown buildings, and periods that run backwards."""
    known = common.read_known(park, rows, context)
    here = (
        set(Occupancy.objects.filter(premises__park=park).values_list("enterprise__uscc", flat=True)) if park else set()
    )
    here |= {str(r.values.get("uscc")) for r in context.get("occupancies", ())}
    problems = {}
    for row in rows:
        found = common.find_problems(row, known)
        code = row.values.get("uscc")
        if code in known.firms and code not in here:
            message = _("The enterprise %(code)s is not in this park.") % {"code": code}
            found.append(RowProblem("uscc", "not_in_park", message, str(code)))
        if found:
            problems[row.number] = found
    return problems


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the offer or need of each row."""
    recorded = record_offers(park=park, rows=[dict(r.values) for r in rows], actor=actor, at=at)
    return {row.number: outcome.applied() for row, outcome in zip(rows, recorded, strict=True)}


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's offers and needs as the sheet has them."""
    rows = ExchangeOffer.objects.filter(park=park).select_related("enterprise", "building")
    plain = [c.field for c in COLUMNS if c.field not in {"uscc", "building_code"}]
    return [
        {
            **{name: getattr(r, name) for name in plain},
            "uscc": r.enterprise.uscc,
            "building_code": r.building.code if r.building else None,
        }
        for r in rows.order_by("enterprise__uscc", "kind", "substance", "starts_on")
    ]


OFFERS = Taker(
    key="exchange_offers",
    label=gettext_lazy("Exchange offers"),
    order=96,
    columns=COLUMNS,
    identity=("uscc", "direction", "kind", "substance", "starts_on"),
    check=check,
    apply=apply,
    note=gettext_lazy("By-products, waste heat and reclaimed water that firms offer their neighbours or need."),
    synonyms=("资源交换", "循环利用供需", "資源交換"),
    export=export,
)
