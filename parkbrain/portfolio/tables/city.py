"""The list of the city: its columns, and what it may be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.assessment.models import Rating
from parkbrain.kernel.models import Park
from parkbrain.kernel.names import NAMES, search_q
from parkbrain.kernel.roles import Permission
from parkbrain.lists import Ask, ListSpec
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from ..queries import get_certainties, get_overview, list_dimensions, list_operators, ratings_of, with_certainty


def _score(key: str) -> Any:
    return lambda r: (r.dimension_scores.get(key) or [None])[0]


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


def _columns(ask: Ask) -> Sequence[Column]:
    districts = {line.code: line.name for line in get_overview(user=ask.user).lines}
    return city_columns(districts=districts, dimensions=list_dimensions(), certainties=get_certainties())


def _filters(ask: Ask) -> Sequence[Filter]:
    districts = [(line.code, line.name) for line in get_overview(user=ask.user).lines if line.code]
    operators = [(branch.code, branch.name) for branch in list_operators(user=ask.user)]
    return (
        Filter("q", _("Name or code"), keep=_holding, main=True),
        Filter("district", _("District"), "choice", ("park__district_code",), districts, main=True),
        Filter("operator", _("Operator"), "choice", ("park__branch__parent__code",), operators, main=True),
        Filter("kind", _("Kind"), "choice", ("park__kind",), Park.Kind.choices, main=True),
        Filter(
            "stars", _("Proven stars"), "choices", ("class_proven",), [(str(n), str(n)) for n in range(6)], main=True
        ),
        Filter("proven", _("Proven"), "number", ("total_proven",), unit=_("points")),
        Filter("reachable", _("Reachable"), "number", ("total_reachable",), unit=_("points")),
        Filter("land", _("Land"), "number", ("park__land_area_m2",), unit="m²"),
    )


def _holding(rows: QuerySet[Rating], text: str) -> QuerySet[Rating]:
    return rows.filter(search_q(text, field="park__search_text") | Q(park__code__icontains=text))


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
        "park": (*NAMES, "branch", "district_code", "land_area_m2"),
        "park__branch": ("parent",),
        "park__branch__parent": NAMES,
    },
    default_sort=("-total_proven",),
    sentence=_sentence,
    permission=Permission.VIEW_CITY,
    empty=gettext_lazy("No park is kept by these filters."),
)
