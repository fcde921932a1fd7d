"""What of leases needs a person: ends that come, approvals that wait, figures that are missing."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.calc import leases as calc
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Attention
from parkbrain.kernel.roles import Permission

from ..models import Lease, LeaseVersion, TakenOver
from ..models.leases import LeaseQuerySet
from .agreements import agreement_of, figures_of, with_contents
from .leases import EXPIRY_DAYS
from .taking_over import count_taken_over

_ENDING = Q(state=Lease.State.ACTIVE, renewals__isnull=True)


def list_attention(*, user: User, park: Park, on: date) -> list[Attention]:
    """Return leases that end within 180 days or ran out, versions that wait, figures that miss."""
    if not user.may(Permission.MANAGE_LEASES, park.branch.path):
        return []
    leases = Lease.objects.filter(park=park).select_related("park", "enterprise")
    return [*_ending(leases, on), *_waiting(leases), *_missing(leases, on)]


def _ending(leases: LeaseQuerySet, on: date) -> list[Attention]:
    rows = leases.filter(_ENDING).stopping_before(on + timedelta(days=EXPIRY_DAYS))
    found = []
    for lease in rows.order_by("ends_on"):
        values = {"number": lease.number, "firm": lease.enterprise.name}
        past = lease.stops_on <= on
        title = _("Lease %(number)s of %(firm)s has run out") if past else _("Lease %(number)s of %(firm)s ends")
        found.append(
            Attention(
                title=title % values,
                detail=_("Renew it or end it."),
                url=reverse("lease_detail", args=[lease.pk]),
                due_on=lease.stops_on,
                tone="bad" if past else "warn",
            )
        )
    return found


def _waiting(leases: LeaseQuerySet) -> list[Attention]:
    versions = LeaseVersion.objects.filter(
        state=LeaseVersion.State.WAITING,
        lease__in=leases.values("pk"),
    )
    return [
        Attention(
            title=_("Lease %(number)s waits for approval") % {"number": v.lease.number},
            detail=v.reason or v.lease.enterprise.name,
            url=reverse("lease_detail", args=[v.lease_id]),
            due_on=v.effective_on,
        )
        for v in versions.select_related("lease__enterprise").order_by("effective_on")
    ]


def list_taken_over_attention(*, user: User, park: Park, on: date) -> list[Attention]:
    """Return how many leases came from a register and wait for a second person, and how many of them were refused."""
    if not user.may(Permission.MANAGE_LEASES, park.branch.path):
        return []
    counts, here = count_taken_over(park=park), reverse("taken_over_leases", args=[park.pk])
    found = []
    if waiting := counts[TakenOver.State.WAITING]:
        title = ngettext(
            "%(count)s lease taken over is not confirmed", "%(count)s leases taken over are not confirmed", waiting
        )
        detail = _("A second person looks at it and confirms or refuses it.")
        # It is billed already: nothing is more pressing that has no day of its own.
        found.append(Attention(title=title % {"count": waiting}, detail=detail, url=here, weight=waiting))
    if refused := counts[TakenOver.State.REFUSED]:
        title = ngettext("%(count)s lease taken over was refused", "%(count)s leases taken over were refused", refused)
        url = f"{here}?state=refused"
        found.append(
            Attention(title=title % {"count": refused}, detail=_("The reason says what to mend."), url=url, tone="bad")
        )
    return found


def _missing(leases: LeaseQuerySet, on: date) -> list[Attention]:
    """Return leases that wait for an index value on the day, or for a turnover of a period that has ended."""
    waiting = leases.running_on(on).filter(versions__clauses__kind__in=["INDEX", "TURNOVER_RENT"])
    rows = list(waiting.distinct())
    figures = figures_of(leases=rows)
    found = []
    for lease in with_contents(leases=rows):
        if what := _what_is_missing(agreement_of(lease=lease), figures[lease.pk], on):
            values = {"number": lease.number, "firm": lease.enterprise.name}
            found.append(
                Attention(
                    title=_("Lease %(number)s of %(firm)s waits for a figure") % values,
                    detail=_("Not recorded: %(what)s.") % {"what": what},
                    url=reverse("lease_detail", args=[lease.pk]),
                )
            )
    return found


def _what_is_missing(agreement: calc.Agreement, figures: calc.Figures, on: date) -> str:
    if calc.unreported_periods(agreement, figures, on):
        return _("turnover")
    if any(c.KIND == "INDEX" for v in agreement.versions for c in v.clauses):
        lines = calc.schedule(agreement, figures, from_on=on, to_on=on + timedelta(days=1))
        if any(x.kind == calc.RENT and x.gross_yuan is None for x in lines):
            return _("index value")
    return ""
