"""What of leads needs a person on a day, and what the search over everything finds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.names import best_first, search_q
from parkbrain.kernel.reading import first_found
from parkbrain.kernel.registry import Attention, SearchHit
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import masked_value
from parkbrain.space.models import Premises

from ..models import Lead, Quote, Visit
from .leads import list_leads

#: Quotes that run out within so many days are said.
QUOTE_DAYS = 7


def list_lead_attention(*, user: User, park: Park, on: date) -> list[Attention]:
    """Return next steps that are due, visits of the day and quotes about to run out, for who works on leads."""
    if not user.may(Permission.MANAGE_LEASES, park.branch.path):
        return []
    return [*_steps(park, on), *_visits(park, on), *_quotes(park, on)]


def _steps(park: Park, on: date) -> list[Attention]:
    due = Lead.objects.filter(park=park, next_step_on__lte=on).open().order_by("next_step_on", "pk")
    return [
        Attention(
            title=_("Next step due: %(name)s") % {"name": lead},
            detail=lead.next_step,
            url=reverse("lead_detail", args=[lead.pk]),
            due_on=lead.next_step_on,
            tone="bad" if lead.next_step_on and lead.next_step_on < on else "warn",
            weight=4.0,
        )
        for lead in due.defer("search_text")
    ]


def _visits(park: Park, on: date) -> list[Attention]:
    visits = Visit.objects.filter(lead__park=park, state=Visit.State.PLANNED, visit_on__lte=on).select_related("lead")
    return [
        Attention(
            title=(_("Visit today: %(name)s") if v.visit_on == on else _("What became of the visit: %(name)s"))
            % {"name": v.lead},
            detail=v.note,
            url=reverse("lead_detail", args=[v.lead_id]),
            due_on=v.visit_on,
            tone="warn",
            weight=6.0,
        )
        for v in visits.order_by("visit_on", "pk")
    ]


def _quotes(park: Park, on: date) -> list[Attention]:
    end = on + timedelta(days=QUOTE_DAYS)
    open_ones = Quote.objects.filter(
        lead__park=park, state=Quote.State.OFFERED, valid_to_on__gt=on, valid_to_on__lte=end
    ).exclude(lead__stage__in=Lead.CLOSED)
    return [
        Attention(
            title=_("Quote runs out: %(name)s") % {"name": quote.lead},
            detail=_("version %(version)s") % {"version": quote.version},
            url=reverse("lead_detail", args=[quote.lead_id]),
            due_on=quote.valid_to_on,
            tone="warn",
            weight=5.0,
        )
        for quote in open_ones.select_related("lead").order_by("valid_to_on", "pk")
    ]


def find_lead_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the leads whose company, number or contact holds the text."""
    found = first_found(list_leads(user=user).filter(search_q(text)).order_by(best_first(text), "pk"), limit=limit)
    hits = []
    for lead in found.select_related("park__branch"):
        phone = masked_value(lead, "contact_phone", user=user, path=lead.park.branch.path)
        detail = " · ".join(part for part in (lead.get_stage_display(), lead.contact_name, phone) if part)
        hits.append(SearchHit(_("Lead"), str(lead), reverse("lead_detail", args=[lead.pk]), detail))
    return hits


def get_offer_panel(*, user: User, premises: Premises) -> dict[str, Any] | None:
    """Return the offers that premises are, or were, in; nothing for a person who does not see the park's money."""
    if not user.may(Permission.VIEW_MONEY, premises.park.branch.path):
        return None
    quotes = Quote.objects.filter(premises__premises=premises).exclude(state=Quote.State.REPLACED)
    return {"quotes": quotes.select_related("lead").order_by("-offered_on", "-pk")[:8], "premises": premises}
