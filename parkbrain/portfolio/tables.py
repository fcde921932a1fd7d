"""Columns of the city's list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.ui.table import Column


def _score(key: str) -> Any:
    return lambda r: (r.dimension_scores.get(key) or [None])[0]


def city_columns(*, districts: Mapping[str, str], dimensions: Sequence[tuple[str, str]]) -> list[Column]:
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
        Column(key.lower(), name, _score(key), "number", (f"dimension_scores__{key}__0",), decimals=1)
        for key, name in dimensions
    ]
    return columns
