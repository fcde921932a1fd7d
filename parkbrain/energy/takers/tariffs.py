"""The sheet of tariffs: prices by day, hours of the bands in a short form, tiers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy

from parkbrain.calc.energy_bills import write_bands, write_tiers
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Applied, Column, RowProblem, TakenRow, Taker

from ..models import EnergyKind
from ..services import BANDS, CannotRecordTariff, check_rates, rates_of, record_tariffs


def _price(field: str, label: Any, *synonyms: str, example: Any = None) -> Column:
    return Column(field, label, "money", minimum=0, maximum=1000, synonyms=synonyms, example=example)


COLUMNS = (
    Column(
        "energy_kind",
        gettext_lazy("Energy kind"),
        "choice",
        required=True,
        choices=dict(EnergyKind.choices),
        synonyms=("能源种类", "介质"),
        example="ELECTRICITY",
    ),
    Column(
        "starts_on",
        gettext_lazy("Tariff from"),
        "date",
        required=True,
        synonyms=("执行日期", "生效日期"),
        example="2026-01-01",
    ),
    Column("ends_on", gettext_lazy("Tariff up to"), "date", synonyms=("截止日期",)),
    Column(
        "code",
        gettext_lazy("Tariff code"),
        max_length=40,
        note=gettext_lazy("Empty for the park's own; with a code it prices the firms whose leases name it"),
        synonyms=("电价代码", "价格代码"),
    ),
    Column("name_zh_hans", gettext_lazy("Tariff name"), max_length=160, synonyms=("电价名称",), example="工商业两部制"),
    _price("price", gettext_lazy("Price, all hours"), "单一制电价"),
    _price("critical_peak", gettext_lazy("Price, critical peak"), "尖峰电价"),
    _price("peak", gettext_lazy("Price, peak"), "高峰电价", example=1.2),
    _price("flat", gettext_lazy("Price, flat"), "平段电价", example=0.7),
    _price("valley", gettext_lazy("Price, valley"), "低谷电价", example=0.3),
    _price("deep_valley", gettext_lazy("Price, deep valley"), "深谷电价"),
    Column(
        "bands",
        gettext_lazy("Hours of the bands"),
        max_length=1000,
        note=gettext_lazy("peak 10-12 14-19; valley 0-8; critical_peak 11-12 months 7-9"),
        synonyms=("时段划分",),
        example="peak 10-12 14-19; valley 0-8",
    ),
    Column(
        "tiers",
        gettext_lazy("Tiers"),
        max_length=300,
        note=gettext_lazy("Up to a quantity a month at a price, the last one without end: 22: 2.67; 4.01"),
        synonyms=("阶梯价格",),
    ),
    _price("demand", gettext_lazy("Price of the greatest demand (yuan/kW)"), "需量电价"),
    Column("tax_rate", gettext_lazy("Tax rate"), "number", minimum=0, maximum=0.5, synonyms=("税率",), example=0.13),
    Column(
        "source",
        gettext_lazy("Source of the tariff"),
        max_length=200,
        synonyms=("文号",),
        example="粤发改价格〔2021〕331号",
    ),
)


def check(
    *, park: Park | None, rows: Sequence[TakenRow], context: Mapping[str, Sequence[TakenRow]]
) -> dict[int, list[RowProblem]]:
    """Find rows whose prices, bands or tiers make no tariff."""
    problems: dict[int, list[RowProblem]] = defaultdict(list)
    for row in rows:
        try:
            check_rates(rates=rates_of(values=row.values))
        except (ValueError, CannotRecordTariff) as error:
            problems[row.number].append(
                RowProblem("bands" if row.values.get("bands") else "price", "no_tariff", str(error))
            )
    return dict(problems)


def apply(*, park: Park, rows: Sequence[TakenRow], actor: User, at: datetime) -> dict[int, Applied]:
    """Record the tariff of each row."""
    applied = {}
    plain = ("energy_kind", "code", "starts_on", "ends_on", "name_zh_hans", "tax_rate", "source")
    for row in sorted(rows, key=lambda r: r.values["starts_on"]):
        values = {name: row.values[name] for name in plain if name in row.values}
        recorded = record_tariffs(
            park=park, rows=[{**values, "rates": rates_of(values=row.values)}], actor=actor, at=at
        )
        applied[row.number] = recorded[0].applied()
    return applied


def export(*, park: Park) -> list[dict[str, Any]]:
    """Return the park's tariffs as the sheet has them."""
    return [
        {
            "energy_kind": t.energy_kind,
            "code": t.code,
            "starts_on": t.starts_on,
            "ends_on": t.ends_on,
            "name_zh_hans": t.name_zh_hans,
            "price": _number(t.rates.get("price")),
            **{band: _number(t.rates.get("prices", {}).get(band)) for band in BANDS},
            "bands": write_bands(t.rates.get("bands", [])),
            "tiers": write_tiers(t.rates.get("tiers", [])),
            "demand": _number(t.rates.get("demand", {}).get("price_per_kw")),
            "tax_rate": float(t.tax_rate),
            "source": t.source,
        }
        for t in park.energy_tariffs.order_by("energy_kind", "code", "starts_on")
    ]


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


TARIFFS = Taker(
    key="energy_tariffs",
    label=gettext_lazy("Energy tariffs"),
    order=125,
    columns=COLUMNS,
    identity=("energy_kind", "code", "starts_on"),
    check=check,
    apply=apply,
    note=gettext_lazy("One row per energy kind, code and first day; the tariff of that code before it ends there."),
    synonyms=("电价表", "能源价格", "tariffs"),
    export=export,
)
