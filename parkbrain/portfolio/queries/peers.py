"""Parks of like kind: the group each park is held against, and its place there by any measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.core.cache import cache
from django.utils.translation import gettext
from numpy.typing import NDArray

from parkbrain.assessment.models import Rating
from parkbrain.assessment.queries import MAIN_SCHEME, describe, get_scheme
from parkbrain.calc.distributions import Quartiles, quartiles
from parkbrain.calc.peers import (
    AGE_EDGES_YEARS,
    LEAST_PEERS,
    SIZE_EDGES_M2,
    STEPS,
    PeerGroups,
    band_of,
    like_parks,
    places,
)
from parkbrain.kernel.models import Park
from parkbrain.ui import formats

from .city import parks_state
from .ground import KINDS
from .measures import DEFAULT, Measure, columns_on

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class PeerField:
    """Every rated park of the installation with its group, by the parks' numbers rising."""

    park_ids: Ids
    kinds: NDArray[np.int64]
    sizes: NDArray[np.int32]
    ages: NDArray[np.int32]
    groups: PeerGroups


@dataclass(frozen=True)
class PeerLine:
    """One measure of a park beside its group: own value, place (1 is best; 0 unknown), and how the group lies."""

    measure: Measure
    node_id: str
    own: float | None
    score: float | None
    place: int
    known_count: int
    group: Quartiles
    is_indicator: bool

    @property
    def own_text(self) -> str:
        """The park's own value in words."""
        return self.measure.text(self.own)

    @property
    def lower_text(self) -> str:
        """The group's lower quartile in words."""
        return _quartile(self.measure, self.group.lower)

    @property
    def median_text(self) -> str:
        """The group's middle in words."""
        return _quartile(self.measure, self.group.median)

    @property
    def upper_text(self) -> str:
        """The group's upper quartile in words."""
        return _quartile(self.measure, self.group.upper)


@dataclass(frozen=True)
class PeerSheet:
    """A park among parks of like kind, as of a day."""

    words: str
    widened: str
    peer_count: int
    step: int
    total: PeerLine
    dimensions: Sequence[PeerLine]
    indicators: Sequence[tuple[str, Sequence[PeerLine]]]
    cut_off_on: date


class NotCompared(Exception):
    """The park has no rating that could be compared."""


def get_peer_field(*, on: date) -> PeerField:
    """Return the groups of all rated parks on a day; formed once for each day and state of the parks."""
    ratings = Rating.objects.filter(scheme_id=MAIN_SCHEME, state=Rating.State.CURRENT).exclude(
        park__standing=Park.Standing.AS_STATED
    )
    key = f"portfolio.peers.{on}.{parks_state()}"
    known: PeerField | None = cache.get(key)
    if known is None:
        fields = ("park_id", "park__kind", "park__gross_floor_area_m2", "park__opened_on")
        known = _field(list(ratings.order_by("park_id").values_list(*fields)), on)
        cache.set(key, known, timeout=600)
    return known


def _field(rows: Sequence[tuple[int, str, float | None, date | None]], on: date) -> PeerField:
    numbers = {str(kind): place for place, kind in enumerate(KINDS)}
    kinds = np.array([numbers.get(kind, -1) for _park, kind, _size, _day in rows], dtype=np.int64)
    floor = np.array([np.nan if size is None else size for _park, _kind, size, _day in rows], dtype=np.float64)
    ages = np.array(
        [np.nan if day is None or day > on else (on - day).days / 365.25 for *_rest, day in rows], dtype=np.float64
    )
    sizes, bands = band_of(floor, SIZE_EDGES_M2), band_of(ages, AGE_EDGES_YEARS)
    park_ids = np.array([park for park, *_rest in rows], dtype=np.int64)
    return PeerField(park_ids, kinds, sizes, bands, like_parks(kinds, sizes, bands))


def list_like_parks(*, park_id: int, on: date) -> list[int]:
    """Return the parks of a park's group, itself among them; empty where it is not rated."""
    field = get_peer_field(on=on)
    row = _row_of(field, park_id)
    return [] if row is None else field.park_ids[field.groups.members(row)].tolist()


@dataclass(frozen=True)
class Places:
    """The place of parks among like parks, and how many of the group are rated; place 0 is unknown.

    Columns, not a pair for each park: a page shows fifty of the thousands.
    """

    park_ids: NDArray[np.int64]
    place: NDArray[np.int32]
    known_count: NDArray[np.int32]

    def of(self, park_id: int) -> tuple[int, int] | None:
        """Return a park's place and how many it is among; None where it has none."""
        row = int(np.searchsorted(self.park_ids, park_id))
        if row == len(self.park_ids) or self.park_ids[row] != park_id or not self.place[row]:
            return None
        return int(self.place[row]), int(self.known_count[row])

    def shares(self) -> dict[int, float]:
        """Return by park its place as a share of its group: the third of forty is before the third of ten."""
        has = self.place > 0
        shares = self.place[has] / self.known_count[has]
        return dict(zip(self.park_ids[has].tolist(), shares.tolist(), strict=True))


def get_places(*, on: date) -> Places:
    """Return the places of all rated parks among like parks by the proven total."""
    field = get_peer_field(on=on)
    columns = columns_on(keys=[DEFAULT], on=on)
    return Places(field.park_ids, *places(columns.of(DEFAULT, field.park_ids), field.groups))


def _row_of(field: PeerField, park_id: int) -> int | None:
    row = int(np.searchsorted(field.park_ids, park_id))
    return row if row < len(field.park_ids) and field.park_ids[row] == park_id else None


def get_peer_sheet(*, park: Park, on: date) -> PeerSheet:
    """Return a park's group, and its place by the total, every dimension and every indicator.

    Places are by scores, in which more is always better; the values beside them are the indicators' own.

    :raises NotCompared: the park has no rating on that day.
    """
    field = get_peer_field(on=on)
    row = _row_of(field, park.pk)
    scheme = get_scheme(scheme_id=MAIN_SCHEME)
    nodes = [node for node in scheme.nodes if node.depth == 1 or node.is_indicator]
    keys = [DEFAULT, *(f"score.{n.id}" for n in nodes), *(f"value.{n.id}" for n in nodes if n.is_indicator)]
    columns = columns_on(keys=keys, on=on)
    if row is None or park.pk not in columns.park_ids:
        raise NotCompared(gettext("This park has no rating on that day, so it has no place among others."))
    members = field.groups.members(row)
    ids = field.park_ids[members]
    here = int(np.searchsorted(ids, park.pk))

    def line(measure: Measure, score_key: str, node_id: str, is_indicator: bool) -> PeerLine:
        own, scores = columns.of(measure.key, ids), columns.of(score_key, ids)
        known = scores[~np.isnan(scores)]
        mine = scores[here]
        place = 0 if np.isnan(mine) or np.isnan(own[here]) else 1 + int((known > mine).sum())
        return PeerLine(
            measure, node_id, _known(own[here]), _known(mine), place, len(known), quartiles(own), is_indicator
        )

    dimensions, groups = [], []
    for node in scheme.nodes:
        name = f"{node.id} {describe(value=node.name)}"
        if node.depth == 1:
            measure = Measure(f"score.{node.id}", name, "points")
            dimensions.append(line(measure, measure.key, node.id, False))
            groups.append((name, list[PeerLine]()))
        elif node.is_indicator and groups:
            measure = Measure(f"value.{node.id}", name, getattr(node, "unit", None) or "")
            groups[-1][1].append(line(measure, f"score.{node.id}", node.id, True))
    step = int(field.groups.step[row])
    return PeerSheet(
        words=_words(field, row),
        widened=_widened(field, row),
        peer_count=len(members) - 1,
        step=step,
        total=line(Measure(DEFAULT, gettext("Proven total"), "points"), DEFAULT, "", False),
        dimensions=dimensions,
        indicators=groups,
        cut_off_on=columns.cut_off_on,
    )


def _quartile(measure: Measure, value: float | None) -> str:
    # A share of yeses lies between yes and no.
    if value is not None and measure.unit == "boolean" and value not in {0.0, 1.0}:
        return gettext("some")
    return "—" if value is None else measure.text(value)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _between(band: int, edges: Sequence[float], unit: str) -> str:
    if band == 0:
        return gettext("below %(top)s %(unit)s") % {"top": formats.number(edges[0], 0), "unit": unit}
    if band == len(edges):
        return gettext("%(low)s %(unit)s or more") % {"low": formats.number(edges[-1], 0), "unit": unit}
    low, top = formats.number(edges[band - 1], 0), formats.number(edges[band], 0)
    return gettext("%(low)s to %(top)s %(unit)s") % {"low": low, "top": top, "unit": unit}


def _words(field: PeerField, row: int) -> str:
    """Return what the group has in common."""
    traits = {
        "kind": lambda: str(KINDS[field.kinds[row]].label),
        "size": lambda: _between(int(field.sizes[row]), SIZE_EDGES_M2, "m²"),
        "age": lambda: _between(int(field.ages[row]), AGE_EDGES_YEARS, gettext("years old")),
    }
    wanted = STEPS[field.groups.step[row]]
    return " · ".join(traits[name]() for name in wanted) or gettext("all rated parks")


def _widened(field: PeerField, row: int) -> str:
    """Return why the group is wider than type, size and age; "" where it is not."""
    step = int(field.groups.step[row])
    if step == 0:
        return ""
    values = {"count": LEAST_PEERS}
    if step == 1:
        text = gettext("Fewer than %(count)s other parks are also of its age, or that is unknown: any age is taken.")
    elif step == 2:
        text = gettext("Fewer than %(count)s other parks are also of its size, or that is unknown: any size is taken.")
    else:
        text = gettext("Fewer than %(count)s other parks are of its type: all rated parks are taken.")
    return text % values
