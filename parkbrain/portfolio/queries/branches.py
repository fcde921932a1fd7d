"""The sums of a city's branches: districts, then their streets, then operators, down to the parks of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.utils.translation import gettext
from numpy.typing import NDArray

from parkbrain.kernel.models import User

from .city import MODERN_CLASS, list_district_names
from .ground import Ground, count_firms, get_ground, name_operators
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
        ground,
        rows,
        np.array([firms.get(park, 0) for park in ids.tolist()], dtype=np.int64),
        columns.of(DEFAULT, ids),
        columns.of(STARS, ids),
    )
    total = data.line("", gettext("All"), np.ones(len(rows), dtype=bool))
    if not level:
        return BranchTable("", [], total)
    keys = {"district": ground.districts, "street": ground.streets, "operator": ground.operators}[level][rows]
    lines = [data.line(str(key), str(key), keys == key) for key in np.unique(keys)]
    return BranchTable(level, _named(level, sorted(lines, key=lambda line: (-line.park_count, line.key))), total)


@dataclass(frozen=True)
class _Data:
    ground: Ground
    rows: NDArray[np.intp]
    firms: NDArray[np.int64]
    totals: NDArray[np.float64]
    stars: NDArray[np.float64]

    def line(self, key: str, name: str, mask: NDArray[np.bool_]) -> BranchLine:
        rated = self.stars[mask & ~np.isnan(self.stars)].astype(np.int64)
        known = self.totals[mask & ~np.isnan(self.totals)]
        return BranchLine(
            key=key,
            name=name,
            park_count=int(mask.sum()),
            land_area_m2=_sum(self.ground.land_m2[self.rows][mask]),
            floor_area_m2=_sum(self.ground.floor_m2[self.rows][mask]),
            firm_count=int(self.firms[mask].sum()),
            mean_total=float(known.mean()) if len(known) else None,
            modern_count=int((rated >= MODERN_CLASS).sum()),
            stars=np.bincount(rated, minlength=6).tolist(),
        )


def _sum(values: NDArray[np.float64]) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.sum()) if len(known) else None


def _named(level: str, lines: Sequence[BranchLine]) -> list[BranchLine]:
    """Give the lines the names people know; an operator's key becomes its code."""
    missing = gettext("not stated")
    if level == "operator":
        operators = name_operators(pks=[int(line.key) for line in lines])
        pairs = [operators.get(int(line.key), ("", missing)) for line in lines]
    elif level == "district":
        names = list_district_names()
        pairs = [(line.key, names.get(line.key, line.key) or missing) for line in lines]
    else:
        pairs = [(line.key, line.key or missing) for line in lines]
    return [
        BranchLine(**{**line.__dict__, "key": key, "name": name})
        for line, (key, name) in zip(lines, pairs, strict=True)
    ]
