"""The list of leads and the rent roll: what they may be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, FloatField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.enterprises.models import Occupancy
from parkbrain.kernel.names import search_q
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import masked_value
from parkbrain.lists import Ask, ListSpec, park_filter
from parkbrain.space.models import Premises
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from ..models import Lead
from ..queries import SOON_DAYS, LeadRow, lead_rows, list_leads, list_roll

STAGE_TONES = {Lead.Stage.SIGNED: "ok", Lead.Stage.LOST: "", Lead.Stage.NEGOTIATING: "warn", Lead.Stage.NEW: "info"}


def stage_badge(lead: Lead) -> tuple[str, str]:
    """Return the stage of a lead as a badge."""
    return str(lead.get_stage_display()), STAGE_TONES.get(Lead.Stage(lead.stage), "info")


def _lead_columns(ask: Ask) -> Sequence[Column]:
    return (
        Column(
            "number",
            _("Lead"),
            lambda r: (r.lead.number, reverse("lead_detail", args=[r.lead.pk])),
            "link",
            ("number",),
        ),
        Column("company", _("Company"), lambda r: r.lead.company_name, order_by=("company_name",)),
        Column("stage", _("Stage"), lambda r: stage_badge(r.lead), "badge", ("stage",)),
        Column("since", _("Since"), lambda r: r.since_on, "date"),
        Column("industry", _("Industry"), lambda r: r.industry, order_by=("industry_code",)),
        Column("area_from", _("Area from (m²)"), lambda r: _need(r, "area_from_m2"), "area", ("need__area_from_m2",)),
        Column(
            "area_to", _("Area to (m²)"), lambda r: _need(r, "area_to_m2"), "area", ("need__area_to_m2",), hidden=True
        ),
        Column("budget", _("Budget (yuan/m²·month)"), lambda r: _need(r, "budget_yuan_per_m2_month"), "money"),
        Column("move_in", _("Moves in on"), lambda r: _need(r, "move_in_on"), "date", ("need__move_in_on",)),
        Column("next", _("Next step"), lambda r: r.lead.next_step),
        Column("next_on", _("Next step on"), lambda r: r.lead.next_step_on, "date", ("next_step_on",)),
        Column("source", _("Source"), lambda r: r.lead.get_source_display(), order_by=("source",), hidden=True),
        Column("owner", _("Person in charge"), lambda r: r.lead.owner.full_name if r.lead.owner else "", hidden=True),
        Column("contact", _("Contact person"), lambda r: r.lead.contact_name, hidden=True),
        Column("phone", _("Telephone"), lambda r: _masked(r, "contact_phone", ask), hidden=True),
        Column("email", _("E-mail"), lambda r: _masked(r, "contact_email", ask), hidden=True),
        Column("received", _("Received on"), lambda r: r.lead.received_on, "date", ("received_on",), hidden=True),
        Column("lost", _("Reason of the loss"), lambda r: r.lead.get_lost_reason_display(), hidden=True),
        Column("park", _("Park"), lambda r: r.lead.park.name, hidden=True),
    )


def _need(row: LeadRow, field: str) -> Any:
    need = getattr(row.lead, "need", None)
    return getattr(need, field) if need is not None else None


def _masked(row: LeadRow, field: str, ask: Ask) -> str:
    return masked_value(row.lead, field, user=ask.user, path=row.lead.park.branch.path)


def _lead_filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter("q", _("Company, number or contact"), keep=lambda rows, text: rows.filter(search_q(text)), main=True),
        Filter("stage", _("Stage"), "choices", ("stage",), Lead.Stage.choices, main=True),
        Filter("source", _("Source"), "choices", ("source",), Lead.Source.choices, main=True),
        Filter("industry", _("Industry code begins with"), keep=_by_industry),
        Filter("lost", _("Reason of the loss"), "choices", ("lost_reason",), Lead.LostReason.choices),
        Filter("received", _("Received on"), "date", ("received_on",)),
        Filter("next", _("Next step on"), "date", ("next_step_on",)),
        Filter("area", _("Area from"), "number", ("need__area_from_m2",), unit="m²"),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _by_industry(rows: Any, text: str) -> Any:
    return rows.filter(industry_code__startswith=text.strip().upper())


def _lead_sentence(count: int, totals: Mapping[str, Any]) -> str:
    return ngettext("%(count)s lead.", "%(count)s leads.", count) % {"count": formats.number(count, 0)}


LEADS = ListSpec(
    key="leasing.leads",
    url_name="lead_list",
    label=gettext_lazy("Leads"),
    columns=_lead_columns,
    filters=_lead_filters,
    rows=lambda ask: list_leads(user=ask.user),
    related=("park", "park__branch", "need", "owner"),
    defer=("search_text",),
    default_sort=("-received_on", "-number"),
    sentence=_lead_sentence,
    prepare=lambda rows, ask: lead_rows(leads=rows),
    permission=Permission.VIEW_MONEY,
    empty=gettext_lazy("No lead is kept by these filters."),
)


def _roll_columns(ask: Ask) -> Sequence[Column]:
    return (
        Column(
            "premises",
            _("Premises"),
            lambda o: (o.premises.code, reverse("premises_detail", args=[o.premises_id])),
            "link",
            ("premises__code",),
        ),
        Column("building", _("Building"), lambda o: o.premises.building.name or o.premises.building.code, hidden=True),
        Column("use", _("Use"), lambda o: o.premises.get_use_display(), order_by=("premises__use",)),
        Column("firm", _("Enterprise"), lambda o: o.enterprise.name, order_by=("enterprise__name_zh_hans",)),
        Column("lease", _("Lease number"), lambda o: o.lease_number, order_by=("lease_number",)),
        Column(
            "area",
            _("Area (m²)"),
            lambda o: o.premises.billing_area_m2,
            "area",
            ("premises__billing_area_m2",),
            total="premises__billing_area_m2",
        ),
        Column(
            "rent",
            _("Rent (yuan/m²·month)"),
            lambda o: o.rent_yuan_per_m2_month,
            "money",
            ("rent_yuan_per_m2_month",),
            decimals=2,
        ),
        Column("month", _("Rent of a month (yuan)"), _month_rent, "money", ("rent_month",), total="rent_month"),
        Column("since", _("Moved in"), lambda o: o.starts_on, "date", ("starts_on",)),
        Column("ends", _("Lease ends"), lambda o: o.lease_ends_on, "date", ("lease_ends_on",)),
        Column("standing", _("State"), lambda o: _ending_badge(o, ask), "badge"),
        Column("park", _("Park"), lambda o: o.premises.park.name, hidden=True),
    )


def _month_rent(stay: Occupancy) -> Any:
    if stay.rent_yuan_per_m2_month is None:
        return None
    return float(stay.rent_yuan_per_m2_month) * stay.premises.billing_area_m2


def _ending_badge(stay: Occupancy, ask: Ask) -> tuple[str, str]:
    if stay.ends_on is not None:
        return _("under notice"), "warn"
    if stay.lease_ends_on is None:
        return _("no end known"), ""
    days = (stay.lease_ends_on - ask.on).days
    if days <= 0:
        return _("lease has ended"), "bad"
    return (_("ends within %(days)s days") % {"days": SOON_DAYS}, "warn") if days <= SOON_DAYS else (_("let"), "ok")


def _roll_filters(ask: Ask) -> Sequence[Filter]:
    return (
        Filter("q", _("Premises or lease number"), fields=("premises__code", "lease_number"), main=True),
        Filter("use", _("Use"), "choices", ("premises__use",), Premises.Use.choices, main=True),
        Filter("ends", _("Lease ends"), "date", ("lease_ends_on",), main=True),
        Filter("rent", _("Rent"), "number", ("rent_yuan_per_m2_month",), unit=_("yuan/m²·month")),
        Filter("area", _("Area"), "number", ("premises__billing_area_m2",), unit="m²"),
        park_filter(ask.user, lambda rows, park: rows.filter(premises__park=park)),
    )


def _roll_rows(ask: Ask) -> Any:
    rent = Cast(F("rent_yuan_per_m2_month"), FloatField()) * F("premises__billing_area_m2")
    return list_roll(user=ask.user, on=ask.on).annotate(rent_month=rent)


def _roll_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext(
        "%(count)s premises are let: %(area)s m², %(rent)s yuan a month.",
        "%(count)s premises are let: %(area)s m², %(rent)s yuan a month.",
        count,
    )
    area, rent = (formats.number(totals[key][0] or 0, 0) for key in ("area", "month"))
    return text % {"count": formats.number(count, 0), "area": area, "rent": rent}


RENT_ROLL = ListSpec(
    key="leasing.roll",
    url_name="rent_roll",
    label=gettext_lazy("Rent roll"),
    columns=_roll_columns,
    filters=_roll_filters,
    rows=_roll_rows,
    related=("premises", "premises__building", "premises__park", "enterprise"),
    default_sort=("premises__park_id", "premises__code"),
    sentence=_roll_sentence,
    permission=Permission.VIEW_MONEY,
    dated=True,
    empty=gettext_lazy("Nothing is let by these filters."),
)
