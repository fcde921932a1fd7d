"""On what the indicators of a rating rest: rows, findings of assessors, declarations, or nothing yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from parkbrain.calc import rating as engine
from parkbrain.kernel import registry


@dataclass(frozen=True)
class Origins:
    """How many indicators there are, can be computed from rows, and are computed, verified, declared or not known here."""

    indicators: int
    computable: int
    computed: int
    verified: int
    declared: int
    unknown: int


def count_origins(*, scheme: engine.Scheme, standings: Iterable[tuple[str, str]]) -> Origins:
    """Return how many indicators rest on what, from the state and standing of each."""
    rows = [state if state in ("unknown", "not_applicable") else standing for state, standing in standings]
    counted = Counter(rows)
    computable = [one for one in scheme.indicators if all(registry.facts.get(key) is not None for key in one.facts)]
    return Origins(len(rows), len(computable), counted["c"], counted["v"], counted["d"], counted["unknown"])
