"""Visits and quotes: what a lead is shown and offered, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.calc.leases import add_months
from parkbrain.kernel import audit
from parkbrain.kernel.models import User
from parkbrain.space.models import Premises

from ..models import Lead, Let, Quote, QuotePremises, Visit
from .leads import CannotChangeLead, advance_lead, locked_lead
from .reserving import find_reservation, reserved_message

State = Quote.State


@transaction.atomic
def plan_visit(
    *,
    lead: Lead,
    visit_on: date,
    premises: Sequence[Premises],
    actor: User | None,
    at: datetime,
    guide: User | None = None,
    note: str = "",
) -> Visit:
    """Plan a visit of a lead to premises of its park.

    :raises CannotChangeLead: the lead is closed, premises lie in another park, or the actor may not.
    """
    lead = _open_lead(lead, actor)
    _check_own(lead, premises)
    visit = Visit.objects.create(lead=lead, visit_on=visit_on, guide=guide, note=note)
    visit.premises.set(premises)
    audit.record(
        "leasing.visit.planned", target=lead, actor=actor, at=at, park=lead.park, visit_on=visit_on.isoformat()
    )
    return visit


@transaction.atomic
def close_visit(*, visit: Visit, done: bool, actor: User | None, at: datetime, note: str = "") -> Visit:
    """Say that a planned visit took place, or was called off; a lead that came to see is visited.

    :raises CannotChangeLead: it is closed already, it lies ahead, or the actor may not.
    """
    lead = locked_lead(lead=visit.lead, actor=actor)
    visit = Visit.objects.select_for_update().get(pk=visit.pk)
    if visit.state != Visit.State.PLANNED:
        raise CannotChangeLead(_("What became of this visit is recorded already."))
    if done and visit.visit_on > timezone.localdate(at):
        raise CannotChangeLead(_("This visit lies ahead."))
    visit.state = Visit.State.DONE if done else Visit.State.CANCELLED
    visit.note = note or visit.note
    visit.save(update_fields=["state", "note"])
    day = visit.visit_on.isoformat()
    if not done:
        audit.record("leasing.visit.cancelled", target=lead, actor=actor, at=at, park=lead.park, visit_on=day)
    else:
        audit.record("leasing.visit.done", target=lead, actor=actor, at=at, park=lead.park, visit_on=day)
        advance_lead(lead=lead, stage=Lead.Stage.VISITED, moved_on=visit.visit_on, actor=actor, at=at)
    return visit


@transaction.atomic
def make_quote(
    *, lead: Lead, premises: Sequence[Premises], values: Mapping[str, Any], actor: User | None, at: datetime
) -> Quote:
    """Offer premises to a lead: the next version, which takes the place of an open one. Areas are the billing areas.

    `values` are the fields of the quote: `offered_on`, `valid_to_on`, `starts_on`, `term_months`,
    `rent_yuan_per_m2_month` and what else was offered.

    :raises CannotChangeLead: no premises, premises of another park, not to let, let or promised to somebody else on a
        day of the term, an offer that ends before it begins, a closed lead, or the actor may not.
    """
    lead = _open_lead(lead, actor)
    _check_own(lead, premises)
    if not premises:
        raise CannotChangeLead(_("Choose the premises that are offered."))
    if values["valid_to_on"] <= values["offered_on"]:
        raise CannotChangeLead(_("The offer has to be valid for at least a day."))
    if values["offered_on"] > timezone.localdate(at):
        raise CannotChangeLead(_("This day lies ahead."))
    for item in premises:
        _check_free(lead, item, values["starts_on"], values["term_months"])
    last = lead.quotes.order_by("-version").first()
    if last is not None and last.state == State.ACCEPTED:
        raise CannotChangeLead(_("A quote is accepted already; draft the lease from it, or mark it refused first."))
    lead.quotes.filter(state=State.OFFERED).update(state=State.REPLACED)
    quote = Quote.objects.create(lead=lead, version=last.version + 1 if last else 1, made_by=actor, **values)
    QuotePremises.objects.bulk_create(
        QuotePremises(quote=quote, premises=p, area_m2=round(Decimal(str(p.billing_area_m2)), 2)) for p in premises
    )
    audit.record("leasing.quote.made", target=lead, actor=actor, at=at, park=lead.park, version=quote.version)
    advance_lead(lead=lead, stage=Lead.Stage.QUOTED, moved_on=quote.offered_on, actor=actor, at=at)
    return quote


@transaction.atomic
def answer_quote(*, quote: Quote, accepted: bool, on: date, actor: User | None, at: datetime) -> Quote:
    """Note that a lead accepted or refused a quote; accepted premises are reserved until a lease is signed.

    :raises CannotChangeLead: the quote is no longer open, has expired, its premises are let or promised to somebody
        else meanwhile, or the actor may not.
    """
    lead = locked_lead(lead=quote.lead, actor=actor)
    quote = Quote.objects.select_for_update().get(pk=quote.pk)
    if quote.state != State.OFFERED and not (quote.state == State.ACCEPTED and not accepted):
        raise CannotChangeLead(_("This quote is no longer open."))
    if lead.lease_id and quote.state == State.ACCEPTED:
        raise CannotChangeLead(_("A lease was drafted from this quote already."))
    if accepted:
        if not quote.offered_on <= on < quote.valid_to_on:
            raise CannotChangeLead(_("The quote was valid up to %(day)s.") % {"day": quote.valid_to_on.isoformat()})
        for row in quote.premises.select_related("premises"):
            _check_free(lead, row.premises, quote.starts_on, quote.term_months)
    quote.state = State.ACCEPTED if accepted else State.REFUSED
    quote.save(update_fields=["state"])
    if not accepted:
        audit.record("leasing.quote.refused", target=lead, actor=actor, at=at, park=lead.park, version=quote.version)
    else:
        audit.record("leasing.quote.accepted", target=lead, actor=actor, at=at, park=lead.park, version=quote.version)
        advance_lead(lead=lead, stage=Lead.Stage.NEGOTIATING, moved_on=on, actor=actor, at=at)
    return quote


def _open_lead(lead: Lead, actor: User | None) -> Lead:
    lead = locked_lead(lead=lead, actor=actor)
    if not lead.is_open:
        raise CannotChangeLead(_("The lead is closed."))
    return lead


def _check_own(lead: Lead, premises: Sequence[Premises]) -> None:
    for item in premises:
        if item.park_id != lead.park_id:
            raise CannotChangeLead(_("%(premises)s lies in another park.") % {"premises": item.code})


def _check_free(lead: Lead, premises: Premises, starts_on: date, term_months: int) -> None:
    if not premises.lettable:
        raise CannotChangeLead(_("%(premises)s is not to let.") % {"premises": premises.code})
    ends_on = add_months(starts_on, term_months)
    lets = Let.objects.filter(premises=premises, starts_on__lt=ends_on, ends_on__gt=starts_on)
    let = lets.select_related("lease").order_by("starts_on").first()
    if let is not None:
        raise CannotChangeLead(
            _("%(premises)s is let by lease %(number)s from %(start)s until %(end)s.")
            % {
                "premises": premises.code,
                "number": let.lease.number,
                "start": let.starts_on.isoformat(),
                "end": let.ends_on.isoformat(),
            }
        )
    promised = find_reservation(premises=premises, starts_on=starts_on, ends_on=ends_on, besides=lead)
    if promised is not None:
        raise CannotChangeLead(reserved_message(premises=premises, quote=promised))
