"""Parks of like kind: who is compared with whom, and where each stands among them.

A park is held against parks of its own type, size and age. Where those are too few, age is left out, then size, then the
type: the narrowest group with enough others is taken, and which one it was is said with every number. Size is gross floor
area, age is counted from the opening.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Gross floor area at which a larger size begins [m²].
SIZE_EDGES_M2 = (20_000.0, 50_000.0, 100_000.0, 200_000.0)
#: Age at which an older band begins [years].
AGE_EDGES_YEARS = (5.0, 10.0, 20.0)
#: So many other parks make a group that says something.
LEAST_PEERS = 8
#: What a group has in common, the narrowest first.
STEPS = (("kind", "size", "age"), ("kind", "size"), ("kind",), ())


@dataclass(frozen=True)
class PeerGroups:
    """The group of each park.

    `step` is the place in `STEPS`; `codes` has for each step the number of the group a park falls into (-1 where a trait
    that the step asks for is unknown); `peer_count` is how many other parks there are in a park's group.
    """

    step: NDArray[np.int8]
    codes: NDArray[np.int32]
    peer_count: NDArray[np.int32]

    def members(self, row: int) -> NDArray[np.intp]:
        """Return the rows of a park's group, the park among them."""
        codes = self.codes[self.step[row]]
        return np.flatnonzero(codes == codes[row])


def band_of(values: ArrayLike, edges: Sequence[float]) -> NDArray[np.int32]:
    """Return the band of each value: how many edges it has reached, -1 where it is unknown.

    Parameters
    ----------
    values
        Sizes [m²], ages [years]; NaN is unknown.
    edges
        Where bands begin, rising; a value at an edge belongs to the upper band.

    Examples
    --------
    >>> band_of([3.0, 5.0, 40.0, float("nan")], AGE_EDGES_YEARS).tolist()
    [0, 1, 3, -1]
    """
    known = np.asarray(values, dtype=np.float64)
    bands = np.digitize(known, np.asarray(edges)).astype(np.int32)
    return np.where(np.isnan(known), np.int32(-1), bands)


def like_parks(
    kinds: ArrayLike, size_bands: ArrayLike, age_bands: ArrayLike, *, least: int = LEAST_PEERS
) -> PeerGroups:
    """Return for each park the narrowest group with at least `least` other parks; all parks where none has.

    Parameters
    ----------
    kinds, size_bands, age_bands
        Whole numbers from 0, a park each; -1 is unknown, and a step that asks for it is passed over.
    least
        Other parks a group must have, 1 or more.

    Raises
    ------
    ValueError
        If `least` is below 1 or the columns differ in length.

    Examples
    --------
    Three old and two young parks of one type and size, at least two peers asked for: the old ones are compared with each
    other, the young ones with all five.

    >>> groups = like_parks([0] * 5, [1] * 5, [3, 3, 3, 0, 0], least=2)
    >>> groups.step.tolist(), groups.peer_count.tolist()
    ([0, 0, 0, 1, 1], [2, 2, 2, 4, 4])
    """
    if least < 1:
        raise ValueError("at least one peer is needed")
    traits = {
        "kind": np.asarray(kinds, dtype=np.int64),
        "size": np.asarray(size_bands, dtype=np.int64),
        "age": np.asarray(age_bands, dtype=np.int64),
    }
    count = len(traits["kind"])
    if any(len(column) != count for column in traits.values()):
        raise ValueError("types, sizes and ages are not of the same parks")
    codes = np.full((len(STEPS), count), -1, dtype=np.int32)
    step = np.full(count, len(STEPS) - 1, dtype=np.int8)
    peers = np.full(count, max(count - 1, 0), dtype=np.int32)
    undecided = np.ones(count, dtype=bool)
    for place, wanted in enumerate(STEPS):
        codes[place], others = _numbered([traits[name] for name in wanted], count)
        known = codes[place] >= 0
        chosen = undecided & known & (others >= least)
        step[chosen], peers[chosen] = place, others[chosen]
        undecided &= ~chosen
    return PeerGroups(step, codes, peers)


def _numbered(columns: Sequence[NDArray[np.int64]], count: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return the number of the group that each row falls into (-1 where a trait is unknown), and how many others do."""
    known = np.all([column >= 0 for column in columns], axis=0) if columns else np.ones(count, dtype=bool)
    codes, others = np.full(count, -1, dtype=np.int32), np.zeros(count, dtype=np.int32)
    if not known.any():
        return codes, others
    joined = np.zeros(count, dtype=np.int64)
    for column in columns:
        joined = joined * (column.max() + 2) + column + 1
    _seen, inverse, sizes = np.unique(joined[known], return_inverse=True, return_counts=True)
    codes[known] = inverse
    others[known] = sizes[inverse] - 1
    return codes, others


def places(values: ArrayLike, groups: PeerGroups) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return each park's place in its own group by a value, and how many of the group are known.

    Place 1 has the highest value; equal values share the better place (1, 2, 2, 4). An unknown value has place 0.

    Examples
    --------
    >>> groups = like_parks([0] * 5, [1] * 5, [0] * 5, least=2)
    >>> place, known = places([70.0, 90.0, float("nan"), 70.0, 10.0], groups)
    >>> place.tolist(), known.tolist()
    ([2, 1, 0, 2, 4], [4, 4, 4, 4, 4])
    """
    column = np.asarray(values, dtype=np.float64)
    place = np.zeros(len(column), dtype=np.int32)
    known_count = np.zeros(len(column), dtype=np.int32)
    for step in range(len(STEPS)):
        own = groups.step == step
        if not own.any():
            continue
        codes = groups.codes[step]
        rows = np.flatnonzero((codes >= 0) & ~np.isnan(column))
        counted = np.bincount(codes[rows], minlength=int(codes.max()) + 1)
        known_count[own] = counted[codes[own]]
        order = rows[np.lexsort((-column[rows], codes[rows]))]
        sorted_codes, sorted_values = codes[order], column[order]
        index = np.arange(len(order))
        is_new_group = np.r_[True, sorted_codes[1:] != sorted_codes[:-1]][: len(order)]
        is_new_value = is_new_group | np.r_[True, sorted_values[1:] != sorted_values[:-1]][: len(order)]
        group_start = np.maximum.accumulate(np.where(is_new_group, index, 0))
        value_start = np.maximum.accumulate(np.where(is_new_value, index, 0))
        ranked = np.zeros(len(column), dtype=np.int32)
        ranked[order] = value_start - group_start + 1
        place[own] = ranked[own]
    return place, known_count
