"""The sums of a city's branches: districts, then their streets, then operators, down to the parks of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext
from numpy.typing import NDArray

from parkbrain.kernel.models import User
from parkbrain.kernel.names import street_name

from .city import MODERN_CLASS, list_district_names
from .ground import count_firms, get_ground, name_operators
from .measures import DEFAULT, STARS, columns_on

#: The levels below the city, in the order a person goes down; what the address calls them.
LEVELS = ("district", "street", "operator")


@dataclass(frozen=True)
class BranchLine:
    """A branch with its parks; sums over known values, `None` where none is known."""

    key: str
    name: str
    park_count: int
    land_area_m2: float | None
    floor_area_m2: float | None
    firm_count: int
    mean_total: float | None
    modern_count: int
    stars: Sequence[int]

    @property
    def modern_share(self) -> float | None:
        """Share of parks at three stars or more."""
        return self.modern_count / self.park_count if self.park_count else None


@dataclass(frozen=True)
class BranchTable:
    """The branches of one level and the sum of all; `level` is empty where the parks themselves come next."""

    level: str
    lines: Sequence[BranchLine]
    total: BranchLine


def next_level(*, chosen: Mapping[str, object]) -> str:
    """Return the level below what is chosen already, "" below an operator."""
    deepest = max((place for place, level in enumerate(LEVELS) if chosen.get(level)), default=-1)
    return LEVELS[deepest + 1] if deepest + 1 < len(LEVELS) else ""


def get_branches(*, user: User, rows: NDArray[np.intp], level: str, on: date) -> BranchTable:
    """Return the sums of the branches of a level over some rows of the person's ground, as of a day."""
    ground = get_ground(user=user)
    firms = count_firms(on=on)
    columns = columns_on(keys=[DEFAULT, STARS], on=on)
    ids = ground.park_ids[rows]
    data = _Data(
        ground.land_m2[rows],
        ground.floor_m2[rows],
        np.array([firms.get(park, 0) for park in ids.tolist()], dtype=np.int64),
        columns.of(DEFAULT, ids),
        columns.of(STARS, ids),
    )
    total = data.lines([""], np.zeros(len(rows), dtype=np.int64), gettext("All"))[0]
    if not level:
        return BranchTable("", [], total)
    keys = {"district": ground.districts, "street": ground.streets, "operator": ground.operators}[level][rows]
    found, places = np.unique(keys, return_inverse=True)
    lines = data.lines([str(key) for key in found.tolist()], places)
    return BranchTable(level, _named(user, level, sorted(lines, key=lambda line: (-line.park_count, line.key))), total)


@dataclass(frozen=True)
class _Data:
    """Parks as columns: what is summed of them."""

    land_m2: NDArray[np.float64]
    floor_m2: NDArray[np.float64]
    firms: NDArray[np.int64]
    totals: NDArray[np.float64]
    stars: NDArray[np.float64]

    def lines(self, keys: Sequence[str], places: NDArray[np.int64], name: str = "") -> list[BranchLine]:
        """Return a line for each key; `places` says of every park which key is its own."""
        size = len(keys)
        counts, firms = np.bincount(places, minlength=size), np.bincount(places, self.firms, size)
        land, floor = _sums(places, self.land_m2, size)[0], _sums(places, self.floor_m2, size)[0]
        totals, known = _sums(places, self.totals, size)
        is_rated = ~np.isnan(self.stars)
        stars = np.bincount(places[is_rated] * 6 + self.stars[is_rated].astype(np.int64), minlength=6 * size)
        by_stars = stars.reshape(size, 6)
        return [
            BranchLine(
                key=key,
                name=name or key,
                park_count=int(counts[n]),
                land_area_m2=land[n],
                floor_area_m2=floor[n],
                firm_count=int(firms[n]),
                mean_total=None if totals[n] is None else totals[n] / known[n],
                modern_count=int(by_stars[n, MODERN_CLASS:].sum()),
                stars=by_stars[n].tolist(),
            )
            for n, key in enumerate(keys)
        ]


def _sums(places: NDArray[np.int64], values: NDArray[np.float64], size: int) -> tuple[list[Any], list[int]]:
    """Return the sums of what is known by place, None where nothing is, and how many are known."""
    is_known = ~np.isnan(values)
    known = np.bincount(places[is_known], minlength=size).tolist()
    sums = np.bincount(places[is_known], values[is_known], size).tolist()
    return [value if count else None for value, count in zip(sums, known, strict=True)], known


def _named(user: User, level: str, lines: Sequence[BranchLine]) -> list[BranchLine]:
    """Give the lines the names people know; an operator's key becomes its code."""
    missing = gettext("not stated")
    if level == "operator":
        operators = name_operators(user=user, pks=[int(line.key) for line in lines])
        pairs = [operators.get(int(line.key), ("", missing)) for line in lines]
    elif level == "district":
        names = list_district_names()
        pairs = [(line.key, names.get(line.key, line.key) or missing) for line in lines]
    else:
        pairs = [(line.key, street_name(line.key) or missing) for line in lines]
    return [
        BranchLine(**{**line.__dict__, "key": key, "name": name})
        for line, (key, name) in zip(lines, pairs, strict=True)
    ]
