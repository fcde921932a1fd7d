"""What expires when: certificates and documents of one firm or of a whole park over the next twelve months."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef

from parkbrain.calc.intervals import months_before
from parkbrain.kernel.models import Park, User

from ..models import Enterprise, EnterpriseDocument, Qualification

MONTHS = 12


@dataclass(frozen=True)
class Expiry:
    """A certificate or document that is valid up to, not including, a day and was not renewed."""

    key: str
    on: date
    enterprise: Enterprise
    what: str
    number: str
    is_document: bool


@dataclass(frozen=True)
class Month:
    """A month of the calendar with what expires in it."""

    starts_on: date
    expiries: Sequence[Expiry]


@dataclass(frozen=True)
class ExpiryCalendar:
    """Twelve months from the month of a day, and what has expired before that day."""

    months: Sequence[Month]
    overdue: Sequence[Expiry]

    @property
    def coming(self) -> list[Expiry]:
        """Everything that expires in the twelve months, in order."""
        return [expiry for month in self.months for expiry in month.expiries]


def get_expiry_calendar(
    *, user: User, on: date, park: Park | None = None, enterprise: Enterprise | None = None
) -> ExpiryCalendar:
    """Return what expires of a firm, of a park's tenants on the day, or of every firm the person sees."""
    firms = Enterprise.objects.visible_to(user)
    if enterprise is not None:
        firms = firms.filter(pk=enterprise.pk)
    if park is not None:
        firms = firms.in_park(park, on)
    first = on.replace(day=1)
    after = months_before(first, -MONTHS)
    newer = Qualification.objects.filter(enterprise=OuterRef("enterprise"), kind=OuterRef("kind"))
    newer = newer.filter(valid_from_on__gt=OuterRef("valid_from_on"))
    certificates = Qualification.objects.filter(enterprise__in=firms, valid_to_on__lt=after).filter(~Exists(newer))
    found = [
        Expiry(f"q{c.pk}", c.valid_to_on, c.enterprise, c.get_kind_display(), c.number, False)
        for c in certificates.select_related("enterprise")
        if c.valid_to_on is not None
    ]
    later = EnterpriseDocument.objects.filter(enterprise=OuterRef("enterprise"), kind=OuterRef("kind"))
    later = later.filter(valid_to_on__gt=OuterRef("valid_to_on"))
    papers = EnterpriseDocument.objects.visible_to(user).filter(enterprise__in=firms, valid_to_on__lt=after)
    papers = papers.filter(~Exists(later)).annotate(file_name=F("document__name"))
    found += [
        Expiry(f"d{p.pk}", p.valid_to_on, p.enterprise, p.get_kind_display(), p.file_name, True)  # type: ignore[attr-defined]
        for p in papers.select_related("enterprise")
        if p.valid_to_on is not None
    ]
    found.sort(key=lambda expiry: (expiry.on, expiry.enterprise.name, expiry.what))
    starts = [months_before(first, -index) for index in range(MONTHS + 1)]
    return ExpiryCalendar(
        months=[
            Month(start, [e for e in found if start <= e.on < end and e.on > on])
            for start, end in itertools.pairwise(starts)
        ],
        overdue=[e for e in found if e.on <= on],
    )
