"""How numbers, money and dates are written: by language, always with the unit, unknown never blank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

#: Units that stand in the data, as people write them; a code that is not here is written as it is.
UNITS: dict[str, str | Promise] = {
    "m2": "m²",
    "m3": "m³",
    "km2": "km²",
    "tCO2": "tCO₂",
    "kgco2": "kgCO₂",
    "kgco2e": "kgCO₂e",
    "t*km": "t·km",
    "kn_m2": "kN/m²",
    "count": "",
    "boolean": "",
    "level": "",
    "index": "",
    "ratio": "",
    "score": "",
    "score 0-100": "",
    "pcs": gettext_lazy("pieces"),
    "day": gettext_lazy("days"),
    "year": gettext_lazy("years"),
    "person": gettext_lazy("persons"),
    "mu": gettext_lazy("mu"),
    "m2*day": gettext_lazy("m²·days"),
    "yuan": gettext_lazy("yuan"),
    "yuan/m3": gettext_lazy("yuan/m³"),
    "10k yuan": gettext_lazy("10k yuan"),
    "100 m yuan": gettext_lazy("100 m yuan"),
    "100 m yuan/km2": gettext_lazy("100 m yuan/km²"),
    "10k yuan/mu": gettext_lazy("10k yuan/mu"),
    "10k yuan/person": gettext_lazy("10k yuan/person"),
    "10k yuan/tce": gettext_lazy("10k yuan/tce"),
    "m3/10k yuan": gettext_lazy("m³/10k yuan"),
    "t/10k yuan": gettext_lazy("t/10k yuan"),
    "tCO2/10k yuan": gettext_lazy("tCO₂/10k yuan"),
    "tCO2/10k yuan value added": gettext_lazy("tCO₂/10k yuan of value added"),
    "tce/10k yuan": gettext_lazy("tce/10k yuan"),
    "per 100 tenants": gettext_lazy("per 100 tenants"),
    "per 1,000 staff": gettext_lazy("per 1,000 staff"),
    "count per year": gettext_lazy("a year"),
}

Number = float | int | Decimal


def number(value: Number | None, decimals: int | None = None) -> str:
    """Return a number with thousands separators; without `decimals`, as many as say something at its size."""
    if value is None:
        return _("unknown")
    if decimals is not None:
        return f"{value:,.{decimals}f}"
    size = abs(float(value))
    shown = 1 if size >= 1000 else 2 if size >= 1 else 4
    text = f"{value:,.{shown}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def compact(value: Number | None, decimals: int = 1) -> str:
    """Return a large number short: 万 and 亿 in Chinese, k and M in English."""
    if value is None:
        return _("unknown")
    steps: tuple[tuple[float, str], ...]
    if (get_language() or "").startswith("en"):
        steps = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))
    else:
        traditional = (get_language() or "").lower() in {"zh-hant", "zh-hk", "zh-tw"}
        steps = ((1e8, "億" if traditional else "亿"), (1e4, "萬" if traditional else "万"))
    for size, suffix in steps:
        if abs(float(value)) >= size:
            return f"{number(round(float(value) / size, decimals))}{suffix}"
    return number(round(float(value), decimals))


def unit(code: str) -> str:
    """Return a unit's code as people write it."""
    return str(UNITS.get(code, code))


def with_unit(value: Number | None, code: str, decimals: int | None = None) -> str:
    """Return the number with its unit."""
    if value is None:
        return _("unknown")
    if code == "boolean":
        return _("yes") if value else _("no")
    shown = unit(code)
    text = number(value, decimals)
    if not shown:
        return text
    return f"{text}%" if shown == "%" else f"{text} {shown}"


def percent(share: Number | None, decimals: int = 1) -> str:
    """Return a share of one as percent."""
    return _("unknown") if share is None else f"{float(share) * 100:.{decimals}f}%"


def day(value: date | None) -> str:
    """Return a date as 2026-11-23."""
    return "—" if value is None else value.isoformat()[:10]


def moment(value: datetime | None) -> str:
    """Return a time in the installation's zone as 2026-11-23 14:05."""
    return "—" if value is None else timezone.localtime(value).strftime("%Y-%m-%d %H:%M")


def instant(value: datetime | None) -> str:
    """Return a time to the second: what follows each other within a minute stays told apart."""
    return "—" if value is None else timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True)
class Spark:
    """A line of a table cell: path, last point and the words that replace it for those who cannot see it."""

    path: str
    last_x: float
    last_y: float
    text: str


def spark(values: Sequence[float | None], *, width: float = 92.0, height: float = 20.0) -> Spark | None:
    """Return a sparkline from zero to the largest value, or None where fewer than two values are known."""
    known = [(i, float(v)) for i, v in enumerate(values) if v is not None]
    if len(known) < 2:
        return None
    top = max(v for _i, v in known) or 1.0
    step = width / max(len(values) - 1, 1)
    points = [(round(2 + i * step, 1), round(height - v / top * (height - 2), 1)) for i, v in known]
    path = "M" + "L".join(f"{x} {y}" for x, y in points)
    return Spark(path, *points[-1], text=" → ".join(number(v, 0) for _i, v in known))
