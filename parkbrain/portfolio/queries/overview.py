"""The city of a person in a few numbers, of today: all its rated parks together, by district and by stars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext
from numpy.typing import NDArray

from parkbrain.assessment.queries import COVERAGE
from parkbrain.kernel.models import User
from parkbrain.kernel.reading import shared

from .city import MODERN_CLASS, list_district_names
from .ground import get_ground
from .group_sums import sum_known
from .measures import DEFAULT, STARS, columns_on

#: By this the list of the city is asked for the parks of which no district is stated.
NO_DISTRICT = "none"
#: One row for each number of stars, none among them.
_CLASSES = 6


@dataclass(frozen=True)
class CityTotals:
    """The city in a few numbers."""

    park_count: int
    modern_count: int
    mean_total: float | None
    mean_coverage: float | None
    land_area_m2: float | None

    @property
    def modern_share(self) -> float | None:
        """Share of parks at three stars or more."""
        return self.modern_count / self.park_count if self.park_count else None


@dataclass(frozen=True)
class DistrictLine:
    """A district with its parks; the code is empty for those of which no district is stated."""

    code: str
    name: str
    park_count: int
    modern_count: int
    mean_total: float | None
    land_area_m2: float | None

    @property
    def asked(self) -> str:
        """What the filter of the city's list calls the district."""
        return self.code or NO_DISTRICT

    @property
    def modern_share(self) -> float:
        """Share of parks at three stars or more."""
        return self.modern_count / self.park_count if self.park_count else 0.0


@dataclass(frozen=True)
class Overview:
    """What the page of the city shows above its list."""

    totals: CityTotals
    lines: Sequence[DistrictLine]
    counts: Mapping[int, int]


@shared
def get_overview(*, user: User) -> Overview:
    """Return the city of a person, summed over the columns of its parks."""
    ground = get_ground(user=user)
    columns = columns_on(keys=[DEFAULT, STARS, COVERAGE], on=timezone.localdate())
    total, stars, coverage = (np.nan_to_num(columns.of(key, ground.park_ids)) for key in (DEFAULT, STARS, COVERAGE))
    classes = stars.astype(np.int64)
    is_modern, count = classes >= MODERN_CLASS, len(classes)
    totals = CityTotals(
        park_count=count,
        modern_count=int(is_modern.sum()),
        mean_total=float(total.mean()) if count else None,
        mean_coverage=float(coverage.mean()) if count else None,
        land_area_m2=sum_known(column=ground.land_m2).value,
    )
    names, lines = list_district_names(), []
    codes, places = np.unique(ground.districts, return_inverse=True)
    for place, code in enumerate(codes.tolist()):
        here: NDArray[np.bool_] = places == place
        lines.append(
            DistrictLine(
                code=code,
                name=names.get(code, code) or gettext("not stated"),
                park_count=int(here.sum()),
                modern_count=int(is_modern[here].sum()),
                mean_total=float(total[here].mean()),
                land_area_m2=sum_known(column=ground.land_m2[here]).value,
            )
        )
    lines.sort(key=lambda line: -line.park_count)
    counts = np.bincount(classes, minlength=_CLASSES).tolist()
    return Overview(totals, lines, dict(enumerate(counts[:_CLASSES])))
