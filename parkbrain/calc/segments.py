"""Segments of a park's tenants: leading, startup or growth, each with the rule that placed the firm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .intervals import months_before

LEADING, STARTUP, GROWTH = "LEADING", "STARTUP", "GROWTH"
#: Share of the tenants with known output that count as leading by output.
TOP_SHARE = 0.10
STARTUP_MONTHS = 60


@dataclass(frozen=True)
class TenantFigures:
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
    return [_segment(tenant, on, threshold) for tenant in tenants]


def _segment(tenant: TenantFigures, on: date, threshold_wan: float | None) -> Segment:
    leading = (
        ("size", tenant.size_class == "LARGE"),
        ("listed", bool(tenant.is_listed)),
        ("headquarters", bool(tenant.is_headquarters)),
        ("champion", tenant.is_champion),
        ("little_giant", tenant.is_little_giant),
        (
            "top_output",
            threshold_wan is not None and tenant.output_wan is not None and tenant.output_wan >= threshold_wan > 0,
        ),
    )
    for reason, holds in leading:
        if holds:
            return Segment(LEADING, reason, certain=True)
    certain = tenant.size_class is not None and tenant.founded_on is not None
    small = tenant.size_class in {"SMALL", "MICRO"}
    if small and tenant.founded_on is not None and tenant.founded_on > months_before(on, STARTUP_MONTHS):
        return Segment(STARTUP, "young_and_small", certain=True)
    return Segment(GROWTH, "other", certain=certain)
