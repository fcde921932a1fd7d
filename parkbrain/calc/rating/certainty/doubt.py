"""What is drawn, how far, and by which rule: the assumptions of an uncertainty analysis in one place."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from parkbrain.calc.rating.expression import Flags
from parkbrain.calc.rating.result import SCORED, Result
from parkbrain.calc.rating.scheme import Scheme
from parkbrain.calc.rating.score import looks_at_other_units

#: A normal quantity lies within so many standard deviations in 95 of 100 cases; spreads are given as that half-width.
HALF_95 = 1.959964
#: Draws are cut here, so that no single one turns a value round [standard deviations].
FURTHEST = 3.0
#: So many scores stand for what peers have, at equal steps of their distribution.
PEER_STEPS = 64


@dataclass(frozen=True)
class Doubt:
    """The assumptions under which ratings are drawn.

    `concentration` of the weights as for `draw_weights` (None holds them); `threshold_spread` is half the 95 % range by
    which each indicator's threshold points move together, as a share of its scale (first to last point), their order
    being kept; `filled` is the chance that an unknown is filled in, and then with what a peer has; otherwise it stays
    unproven, as in the rating.
    """

    draws: int = 4096
    seed: int = 0
    concentration: float | None = 100.0
    threshold_spread: float = 0.05
    filled: float = 0.5

    def __post_init__(self) -> None:
        if self.draws < 1:
            raise ValueError(f"draws {self.draws} must be at least 1")
        if self.concentration is not None and not self.concentration > 0:
            raise ValueError(f"concentration {self.concentration} must be above 0")
        if not 0 <= self.threshold_spread <= 1 or not 0 <= self.filled <= 1:
            raise ValueError(f"threshold_spread {self.threshold_spread} and filled {self.filled} lie between 0 and 1")


#: Nothing moves: the drawn rating is the rating.
NO_DOUBT = Doubt(draws=16, concentration=None, threshold_spread=0.0, filled=0.0)


@dataclass(frozen=True)
class Limit:
    """Where a fact stays whatever is drawn: from `low` to `high`, and within the fact it is a part of."""

    low: float = -np.inf
    high: float = np.inf
    part_of: str | None = None


@dataclass(frozen=True)
class Peers:
    """What peers have, for what a unit does not know.

    `scores` holds an indicator's scores among those that know it [points of 100], ascending; `gates` the share that
    meets a gate and `vetoes` the share a veto applies to, among those that know. What nobody knows is missing.
    """

    scores: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    gates: Mapping[str, float] = field(default_factory=dict)
    vetoes: Mapping[str, float] = field(default_factory=dict)


def peers_of(result: Result) -> Peers:
    """Return what the units of a rating have: `PEER_STEPS` scores an indicator, and shares of gates and vetoes."""
    shares = (np.arange(PEER_STEPS) + 0.5) / PEER_STEPS
    scores = {}
    for one in result.scheme.indicators:
        known = result.unrounded_proven[one.id][result.state[one.id] == SCORED]
        if known.size:
            # Scores that were given: between two of them there may be none.
            found = np.quantile(known, shares, method="inverted_cdf")
            scores[one.id] = tuple(np.round(found, 2).tolist())
    return Peers(scores, _shares(result.gates), _shares(result.vetoes))


def _shares(flags: Mapping[str, Flags]) -> dict[str, float]:
    known = {key: column[column >= 0] for key, column in flags.items()}
    return {key: float(np.mean(column)) for key, column in known.items() if column.size}


def check_scheme(scheme: Scheme) -> None:
    """Refuse a scheme whose ratings cannot be drawn unit by unit.

    Raises
    ------
    ValueError
        If what is missing does not score zero, or a score depends on the other units.
    """
    if scheme.missing.method != "zero":
        raise ValueError("drawing needs a scheme in which what is missing scores zero")
    for one in scheme.indicators:
        if looks_at_other_units(one.score.method, one.score.options):
            raise ValueError(f"the score of {one.id} depends on the other units; it cannot be drawn alone")


def standard_error_of(chance: float, draws: int) -> float:
    """Return the standard error of a chance that was counted in independent draws [share].

    Parameters
    ----------
    chance
        Share of the draws [0–1].
    draws
        How many draws there were [1 and above].

    Notes
    -----
    Of a binomial share, ``sqrt(p (1 - p) / n)``; it says how far another seed moves the chance, nothing of whether the
    assumptions hold. At 0 and 1 it is nought though the chance is not known exactly: see `most_unseen`.

    Examples
    --------
    >>> standard_error_of(0.5, 10_000)
    0.005
    """
    return math.sqrt(chance * (1.0 - chance) / draws)


def most_unseen(draws: int) -> float:
    """Return the largest chance that something can have, with 95 % confidence, that no draw ended in [share].

    Notes
    -----
    The exact bound ``1 - 0.05 ** (1 / n)`` of Clopper and Pearson (1934), about ``3 / n``.

    Examples
    --------
    >>> round(most_unseen(4096), 6)
    0.000731
    """
    return 1.0 - math.pow(0.05, 1.0 / draws)
