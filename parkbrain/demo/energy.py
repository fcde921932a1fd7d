"""The living park's meters: what they count, stand below and serve, and one of every odd case that meters bring."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from parkbrain import lake
from parkbrain.energy import services
from parkbrain.energy.models import Meter
from parkbrain.energy.queries import find_target, park_zone
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import name_fields
from parkbrain.space.models import Premises
from parkbrain.telemetry import services as telemetry

from . import telemetry as described
from .draws import rng
from .meters import measured_since

KINDS = {
    "electricity": "ELECTRICITY",
    "pv": "ELECTRICITY",
    "water": "WATER",
    "recycled_water": "RECYCLED_WATER",
    "gas": "GAS",
    "cooling": "COOLING",
    "heat": "HEAT",
}
#: Days for which the odd meters have readings.
ODD_DAYS = 60
#: Odd meter, its kind, name in both languages, and what is odd about it.
ODD = (
    ("E-ODD-ROLL", "ELECTRICITY", "岗亭电表（表底翻转）", "Gatehouse (register rolls over)"),
    ("E-ODD-RESET", "ELECTRICITY", "广告屏电表（清零）", "Display board (register reset)"),
    ("E-ODD-SWAP", "ELECTRICITY", "道闸电表（换表）", "Barrier (meter exchanged)"),
    ("E-ODD-GAP", "ELECTRICITY", "景观照明（通信中断）", "Landscape lighting (silent for days)"),
    ("W-ODD-LATE", "WATER", "消防水池（读数迟到）", "Fire-water tank (late readings)"),
)
TIME_OF_USE = {
    "method": "time_of_use",
    "bands": [
        {"band": "valley", "from": "00:00", "to": "08:00"},
        {"band": "peak", "from": "10:00", "to": "12:00"},
        {"band": "peak", "from": "14:00", "to": "19:00"},
        {"band": "critical_peak", "from": "11:00", "to": "12:00", "months": [7, 8, 9]},
        {"band": "critical_peak", "from": "15:00", "to": "17:00", "months": [7, 8, 9]},
    ],
}


def attach_meters(*, seed: int, on: date, park: Park, actor: User, at: datetime) -> int:
    """Attach meters to the points of the park, let them serve who is there, price what they count; return how many."""
    held = set(park.points.values_list("code", flat=True))
    points = [p for p in described.list_demo_points(seed=seed) if p.code in held and p.carrier in KINDS]
    if not points:
        return 0
    since = measured_since(on=on)
    _record_meters(seed, on, park, points, actor, at)
    _record_odd(seed, on, park, actor, at)
    _record_virtual(park, points, actor, at)
    _serve(park, points, since, actor, at)
    _calibrate(seed, on, park, actor, at)
    _record_needs(park, points, actor, at)
    # The months are worked out with the use: what prices and shares them has to be there before.
    _record_prices(on, park, actor, at)
    services.recompute_use(at=at)
    _let_late_readings_come(on, park, at)
    return len(points) + len(ODD)


def _record_meters(
    seed: int, on: date, park: Park, points: Sequence[described.DemoPoint], actor: User, at: datetime
) -> None:
    codes = {p.code for p in points}
    draw = rng(seed, "meters")
    rows: list[dict[str, Any]] = []
    for point in points:
        building = point.serves.split(":")[1] if point.serves.startswith(("building:", "storey:")) else ""
        classes = (
            {1: "0.5S", 2: "0.5", 3: "1.0"} if KINDS[point.carrier] == "ELECTRICITY" else {1: "2.0", 2: "2.5", 3: "2.5"}
        )
        rows.append(
            {
                "code": point.code,
                **name_fields(zh_hans=point.name_zh, en=point.name_en),
                "energy_kind": KINDS[point.carrier],
                "level": point.level or 3,
                "flow": "GENERATED" if point.carrier == "pv" else "IN",
                "accuracy_class": classes[point.level or 3] if draw.random() > 0.04 else "",
                "serial_number": f"{draw.randrange(10**7, 10**8)}",
                "building_code": building,
                "point_code": point.code,
                "parent_code": point.parent if point.parent in codes else "",
                "linked_from_on": date(on.year - 3, 1, 1),
            }
        )
    services.record_meters(park=park, rows=rows, actor=actor, at=at)


def _record_odd(seed: int, on: date, park: Park, actor: User, at: datetime) -> None:
    """Make the odd meters with their readings: roll-over, reset, exchange, silence."""
    points = [
        {
            "code": code,
            **name_fields(zh_hans=zh, en=en),
            "unit": "KiloW-HR" if kind == "ELECTRICITY" else "M3",
            "register_width": 10_000.0 if code.endswith("ROLL") else None,
            "max_rate_per_hour": 20.0,
        }
        for code, kind, zh, en in ODD
    ]
    telemetry.record_points(park=park, rows=points, actor=actor, at=at)
    meters = [
        {
            "code": code,
            **name_fields(zh_hans=zh, en=en),
            "energy_kind": kind,
            "level": 3,
            "point_code": code,
            "installed_on": on - timedelta(days=ODD_DAYS),
        }
        for code, kind, zh, en in ODD
    ]
    if park.meters.filter(code="E-MAIN-2").exists():
        for row in meters[:4]:
            row["parent_code"] = "E-MAIN-2"
    services.record_meters(park=park, rows=meters, actor=actor, at=at)
    _let_odd_meters_run(seed, on, park, actor, at)


def _let_odd_meters_run(seed: int, on: date, park: Park, actor: User, at: datetime) -> None:
    """Put in what the odd meters showed: one rolls over, one starts anew, one is exchanged, one falls silent."""
    first = datetime.combine(on - timedelta(days=ODD_DAYS), time(), park_zone())
    hours = np.arange(ODD_DAYS * 24)
    draw = np.random.default_rng(seed)
    flow = 1.2 + np.where((hours % 24 >= 18) | (hours % 24 < 6), 1.6, 0.2) + draw.uniform(0, 0.3, hours.size)
    counted = np.cumsum(flow)
    shown = {
        "E-ODD-ROLL": (9_300.0 + counted) % 10_000.0,
        "E-ODD-RESET": np.where(hours < 700, 5_200.0 + counted, counted - counted[699]),
        "E-ODD-SWAP": np.where(hours < 900, 41_800.0 + counted, 12.0 + counted - counted[899]),
        "E-ODD-GAP": np.where((hours > 820) & (hours < 905), np.nan, 700.0 + counted),
    }
    for code, values in shown.items():
        _put(park, code, first, hours, values, f"demo-{code}", at)
    services.swap_meter(
        meter=Meter.objects.get(park=park, code="E-ODD-SWAP"),
        swapped_at=first + timedelta(hours=899, minutes=30),
        end_reading=round(41_800.0 + float(counted[899]) + 0.6, 1),
        start_reading=12.0,
        old_serial_number="20170455",
        new_serial_number="20260912",
        reason="周期轮换",
        actor=actor,
        at=at,
    )
    early = hours[hours < 24 * 40]
    _put(park, "W-ODD-LATE", first, early[early % 24 < 12], 55.0 + early[early % 24 < 12] * 0.08, "demo-late-1", at)


def _let_late_readings_come(on: date, park: Park, at: datetime) -> None:
    """Let readings that were on their way for weeks arrive, so that days already known come out otherwise."""
    first = datetime.combine(on - timedelta(days=ODD_DAYS), time(), park_zone())
    hours = np.arange(24 * 40)
    late = hours[(hours % 24 >= 12) & (hours > 24 * 20)]
    _put(park, "W-ODD-LATE", first, late, 55.0 + late * 0.08 + np.where(late % 24 == 18, 0.05, 0.0), "demo-late-2", at)
    services.recompute_use(at=at)


def _put(park: Park, code: str, first: datetime, hours: Any, values: Any, batch_id: str, at: datetime) -> None:
    point = park.points.get(code=code)
    known = np.isfinite(values)
    start_us = int(first.timestamp()) * 1_000_000
    table = pa.table(
        {
            "point": np.full(int(known.sum()), point.pk, dtype=np.int64),
            "at_us": start_us + np.asarray(hours)[known] * 3_600_000_000,
            "value": np.asarray(values, dtype=np.float64)[known].round(2),
            "quality": np.zeros(int(known.sum()), dtype=np.int8),
        },
        schema=lake.SCHEMA,
    )
    telemetry.put_point_readings(source=None, table=table, batch_id=batch_id, at=at)


def _record_virtual(park: Park, points: Sequence[described.DemoPoint], actor: User, at: datetime) -> None:
    codes = {p.code for p in points}
    storeys = [p.code for p in points if p.parent == "E-T1"]
    rows = []
    if {"E-MAIN-1", "E-MAIN-2", "PV-1"} <= codes:
        rows.append(
            ("E-PARK", "园区总用电（虚拟）", "Park, all electricity (formula)", "[E-MAIN-1] + [E-MAIN-2] + [PV-1]")
        )
    if storeys and "E-T1" in codes:
        formula = "[E-T1] - (" + " + ".join(f"[{code}]" for code in storeys) + ")"
        rows.append(("E-T1-REST", "T1栋未计量余量（虚拟）", "T1, what no meter saw (formula)", formula))
    services.record_meters(
        park=park,
        rows=[
            {"code": code, **name_fields(zh_hans=zh, en=en), "energy_kind": "ELECTRICITY", "level": 2, "formula": text}
            for code, zh, en, text in rows
        ],
        actor=actor,
        at=at,
    )


def _serve(park: Park, points: Sequence[described.DemoPoint], since: date, actor: User, at: datetime) -> None:
    """Let meters serve what they are there for; the compressed air is shared by two premises."""
    meters = {m.code: m for m in park.meters.select_related("park__branch")}
    for point in points:
        kind, _sep, code = point.serves.partition(":")
        if not code:
            continue
        target = find_target(
            park=park, kind="EQUIPMENT" if kind == "use" else kind.upper(), code=code.replace(":", " ")
        )
        if target is None:
            continue
        if point.code == "E-T1-AIR-1":
            _share(park, meters[point.code], since, actor, at)
            continue
        kind = "EQUIPMENT" if kind == "use" else kind.upper()
        services.serve(meter=meters[point.code], kind=kind, target=target, starts_on=since, actor=actor, at=at)


def _share(park: Park, meter: Meter, since: date, actor: User, at: datetime) -> None:
    users = Premises.objects.filter(park=park, use="PRODUCTION").order_by("-billing_area_m2")[:2]
    for premises, share in zip(users, ("0.6", "0.4"), strict=False):
        services.serve(
            meter=meter, kind="PREMISES", target=premises, share=Decimal(share), starts_on=since, actor=actor, at=at
        )


def _calibrate(seed: int, on: date, park: Park, actor: User, at: datetime) -> None:
    draw = rng(seed, "calibrations")
    for meter in park.meters.filter(formula="").select_related("park__branch").order_by("code"):
        if draw.random() < 0.05:
            continue
        done_on = on - timedelta(days=draw.randrange(20, 750))
        values = {
            "done_on": done_on,
            "due_on": date(done_on.year + 2, done_on.month, 1),
            "certificate": f"JL{draw.randrange(10**6):06d}",
        }
        services.record_calibration(meter=meter, values=values, actor=actor, at=at)


def _record_needs(park: Park, points: Sequence[described.DemoPoint], actor: User, at: datetime) -> None:
    """List the places that must be metered: those with a meter, and three that still lack one."""
    rows = [
        {
            "code": f"N-{p.code}",
            **name_fields(zh_hans=p.name_zh, en=p.name_en),
            "energy_kind": KINDS[p.carrier],
            "level": p.level or 3,
            "meter_code": p.code,
        }
        for p in points
        if p.level in {1, 2} or (p.busiest or 0) >= 100 or (KINDS[p.carrier] != "ELECTRICITY" and p.level == 3)
    ]
    lacking = (
        ("N-AIR-2", "2号空压机", "Compressor 2", "ELECTRICITY"),
        ("N-RW-2", "屋面雨水回用", "Roof rainwater", "WATER"),
        ("N-KITCHEN", "食堂热水", "Canteen, hot water", "HEAT"),
    )
    rows += [
        {"code": code, **name_fields(zh_hans=zh, en=en), "energy_kind": kind, "level": 3}
        for code, zh, en, kind in lacking
    ]
    services.record_needs(park=park, rows=rows, actor=actor, at=at)


def _record_prices(on: date, park: Park, actor: User, at: datetime) -> None:
    """Record the tariffs with one change in between, and by what common use and loss are shared."""
    before, now = date(on.year - 2, 1, 1), date(on.year, 1, 1)
    older = {"critical_peak": "1.3981", "peak": "1.1184", "flat": "0.6579", "valley": "0.2500"}
    newer = {"critical_peak": "1.4312", "peak": "1.1450", "flat": "0.6735", "valley": "0.2559"}
    name = name_fields(zh_hans="工商业分时电价", en="Commercial time-of-use tariff")
    rows = [
        {
            "energy_kind": "ELECTRICITY",
            "starts_on": day,
            "rates": {**TIME_OF_USE, "prices": prices},
            "tax_rate": "0.13",
            **name,
        }
        for day, prices in ((before, older), (now, newer))
    ]
    # Some leases name this one: the two-part tariff of firms with large loads of their own.
    industrial = {"critical_peak": "1.1876", "peak": "0.9501", "flat": "0.5589", "valley": "0.2124"}
    rows.append(
        {
            "energy_kind": "ELECTRICITY",
            "code": "IND",
            "starts_on": before,
            "rates": {**TIME_OF_USE, "prices": industrial},
            "tax_rate": "0.13",
            **name_fields(zh_hans="大工业分时电价", en="Large-industry time-of-use tariff"),
        }
    )
    rows += [
        {"energy_kind": "WATER", "starts_on": before, "rates": {"method": "flat", "price": "4.25"}, "tax_rate": "0.03"},
        {"energy_kind": "GAS", "starts_on": before, "rates": {"method": "flat", "price": "4.89"}, "tax_rate": "0.09"},
    ]
    services.record_tariffs(park=park, rows=rows, actor=actor, at=at)
    rules = [
        {"energy_kind": kind, "public_by": "AREA", "loss_by": "USE", "starts_on": before}
        for kind in ("ELECTRICITY", "WATER")
    ]
    services.record_rules(park=park, rows=rules, actor=actor, at=at)
