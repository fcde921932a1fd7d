"""What the city's page draws of the parks that its list keeps: points in colours, distribution, course over the years."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.utils.translation import get_language, gettext, ngettext
from numpy.typing import NDArray

from parkbrain.calc.distributions import Histogram, Quartiles, equal_steps, histogram, quartiles
from parkbrain.kernel.models import User

from .ground import KINDS, Ground, get_ground
from .measures import KIND, STARS, Measure, list_past, measure_parks


@dataclass(frozen=True)
class Shade:
    """One colour of the map: its number (0 is unknown), what it stands for, and how many parks have it."""

    step: int
    text: str
    count: int


@dataclass(frozen=True)
class Points:
    """Parks as columns of equal length: number, place, colour, name, the measure in words."""

    park_ids: Sequence[int]
    longitudes: Sequence[float]
    latitudes: Sequence[float]
    steps: Sequence[int]
    names: Sequence[str]
    texts: Sequence[str]
    shades: Sequence[Shade]
    palette: str
    unplaced_count: int
    tag: str


@dataclass(frozen=True)
class Spread:
    """How a measure lies over the parks that are kept: bars (of numbers or of kinds), quartiles, past cut-offs."""

    bars: Histogram
    kinds: Sequence[tuple[str, str, int]]
    now: Quartiles
    course: Sequence[tuple[date, Quartiles]]
    cut_off_on: date | None


def _values(ground: Ground, rows: NDArray[np.intp], measure: Measure, on: date) -> NDArray[np.float64]:
    if measure.key == KIND:
        kinds = ground.kinds[rows].astype(np.float64)
        return np.where(kinds < 0, np.nan, kinds)
    return measure_parks(measure=measure, park_ids=ground.park_ids[rows], on=on).values


def get_points(*, user: User, rows: NDArray[np.intp], measure: Measure, on: date) -> Points:
    """Return some rows of the person's ground as points, coloured by a measure as of a day."""
    ground = get_ground(user=user)
    values = _values(ground, rows, measure, on)
    steps, shades, palette = _shades(measure, values)
    is_placed = ~np.isnan(ground.longitude[rows]) & ~np.isnan(ground.latitude[rows])
    # The best lie on top: drawn last.
    order = np.flatnonzero(is_placed)
    order = order[np.argsort(steps[order], kind="stable")]
    placed = rows[order]
    if measure.key == KIND:
        labels = [str(kind.label) for kind in KINDS]
        texts = [gettext("unknown") if v != v else labels[int(v)] for v in values[order].tolist()]
    else:
        texts = [measure.text(v) for v in values[order].tolist()]
    digest = hashlib.sha256(f"{get_language()} {measure.key} {on}".encode())
    for column in (ground.park_ids[placed], ground.longitude[placed], ground.latitude[placed], values[order]):
        digest.update(column.tobytes())
    digest.update("".join(ground.names[i] for i in placed.tolist()).encode())
    return Points(
        park_ids=ground.park_ids[placed].tolist(),
        longitudes=ground.longitude[placed].tolist(),
        latitudes=ground.latitude[placed].tolist(),
        steps=steps[order].tolist(),
        names=[ground.names[i] for i in placed.tolist()],
        texts=texts,
        shades=shades,
        palette=palette,
        unplaced_count=int((~is_placed).sum()),
        tag=digest.hexdigest()[:32],
    )


def _shades(measure: Measure, values: NDArray[np.float64]) -> tuple[NDArray[np.int64], list[Shade], str]:
    """Return the colour of each park, what the colours stand for, and which row of colours they are of."""
    if measure.key in {KIND, STARS}:
        steps = np.where(np.isnan(values), 0, np.nan_to_num(values) + 1).astype(np.int64)
        counts = np.bincount(steps, minlength=7)
        if measure.key == KIND:
            names = [str(kind.label) for kind in KINDS]
        else:
            names = [gettext("no star"), *(ngettext("%(n)s star", "%(n)s stars", n) % {"n": n} for n in range(1, 6))]
        shades = [Shade(i + 1, name, int(counts[i + 1])) for i, name in enumerate(names)]
        palette = "kinds" if measure.key == KIND else "stars"
    else:
        bounds, found = equal_steps(values)
        steps = found.astype(np.int64)
        counts = np.bincount(steps, minlength=7)
        # One value alone has one bound; it is shown as itself.
        pairs = list(itertools.pairwise(bounds)) or [(b, b) for b in bounds]
        shades = [
            Shade(
                i + 1,
                measure.text(low) if low == top else f"{measure.text(low)} – {measure.text(top)}",
                int(counts[i + 1]),
            )
            for i, (low, top) in enumerate(pairs)
        ]
        palette = "steps"
    return steps, [*(one for one in shades if one.count), Shade(0, gettext("unknown"), int(counts[0]))], palette


def get_spread(*, user: User, rows: NDArray[np.intp], measure: Measure, on: date) -> Spread:
    """Return how a measure lies over some rows of the person's ground as of a day, and how it lay before."""
    ground = get_ground(user=user)
    values = _values(ground, rows, measure, on)
    if measure.key == KIND:
        counts = np.bincount(values[~np.isnan(values)].astype(np.int64), minlength=len(KINDS)).tolist()
        kinds = [(str(kind), str(kind.label), count) for kind, count in zip(KINDS, counts, strict=True)]
        unknown = int(np.isnan(values).sum())
        return Spread(Histogram([], [], unknown), kinds, quartiles([]), [], on)
    past = list_past(measure=measure, park_ids=ground.park_ids[rows], on=on)
    course = [(day, quartiles(column)) for day, column in past]
    last = past[-1][0] if past else on
    return Spread(histogram(values, most=10), [], quartiles(values), course, last)
