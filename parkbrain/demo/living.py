"""The fictional park that is alive: its tower, firms, facts with evidence, findings and frozen ratings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from parkbrain.enterprises import services as enterprises
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.names import name_fields
from parkbrain.space import services as space

from . import past, tower
from .draws import rng
from .firms import Firm, address_rows, draw_firms, qualification_rows, return_rows

CODE = "demo-xingting"
FIRMS = 128
FORMER = 24
#: Firms whose yearly figures are not there: unknown stays unknown, and the coverage of every sum says so.
WITHOUT_RETURNS = 7
ADDRESS_ZH = "深圳市龙华区观澜街道星汀路1号"
ELSEWHERE_ZH = "深圳市宝安区（演示地址）云川路88号"


@dataclass(frozen=True)
class Living:
    """The park as it was made, with the firms now in it."""

    park: Park
    firms: Sequence[Firm]
    opened_on: date


def moment(day: date, hour: int = 2) -> datetime:
    """Return a moment of a day: the demo's clock."""
    return datetime.combine(day, time(hour), UTC)


def park_row(*, on: date) -> dict[str, Any]:
    """Return the park: a name and a place that no real park bears."""
    return {
        "code": CODE,
        **name_fields(zh_hans="星汀智造园（演示）", en="Xingting Robotics Park (demo)"),
        "standing": "FICTIONAL",
        "kind": "UPSTAIRS",
        "district_code": "440309",
        "street": "观澜街道",
        "address": ADDRESS_ZH,
        "longitude": 114.0466,
        "latitude": 22.7174,
        "opened_on": opening(on=on),
        "land_area_m2": 21_300.0,
        "gross_floor_area_m2": tower.PODIUM * tower.PODIUM_M2
        + (tower.STOREYS - tower.PODIUM) * tower.TOWER_M2
        + 2 * 4600.0
        + 4 * 1250.0,
        "leading_industries": ["34", "35", "38", "39", "40"],
    }


def opening(*, on: date) -> date:
    """Return the day the park opened: six years before the demo's day."""
    return date(on.year - 6, 3, 1)


def make_park(*, seed: int, on: date, operator: Branch, actor: User) -> Living:
    """Make the park with its buildings, firms, certificates, addresses, figures and occupancies."""
    opened_on, at = opening(on=on), moment(on)
    park = space.record_parks(rows=[park_row(on=on)], actor=actor, at=at, parent=operator)[0].row
    _record_space(seed, park, opened_on, actor, at)
    drawn = draw_firms(seed=seed, on=on, count=FIRMS + FORMER)
    firms, former = drawn[:FIRMS], drawn[FIRMS:]
    _record_firms(seed, on, park, firms, former, actor)
    places = tower.draw_places(seed=seed)
    stays = tower.occupancy_rows(seed=seed, places=places, firms=firms, former=former, opened_on=opened_on, on=on)
    enterprises.record_occupancies(park=park, rows=stays, actor=actor, at=at)
    _record_addresses(seed, park, firms, stays, actor, at)
    _rename_one(seed, park, firms, actor, on)
    _attach_documents(park, firms, actor, on)
    past.record_contacts(seed=seed, on=on, park=park, firms=firms, stays=stays, actor=actor)
    past.change_boundary(on=on, park=park, former=former, stays=stays, actor=actor)
    return Living(park, firms, opened_on)


def _record_space(seed: int, park: Park, opened_on: date, actor: User, at: datetime) -> None:
    site = {
        "code": "1",
        **name_fields(zh_hans=f"{park.name_zh_hans}地块", en="Xingting parcel"),
        "land_area_m2": park.land_area_m2,
        "land_use": "M0",
    }
    space.record_sites(park=park, rows=[site], actor=actor, at=at)
    buildings = [
        {
            "code": "T1",
            **name_fields(zh_hans="1号智造塔", en="Works Tower 1"),
            "use": "FACTORY",
            "height_m": 130.6,
            "completed_on": opened_on - timedelta(days=120),
        },
        {
            "code": "S1",
            **name_fields(zh_hans="生活配套楼", en="Service Building"),
            "use": "DORMITORY",
            "height_m": 17.0,
            "completed_on": opened_on - timedelta(days=60),
        },
    ]
    space.record_buildings(park=park, rows=buildings, actor=actor, at=at)
    space.record_storeys(park=park, rows=tower.storey_rows(), actor=actor, at=at)
    places = tower.draw_places(seed=seed)
    rows = tower.premises_rows(seed=seed, places=places, opened_on=opened_on)
    space.record_premises_rows(park=park, rows=rows, actor=actor, at=at)


def _record_firms(seed: int, on: date, park: Park, firms: Sequence[Firm], former: Sequence[Firm], actor: User) -> None:
    at = moment(on)
    rows = [
        {
            "uscc": firm.uscc,
            **name_fields(zh_hans=firm.name_zh, en=firm.name_en),
            "industry_code": firm.code,
            "founded_on": firm.founded_on,
            "products": firm.products,
            "products_en": firm.products_en,
            "is_listed": firm.band == "large",
            "is_fictional": True,
        }
        for firm in (*firms, *former)
    ]
    enterprises.record_enterprises(rows=rows, actor=actor, at=at, park=park)
    silent = {firm.uscc for firm in rng(seed, "silent").sample(list(firms[20:]), WITHOUT_RETURNS)}
    figures = [
        row
        for firm in (*firms, *former)
        if firm.uscc not in silent
        for row in return_rows(seed=seed, firm=firm, last_year=on.year - 1)
    ]
    enterprises.record_returns(rows=figures, actor=actor, at=at, park=park)
    certificates = [row for firm in firms for row in qualification_rows(seed=seed, firm=firm, on=on)]
    enterprises.record_qualifications(rows=certificates, actor=actor, at=at, park=park)


def _record_addresses(
    seed: int, park: Park, firms: Sequence[Firm], stays: Sequence[Mapping[str, Any]], actor: User, at: datetime
) -> None:
    first: dict[str, Mapping[str, Any]] = {}
    for stay in sorted(stays, key=lambda s: s["starts_on"]):
        first.setdefault(stay["uscc"], stay)
    rows = []
    for firm in firms:
        if firm.uscc not in first:
            continue
        moved_in = first[firm.uscc]
        rows += address_rows(
            seed=seed,
            firm=firm,
            moved_in_on=moved_in["starts_on"],
            park=park,
            here=f"{ADDRESS_ZH}{moved_in['premises_code']}",
            elsewhere=ELSEWHERE_ZH,
        )
    enterprises.record_addresses(rows=rows, actor=actor, at=at, park=park)


def _rename_one(seed: int, park: Park, firms: Sequence[Firm], actor: User, on: date) -> None:
    """Let one firm change its name last month: the audit trail shows the old one."""
    firm = rng(seed, "renamed").choice(list(firms[5:20]))
    new = name_fields(
        zh_hans=firm.name_zh.replace("深圳市", "深圳").replace("有限公司", "集团有限公司"), en=f"{firm.name_en} Group"
    )
    at = moment(on - timedelta(days=31))
    enterprises.record_enterprises(rows=[{"uscc": firm.uscc, **new}], actor=actor, at=at, park=park)


def _attach_documents(park: Park, firms: Sequence[Firm], actor: User, on: date) -> None:
    """Attach a licence and a safety agreement to some firms; one agreement has run out."""
    found = {e.uscc: e for e in Enterprise.objects.filter(uscc__in=[f.uscc for f in firms[:24]])}
    for index, firm in enumerate(firms[:24]):
        licence = (
            f"营业执照（演示）\n{firm.name_zh}\n{firm.name_en}\n统一社会信用代码 {firm.uscc}\n成立日期 {firm.founded_on}\n"
            "This is a generated document of a fictional firm.\n"
        )
        papers: list[tuple[str, str, str, date | None]] = [("LICENCE", f"licence-{firm.uscc}.txt", licence, None)]
        if index % 2 == 0:
            until = on + timedelta(days=330 - 40 * index)
            text = f"安全生产管理协议（演示）\n甲方 {park.name_zh_hans}\n乙方 {firm.name_zh}\n有效期至 {until}\n"
            papers.append(("SAFETY", f"safety-agreement-{firm.uscc}.txt", text, until))
        for kind, name, text, ends in papers:
            stored = store_document(name=name, chunks=[text.encode()], actor=actor, at=moment(on), park=park)
            enterprises.attach_document(
                enterprise=found[firm.uscc],
                document=stored,
                kind=kind,
                actor=actor,
                at=moment(on),
                valid_to_on=ends,
                park=park,
            )
