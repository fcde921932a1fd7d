"""Three parks of the city that have begun to keep their record: space, firms, stays, and nothing declared yet.

With them the city's firms by industry come from more than the living park, so that its specialisation can be told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from parkbrain.carbon import services as carbon
from parkbrain.enterprises import services as enterprises
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Branch, Park
from parkbrain.kernel.names import name_fields
from parkbrain.space import services as space

from .draws import rng
from .firms import Firm, draw_firms, return_rows
from .living import moment

#: Name, kind, longitude, latitude, and the trades its firms come from by the first digits of their codes.
PARKS = (
    ("demo-chengwan", ("澄湾精密制造园", "Chengwan Precision Park"), "UPSTAIRS", (113.861, 22.731), ("33", "34", "35")),
    (
        "demo-lingting",
        ("岭汀电子信息园", "Lingting Electronics Park"),
        "UPSTAIRS",
        (114.213, 22.702),
        ("38", "39", "40"),
    ),
    ("demo-xiting", ("溪汀软件园", "Xiting Software Park"), "RND", (113.949, 22.548), ("65", "73", "35")),
)
#: What the first, second, … firm of a park offers or needs: direction, kind, substance, amount a month, unit.
OFFERS = {
    "demo-chengwan": (
        ("OFFER", "BYPRODUCT", "铝屑", 2.5, "t"),
        ("NEED", "PACKAGING", "木托盘", 90.0, "pcs"),
        ("NEED", "WASTE_HEAT", "清洗用热水", 20_000.0, "MJ"),
    ),
    "demo-lingting": (
        ("OFFER", "SOLVENT", "废异丙醇", 450.0, "kg"),
        ("OFFER", "PACKAGING", "周转箱", 260.0, "pcs"),
        ("NEED", "BYPRODUCT", "铝屑", 1.5, "t"),
    ),
    "demo-xiting": (("NEED", "PACKAGING", "周转箱", 60.0, "pcs"),),
}
STOREYS, A_STOREY, AREA_M2 = 5, 4, 620.0
#: Of the premises, so many stand empty.
VACANT = 3


def load(*, seed: int, on: date, operators: Mapping[str, Branch]) -> int:
    """Record the three parks, each under an operator of its own; return how many."""
    pool = _firms_of_their_own(seed, on)
    places = list(operators.values())
    for number, spec in enumerate(PARKS):
        park = _record_park(spec, on, places[number % len(places)])
        codes = _record_space(park, on)
        firms = _take(pool, spec[-1], len(codes) - VACANT)
        _let(seed, on, park, codes, firms)
        _offer(on, park, codes, firms)
    return len(PARKS)


def _firms_of_their_own(seed: int, on: date) -> list[Firm]:
    drawn = draw_firms(seed=seed + 1, on=on, count=150)
    names = {firm.name_zh for firm in drawn}
    codes = {firm.uscc for firm in drawn}
    taken = set(Enterprise.objects.filter(name_zh_hans__in=names).values_list("name_zh_hans", flat=True))
    taken |= set(Enterprise.objects.filter(uscc__in=codes).values_list("uscc", flat=True))
    return [firm for firm in drawn if firm.name_zh not in taken and firm.uscc not in taken]


def _take(pool: list[Firm], trades: Sequence[str], count: int) -> list[Firm]:
    """Take firms of the park's trades first, and others for the rest."""
    chosen = sorted(pool, key=lambda firm: not firm.code.startswith(tuple(trades)))[:count]
    for firm in chosen:
        pool.remove(firm)
    return chosen


def _record_park(spec: tuple[Any, ...], on: date, operator: Branch) -> Park:
    code, (zh, en), kind, (longitude, latitude), trades = spec
    row = {
        "code": code,
        **name_fields(zh_hans=f"{zh}（演示）", en=f"{en} (demo)"),
        "standing": "FICTIONAL",
        "kind": kind,
        "district_code": operator.parent.code if operator.parent else "",
        "longitude": longitude,
        "latitude": latitude,
        "opened_on": date(on.year - 4, 6, 1),
        "gross_floor_area_m2": STOREYS * A_STOREY * AREA_M2 * 1.2,
        "leading_industries": list(trades),
        "parent": operator,
    }
    return space.record_parks(rows=[row], actor=None, at=moment(on))[0].row


def _record_space(park: Park, on: date) -> list[str]:
    """Record one building with its storeys and premises; return the codes of these."""
    at = moment(on)
    space.record_sites(park=park, rows=[{"code": "1", **name_fields(zh_hans="地块", en="Parcel")}], actor=None, at=at)
    building = {"code": "A", **name_fields(zh_hans="A栋", en="Block A"), "use": "FACTORY", "height_m": 4.8 * STOREYS}
    space.record_buildings(park=park, rows=[building], actor=None, at=at)
    storeys = [
        {"building_code": "A", "level": level, "height_m": 4.8, "gross_floor_area_m2": A_STOREY * AREA_M2 * 1.2}
        for level in range(1, STOREYS + 1)
    ]
    space.record_storeys(park=park, rows=storeys, actor=None, at=at)
    rows = [
        {
            "code": f"A-{level}{number:02d}",
            "building_code": "A",
            "level": level,
            "use": "PRODUCTION",
            "gross_area_m2": AREA_M2,
            "billing_area_m2": AREA_M2,
            "lettable": True,
            "lettable_from_on": park.opened_on,
        }
        for level in range(1, STOREYS + 1)
        for number in range(1, A_STOREY + 1)
    ]
    space.record_premises_rows(park=park, rows=rows, actor=None, at=at)
    return [str(row["code"]) for row in rows]


def _let(seed: int, on: date, park: Park, codes: Sequence[str], firms: Sequence[Firm]) -> None:
    at, draw = moment(on), rng(seed, f"neighbor {park.code}")
    rows = [
        {
            "uscc": firm.uscc,
            **name_fields(zh_hans=firm.name_zh, en=firm.name_en),
            "industry_code": firm.code,
            "founded_on": firm.founded_on,
            "products": firm.products,
            "products_en": firm.products_en,
            "is_fictional": True,
        }
        for firm in firms
    ]
    enterprises.record_enterprises(rows=rows, actor=None, at=at, park=park)
    figures = [row for firm in firms for row in return_rows(seed=seed, firm=firm, last_year=on.year - 1)]
    enterprises.record_returns(rows=figures, actor=None, at=at, park=park)
    opened_on = park.opened_on or on
    stays = [
        {
            "premises_code": code,
            "uscc": firm.uscc,
            "starts_on": max(
                opened_on, firm.founded_on + timedelta(days=60), on - timedelta(days=draw.randrange(90, 1200))
            ),
            "ends_on": None,
        }
        for code, firm in zip(codes, firms, strict=False)
    ]
    enterprises.record_occupancies(park=park, rows=stays, actor=None, at=at)


def _offer(on: date, park: Park, codes: Sequence[str], firms: Sequence[Firm]) -> None:
    """Record what firms of the park offer those of other parks, and need from them."""
    rows = [
        {
            "uscc": firm.uscc,
            "building_code": "A",
            "direction": direction,
            "kind": kind,
            "substance": substance,
            "per_month": amount,
            "unit": unit,
            "starts_on": date(on.year, 2, 1),
            "contact": f"{code} 前台 0755-0000 0000",
        }
        for firm, code, (direction, kind, substance, amount, unit) in zip(firms, codes, OFFERS[park.code], strict=False)
    ]
    carbon.record_offers(park=park, rows=rows, actor=None, at=moment(on))
