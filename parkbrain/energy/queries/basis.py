"""From what a meter's use is worked out: its stretches with registers, factors and exchanges, and what differs from before."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from parkbrain.calc.metering import Register, Stretch, Swap
from parkbrain.telemetry.models import Point, PointFactor

from ..models import Meter, MeterPoint, MeterSwap

#: Quantity and size of the units that meters and points count in.
UNITS: Mapping[str, tuple[str, float]] = {
    "KiloW-HR": ("energy", 1.0),
    "MegaW-HR": ("energy", 1000.0),
    "W-HR": ("energy", 0.001),
    "GigaJ": ("energy", 1e6 / 3600),
    "MegaJ": ("energy", 1e3 / 3600),
    "M3": ("volume", 1.0),
    "L": ("volume", 0.001),
    "TONNE": ("mass", 1.0),
    "KiloGM": ("mass", 0.001),
}
#: An instant after every other [µs], for what has no end.
FOREVER_US = 2**62
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Atom = tuple[int, int | None, str]


@dataclass(frozen=True)
class PointStretch:
    """A stretch of a meter and the number of the point that shows it."""

    point_id: int
    stretch: Stretch


@dataclass(frozen=True)
class MeterPlan:
    """A meter with all that its use follows from; `atoms` are the statements of the basis, each with its time."""

    meter_id: int
    park_id: int
    code: str
    formula: str
    stretches: tuple[PointStretch, ...]

    @property
    def atoms(self) -> list[Atom]:
        """The statements that hold for a time, as the basis keeps them."""
        if self.formula:
            return [(0, None, f"formula {self.formula}")]
        found: list[Atom] = []
        for one in self.stretches:
            s, r = one.stretch, one.stretch.register
            rules = f"{one.point_id} {s.interval_us} {r.width} {r.max_rate_per_hour} {r.gap_hours}"
            found.append((s.start_us, s.end_us, rules))
            for number, (start, factor) in enumerate(s.factors):
                # Before the first factor the first holds.
                begins = max(start, s.start_us) if number else s.start_us
                last = number + 1 == len(s.factors)
                ends = s.end_us if last else min(s.factors[number + 1][0], s.end_us or FOREVER_US)
                if ends is None or ends > begins:
                    found.append((begins, ends, f"× {factor!r}"))
            found += [(w.at_us, w.at_us + 1, f"⇄ {w.end_reading!r} {w.start_reading!r}") for w in s.swaps]
        return found


def to_us(at: datetime) -> int:
    """Return an aware time as microseconds since 1970 UTC."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def from_us(at_us: int) -> datetime:
    """Return microseconds since 1970 UTC as an aware time."""
    return _EPOCH + timedelta(microseconds=at_us)


def unit_factor(*, of: str, into: str) -> float | None:
    """Return how many of one unit another is; None where they measure different things."""
    a, b = UNITS.get(of), UNITS.get(into)
    if a is None or b is None or a[0] != b[0]:
        return 1.0 if of == into else None
    return a[1] / b[1]


def list_plans(*, meters: Sequence[Meter]) -> list[MeterPlan]:
    """Return the plan of each meter, in a handful of statements for all of them."""
    ids = [m.pk for m in meters]
    bindings: dict[int, list[MeterPoint]] = defaultdict(list)
    for binding in MeterPoint.objects.filter(meter__in=ids).select_related("point").order_by("start_at"):
        bindings[binding.meter_id].append(binding)
    points = {b.point_id for group in bindings.values() for b in group}
    factors: dict[int, list[PointFactor]] = defaultdict(list)
    for factor in PointFactor.objects.filter(point__in=points).order_by("start_at"):
        factors[factor.point_id].append(factor)
    swaps: dict[int, list[Swap]] = defaultdict(list)
    for swap in MeterSwap.objects.filter(meter__in=ids).order_by("at"):
        swaps[swap.meter_id].append(Swap(to_us(swap.at), swap.end_reading, swap.start_reading))
    return [
        MeterPlan(
            m.pk,
            m.park_id,
            m.code,
            m.formula,
            ()
            if m.formula
            else tuple(
                PointStretch(b.point_id, _stretch(b, m.unit, factors[b.point_id], swaps[m.pk])) for b in bindings[m.pk]
            ),
        )
        for m in meters
    ]


def _stretch(binding: MeterPoint, unit: str, factors: Sequence[PointFactor], swaps: Sequence[Swap]) -> Stretch:
    point = binding.point
    start, end = to_us(binding.start_at), None if binding.end_at is None else to_us(binding.end_at)
    scale = unit_factor(of=point.unit, into=unit)
    return Stretch(
        start_us=start,
        end_us=end,
        register=Register(point.register_width, point.max_rate_per_hour, point.gap_hours),
        interval_us=point.interval_s * 1_000_000 if point.kind == Point.Kind.INTERVAL else None,
        factors=_factors(factors, float("nan") if scale is None else scale),
        # An exchange at the very end of a stretch belongs to it and to the next one.
        swaps=tuple(s for s in swaps if s.at_us >= start and (end is None or s.at_us <= end)),
    )


def _factors(rows: Sequence[PointFactor], scale: float) -> tuple[tuple[int, float], ...]:
    """Return instants with the factor from then on; a time between two factors has none that anybody knows."""
    if not rows:
        return ((0, scale),)
    found: list[tuple[int, float]] = []
    for number, row in enumerate(rows):
        found.append((to_us(row.start_at), row.factor * scale))
        following = rows[number + 1].start_at if number + 1 < len(rows) else None
        if row.end_at is not None and row.end_at != following:
            found.append((to_us(row.end_at), float("nan")))
    return tuple(found)


def changed_span(*, before: Sequence[Any], now: Sequence[Atom]) -> tuple[int, int] | None:
    """Return the time [µs) within which two bases say something different; None where they agree."""
    old, new = {_atom(a) for a in before}, set(now)
    if old == new:
        return None
    edges = sorted({edge for a in old | new for edge in (a[0], FOREVER_US if a[1] is None else a[1])})
    spans = [(start, end) for start, end in itertools.pairwise(edges) if _holding(old, start) != _holding(new, start)]
    return (spans[0][0], spans[-1][1]) if spans else None


def _atom(stored: Sequence[Any]) -> Atom:
    return stored[0], stored[1], stored[2]


def _holding(atoms: set[Atom], at: int) -> list[str]:
    return sorted(a[2] for a in atoms if a[0] <= at and (a[1] is None or at < a[1]))
