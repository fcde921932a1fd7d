"""Numbers that leasing vouches for: qualified and signed leads, and new tenants that were fully reviewed before."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import DatePeriod
from parkbrain.enterprises.models import Occupancy
from parkbrain.kernel.reading import among
from parkbrain.kernel.registry import FactRow, FactValue, fact

from .models import AdmissionReview, Lead, LeadMove, Lease, ReviewFinding

#: A review is about a stay that begins within so many days after it.
REVIEW_DAYS = 365
SUBJECTS = len(ReviewFinding.Subject.values)


@dataclass(frozen=True)
class Counted:
    """One row that counts: which park it is of, what it is called, where it opens."""

    park_id: int
    label: str
    detail: str
    url: str
    target_label: str
    target_id: int

    def as_row(self) -> FactRow:
        """Return the row as people open it."""
        return FactRow(self.label, 1.0, self.url, self.detail, self.target_label, self.target_id)


Find = Callable[..., list[Counted]]
Known = Callable[[Collection[int], DatePeriod], set[int]]


def _counted_fact(*, key: str, how: str | Promise, known: Known) -> Callable[[Find], Find]:
    """Register a count: parks without any record of the kind have no number, which is not zero."""

    def wrap(find: Find) -> Find:
        def values(*, park_ids: Collection[int], period: DatePeriod) -> dict[int, FactValue]:
            counts = dict.fromkeys(known(park_ids, period), 0)
            for one in find(park_ids=list(counts), period=period) if counts else ():
                counts[one.park_id] += 1
            return {park: FactValue(float(count), 1.0, count) for park, count in counts.items()}

        def rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
            kept = known([park_id], period)
            return (
                sorted((one.as_row() for one in find(park_ids=list(kept), period=period)), key=lambda row: row.label)
                if kept
                else []
            )

        fact(key, how=how, rows=rows)(values)
        return find

    return wrap


def _parks_with_leads(park_ids: Collection[int], period: DatePeriod) -> set[int]:
    kept = Lead.objects.filter(park__in=among(park_ids), received_on__lt=period.ends_on)
    return set(kept.order_by().values_list("park", flat=True).distinct())


def _leads(park_ids: Collection[int], period: DatePeriod, stages: Collection[str]) -> list[Counted]:
    """Return the leads whose first day at one of the stages lies in the period."""
    moves = LeadMove.objects.filter(lead__park__in=among(park_ids), stage__in=stages)
    first = moves.values("lead", "lead__park", "lead__number", "lead__company_name").annotate(day=Min("moved_on"))
    within = first.filter(day__gte=period.starts_on, day__lt=period.ends_on).order_by("lead")
    return [
        Counted(
            row["lead__park"],
            f"{row['lead__number']} {row['lead__company_name']}",
            row["day"].isoformat(),
            reverse("lead_detail", args=[row["lead"]]),
            "leasing.lead",
            row["lead"],
        )
        for row in within
    ]


@_counted_fact(
    key="leads_signed_12m",
    how=gettext_lazy("The leads whose lease was signed within the period; no leads kept is not assessed."),
    known=_parks_with_leads,
)
def signed_leads(*, park_ids: Collection[int], period: DatePeriod) -> list[Counted]:
    """Return the leads that were signed in the period."""
    return _leads(park_ids, period, [Lead.Stage.SIGNED])


@_counted_fact(
    key="leads_qualified_12m",
    how=gettext_lazy(
        "The leads that were qualified, or came to a later stage for the first time, within the period, and those that "
        "were signed within it; no leads kept is not assessed."
    ),
    known=_parks_with_leads,
)
def qualified_leads(*, park_ids: Collection[int], period: DatePeriod) -> list[Counted]:
    """Return the leads that were qualified in the period, and those signed in it however early they were qualified."""
    later = [stage for stage in Lead.WAY if stage != Lead.Stage.NEW]
    found = {one.target_id: one for one in _leads(park_ids, period, [Lead.Stage.SIGNED])}
    found.update({one.target_id: one for one in _leads(park_ids, period, later)})
    return list(found.values())


def _parks_with_reviews(park_ids: Collection[int], period: DatePeriod) -> set[int]:
    kept = AdmissionReview.objects.filter(lead__park__in=among(park_ids), reviewed_on__lt=period.ends_on)
    return set(kept.order_by().values_list("lead__park", flat=True).distinct())


@_counted_fact(
    key="new_leases_fully_reviewed_12m",
    how=gettext_lazy(
        "The occupancies that began within the period whose firm had a full review before: every subject has a finding, "
        "dated not after the signature of the lease, or not after the first day where no lease is kept, and not more "
        "than a year earlier; no review kept is not assessed."
    ),
    known=_parks_with_reviews,
)
def reviewed_stays(*, park_ids: Collection[int], period: DatePeriod) -> list[Counted]:
    """Return the stays that began in the period after a full review of the firm."""
    stays = Occupancy.objects.filter(
        premises__park__in=among(park_ids),
        continues=None,
        starts_on__gte=period.starts_on,
        starts_on__lt=period.ends_on,
    ).select_related("premises", "enterprise")
    reviews = _full_reviews(park_ids)
    signed = {
        (park, number): day
        for park, number, day in Lease.objects.filter(park__in=among(park_ids), signed_on__isnull=False).values_list(
            "park", "number", "signed_on"
        )
    }
    found = []
    for stay in stays.order_by("premises__code", "pk"):
        park = stay.premises.park_id
        latest = signed.get((park, stay.lease_number)) or stay.starts_on
        earliest = stay.starts_on - timedelta(days=REVIEW_DAYS)
        days = [day for day in reviews.get((park, stay.enterprise.uscc), ()) if earliest <= day <= latest]
        if days:
            found.append(
                Counted(
                    park,
                    f"{stay.premises.code} · {stay.enterprise.name}",
                    max(days).isoformat(),
                    reverse("premises_detail", args=[stay.premises_id]),
                    "space.premises",
                    stay.premises_id,
                )
            )
    return found


def _full_reviews(park_ids: Collection[int]) -> dict[tuple[int, str], list[date]]:
    """Return the days of full reviews by park and credit code of the firm."""
    full = AdmissionReview.objects.filter(lead__park__in=among(park_ids)).exclude(
        outcome=AdmissionReview.Outcome.REFUSED
    )
    full = full.annotate(looked_at=Count("findings", filter=Q(findings__subject__in=ReviewFinding.Subject.values)))
    days: dict[tuple[int, str], list[date]] = {}
    for park, uscc, day in full.filter(looked_at=SUBJECTS).values_list("lead__park", "lead__uscc", "reviewed_on"):
        if uscc:
            days.setdefault((park, uscc), []).append(day)
    return days
