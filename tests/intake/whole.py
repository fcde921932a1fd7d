"""One row (or more) of everything that can be imported, and the whole record to hold against itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.apps import apps

from parkbrain.assessment.models import Rating
from parkbrain.intake.models import Batch
from parkbrain.kernel import bulk
from parkbrain.kernel.models import Branch, Park

Take = Callable[..., Batch]
#: The record; events, batches, origins and jobs are its history, ratings and the use of meters follow from it.
RECORD = (
    "space",
    "enterprises",
    "assessment",
    "telemetry",
    "energy",
    "facilities",
    "carbon",
    "billing",
    "leasing",
    "lifecycle",
)


def record() -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table of the record."""
    followers = bulk.consequences.keys()
    models = [m for m in apps.get_models() if m._meta.app_label in RECORD and m._meta.label_lower not in followers]
    return {m._meta.label_lower: list(m._base_manager.order_by("pk").values()) for m in (Branch, Park, *models)}


def ratings() -> list[dict[str, Any]]:
    """Return what the current ratings say."""
    rows = Rating.objects.order_by("park_id", "scheme_id", "state", "cut_off_on").values()
    return [{k: v for k, v in row.items() if k not in {"id", "computed_at"}} for row in rows]


FIRM = "91440300MA5DEM0006"
ROWS: Mapping[str, list[list[Any]]] = {
    "park": [["code", "name_zh_hans", "kind", "land_area_m2"], ["ROLL-1", "回退园", "UPSTAIRS", 30_000]],
    "buildings": [["code", "name_zh_hans", "use", "height_m"], ["A", "A 座", "FACTORY", 99.5]],
    "storeys": [["building_code", "level", "gross_floor_area_m2"], ["A", 1, 5000], ["A", 2, 4000]],
    "premises": [
        ["code", "building_code", "level", "use", "gross_area_m2"],
        ["A-1", "A", 1, "RND", 500],
        ["A-1", "A", 2, "RND", 300],
        ["A-2", "A", 3, "OFFICE", 200.5],
    ],
    "enterprises": [["uscc", "name_zh_hans", "industry_code", "founded_on"], [FIRM, "回退公司", "3491", "2018-04-12"]],
    "returns": [["uscc", "year", "staff_count", "revenue_wan"], [FIRM, 2025, 80, 5200.5]],
    "qualifications": [["uscc", "kind", "valid_from_on"], [FIRM, "HNTE", "2024-12-01"]],
    "addresses": [["uscc", "kind", "text", "starts_on", "in_this_park"], [FIRM, "REGISTERED", "一路 1 号", "2024-01-01", "是"]],
    "contacts": [["uscc", "name", "phone", "starts_on"], [FIRM, "李明", "0755-1234567", "2024-01-01"]],
    "occupancies": [["premises_code", "uscc", "starts_on", "rent_yuan_per_m2_month"], ["A-1", FIRM, "2024-03-01", 58.5]],
    "facts": [["fact_key", "value", "cut_off_on"], ["green_cover_m2", 9000, "2026-06-30"]],
    "points": [
        ["code", "kind", "unit", "ct_ratio", "factor_from_on"],
        ["E-1", "REGISTER", "KiloW-HR", 60, "2024-01-01"],
        ["E-2", "REGISTER", "KiloW-HR", "", ""],
    ],
    "meters": [
        ["code", "energy_kind", "level", "point_code", "parent_code", "building_code", "linked_from_on"],
        ["E-1", "ELECTRICITY", "1", "E-1", "", "A", "2024-01-01"],
        ["E-2", "ELECTRICITY", "2", "", "E-1", "A", "2024-01-01"],
    ],
    "metering_needs": [
        ["code", "name_zh_hans", "energy_kind", "level", "rated_load", "meter_code"],
        ["AL-1", "总箱", "ELECTRICITY", "2", 120, "E-1"],
    ],
    "sharing_rules": [
        ["energy_kind", "starts_on", "public_by", "loss_by", "fixed_shares"],
        ["ELECTRICITY", "2025-01-01", "AREA", "USE", ""],
    ],
    "energy_tariffs": [["energy_kind", "starts_on", "price"], ["ELECTRICITY", "2025-01-01", 0.68]],
    "projects": [["code", "name_zh_hans", "kind", "building_code", "planned_area_m2"], ["PR-1", "上楼改造", "UPSTAIRS", "A", 900]],
    "stages": [
        ["subject_kind", "subject_code", "stage", "entered_on"],
        ["PARK", "", "ATTRACT", "2019-03-01"],
        ["PARK", "", "OPERATE", "2020-03-01"],
        ["PROJECT", "PR-1", "PLAN", "2026-01-01"],
    ],
    "duties": [
        ["subject_kind", "subject_code", "code", "due_on", "party_kind", "body", "assigned_on"],
        ["PARK", "", "evacuation_plan", "2026-12-31", "PROPERTY", "物业公司", "2024-01-01"],
        ["PROJECT", "PR-1", "prj_feasibility", "2026-09-30", "OPERATOR", "运营公司", "2026-01-01"],
    ],
    "equipment": [
        ["code", "kind", "building_code", "level", "rated_kw", "ie_class", "hours_point_code"],
        ["PU-1", "PUMP", "A", 1, 75, "IE3", "E-2"],
    ],
    "commitments": [
        ["uscc", "year", "output_wan", "tax_wan", "agreement"],
        [FIRM, 2025, 8000, 300, "JG-1"],
    ],
    "lease_register": [
        ["number", "uscc", "state", "starts_on", "ends_on", "signed_on", "months_per_bill", "remark"],
        ["ZY-1", FIRM, "ACTIVE", "2024-03-01", "2027-03-01", "2024-02-01", 3, ""],
        ["ZY-2", FIRM, "", "2027-03-01", "2030-03-01", "", "", "续租草稿"],
    ],
    "lease_versions": [
        ["lease_number", "version", "effective_on", "reason", "months_per_bill"],
        ["ZY-1", 2, "2026-03-01", "单价调整", 3],
    ],
    "lease_premises": [
        ["lease_number", "version", "premises_code", "area_m2"],
        ["ZY-1", 1, "A-1", 800],
        ["ZY-1", 2, "A-1", 800],
        ["ZY-2", "", "A-1", 800],
    ],
    "lease_clauses": [
        ["lease_number", "version", "position", "kind", "price_yuan_per_m2", "per", "percent", "every_years", "frees"],
        ["ZY-1", 1, 1, "RENT", 58.5, "MONTH", "", "", ""],
        ["ZY-1", 2, 1, "租金", 55, "MONTH", "", "", ""],
        ["ZY-2", "", 1, "RENT", 60, "", "", "", ""],
        ["ZY-2", "", 2, "RISE", "", "", 5, 2, ""],
    ],
    "lease_turnover": [
        ["lease_number", "starts_on", "ends_on", "turnover_yuan"],
        ["ZY-1", "2025-01-01", "2025-04-01", 1200000.5],
    ],
    "index_values": [["series", "month_on", "value"], ["CPI", "2026-01-01", 101.2]],
    "lease_deposits": [
        ["lease_number", "number", "months_of_rent", "amount_yuan", "due_on", "remark"],
        ["ZY-1", 1, 2, "", "2024-03-01", ""],
        ["ZY-2", 1, "", 90000, "", "续租押金"],
    ],
    "lease_guarantees": [
        ["lease_number", "number", "kind", "guarantor", "amount_yuan", "valid_from_on", "valid_to_on"],
        ["ZY-1", 1, "BANK", "某银行", 150000, "2024-03-01", "2027-06-01"],
    ],
    "lease_documents": [
        ["lease_number", "number", "kind", "name", "dated_on", "reference", "version"],
        ["ZY-1", 1, "SIGNED", "房屋租赁合同", "2024-02-01", "宝安 2024-18", 1],
        ["ZY-1", 2, "SUPPLEMENT", "", "2026-02-01", "", 2],
    ],
    "deposit_entries": [
        ["uscc", "booked_on", "kind", "number", "amount_yuan", "reference", "reason"],
        [FIRM, "2024-03-05", "RECEIVED", "", 93600, "收 18", ""],
        [FIRM, "2025-03-05", "SET_OFF", "", 3600, "旧账单 2025-02", ""],
    ],
    "leads": [
        ["number", "company_name", "source", "received_on", "qualified_on", "area_from_m2", "needs_water"],
        ["XS-1", "意向企业甲", "AGENT", "2026-01-05", "2026-01-09", 600, "是"],
    ],
    "activity_data": [
        ["reference", "kind", "quantity", "starts_on", "ends_on", "building_code", "equipment_code"],
        ["DI-1", "diesel", 12.5, "2025-01-01", "2026-01-01", "A", "PU-1"],
    ],
    "refrigerant_log": [
        ["reference", "happened_on", "refrigerant", "kind", "mass_kg", "building_code"],
        ["RF-1", "2025-03-12", "r410a", "TOP_UP", 3.5, "A"],
    ],
    "green_power": [
        ["number", "kind", "quantity_kwh", "starts_on", "ends_on"],
        ["GEC-1", "CERTIFICATE", 5000, "2025-01-01", "2026-01-01"],
    ],
    "exchange_offers": [
        ["uscc", "direction", "kind", "substance", "unit", "per_month", "starts_on"],
        [FIRM, "OFFER", "WASTE_HEAT", "热水", "MJ", 9000, "2025-01-01"],
    ],
}  # fmt: skip


def sheets(**changed: Any) -> dict[str, Any]:
    """Return one row (or more) of everything that can be imported, with other sheets for those named."""
    chosen = {**ROWS, **changed}
    return {key: rows for key, rows in chosen.items() if rows}
