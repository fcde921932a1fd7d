"""The list of the city: its columns, and what it may be asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from numpy.typing import NDArray

from parkbrain.assessment.models import Rating
from parkbrain.assessment.queries import CityColumns
from parkbrain.kernel.models import Park
from parkbrain.kernel.names import NAMES, park_q, stored_street, street_name
from parkbrain.kernel.reading import among
from parkbrain.kernel.roles import Permission
from parkbrain.lists import Ask, ListSpec
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter, Span

from ..queries import (
    DEFAULT,
    KIND,
    NO_DISTRICT,
    columns_on,
    get_certainties,
    get_ground,
    get_measure,
    get_overview,
    get_places,
    list_dimensions,
    list_like_parks,
    list_operators,
    list_streets,
    list_within,
    measure_parks,
    past_day,
    ratings_of,
    with_certainty,
)


def _score(key: str) -> Any:
    return lambda r: (r.dimension_scores.get(key) or [None])[0]


@dataclass(frozen=True)
class Past:
    """What the parks had on an earlier day; those columns are in no field of the database."""

    columns: CityColumns
    places: Mapping[int, int]

    def value(self, key: str, park_id: int) -> float | None:
        """Return a park's value, None where it is unknown."""
        place = self.places.get(park_id)
        value = float(self.columns.values[key][place]) if place is not None and key in self.columns.values else None
        return None if value is None or value != value else value

    def known(self, key: str) -> dict[int, float]:
        """Return the known values by park, to order the list by."""
        column = self.columns.of(key, self.columns.park_ids)
        pairs = zip(self.columns.park_ids.tolist(), column.tolist(), strict=True)
        return {park: value for park, value in pairs if value == value}

    def column(self, column: Column, key: str) -> Column:
        """Return the column with the day's values in the place of the current ones."""
        outside = ("park_id", lambda: self.known(key))
        if column.kind == "stars":
            return replace(column, value=self._stars, outside=outside)
        return replace(column, value=lambda r: self.value(key, r.park_id), outside=outside)

    def _stars(self, row: Rating) -> tuple[int, int] | None:
        proven, reachable = self.value("stars", row.park_id), self.value("stars_reachable", row.park_id)
        return None if proven is None else (int(proven), int(reachable or 0))


def _past(ask: Ask) -> Past | None:
    if past_day(on=ask.on) is None:
        return None
    keys = [
        "total",
        "reachable",
        "coverage",
        "stars",
        "stars_reachable",
        *(f"score.{k}" for k, _n in list_dimensions()),
    ]
    columns = columns_on(keys=keys, on=ask.on)
    return Past(columns, {park: place for place, park in enumerate(columns.park_ids.tolist())})


def city_columns(
    *, districts: Mapping[str, str], dimensions: Sequence[tuple[str, str]], certainties: Mapping[int, float]
) -> list[Column]:
    """Return the columns of the list: the park, its star, its totals, and a score for every dimension."""
    columns = [
        Column(
            "name",
            _("Park"),
            lambda r: (r.park.name, reverse("park_detail", args=[r.park_id])),
            "link",
            ("park__name_zh_hans",),
        ),
        Column(
            "district",
            _("District"),
            lambda r: districts.get(r.park.district_code, r.park.district_code),
            order_by=("park__district_code",),
        ),
        Column("street", _("Street"), lambda r: r.park.street_name, order_by=("park__street",), hidden=True),
        Column("operator", _("Operator"), lambda r: r.park.branch.parent.name if r.park.branch.parent else ""),
        Column(
            "stars",
            _("Stars"),
            lambda r: (r.class_proven, r.class_reachable),
            "stars",
            ("class_proven", "total_proven"),
        ),
        Column("total", _("Proven"), lambda r: r.total_proven, "number", ("total_proven",), decimals=1),
        Column("reachable", _("Reachable"), lambda r: r.total_reachable, "number", ("total_reachable",), decimals=1),
        Column("coverage", _("Known"), lambda r: r.coverage, "percent", ("coverage",), decimals=0),
    ]
    columns += [
        # Six names would push the scores off the page: the letter stands for them, with the name on demand.
        Column(key.lower(), name, _score(key), "number", (f"dimension_scores__{key}__0",), decimals=1, short=key)
        for key, name in dimensions
    ]
    return [*columns, *_last_columns(certainties)]


def _last_columns(certainties: Mapping[int, float]) -> list[Column]:
    return [
        Column(
            "certainty",
            _("Certainty of the star"),
            lambda r: certainties.get(r.park_id),
            "percent",
            ("certainty",),
            decimals=0,
            short=_("Certainty"),
        ),
        Column(
            "land",
            _("Land (m²)"),
            lambda r: r.park.land_area_m2,
            "area",
            ("park__land_area_m2",),
            decimals=0,
            total="park__land_area_m2",
            hidden=True,
        ),
    ]


def _chosen_column(ask: Ask) -> list[Column]:
    """Return the column of the measure that the page is looked at by, unless the list has it already."""
    measure = get_measure(key=ask.params.get("by", ""))
    if measure is None or measure.key in {"total", "reachable", "coverage", "stars", "certainty"}:
        return []
    if measure.key == KIND:
        return [Column("kind", _("Kind"), lambda r: r.park.get_kind_display(), order_by=("park__kind",))]
    found = measure_parks(measure=measure, park_ids=get_ground(user=ask.user).park_ids, on=ask.on)
    known = dict(zip(found.park_ids.tolist(), found.values.tolist(), strict=True))
    known = {park: value for park, value in known.items() if value == value}
    return [
        Column(
            "chosen",
            measure.name,
            lambda r: known.get(r.park_id),
            "number",
            unit=measure.unit_name,
            outside=("park_id", lambda: known),
        )
    ]


def _place_column(ask: Ask) -> Column:
    places = get_places(on=ask.on)

    def text(r: Rating) -> str:
        place = places.of(r.park_id)
        return f"{formats.number(place[0], 0)} / {formats.number(place[1], 0)}" if place else ""

    label = _("Place among like parks")
    return Column("place", label, text, outside=("park_id", places.shares), short=_("Among like"))


def _columns(ask: Ask) -> Sequence[Column]:
    districts = {line.code: line.name for line in get_overview(user=ask.user).lines}
    dimensions = list_dimensions()
    columns = city_columns(districts=districts, dimensions=dimensions, certainties=get_certainties())
    past = _past(ask)
    if past is not None:
        keys = {key.lower(): f"score.{key}" for key, _name in dimensions}
        keys |= {key: key for key in ("total", "reachable", "coverage", "stars")}
        columns = [past.column(c, keys[c.key]) if c.key in keys else c for c in columns if c.key != "certainty"]
    place = next(i for i, c in enumerate(columns) if c.key == "coverage")
    return [*columns[: place + 1], *_chosen_column(ask), _place_column(ask), *columns[place + 1 :]]


def _past_span(ask: Ask, key: str) -> Callable[[Any, Any], Any] | None:
    """Return what keeps rows by an earlier day's values; None of today, where the database has them."""
    if past_day(on=ask.on) is None:
        return None
    return lambda rows, value: _measured(rows, ask, key, value)


def _measured(rows: QuerySet[Rating], ask: Ask, key: str, value: Any) -> QuerySet[Rating]:
    measure = get_measure(key=key)
    if measure is None:
        return rows
    found = measure_parks(measure=measure, park_ids=get_ground(user=ask.user).park_ids, on=ask.on)
    if isinstance(value, Span):
        least = -np.inf if value.least is None else value.least
        most = np.inf if value.most is None else value.most
        kept = (found.values >= least) & (found.values <= most)
    else:
        kept = np.isin(found.values, [float(one) for one in value])
    return _kept(rows, ask, found.park_ids[kept])


def _kept(rows: QuerySet[Rating], ask: Ask, park_ids: Collection[int] | NDArray[np.int64]) -> QuerySet[Rating]:
    """Keep the rows of some parks by the shorter of two lists: those that stay, or those that go."""
    every = get_ground(user=ask.user).park_ids
    stays = np.isin(every, np.fromiter(park_ids, dtype=np.int64, count=len(park_ids)))
    if stays.sum() <= len(every) / 2:
        return rows.filter(park_id__in=among(every[stays].tolist()))
    return rows if stays.all() else rows.exclude(park_id__in=among(every[~stays].tolist()))


def _filters(ask: Ask) -> Sequence[Filter]:
    districts = [(line.asked, line.name) for line in get_overview(user=ask.user).lines]
    operators = [(branch.code, branch.name) for branch in list_operators(user=ask.user)]
    district = ask.params.get("district", "")
    district = "" if district == NO_DISTRICT else district
    streets = [(one, street_name(one)) for one in list_streets(user=ask.user, district=district)]
    stars = [(str(n), str(n)) for n in range(6)]
    points = _("points")
    return (
        Filter("q", _("Name, code or street"), keep=_holding, main=True),
        Filter("district", _("District"), "choice", choices=districts, keep=_in_district, main=True),
        Filter("street", _("Street"), "choice", ("park__street",), streets, value_of=stored_street, main=True),
        Filter("operator", _("Operator"), "choice", ("park__branch__parent__code",), operators, main=True),
        Filter("kind", _("Kind"), "choice", ("park__kind",), Park.Kind.choices, main=True),
        Filter(
            "stars", _("Proven stars"), "choices", ("class_proven",), stars, keep=_past_span(ask, "stars"), main=True
        ),
        Filter("proven", _("Proven"), "number", ("total_proven",), unit=points, keep=_past_span(ask, "total")),
        Filter(
            "reachable", _("Reachable"), "number", ("total_reachable",), unit=points, keep=_past_span(ask, "reachable")
        ),
        Filter("land", _("Land"), "number", ("park__land_area_m2",), unit="m²"),
        *_drawn_filters(ask),
    )


def _drawn_filters(ask: Ask) -> Sequence[Filter]:
    """Return the filters that drawings set: the measure's range, the outline on the map, the parks like one."""
    measure = get_measure(key=ask.params.get("by", ""))
    by = measure if measure is not None and measure.is_number else get_measure(key=DEFAULT)
    assert by is not None
    return (
        Filter("value", by.name, "number", unit=by.unit_name, keep=lambda rows, v: _measured(rows, ask, by.key, v)),
        Filter(
            "lasso",
            _("Area"),
            "area",
            keep=lambda rows, ring: _kept(rows, ask, list_within(user=ask.user, ring=ring)),
        ),
        Filter(
            "like",
            _("Parks like"),
            "ref",
            resolve=lambda typed: Park.objects.visible_to(ask.user).filter(pk=int(typed)).first(),
            keep=lambda rows, park: _kept(rows, ask, list_like_parks(park_id=park.pk, on=ask.on)),
        ),
    )


def _in_district(rows: QuerySet[Rating], code: str) -> QuerySet[Rating]:
    return rows.filter(park__district_code="" if code == NO_DISTRICT else code)


def _holding(rows: QuerySet[Rating], text: str) -> QuerySet[Rating]:
    return rows.filter(park_q(text, field="park"))


def _sentence(count: int, totals: Mapping[str, Any]) -> str:
    return ngettext("%(count)s park shown", "%(count)s parks shown", count) % {"count": formats.number(count, 0)}


CITY = ListSpec(
    key="portfolio.city",
    url_name="city",
    label=gettext_lazy("City"),
    columns=_columns,
    filters=_filters,
    rows=lambda ask: with_certainty(ratings=ratings_of(user=ask.user)),
    related=("park__branch__parent",),
    only={
        "": (
            "park",
            "class_proven",
            "class_reachable",
            "total_proven",
            "total_reachable",
            "coverage",
            "dimension_scores",
        ),
        "park": (*NAMES, "branch", "kind", "district_code", "street", "land_area_m2"),
        "park__branch": ("parent",),
        "park__branch__parent": NAMES,
    },
    default_sort=("-total_proven",),
    sentence=_sentence,
    permission=Permission.VIEW_CITY,
    dated=True,
    own_keys=frozenset({"by"}),
    empty=gettext_lazy("No park is kept by these filters."),
)
