"""The list of meters: what it may be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel.roles import Permission
from parkbrain.lists import Ask, ListSpec, park_filter
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from .models import EnergyKind, EnergyTariff, Meter, StatementLine
from .queries import MeterRow, item_label, list_meters, meter_rows, meters_in_state, meters_overdue


def state_badge(row: MeterRow) -> tuple[str, str]:
    """Return how complete a meter's recent time is."""
    return {
        "online": (_("complete"), "ok"),
        "patchy": (_("with gaps"), "warn"),
        "silent": (_("silent"), "bad"),
    }[row.state]


def meter_columns(ask: Ask) -> Sequence[Column]:
    """Return the columns of the list of meters."""
    return (
        Column(
            "code", _("Meter"), lambda r: (r.meter.code, reverse("meter_detail", args=[r.meter.pk])), "link", ("code",)
        ),
        Column("name", _("Name"), lambda r: r.meter.name, order_by=("name_zh_hans",)),
        Column("kind", _("Energy kind"), lambda r: r.meter.get_energy_kind_display(), order_by=("energy_kind",)),
        Column("level", _("Level"), lambda r: r.meter.get_level_display(), order_by=("level",)),
        Column("use", _("Use, 30 days"), lambda r: r.recent.use, "number", decimals=0),
        Column("unit", _("Unit"), lambda r: r.meter.unit_label),
        Column("measured", _("Measured"), lambda r: r.recent.measured, "percent", decimals=0),
        Column("state", _("State"), state_badge, "badge"),
        Column("trend", _("Two weeks"), lambda r: formats.spark(r.spark), "spark"),
        Column(
            "parent",
            _("Below"),
            lambda r: (r.parent.code, reverse("meter_detail", args=[r.parent.pk])) if r.parent else None,
            "link",
        ),
        Column("serves", _("Serves"), lambda r: r.serves),
        Column("due", _("Calibration due"), lambda r: r.meter.calibration_due_on, "date", ("calibration_due_on",)),
        Column(
            "accuracy", _("Accuracy class"), lambda r: r.meter.accuracy_class, order_by=("accuracy_class",), hidden=True
        ),
        Column("serial", _("Serial number"), lambda r: r.meter.serial_number, order_by=("serial_number",), hidden=True),
        Column("park", _("Park"), lambda r: r.meter.park.name, order_by=("park__code",), hidden=True),
    )


def _filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter(
            "q",
            _("Code, name or serial number"),
            fields=("code", "name_zh_hans", "name_en", "serial_number"),
            main=True,
        ),
        Filter("kind", _("Energy kind"), "choices", ("energy_kind",), EnergyKind.choices, main=True),
        Filter(
            "level", _("Level"), "choices", ("level",), [(str(v), label) for v, label in Meter.Level.choices], main=True
        ),
        Filter(
            "state",
            _("State"),
            "choice",
            choices=[("sending", _("Sends")), ("silent", _("Silent")), ("virtual", _("Follows from a formula"))],
            keep=lambda rows, state: meters_in_state(rows=rows, state=state, on=ask.on),
            main=True,
        ),
        Filter(
            "calibration",
            _("Calibration"),
            "choice",
            choices=[("overdue", _("None that holds"))],
            keep=lambda rows, _chosen: meters_overdue(rows=rows, on=ask.on),
        ),
        Filter("due", _("Calibration due"), "date", ("calibration_due_on",)),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _sentence(count: int, totals: Mapping[str, Any]) -> str:
    return ngettext("%(count)s meter.", "%(count)s meters.", count) % {"count": formats.number(count, 0)}


@dataclass(frozen=True)
class BillRow:
    """A line of a month with its charges in words."""

    line: StatementLine
    charges: tuple[str, ...]


def bill_rows(lines: Iterable[StatementLine]) -> list[BillRow]:
    """Return the lines of a month as the page prints them."""
    return [
        BillRow(
            line,
            tuple(f"{item_label(item=c['item'])} {c['quantity']} × {c['price']} = {c['amount']}" for c in line.charges),
        )
        for line in lines
    ]


def tariff_words(tariff: EnergyTariff) -> str:
    """Return the prices of a tariff in a line."""
    rates = tariff.rates
    found = [rates["price"]] if "price" in rates else []
    found += [f"{item_label(item=band)} {price}" for band, price in rates.get("prices", {}).items()]
    found += [f"≤ {t['up_to']}: {t['price']}" if "up_to" in t else t["price"] for t in rates.get("tiers", ())]
    if "demand" in rates:
        found.append(f"{item_label(item='demand')} {rates['demand']['price_per_kw']}")
    return " · ".join(found)


METERS = ListSpec(
    key="energy.meters",
    url_name="meter_list",
    label=gettext_lazy("Meters"),
    columns=meter_columns,
    filters=_filters,
    rows=lambda ask: list_meters(user=ask.user, on=ask.on),
    related=("park",),
    default_sort=("park_id", "energy_kind", "level", "code"),
    sentence=_sentence,
    prepare=lambda rows, ask: meter_rows(meters=rows, on=ask.on),
    permission=Permission.VIEW_TELEMETRY,
    dated=True,
    empty=gettext_lazy("No meter is kept by these filters."),
)


def audit_columns() -> Sequence[Column]:
    """Return the columns of the metering audit as a file: a kind and level a row."""
    return (
        Column("kind", _("Energy kind"), lambda x: x.kind_label),
        Column("level", _("Level"), lambda x: x.level_label),
        Column("needed", _("Places"), lambda x: x.provision.needed, "number"),
        Column("fitted", _("Metered"), lambda x: x.provision.fitted, "number"),
        Column("rate", _("Rate (%)"), lambda x: x.provision.rate, "number"),
        Column("wanted", _("Wanted (%)"), lambda x: x.provision.wanted_rate, "number"),
        Column("met", _("Met"), lambda x: x.provision.is_met),
        Column("inaccurate", _("Not accurate enough"), lambda x: x.inaccurate, "number"),
        Column("missing", _("Without a meter"), lambda x: " ".join(str(n.need) for n in x.needs if not n.is_fitted)),
    )


LISTS = (METERS,)
