"""The living park: space, firms, occupancies, figures, documents, declared and verified facts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from parkbrain import schemes
from parkbrain.assessment import queries as assessment
from parkbrain.assessment import services as stars
from parkbrain.enterprises import services as firms_services
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import registry
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.names import name_fields
from parkbrain.space import services as space

from . import firms as drawn
from . import measures, tower
from .draws import rng

CODE = "xinghe-li"
HERE = "深圳市龙华区观湖街道演示路 1 号星河里智造园（虚构）"
ELSEWHERE = "深圳市南山区粤海街道演示大道 8 号（虚构）"
FIRM_COUNT = 126
FORMER_COUNT = 34
#: Facts nobody has stated yet: what a newcomer sees as gaps, by what they decide.
MISSING = (
    "graduates_12m",
    "iot_points_required",
    "satisfaction_score",
    "rd_spend_wan_declared",
    "renewable_kwh",
    "platform_djbh",
    "facility_medical",
    "talents_delivered_12m",
    "online_transactions_12m",
    "demand_survey_done",
)
#: Facts that come with a file.
WITH_EVIDENCE = (
    ("green_cover_m2", "绿地测绘报告（演示）.pdf"),
    ("hazards_due", "隐患台账（演示）.pdf"),
    ("meters_installed_capped", "计量器具台账（演示）.pdf"),
    ("co2_scope12_t", "碳排放清单（演示）.pdf"),
    ("duties_assigned_valid", "责任清单（演示）.pdf"),
    ("inspections_valid", "特种设备检验台账（演示）.pdf"),
    ("fees_received_on_time_yuan", "应收账龄（演示）.pdf"),
    ("tenants_safety_coordinated", "安全协议清单（演示）.pdf"),
)
VERIFIED = ("green_cover_m2", "meters_installed_capped", "duties_assigned_valid")
TARGETS = {"A": 84.0, "B": 80.0, "C": 79.0, "D": 66.0, "E": 76.0, "F": 82.0}


@dataclass(frozen=True)
class Cast:
    """Who acts in the demo, when, and with which draws."""

    seed: int
    on: date
    at: datetime
    operator: User
    assessor: User


def record_living_park(*, branch: Branch, cast: Cast, step: Callable[[str], None]) -> Park:
    """Record the park with everything that stands in it; facts come after."""
    opened_on = cast.on - timedelta(days=2250)
    park = space.record_parks(
        rows=[
            {
                "code": CODE,
                **name_fields(zh_hans="星河里智造园（虚构）", en="Xinghe Li Smart Works (fictional)"),
                "standing": Park.Standing.FICTIONAL,
                "kind": Park.Kind.UPSTAIRS,
                "district_code": "440309",
                "street": "观湖街道",
                "address": HERE,
                "longitude": 114.0561,
                "latitude": 22.7012,
                "opened_on": opened_on,
                "land_area_m2": 19800.0,
                "gross_floor_area_m2": 63060.0,
                "leading_industries": ["34", "35", "38", "39", "40"],
            }
        ],
        actor=None,
        at=cast.at,
        parent=branch,
    )[0].row
    step("space")
    _record_space(park, cast, opened_on)
    step("enterprises")
    _record_firms(park, cast, opened_on)
    return park


def _record_space(park: Park, cast: Cast, opened_on: date) -> None:
    where = {"park": park, "actor": cast.operator, "at": cast.at}
    space.record_sites(
        rows=[{"code": "A", **name_fields(zh_hans="主地块", en="Main site"), "land_area_m2": 19800.0, "land_use": "M0"}],
        **where,
    )
    building = {"site_code": "A", "completed_on": opened_on - timedelta(days=160)}
    space.record_buildings(
        rows=[
            {**building, "code": "T1", **name_fields(zh_hans="智造塔", en="Works Tower"), "use": "FACTORY", "height_m": 112.0},
            {**building, "code": "S1", **name_fields(zh_hans="服务楼", en="Service House"), "use": "SERVICE", "height_m": 17.0},
        ],
        **where,
    )
    space.record_storeys(rows=tower.storey_rows(), **where)
    places = tower.draw_places(seed=cast.seed)
    space.record_premises_rows(
        rows=tower.premises_rows(seed=cast.seed, places=places, opened_on=opened_on), **where
    )


def _record_firms(park: Park, cast: Cast, opened_on: date) -> None:
    places = tower.draw_places(seed=cast.seed)
    everyone = drawn.draw_firms(seed=cast.seed, on=cast.on, count=FIRM_COUNT + FORMER_COUNT)
    present, former = everyone[:FIRM_COUNT], everyone[FIRM_COUNT:]
    where = {"park": park, "actor": cast.operator, "at": cast.at}
    firms_services.record_enterprises(rows=[_firm_row(firm) for firm in everyone], **where)
    stays = tower.occupancy_rows(
        seed=cast.seed, places=places, firms=present, former=former, opened_on=opened_on, on=cast.on
    )
    firms_services.record_occupancies(rows=stays, **where)
    # One firm in forty has handed in no figures: unknown, and the coverage of the totals says so.
    reporting = [f for i, f in enumerate(present) if i % 41 != 7]
    figures = [row for f in reporting for row in drawn.return_rows(seed=cast.seed, firm=f, last_year=cast.on.year - 1)]
    firms_services.record_returns(rows=figures, **where)
    certificates = [row for f in present for row in drawn.qualification_rows(seed=cast.seed, firm=f, on=cast.on)]
    firms_services.record_qualifications(rows=certificates, **where)
    moved_in: dict[str, date] = {}
    for stay in stays:
        moved_in[stay["uscc"]] = min(stay["starts_on"], moved_in.get(stay["uscc"], stay["starts_on"]))
    addresses = [
        row
        for f in present
        if f.uscc in moved_in
        for row in drawn.address_rows(
            seed=cast.seed, firm=f, moved_in_on=moved_in[f.uscc], park=park, here=HERE, elsewhere=ELSEWHERE
        )
    ]
    firms_services.record_addresses(rows=addresses, **where)
    _attach_documents(park, cast, present)


def _firm_row(firm: drawn.Firm) -> dict[str, object]:
    return {
        "uscc": firm.uscc,
        **name_fields(zh_hans=firm.name_zh, en=firm.name_en),
        "industry_code": firm.code,
        "products": firm.products,
        "products_en": firm.products_en,
        "founded_on": firm.founded_on,
        "is_listed": firm.band == "large",
        "is_headquarters": firm.band in {"medium", "large"},
        "is_fictional": True,
    }


def _attach_documents(park: Park, cast: Cast, present: list[drawn.Firm]) -> None:
    draw = rng(cast.seed, "documents")
    firms = {e.uscc: e for e in Enterprise.objects.filter(uscc__in=[f.uscc for f in present])}
    for firm in present[::2]:
        for kind, label in (("LICENCE", "营业执照"), ("SAFETY", "安全管理协议")):
            document = store_document(
                name=f"{firm.name_zh}-{label}（演示）.txt",
                chunks=[f"{label}\n{firm.name_zh}\n{firm.uscc}\n虚构文件 / fictional document\n".encode()],
                actor=cast.operator,
                at=cast.at,
                park=park,
            )
            expires = cast.on + timedelta(days=draw.randrange(-30, 700)) if kind == "SAFETY" else None
            firms_services.attach_document(
                enterprise=firms[firm.uscc],
                document=document,
                kind=kind,
                actor=cast.operator,
                at=cast.at,
                valid_to_on=expires,
                park=park,
            )


def declare_living_facts(*, park: Park, cast: Cast, cut_off_on: date, shift: float, note: str) -> None:
    """Declare what is not computed from rows, at a level `shift` points from today's."""
    scheme = assessment.get_scheme(scheme_id=assessment.MAIN_SCHEME)
    catalogue = schemes.catalogue()
    computed = registry.facts.keys() & scheme.facts
    gathered = assessment.gather_facts(park_ids=[park.pk], cut_off_on=cut_off_on, keys=sorted(computed))
    fixed = {
        key: np.array([gathered.values[0, i]])
        for i, key in enumerate(gathered.keys)
        if not np.isnan(gathered.values[0, i])
    }
    columns = measures.draw_columns(
        scheme=scheme,
        draw=np.random.default_rng(cast.seed + cut_off_on.toordinal()),
        targets={key: np.array([min(96.0, level + shift)]) for key, level in TARGETS.items()},
        size_m2=np.array([52000.0]),
        quality=np.array([0.7]),
        fixed=fixed,
        units={key: entry["unit"] for key, entry in catalogue.items()},
    )
    columns.update({key: np.array([0.0]) for key in measures.VETOES})
    columns["level1_electricity_meter_rate"] = np.array([100.0])
    columns["operator_catalogue_equipment_overdue"] = np.array([0.0])
    evidence = {key: _evidence(park, cast, key, name) for key, name in WITH_EVIDENCE} if shift == 0 else {}
    entries = [
        stars.FactEntry(key, _within(catalogue[key], float(columns[key][0])), note, evidence.get(key))
        for key in columns
        if key in scheme.facts and key not in computed and not (shift == 0 and key in MISSING)
    ]
    # A declared value that contradicts the rows: the page shows both, the computed one counts.
    if shift == 0:
        entries.append(stars.FactEntry("tenants_active", float(FIRM_COUNT + 9), note))
    stars.declare_facts(park=park, entries=entries, cut_off_on=cut_off_on, actor=cast.operator, at=cast.at, follow=False)
    if shift == 0:
        _verify(park, cast, columns, cut_off_on)


def _within(entry: dict[str, float], value: float) -> float:
    return min(max(value, entry.get("min", value)), entry.get("max", value))


def _evidence(park: Park, cast: Cast, key: str, name: str) -> object:
    text = f"%PDF-1.4\n% fictional evidence of the demo: {key}\n%%EOF\n"
    return store_document(name=name, chunks=[text.encode()], actor=cast.operator, at=cast.at, park=park)


def _verify(park: Park, cast: Cast, columns: dict[str, np.ndarray], cut_off_on: date) -> None:
    for key in VERIFIED:
        stated = float(columns[key][0])
        # The assessor counted one meter less: self-stated and verified stand side by side.
        found = stated - 1 if key == "meters_installed_capped" else stated
        reason = "现场核查少计一只（演示）" if found != stated else ""
        stars.verify_fact(
            park=park,
            fact_key=key,
            value=found,
            cut_off_on=cut_off_on,
            actor=cast.assessor,
            at=cast.at,
            reason=reason,
        )


def frozen_dates(*, on: date) -> list[tuple[date, float, str]]:
    """Return past cut-off dates with how far the park stood behind today, and their titles."""
    return [
        (date(on.year - 1, 6, 30), -13.0, "上年中期自评（演示）"),
        (date(on.year - 1, 12, 31), -8.0, "上年度自评（演示）"),
        (date(on.year, 6, 30), -4.0, "本年中期自评（演示）"),
    ]
