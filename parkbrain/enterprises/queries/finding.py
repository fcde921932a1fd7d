"""What the search over everything and the list of what needs a person find here."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.calc.intervals import period_of
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import best_first
from parkbrain.kernel.reading import first_found
from parkbrain.kernel.registry import Attention, SearchHit
from parkbrain.kernel.roles import Permission

from .lists import EnterpriseFilter, list_certificate_ends, list_enterprises, list_lease_ends
from .vacancy import list_vacancy_spells
from .viewing import visible_premises

LONG_VACANT_DAYS = 180


def find_enterprise_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the enterprises whose name, products or credit code hold the text."""
    found = list_enterprises(user=user, chosen=EnterpriseFilter(text=text), on=date.max)
    shown = first_found(found.order_by(best_first(text), "uscc"), limit=limit).defer("search_text")
    return [SearchHit(_("Enterprise"), e.name, reverse("enterprise_detail", args=[e.pk]), e.uscc) for e in shown]


def find_premises_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the premises whose code holds the text."""
    found = visible_premises(user=user).filter(code__icontains=text).order_by("code", "pk")
    shown = first_found(found, limit=limit).select_related("park")
    return [SearchHit(_("Premises"), p.code, reverse("premises_detail", args=[p.pk]), p.park.name) for p in shown]


def list_lease_attention(*, user: User, park: Park, on: date) -> list[Attention]:
    """Return the current leases of a park that have ended or end within 90 days."""
    items = []
    for stay in list_lease_ends(user=user, park=park, on=on):
        values = {"enterprise": stay.enterprise.name, "premises": stay.premises.code}
        over = stay.lease_ends_on is not None and stay.lease_ends_on < on
        items.append(
            Attention(
                title=(_("The lease of %(enterprise)s has ended") if over else _("The lease of %(enterprise)s ends"))
                % values,
                detail=stay.premises.code,
                url=reverse("premises_detail", args=[stay.premises_id]),
                due_on=stay.lease_ends_on,
                tone="bad" if over else "warn",
                weight=stay.premises.billing_area_m2,
            )
        )
    return items


def list_certificate_attention(*, user: User, park: Park, on: date) -> list[Attention]:
    """Return the tenants' certificates that expire within 90 days, or have expired and were not renewed."""
    items = []
    for certificate in list_certificate_ends(user=user, park=park, on=on):
        values = {"enterprise": certificate.enterprise.name, "kind": certificate.get_kind_display()}
        over = certificate.valid_to_on is not None and certificate.valid_to_on <= on
        items.append(
            Attention(
                title=(_("%(kind)s of %(enterprise)s has expired") if over else _("%(kind)s of %(enterprise)s expires"))
                % values,
                detail=certificate.number,
                url=reverse("enterprise_detail", args=[certificate.enterprise_id]),
                due_on=certificate.valid_to_on,
                tone="bad" if over else "warn",
            )
        )
    return items


def list_vacancy_attention(*, user: User, park: Park, on: date) -> list[Attention]:
    """Return the lettable premises of a park that have been vacant for more than 180 days."""
    if not user.may(Permission.EDIT_RECORD, park.branch.path):
        return []
    items = []
    for spell in list_vacancy_spells(park_ids=[park.pk], period=period_of("as_of", on)):
        if not spell.is_vacant or spell.days is None or spell.days <= LONG_VACANT_DAYS:
            continue
        values = {"premises": spell.premises_code, "days": spell.days}
        items.append(
            Attention(
                title=_("%(premises)s has been vacant for %(days)s days") % values,
                detail=f"{spell.area_m2:,.0f} m²",
                url=reverse("premises_detail", args=[spell.premises_id]),
                tone="warn",
                weight=spell.area_m2,
            )
        )
    return items
