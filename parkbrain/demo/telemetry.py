"""The meters and sensors of the living park: one table that says what there is, derived from its storeys and premises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from . import tower

#: The source that all of them report to.
GATEWAY = "GW-1"
#: Counters of the meters start again here.
WIDTH_KWH, WIDTH_M3 = 1_000_000.0, 100_000.0


@dataclass(frozen=True)
class DemoPoint:
    """A point of the demo: what it is, which meter stands above it, what it serves, how much flows at the busiest hour.

    `carrier` is electricity, pv, water, recycled_water, gas, cooling, heat or sensor; `level` is 1 for what the park is
    supplied with, 2 for a building or storey, 3 for one user (None for sensors). `serves` names a building, storey or
    premises of the record ("building:T1", "storey:T1:3", "premises:T1-0301") or a use ("use:lift"); empty is the park.
    `busiest` is the flow at the busiest hour [unit of the point per hour; for gauges the highest value]; a meter that
    others stand below measures their sum and has None.
    """

    code: str
    name_zh: str
    name_en: str
    carrier: str
    brick_class: str
    unit: str
    shape: str
    busiest: float | None
    level: int | None = None
    parent: str = ""
    serves: str = ""
    kind: str = "REGISTER"
    ct_ratio: float = 1.0
    pt_ratio: float = 1.0

    @property
    def width(self) -> float | None:
        """Where the register starts again [what it shows]; None for what is no register."""
        if self.kind != "REGISTER":
            return None
        return WIDTH_KWH if self.unit == "KiloW-HR" else WIDTH_M3


ELECTRIC, WATER = "Electrical_Energy_Usage_Sensor", "Water_Usage_Sensor"


def list_demo_points(*, seed: int) -> tuple[DemoPoint, ...]:
    """Return every point of the living park, those above before those below."""
    places = tower.draw_places(seed=seed)
    return (
        *_supply(),
        *_storeys(),
        *_tenants(places),
        *_end_uses(),
        *_water(places),
        *_other_carriers(),
        *_sensors(),
    )


def _supply() -> Iterator[DemoPoint]:
    """Yield what comes into the park, and the two buildings."""
    for number in (1, 2):
        yield DemoPoint(
            f"E-MAIN-{number}", f"{number}号进线总表", f"Incoming supply {number}", "electricity", ELECTRIC,
            "KiloW-HR", "sum", None, 1, "", "", ct_ratio=60.0, pt_ratio=100.0,
        )  # fmt: skip
    yield DemoPoint(
        "E-T1", "T1栋总表", "Tower T1", "electricity", ELECTRIC, "KiloW-HR", "sum", None, 2, "E-MAIN-1", "building:T1",
        ct_ratio=800.0,
    )  # fmt: skip
    yield DemoPoint(
        "E-T1-HVAC", "T1栋空调总表", "Tower T1, cooling plant", "electricity", ELECTRIC, "KiloW-HR", "sum", None, 2,
        "E-MAIN-2", "building:T1", ct_ratio=600.0,
    )  # fmt: skip
    yield DemoPoint(
        "E-S1", "S1栋总表", "Service building S1", "electricity", ELECTRIC, "KiloW-HR", "sum", None, 2, "E-MAIN-2",
        "building:S1", ct_ratio=100.0,
    )  # fmt: skip
    yield DemoPoint(
        "PV-1", "屋面光伏发电", "Roof photovoltaics", "pv", "Photovoltaic_Electrical_Energy_Sensor", "KiloW-HR", "sun",
        310.0, 1, "", "building:T1",
    )  # fmt: skip


def _storeys() -> Iterator[DemoPoint]:
    """Yield a meter for each storey of the tower, and its corridor lighting below it."""
    for level in range(1, tower.STOREYS + 1):
        code = f"E-T1-F{level:02d}"
        yield DemoPoint(
            code, f"T1栋{level}层", f"T1, storey {level}", "electricity", ELECTRIC, "KiloW-HR", "sum", None, 2, "E-T1",
            f"storey:T1:{level}", ct_ratio=80.0,
        )  # fmt: skip
        yield DemoPoint(
            f"{code}-LIGHT", f"T1栋{level}层公共照明", f"T1, storey {level}, common lighting", "electricity", ELECTRIC,
            "KiloW-HR", "lighting", 6.5, 3, code, "use:lighting",
        )  # fmt: skip


def _tenants(places: list[tower.Place]) -> Iterator[DemoPoint]:
    """Yield a meter for each premises: machines below, offices above."""
    watts = {"PRODUCTION": 52.0, "LAB": 58.0, "STORAGE": 12.0, "RND": 30.0, "OFFICE": 24.0, "INCUBATOR": 26.0}
    for place in places:
        is_service = place.code.startswith("S1")
        level = -place.level - 100 if is_service else place.level
        parent = "E-S1" if is_service else f"E-T1-F{level:02d}"
        shape = "production" if place.use in {"PRODUCTION", "LAB"} else "retail" if is_service else "office"
        building, _, room = place.code.partition("-")
        yield DemoPoint(
            f"E-{building}-F{level:02d}-{room}", f"{place.code}单元", f"Premises {place.code}", "electricity", ELECTRIC,
            "KiloW-HR", shape, round(place.area_m2 * watts.get(place.use, 22.0) / 1000, 1), 3, parent,
            f"premises:{place.code}",
        )  # fmt: skip


def _end_uses() -> Iterator[DemoPoint]:
    """Yield what serves the whole tower: lifts, pumps, cooling plant, charging."""
    for number in range(1, 7):
        yield DemoPoint(
            f"E-T1-LIFT-{number}", f"{number}号电梯", f"Lift {number}", "electricity", ELECTRIC, "KiloW-HR", "office",
            14.0, 3, "E-T1", "use:lift",
        )  # fmt: skip
    rows = (
        ("E-T1-PUMP-1", "生活水泵", "Water pumps", "office", 18.0, "E-T1", "use:pump"),
        ("E-T1-FIRE", "消防设备", "Fire protection", "flat", 4.0, "E-T1", "use:fire"),
        ("E-T1-AIR-1", "空压站", "Compressed air", "production", 132.0, "E-T1", "use:compressed_air"),
        ("E-T1-CH-1", "1号冷水机组", "Chiller 1", "cooling", 310.0, "E-T1-HVAC", "use:chiller"),
        ("E-T1-CH-2", "2号冷水机组", "Chiller 2", "cooling", 290.0, "E-T1-HVAC", "use:chiller"),
        ("E-T1-CWP", "冷冻冷却水泵", "Chilled and condenser water pumps", "cooling", 86.0, "E-T1-HVAC", "use:pump"),
        ("E-T1-CT", "冷却塔", "Cooling towers", "cooling", 44.0, "E-T1-HVAC", "use:cooling_tower"),
        ("E-EV-1", "充电桩", "Charging points", "charging", 120.0, "E-MAIN-2", "use:charging"),
        ("E-S1-CANTEEN", "食堂", "Canteen", "canteen", 64.0, "E-S1", "use:canteen"),
    )
    for code, zh, en, shape, busiest, parent, serves in rows:
        yield DemoPoint(
            code, zh, en, "electricity", ELECTRIC, "KiloW-HR", shape, busiest, 3, parent, serves
        )  # fmt: skip


def _water(places: list[tower.Place]) -> Iterator[DemoPoint]:
    """Yield the water meters: the supply, the buildings, the wet storeys, the cooling towers."""
    yield DemoPoint("W-MAIN-1", "自来水总表", "Water supply", "water", WATER, "M3", "sum", None, 1)
    yield DemoPoint("W-T1", "T1栋水表", "T1, water", "water", WATER, "M3", "sum", None, 2, "W-MAIN-1", "building:T1")
    rows = (
        ("W-S1", "S1栋水表", "S1, water", "canteen", 2.4, "W-MAIN-1", "building:S1"),
        ("W-T1-CT", "冷却塔补水", "Cooling towers, make-up water", "cooling", 3.1, "W-T1", "use:cooling_tower"),
        ("W-GREEN", "绿化用水", "Irrigation", "irrigation", 1.8, "W-MAIN-1", "use:irrigation"),
    )
    for code, zh, en, shape, busiest, parent, serves in rows:
        yield DemoPoint(code, zh, en, "water", WATER, "M3", shape, busiest, 3, parent, serves)
    for level in range(1, tower.STOREYS + 1):
        shape = "production" if level <= 16 else "office"
        yield DemoPoint(
            f"W-T1-F{level:02d}", f"T1栋{level}层水表", f"T1, storey {level}, water", "water", WATER, "M3", shape,
            1.1 if level <= 16 else 0.5, 3, "W-T1", f"storey:T1:{level}",
        )  # fmt: skip
    yield DemoPoint("RW-1", "中水回用", "Recycled water", "recycled_water", WATER, "M3", "irrigation", 1.5, 1)


def _other_carriers() -> Iterator[DemoPoint]:
    """Yield gas, cooling and heat."""
    yield DemoPoint("G-MAIN-1", "天然气总表", "Gas supply", "gas", "Gas_Usage_Sensor", "M3", "sum", None, 1)
    rows = (
        ("G-CANTEEN", "食堂用气", "Canteen, gas", "gas", "Gas_Usage_Sensor", "M3", "canteen", 11.0, 3, "G-MAIN-1"),
        ("G-BOILER", "热水锅炉", "Hot-water boiler", "gas", "Gas_Usage_Sensor", "M3", "heating", 24.0, 3, "G-MAIN-1"),
        ("C-T1", "T1栋冷量表", "T1, cooling", "cooling", "Thermal_Energy_Usage_Sensor", "KiloW-HR", "cooling", 2900.0,
         2, ""),
        ("H-T1", "热水热量表", "Hot water, heat", "heat", "Thermal_Energy_Usage_Sensor", "KiloW-HR", "heating", 205.0,
         2, ""),
    )  # fmt: skip
    for code, zh, en, carrier, brick, unit, shape, busiest, level, parent in rows:
        yield DemoPoint(code, zh, en, carrier, brick, unit, shape, busiest, level, parent)


def _sensors() -> Iterator[DemoPoint]:
    """Yield what is measured beside use: power of the supplies, weather, room temperatures."""
    for number in (1, 2):
        yield DemoPoint(
            f"P-MAIN-{number}", f"{number}号进线功率", f"Power of supply {number}", "sensor",
            "Electrical_Power_Sensor", "KiloW", f"power:E-MAIN-{number}", None, kind="GAUGE",
        )  # fmt: skip
    yield DemoPoint(
        "T-OUT", "室外温度", "Outside air temperature", "sensor", "Outside_Air_Temperature_Sensor", "DEG_C", "weather",
        34.0, kind="GAUGE",
    )  # fmt: skip
    for level in range(1, tower.STOREYS + 1):
        yield DemoPoint(
            f"T-T1-F{level:02d}", f"T1栋{level}层公共区温度", f"T1, storey {level}, temperature of common areas",
            "sensor", "Zone_Air_Temperature_Sensor", "DEG_C", "room", 27.0, serves=f"storey:T1:{level}", kind="GAUGE",
        )  # fmt: skip
