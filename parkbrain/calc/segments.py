"""Segments of a park's tenants: leading, startup or growth, each with the rule that placed the firm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from .intervals import months_before

LEADING, STARTUP, GROWTH = "LEADING", "STARTUP", "GROWTH"
#: Share of the tenants with known output that count as leading by output.
TOP_SHARE = 0.10
STARTUP_MONTHS = 60


class TenantFigures(NamedTuple):
    """What the rule looks at; None is unknown."""

    size_class: str | None
    founded_on: date | None
    is_listed: bool | None = None
    is_headquarters: bool | None = None
    is_champion: bool = False
    is_little_giant: bool = False
    output_wan: float | None = None


@dataclass(frozen=True)
class Segment:
    """The segment, the reason that placed the firm there, and whether all that decides it was known."""

    segment: str
    reason: str
    certain: bool


#: Every segment there is, made once: a city has hundreds of thousands of tenants.
_LEADING = {
    reason: Segment(LEADING, reason, certain=True)
    for reason in ("size", "listed", "headquarters", "champion", "little_giant", "top_output")
}
_YOUNG = Segment(STARTUP, "young_and_small", certain=True)
_OTHER = {certain: Segment(GROWTH, "other", certain=certain) for certain in (True, False)}


def segments_of(tenants: Sequence[TenantFigures], on: date) -> list[Segment]:
    """Return the segment of each tenant of one park.

    Parameters
    ----------
    tenants
        All tenants of the park on the day; output [10,000 yuan] of the last closed year.
    on
        The day for ages.

    Returns
    -------
    list of Segment
        Leading: large, or listed, headquarters, single-product champion or national little giant, or among the top
        tenth of the park's output. Startup: founded less than five years ago, small or micro, and not leading.
        Growth: every other tenant. The reason is one of ``size listed headquarters champion little_giant
        top_output young_and_small other``.

    Examples
    --------
    >>> segments_of([TenantFigures("MICRO", date(2024, 5, 1))], date(2026, 6, 30))[0].segment
    'STARTUP'
    """
    outputs = sorted((t.output_wan for t in tenants if t.output_wan is not None), reverse=True)
    places = int(TOP_SHARE * len(outputs))
    threshold = outputs[places - 1] if places else None
    young_after = months_before(on, STARTUP_MONTHS)
    return [_segment(tenant, young_after, threshold) for tenant in tenants]


def _segment(tenant: TenantFigures, young_after: date, threshold_wan: float | None) -> Segment:
    reason = _why_leading(tenant, threshold_wan)
    if reason:
        return _LEADING[reason]
    founded_on = tenant.founded_on
    if tenant.size_class in {"SMALL", "MICRO"} and founded_on is not None and founded_on > young_after:
        return _YOUNG
    return _OTHER[tenant.size_class is not None and founded_on is not None]


def _why_leading(tenant: TenantFigures, threshold_wan: float | None) -> str:
    """Return the first reason for which a tenant leads, "" where there is none."""
    if tenant.size_class == "LARGE":
        return "size"
    if tenant.is_listed:
        return "listed"
    if tenant.is_headquarters:
        return "headquarters"
    if tenant.is_champion:
        return "champion"
    if tenant.is_little_giant:
        return "little_giant"
    if threshold_wan is None or tenant.output_wan is None:
        return ""
    return "top_output" if tenant.output_wan >= threshold_wan > 0 else ""
