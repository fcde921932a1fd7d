"""Ratings as CSV files: facts in, one row a unit out."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from parkbrain.calc.rating.outcome import NO_CLASS
from parkbrain.calc.rating.rate import rate
from parkbrain.calc.rating.result import STATE_NAMES, UNKNOWN, Result
from parkbrain.calc.rating.scheme import Scheme, load_scheme
from parkbrain.calc.rating.table import FactTable, format_number


@dataclass(frozen=True)
class Summary:
    """What a run over files did."""

    scheme_id: str
    scheme_version: str
    scheme_hash: str
    units: int
    indicators: int
    unknown_values: int
    facts_not_in_file: tuple[str, ...]
    columns_not_used: tuple[str, ...]
    classes_proven: Mapping[str, int]
    classes_reachable: Mapping[str, int]
    out_path: Path | None
    milliseconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return the summary as JSON takes it; `scheme` is its id and version."""
        fields = dataclasses.asdict(self)
        fields["out_path"] = None if self.out_path is None else str(self.out_path)
        for key in ("facts_not_in_file", "columns_not_used"):
            fields[key] = list(fields[key])
        return {"scheme": f"{self.scheme_id} {self.scheme_version}", **fields}


def rate_files(
    scheme_path: Path | str,
    facts_path: Path | str,
    out_path: Path | str | None = None,
    *,
    catalogue: Mapping[str, Any] | Collection[str] | None = None,
) -> Summary:
    """Rate the units of a CSV file by a scheme file and write the scores.

    Parameters
    ----------
    scheme_path
        A scheme file (`docs/schemes.md`).
    facts_path
        A CSV file: the first column names the unit, every other one is a fact by its key (or a group).
    out_path
        Where the scores go, replacing a file that is there; None only counts.
    catalogue
        The facts known beside those of the scheme, as for `load_scheme`.

    Raises
    ------
    SchemeError
        If the scheme is wrong; every problem names line and key.
    TableError
        If the facts cannot be read; every problem names row, column and value.
    FileNotFoundError
        If a file is not there.
    """
    # A stopwatch, not a clock: no result depends on it.
    started = perf_counter()
    scheme = load_scheme(Path(scheme_path), catalogue)
    table = FactTable.from_csv(facts_path, facts=scheme.facts)
    result = rate(scheme, table)
    if out_path is not None:
        to_csv(result, out_path)
    return _summarize(scheme, table, result, out_path, (perf_counter() - started) * 1e3)


def _summarize(
    scheme: Scheme, table: FactTable, result: Result, out_path: Path | str | None, milliseconds: float
) -> Summary:
    used = scheme.facts | {scheme.missing.group}
    return Summary(
        scheme_id=scheme.id,
        scheme_version=scheme.version,
        scheme_hash=scheme.hash,
        units=len(table),
        indicators=len(scheme.indicators),
        unknown_values=sum(int((column == UNKNOWN).sum()) for column in result.state.values()),
        facts_not_in_file=tuple(sorted(scheme.facts - set(table.columns))),
        columns_not_used=tuple(key for key in [*table.columns, *table.groups] if key not in used),
        classes_proven=_count(scheme, result.class_proven),
        classes_reachable=_count(scheme, result.class_reachable),
        out_path=None if out_path is None else Path(out_path),
        milliseconds=milliseconds,
    )


def _count(scheme: Scheme, ranks: np.ndarray[tuple[int], np.dtype[np.int64]]) -> dict[str, int]:
    if not scheme.outcome.classes:
        return {}
    counts = {one.id: int((ranks == one.rank).sum()) for one in scheme.outcome.classes}
    lowest = {"": int((ranks == NO_CLASS).sum())}
    # A cap may hold a unit at a rank that no class has.
    others = len(ranks) - sum(counts.values()) - lowest[""]
    return counts | lowest | ({"capped": others} if others else {})


def to_csv(result: Result, path: Path | str) -> None:
    """Write one row a unit: rank, classes, totals, coverage, every node's score, every indicator's value and score.

    Scores have two columns, `ID proven` and `ID reachable` [points of 100]; indicators also `ID value` (in their unit)
    and `ID state`. Unknown is empty. A class is written by its id, no class as nothing.
    """
    scheme = result.scheme
    names = {one.rank: one.id for one in scheme.outcome.classes} | {NO_CLASS: ""}
    columns: dict[str, list[str]] = {
        "unit": list(result.units),
        "rank": [str(rank) if rank else "" for rank in result.rank],
        "class_proven": [names.get(int(rank), str(rank)) for rank in result.class_proven],
        "class_reachable": [names.get(int(rank), str(rank)) for rank in result.class_reachable],
        "coverage_share": [format_number(round(float(value), 6)) for value in result.coverage],
    }
    for node in scheme.nodes:
        if node.is_indicator:
            columns[f"{node.id} value"] = [format_number(value) for value in result.values[node.id]]
            columns[f"{node.id} state"] = [STATE_NAMES[state] for state in result.state[node.id]]
        columns[f"{node.id} proven"] = [format_number(value) for value in result.proven[node.id]]
        columns[f"{node.id} reachable"] = [format_number(value) for value in result.reachable[node.id]]
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
