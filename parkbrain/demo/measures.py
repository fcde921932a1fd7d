"""Declared facts of fictional parks: drawn from a level of quality through the scoring curves of the reference model.

Every indicator gets a target score near the park's level, the curve is turned round to the value that scores so, and the
value becomes its facts. So the facts of a park fit together, and the scheme computes what the drawing meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc import rating

Column = NDArray[np.float64]
Columns = dict[str, Column]
Draw = Callable[[Column, Columns], None]

_PCT = re.compile(r"pct\((\w+), (\w+)\)")
#: What the demo reckons with for a kilowatt-hour of bought electricity.
KG_PER_KWH = 0.57
TCE_PER_KWH = 0.1229 / 1000
#: Facts that count things: whole numbers.
_WHOLE = frozenset({"count", "person"})


def base_columns(*, draw: np.random.Generator, size_m2: Column, quality: Column) -> Columns:
    """Return the facts that others are shares of: areas, firms, staff, money, energy and water of parks of these sizes."""
    n = len(size_m2)

    def around(middle: Column | float, spread: float = 0.25) -> Column:
        return np.asarray(middle * draw.lognormal(0, spread, n))

    tenants = np.maximum(4, np.round(around(size_m2 / 1100)))
    output = around(size_m2 * (0.35 + 1.1 * quality), 0.3)
    revenue = output * draw.uniform(0.95, 1.1, n)
    kwh = around(size_m2 * 95)
    land = size_m2 / draw.uniform(1.6, 3.2, n)
    return {
        "leasable_area_m2": np.round(size_m2 * 0.82),
        "tenants_active": tenants,
        "startup_tenants": np.round(tenants * 0.3),
        "leading_tenants": np.maximum(1, np.round(tenants * 0.08)),
        "growth_tenants": np.maximum(1, tenants - np.round(tenants * 0.3) - np.maximum(1, np.round(tenants * 0.08))),
        "tenants_eligible_plan": np.maximum(1, np.round(tenants * 0.92)),
        "staff_total": np.round(around(size_m2 / 26)),
        "total_output_wan": np.round(output, 1),
        "revenue_wan": np.round(revenue, 1),
        "value_added_wan": np.round(output * 0.29, 1),
        "park_land_m2": np.round(land),
        "park_land_mu": np.round(land / 666.67, 2),
        "total_kwh": np.round(kwh),
        "energy_tce_total": np.round(kwh * TCE_PER_KWH * 1.06, 1),
        "fees_due_yuan": np.round(size_m2 * 0.8 * 52 * 12),
        "output_3y_ago_wan": np.round(output * 0.8, 1),
        "incubatees": np.round(tenants * 0.15) + 1,
        "upgrade_base": np.maximum(1, np.round(tenants * 0.6)),
        "sw_generated_t": np.round(around(size_m2 / 90), 1),
        "sw_old_stock_used_t": np.zeros(n),
        "fresh_industrial_water_m3": np.round(around(size_m2 * 0.35)),
    }


def _whole_of(draw: np.random.Generator, key: str, columns: Columns) -> Column:
    """Return a denominator that no other fact fixes: a plausible count for parks of these sizes."""
    tenants = columns["tenants_active"]
    scale = {
        "build_docs_required": 0.25,
        "leads_qualified_12m": 1.6,
        "new_leases_12m": 0.25,
        "duties_required": 0.4,
        "equip_required_hours": 2600.0,
        "exit_triggers_raised": 0.09,
        "loweff_area_start_m2": 60.0,
        "moveouts_12m": 0.14,
        "plan_measures_due": 1.4,
        "requests_due": 6.0,
        "tenants_policy_matched": 0.7,
        "policy_apps_decided": 0.5,
        "fin_demands_registered": 0.3,
        "meters_required_std": 1.9,
        "meters_registered": 2.1,
        "covered_equipment_kw": 55.0,
        "hazards_due": 2.4,
        "inspections_required": 0.7,
        "drills_training_planned": 0.22,
        "transactions_12m": 90.0,
        "data_series_required": 0.3,
        "alarms_valid": 5.0,
        "iot_points_required": 6.0,
        "leased_industrial_area_m2": 620.0,
        "spec_required_area_m2": 700.0,
        "vacant_area_m2": 90.0,
    }.get(key, 1.0)
    return np.maximum(6, np.round(tenants * scale * draw.lognormal(0, 0.2, len(tenants))))


def _values_at(points: list[list[float]], scores: Column) -> Column:
    """Return the values that score as wished: the scoring curve turned round."""
    x = np.array([p[0] for p in points], dtype=float)
    y = np.array([p[1] for p in points], dtype=float)
    order = np.argsort(y, kind="stable")
    return np.asarray(np.interp(scores, y[order], x[order]), dtype=np.float64)


def draw_columns(
    *,
    scheme: rating.Scheme,
    draw: np.random.Generator,
    targets: Mapping[str, Column],
    size_m2: Column,
    quality: Column,
    fixed: Mapping[str, Column] | None = None,
    units: Mapping[str, str],
    flaws: bool = True,
) -> Columns:
    """Return every fact of the scheme for parks whose dimensions should score about `targets` (by dimension id).

    `fixed` holds facts that are known already (computed from rows): others are drawn to fit them. Without `flaws`,
    no veto and no gate stands against the park.
    """
    columns = {**base_columns(draw=draw, size_m2=size_m2, quality=quality), **(fixed or {})}
    for one in scheme.indicators:
        wished = np.clip(targets[one.id[0]] + draw.normal(0, 7.0, len(size_m2)), 3, 100)
        _draw_indicator(one, wished, columns, draw, units, frozenset(fixed or ()))
    _draw_rest(columns, draw, targets)
    if not flaws:
        columns["level1_electricity_meter_rate"] = np.full(len(size_m2), 100.0)
        for key in ("operator_catalogue_equipment_overdue", *VETOES):
            columns[key] = np.zeros(len(size_m2))
    return columns


def _draw_indicator(
    one: rating.Indicator,
    wished: Column,
    columns: Columns,
    draw: np.random.Generator,
    units: Mapping[str, str],
    fixed: frozenset[str],
) -> None:
    options, method = one.score.options, one.score.method
    if method == "checklist":
        for item in options["items"]:
            columns[item["key"]] = (draw.random(len(wished)) * 100 < wished).astype(float)
        return
    if method == "grade":
        (key,) = one.facts
        columns[key] = np.clip(np.round((wished - 45) / 14), 0, 4)
        return
    value = _values_at(options["points"], wished)
    found = _PCT.fullmatch(one.formula or "")
    if found:
        part, whole = found.groups()
        if whole not in columns:
            columns[whole] = _whole_of(draw, whole, columns)
        if part not in fixed:
            drawn = np.minimum(columns[whole], value * columns[whole] / 100)
            columns[part] = np.asarray(np.round(drawn, 0 if units.get(part) in _WHOLE else 1), dtype=np.float64)
        return
    _SPECIAL[one.id](value, columns)


def _vacancy(value: Column, columns: Columns) -> None:
    columns.setdefault("vacant_area_m2", np.maximum(50, np.round(columns["leasable_area_m2"] * 0.12)))
    columns.setdefault("vacant_area_days", np.round(value * columns["vacant_area_m2"]))


def _graduates(value: Column, columns: Columns) -> None:
    events = np.round(value * (columns["incubatees"] + columns["upgrade_base"]) / 100)
    columns["graduates_12m"] = np.floor(events / 2)
    columns.setdefault("upgrades_12m", events - np.floor(events / 2))


def _carbon_fall(value: Column, columns: Columns) -> None:
    now = columns["co2_scope12_t"] / columns["value_added_wan"]
    columns["co2_intensity_now"] = np.round(now, 4)
    columns["co2_intensity_prev"] = np.round(now / np.maximum(0.5, 1 - value / 100), 4)


def _water_reuse(value: Column, columns: Columns) -> None:
    fresh = columns["fresh_industrial_water_m3"]
    columns["reused_water_m3"] = np.round(fresh * value / np.maximum(100 - value, 5))


def _accidents(value: Column, columns: Columns) -> None:
    columns["fatal_accidents"] = np.zeros_like(value)
    columns["recordable_accidents"] = np.clip(np.round(value), 0, 3)


def _reference(total: str, reference: str) -> Draw:
    def set_reference(value: Column, columns: Columns) -> None:
        per_mu = columns[total] / columns["park_land_mu"]
        columns[reference] = np.round(per_mu / np.maximum(value, 0.05), 2)

    return set_reference


def _growth(value: Column, columns: Columns) -> None:
    columns.setdefault("output_now_wan", columns["total_output_wan"])
    columns["output_3y_ago_wan"] = np.round(columns["output_now_wan"] / (1 + value / 100) ** 3, 1)


def _tax_reference(value: Column, columns: Columns) -> None:
    columns.setdefault("total_tax_wan", np.round(columns["revenue_wan"] * 0.045, 1))
    _reference("total_tax_wan", "ref_tax_per_mu_wan")(value, columns)


def _per(key: str, whole: str, factor: float) -> Draw:
    def set_count(value: Column, columns: Columns) -> None:
        columns[key] = np.round(value * columns[whole] / factor)

    return set_count


def _fresh_water(value: Column, columns: Columns) -> None:
    columns.setdefault("fresh_water_m3", np.round(value * columns["value_added_wan"]))


def _emissions(value: Column, columns: Columns) -> None:
    """Set the emissions, and the energy they come from: nearly all of it is electricity."""
    if "co2_scope12_t" in columns:
        return
    columns["co2_scope12_t"] = np.round(value * columns["value_added_wan"], 1)
    columns["total_kwh"] = np.round(columns["co2_scope12_t"] * 0.93 / KG_PER_KWH * 1000)
    columns["energy_tce_total"] = np.round(columns["total_kwh"] * TCE_PER_KWH * 1.06, 1)


_SPECIAL: dict[str, Draw] = {
    "A3.3": _vacancy,
    "B3.3": _per("tech_landing_projects_12m", "tenants_active", 100),
    "B4.3": _graduates,
    "C2.1": _emissions,
    "C2.2": _carbon_fall,
    "C3.1": _fresh_water,
    "C3.2": _water_reuse,
    "C3.3": lambda v, c: c.update(sw_utilised_t=np.round(v * c["sw_generated_t"] / 100, 1)),
    "C4.4": _accidents,
    "D3.3": lambda v, c: c.update(ai_scenarios_live=np.round(v)),
    "E2.1": _per("iur_projects_active", "tenants_active", 100),
    "E2.3": _per("talents_delivered_12m", "staff_total", 1000),
    "F1.2": _reference("total_output_wan", "ref_output_per_mu_wan"),
    "F1.3": _tax_reference,
    "F2.1": lambda v, c: c.update(satisfaction_score=np.round(v, 1)),
    "F2.2": _growth,
}


def _draw_rest(columns: Columns, draw: np.random.Generator, targets: Mapping[str, Column]) -> None:
    """Draw what gates, vetoes and applicability ask for: mostly in order, now and then not."""
    n = len(columns["tenants_active"])
    good = draw.random(n) * 100 < 55 + 0.6 * targets["C"]
    columns["level1_electricity_meter_rate"] = np.where(good, 100.0, np.round(draw.uniform(60, 99, n)))
    columns["operator_catalogue_equipment_overdue"] = np.where(draw.random(n) < 0.08, 1.0, 0.0)
    for key in VETOES:
        columns[key] = (draw.random(n) < 0.004).astype(float)
    for key in ("exit_trigger_run_logged", "efficiency_classification_run", "demand_survey_done", "incubation_in_plan"):
        columns[key] = np.ones(n)
    columns["industrial_water_users_over_1000m3"] = np.round(draw.uniform(1, 6, n))


VETOES = (
    "larger_accidents_12m",
    "fatal_fires_12m",
    "major_env_events_36m",
    "falsification_confirmed",
    "major_hazards_overdue",
    "operator_special_equipment_overdue",
    "hazwaste_violations_12m",
    "occupied_buildings_without_fire_acceptance",
    "dormitory_in_factory_cases",
    "operator_serious_dishonesty",
    "resale_overcharge_confirmed_12m",
)
