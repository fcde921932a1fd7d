"""The lists of premises, enterprises and occupancies: what each may be asked and what may be changed in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel.names import NAMES
from parkbrain.kernel.roles import Permission
from parkbrain.lists import Ask, Edit, Found, ListSpec, park_filter
from parkbrain.space.models import Premises
from parkbrain.space.services import change_premises
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from ..models import Enterprise, Qualification
from ..queries import (
    EnterpriseFilter,
    OccupancyFilter,
    PremisesFilter,
    changeable_enterprises,
    count_visible_enterprises,
    enterprise_rows,
    enterprises_holding,
    enterprises_in_section,
    get_industry,
    list_division_entries,
    list_enterprises,
    list_occupancies,
    list_premises,
    list_sections,
    occupancies_in_state,
    premises_in_state,
    premises_rows,
    sum_enterprise_area,
)
from ..services import change_enterprises
from .columns import enterprise_columns, occupancy_columns, premises_columns

_YES_NO_UNKNOWN = {"yes": True, "no": False, "": None}


def _premises_columns(ask: Ask) -> Sequence[Column]:
    sees_firms = ask.user.may(Permission.VIEW_ENTERPRISE) or ask.user.may(Permission.VIEW_OWN_ENTERPRISE)
    return premises_columns(on=ask.on, sees_firms=sees_firms)


def _premises_filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter("q", _("Code"), fields=("code",), main=True),
        Filter(
            "state",
            _("State"),
            "choice",
            choices=[("let", _("Let")), ("vacant", _("Vacant"))],
            keep=lambda rows, state: premises_in_state(rows=rows, state=state, on=ask.on),
            main=True,
        ),
        Filter("use", _("Use"), "choices", ("use",), Premises.Use.choices, main=True),
        Filter("area", _("Area"), "number", ("billing_area_m2",), unit="m²", main=True),
        Filter("fire_class", _("Fire class"), "choices", ("fire_class",), Premises.FireClass.choices),
        Filter("load", _("Load"), "number", ("floor_load_kn_m2",), unit="kN/m²"),
        Filter("height", _("Clear height"), "number", ("clear_height_m",), unit="m"),
        Filter("power", _("Power density"), "number", ("power_density_w_m2",), unit="W/m²"),
        Filter("lift", _("Goods-lift load"), "number", ("goods_lift_load_t",), unit="t"),
        Filter("industry", _("Designated industry"), "choice", ("designated_industry",), _divisions()),
        Filter("lettable", _("Lettable"), "flag", ("lettable",)),
        Filter("gas", _("Gas"), "flag", ("has_gas",)),
        Filter("exhaust", _("Exhaust shaft"), "flag", ("has_exhaust",)),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _divisions() -> list[tuple[str, str]]:
    return [(entry.code, f"{entry.code} {entry.name}") for entry in list_division_entries()]


def _premises_edits(ask: Ask) -> Sequence[Edit]:
    return (
        Edit("use", _("Use"), lambda: Premises.Use.choices),
        Edit("fire_class", _("Fire class"), lambda: [*Premises.FireClass.choices, ("", _("unknown"))]),
        Edit("designated_industry", _("Designated industry"), lambda: [("", _("none")), *_divisions()]),
        Edit("lettable", _("Lettable"), lambda: [("yes", _("yes")), ("no", _("no"))], lambda typed: typed == "yes"),
    )


def _premises_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s premises with %(area)s m².", "%(count)s premises with %(area)s m².", count)
    return text % {"count": formats.number(count, 0), "area": formats.number(totals["area"][0] or 0, 0)}


PREMISES = ListSpec(
    key="enterprises.premises",
    url_name="premises_list",
    label=gettext_lazy("Premises"),
    columns=_premises_columns,
    filters=_premises_filters,
    rows=lambda ask: list_premises(user=ask.user, chosen=PremisesFilter(), on=ask.on),
    related=("building", "park__branch"),
    only={
        "building": ("code", "added_on", "removed_on", "completed_on", *NAMES),
        "park": ("branch", "opened_on", *NAMES),
        "park__branch": ("path",),
    },
    default_sort=("park_id", "code"),
    sentence=_premises_sentence,
    prepare=lambda rows, ask: premises_rows(premises=rows, user=ask.user, on=ask.on),
    dated=True,
    edits=_premises_edits,
    changeable=lambda rows, user: rows.visible_to(user, Permission.EDIT_RECORD),
    change=change_premises,
    empty=gettext_lazy("No premises are kept by these filters."),
)


def _enterprise_filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter(
            "q",
            _("Name, product or credit code"),
            keep=lambda rows, text: list_enterprises(
                user=ask.user, chosen=EnterpriseFilter(text=text), on=ask.on, within=rows
            ),
            main=True,
        ),
        Filter(
            "section",
            _("Industry"),
            "choice",
            choices=[(s.code, f"{s.code} {s.name}") for s in list_sections()],
            keep=lambda rows, section: enterprises_in_section(rows=rows, section=section),
            main=True,
        ),
        Filter("size", _("Size"), "choices", ("size_class",), Enterprise.SizeClass.choices, main=True),
        Filter(
            "qualification",
            _("Qualification"),
            "choice",
            choices=Qualification.Kind.choices,
            keep=lambda rows, kind: enterprises_holding(rows=rows, kind=kind, on=ask.on),
            main=True,
        ),
        Filter("founded", _("Founded"), "date", ("founded_on",)),
        Filter("listed", _("Listed"), "flag", ("is_listed",)),
        Filter("headquarters", _("Headquarters"), "flag", ("is_headquarters",)),
        park_filter(ask.user, lambda rows, park: rows.in_park(park, ask.on)),
    )


def _industry_code(typed: str) -> str:
    if (typed and get_industry(code=typed) is None) or (not typed.isdecimal() and typed):
        raise ValueError(_("%(code)s is no code of GB/T 4754-2017.") % {"code": typed[:10]})
    return typed


def _enterprise_edits(ask: Ask) -> Sequence[Edit]:
    def answers() -> list[tuple[str, str]]:
        return [("yes", _("yes")), ("no", _("no")), ("", _("unknown"))]

    return (
        Edit(
            "industry_code",
            _("Industry"),
            None,
            _industry_code,
            _("A code of GB/T 4754-2017, for example 3491; the size class follows from it."),
        ),
        Edit("is_listed", _("Listed"), answers, _YES_NO_UNKNOWN.__getitem__),
        Edit("is_headquarters", _("Headquarters"), answers, _YES_NO_UNKNOWN.__getitem__),
    )


def _enterprise_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s enterprise.", "%(count)s enterprises.", count)
    return text % {"count": formats.number(count, 0)}


def _enterprise_area(found: Found, count: int) -> tuple[float | None, int]:
    # Who is in premises that the person may see is seen as well: only the filters narrow the firms here.
    firms_asked = found.narrowed(Enterprise.objects.all()) if found.is_narrowed else None
    area_m2, firms = sum_enterprise_area(enterprises=firms_asked, user=found.ask.user, on=found.ask.on)
    return area_m2, count - firms


ENTERPRISES = ListSpec(
    key="enterprises.enterprises",
    url_name="enterprise_list",
    label=gettext_lazy("Enterprises"),
    columns=lambda ask: enterprise_columns(),
    filters=_enterprise_filters,
    rows=lambda ask: list_enterprises(user=ask.user, chosen=EnterpriseFilter(), on=ask.on),
    default_sort=("uscc",),
    sentence=_enterprise_sentence,
    prepare=lambda rows, ask: enterprise_rows(enterprises=rows, user=ask.user, on=ask.on),
    totals={"area": _enterprise_area},
    count=lambda ask: count_visible_enterprises(user=ask.user),
    dated=True,
    edits=_enterprise_edits,
    changeable=lambda rows, user: changeable_enterprises(rows=rows, user=user),
    change=change_enterprises,
    empty=gettext_lazy("No enterprise is kept by these filters."),
)


def _occupancy_filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter(
            "q",
            _("Enterprise, premises or lease"),
            keep=lambda rows, text: list_occupancies(
                user=ask.user, chosen=OccupancyFilter(text=text, state="all"), on=ask.on, within=rows
            ),
            main=True,
        ),
        Filter(
            "state",
            _("State"),
            "choice",
            choices=[
                ("current", _("Here on the day")),
                ("ending", _("Lease ended or ending within 90 days")),
                ("ended", _("Moved out")),
                ("all", _("All")),
            ],
            keep=lambda rows, state: occupancies_in_state(rows=rows, state=state, on=ask.on),
            default="current",
            required=True,
            main=True,
        ),
        Filter("area", _("Area"), "number", ("premises__billing_area_m2",), unit="m²"),
        Filter("starts", _("Moved in"), "date", ("starts_on",)),
        Filter("lease_ends", _("Lease ends"), "date", ("lease_ends_on",)),
        Filter("rent", _("Rent"), "number", ("rent_yuan_per_m2_month",), unit=_("yuan/m²·month")),
        park_filter(ask.user, lambda rows, park: rows.filter(premises__park=park)),
    )


def _occupancy_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s occupancy on %(area)s m².", "%(count)s occupancies on %(area)s m².", count)
    return text % {"count": formats.number(count, 0), "area": formats.number(totals["area"][0] or 0, 0)}


OCCUPANCIES = ListSpec(
    key="enterprises.occupancies",
    url_name="occupancy_list",
    label=gettext_lazy("Occupancies"),
    columns=lambda ask: occupancy_columns(on=ask.on),
    filters=_occupancy_filters,
    rows=lambda ask: list_occupancies(user=ask.user, chosen=OccupancyFilter(state="all"), on=ask.on),
    related=("premises__park", "enterprise"),
    only={
        "premises": ("code", "billing_area_m2", "park"),
        "premises__park": NAMES,
        "enterprise": ("uscc", *NAMES),
    },
    default_sort=("premises__park__code", "premises__code", "-starts_on"),
    sentence=_occupancy_sentence,
    dated=True,
    empty=gettext_lazy("No occupancy is kept by these filters."),
)

LISTS = (PREMISES, ENTERPRISES, OCCUPANCIES)
