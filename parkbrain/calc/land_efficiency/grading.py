"""The class of every firm of a park in a year: by rank, at once, or because it is not graded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .measures import FloatArray
from .scheme import LandScheme
from .scoring import classes_of, ranks_of, score_group


@dataclass(frozen=True)
class Graded:
    """What a run says of one firm: group, points by measure, score, rank of how many, class, and why it is that one."""

    group: str
    points: Mapping[str, float | None]
    score: float | None
    known_share: float
    rank: int | None
    ranked: int
    klass: str
    why: str


#: Why a firm has its class.
BY_RANK, DIRECT, NEW_FIRM, MARKED, TOO_LITTLE = "rank", "direct", "new", "marked", "unknown"


@dataclass(frozen=True)
class Firm:
    """A firm as it is graded: above scale or not, marks of the year, whether it was there the whole year."""

    key: int
    above_scale: bool
    full_year: bool = True
    marks: frozenset[str] = frozenset()


def grade(scheme: LandScheme, firms: Sequence[Firm], measures: Mapping[str, npt.ArrayLike]) -> dict[int, Graded]:
    """Return the class of every firm of a park in a year.

    Parameters
    ----------
    scheme
        The scheme.
    firms
        The firms, each key once.
    measures
        See `measures_of`, one value per firm in their order.

    Returns
    -------
    dict
        By firm's key. A mark of the scheme's direct ones makes a firm D whatever its score; it holds no rank. Firms that
        are too new or marked as not graded count as the class the scheme says and hold no rank. Without enough figures
        there is no class.

    Examples
    --------
    >>> from parkbrain.calc.land_efficiency import read_scheme
    >>> row = {"id": "own_rule", "names": {}, "year": 2025, "source": "example", "split": {"by": "NONE"},
    ...        "groups": {"above": [{"measure": "tax_per_mu", "weight": 100, "method": "span"}]},
    ...        "least_known_percent": 50, "classes": {"a_percent": 50, "c_from_percent": 50, "d_from_percent": 50,
    ...        "source": "", "certainty": ""}, "ungraded": {"less_than_full_year": True, "marks": [], "counts_as": "B",
    ...        "source": "", "certainty": ""}, "direct_d": {"marks": ["SAFETY"], "source": "", "certainty": ""}}
    >>> found = grade(read_scheme(row), [Firm(1, True), Firm(2, True), Firm(3, True, False)],
    ...               {"tax_per_mu": [9.0, 4.0, 1.0]})
    >>> [(found[key].klass, found[key].why) for key in (1, 2, 3)]
    [('A', 'rank'), ('D', 'rank'), ('B', 'new')]
    """
    result: dict[int, Graded] = {}
    for group in scheme.groups:
        places = np.array([i for i, f in enumerate(firms) if scheme.group_of(f.above_scale) == group], dtype=np.intp)
        if places.size:
            own = {
                item.measure: np.asarray(measures[item.measure], dtype=np.float64)[places]
                for item in scheme.groups[group]
            }
            result |= _grade_group(scheme, group, [firms[i] for i in places], own)
    return result


def _grade_group(
    scheme: LandScheme, group: str, firms: Sequence[Firm], measures: Mapping[str, FloatArray]
) -> dict[int, Graded]:
    set_apart = [_set_apart(scheme, firm) for firm in firms]
    free = np.array([not why for why in set_apart])
    # Firms that are not graded neither stretch the span nor move the mean.
    scored = score_group(scheme, group, {name: values[free] for name, values in measures.items()})
    ranks = ranks_of(scored.score)
    classes = classes_of(scored.score, a_share=scheme.a_share, c_from=scheme.c_from, d_from=scheme.d_from)
    ranked = int((~np.isnan(ranks)).sum())
    found, place = {}, 0
    for firm, why in zip(firms, set_apart, strict=True):
        if why:
            klass = "D" if why == DIRECT else scheme.ungraded_class
            found[firm.key] = Graded(group, {}, None, 0.0, None, ranked, klass, why)
            continue
        score, klass = scored.score[place], str(classes[place])
        points = {name: _known(values[place]) for name, values in scored.points.items()}
        rank = _known(ranks[place])
        found[firm.key] = Graded(
            group,
            points,
            _known(score),
            float(scored.known_share[place]),
            None if rank is None else int(rank),
            ranked,
            klass,
            BY_RANK if klass else TOO_LITTLE,
        )
        place += 1
    return found


def _set_apart(scheme: LandScheme, firm: Firm) -> str:
    if firm.marks & scheme.direct_marks:
        return DIRECT
    if firm.marks & scheme.ungraded_marks:
        return MARKED
    return NEW_FIRM if scheme.needs_full_year and not firm.full_year else ""


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
