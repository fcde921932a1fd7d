"""The city as columns: every fact, value and score of all rated parks, now or at a cut-off that was kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.core.cache import cache
from django.db.models import Count, Max, QuerySet, Sum
from numpy.typing import NDArray

from parkbrain.calc import rating
from parkbrain.kernel.reading import among, shared

from ..models import Rating, Snapshot, SnapshotColumn
from .schemes import MAIN_SCHEME, get_scheme

Column = NDArray[np.float64]
Ids = NDArray[np.int64]

#: Keys of columns: these, and `fact.…`, `value.…` (an indicator's own number), `score.…` (of an indicator or a node).
TOTAL, REACHABLE, COVERAGE, STARS, STARS_REACHABLE = "total", "reachable", "coverage", "stars", "stars_reachable"
#: What a page of a city asks several times, a few at a time.
_MAIN = (TOTAL, REACHABLE, COVERAGE, STARS, STARS_REACHABLE)


@dataclass(frozen=True)
class CityColumns:
    """Numbers of parks at one cut-off: the parks' numbers rising, and a column for each key; NaN is unknown."""

    park_ids: Ids
    values: Mapping[str, Column]
    cut_off_on: date
    is_current: bool

    def of(self, key: str, park_ids: Ids) -> Column:
        """Return a column for these parks, in their order; a park or key that is not there is unknown."""
        found = np.full(len(park_ids), np.nan)
        column = self.values.get(key)
        if column is None or not len(self.park_ids):
            return found
        place = np.minimum(np.searchsorted(self.park_ids, park_ids), len(self.park_ids) - 1)
        is_there = self.park_ids[place] == park_ids
        found[is_there] = column[place[is_there]]
        return found


def columns_of(*, result: rating.Result, facts: Mapping[str, Column]) -> dict[str, Column]:
    """Return the columns of a rating of many parks by their keys."""
    found = {
        TOTAL: result.total_proven,
        REACHABLE: result.total_reachable,
        COVERAGE: result.coverage,
        STARS: result.class_proven.astype(np.float64),
        STARS_REACHABLE: result.class_reachable.astype(np.float64),
    }
    found |= {f"score.{key}": column for key, column in result.proven.items() if key != result.scheme.root.id}
    found |= {f"value.{key}": column for key, column in result.values.items()}
    return found | {f"fact.{key}": column for key, column in facts.items()}


@shared
def ratings_state() -> str:
    """Return what stays the same as long as no rating was made or taken away.

    A park whose rows change is rated anew in the same transaction, so what is formed of ratings may be kept under this.
    All of it is found at the end of an index. The time stands beside the number because the number of a row that was
    rolled back is given again.
    """
    last = Rating.objects.order_by("-pk").values_list("pk", "computed_at").first()
    return f"{last[0]}.{last[1].timestamp()}.{Rating.objects.count()}" if last else "none"


@shared
def rated_state() -> str:
    """Return what stays the same as long as the same parks are rated, whatever their ratings say."""
    key = f"assessment.rated.{ratings_state()}"
    known: str | None = cache.get(key)
    if known is None:
        rated = Rating.objects.filter(scheme_id=MAIN_SCHEME, state=Rating.State.CURRENT).order_by()
        state = rated.aggregate(count=Count("pk"), parks=Sum("park_id"))
        known = f"{state['count']}.{state['parks']}"
        cache.set(key, known, timeout=3600)
    return known


def list_kept_days() -> list[date]:
    """Return the cut-off dates that are kept, oldest first."""
    kept = Snapshot.objects.filter(scheme_id=MAIN_SCHEME, kind=Snapshot.Kind.KEPT)
    return list(kept.order_by("cut_off_on").values_list("cut_off_on", flat=True))


def get_columns(*, keys: Iterable[str], before_on: date | None = None) -> CityColumns | None:
    """Return columns of all rated parks: the current ones, or as they were kept last up to a day.

    None where nothing was kept up to that day. For rows that were chosen by what the person oversees: the columns
    themselves are of every park.
    """
    wanted = list(dict.fromkeys(keys))
    if before_on is None:
        return _current(wanted)
    kept = Snapshot.objects.filter(scheme_id=MAIN_SCHEME, cut_off_on__lte=before_on)
    row = kept.order_by("-cut_off_on", "kind").defer("park_ids").first()
    if row is None:
        return None
    return _current(wanted) if row.kind == Snapshot.Kind.CURRENT else _read([row], wanted)[0]


def list_columns(*, keys: Iterable[str], up_to: date | None = None) -> list[CityColumns]:
    """Return the kept columns at every cut-off up to a day, oldest first."""
    kept = Snapshot.objects.filter(scheme_id=MAIN_SCHEME, kind=Snapshot.Kind.KEPT).order_by("cut_off_on")
    rows = list(kept.filter(cut_off_on__lte=up_to) if up_to else kept)
    return _read(rows, list(dict.fromkeys(keys)))


def _read(rows: Sequence[Snapshot], keys: Sequence[str]) -> list[CityColumns]:
    stored = SnapshotColumn.objects.filter(snapshot__in=[row.pk for row in rows], key__in=keys)
    data: dict[int, dict[str, Column]] = {}
    counts = {row.pk: row.park_count for row in rows}
    for snapshot_id, key, packed in stored.values_list("snapshot_id", "key", "data"):
        data.setdefault(snapshot_id, {})[key] = unpack(packed=bytes(packed), count=counts[snapshot_id])
    return [
        CityColumns(
            np.frombuffer(bytes(row.park_ids), dtype="<i8"),
            data.get(row.pk, {}),
            row.cut_off_on,
            row.kind == Snapshot.Kind.CURRENT,
        )
        for row in rows
    ]


def pack(*, column: Column) -> bytes:
    """Return a column as it is stored: 4 bytes a number where they hold every number whole, 8 otherwise."""
    with np.errstate(over="ignore"):
        short = column.astype("<f4")
    is_whole = np.array_equal(short.astype(np.float64), column, equal_nan=True)
    return (short if is_whole else column.astype("<f8")).tobytes()


def unpack(*, packed: bytes, count: int) -> Column:
    """Return a stored column of so many parks."""
    is_short = len(packed) == 4 * count
    return np.frombuffer(packed, dtype="<f4" if is_short else "<f8").astype(np.float64)


def _current(keys: Sequence[str]) -> CityColumns | None:
    """Return the current columns, with the parks that were rated after they were written put over them."""
    row, fresh = _now()
    stored = (_main(row=row) if set(_MAIN).issuperset(keys) else _read([row], keys)[0]) if row else None
    return stored if fresh is None else _laid_over(stored, fresh, keys)


@shared
def _main(*, row: Snapshot) -> CityColumns:
    return _read([row], _MAIN)[0]


@shared
def _now() -> tuple[Snapshot | None, CityColumns | None]:
    """Return the columns as the night wrote them, and the parks that were rated since."""
    row = Snapshot.objects.filter(scheme_id=MAIN_SCHEME, kind=Snapshot.Kind.CURRENT).first()
    ratings = Rating.objects.filter(scheme_id=MAIN_SCHEME, state=Rating.State.CURRENT).order_by()
    newer = ratings.filter(pk__gt=row.last_rating) if row else ratings
    state = newer.aggregate(last=Max("pk"), on=Max("cut_off_on"), at=Max("computed_at"), count=Count("pk"))
    if not state["count"]:
        return row, None
    key = f"assessment.newer.{row.pk if row else 0}.{state['last']}.{state['count']}.{state['at'].timestamp()}"
    fresh: CityColumns | None = cache.get(key)
    if fresh is None:
        fresh = _rate_newer(newer, state["on"])
        cache.set(key, fresh, timeout=3600)
    return row, fresh


@dataclass(frozen=True)
class _Inputs:
    """What ratings were made of: their numbers rising, when each was made, and a row of the scheme's facts for each."""

    ratings: Ids
    made_at: Column
    facts: NDArray[np.float64]


def _rate_newer(newer: QuerySet[Rating], on: date) -> CityColumns:
    scheme = get_scheme(scheme_id=MAIN_SCHEME)
    keys = sorted(scheme.facts)
    rows = list(newer.order_by("park_id").values_list("park_id", "pk", "computed_at"))
    inputs = _read_inputs([pk for _park, pk, _at in rows], [at.timestamp() for *_keys, at in rows], keys, scheme.hash)
    places = np.searchsorted(inputs.ratings, [pk for _park, pk, _at in rows])
    facts = {key: inputs.facts[places, n] for n, key in enumerate(keys)}
    table = rating.FactTable(units=[str(park) for park, *_rest in rows], columns=facts)
    columns = columns_of(result=rating.rate(scheme, table), facts=table.columns)
    return CityColumns(np.array([park for park, *_rest in rows], dtype=np.int64), columns, on, True)


def _read_inputs(pks: Sequence[int], made_at: Sequence[float], keys: Sequence[str], scheme_hash: str) -> _Inputs:
    """Return the inputs of ratings; those that were read before are not read again: by evening they are thousands."""
    order = np.argsort(pks)
    ratings, stamps = np.array(pks, dtype=np.int64)[order], np.array(made_at, dtype=np.float64)[order]
    facts = np.full((len(ratings), len(keys)), np.nan)
    held: _Inputs | None = cache.get(f"assessment.inputs.{scheme_hash}")
    is_held = np.zeros(len(ratings), dtype=bool)
    if held is not None and len(held.ratings):
        place = np.minimum(np.searchsorted(held.ratings, ratings), len(held.ratings) - 1)
        # The number of a rating that was rolled back is given again: the same rating has the same time too.
        is_held = (held.ratings[place] == ratings) & (held.made_at[place] == stamps)
        facts[is_held] = held.facts[place[is_held]]
    missing = np.flatnonzero(~is_held)
    read = Rating.objects.filter(pk__in=among(ratings[missing].tolist())).values_list("pk", "inputs")
    rows = {pk: n for n, pk in zip(missing.tolist(), ratings[missing].tolist(), strict=True)}
    for pk, inputs in read if rows else ():
        facts[rows[pk]] = [inputs[key][0] if key in inputs else np.nan for key in keys]
    found = _Inputs(ratings, stamps, facts)
    cache.set(f"assessment.inputs.{scheme_hash}", found, timeout=3600)
    return found


def _laid_over(stored: CityColumns | None, fresh: CityColumns, keys: Sequence[str]) -> CityColumns:
    if stored is None:
        return CityColumns(
            fresh.park_ids, {k: fresh.values[k] for k in keys if k in fresh.values}, fresh.cut_off_on, True
        )
    park_ids = np.union1d(stored.park_ids, fresh.park_ids)
    is_fresh = np.isin(park_ids, fresh.park_ids)
    values = {key: np.where(is_fresh, fresh.of(key, park_ids), stored.of(key, park_ids)) for key in keys}
    return CityColumns(park_ids, values, fresh.cut_off_on, True)
