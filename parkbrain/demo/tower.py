"""The 23-storey tower of the fictional park: storeys, premises with properties that change with height, and who was where."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from .draws import rng
from .firms import Firm

STOREYS = 23
PODIUM = 4
PODIUM_M2, TOWER_M2 = 4200.0, 3100.0
#: Share of a storey that can be let: the rest is core, lifts and corridors.
EFFICIENCY = 0.86


@dataclass(frozen=True)
class Place:
    """Premises of the tower as drawn."""

    code: str
    level: int
    use: str
    area_m2: float


def storey_rows() -> list[dict[str, Any]]:
    """Return the storeys of the tower and of its basement."""
    rows: list[dict[str, Any]] = [
        {"building_code": "T1", "level": -level, "height_m": 3.9, "gross_floor_area_m2": 4600.0} for level in (1, 2)
    ]
    for level in range(1, STOREYS + 1):
        rows.append(
            {
                "building_code": "T1",
                "level": level,
                "height_m": 7.2 if level == 1 else 6.2 if level <= 10 else 5.2,
                "gross_floor_area_m2": PODIUM_M2 if level <= PODIUM else TOWER_M2,
            }
        )
    rows += [
        {"building_code": "S1", "level": level, "height_m": 4.2, "gross_floor_area_m2": 1250.0} for level in range(1, 5)
    ]
    return rows


def draw_places(*, seed: int) -> list[Place]:
    """Return the premises from the ground up."""
    draw = rng(seed, "tower")
    places: list[Place] = []
    for level in range(1, STOREYS + 1):
        gross = (PODIUM_M2 if level <= PODIUM else TOWER_M2) * EFFICIENCY
        count = 4 if level <= 3 else draw.choice((6, 6, 7, 7, 8)) if level < 22 else 5
        cuts = _shares(draw, count)
        for number, share in enumerate(cuts, start=1):
            places.append(
                Place(f"T1-{level:02d}{number:02d}", level, _use(draw, level, number), round(gross * share, 1))
            )
    places += [Place(f"S1-{level}01", -100 - level, use, 980.0) for level, use in ((1, "RETAIL"), (2, "SERVICE"))]
    return places


def _shares(draw: random.Random, count: int) -> list[float]:
    raw = [draw.uniform(0.7, 1.5) for _ in range(count)]
    return [value / sum(raw) for value in raw]


def _use(draw: random.Random, level: int, number: int) -> str:
    if level == 1:
        return ("SERVICE", "RETAIL", "PRODUCTION", "PRODUCTION")[number - 1]
    if level <= 8:
        return "PRODUCTION" if number % 4 else "STORAGE" if level < 4 else "LAB"
    if level <= 16:
        return draw.choice(("PRODUCTION", "RND", "RND", "LAB"))
    return "INCUBATOR" if level == 22 else draw.choice(("RND", "RND", "OFFICE"))


def premises_rows(*, seed: int, places: Sequence[Place], opened_on: date) -> list[dict[str, Any]]:
    """Return the premises with areas and technical properties; loads and heights fall with the storey."""
    draw = rng(seed, "properties")
    rows = []
    for place in places:
        service = place.code.startswith("S1")
        level = -place.level - 100 if service else place.level
        ground = level == 1 and not service
        rows.append(
            {
                "code": place.code,
                "building_code": "S1" if service else "T1",
                "level": level,
                "space_code": place.code,
                "use": place.use,
                "gross_area_m2": place.area_m2,
                "net_internal_area_m2": round(place.area_m2 * draw.uniform(0.74, 0.8), 1),
                "billing_area_m2": place.area_m2,
                "lettable": not service and place.use not in {"SERVICE", "RETAIL"},
                "lettable_from_on": opened_on,
                "designated_industry": draw.choice(("34", "35"))
                if level <= 10
                else draw.choice(("39", "39", "40", "65")),
                "clear_height_m": 6.2 if ground else 5.4 if level <= 10 else 4.5,
                # Storeys 9 and 10 were designated for machines that their floors do not bear.
                "floor_load_kn_m2": 20.0 if ground else 12.0 if level <= PODIUM else 8.0 if level <= 8 else 7.5,
                "power_density_w_m2": 180.0 if level <= 8 else 120.0 if level <= 16 else 80.0,
                # One premises in twelve has no goods-lift load on record: unknown, as in real registers.
                "goods_lift_load_t": None if draw.random() < 0.08 else 5.0 if level <= PODIUM else 3.0,
                "has_water": level <= 16,
                "has_exhaust": level <= 12,
                "has_gas": False,
                "fire_class": "C" if level <= 16 else "D",
                "vibration_class": "VC-A" if level <= 3 else "VC-B" if level <= 18 else "",
            }
        )
    return rows


def occupancy_rows(
    *, seed: int, places: Sequence[Place], firms: Sequence[Firm], former: Sequence[Firm], opened_on: date, on: date
) -> list[dict[str, Any]]:
    """Return who was where since the park opened: moves, a few vacancies (one of 200 days), leases that end soon."""
    draw = rng(seed, "occupancies")
    free = [p for p in places if p.use not in {"SERVICE", "RETAIL"}]
    # The largest firms take the lowest and largest premises, as their machines need them.
    ordered = sorted(firms, key=lambda f: -f.staff)
    heavy = sorted((p for p in free if p.level <= 12), key=lambda p: -p.area_m2)
    light = [p for p in free if p.level > 12]
    slots = heavy + light
    vacant_from = {
        slots[-3].code: 200,
        slots[-11].code: 64,
        slots[-19].code: 23,
        slots[-27].code: 118,
        slots[-6].code: 310,
    }
    rows: list[dict[str, Any]] = []
    takers = [p for p in slots if p.code not in vacant_from]
    gone = sorted(former, key=lambda f: f.founded_on)
    for code, days in vacant_from.items():
        place = next(p for p in slots if p.code == code)
        rows += _predecessors(draw, place, gone, opened_on, on - timedelta(days=days), on)
    for index, place in enumerate(takers):
        firm = ordered[index] if index < len(ordered) else ordered[(index * 7) % max(1, len(ordered) // 3)]
        earliest = max(opened_on, firm.founded_on + timedelta(days=60))
        starts = earliest + timedelta(days=draw.randrange(0, max(1, min(1500, (on - earliest).days - 20))))
        rows.append(_stay(draw, firm, place, starts, None, on))
        # Between two tenants the premises stand empty for some weeks, now and then for months.
        gap = draw.choice((12, 20, 27, 35, 44, 58, 130))
        rows += _predecessors(draw, place, gone, opened_on, starts - timedelta(days=gap), on)
    return rows


def _predecessors(
    draw: random.Random, place: Place, former: list[Firm], opened_on: date, until: date, on: date
) -> list[dict[str, Any]]:
    """Return who was there before, if anybody had the time: one stay that ends on `until`."""
    for _ in range(len(former)):
        former.append(former.pop(0))
        firm = former[-1]
        starts = max(opened_on + timedelta(days=draw.randrange(10, 150)), firm.founded_on + timedelta(days=90))
        if (until - starts).days > 120:
            return [_stay(draw, firm, place, starts, until, on)]
    return []


def _stay(
    draw: random.Random, firm: Firm, place: Place, starts_on: date, ends_on: date | None, on: date
) -> dict[str, Any]:
    months = draw.choice((24, 36, 36, 60))
    lease_ends = starts_on
    while lease_ends < (ends_on or on) - timedelta(days=20):
        month = lease_ends.month - 1 + months
        lease_ends = date(lease_ends.year + month // 12, month % 12 + 1, min(lease_ends.day, 28))
    base = 62 if place.level <= 4 else 54 if place.level <= 16 else 58
    return {
        "premises_code": place.code,
        "uscc": firm.uscc,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "lease_number": f"DEMO-L{starts_on:%y%m}-{place.code}",
        "lease_ends_on": lease_ends,
        "rent_yuan_per_m2_month": Decimal(base + draw.randrange(-6, 9)),
    }
