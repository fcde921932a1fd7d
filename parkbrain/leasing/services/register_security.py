"""What secures leases of a register, and which papers there are; what a lease in force asks is noted in the books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import CREATE, NOTHING, UPDATE

from ..models import DepositTerm, Guarantee, Lease, LeaseDocument, LeaseVersion
from .common import check_may_lease
from .register import CannotTakeLease, Row, check_open
from .security import ASKED_IN, ask_deposits

Changes = list[tuple[models.Model, Mapping[str, Any]]]


def _leases_of(park: Park, rows: Sequence[Row]) -> dict[str, Lease]:
    """Return the leases that the rows name.

    :raises CannotTakeLease: one is not there.
    """
    numbers = {r["lease_number"] for r in rows}
    found = Lease.objects.filter(park=park, number__in=numbers).select_related("park__branch", "enterprise")
    leases = {x.number: x for x in found}
    if missing := sorted(numbers - leases.keys()):
        raise CannotTakeLease(_("There is no lease %(number)s.") % {"number": missing[0]})
    return leases


@transaction.atomic
def record_deposit_terms(
    *, park: Park, rows: Sequence[Row], actor: User | None, at: datetime
) -> list[Recorded[DepositTerm]]:
    """Record what leases ask as deposit, by lease and number; of leases in force it stands in the books at once.

    Terms are added to any lease; those of a lease that is no draft any more are not changed by a register.

    :raises CannotTakeLease: a lease is not there, both or neither of months and amount are given, or a row differs from
        the terms of a lease that is no draft.
    :raises CannotChangeLease: the actor may not work on leases, or on the money that a lease in force asks.
    """
    check_may_lease(park=park, actor=actor)
    leases = _leases_of(park, rows)
    existing = DepositTerm.objects.filter(lease__in=leases.values()).select_related("lease")
    found = {(t.lease_id, t.number): t for t in existing}
    wanted = []
    for row in rows:
        lease = leases[row["lease_number"]]
        key = (lease.pk, int(row["number"]))
        wanted.append((key, _term_values(row, lease, found.get(key))))
    recorded = upsert(model=DepositTerm, found=found, rows=wanted)
    firsts = {
        v.lease_id: v for v in LeaseVersion.objects.filter(lease__in=leases.values(), number=1).select_related("lease")
    }
    for one in recorded:
        if one.action == UPDATE:
            check_open(version=firsts[one.row.lease_id], action=one.action, at=at)
    audit.record_many("leasing.deposit.agreed", targets=_new(recorded, "due_on"), actor=actor, at=at, park=park)
    audit.record_many("leasing.deposit.changed", targets=_changed(recorded), actor=actor, at=at, park=park)
    touched = {r.row.lease_id for r in recorded if r.action != NOTHING}
    for lease in sorted((x for x in leases.values() if x.pk in touched), key=lambda x: (x.starts_on, x.number)):
        if lease.state in ASKED_IN:
            ask_deposits(lease=lease, actor=actor, at=at)
    return recorded


def _term_values(row: Row, lease: Lease, current: DepositTerm | None) -> dict[str, Any]:
    values = {n: row[n] for n in ("months_of_rent", "amount_yuan", "due_on", "remark") if n in row}
    if values.get("due_on") is None:
        values["due_on"] = current.due_on if current else lease.starts_on
    # A row that gives one of the two says that it is not the other.
    for one, other in (("months_of_rent", "amount_yuan"), ("amount_yuan", "months_of_rent")):
        if values.get(one) is not None and values.get(other) is None:
            values[other] = None
    months = values.get("months_of_rent", current.months_of_rent if current else None)
    amount = values.get("amount_yuan", current.amount_yuan if current else None)
    if (months is None) == (amount is None):
        raise CannotTakeLease(_("A deposit is so many months of rent or an amount: give one of the two."))
    return {**values, "lease": lease, "number": int(row["number"])}


@transaction.atomic
def record_guarantees(
    *, park: Park, rows: Sequence[Row], actor: User | None, at: datetime
) -> list[Recorded[Guarantee]]:
    """Record the guarantees that others gave for leases, by lease and number.

    :raises CannotTakeLease: a lease is not there, or a guarantee ends before it begins.
    :raises CannotChangeLease: the actor may not change the leases of the park.
    """
    check_may_lease(park=park, actor=actor)
    leases = _leases_of(park, rows)
    existing = Guarantee.objects.filter(lease__in=leases.values()).select_related("lease")
    found = {(g.lease_id, g.number): g for g in existing}
    wanted = []
    for row in rows:
        lease = leases[row["lease_number"]]
        key = (lease.pk, int(row["number"]))
        values = {n: v for n, v in row.items() if n not in {"lease_number", "number"}}
        current = found.get(key)
        begin = values.get("valid_from_on", current.valid_from_on if current else None)
        end = values.get("valid_to_on", current.valid_to_on if current else None)
        if begin and end and end <= begin:
            raise CannotTakeLease(_("The end has to lie after the beginning."))
        wanted.append((key, {**values, "lease": lease, "number": key[1]}))
    recorded = upsert(model=Guarantee, found=found, rows=wanted)
    new, changed = _new(recorded, "guarantor"), _changed(recorded)
    audit.record_many("leasing.guarantee.recorded", targets=new, actor=actor, at=at, park=park)
    audit.record_many("leasing.guarantee.changed", targets=changed, actor=actor, at=at, park=park)
    return recorded


@transaction.atomic
def record_papers(
    *, park: Park, rows: Sequence[Row], actor: User | None, at: datetime
) -> list[Recorded[LeaseDocument]]:
    """Record which papers there are of leases, by lease and number; a file stays, and comes by filing it.

    :raises CannotTakeLease: a lease or a version of it is not there.
    :raises CannotChangeLease: the actor may not change the leases of the park.
    """
    check_may_lease(park=park, actor=actor)
    leases = _leases_of(park, rows)
    existing = LeaseDocument.objects.filter(lease__in=leases.values()).select_related("lease", "document")
    found = {(d.lease_id, d.number): d for d in existing}
    versions = {(v.lease_id, v.number): v for v in LeaseVersion.objects.filter(lease__in=leases.values())}
    wanted = []
    for row in rows:
        lease = leases[row["lease_number"]]
        key = (lease.pk, int(row["number"]))
        values = {n: row[n] for n in ("kind", "name", "dated_on", "reference") if n in row}
        if "version" in row:
            version = versions.get((lease.pk, int(row["version"]))) if row["version"] else None
            if row["version"] and version is None:
                said = _("Lease %(number)s has no version %(version)s.")
                raise CannotTakeLease(said % {"number": lease.number, "version": row["version"]})
            values["version"] = version
        wanted.append((key, {**values, "lease": lease, "number": key[1]}))
    recorded = upsert(model=LeaseDocument, found=found, rows=wanted)
    listed: Changes = [(r.row.lease, {"document": str(r.row)}) for r in recorded if r.action == CREATE]
    audit.record_many("leasing.document.listed", targets=listed, actor=actor, at=at, park=park)
    audit.record_many("leasing.document.changed", targets=_changed(recorded), actor=actor, at=at, park=park)
    return recorded


def _new(recorded: Sequence[Recorded[Any]], field: str) -> Changes:
    """Return the leases of rows that are new, each with what the sentence names."""
    return [(r.row.lease, {field: str(getattr(r.row, field))}) for r in recorded if r.action == CREATE]


def _changed(recorded: Sequence[Recorded[Any]]) -> Changes:
    """Return the leases of rows that changed, with the number of the row and old and new values."""
    return [(r.row.lease, {"number": r.row.number, **r.details()}) for r in recorded if r.action == UPDATE]
