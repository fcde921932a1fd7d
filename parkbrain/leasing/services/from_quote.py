"""From an accepted quote to the draft of a lease: what was offered becomes clauses, the firm enters the register."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.calc.leases import add_months
from parkbrain.enterprises.models import Enterprise
from parkbrain.enterprises.services import CannotRecordEnterprise, record_enterprises
from parkbrain.kernel.models import User

from ..models import AdmissionReview, Lead, Lease, Quote, ReviewFinding
from .common import CannotChangeLease
from .drafting import ClauseRow, PlaceRow, draft_lease
from .leads import CannotChangeLead, advance_lead, locked_lead
from .security import agree_deposit


@transaction.atomic
def draft_lease_of_lead(*, lead: Lead, number: str, actor: User | None, at: datetime) -> Lease:
    """Draft the lease that a lead accepted: premises, term, rent, property fee, free months and deposit of the quote.

    :raises CannotChangeLead: no quote is accepted, no full review admits the firm, it has no credit code, a lease is
        drafted already, the number is taken, or the actor may not.
    """
    lead = locked_lead(lead=lead, actor=actor)
    if lead.lease_id is not None:
        raise CannotChangeLead(_("A lease was drafted for this lead already."))
    quote = lead.quotes.filter(state=Quote.State.ACCEPTED).order_by("-version").first()
    if quote is None or not lead.is_open:
        raise CannotChangeLead(_("A lease is drafted from an accepted quote of an open lead."))
    _check_admitted(lead)
    try:
        firm = _firm(lead, actor, at)
        lease = draft_lease(
            park=lead.park,
            enterprise=firm,
            number=number,
            starts_on=quote.starts_on,
            ends_on=add_months(quote.starts_on, quote.term_months),
            premises=[PlaceRow(row.premises, area_m2=row.area_m2) for row in quote.premises.select_related("premises")],
            clauses=_clauses(quote),
            remark=str(lead),
            actor=actor,
            at=at,
        )
        if quote.deposit_months:
            months = Decimal(quote.deposit_months)
            agree_deposit(lease=lease, months_of_rent=months, due_on=quote.starts_on, actor=actor, at=at)
    except (CannotChangeLease, CannotRecordEnterprise) as refusal:
        raise CannotChangeLead(str(refusal)) from refusal
    lead.lease, lead.enterprise = lease, firm
    lead.save(update_fields=["lease", "enterprise"])
    advance_lead(lead=lead, stage=Lead.Stage.NEGOTIATING, moved_on=timezone.localdate(at), actor=actor, at=at)
    return lease


def _check_admitted(lead: Lead) -> None:
    review = lead.reviews.order_by("-reviewed_on", "-pk").first()
    if review is None or review.findings.count() < len(ReviewFinding.Subject.values):
        raise CannotChangeLead(_("A lease is drafted only after a full admission review: every subject has a finding."))
    if review.outcome == AdmissionReview.Outcome.REFUSED:
        raise CannotChangeLead(_("The admission review of %(day)s refused the firm.") % {"day": review.reviewed_on})


def _firm(lead: Lead, actor: User | None, at: datetime) -> Enterprise:
    """Return the firm of the register; one that is not there yet is recorded under its credit code."""
    if lead.enterprise is not None:
        return lead.enterprise
    if not lead.uscc:
        raise CannotChangeLead(_("Record the credit code of the firm first: a lease names its tenant by it."))
    known = Enterprise.objects.filter(uscc=lead.uscc).first()
    if known is not None:
        return known
    row = {"uscc": lead.uscc, "name_zh_hans": lead.company_name[:160], "industry_code": lead.industry_code}
    return record_enterprises(rows=[row], park=lead.park, actor=actor, at=at)[0].row


def _clauses(quote: Quote) -> list[ClauseRow]:
    rows: list[tuple[str, dict[str, Any]]] = [("RENT", {"price_yuan_per_m2": str(quote.rent_yuan_per_m2_month)})]
    if quote.fee_yuan_per_m2_month is not None:
        rows.append(("PROPERTY_FEE", {"price_yuan_per_m2": str(quote.fee_yuan_per_m2_month)}))
    if quote.rent_free_months:
        end = add_months(quote.starts_on, quote.rent_free_months)
        rows.append(("RENT_FREE", {"starts_on": quote.starts_on.isoformat(), "ends_on": end.isoformat()}))
    return [ClauseRow(kind, values, "") for kind, values in rows]
