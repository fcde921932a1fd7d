"""The lists of factors, activity data, refrigerant events and green power."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel.roles import Permission
from parkbrain.lists import Ask, ListSpec, park_filter
from parkbrain.ui import formats
from parkbrain.ui.sources import cited
from parkbrain.ui.table import Column, Filter

from .models import ActivityData, EmissionFactor, GreenPower, RefrigerantEvent
from .queries import (
    get_kind_name,
    get_kinds,
    get_refrigerants,
    list_activity_data,
    list_carriers,
    list_factors,
    list_green_power,
    list_kind_choices,
    list_refrigerant_events,
)


def _counted(count: int, text: str) -> str:
    return text % {"count": formats.number(count, 0)}


def _place(row: Any) -> str:
    parts = []
    if row.building:
        parts.append(row.building.name or row.building.code)
    if getattr(row, "storey", None):
        parts.append(row.storey.short_label)
    if row.enterprise:
        parts.append(row.enterprise.name)
    if getattr(row, "equipment", None):
        parts.append(str(row.equipment))
    return " · ".join(parts) or _("Whole park")


# --- Activity data ----------------------------------------------------------------------------------------------------


def _activity_columns(ask: Ask) -> Sequence[Column]:
    kinds = get_kinds()
    return (
        Column(
            "reference",
            _("Reference"),
            lambda r: (r.reference, reverse("activity_detail", args=[r.pk])),
            "link",
            ("reference",),
        ),
        Column("kind", _("Activity"), lambda r: get_kind_name(key=r.kind), order_by=("kind",)),
        Column("quantity", _("Quantity"), lambda r: r.quantity, "number", ("quantity",)),
        Column("unit", _("Unit"), lambda r: formats.unit(kinds[r.kind].unit) if r.kind in kinds else ""),
        Column("starts", _("From"), lambda r: r.starts_on, "date", ("starts_on",)),
        Column("ends", _("To"), lambda r: r.ends_on, "date", ("ends_on",)),
        Column("place", _("Place"), _place),
        Column(
            "counts",
            _("Counts"),
            lambda r: (_("part of another row"), "") if r.is_breakdown else (_("in the total"), "ok"),
            "badge",
            ("is_breakdown",),
        ),
        Column("source", _("Source"), lambda r: r.get_source_display(), order_by=("source",)),
        Column("uncertainty", _("Uncertainty ±"), lambda r: r.uncertainty, "percent", ("uncertainty",)),
        Column("park", _("Park"), lambda r: r.park.name, hidden=True),
        Column("note", _("Note"), lambda r: r.note, hidden=True),
    )


def _activity_filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter("q", _("Reference or note"), fields=("reference", "note"), main=True),
        Filter("kind", _("Activity"), "choices", ("kind",), list_kind_choices(), main=True),
        Filter("source", _("Source"), "choices", ("source",), ActivityData.Source.choices, main=True),
        Filter("starts", _("From"), "date", ("starts_on",), main=True),
        Filter("quantity", _("Quantity"), "number", ("quantity",)),
        Filter("breakdown", _("Part of another row"), "flag", ("is_breakdown",)),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _activity_sentence(count: int, totals: Mapping[str, Any]) -> str:
    return _counted(count, ngettext("%(count)s row of activity data.", "%(count)s rows of activity data.", count))


ACTIVITIES = ListSpec(
    key="carbon.activities",
    url_name="activity_list",
    label=gettext_lazy("Activity data"),
    columns=_activity_columns,
    filters=_activity_filters,
    rows=lambda ask: list_activity_data(user=ask.user),
    related=("park", "building", "storey__building", "enterprise", "equipment"),
    default_sort=("-starts_on", "kind", "reference"),
    sentence=_activity_sentence,
    empty=gettext_lazy("No activity data are kept by these filters."),
)

# --- Factors ----------------------------------------------------------------------------------------------------------


def carrier_name(key: str) -> str:
    """Return the name of a carrier: that of the kind that uses it."""
    for kind in get_kinds().values():
        if kind.carrier == key:
            return kind.name
    return get_kind_name(key=key) if key in get_refrigerants() else _CARRIERS.get(key, key)  # type: ignore[return-value]


_CARRIERS: dict[str, str | Promise] = {
    "coke": gettext_lazy("Coke"),
    "crude_oil": gettext_lazy("Crude oil"),
    "kerosene": gettext_lazy("Kerosene"),
    "refinery_gas": gettext_lazy("Refinery gas"),
    "fresh_water": gettext_lazy("Fresh water"),
    "compressed_air": gettext_lazy("Compressed air"),
    "methane": gettext_lazy("Methane"),
    "nitrous_oxide": gettext_lazy("Nitrous oxide"),
}


def _factor_columns(ask: Ask) -> Sequence[Column]:
    return (
        Column("carrier", _("Carrier"), lambda r: str(carrier_name(r.carrier)), order_by=("carrier",)),
        Column("of", _("Turned into"), lambda r: r.get_of_display(), order_by=("of",)),
        Column("value", _("Value"), lambda r: r.value, "number", ("value",)),
        Column("unit", _("Unit"), lambda r: f"{formats.unit(r.of)}/{formats.unit(r.unit)}"),
        Column("area", _("Area"), _area, order_by=("area",)),
        Column("basis", _("Basis"), lambda r: r.get_basis_display(), order_by=("basis",)),
        Column("starts", _("Valid from"), lambda r: r.starts_on, "date", ("starts_on",)),
        Column("ends", _("Valid to"), lambda r: r.ends_on, "date", ("ends_on",)),
        Column("source", _("Source"), lambda r: cited(r.source)),
        Column("certainty", _("Certainty"), lambda r: r.get_certainty_display(), order_by=("certainty",), hidden=True),
        Column("uncertainty", _("Uncertainty ±"), lambda r: r.uncertainty, "percent", ("uncertainty",), hidden=True),
    )


def _area(row: EmissionFactor) -> str:
    return row.branch.name if row.branch else row.area


def _factor_filters(ask: Ask) -> Sequence[Filter]:
    carriers = sorted(list_carriers())
    return (
        Filter("q", _("Carrier or source"), fields=("carrier", "source"), main=True),
        Filter("of", _("Turned into"), "choices", ("of",), EmissionFactor.Of.choices, main=True),
        Filter(
            "carrier", _("Carrier"), "choice", ("carrier",), [(c, str(carrier_name(c))) for c in carriers], main=True
        ),
        Filter(
            "state",
            _("State"),
            "choice",
            choices=[("force", _("In force on the day")), ("all", _("All"))],
            keep=lambda rows, state: rows.in_force_on(ask.on) if state == "force" else rows,
            default="force",
            required=True,
            main=True,
        ),
        Filter(
            "own",
            _("Whose"),
            "choice",
            choices=[("own", _("Own values")), ("shipped", _("Shipped values"))],
            keep=lambda rows, whose: rows.filter(branch__isnull=whose == "shipped"),
        ),
        Filter("starts", _("Valid from"), "date", ("starts_on",)),
    )


def _factor_sentence(count: int, totals: Mapping[str, Any]) -> str:
    return _counted(
        count, ngettext("%(count)s factor with its source.", "%(count)s factors with their sources.", count)
    )


FACTORS = ListSpec(
    key="carbon.factors",
    url_name="factor_list",
    label=gettext_lazy("Factors"),
    columns=_factor_columns,
    filters=_factor_filters,
    rows=lambda ask: list_factors(user=ask.user),
    related=("branch",),
    default_sort=("carrier", "of", "area", "basis", "-starts_on"),
    sentence=_factor_sentence,
    # The shipped ones belong to no branch: whoever sees a park may read them, a person without a role may not.
    permission=Permission.VIEW_PARK,
    dated=True,
    empty=gettext_lazy("No factor is kept by these filters."),
)

# --- Refrigerants -----------------------------------------------------------------------------------------------------


def _refrigerant_columns(ask: Ask) -> Sequence[Column]:
    return (
        Column("reference", _("Reference"), lambda r: r.reference, order_by=("reference",)),
        Column("on", _("On"), lambda r: r.happened_on, "date", ("happened_on",)),
        Column("refrigerant", _("Refrigerant"), lambda r: get_kind_name(key=r.refrigerant), order_by=("refrigerant",)),
        Column("kind", _("What was done"), lambda r: r.get_kind_display(), order_by=("kind",)),
        Column("mass", _("Mass (kg)"), lambda r: r.mass_kg, "number", ("mass_kg",)),
        Column("place", _("Place"), _place),
        Column("note", _("Note"), lambda r: r.note),
    )


def _refrigerant_filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter("q", _("Reference or note"), fields=("reference", "note"), main=True),
        Filter("kind", _("What was done"), "choices", ("kind",), RefrigerantEvent.Kind.choices, main=True),
        Filter(
            "refrigerant", _("Refrigerant"), "choices", ("refrigerant",), list(get_refrigerants().items()), main=True
        ),
        Filter("on", _("On"), "date", ("happened_on",), main=True),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _refrigerant_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext(
        "%(count)s entry: top-ups, and what retired machines held, less what was recovered, are the loss.",
        "%(count)s entries: top-ups, and what retired machines held, less what was recovered, are the loss.",
        count,
    )
    return _counted(count, text)


REFRIGERANTS = ListSpec(
    key="carbon.refrigerants",
    url_name="refrigerant_list",
    label=gettext_lazy("Refrigerant log"),
    columns=_refrigerant_columns,
    filters=_refrigerant_filters,
    rows=lambda ask: list_refrigerant_events(user=ask.user),
    related=("park", "building", "enterprise", "equipment"),
    default_sort=("-happened_on", "reference"),
    sentence=_refrigerant_sentence,
    empty=gettext_lazy("No entry is kept by these filters."),
)

# --- Green power ------------------------------------------------------------------------------------------------------


def _green_columns(ask: Ask) -> Sequence[Column]:
    return (
        Column("number", _("Number"), lambda r: r.number, order_by=("number",)),
        Column("kind", _("Kind"), lambda r: r.get_kind_display(), order_by=("kind",)),
        Column("quantity", "kWh", lambda r: r.quantity_kwh, "number", ("quantity_kwh",), 0, total="quantity_kwh"),
        Column("starts", _("From"), lambda r: r.starts_on, "date", ("starts_on",)),
        Column("ends", _("To"), lambda r: r.ends_on, "date", ("ends_on",)),
        Column("retired", _("Retired on"), lambda r: r.retired_on, "date", ("retired_on",)),
        Column(
            "counts", _("Counts"), lambda r: (_("yes"), "ok") if r.counts else (_("not retired yet"), "warn"), "badge"
        ),
        Column("holder", _("Covers"), lambda r: r.enterprise.name if r.enterprise else _("Whole park")),
        Column("issuer", _("Issuer or seller"), lambda r: r.issuer),
    )


def _green_filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter("q", _("Number or seller"), fields=("number", "issuer"), main=True),
        Filter("kind", _("Kind"), "choices", ("kind",), GreenPower.Kind.choices, main=True),
        Filter("starts", _("From"), "date", ("starts_on",), main=True),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _green_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s entry of %(kwh)s kWh.", "%(count)s entries of %(kwh)s kWh.", count)
    return text % {"count": formats.number(count, 0), "kwh": formats.number(totals["quantity"][0] or 0, 0)}


GREEN_POWER = ListSpec(
    key="carbon.green_power",
    url_name="green_power_list",
    label=gettext_lazy("Green power"),
    columns=_green_columns,
    filters=_green_filters,
    rows=lambda ask: list_green_power(user=ask.user),
    related=("park", "enterprise"),
    default_sort=("-starts_on", "number"),
    sentence=_green_sentence,
    empty=gettext_lazy("No entry is kept by these filters."),
)

LISTS = (ACTIVITIES, FACTORS, REFRIGERANTS, GREEN_POWER)
