"""Figures of many parks as columns, and their sums: what operator groups and their lines are held against each other by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from parkbrain.kernel.models import Park
from parkbrain.kernel.reading import shared

from ..models import LineService, ProductLine
from .city import MODERN_CLASS
from .ground import Column, Ids, count_firms
from .measures import DEFAULT, STARS, columns_on

#: The facts that an occupancy is made of, and those that count the firms of each group.
LEASED, LEASABLE = "fact.leased_area_m2", "fact.leasable_area_m2"
SEGMENT_FACTS = {"STARTUP": "fact.startup_tenants", "GROWTH": "fact.growth_tenants", "LEADING": "fact.leading_tenants"}


@dataclass(frozen=True)
class ParkFigures:
    """What is known of a park on a day, None is unknown; the same numbers as its stars and its facts."""

    stars: int | None = None
    stars_reachable: int | None = None
    total: float | None = None
    leased_m2: float | None = None
    leasable_m2: float | None = None
    firm_count: int | None = None
    segments: Mapping[str, float | None] | None = None

    @property
    def occupancy(self) -> float | None:
        """Share of the leasable area that is let."""
        if self.leased_m2 is None or not self.leasable_m2:
            return None
        return self.leased_m2 / self.leasable_m2


@dataclass(frozen=True)
class FigureColumns:
    """The same of many parks, by their numbers rising: each name stands for a column, NaN is unknown."""

    park_ids: Ids
    stars: Column
    stars_reachable: Column
    total: Column
    leased_m2: Column
    leasable_m2: Column
    firm_count: Column
    segments: Mapping[str, Column]

    @property
    def occupancy(self) -> Column:
        """Share of the leasable area that is let, of each park."""
        return self.leased_m2 / np.where(self.leasable_m2 > 0, self.leasable_m2, np.nan)

    def by_park(self, column: Column) -> dict[int, float | None]:
        """Return a column by the numbers of the parks, None where it is unknown."""
        return dict(zip(self.park_ids.tolist(), _plain(column), strict=True))

    def each(self) -> dict[int, ParkFigures]:
        """Return the figures of every park by its number."""
        stars, reachable = _plain(self.stars), _plain(self.stars_reachable)
        total, leased, leasable = _plain(self.total), _plain(self.leased_m2), _plain(self.leasable_m2)
        firms, segments = _plain(self.firm_count), {key: _plain(one) for key, one in self.segments.items()}
        return {
            park: ParkFigures(
                stars=_whole(stars[n]),
                stars_reachable=_whole(reachable[n]),
                total=total[n],
                leased_m2=leased[n],
                leasable_m2=leasable[n],
                firm_count=_whole(firms[n]),
                segments={key: column[n] for key, column in segments.items()},
            )
            for n, park in enumerate(self.park_ids.tolist())
        }


def _plain(column: Column) -> list[float | None]:
    return [None if v != v else v for v in column.tolist()]


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


@dataclass(frozen=True)
class Known:
    """A sum or mean over the parks that know theirs; None where none does."""

    value: float | None
    known_count: int
    unknown_count: int


@dataclass(frozen=True)
class SegmentFirms:
    """How many firms of one group some parks have; `key` names the column of the parks that says it of each."""

    key: str
    name: str
    known: Known


@dataclass(frozen=True)
class LineSums:
    """A line (None: the parks in none; or all of them) with the sums of its parks."""

    line: ProductLine | None
    name: str
    key: str
    park_count: int
    floor_area_m2: Known
    land_area_m2: Known
    occupancy: Known
    firms: Known
    mean_stars: Known
    modern_count: int
    segments: Sequence[SegmentFirms]


@shared
def get_figures(*, park_ids: Sequence[int], on: date) -> FigureColumns:
    """Return what is known of parks on a day: stars, total, let area and firms, as the pages of each say it."""
    ids = np.array(sorted(park_ids), dtype=np.int64)
    keys = [STARS, "stars_reachable", DEFAULT, LEASED, LEASABLE, *SEGMENT_FACTS.values()]
    columns, firms = columns_on(keys=keys, on=on), count_firms(on=on)
    return FigureColumns(
        park_ids=ids,
        stars=columns.of(STARS, ids),
        stars_reachable=columns.of("stars_reachable", ids),
        total=columns.of(DEFAULT, ids),
        leased_m2=columns.of(LEASED, ids),
        leasable_m2=columns.of(LEASABLE, ids),
        # A park without a single firm on its record keeps none: how many it has is not known.
        firm_count=np.array([firms.get(park, np.nan) for park in ids.tolist()], dtype=np.float64),
        segments={name: columns.of(key, ids) for name, key in SEGMENT_FACTS.items()},
    )


@dataclass(frozen=True)
class SummedParks:
    """Parks whose sums are asked for, by their numbers rising: the group of each, its areas and its figures."""

    park_ids: Ids
    group_ids: Ids
    floor_m2: Column
    land_m2: Column
    figures: FigureColumns


def read_summed(*, parks: QuerySet[Park], on: date) -> SummedParks:
    """Return parks of operator groups with what their sums are made of, as of a day."""
    fields = ("pk", "branch__parent__group_place__group", "gross_floor_area_m2", "land_area_m2")
    rows = list(parks.order_by("pk").values_list(*fields))
    ids, groups, floor, land = zip(*rows, strict=True) if rows else ((), (), (), ())
    return SummedParks(
        park_ids=np.array(ids, dtype=np.int64),
        group_ids=np.array(groups, dtype=np.int64),
        floor_m2=np.array(floor, dtype=np.float64),
        land_m2=np.array(land, dtype=np.float64),
        figures=get_figures(park_ids=ids, on=on),
    )


def sum_parks(
    *, parks: SummedParks, rows: NDArray[np.bool_], name: str, key: str, line: ProductLine | None = None
) -> LineSums:
    """Return the sums of some rows; an occupancy is the let part of all area of parks that know both."""
    figures = parks.figures
    occupancy, count = figures.occupancy, int(rows.sum())
    let = rows & ~np.isnan(occupancy)
    share = float(figures.leased_m2[let].sum() / figures.leasable_m2[let].sum()) if let.any() else None
    stars = sum_known(column=figures.stars[rows])
    mean = None if stars.value is None else stars.value / stars.known_count
    return LineSums(
        line=line,
        name=name,
        key=key,
        park_count=count,
        floor_area_m2=sum_known(column=parks.floor_m2[rows]),
        land_area_m2=sum_known(column=parks.land_m2[rows]),
        occupancy=Known(share, int(let.sum()), count - int(let.sum())),
        firms=sum_known(column=figures.firm_count[rows]),
        mean_stars=Known(mean, stars.known_count, stars.unknown_count),
        modern_count=int((figures.stars[rows] >= MODERN_CLASS).sum()),
        segments=[
            SegmentFirms(
                one.lower(), str(LineService.SEGMENT_NAMES[one]), sum_known(column=figures.segments[one][rows])
            )
            for one in SEGMENT_FACTS
        ],
    )


def sum_known(*, column: Column) -> Known:
    """Return the sum of what is known of a column, and how many know theirs and how many do not."""
    known = column[~np.isnan(column)]
    return Known(float(known.sum()) if len(known) else None, len(known), len(column) - len(known))
