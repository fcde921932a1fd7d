"""The fictional city around the living park: operators, parks with places and ages, and what each knows of itself."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from operator import itemgetter
from typing import Any

import numpy as np

from parkbrain.calc import rating
from parkbrain.calc.intervals import period_of
from parkbrain.kernel.names import name_fields

from . import measures
from .draws import data, rng

Ring = Sequence[Sequence[float]]
CITY = "440300"
PARKS_PER_OPERATOR = 15


@dataclass(frozen=True)
class CityPark:
    """A fictional park of the city."""

    code: str
    operator: str
    district: str
    row: dict[str, Any]
    quality: float
    size_m2: float
    age_years: float


def branch_rows(*, root: str) -> list[dict[str, Any]]:
    """Return the city and its districts, below the installation's own root."""
    rows = [{"code": CITY, "kind": "CITY", "parent_code": root, **name_fields(zh_hans="深圳市", en="Shenzhen")}]
    rows += [
        {"code": d["code"], "kind": "DISTRICT", "parent_code": CITY, **name_fields(zh_hans=d["zh"], en=d["en"])}
        for d in data("city.yaml")["districts"]
    ]
    return rows


def _names(draw: random.Random, spec: Any) -> Iterator[tuple[str, str]]:
    """Yield two-character names without repeating one, then three-character ones."""
    pairs = [(a[0] + b[0], a[1] + b[1]) for a in spec["first"] for b in spec["second"]]
    draw.shuffle(pairs)
    yield from pairs
    triples = [
        (a[0] + c[0] + b[0], f"{a[1]}{c[1].lower()}{b[1]}")
        for a in spec["first"]
        for c in spec["first"]
        for b in spec["second"]
        if a is not c
    ]
    draw.shuffle(triples)
    yield from triples


def operator_rows(*, seed: int, park_count: int) -> list[dict[str, Any]]:
    """Return the operators, spread over the districts like the parks."""
    draw = rng(seed, "operators")
    spec = data("city.yaml")
    names = _names(draw, spec)
    count = max(9, park_count // PARKS_PER_OPERATOR)
    weights = [d["weight"] for d in spec["districts"]]
    rows = []
    for index in range(count):
        district = spec["districts"][index] if index < 9 else draw.choices(spec["districts"], weights)[0]
        zh, en = next(names)
        rows.append(
            {
                "code": f"op-{index + 1:03d}",
                "kind": "OPERATOR",
                "parent_code": district["code"],
                **name_fields(zh_hans=f"{zh}园区运营（演示）", en=f"{en} Parks (demo)"),
            }
        )
    return rows


def draw_city(*, seed: int, on: date, count: int, operators: Sequence[dict[str, Any]]) -> list[CityPark]:
    """Return `count` fictional parks."""
    draw = rng(seed, "city")
    spec = data("city.yaml")
    shapes = _shapes()
    names = _names(draw, spec)
    by_district: dict[str, list[str]] = {}
    for operator in operators:
        by_district.setdefault(operator["parent_code"], []).append(operator["code"])
    weights = [d["weight"] for d in spec["districts"]]
    kinds = spec["kinds"]
    parks = []
    for index in range(count):
        district = draw.choices(spec["districts"], weights)[0]
        kind: dict[str, Any] = draw.choices(kinds, [k["weight"] for k in kinds])[0]
        age = draw.triangular(0.5, 34, 14)
        zh, en = next(names)
        size = float(np.exp(draw.gauss(10.6, 0.75)))
        longitude, latitude = _place(draw, shapes[district["code"]])
        row = {
            "code": f"sz-{index + 1:04d}",
            **name_fields(zh_hans=f"{zh}{kind['zh']}", en=f"{en} {kind['en']}"),
            "standing": "FICTIONAL",
            "kind": kind["kind"],
            "district_code": district["code"],
            "street": draw.choice(district["streets"]),
            "opened_on": on - timedelta(days=int(age * 365.25)),
            "land_area_m2": round(size / draw.uniform(1.6, 3.2)),
            "gross_floor_area_m2": round(size),
            "longitude": longitude,
            "latitude": latitude,
        }
        # Young parks and those of industry upstairs stand better; most are still of the first generation.
        quality = draw.betavariate(2.1, 3.1) + (0.16 if age < 8 else 0.0) + (0.1 if kind["kind"] == "UPSTAIRS" else 0.0)
        keeper = draw.choice(by_district[district["code"]])
        parks.append(CityPark(str(row["code"]), keeper, district["code"], row, min(1.0, quality), size, age))
    return parks


def _shapes() -> dict[str, list[Ring]]:
    text = files("parkbrain.portfolio").joinpath("data", "shenzhen_districts.geojson").read_text(encoding="utf-8")
    found: dict[str, list[Ring]] = {}
    for feature in json.loads(text)["features"]:
        rings = [polygon[0] for polygon in feature["geometry"]["coordinates"]]
        for code in feature["properties"]["codes"]:
            found[code] = rings
    return found


def _place(draw: random.Random, rings: list[Ring]) -> tuple[float, float]:
    """Return a point within the largest ring of a district."""
    ring = max(rings, key=len)
    xs, ys = [p[0] for p in ring], [p[1] for p in ring]
    for _ in range(200):
        x, y = draw.uniform(min(xs), max(xs)), draw.uniform(min(ys), max(ys))
        if _inside(x, y, ring):
            return round(x, 5), round(y, 5)
    return round(sum(xs) / len(xs), 5), round(sum(ys) / len(ys), 5)


def _inside(x: float, y: float, ring: Ring) -> bool:
    odd = False
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def fact_rows(
    *,
    seed: int,
    on: date,
    parks: Sequence[CityPark],
    ids: Sequence[int],
    scheme: rating.Scheme,
    catalogue: dict[str, Any],
) -> list[tuple[int, str, date, date, float, str]]:
    """Return what every park declares of itself; the less a park is run, the less it knows."""
    columns, known_share, draw = _columns(seed, parks, scheme, catalogue, years_ago=0)
    n = len(parks)
    note = "demo"
    stated: list[tuple[int, str, date, date, float, str]] = []
    for key, column in columns.items():
        if key not in scheme.facts:
            continue
        period = period_of(catalogue[key]["period"], on)
        is_veto = key in measures.VETOES
        known = draw.random(n) < (np.clip(known_share + 0.12, 0, 0.999) if is_veto else known_share)
        entry = catalogue[key]
        values = np.clip(column, entry.get("min", -np.inf), entry.get("max", np.inf))
        rows = np.flatnonzero(known & np.isfinite(values))
        for row, value in zip(rows.tolist(), values[rows].tolist(), strict=True):
            stated.append((ids[row], key, period.starts_on, period.ends_on, value, note))
    # In the order of the table's index, park by park: written so, they take half the time.
    stated.sort(key=itemgetter(0, 1))
    return stated


def _columns(
    seed: int, parks: Sequence[CityPark], scheme: rating.Scheme, catalogue: dict[str, Any], *, years_ago: float
) -> tuple[measures.Columns, measures.Column, np.random.Generator]:
    """Return every fact of the parks as it stood some years ago, and which share of them each park knows.

    The same draws for every year: a park's years differ by how well it was run, not by chance.
    """
    draw = np.random.default_rng(seed + 17)
    n = len(parks)
    size = np.array([p.size_m2 for p in parks])
    quality = np.array([p.quality for p in parks])
    # Some parks have come a long way, some have stood still or fallen back.
    pace = np.random.default_rng(seed + 23).normal(0.022, 0.018, n)
    then = np.clip(quality - pace * years_ago, 0.02, 1.0)
    level = 34 + 62 * then
    targets = {d.id: np.clip(level + draw.normal(0, 6.0, n), 5, 99) for d in scheme.root.children}
    units = {key: entry["unit"] for key, entry in catalogue.items()}
    columns = measures.draw_columns(scheme=scheme, draw=draw, targets=targets, size_m2=size, quality=then, units=units)
    columns["park_age_years"] = np.round(np.array([p.age_years for p in parks]) - years_ago, 1)
    return columns, np.clip(0.55 + 0.62 * then, 0.5, 0.995), draw


def past_columns(
    *, seed: int, parks: Sequence[CityPark], scheme: rating.Scheme, catalogue: dict[str, Any], years_ago: float
) -> measures.Columns:
    """Return what the city's own tables of some years ago say of its parks; NaN is unknown, also before they opened."""
    columns, known_share, _draw = _columns(seed, parks, scheme, catalogue, years_ago=years_ago)
    chance = np.random.default_rng(seed + 31)
    is_open = np.array([p.age_years > years_ago for p in parks])
    found = {}
    for key, column in columns.items():
        if key not in scheme.facts:
            continue
        entry = catalogue[key]
        share = known_share + (0.12 if key in measures.VETOES else 0.0)
        # One draw for all years: what a park knew once it still knows.
        is_known = (chance.random(len(parks)) < share) & is_open
        found[key] = np.where(is_known, np.clip(column, entry.get("min", -np.inf), entry.get("max", np.inf)), np.nan)
    return found
