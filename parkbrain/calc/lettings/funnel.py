"""The way of leads: how many reach each stage, how long it takes, what is to be expected of the open ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

#: The stages of the way in their order; a lead may skip some.
STAGES = ("NEW", "QUALIFIED", "VISITED", "QUOTED", "NEGOTIATING", "SIGNED")
LOST = "LOST"
#: A park's own history counts from so many closed leads that had reached the stage.
LEAST_HISTORY = 20
#: Share of leads at a stage that sign, where a park's own history is too short. Practice of industrial letting.
DEFAULT_PROBABILITY: Mapping[str, float] = {
    "NEW": 0.05,
    "QUALIFIED": 0.12,
    "VISITED": 0.22,
    "QUOTED": 0.35,
    "NEGOTIATING": 0.65,
}


@dataclass(frozen=True)
class LeadPath:
    """A lead with the first day of each stage it came to, where it stands, and what it would bring.

    Area [m²] and rent of a month [yuan]; None is unknown. `expected_on` is the day it wants to move in.
    """

    key: str
    stage: str
    days: Mapping[str, date]
    segment: str = ""
    area_m2: float | None = None
    rent_yuan_per_month: float | None = None
    expected_on: date | None = None

    def furthest(self) -> int:
        """Return the place in `STAGES` of the furthest stage it came to."""
        return max((STAGES.index(stage) for stage in self.days if stage in STAGES), default=0)


@dataclass(frozen=True)
class FunnelStage:
    """A stage: who reached it or one behind it, who stands there now, who was lost from it, and how long it took.

    `conversion` is the share of those that reached the stage and went on to the next; None for the last stage and where
    nobody reached it. `median_days` is from this stage to the next one that has a day.
    """

    stage: str
    reached: tuple[str, ...]
    now: tuple[str, ...]
    lost: tuple[str, ...]
    conversion: float | None
    median_days: float | None


def funnel(paths: Sequence[LeadPath]) -> list[FunnelStage]:
    """Return the funnel of leads: a lead that skipped a stage counts as having reached it.

    Examples
    --------
    >>> one = LeadPath("1", "QUOTED", {"NEW": date(2026, 1, 1), "QUOTED": date(2026, 1, 11)})
    >>> two = LeadPath("2", "LOST", {"NEW": date(2026, 1, 1), "LOST": date(2026, 2, 1)})
    >>> [(s.stage, len(s.reached), s.conversion) for s in funnel([one, two])][:2]
    [('NEW', 2, 0.5), ('QUALIFIED', 1, 1.0)]
    """
    furthest = {path.key: path.furthest() for path in paths}
    made = []
    for place, stage in enumerate(STAGES):
        reached = tuple(path.key for path in paths if furthest[path.key] >= place)
        on = sum(1 for path in paths if furthest[path.key] > place)
        made.append(
            FunnelStage(
                stage=stage,
                reached=reached,
                now=tuple(path.key for path in paths if path.stage == stage),
                lost=tuple(path.key for path in paths if path.stage == LOST and furthest[path.key] == place),
                conversion=on / len(reached) if reached and stage != STAGES[-1] else None,
                median_days=_median_days(paths, stage),
            )
        )
    return made


def _median_days(paths: Sequence[LeadPath], stage: str) -> float | None:
    spent = []
    for path in paths:
        begin = path.days.get(stage)
        later = [path.days[s] for s in STAGES[STAGES.index(stage) + 1 :] if s in path.days]
        if begin is not None and later and min(later) >= begin:
            spent.append((min(later) - begin).days)
    return float(median(spent)) if spent else None


@dataclass(frozen=True)
class Probability:
    """How likely a lead at a stage signs [1]: from `history` closed leads, or the default where they are too few."""

    stage: str
    value: float
    history: int
    is_default: bool


def stage_probabilities(paths: Sequence[LeadPath], *, least: int = LEAST_HISTORY) -> dict[str, Probability]:
    """Return how likely leads at each open stage sign.

    Parameters
    ----------
    paths
        All leads of a park; the closed ones are its history.
    least
        How many closed leads must have reached a stage for the park's own share to count [1, > 0].

    Examples
    --------
    >>> stage_probabilities([])["QUOTED"]
    Probability(stage='QUOTED', value=0.35, history=0, is_default=True)
    """
    closed = [(path.furthest(), path.stage == STAGES[-1]) for path in paths if path.stage in {STAGES[-1], LOST}]
    made = {}
    for place, stage in enumerate(STAGES[:-1]):
        outcomes = [signed for furthest, signed in closed if furthest >= place]
        own = len(outcomes) >= max(1, least)
        value = sum(outcomes) / len(outcomes) if own else DEFAULT_PROBABILITY[stage]
        made[stage] = Probability(stage, value, len(outcomes), not own)
    return made


@dataclass(frozen=True)
class Expected:
    """What is to be expected of the open leads of a segment in a month: sums weighted by how likely they sign.

    `month_on` None gathers leads that name no date. Leads without an area count in `unknown` and nowhere else.
    """

    month_on: date | None
    segment: str
    keys: tuple[str, ...]
    area_m2: float
    rent_yuan_per_month: float
    unknown: int


def forecast(paths: Sequence[LeadPath], probabilities: Mapping[str, Probability], on: date) -> list[Expected]:
    """Return the weighted area [m²] and rent [yuan per month] of open leads by month of moving in and segment.

    A day that has passed counts in the month of `on`: the lead is late, not gone. In order of month and segment.

    Examples
    --------
    >>> lead = LeadPath("1", "QUOTED", {"NEW": date(2026, 1, 1)}, "35", 1000.0, 50000.0, date(2026, 5, 20))
    >>> made = forecast([lead], stage_probabilities([lead]), date(2026, 2, 1))[0]
    >>> made.month_on.isoformat(), made.area_m2, made.rent_yuan_per_month
    ('2026-05-01', 350.0, 17500.0)
    """
    groups: dict[tuple[date, str], list[LeadPath]] = {}
    for path in paths:
        if path.stage in probabilities:
            month = date.max if path.expected_on is None else max(path.expected_on, on).replace(day=1)
            groups.setdefault((month, path.segment), []).append(path)
    made = []
    for (month, segment), group in sorted(groups.items()):
        known = [path for path in group if path.area_m2 is not None]
        made.append(
            Expected(
                month_on=None if month == date.max else month,
                segment=segment,
                keys=tuple(path.key for path in group),
                area_m2=sum(probabilities[p.stage].value * (p.area_m2 or 0.0) for p in known),
                rent_yuan_per_month=sum(probabilities[p.stage].value * (p.rent_yuan_per_month or 0.0) for p in known),
                unknown=len(group) - len(known),
            )
        )
    return made
