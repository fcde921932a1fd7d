"""Fictional firms: names, trades, sizes, figures of four years, certificates and addresses."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from parkbrain.calc import uscc
from parkbrain.kernel.models import Park

from .draws import data, rng

#: Yearly figures by band of size: staff from–to, revenue per head [10k yuan], how often.
BANDS = (("micro", 4, 18, 30, 38), ("small", 20, 46, 51, 64), ("medium", 302, 350, 70, 3), ("large", 1010, 1080, 92, 1))


@dataclass(frozen=True)
class Firm:
    """One fictional firm."""

    uscc: str
    name_zh: str
    name_en: str
    code: str
    products: str
    products_en: str
    founded_on: date
    band: str
    staff: int
    revenue_per_head_wan: float


def draw_firms(*, seed: int, on: date, count: int) -> list[Firm]:
    """Return `count` firms with different names and valid check characters."""
    draw = rng(seed, "firms")
    parts = data("firms.yaml")
    pairs = [(root, trade) for root in parts["roots"] for trade in parts["trades"]]
    draw.shuffle(pairs)
    chosen: list[tuple[list[str], dict[str, Any]]] = []
    used: dict[str, int] = {}
    weights = {t["code"]: t["weight"] for t in parts["trades"]}
    total = sum(weights.values())
    for root, trade in pairs:
        # A root names at most two firms, a trade no more than its share.
        limit = max(2, round(count * weights[trade["code"]] / total * 1.25))
        if sum(r is root for r, _t in chosen) < 2 and used.get(trade["code"], 0) < limit:
            chosen.append((root, trade))
            used[trade["code"]] = used.get(trade["code"], 0) + 1
        if len(chosen) == count:
            break
    if len(chosen) < count:
        raise ValueError(f"the name parts give {len(chosen)} firms, {count} are wanted")
    bands = [b for b in BANDS for _ in range(round(count * b[4] / 106))]
    draw.shuffle(bands)
    return [_firm(draw, parts, root, trade, bands[i % len(bands)], on, i) for i, (root, trade) in enumerate(chosen)]


def _firm(
    draw: random.Random, parts: Any, root: list[str], trade: dict[str, Any], band: Any, on: date, index: int
) -> Firm:
    name, low, high, per_head, _often = band
    suffix = draw.choice(parts["suffixes"][:1] * 6 + parts["suffixes"])
    k = draw.randrange(len(trade["products"]))
    years = draw.uniform(0.8, 4.5) if name == "micro" else draw.uniform(3, 17)
    return Firm(
        uscc=uscc.complete(f"91440300MD{draw.randrange(10**6):06d}{index % 10}"),
        name_zh=f"深圳市{root[0]}{trade['zh']}{suffix[0]}",
        name_en=f"Shenzhen {root[1]} {trade['en']} {suffix[1]}",
        code=trade["code"],
        products=trade["products"][k],
        products_en=trade["products_en"][k],
        founded_on=on - timedelta(days=int(years * 365.25)),
        band=name,
        staff=draw.randint(low, high),
        revenue_per_head_wan=per_head * draw.uniform(0.7, 1.35),
    )


def return_rows(*, seed: int, firm: Firm, last_year: int) -> list[dict[str, Any]]:
    """Return four years of figures that fit the firm's size; a firm reports from its founding year on."""
    draw = rng(seed, f"returns {firm.uscc}")
    rows = []
    growth = draw.uniform(0.02, 0.2)
    for back in range(4):
        year = last_year - back
        if firm.founded_on.year > year:
            continue
        scale = (1 + growth) ** -back * draw.uniform(0.96, 1.04)
        # The band of size must hold in the latest year: staff may only be smaller in the past.
        staff = firm.staff if back == 0 else max(2, round(firm.staff * min(1.0, scale)))
        revenue = staff * firm.revenue_per_head_wan * (1.0 if back == 0 else draw.uniform(0.95, 1.05))
        output = revenue * draw.uniform(0.9, 1.06)
        rows.append(
            {
                "uscc": firm.uscc,
                "year": year,
                "source": "STATISTICS" if revenue > 2000 else draw.choice(("TAX", "SELF", "SELF")),
                "staff_count": staff,
                "revenue_wan": _wan(revenue),
                "assets_wan": _wan(revenue * draw.uniform(0.7, 1.6)),
                "output_wan": _wan(output),
                "value_added_wan": _wan(output * draw.uniform(0.24, 0.34)),
                "tax_wan": _wan(revenue * draw.uniform(0.03, 0.07)),
                "rd_spend_wan": _wan(revenue * draw.uniform(0.02, 0.075)),
            }
        )
    return rows


def _wan(value: float) -> Decimal:
    return Decimal(str(round(value, 2)))


def qualification_rows(*, seed: int, firm: Firm, on: date) -> list[dict[str, Any]]:
    """Return certificates that fit the firm; now and then one has run out and was not renewed."""
    draw = rng(seed, f"certificates {firm.uscc}")
    odds = {"micro": 0.12, "small": 0.46, "medium": 0.85, "large": 1.0}[firm.band]
    kinds = [("HNTE", odds, 3), ("TECH_SME", 0.3, 1), ("ISO9001", 0.4, 3)]
    kinds += [("SRDI", odds * 0.4, 3), ("ABOVE_SCALE", float(firm.band in {"medium", "large"}), 0)]
    kinds += [("LITTLE_GIANT", 0.3 if firm.band == "medium" else 0.0, 3), ("CHAMPION", float(firm.band == "large"), 3)]
    rows = []
    for kind, chance, years in kinds:
        if draw.random() >= chance:
            continue
        age_days = draw.randrange(30, 1080 if years == 3 else 330)
        if years == 3 and draw.random() < 0.06:
            age_days = draw.randrange(1110, 1300)
        starts = max(on - timedelta(days=age_days), firm.founded_on + timedelta(days=200))
        if starts >= on:
            continue
        rows.append(
            {
                "uscc": firm.uscc,
                "kind": kind,
                "number": f"DEMO-{kind}-{draw.randrange(10**6):06d}",
                "valid_from_on": starts,
                "valid_to_on": date(starts.year + years, starts.month, min(starts.day, 28)) if years else None,
            }
        )
    return rows


def address_rows(
    *, seed: int, firm: Firm, moved_in_on: date, park: Park, here: str, elsewhere: str
) -> list[dict[str, Any]]:
    """Return the four addresses; about one firm in nine is registered or taxed somewhere else."""
    draw = rng(seed, f"addresses {firm.uscc}")
    away = draw.random() < 0.11
    rows = []
    for kind in ("REGISTERED", "TAXED", "STATISTICS", "ACTUAL"):
        outside = away and kind != "ACTUAL" and not (kind == "STATISTICS" and draw.random() < 0.5)
        rows.append(
            {
                "uscc": firm.uscc,
                "kind": kind,
                "text": elsewhere if outside else here,
                "park": None if outside else park,
                "starts_on": firm.founded_on if outside else max(moved_in_on, firm.founded_on),
            }
        )
    return rows
