"""The list of leases, and the schedule of one as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel.roles import Permission
from parkbrain.lists import Ask, ListSpec, park_filter
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from ..models import Clause, Lease
from ..queries import DueLine, explain_line, let_areas, list_leases, list_let_buildings

TONES = {
    Lease.State.DRAFT: "",
    Lease.State.APPROVED: "info",
    Lease.State.SIGNED: "accent",
    Lease.State.ACTIVE: "ok",
    Lease.State.ENDED: "",
}


@dataclass(frozen=True)
class LeaseRow:
    """A lease with what is worked out for its row."""

    lease: Lease
    area_m2: Decimal | None
    days_left: int | None


def state_badge(lease: Lease) -> tuple[str, str]:
    """Return the state as a badge."""
    return str(lease.get_state_display()), TONES[Lease.State(lease.state)]


def lease_columns() -> Sequence[Column]:
    """Return the columns of the list of leases."""
    return (
        Column(
            "number",
            _("Lease"),
            lambda r: (r.lease.number, reverse("lease_detail", args=[r.lease.pk])),
            "link",
            ("number",),
        ),
        Column(
            "firm",
            _("Enterprise"),
            lambda r: (r.lease.enterprise.name, reverse("enterprise_detail", args=[r.lease.enterprise_id])),
            "link",
        ),
        Column("state", _("State"), lambda r: state_badge(r.lease), "badge", ("state",)),
        Column("starts", _("Starts on"), lambda r: r.lease.starts_on, "date", ("starts_on",)),
        Column("stops", _("Stops on"), lambda r: r.lease.stops_on, "date", ("stop_on",)),
        Column("left", _("Days left"), lambda r: "" if r.days_left is None else formats.number(r.days_left, 0)),
        Column("area", _("Area of the lease (m²)"), lambda r: r.area_m2, "area"),
        Column("signed", _("Signed on"), lambda r: r.lease.signed_on, "date", ("signed_on",), hidden=True),
        Column("remark", _("Remark"), lambda r: r.lease.remark, hidden=True),
    )


def _filters(ask: Ask) -> Sequence[Filter]:
    buildings = list_let_buildings(user=ask.user)
    return (
        Filter("q", _("Number or enterprise"), fields=("number", "enterprise__search_text"), main=True),
        Filter("state", _("State"), "choices", ("state",), Lease.State.choices, main=True),
        Filter(
            "within",
            _("Ends within"),
            "choice",
            choices=[(str(n), _("%(count)s days") % {"count": n}) for n in (30, 90, 180, 365)],
            keep=lambda rows, chosen: _ending(rows, ask.on, int(chosen)),
            main=True,
        ),
        Filter(
            "clause",
            _("With clause"),
            "choice",
            choices=Clause.Kind.choices,
            keep=lambda rows, kind: rows.filter(
                pk__in=Clause.objects.filter(kind=kind).exclude(version__state="UNDONE").values("version__lease")
            ),
            main=True,
        ),
        Filter(
            "building",
            _("Building"),
            "choice",
            choices=[(str(b.pk), b.name or b.code) for b in buildings],
            keep=lambda rows, pk: rows.filter(lets__premises__building=int(pk)).distinct() if pk.isdigit() else rows,
        ),
        Filter("stops", _("Stops on"), "date", ("stop_on",)),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _ending(rows: Any, on: date, days: int) -> Any:
    live = rows.filter(state__in=(Lease.State.SIGNED, Lease.State.ACTIVE))
    return live.filter(stop_on__gt=on, stop_on__lte=on + timedelta(days=days))


def _prepare(rows: Sequence[Lease], ask: Ask) -> list[LeaseRow]:
    areas = let_areas(leases=list(rows))
    return [LeaseRow(x, areas.get(x.pk), _left(x, ask.on)) for x in rows]


def _left(lease: Lease, on: date) -> int | None:
    runs = lease.is_binding and lease.starts_on <= on < lease.stops_on
    return (lease.stops_on - on).days if runs else None


def _sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s lease.", "%(count)s leases.", count)
    return text % {"count": formats.number(count, 0)}


LEASES = ListSpec(
    key="leasing.leases",
    url_name="lease_list",
    label=gettext_lazy("Leases"),
    columns=lambda ask: lease_columns(),
    filters=_filters,
    rows=lambda ask: list_leases(user=ask.user),
    readers=(Permission.VIEW_MONEY, Permission.VIEW_OWN_ENTERPRISE),
    related=("enterprise", "park"),
    default_sort=("park_id", "number"),
    sentence=_sentence,
    prepare=_prepare,
    dated=True,
    empty=gettext_lazy("No leases are kept by these filters."),
)


def schedule_columns(*, kind_name: Any) -> Sequence[Column]:
    """Return the columns of a schedule as a file: every line with its explanation."""
    return (
        Column("kind", _("Kind"), lambda x: kind_name(x.kind)),
        Column("place", _("Premises"), lambda x: x.place),
        Column("starts", _("From"), lambda x: x.starts_on, "date"),
        Column("ends", _("To"), lambda x: x.ends_on, "date"),
        Column("due", _("Due on"), lambda x: x.due_on, "date"),
        Column("area", _("Area"), lambda x: x.area_m2, "number", unit="m²"),
        Column("price", _("Unit price (yuan)"), lambda x: x.unit_price, "number", decimals=4),
        Column("net", _("Net (yuan)"), lambda x: x.net_yuan, "number", decimals=2),
        Column("tax", _("Tax (yuan)"), lambda x: x.tax_yuan, "number", decimals=2),
        Column("gross", _("Gross (yuan)"), lambda x: x.gross_yuan, "number", decimals=2),
        Column("why", _("Explanation"), lambda x: " ".join(text for text, _ref in explain_line(line=x))),
    )


def due_columns(*, kind_name: Any) -> Sequence[Column]:
    """Return the columns of what many leases owe, as a file: the lease and its firm before each line."""
    of_line = schedule_columns(kind_name=kind_name)
    return (
        Column("lease", _("Lease"), lambda x: x.lease.number),
        Column("firm", _("Enterprise"), lambda x: x.lease.enterprise.name),
        *(replace(column, value=_of_line(column.value)) for column in of_line),
    )


def _of_line(value: Callable[[Any], Any]) -> Callable[[DueLine], Any]:
    return lambda row: value(row.line)
