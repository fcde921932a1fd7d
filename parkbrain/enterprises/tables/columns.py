"""Columns of the lists of enterprises, premises and occupancies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from operator import attrgetter

from django.utils.translation import gettext as _

from parkbrain.calc.specfit import SpecFit
from parkbrain.kernel.names import localized, namer, to_traditional
from parkbrain.space.models import Premises
from parkbrain.ui import formats
from parkbrain.ui.table import Column, address_of, words_of

from ..models import Enterprise, EnterpriseReturn, Occupancy
from ..queries import PremisesRow, industry_name


def enterprise_columns() -> Sequence[Column]:
    """Return the columns of the list of enterprises."""
    url, name = address_of("enterprise_detail"), namer()
    industry, sizes = _industries(), words_of(Enterprise.SizeClass.choices)
    return (
        Column(
            "name",
            _("Enterprise"),
            lambda r: (name(r.enterprise) or r.enterprise.uscc, url(r.enterprise.pk)),
            "link",
            ("name_zh_hans",),
        ),
        Column("uscc", _("Credit code"), lambda r: r.enterprise.uscc, order_by=("uscc",)),
        Column("industry", _("Industry"), lambda r: industry(r.enterprise.industry_code), order_by=("industry_code",)),
        Column("size", _("Size"), lambda r: sizes[r.enterprise.size_class], order_by=("size_class",)),
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


def _industries() -> Callable[[str], str]:
    """Return what names an industry; each code is looked up once for all rows."""
    return cache(lambda code: f"{code} {industry_name(code=code)}" if code else "")


def premises_columns(*, on: date, sees_firms: bool) -> Sequence[Column]:
    """Return the columns of the list of premises; the firm only for those who may see firms somewhere."""
    premises, building = address_of("premises_detail"), address_of("building_detail")
    uses, name = words_of(Premises.Use.choices), namer()
    columns = (
        Column("code", _("Premises"), lambda r: (r.premises.code, premises(r.premises.pk)), "link", ("code",)),
        Column(
            "building",
            _("Building"),
            lambda r: (
                name(r.premises.building) or r.premises.building.code,
                building(r.premises.building_id),
            ),
            "link",
            ("building__code", "code"),
        ),
        Column("use", _("Use"), lambda r: uses[r.premises.use], order_by=("use",)),
        Column(
            "area",
            _("Area (m²)"),
            lambda r: r.premises.billing_area_m2,
            "area",
            ("billing_area_m2",),
            total="billing_area_m2",
        ),
        Column("state", _("State"), _state_badges(), "badge"),
        Column("enterprise", _("Enterprise"), _firms(), "link"),
        Column("lease_ends", _("Lease ends"), lambda r: r.state.lease_ends_on, "date"),
        Column("vacant_days", _("Vacant (days)"), lambda r: _vacant_days(r, on), "integer"),
        *_technical_columns(),
    )
    return columns if sees_firms else tuple(c for c in columns if c.key not in {"enterprise", "lease_ends"})


def _technical_columns() -> Sequence[Column]:
    """Return what the premises can bear and supply, and what they are meant for."""
    industry, fire_classes, name = _industries(), words_of(Premises.FireClass.choices), namer()
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
            lambda r: fire_classes[r.premises.fire_class],
            order_by=("fire_class",),
            hidden=True,
        ),
        Column("park", _("Park"), lambda r: name(r.premises.park), order_by=("park__code",), hidden=True),
        Column(
            "industry",
            _("Designated industry"),
            lambda r: industry(r.premises.designated_industry),
            order_by=("designated_industry",),
            hidden=True,
        ),
        Column("lettable", _("Lettable"), lambda r: r.premises.lettable, order_by=("lettable",), hidden=True),
    )


def _state_badges() -> Callable[[PremisesRow], tuple[str, str]]:
    let, vacant, not_to_let = (_("let"), "ok"), (_("vacant"), "warn"), (_("not to let"), "")
    return lambda row: let if row.state.is_let else vacant if row.state.lettable else not_to_let


def _firms() -> Callable[[PremisesRow], tuple[str, str] | None]:
    url = address_of("enterprise_detail")

    def firm(row: PremisesRow) -> tuple[str, str] | None:
        if row.state.enterprise_id is None:
            return None
        return row.state.enterprise, url(row.state.enterprise_id)

    return firm


def _vacant_days(row: PremisesRow, on: date) -> int | str | None:
    if row.state.is_let or not row.state.lettable:
        return ""
    return None if row.state.vacant_since_on is None else max(0, (on - row.state.vacant_since_on).days)


def occupancy_columns(*, on: date) -> Sequence[Column]:
    """Return the columns of the list of occupancies."""
    premises, enterprise, badge = address_of("premises_detail"), address_of("enterprise_detail"), _lease_badges(on)
    name = namer()
    return (
        Column(
            "premises",
            _("Premises"),
            lambda o: (o.premises.code, premises(o.premises_id)),
            "link",
            ("premises__code",),
        ),
        Column(
            "enterprise",
            _("Enterprise"),
            lambda o: (name(o.enterprise), enterprise(o.enterprise_id)),
            "link",
            ("enterprise__name_zh_hans",),
        ),
        Column("park", _("Park"), lambda o: name(o.premises.park), order_by=("premises__park__code",)),
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
        Column("state", _("State"), badge, "badge"),
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
    return _lease_badges(on)(occupancy)


def _lease_badges(on: date) -> Callable[[Occupancy], tuple[str, str]]:
    """Return what gives the state of a stay and its lease on a day; the words are looked up once for all rows."""
    to_come, moved_out, here = (_("to come"), "info"), (_("moved out"), ""), (_("here"), "ok")
    has_ended, ends = (_("lease has ended"), "bad"), _("lease ends in %(days)s days")

    def badge(stay: Occupancy) -> tuple[str, str]:
        if stay.starts_on > on:
            return to_come
        if stay.ends_on is not None and stay.ends_on <= on:
            return moved_out
        if stay.lease_ends_on is None:
            return here
        days = (stay.lease_ends_on - on).days
        if days < 0:
            return has_ended
        return (ends % {"days": days}, "warn") if days <= 90 else here

    return badge


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
