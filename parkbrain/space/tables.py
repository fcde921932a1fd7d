"""The list of parks: its columns, and what it may be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel.models import Park
from parkbrain.lists import Ask, Found, ListSpec
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter, address_of, words_of

from .queries import ParkFilter, list_districts, list_parks, name_districts, park_rows, parks_holding, sum_lettable_area


def park_columns(*, districts: Mapping[str, str]) -> Sequence[Column]:
    """Return the columns of the list of parks."""
    url, kinds, standings = address_of("park_detail"), words_of(Park.Kind.choices), words_of(Park.Standing.choices)
    return (
        Column("name", _("Park"), lambda r: (r.park.name, url(r.park.pk)), "link", ("name_zh_hans",)),
        Column("code", _("Code"), lambda r: r.park.code, order_by=("code",)),
        Column(
            "district",
            _("District"),
            lambda r: districts.get(r.park.district_code, r.park.district_code),
            order_by=("district_code", "street"),
        ),
        Column("street", _("Street"), lambda r: r.park.street_name, order_by=("street",)),
        Column("kind", _("Kind"), lambda r: _kind(r.park, kinds), order_by=("kind",)),
        Column(
            "standing",
            _("Data"),
            lambda r: (standings[r.park.standing], _TONES[r.park.standing]),
            "badge",
            ("standing",),
        ),
        Column("opened_on", _("Opened"), lambda r: r.park.opened_on, "date", ("opened_on",)),
        Column(
            "land",
            _("Land (m²)"),
            lambda r: r.park.land_area_m2,
            "area",
            ("land_area_m2",),
            decimals=0,
            total="land_area_m2",
        ),
        Column(
            "floor",
            _("Floor area (m²)"),
            lambda r: r.park.gross_floor_area_m2,
            "area",
            ("gross_floor_area_m2",),
            decimals=0,
            total="gross_floor_area_m2",
        ),
        Column("buildings", _("Buildings"), lambda r: r.building_count, "integer"),
        Column("lettable", _("Lettable area (m²)"), lambda r: r.lettable_area_m2, "area", decimals=0, hidden=True),
    )


_TONES = {"OPERATING": "ok", "FICTIONAL": "info", "AS_STATED": ""}


def _kind(park: Park, kinds: Mapping[str, str]) -> str:
    # Of a real park only what was said is known, and the column's default is no statement.
    return "" if park.standing == Park.Standing.AS_STATED else kinds[park.kind]


def _filters(ask: Ask) -> Sequence[Filter]:
    districts = list_districts(user=ask.user)
    return (
        Filter(
            "q",
            _("Name, code or street"),
            keep=lambda rows, text: parks_holding(parks=rows, text=text),
            main=True,
        ),
        Filter("kind", _("Kind"), "choices", ("kind",), Park.Kind.choices, main=True),
        Filter("district", _("District"), "choices", ("district_code",), list(districts.items()), main=True),
        Filter("standing", _("Data"), "choice", ("standing",), Park.Standing.choices, main=True),
        Filter("land", _("Land"), "number", ("land_area_m2",), unit="m²"),
        Filter("floor", _("Floor area"), "number", ("gross_floor_area_m2",), unit="m²"),
        Filter("opened", _("Opened"), "date", ("opened_on",)),
    )


def _sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext(
        "%(count)s park with %(floor)s m² of floor area.", "%(count)s parks with %(floor)s m² of floor area.", count
    )
    return text % {"count": formats.number(count, 0), "floor": formats.compact(totals["floor"][0])}


def _rows(ask: Ask) -> QuerySet[Park]:
    # A park that is still to open is on today's list, and was not on that of a day gone by.
    past = ask.on if ask.on < timezone.localdate() else None
    return list_parks(user=ask.user, chosen=ParkFilter(), opened_by=past)


def _lettable_area(found: Found, count: int) -> tuple[float | None, int]:
    area_m2, parks = sum_lettable_area(parks=found.rows, on=found.ask.on)
    return area_m2, count - parks


PARKS = ListSpec(
    key="space.parks",
    url_name="park_list",
    label=gettext_lazy("Parks"),
    columns=lambda _ask: park_columns(districts=name_districts()),
    filters=_filters,
    rows=_rows,
    prepare=lambda rows, ask: park_rows(parks=rows, on=ask.on),
    totals={"lettable": _lettable_area},
    dated=True,
    default_sort=("code",),
    sentence=_sentence,
    empty=gettext_lazy("No park is kept by these filters."),
)
