"""Leases from a register: taken in as drafts, or as they were signed on paper before; what holds here already stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.calc import leases as calc
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import audit, bulk, registry
from parkbrain.kernel.models import Park, User
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import CREATE, NOTHING, UPDATE, updated

from ..models import Lease, LeasePremises, LeaseVersion
from .common import CannotChangeLease, check_may_lease
from .drafting import check_term
from .taking_over import note_taken_over

Kind, State = LeaseVersion.Kind, LeaseVersion.State
Row = Mapping[str, Any]
#: The fields of a row that are terms of payment.
TERM_FIELDS = tuple(calc.specs_of(calc.Terms))
_PLAIN = ("starts_on", "signed_on", "ended_on", "end_reason", "remark")


class CannotTakeLease(CannotChangeLease):
    """The register says something that cannot be taken in."""


@transaction.atomic
def record_leases(*, park: Park, rows: Sequence[Row], actor: User | None, at: datetime) -> list[Recorded[Lease]]:
    """Record leases of a register by their number, each with its first version and the terms of payment.

    A new one is a draft, or stands as the row says: signed, active or ended; those in force wait for a second person to
    confirm them (`taking_over`). Premises and clauses follow in the same
    work. A draft is changed; what is approved or signed here is changed by a version, so a row may only say what is so.

    :raises CannotTakeLease: a firm or an earlier lease is not there, or a row differs from a lease that is no draft.
    """
    check_may_lease(park=park, actor=actor)
    found = {x.number: x for x in Lease.objects.filter(park=park, number__in=[r["number"] for r in rows])}
    firsts = {v.lease_id: v for v in LeaseVersion.objects.filter(lease__in=found.values(), number=1)}
    codes = {r["uscc"] for r in rows if r.get("uscc")}
    firms = {e.uscc: e for e in Enterprise.objects.filter(uscc__in=codes)}
    wanted = []
    for row in rows:
        current = found.get(row["number"])
        first = firsts.get(current.pk) if current else None
        wanted.append((row["number"], {**_lease_values(row, current, first, firms), "park": park}))
    leases = upsert(model=Lease, found=found, rows=wanted)
    leases = _renewals(park, rows, leases)
    versions = _first_versions(rows, leases, firsts, actor, at)
    recorded = [_with_version(one, version) for one, version in zip(leases, versions, strict=True)]
    for one, version in zip(recorded, versions, strict=True):
        check_open(version=version.row, action=one.action, at=at)
    _tell(recorded, park, actor, at)
    return recorded


def _lease_values(
    row: Row, current: Lease | None, first: LeaseVersion | None, firms: Mapping[str, Enterprise]
) -> dict[str, Any]:
    values = {name: row[name] for name in _PLAIN if name in row}
    if "uscc" in row:
        if row["uscc"] not in firms:
            raise CannotTakeLease(_("There is no enterprise %(code)s.") % {"code": row["uscc"]})
        values["enterprise"] = firms[row["uscc"]]
    # The sheet has the end as it was signed; that of the lease follows the version that holds.
    if "ends_on" in row and (first is None or first.ends_on != row["ends_on"]):
        values["ends_on"] = row["ends_on"]
    state = row.get("state") or Lease.State.DRAFT
    if current is None:
        # Approval is given here, by a second person; what stands on paper is signed.
        values |= {"number": row["number"], "state": Lease.State.DRAFT if state == Lease.State.APPROVED else state}
        check_term(starts_on=row["starts_on"], ends_on=row["ends_on"])
    elif row.get("state") and row["state"] != current.state:
        raise CannotTakeLease(
            _("Lease %(number)s is in the state “%(state)s”; a register does not change it.")
            % {"number": current.number, "state": current.get_state_display()}
        )
    return values


def _renewals(park: Park, rows: Sequence[Row], leases: Sequence[Recorded[Lease]]) -> list[Recorded[Lease]]:
    """Name the lease that each one renews: it may stand further down in the same register."""
    numbers = {r["renewed_from"] for r in rows if r.get("renewed_from")}
    before = {x.number: x for x in Lease.objects.filter(park=park, number__in=numbers)}
    if missing := sorted(numbers - before.keys()):
        raise CannotTakeLease(_("There is no lease %(number)s.") % {"number": missing[0]})
    known = {one.row.number: one.row for one in leases}
    wanted = [
        (one.row.number, {"renewed_from": before.get(row["renewed_from"])} if "renewed_from" in row else {})
        for one, row in zip(leases, rows, strict=True)
    ]
    linked = upsert(model=Lease, found=known, rows=wanted)
    return [
        Recorded(one.row, UPDATE, {**one.fields, **more.fields})
        if more.action == UPDATE and one.action != CREATE
        else one
        for one, more in zip(leases, linked, strict=True)
    ]


def _first_versions(
    rows: Sequence[Row],
    leases: Sequence[Recorded[Lease]],
    firsts: Mapping[int, LeaseVersion],
    actor: User | None,
    at: datetime,
) -> list[Recorded[LeaseVersion]]:
    wanted = []
    for row, one in zip(rows, leases, strict=True):
        first = firsts.get(one.row.pk)
        values: dict[str, Any] = merged_terms(row=row, version=first)
        if first is None:
            state = State.APPROVED if one.row.is_binding else State.DRAFT
            values |= {"lease": one.row, "number": 1, **made(state=state, actor=actor, at=at)}
        if "starts_on" in row:
            values["effective_on"] = row["starts_on"]
        if "ends_on" in row:
            values["ends_on"] = row["ends_on"]
            if first is not None and first.ends_on != row["ends_on"]:
                _move_ends(first, row["ends_on"])
        wanted.append((one.row.pk, values))
    return upsert(model=LeaseVersion, found=firsts, rows=wanted)


def made(*, state: str, actor: User | None, at: datetime) -> dict[str, Any]:
    """Return who made a version when; who approved it is said by whoever confirms the lease that was taken over."""
    return {"state": state, "made_by": actor, "made_at": at}


def merged_terms(*, row: Row, version: LeaseVersion | None) -> dict[str, Any]:
    """Return the terms of payment that a row gives, over what the version has; nothing where that is so already.

    :raises ClauseProblems: values cannot be read; every wrong field is named.
    """
    stored = dict(version.terms) if version is not None else {}
    given = {name: row[name] for name in TERM_FIELDS if name in row}
    terms = calc.parse_terms({**stored, **plain_row(values=given)})
    if version is not None and terms == calc.parse_terms(stored):
        return {}
    return {"terms": calc.plain(terms)}


def plain_row(*, values: Row) -> dict[str, Any]:
    """Return typed cells as the calculation reads them: numbers as texts, codes as a list."""
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        # A cell has no places of its own: 61, not 61.0.
        return f"{value.normalize():f}"
    if isinstance(value, tuple):
        return list(value)
    return value if value is None or isinstance(value, bool) else str(value)


def _move_ends(version: LeaseVersion, ends_on: Any) -> None:
    """Let premises that were there to the end of a draft be there to its new end."""
    rows = list(version.premises.filter(ends_on=version.ends_on))
    for row in rows:
        row.ends_on = ends_on
    bulk.update_rows(model=LeasePremises, changes=[(row, {"ends_on": version.ends_on}) for row in rows])


def _with_version(lease: Recorded[Lease], version: Recorded[LeaseVersion]) -> Recorded[Lease]:
    """Return the outcome of a lease with what changed of its first version."""
    if lease.action == CREATE or version.action != UPDATE:
        return lease
    return Recorded(lease.row, UPDATE, {**lease.fields, **version_fields(recorded=version)})


def version_fields(*, recorded: Recorded[LeaseVersion]) -> dict[str, tuple[Any, Any]]:
    """Return what changed of a version, its terms one by one."""
    fields = dict(recorded.fields)
    old, new = fields.pop("terms", ({}, {}))
    # The first version begins with its lease.
    fields.pop("effective_on", None)
    named = {n: (old.get(n), new.get(n)) for n in TERM_FIELDS if old.get(n) != new.get(n)}
    return {**fields, **named}


def check_open(*, version: LeaseVersion, action: str, at: datetime) -> None:
    """Refuse to change what is approved or signed: only a draft, and what came with this very work, is open.

    :raises CannotTakeLease: the version holds, or waits for approval.
    """
    if action == NOTHING or version.state == State.DRAFT or version.made_at == at:
        return
    raise CannotTakeLease(
        _("Lease %(number)s is no draft any more: change it by a new version, not by a register.")
        % {"number": version.lease.number}
    )


def _tell(recorded: Sequence[Recorded[Lease]], park: Park, actor: User | None, at: datetime) -> None:
    new = [r.row for r in recorded if r.action == CREATE]
    drafts: list[tuple[Lease, dict[str, Any]]] = [(x, {}) for x in new if not x.is_binding]
    audit.record_many("leasing.lease.drafted", targets=drafts, actor=actor, at=at, park=park)
    note_taken_over(leases=new, actor=actor, at=at)
    held = [(x, {"state": str(x.state)}) for x in new if x.is_binding]
    audit.record_many("leasing.lease.taken_in", targets=held, actor=actor, at=at, park=park)
    audit.record_many("leasing.lease.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    if any(r.action != NOTHING for r in recorded):
        registry.park_changed(park_ids=[park.pk], at=at)
