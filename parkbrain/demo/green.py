"""Energy, water, waste, refrigerants, machines and exchange of the living park; every figure and factor is made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from parkbrain.carbon import services as carbon
from parkbrain.enterprises.models import Occupancy
from parkbrain.facilities import services as facilities
from parkbrain.kernel.models import Park, User

from .draws import data, rng
from .living import moment

#: Use of the whole park a year, by floor area; the later year is the thriftier one.
KWH_PER_M2 = 104.0
SAVED_A_YEAR = 0.035
#: Share of a month in the year's power: the south cools its buildings from May to October.
SEASON = (0.066, 0.062, 0.072, 0.078, 0.090, 0.098, 0.105, 0.104, 0.098, 0.087, 0.074, 0.066)
TENANTS_SHARE = 0.62


def record(*, on: date, seed: int, park: Park, actor: User) -> None:
    """Record everything of the park that energy and carbon ask for: two closed years and this one so far."""
    at = moment(on, 3)
    carbon.load_shipped_factors(at=at)
    given = data("green.yaml")
    for factor in given["factors"]:
        values = {**factor, "starts_on": date(on.year - 3, 1, 1), "source": given["factor_source"]}
        carbon.record_factor(branch=park.branch, values=values, actor=actor, at=at)
    facilities.record_equipment(park=park, rows=list(_equipment(given, park, on)), actor=actor, at=at)
    facilities.record_hours(park=park, rows=list(_hours(on)), actor=actor, at=at)
    years = range(on.year - 2, on.year + 1)
    rows = [row for year in years for row in _year(seed, park, year, on)]
    carbon.record_activities(park=park, rows=[*rows, *_tenants(seed, park, years, on)], actor=actor, at=at)
    events = [{**e, "happened_on": _day(on, e["happened_on"])} for e in given["refrigerants"]]
    events = [e for e in events if e["happened_on"] < on]
    carbon.record_refrigerant_events(park=park, rows=events, actor=actor, at=at)
    carbon.record_green_power(park=park, rows=list(_green_power(on)), actor=actor, at=at)
    carbon.record_offers(park=park, rows=list(_offers(given, park, on)), actor=actor, at=at)


def _day(on: date, told: str) -> date:
    """Return a day told as years back and month-day ("-1 03-12")."""
    years, day = told.split()
    return date(on.year + int(years), int(day[:2]), int(day[3:]))


def _months(year: int, on: date, step: int = 1) -> Iterator[tuple[date, date, int]]:
    """Return the closed months of a year (or spans of `step` months) with the number of the first."""
    for month in range(1, 13, step):
        end = date(year + (month + step - 1) // 12, (month + step - 1) % 12 + 1, 1)
        if end <= on:
            yield date(year, month, 1), end, month


def _year(seed: int, park: Park, year: int, on: date) -> Iterator[dict[str, Any]]:
    """Return what the operator's bills and ledgers say of a year."""
    draw = rng(seed, f"green-{year}")
    area = park.gross_floor_area_m2 or 0.0
    thrift = (1 - SAVED_A_YEAR) ** (year - (on.year - 2))
    power = area * KWH_PER_M2 * thrift
    for start, end, month in _months(year, on):
        common = {"starts_on": start, "ends_on": end, "source": "BILL"}
        kwh = round(power * SEASON[month - 1] * draw.uniform(0.98, 1.02))
        yield {**common, "reference": f"EL-{start:%Y-%m}", "kind": "electricity", "quantity": kwh, "uncertainty": 0.01}
        sun = round(58_000 * (0.7 + 0.6 * (4 <= month <= 10)) * draw.uniform(0.9, 1.1))
        meter = {**common, "source": "METER", "building_code": "T1"}
        yield {**meter, "reference": f"PV-{start:%Y-%m}", "kind": "pv_self_use", "quantity": sun, "uncertainty": 0.02}
    for start, end, _month in _months(year, on, 3):
        common = {"starts_on": start, "ends_on": end, "source": "BILL", "uncertainty": 0.02}
        quarter = f"{start:%Y-%m}"
        water = round(area * 1.7 / 4 * thrift * draw.uniform(0.95, 1.05))
        yield {**common, "reference": f"WA-{quarter}", "kind": "fresh_water", "quantity": water}
        yield {
            **common,
            "reference": f"WI-{quarter}",
            "kind": "fresh_industrial_water",
            "quantity": round(water * 0.21),
        }
        yield {**common, "reference": f"WW-{quarter}", "kind": "wastewater", "quantity": round(water * 0.82)}
        gas = {"building_code": "S1", "equipment_code": "BO-01", "uncertainty": 0.03}
        yield {
            **common,
            **gas,
            "reference": f"GA-{quarter}",
            "kind": "natural_gas",
            "quantity": round(draw.uniform(9e3, 13e3)),
        }
        ledger = {**common, "source": "LEDGER", "uncertainty": 0.05}
        made = round(area / 90 / 4 * draw.uniform(0.92, 1.08), 1)
        yield {**ledger, "reference": f"SW-{quarter}", "kind": "solid_waste_generated", "quantity": made}
        used = round(made * draw.uniform(0.79, 0.85), 1)
        yield {**ledger, "reference": f"SU-{quarter}", "kind": "solid_waste_utilised", "quantity": used}
        yield {**ledger, "reference": f"SO-{quarter}", "kind": "solid_waste_old_stock", "quantity": 0.0}
        burnt = {"kind": "waste_incineration", "quantity": round(draw.uniform(95, 120), 1)}
        yield {**ledger, **burnt, "reference": f"WB-{quarter}", "uncertainty": 0.1}
    yield from _whole_year(year, on)


def _whole_year(year: int, on: date) -> Iterator[dict[str, Any]]:
    """Return what is known for a year as a whole, or for its closed months."""
    end = min(date(year + 1, 1, 1), date(on.year, on.month, 1))
    share = (end - date(year, 1, 1)).days / 365
    if share <= 0:
        return
    ledger = {"starts_on": date(year, 1, 1), "ends_on": end, "source": "LEDGER", "uncertainty": 0.05}
    generators = {"reference": f"DG-{year}", "kind": "diesel", "building_code": "T1"}
    yield {**ledger, **generators, "quantity": round(2600 * share)}
    yield {**ledger, "reference": f"VG-{year}", "kind": "vehicle_gasoline", "quantity": round(4100 * share)}
    survey = {**ledger, "source": "ESTIMATE", "uncertainty": 0.3}
    yield {**survey, "reference": f"CC-{year}", "kind": "commuting_car", "quantity": round(5.1e6 * share)}
    # Nobody has asked how far people ride by bus and metro in the first of the years.
    ridden = None if year == on.year - 2 else round(2.2e7 * share)
    yield {**survey, "reference": f"CT-{year}", "kind": "commuting_transit", "quantity": ridden}


def _tenants(seed: int, park: Park, years: range, on: date) -> Iterator[dict[str, Any]]:
    """Return what the sub-meters of the firms say of each year: parts of the park's bill, some not read at first."""
    draw = rng(seed, "green-tenants")
    stays = Occupancy.objects.filter(premises__park=park).select_related("premises__building", "enterprise")
    rows = list(stays.prefetch_related("premises__spaces__storey").order_by("premises__code", "starts_on"))
    thirst = {stay.enterprise_id: draw.uniform(0.5, 1.5) for stay in rows}
    for year in years:
        year_end = min(date(year + 1, 1, 1), date(on.year, on.month, 1))
        area = sum(s.premises.billing_area_m2 for s in rows if s.starts_on < year_end)
        kwh_per_m2 = (park.gross_floor_area_m2 or 0.0) * KWH_PER_M2 * (1 - SAVED_A_YEAR) ** (year - years[0]) / area
        for number, stay in enumerate(rows):
            start, end = max(stay.starts_on, date(year, 1, 1)), min(stay.ends_on or year_end, year_end)
            if end <= start:
                continue
            used = stay.premises.billing_area_m2 * kwh_per_m2 * TENANTS_SHARE * thirst[stay.enterprise_id]
            storeys = sorted(space.storey.level for space in stay.premises.spaces.all())
            yield {
                "reference": f"SM-{year}-{stay.premises.code}-{start:%m%d}",
                "kind": "electricity",
                "quantity": None if number % 37 == 5 and year == years[0] else round(used * (end - start).days / 365),
                "starts_on": start,
                "ends_on": end,
                "source": "METER",
                "building_code": stay.premises.building.code,
                "level": storeys[0] if storeys else None,
                "uscc": stay.enterprise.uscc,
                "is_breakdown": True,
                "uncertainty": 0.02,
            }


def _equipment(given: Any, park: Park, on: date) -> Iterator[dict[str, Any]]:
    """Return the machines of the register, some of the firms', two of them obsolete."""
    firms = list(Occupancy.objects.filter(premises__park=park).current_on(on).order_by("premises__code"))
    for row in given["equipment"]:
        values = {name: _day(on, v) if name.endswith("_on") else v for name, v in row.items() if name != "firm"}
        values.setdefault("commissioned_on", park.opened_on)
        if "firm" in row:
            values["uscc"] = firms[row["firm"]].enterprise.uscc
        yield values


def _hours(on: date) -> Iterator[dict[str, Any]]:
    """Return the running hours that the plant's log has."""
    for code, hours in (("CH-01", 310.0), ("CH-02", 285.0), ("AC-01", 402.0)):
        start = date(on.year, max(1, on.month - 1), 1)
        end = start + timedelta(days=28)
        if end <= on:
            yield {"code": code, "starts_on": start, "ends_on": end, "hours": hours}


def _green_power(on: date) -> Iterator[dict[str, Any]]:
    """Return certificates of the closed years, one lot not retired yet, and the contract of this year."""
    for year, kwh in ((on.year - 2, 500_000), (on.year - 1, 900_000)):
        period = {"starts_on": date(year, 1, 1), "ends_on": date(year + 1, 1, 1)}
        lot = {"kind": "CERTIFICATE", "quantity_kwh": kwh, "issuer": "演示绿证平台", **period}
        yield {**lot, "number": f"DEMO-GEC-{year}-A", "retired_on": date(year + 1, 2, 10)}
    yield {
        "number": f"DEMO-GEC-{on.year - 1}-B", "kind": "CERTIFICATE", "quantity_kwh": 200_000, "issuer": "演示绿证平台",
        "starts_on": date(on.year - 1, 1, 1), "ends_on": date(on.year, 1, 1), "retired_on": None,
    }  # fmt: skip
    yield {
        "number": f"DEMO-PPA-{on.year}", "kind": "CONTRACT", "quantity_kwh": 1_200_000, "issuer": "演示售电公司",
        "starts_on": date(on.year, 1, 1), "ends_on": date(on.year + 1, 1, 1), "retired_on": None,
    }  # fmt: skip


def _offers(given: Any, park: Park, on: date) -> Iterator[dict[str, Any]]:
    """Return what firms of the park offer and need."""
    stays = (
        Occupancy.objects.filter(premises__park=park).current_on(on).select_related("enterprise", "premises__building")
    )
    firms = list(stays.order_by("premises__code"))
    for row in given["exchange"]:
        stay = firms[row["firm"]]
        values = {name: value for name, value in row.items() if name != "firm"}
        yield {
            **values,
            "uscc": stay.enterprise.uscc,
            "building_code": stay.premises.building.code,
            "starts_on": date(on.year, 3, 1),
            "contact": row.get("contact", f"{stay.premises.code} 前台 0755-0000 0000"),
        }
