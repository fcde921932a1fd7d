"""Scoring schemes as data: which measures count how much, how the classes are cut, who is not graded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .measures import MEASURES

CLASSES = ("A", "B", "C", "D")
#: Groups of a scheme: firms above the statistics threshold (规上) and the others.
ABOVE, BELOW = "above", "below"


@dataclass(frozen=True)
class Item:
    """One line of a scheme: a measure, its weight [points], how it is scored, what holds where it is unknown."""

    measure: str
    weight: float
    method: str
    unknown: str = "rescale"
    reference: float = 1.0
    cap_low: float = 0.0
    cap_high: float = np.inf


@dataclass(frozen=True)
class LandScheme:
    """A scoring scheme as data: groups of items, shares of the classes, who is not graded, who is D at once."""

    key: str
    names: Mapping[str, str]
    year: int
    source: str
    groups: Mapping[str, tuple[Item, ...]]
    splits: bool
    least_known: float
    a_share: float
    c_from: float
    d_from: float
    needs_full_year: bool
    ungraded_marks: frozenset[str]
    ungraded_class: str
    direct_marks: frozenset[str]
    notes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def group_of(self, above_scale: bool) -> str:
        """Return the group of a firm by whether it is above the statistics threshold."""
        return ABOVE if above_scale or not self.splits or BELOW not in self.groups else BELOW


def read_scheme(row: Mapping[str, Any]) -> LandScheme:
    """Return a scheme from its entry in a file.

    Parameters
    ----------
    row
        Entry as `land_efficiency.schema.json` describes it.

    Raises
    ------
    ValueError
        If the shares of the classes do not rise, or the caps of an item are crossed.
    """
    groups = {name: tuple(Item(**item) for item in items) for name, items in row["groups"].items()}
    for item in (item for items in groups.values() for item in items):
        if item.measure not in MEASURES or item.cap_low >= item.cap_high:
            raise ValueError(f"{row['id']}: {item.measure}")
    shares = row["classes"]
    scheme = LandScheme(
        key=row["id"],
        names=row["names"],
        year=row["year"],
        source=row["source"],
        groups=groups,
        splits=row["split"]["by"] == "ABOVE_SCALE",
        least_known=row["least_known_percent"] / 100,
        a_share=shares["a_percent"] / 100,
        c_from=shares["c_from_percent"] / 100,
        d_from=shares["d_from_percent"] / 100,
        needs_full_year=row["ungraded"]["less_than_full_year"],
        ungraded_marks=frozenset(row["ungraded"]["marks"]),
        ungraded_class=row["ungraded"]["counts_as"],
        direct_marks=frozenset(row["direct_d"]["marks"]),
        notes={
            name: {"source": row[name]["source"], "certainty": row[name]["certainty"]}
            for name in ("classes", "ungraded", "direct_d", "caps")
            if name in row
        },
    )
    if not 0 <= scheme.a_share <= scheme.c_from <= scheme.d_from <= 1:
        raise ValueError(f"{scheme.key}: classes")
    return scheme
