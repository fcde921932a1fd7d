"""Counts the classes of many units over chunks of draws, by the rule of the outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from parkbrain.calc.rating.certainty.doubt import Doubt, Peers
from parkbrain.calc.rating.certainty.one import generator_of
from parkbrain.calc.rating.expression import Flags
from parkbrain.calc.rating.outcome import NO_CLASS, cap_ranks, floors_of
from parkbrain.calc.rating.result import Result
from parkbrain.calc.rating.scheme import Scheme

Single = NDArray[np.float32]
Mask = NDArray[np.bool_]
_UNCAPPED = 127


class Classes:
    """How often each unit reaches each class; known gates and vetoes hold in every draw."""

    def __init__(self, scheme: Scheme, result: Result, doubt: Doubt, peers: Peers, branches: Sequence[str]) -> None:
        self._scheme, self._result, self._doubt, self._branches = scheme, result, doubt, list(branches)
        self._classes = sorted(scheme.outcome.classes, key=lambda one: one.rank)
        self._floors = [floors_of(scheme, one) for one in self._classes]
        if any(key not in self._branches and key != scheme.root.id for floors in self._floors for key in floors):
            raise ValueError("drawing a city needs floors on the root's children only")
        caps = {veto.cap for veto in scheme.outcome.vetoes if veto.cap is not None}
        self.class_ranks = tuple(sorted({NO_CLASS, *(one.rank for one in self._classes), *caps}))
        self.counts = np.zeros((len(result.units), len(self.class_ranks)))
        self._gates = _open_tests("gate", result.gates, peers.gates, doubt)
        self._vetoes = _open_tests("veto", result.vetoes, peers.vetoes, doubt)
        nobody = {key: np.zeros_like(flags) for key, flags in result.vetoes.items()}
        # What a veto leaves of the best class, and what the limit on the not applicable leaves of it.
        self._limit = self._capped(nobody)
        self._cap = self._capped(result.vetoes)

    def _capped(self, vetoes: Mapping[str, Flags]) -> NDArray[np.int8]:
        best = np.full(len(self._result.units), _UNCAPPED, np.int64)
        left_out = self._result.not_applicable_weight
        return cap_ranks(self._scheme, best, vetoes, left_out, best_case=False).astype(np.int8)

    def add(self, total: Single, scores: Sequence[Single], present: Sequence[Mask], start: int) -> None:
        """Count one chunk of draws: the total and the scores of the root's children, draws by units."""
        decimals = self._scheme.rounding.total
        # A total counts as reached where it would round up to it.
        allowance = np.float32(0.5 * 10.0**-decimals + 1e-5 if decimals is not None else 1e-5)
        random = generator_of(self._doubt.seed, f"tests {start}")
        gates = {key: test.draw(random, len(total)) for key, test in self._gates.items()}
        reached = np.zeros(total.shape, np.int8)
        lows: dict[tuple[str, ...], Single] = {}
        for one, floors in zip(self._classes, self._floors, strict=True):
            met = total >= np.float32(one.min_total) - allowance
            by_floor: dict[float, list[str]] = {}
            for key, floor in floors.items():
                by_floor.setdefault(floor, []).append(key)
            for floor, keys in by_floor.items():
                # Classes that ask of the same nodes share their lowest score.
                if tuple(keys) not in lows:
                    lows[tuple(keys)] = self._lowest(total, scores, present, keys)
                met &= lows[tuple(keys)] >= np.float32(floor) - allowance
            for key in one.gates:
                met &= self._result.gates[key] == 1 if key not in gates else gates[key]
            reached[met] = one.rank
        np.minimum(reached, self._caps(random, len(total)), out=reached)
        for place, rank in enumerate(self.class_ranks):
            self.counts[:, place] += np.count_nonzero(reached == rank, axis=0)

    def _lowest(self, total: Single, scores: Sequence[Single], present: Sequence[Mask], keys: Sequence[str]) -> Single:
        lowest = np.full_like(total, np.inf)
        for key in keys:
            if key == self._scheme.root.id:
                np.minimum(lowest, total, out=lowest)
                continue
            place = self._branches.index(key)
            column, there = scores[place], present[place]
            # What does not apply has no floor to miss.
            np.minimum(lowest, column if there.all() else np.where(there, column, np.float32(np.inf)), out=lowest)
        return lowest

    def _caps(self, random: np.random.Generator, count: int) -> NDArray[np.int8]:
        """Return what vetoes and the limit leave: a row for all draws, or one a draw where a veto is not known."""
        if not self._vetoes:
            return self._cap
        caps = np.repeat(self._limit[None, :], count, axis=0)
        for veto in self._scheme.outcome.vetoes:
            cap = np.int8(NO_CLASS if veto.cap is None else veto.cap)
            absent: Mask = self._result.vetoes[veto.id] == 0
            if veto.id in self._vetoes:
                absent = self._vetoes[veto.id].draw(random, count)
            np.minimum(caps, np.where(absent, np.int8(_UNCAPPED), cap), out=caps)
        return caps


class _OpenTest:
    """A gate or veto that some units do not know: known ones stay, unknown ones are drawn as peers have it."""

    def __init__(self, favorable: Mask, unknown: NDArray[np.intp], chance: float) -> None:
        self._favorable, self._unknown, self._chance = favorable, unknown, chance

    def draw(self, random: np.random.Generator, count: int) -> Mask:
        """Return draws by units: the gate is met, the veto is absent."""
        found = np.repeat(self._favorable[None, :], count, axis=0)
        found[:, self._unknown] = random.random((count, self._unknown.size), np.float32) < self._chance
        return found


def _open_tests(
    kind: str, flags: Mapping[str, Flags], shares: Mapping[str, float], doubt: Doubt
) -> dict[str, _OpenTest]:
    tests = {}
    for key, column in flags.items():
        unknown = np.flatnonzero(column < 0)
        if unknown.size and key in shares and doubt.filled:
            good = shares[key] if kind == "gate" else 1.0 - shares[key]
            tests[key] = _OpenTest(column == (1 if kind == "gate" else 0), unknown, doubt.filled * good)
    return tests
