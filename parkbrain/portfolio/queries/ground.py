"""The ground of the city's figures: what every rated park of a person is, as columns that are read once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.core.cache import cache
from django.db.models import Count, Max
from numpy.typing import NDArray

from parkbrain.calc.polygons import Corner, contains
from parkbrain.enterprises.models import Occupancy
from parkbrain.kernel import audit
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.names import NAMES, localized
from parkbrain.kernel.reading import shared

from .city import list_operators, parks_key, ratings_of

Column = NDArray[np.float64]
Ids = NDArray[np.int64]

KINDS = tuple(Park.Kind)
#: What the audit trail says when somebody moved in, out or over, or when a table that said so was taken back.
STAY_EVENTS = (
    *(f"enterprises.occupancy.{what}" for what in ("started", "ended", "added", "changed", "carried_on")),
    "intake.batch.rolled_back",
)


@dataclass(frozen=True)
class Ground:
    """The rated parks of a person, by their numbers rising; what is unknown is NaN, empty or nothing."""

    park_ids: Ids
    names: Sequence[str]
    kinds: NDArray[np.int64]
    districts: NDArray[np.str_]
    streets: NDArray[np.str_]
    operators: NDArray[np.int64]
    longitude: Column
    latitude: Column
    land_m2: Column
    floor_m2: Column
    opened: Column

    def rows_of(self, park_ids: Collection[int]) -> NDArray[np.intp]:
        """Return where these parks stand; one that is not here is passed over."""
        return np.flatnonzero(np.isin(self.park_ids, np.fromiter(park_ids, dtype=np.int64, count=len(park_ids))))

    def ages(self, on: date) -> Column:
        """Return how old the parks are on a day [years]; unknown before they opened."""
        age = (on.toordinal() - self.opened) / 365.25
        return np.where(age < 0, np.nan, age)


_FIELDS = (
    "park_id", "park__name_zh_hans", "park__name_zh_hant", "park__name_en", "park__kind", "park__district_code",
    "park__street", "park__branch__parent_id", "park__longitude", "park__latitude", "park__land_area_m2",
    "park__gross_floor_area_m2", "park__opened_on",
)  # fmt: skip


@shared
def get_ground(*, user: User) -> Ground:
    """Return the ground of a person's city; read once for each set of branches, language and state of the parks."""
    key = parks_key(what="ground", user=user)
    known: Ground | None = cache.get(key)
    if known is None:
        known = _ground(list(ratings_of(user=user).order_by("park_id").values_list(*_FIELDS)))
        cache.set(key, known, timeout=3600)
    return known


def _ground(rows: Sequence[tuple[object, ...]]) -> Ground:
    columns: list[Sequence[object]] = list(zip(*rows, strict=True)) if rows else [()] * len(_FIELDS)

    def numbers(place: int) -> Column:
        return np.array([np.nan if v is None else v for v in columns[place]], dtype=np.float64)

    names = [
        localized(zh_hans=str(zh), zh_hant=str(hant), en=str(en)) for zh, hant, en in zip(*columns[1:4], strict=True)
    ]
    places = {str(kind): place for place, kind in enumerate(KINDS)}
    return Ground(
        park_ids=np.array(columns[0], dtype=np.int64),
        names=names,
        kinds=np.array([places.get(str(kind), -1) for kind in columns[4]], dtype=np.int64),
        districts=np.array([str(code) for code in columns[5]], dtype=np.str_),
        streets=np.array([str(street) for street in columns[6]], dtype=np.str_),
        operators=np.array([-1 if pk is None else pk for pk in columns[7]], dtype=np.int64),
        longitude=numbers(8),
        latitude=numbers(9),
        land_m2=numbers(10),
        floor_m2=numbers(11),
        opened=np.array(
            [day.toordinal() if isinstance(day, date) else np.nan for day in columns[12]], dtype=np.float64
        ),
    )


def list_within(*, user: User, ring: Sequence[Corner]) -> list[int]:
    """Return the person's parks that lie within an outline; a park without a place lies nowhere."""
    ground = get_ground(user=user)
    inside = contains(ring, ground.longitude, ground.latitude)
    return ground.park_ids[inside].tolist()  # type: ignore[no-any-return]


@shared
def count_firms(*, on: date) -> dict[int, int]:
    """Return how many firms each park has on a day, of all parks; counted anew when a firm moved."""
    stays = Occupancy.objects.order_by()
    last = stays.aggregate(last=Max("pk"))["last"]
    key = f"portfolio.firms.{on}.{last}.{audit.newest_of(codes=STAY_EVENTS)}"
    known: dict[int, int] | None = cache.get(key)
    if known is None:
        current = (
            stays.current_on(on).values_list("premises__park_id").annotate(n=Count("enterprise_id", distinct=True))
        )
        known = dict(current)
        cache.set(key, known, timeout=3600)
    return known


def list_streets(*, user: User, district: str = "") -> list[str]:
    """Return the streets of the person's parks, of one district or of all."""
    ground = get_ground(user=user)
    streets = ground.streets[ground.districts == district] if district else ground.streets
    return sorted({str(one) for one in np.unique(streets)} - {""})


def name_operators(*, user: User, pks: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return code and name of operators by their numbers; those of the person's branches are read with their filter."""
    found = {row.pk: (row.code, row.name) for row in list_operators(user=user)}
    missing = [pk for pk in pks if pk not in found]
    rows = list(Branch.objects.filter(pk__in=missing).only("code", *NAMES)) if missing else []
    return found | {row.pk: (row.code, row.name) for row in rows}
