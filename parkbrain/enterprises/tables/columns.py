"""Columns of the lists of enterprises, premises and occupancies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.calc.specfit import SpecFit
from parkbrain.kernel.names import localized, to_traditional
from parkbrain.space.models import Premises
from parkbrain.ui import formats
from parkbrain.ui.table import Column

from ..models import Enterprise, EnterpriseReturn, Occupancy
from ..queries import PremisesRow, industry_name


def enterprise_url(enterprise_id: int) -> str:
    """Return the page of an enterprise."""
    return reverse("enterprise_detail", args=[enterprise_id])


def premises_url(premises_id: int) -> str:
    """Return the page of premises."""
    return reverse("premises_detail", args=[premises_id])


def enterprise_columns() -> Sequence[Column]:
    """Return the columns of the list of enterprises."""
    return (
        Column(
            "name",
            _("Enterprise"),
            lambda r: (r.enterprise.name or r.enterprise.uscc, enterprise_url(r.enterprise.pk)),
            "link",
            ("name_zh_hans",),
        ),
        Column("uscc", _("Credit code"), lambda r: r.enterprise.uscc, order_by=("uscc",)),
        Column("industry", _("Industry"), lambda r: _industry(r.enterprise.industry_code), order_by=("industry_code",)),
        Column("size", _("Size"), lambda r: r.enterprise.get_size_class_display(), order_by=("size_class",)),
        Column("founded", _("Founded"), lambda r: r.enterprise.founded_on, "date", ("founded_on",)),
        Column("park", _("Park"), lambda r: r.park),
        Column("premises", _("Premises"), lambda r: ", ".join(r.premises)),
        Column("area", _("Area (m²)"), lambda r: r.area_m2, "area", decimals=0),
        Column("staff", _("Staff"), lambda r: r.staff_count, "integer"),
        Column("output", _("Output, 4 years"), lambda r: formats.spark(r.outputs_wan), "spark"),
        Column("listed", _("Listed"), lambda r: r.enterprise.is_listed, order_by=("is_listed",), hidden=True),
        Column(
            "headquarters",
            _("Headquarters"),
            lambda r: r.enterprise.is_headquarters,
            order_by=("is_headquarters",),
            hidden=True,
        ),
    )


def _industry(code: str) -> str:
    return f"{code} {industry_name(code=code)}" if code else ""


def premises_columns(*, on: date, sees_firms: bool) -> Sequence[Column]:
    """Return the columns of the list of premises; the firm only for those who may see firms somewhere."""
    columns = (
        Column("code", _("Premises"), lambda r: (r.premises.code, premises_url(r.premises.pk)), "link", ("code",)),
        Column(
            "building",
            _("Building"),
            lambda r: (
                r.premises.building.name or r.premises.building.code,
                reverse("building_detail", args=[r.premises.building_id]),
            ),
            "link",
            ("building__code", "code"),
        ),
        Column("use", _("Use"), lambda r: r.premises.get_use_display(), order_by=("use",)),
        Column(
            "area",
            _("Area (m²)"),
            lambda r: r.premises.billing_area_m2,
            "area",
            ("billing_area_m2",),
            total="billing_area_m2",
        ),
        Column("state", _("State"), _state_badge, "badge"),
        Column("enterprise", _("Enterprise"), _firm, "link"),
        Column("lease_ends", _("Lease ends"), lambda r: r.state.lease_ends_on, "date"),
        Column("vacant_days", _("Vacant (days)"), lambda r: _vacant_days(r, on), "integer"),
        *_technical_columns(),
    )
    return columns if sees_firms else tuple(c for c in columns if c.key not in {"enterprise", "lease_ends"})


def _technical_columns() -> Sequence[Column]:
    """Return what the premises can bear and supply, and what they are meant for."""
    return (
        Column("load", _("Load (kN/m²)"), lambda r: r.premises.floor_load_kn_m2, "number", ("floor_load_kn_m2",)),
        Column("height", _("Clear height (m)"), lambda r: r.premises.clear_height_m, "number", ("clear_height_m",)),
        Column(
            "power",
            _("Power (W/m²)"),
            lambda r: r.premises.power_density_w_m2,
            "number",
            ("power_density_w_m2",),
            hidden=True,
        ),
        Column(
            "lift", _("Lift (t)"), lambda r: r.premises.goods_lift_load_t, "number", ("goods_lift_load_t",), hidden=True
        ),
        Column(
            "fire",
            _("Fire class"),
            lambda r: r.premises.get_fire_class_display(),
            order_by=("fire_class",),
            hidden=True,
        ),
        Column("park", _("Park"), lambda r: r.premises.park.name, order_by=("park__code",), hidden=True),
        Column(
            "industry",
            _("Designated industry"),
            lambda r: _industry(r.premises.designated_industry),
            order_by=("designated_industry",),
            hidden=True,
        ),
        Column("lettable", _("Lettable"), lambda r: r.premises.lettable, order_by=("lettable",), hidden=True),
    )


def _state_badge(row: PremisesRow) -> tuple[str, str]:
    if row.state.is_let:
        return _("let"), "ok"
    return (_("vacant"), "warn") if row.state.lettable else (_("not to let"), "")


def _firm(row: PremisesRow) -> tuple[str, str] | None:
    if row.state.enterprise_id is None:
        return None
    return row.state.enterprise, enterprise_url(row.state.enterprise_id)


def _vacant_days(row: PremisesRow, on: date) -> int | str | None:
    if row.state.is_let or not row.state.lettable:
        return ""
    return None if row.state.vacant_since_on is None else max(0, (on - row.state.vacant_since_on).days)


def occupancy_columns(*, on: date) -> Sequence[Column]:
    """Return the columns of the list of occupancies."""
    return (
        Column(
            "premises",
            _("Premises"),
            lambda o: (o.premises.code, premises_url(o.premises_id)),
            "link",
            ("premises__code",),
        ),
        Column(
            "enterprise",
            _("Enterprise"),
            lambda o: (o.enterprise.name, enterprise_url(o.enterprise_id)),
            "link",
            ("enterprise__name_zh_hans",),
        ),
        Column("park", _("Park"), lambda o: o.premises.park.name, order_by=("premises__park__code",)),
        Column(
            "area",
            _("Area (m²)"),
            lambda o: o.premises.billing_area_m2,
            "area",
            ("premises__billing_area_m2",),
            total="premises__billing_area_m2",
        ),
        Column("starts_on", _("Moved in"), lambda o: o.starts_on, "date", ("starts_on",)),
        Column("ends_on", _("Moved out"), lambda o: o.ends_on, "date", ("ends_on",)),
        Column("lease", _("Lease"), lambda o: o.lease_number, order_by=("lease_number",)),
        Column("lease_ends_on", _("Lease ends"), lambda o: o.lease_ends_on, "date", ("lease_ends_on",)),
        Column("state", _("State"), lambda o: lease_badge(occupancy=o, on=on), "badge"),
        Column(
            "rent",
            _("Rent (yuan/m²·month)"),
            lambda o: o.rent_yuan_per_m2_month,
            "money",
            ("rent_yuan_per_m2_month",),
        ),
    )


def lease_badge(*, occupancy: Occupancy, on: date) -> tuple[str, str]:
    """Return the state of a stay and its lease on a day."""
    if occupancy.starts_on > on:
        return _("to come"), "info"
    if occupancy.ends_on is not None and occupancy.ends_on <= on:
        return _("moved out"), ""
    if occupancy.lease_ends_on is None:
        return _("here"), "ok"
    days = (occupancy.lease_ends_on - on).days
    if days < 0:
        return _("lease has ended"), "bad"
    if days <= 90:
        return _("lease ends in %(days)s days") % {"days": days}, "warn"
    return _("here"), "ok"


def products_of(enterprise: Enterprise) -> str:
    """Return the main products in the active language."""
    zh_hans = enterprise.products
    return localized(zh_hans=zh_hans, zh_hant=to_traditional(zh_hans), en=enterprise.products_en)


def return_columns() -> Sequence[Column]:
    """Return the columns of a firm's yearly returns."""

    def money(key: str, label: str) -> Column:
        return Column(key, label, attrgetter(key), "number", decimals=1)

    return (
        Column("year", _("Year"), lambda r: str(r.year)),
        Column("source", _("Source"), lambda r: EnterpriseReturn.Source(r.source).label),
        Column("staff_count", _("Staff"), lambda r: r.staff_count, "integer"),
        money("revenue_wan", _("Revenue")),
        money("output_wan", _("Output")),
        money("value_added_wan", _("Value added")),
        money("tax_wan", _("Tax")),
        money("rd_spend_wan", _("R&D")),
        money("assets_wan", _("Assets")),
    )


def specification(premises: Premises) -> list[tuple[str, str]]:
    """Return the technical properties of premises as labelled values; empty is unknown."""

    def quantity(value: float | None, unit: str) -> str:
        return "" if value is None else f"{formats.number(value)} {unit}"

    def yes_no(value: bool | None) -> str:
        return "" if value is None else _("yes") if value else _("no")

    return [
        (_("Floor load"), quantity(premises.floor_load_kn_m2, "kN/m²")),
        (_("Clear height"), quantity(premises.clear_height_m, "m")),
        (_("Power density"), quantity(premises.power_density_w_m2, "W/m²")),
        (_("Goods-lift load"), quantity(premises.goods_lift_load_t, "t")),
        (_("Process water"), yes_no(premises.has_water)),
        (_("Exhaust shaft"), yes_no(premises.has_exhaust)),
        (_("Gas"), yes_no(premises.has_gas)),
        (_("Fire class"), premises.get_fire_class_display()),
        (_("Vibration class"), premises.get_vibration_class_display()),
    ]


@dataclass(frozen=True)
class FitRow:
    """One demand of a space profile as the page prints it; `found` is empty where the property is unknown."""

    label: str
    needed: str
    found: str
    met: bool | None


def fit_rows(fit: SpecFit) -> list[FitRow]:
    """Return the demands of a profile with what the premises have."""
    labels = {
        "floor_load_kn_m2": (_("Floor load"), "kN/m²"),
        "clear_height_m": (_("Clear height"), "m"),
        "goods_lift_load_t": (_("Goods-lift load"), "t"),
        "power_density_w_m2": (_("Power density"), "W/m²"),
        "vibration_class": (_("Vibration class"), ""),
        "has_exhaust": (_("Exhaust shaft"), ""),
        "has_water": (_("Process water"), ""),
    }
    rows = []
    for reason in fit.reasons:
        label, unit = labels[reason.property]
        rows.append(FitRow(label, _shown(reason.needed, unit), _shown(reason.found, unit), reason.met))
    return rows


def _shown(value: float | str | bool | None, unit: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return value if isinstance(value, str) else f"{formats.number(value)} {unit}"
