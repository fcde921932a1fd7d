"""Scores computed from stored inputs, remembered: the same scheme and inputs always give the same result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from parkbrain.calc import rating as engine

#: Results of a few hundred parks are kept in a process; one takes about 40 kB.
KEPT = 256

Items = tuple[tuple[str, float], ...]

_schemes: dict[str, engine.Scheme] = {}


def rate_stored(*, scheme: engine.Scheme, inputs: Mapping[str, Sequence[Any]]) -> engine.UnitResult:
    """Return the result of one park's stored inputs."""
    _schemes[scheme.hash] = scheme
    return _result(scheme.hash, _items(inputs))[1].unit(0)


def list_gains(*, scheme: engine.Scheme, inputs: Mapping[str, Sequence[Any]]) -> Sequence[engine.Gain]:
    """Return what filling in would gain at most for one park's stored inputs."""
    _schemes[scheme.hash] = scheme
    return _gains(scheme.hash, _items(inputs))


def _items(inputs: Mapping[str, Sequence[Any]]) -> Items:
    return tuple(sorted((key, float(entry[0])) for key, entry in inputs.items()))


@lru_cache(maxsize=KEPT)
def _result(scheme_hash: str, items: Items) -> tuple[engine.FactTable, engine.Result]:
    scheme = _schemes[scheme_hash]
    values = dict(items)
    table = engine.FactTable.from_rows({"park": {key: values.get(key) for key in scheme.facts}})
    return table, engine.rate(scheme, table)


@lru_cache(maxsize=KEPT)
def _gains(scheme_hash: str, items: Items) -> tuple[engine.Gain, ...]:
    table, result = _result(scheme_hash, items)
    return tuple(engine.gains(_schemes[scheme_hash], table, result)[0])
