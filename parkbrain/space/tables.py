"""The list of parks: its columns, and what it may be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel.models import Park
from parkbrain.lists import Ask, ListSpec
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from .queries import ParkFilter, list_districts, list_parks


def park_columns(*, districts: Mapping[str, str]) -> Sequence[Column]:
    """Return the columns of the list of parks."""
    return (
        Column("name", _("Park"), lambda p: (p.name, reverse("park_detail", args=[p.pk])), "link", ("name_zh_hans",)),
        Column("code", _("Code"), lambda p: p.code, order_by=("code",)),
        Column(
            "district",
            _("District"),
            lambda p: districts.get(p.district_code, p.district_code),
            order_by=("district_code", "street"),
        ),
        Column("street", _("Street"), lambda p: p.street, order_by=("street",)),
        Column("kind", _("Kind"), _kind, order_by=("kind",)),
        Column("standing", _("Data"), lambda p: (p.get_standing_display(), _tone(p)), "badge", ("standing",)),
        Column("opened_on", _("Opened"), lambda p: p.opened_on, "date", ("opened_on",)),
        Column(
            "land",
            _("Land (m²)"),
            lambda p: p.land_area_m2,
            "area",
            ("land_area_m2",),
            decimals=0,
            total="land_area_m2",
        ),
        Column(
            "floor",
            _("Floor area (m²)"),
            lambda p: p.gross_floor_area_m2,
            "area",
            ("gross_floor_area_m2",),
            decimals=0,
            total="gross_floor_area_m2",
        ),
    )


def _kind(park: Park) -> str:
    # Of a real park only what was said is known, and the column's default is no statement.
    return "" if park.standing == Park.Standing.AS_STATED else str(park.get_kind_display())


def _tone(park: Park) -> str:
    return {"OPERATING": "ok", "FICTIONAL": "info", "AS_STATED": ""}[park.standing]


def _filters(ask: Ask) -> Sequence[Filter]:
    names = ("name_zh_hans", "name_zh_hant", "name_en", "code", "street")
    districts = list_districts(user=ask.user)
    return (
        Filter("q", _("Name, code or street"), fields=names, main=True),
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


PARKS = ListSpec(
    key="space.parks",
    url_name="park_list",
    label=gettext_lazy("Parks"),
    columns=lambda ask: park_columns(districts=list_districts(user=ask.user)),
    filters=_filters,
    rows=lambda ask: list_parks(user=ask.user, chosen=ParkFilter()),
    default_sort=("code",),
    sentence=_sentence,
    empty=gettext_lazy("No park is kept by these filters."),
)
