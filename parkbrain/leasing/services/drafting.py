"""Drafts: a lease is written, and changed freely until somebody asks for its approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from parkbrain.calc import leases as calc
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User
from parkbrain.space.models import Premises

from ..models import Clause, Lease, LeasePremises, LeaseVersion
from .common import CannotChangeLease, check_may_lease
from .reserving import check_unreserved


class CannotDraftLease(CannotChangeLease):
    """The draft cannot be written like this."""


@dataclass(frozen=True)
class PlaceRow:
    """Premises for a version: without days the whole term, without an area the one that the record has."""

    premises: Premises
    starts_on: date | None = None
    ends_on: date | None = None
    area_basis: str = LeasePremises.AreaBasis.BILLING
    area_m2: Decimal | None = None


@dataclass(frozen=True)
class ClauseRow:
    """A clause for a version, as plain values."""

    kind: str
    values: Mapping[str, Any]
    source: str = ""
    remark: str = ""


@transaction.atomic
def draft_lease(
    *,
    park: Park,
    enterprise: Enterprise,
    number: str,
    starts_on: date,
    ends_on: date,
    actor: User | None,
    at: datetime,
    terms: Mapping[str, Any] | None = None,
    premises: Sequence[PlaceRow] = (),
    clauses: Sequence[ClauseRow] = (),
    renewed_from: Lease | None = None,
    remark: str = "",
) -> Lease:
    """Write a new lease as a draft.

    :raises CannotDraftLease: the number is taken, the term runs backwards or is over 20 years, or a clause is wrong.
    :raises CannotTakeReserved: an accepted quote promises premises to somebody else on some of the days.
    :raises CannotChangeLease: the actor may not change the leases of the park.
    """
    check_may_lease(park=park, actor=actor)
    check_term(starts_on=starts_on, ends_on=ends_on)
    try:
        with transaction.atomic():
            lease = Lease.objects.create(
                park=park,
                enterprise=enterprise,
                number=number,
                starts_on=starts_on,
                ends_on=ends_on,
                renewed_from=renewed_from,
                remark=remark,
            )
    except IntegrityError as error:
        raise CannotDraftLease(_("The lease number %(number)s is taken in this park.") % {"number": number}) from error
    version = LeaseVersion.objects.create(
        lease=lease,
        number=1,
        effective_on=starts_on,
        ends_on=ends_on,
        terms=calc.plain(calc.parse_terms(terms or {})),
        made_by=actor,
        made_at=at,
    )
    write_places(version=version, rows=premises)
    check_unreserved(version=version)
    write_clauses(version=version, rows=clauses)
    audit.record("leasing.lease.drafted", target=lease, actor=actor, at=at, park=park)
    return lease


def check_term(*, starts_on: date, ends_on: date) -> None:
    """Refuse a term that runs backwards or is longer than the 20 years of article 705 of the Civil Code."""
    if ends_on <= starts_on:
        raise CannotDraftLease(_("The end has to lie after the beginning."))
    if ends_on > calc.add_months(starts_on, 240):
        raise CannotDraftLease(_("A lease lasts 20 years at most (Civil Code, article 705)."))


def check_draft(*, version: LeaseVersion, actor: User | None) -> None:
    """Refuse to touch a version that is not a draft, or for a person who may not."""
    check_may_lease(park=version.lease.park, actor=actor)
    if version.state != LeaseVersion.State.DRAFT:
        raise CannotDraftLease(_("Only a draft can be changed: make a change of the lease instead."))


def write_places(*, version: LeaseVersion, rows: Sequence[PlaceRow]) -> None:
    """Put the premises of a version in the place of what it had."""
    version.premises.all().delete()
    made = []
    for row in rows:
        begin, end = row.starts_on or version.lease.starts_on, row.ends_on or version.ends_on
        if end <= begin:
            values = {"premises": row.premises.code}
            raise CannotDraftLease(_("%(premises)s: the end has to lie after the beginning.") % values)
        area = row.area_m2 if row.area_m2 is not None else Decimal(str(row.premises.billing_area_m2))
        made.append(
            LeasePremises(
                version=version,
                premises=row.premises,
                starts_on=begin,
                ends_on=end,
                area_basis=row.area_basis,
                area_m2=calc.round_to(area, Decimal("0.01")),
            )
        )
    LeasePremises.objects.bulk_create(made)


def write_clauses(*, version: LeaseVersion, rows: Sequence[ClauseRow]) -> None:
    """Put the clauses of a version in the place of what it had.

    :raises ClauseProblems: values cannot be read; every wrong field is named.
    """
    version.clauses.all().delete()
    made = []
    for order, row in enumerate(rows):
        values = calc.plain(calc.parse_clause(row.kind, row.values))
        made.append(
            Clause(version=version, kind=row.kind, values=values, order=order, source=row.source, remark=row.remark)
        )
    Clause.objects.bulk_create(made)


def place_rows(*, version: LeaseVersion) -> list[PlaceRow]:
    """Return the premises of a version as rows to write again."""
    return [
        PlaceRow(p.premises, p.starts_on, p.ends_on, p.area_basis, p.area_m2)
        for p in version.premises.select_related("premises")
    ]


def clause_rows(*, version: LeaseVersion) -> list[ClauseRow]:
    """Return the clauses of a version as rows to write again."""
    return [ClauseRow(c.kind, c.values, c.source, c.remark) for c in version.clauses.all()]


@transaction.atomic
def change_draft(
    *,
    version: LeaseVersion,
    actor: User | None,
    at: datetime,
    ends_on: date | None = None,
    terms: Mapping[str, Any] | None = None,
    premises: Sequence[PlaceRow] | None = None,
    reason: str | None = None,
) -> LeaseVersion:
    """Change end, terms, premises or reason of a draft; what is not given stays.

    :raises CannotDraftLease: it is no draft any more, or the values do not fit.
    """
    check_draft(version=version, actor=actor)
    lease = version.lease
    if ends_on is not None:
        check_term(starts_on=version.effective_on, ends_on=ends_on)
        check_term(starts_on=lease.starts_on, ends_on=ends_on)
        # Premises that were there to the end are there to the new end.
        version.premises.filter(ends_on=version.ends_on).update(ends_on=ends_on)
        version.ends_on = ends_on
        if version.kind == LeaseVersion.Kind.ORIGINAL:
            Lease.objects.filter(pk=lease.pk).update(ends_on=ends_on)
    if terms is not None:
        version.terms = calc.plain(calc.parse_terms(terms))
    if reason is not None:
        version.reason = reason
    version.save(update_fields=["ends_on", "terms", "reason"])
    if premises is not None:
        write_places(version=version, rows=premises)
        check_unreserved(version=version)
    audit.record("leasing.version.changed", target=version, actor=actor, at=at, park=lease.park)
    return version


@transaction.atomic
def put_clause(
    *,
    version: LeaseVersion,
    kind: str,
    values: Mapping[str, Any],
    actor: User | None,
    at: datetime,
    clause: Clause | None = None,
    source: str = "",
    remark: str = "",
) -> Clause:
    """Add a clause to a draft, or change one of it.

    :raises CannotDraftLease: it is no draft any more.
    :raises ClauseProblems: values cannot be read; every wrong field is named.
    """
    check_draft(version=version, actor=actor)
    taken = calc.plain(calc.parse_clause(kind, values))
    last = version.clauses.order_by("order").last()
    row = clause or Clause(version=version, kind=kind, order=last.order + 1 if last else 0)
    row.values, row.source, row.remark = taken, source, remark
    row.save()
    audit.record(
        "leasing.clause.written", target=version, actor=actor, at=at, park=version.lease.park, kind=kind, values=taken
    )
    return row


@transaction.atomic
def drop_clause(*, clause: Clause, actor: User | None, at: datetime) -> None:
    """Take a clause out of a draft.

    :raises CannotDraftLease: it is no draft any more.
    """
    version = clause.version
    check_draft(version=version, actor=actor)
    audit.record(
        "leasing.clause.dropped",
        target=version,
        actor=actor,
        at=at,
        park=version.lease.park,
        kind=clause.kind,
        values=clause.values,
    )
    clause.delete()
