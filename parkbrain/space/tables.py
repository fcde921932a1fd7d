"""Columns of the list of parks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park
from parkbrain.ui.table import Column


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
        Column("land", _("Land (m²)"), lambda p: p.land_area_m2, "area", ("land_area_m2",), decimals=0),
        Column(
            "floor", _("Floor area (m²)"), lambda p: p.gross_floor_area_m2, "area", ("gross_floor_area_m2",), decimals=0
        ),
    )


def _kind(park: Park) -> str:
    # Of a real park only what was said is known, and the column's default is no statement.
    return "" if park.standing == Park.Standing.AS_STATED else str(park.get_kind_display())


def _tone(park: Park) -> str:
    return {"OPERATING": "ok", "FICTIONAL": "info", "AS_STATED": ""}[park.standing]
