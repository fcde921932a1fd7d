"""What became of every row of a file, counted so that the counts sum to its rows."""

from __future__ import annotations

from collections import Counter
from typing import Any

from parkbrain.calc.matching import DECIDE

from .examination import Examined
from .matching import DUPLICATE, OUTCOMES, REFUSED, SKIPPED

TAKEN = "taken"


def list_outcomes(*, examined: Examined) -> dict[str, int]:
    """Return how many rows were joined, are new, duplicates, undecided, skipped, refused, or taken without matching."""
    counts = Counter({o: 0 for o in (*OUTCOMES, TAKEN)})
    for sheet in examined.sheets:
        for row in sheet.all:
            reason = sheet.reasons.get(row.number)
            counts[reason["outcome"] if reason else TAKEN] += 1
    return dict(counts)


def list_aside(*, examined: Examined) -> list[dict[str, Any]]:
    """Return the rows that do not become a row of the record by themselves, undecided ones first, with the reason."""
    order = {DECIDE: 0, DUPLICATE: 1, SKIPPED: 2}
    aside = [
        {"sheet": sheet.name, "taker": sheet.key, "row": number, **reason}
        for sheet in examined.sheets
        for number, reason in sorted(sheet.reasons.items())
        if reason["outcome"] in order and reason["outcome"] != REFUSED and "leader" not in reason
    ]
    return sorted(aside, key=lambda a: (order[a["outcome"]], a["sheet"], a["row"]))
