"""Premises that an accepted quote promises: for the days of its lease nobody else is offered or leased them."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from parkbrain.calc.leases import add_months
from parkbrain.space.models import Premises

from ..models import Lead, Lease, LeaseVersion, Quote
from .common import CannotChangeLease


class CannotTakeReserved(CannotChangeLease):
    """Premises are promised to somebody else on some of the days."""


def find_reservation(
    *, premises: Premises, starts_on: date, ends_on: date, besides: Lead | None = None, lease: Lease | None = None
) -> Quote | None:
    """Return the accepted quote that promises premises to another lead on a day of [starts_on, ends_on).

    `besides` is the lead that asks; `lease` the lease that is written: what was promised to its firm does not bar it.
    """
    promised = Quote.objects.filter(
        premises__premises=premises, state=Quote.State.ACCEPTED, starts_on__lt=ends_on
    ).exclude(lead__stage__in=Lead.CLOSED)
    if besides is not None:
        promised = promised.exclude(lead=besides)
    if lease is not None:
        firm = lease.enterprise
        own = Lead.objects.filter(Q(lease=lease) | Q(enterprise=firm) | Q(uscc=firm.uscc)).values("pk")
        promised = promised.exclude(lead__in=own)
    rows = promised.select_related("lead").order_by("starts_on", "pk")
    return next((q for q in rows if add_months(q.starts_on, q.term_months) > starts_on), None)


def reserved_message(*, premises: Premises, quote: Quote) -> str:
    """Return the sentence that says to whom premises are promised, and for which days."""
    return _("%(premises)s is reserved by an accepted quote for %(lead)s from %(start)s until %(end)s.") % {
        "premises": premises.code,
        "lead": quote.lead,
        "start": quote.starts_on.isoformat(),
        "end": add_months(quote.starts_on, quote.term_months).isoformat(),
    }


def check_unreserved(*, version: LeaseVersion) -> None:
    """Refuse a version whose premises an accepted quote promises to somebody else on some of its days.

    :raises CannotTakeReserved: the message says which premises, to whom and for which days.
    """
    for row in version.premises.select_related("premises"):
        starts_on = max(row.starts_on, version.effective_on)
        found = find_reservation(premises=row.premises, starts_on=starts_on, ends_on=row.ends_on, lease=version.lease)
        if found is not None:
            raise CannotTakeReserved(reserved_message(premises=row.premises, quote=found))
