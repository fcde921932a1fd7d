"""The living park's past and people: a parcel that was sold, a building that came, premises split; contacts of firms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from parkbrain.calc.intervals import months_before
from parkbrain.enterprises import services as enterprises
from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import name_fields
from parkbrain.space import services as space
from parkbrain.space.models import Premises, Site

from .draws import rng
from .firms import Firm

SURNAMES = ("陈", "林", "黄", "李", "吴", "张", "刘", "周", "郑", "梁", "何", "谢", "徐", "罗", "许", "邓")
GIVEN = ("志远", "嘉欣", "俊杰", "晓雯", "建华", "思敏", "伟强", "雨桐", "文博", "静怡", "海涛", "佩珊")
POSITIONS = ("行政经理", "总经理助理", "财务主管", "安全主任")
SOLD_MONTHS, ADDED_MONTHS, SPLIT_MONTHS = 14, 8, 10
#: Firms that entrusted identity and bank account to the park, and those that filed fire acceptance and insurance.
ENTRUSTED, FILED = 12, 10


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(3), UTC)


def record_contacts(
    *, seed: int, on: date, park: Park, firms: Sequence[Firm], stays: Sequence[Mapping[str, Any]], actor: User
) -> None:
    """Record who may be called at each firm, some before them, and what a few firms entrusted and filed."""
    draw = rng(seed, "contacts")
    first: dict[str, date] = {}
    for stay in stays:
        first[stay["uscc"]] = min(stay["starts_on"], first.get(stay["uscc"], stay["starts_on"]))
    rows: list[dict[str, Any]] = []
    for index, firm in enumerate(f for f in firms if f.uscc in first):
        started = first[firm.uscc]
        changed = on - timedelta(days=draw.randrange(60, 500))
        # Every sixth firm has a new main contact since last year.
        moved = index % 6 == 0 and changed > started
        people = draw.sample([a + b for a in SURNAMES for b in GIVEN], 3)
        if moved:
            rows.append(_contact(draw, firm, people[2], 0, started, changed))
        rows.append(_contact(draw, firm, people[0], 0, changed if moved else started, None))
        if index % 3 == 0:
            rows.append(_contact(draw, firm, people[1], 1 + index % 3, started, None))
    enterprises.record_contacts(park=park, rows=rows, actor=actor, at=_moment(on))
    found = {e.uscc: e for e in Enterprise.objects.filter(uscc__in=[f.uscc for f in firms[:ENTRUSTED]])}
    for index, firm in enumerate(firms[:ENTRUSTED]):
        number = draw.randrange(10**8)
        details = {
            "legal_representative": draw.choice(SURNAMES) + draw.choice(GIVEN),
            # Numbers that nobody bears: region and birthday are zeros.
            "representative_id_number": f"000000000000{number % 10**6:06d}",
            "bank_name": "演示银行深圳分行",
            "bank_account": f"0000 0000 {number:08d}",
        }
        enterprise = found[firm.uscc]
        enterprises.record_confidence(enterprise=enterprise, park=park, values=details, actor=actor, at=_moment(on))
        if index < FILED:
            _file_papers(on, park, firm, enterprise, index, actor)


def _contact(draw: Any, firm: Firm, name: str, position: int, starts_on: date, ends_on: date | None) -> dict[str, Any]:
    return {
        "uscc": firm.uscc,
        "name": name,
        "position": POSITIONS[position],
        "phone": f"0755-0000 {draw.randrange(10**4):04d}",
        "email": f"contact{draw.randrange(10**4):04d}@{firm.uscc[-6:].lower()}.example",
        "is_main": position == 0,
        "starts_on": starts_on,
        "ends_on": ends_on,
    }


def _file_papers(on: date, park: Park, firm: Firm, enterprise: Enterprise, index: int, actor: User) -> None:
    insured_to_on = on + timedelta(days=35 * index - 20)
    papers = (
        ("FIRE", f"fire-acceptance-{firm.uscc}.txt", "消防验收意见（演示）", on - timedelta(days=700), None),
        (
            "INSURANCE",
            f"insurance-{firm.uscc}.txt",
            "财产保险单（演示）",
            insured_to_on - timedelta(days=365),
            insured_to_on,
        ),
    )
    for kind, name, title, valid_from_on, valid_to_on in papers:
        content = f"{title}\n{firm.name_zh}\n{firm.name_en}\n{valid_from_on} – {valid_to_on or ''}\n".encode()
        enterprises.file_document(
            enterprise=enterprise,
            name=name,
            size_bytes=len(content),
            chunks=[content],
            kind=kind,
            valid_from_on=valid_from_on,
            valid_to_on=valid_to_on,
            actor=actor,
            at=_moment(on),
            park=park,
        )


def change_boundary(
    *, on: date, park: Park, former: Sequence[Firm], stays: Sequence[Mapping[str, Any]], actor: User
) -> None:
    """Sell a parcel with its warehouse, add a pilot building, and split premises of the tower."""
    _sell_parcel(on, park, former, actor)
    _add_building(on, park, stays, actor)
    _split_one(on, park, actor)


def _sell_parcel(on: date, park: Park, former: Sequence[Firm], actor: User) -> None:
    sold_on = months_before(on, SOLD_MONTHS).replace(day=1)
    opened_on = park.opened_on or on
    at = _moment(opened_on)
    site = {
        "code": "2",
        **name_fields(zh_hans="观澜二号地块", en="Guanlan parcel 2"),
        "land_area_m2": 6_400.0,
        "land_use": "M1",
    }
    space.record_sites(park=park, rows=[site], actor=actor, at=at)
    warehouse = {
        "code": "W1",
        "site_code": "2",
        **name_fields(zh_hans="二号地块仓库", en="Parcel 2 Warehouse"),
        "use": "WAREHOUSE",
        "height_m": 14.0,
        "completed_on": opened_on - timedelta(days=2000),
    }
    space.record_buildings(park=park, rows=[warehouse], actor=actor, at=at)
    rows = [_premises("W1", f"W1-{level}0{n}", level, "STORAGE", 780.0) for level in (1, 2) for n in (1, 2)]
    space.record_premises_rows(park=park, rows=rows, actor=actor, at=at)
    starts_on = opened_on + timedelta(days=120)
    there = [firm for firm in former if firm.founded_on < starts_on][:3]
    places = [(row["code"], firm.uscc, starts_on) for row, firm in zip(rows, there, strict=False)]
    enterprises.record_occupancies(park=park, rows=_stays(places), actor=actor, at=_moment(starts_on))
    enterprises.remove_from_park(
        subject=Site.objects.get(park=park, code="2"),
        removed_on=sold_on,
        reason="地块出售（演示）",
        end_stays=True,
        actor=actor,
        at=_moment(sold_on),
    )


def _add_building(on: date, park: Park, stays: Sequence[Mapping[str, Any]], actor: User) -> None:
    added_on = months_before(on, ADDED_MONTHS).replace(day=1)
    at = _moment(added_on)
    pilot = {
        "code": "P1",
        "site_code": "1",
        **name_fields(zh_hans="中试楼", en="Pilot Building"),
        "use": "FACTORY",
        "height_m": 13.2,
        "completed_on": added_on - timedelta(days=30),
        "added_on": added_on,
    }
    space.record_buildings(park=park, rows=[pilot], actor=actor, at=at)
    rows = [_premises("P1", f"P1-{level}01", level, "PRODUCTION", 640.0) for level in (1, 2)]
    space.record_premises_rows(park=park, rows=[{**r, "added_on": added_on} for r in rows], actor=actor, at=at)
    grown = [stay["uscc"] for stay in stays if stay["ends_on"] is None][:2]
    places = [
        (row["code"], uscc, added_on + timedelta(days=20 * (n + 1)))
        for n, (row, uscc) in enumerate(zip(rows, grown, strict=False))
    ]
    enterprises.record_occupancies(park=park, rows=_stays(places), actor=actor, at=at)


def _split_one(on: date, park: Park, actor: User) -> None:
    """Split the largest premises that one firm has held for long; another firm takes the smaller part."""
    split_on = months_before(on, SPLIT_MONTHS).replace(day=1)
    held = Occupancy.objects.filter(premises__park=park, premises__building__code="T1", ends_on=None)
    long = held.filter(starts_on__lt=months_before(split_on, 6)).select_related("premises__building", "enterprise")
    stay = long.order_by("-premises__billing_area_m2", "premises__code").first()
    if stay is None:
        return
    old = stay.premises
    area_m2 = round(old.billing_area_m2 * 0.6, 1)
    codes = [f"{old.code}A", f"{old.code}B"]
    enterprises.split_premises(
        premises=old,
        parts=[
            {"code": codes[0], "gross_area_m2": area_m2},
            {"code": codes[1], "gross_area_m2": round(old.billing_area_m2 - area_m2, 1)},
        ],
        kept_by_occupant=codes[:1],
        changed_on=split_on,
        reason="承租方退租部分面积（演示）",
        actor=actor,
        at=_moment(split_on),
    )
    other = held.exclude(enterprise=stay.enterprise).exclude(premises=old).order_by("premises__code").first()
    if other is not None:
        places = [(codes[1], other.enterprise.uscc, split_on + timedelta(days=45))]
        enterprises.record_occupancies(park=park, rows=_stays(places), actor=actor, at=_moment(split_on))


def _premises(building: str, code: str, level: int, use: str, area_m2: float) -> dict[str, Any]:
    return {
        "code": code,
        "building_code": building,
        "level": level,
        "use": use,
        "gross_area_m2": area_m2,
        "billing_area_m2": area_m2,
        "lettable": True,
        "clear_height_m": 5.2,
        "floor_load_kn_m2": 10.0,
        "fire_class": Premises.FireClass.C,
    }


def _stays(places: Sequence[tuple[str, str, date]]) -> list[dict[str, Any]]:
    return [
        {
            "premises_code": code,
            "uscc": uscc,
            "starts_on": starts_on,
            "lease_number": f"DEMO-L{starts_on:%y%m}-{code}",
            "lease_ends_on": date(starts_on.year + 3, starts_on.month, min(starts_on.day, 28)),
            "rent_yuan_per_m2_month": 48,
        }
        for code, uscc, starts_on in places
    ]
