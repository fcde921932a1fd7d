"""What belongs to leases of a register: later versions, premises, clauses; then rooms are held and stays begin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.calc import leases as calc
from parkbrain.enterprises.models import Occupancy
from parkbrain.enterprises.services import CannotRecordOccupancy, record_occupancies
from parkbrain.kernel import audit, bulk
from parkbrain.kernel.models import Park, User
from parkbrain.space.models import Premises
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import CREATE, NOTHING, UPDATE

from ..models import Clause, Lease, LeasePremises, LeaseVersion
from ..queries import rents_on
from .common import check_may_lease
from .lets import hold_premises
from .register import CannotTakeLease, Row, check_open, made, merged_terms, plain_row, version_fields

Kind, State = LeaseVersion.Kind, LeaseVersion.State
Versions = dict[tuple[str, int], LeaseVersion]


def _versions_of(park: Park, rows: Sequence[Row]) -> Versions:
    numbers = {r["lease_number"] for r in rows}
    found = LeaseVersion.objects.filter(lease__park=park, lease__number__in=numbers)
    return {(v.lease.number, v.number): v for v in found.select_related("lease__park__branch", "lease__enterprise")}


def _version_in(versions: Versions, row: Row) -> LeaseVersion:
    version = versions.get((row["lease_number"], int(row.get("version") or 1)))
    if version is None:
        values = {"number": row["lease_number"], "version": row.get("version") or 1}
        raise CannotTakeLease(_("Lease %(number)s has no version %(version)s.") % values)
    return version


@transaction.atomic
def record_lease_versions(
    *, park: Park, rows: Sequence[Row], actor: User | None, at: datetime
) -> list[Recorded[LeaseVersion]]:
    """Record what changed leases after they were signed, by lease and version, from 2 on.

    Of a lease that came with the same work a version holds; to one that was there before a register adds drafts only.

    :raises CannotTakeLease: the lease is not there, or a row differs from a version that is no draft.
    """
    check_may_lease(park=park, actor=actor)
    known = _versions_of(park, rows)
    wanted = []
    for row in rows:
        first = _version_in(known, {"lease_number": row["lease_number"]})
        version = known.get((row["lease_number"], row["version"]))
        values = {n: row[n] for n in ("kind", "effective_on", "ends_on", "reason") if row.get(n) is not None}
        values |= merged_terms(row=row, version=version)
        if version is None:
            is_new = first.made_at == at and first.lease.is_binding
            state = row.get("state") or (State.APPROVED if is_new else State.DRAFT)
            state = State.DRAFT if state == State.WAITING or not is_new else state
            values = {"kind": Kind.CHANGE, "ends_on": first.lease.ends_on, **values}
            values |= {"lease": first.lease, "number": row["version"], **made(state=state, actor=actor, at=at)}
        wanted.append(((row["lease_number"], row["version"]), values))
    recorded = upsert(model=LeaseVersion, found=known, rows=wanted)
    for one in recorded:
        check_open(version=one.row, action=one.action, at=at)
    outcomes = [Recorded(r.row, r.action, version_fields(recorded=r)) for r in recorded]
    _follow_ends({r.row.lease for r in recorded if r.action != NOTHING and r.row.state == State.APPROVED})
    new = [
        (r.row, {"effective_on": str(r.row.effective_on), "reason": r.row.reason})
        for r in recorded
        if r.action == CREATE
    ]
    audit.record_many("leasing.version.drafted", targets=new, actor=actor, at=at, park=park)
    changed: list[tuple[LeaseVersion, dict[str, Any]]] = [(r.row, {}) for r in outcomes if r.action == UPDATE]
    audit.record_many("leasing.version.changed", targets=changed, actor=actor, at=at, park=park)
    return outcomes


def _follow_ends(leases: Iterable[Lease]) -> None:
    """Let the end of each lease be that of the version that was approved last."""
    changes = []
    for lease in leases:
        last = lease.versions.filter(state=State.APPROVED).order_by("number").last()
        if last is not None and last.ends_on != lease.ends_on:
            changes.append((lease, {"ends_on": lease.ends_on}))
            lease.ends_on = last.ends_on
    bulk.update_rows(model=Lease, changes=changes)


@transaction.atomic
def record_lease_premises(
    *, park: Park, rows: Sequence[Row], actor: User | None, at: datetime
) -> list[Recorded[LeasePremises]]:
    """Record the premises of leases by lease, version, premises and first day; signed leases that came new hold them.

    :raises CannotTakeLease: lease, version or premises are not there, or a row differs from a version that is no draft.
    :raises CannotLetPremises: somebody else has the premises on some of the days.
    """
    check_may_lease(park=park, actor=actor)
    versions = _versions_of(park, rows)
    rooms = {p.code: p for p in Premises.objects.filter(park=park, code__in={r["premises_code"] for r in rows})}
    existing = LeasePremises.objects.filter(version__in=versions.values()).select_related("premises", "version__lease")
    found = {(p.version_id, p.premises_id, p.starts_on): p for p in existing}
    wanted, of_rows = [], []
    for row in rows:
        version, room = _version_in(versions, row), rooms.get(row["premises_code"])
        if room is None:
            raise CannotTakeLease(_("There are no premises %(code)s.") % {"code": row["premises_code"]})
        key = (version.pk, room.pk, row.get("starts_on") or version.lease.starts_on)
        wanted.append((key, _place_values(row, version, room, key[2], found.get(key))))
        of_rows.append(version)
    recorded = upsert(model=LeasePremises, found=found, rows=wanted)
    _tell(recorded, of_rows, actor, at)
    for lease in _taken_now(of_rows, at):
        hold_premises(lease=lease)
    return recorded


def _place_values(
    row: Row, version: LeaseVersion, room: Premises, starts_on: date, current: LeasePremises | None
) -> dict[str, Any]:
    values = {n: row[n] for n in ("ends_on", "area_basis", "area_m2") if row.get(n) is not None}
    if current is None:
        area = calc.round_to(Decimal(str(room.billing_area_m2)), Decimal("0.01"))
        values = {"ends_on": version.ends_on, "area_m2": area, **values}
    end = values.get("ends_on", current.ends_on if current else version.ends_on)
    if end <= starts_on:
        said = _("%(premises)s: the end has to lie after the beginning.")
        raise CannotTakeLease(said % {"premises": room.code})
    return {**values, "version": version, "premises": room, "starts_on": starts_on}


@transaction.atomic
def record_lease_clauses(
    *, park: Park, rows: Sequence[Row], actor: User | None, at: datetime
) -> list[Recorded[Clause]]:
    """Record clauses by lease, version and number; then firms of active leases that came new are in their premises.

    A row has `kind`, `values` as the calculation reads them (those that are given), `source` and `remark`.

    :raises CannotTakeLease: lease or version are not there, or a row differs from a version that is no draft.
    :raises ClauseProblems: values cannot be read; every wrong field is named.
    """
    check_may_lease(park=park, actor=actor)
    versions = _versions_of(park, rows)
    existing = Clause.objects.filter(version__in=versions.values()).select_related("version__lease")
    found = {(c.version_id, c.order + 1): c for c in existing}
    wanted, of_rows = [], []
    for row in rows:
        version = _version_in(versions, row)
        key = (version.pk, int(row["position"]))
        wanted.append((key, _clause_values(row, version, found.get(key))))
        of_rows.append(version)
    recorded = [_named(r) for r in upsert(model=Clause, found=found, rows=wanted)]
    _tell(recorded, of_rows, actor, at)
    _begin_stays(park, [x for x in _taken_now(of_rows, at) if x.state == Lease.State.ACTIVE], actor, at)
    return recorded


def clause_values(*, kind: str, given: Row, current: Clause | None) -> calc.Clause:
    """Return the clause that a row makes: what it gives, over what a clause of the same kind has already.

    :raises ClauseProblems: values cannot be read; every wrong field is named.
    """
    stored = dict(current.values) if current is not None and current.kind == kind else {}
    return calc.parse_clause(kind, {**stored, **plain_row(values=given)})


def _clause_values(row: Row, version: LeaseVersion, current: Clause | None) -> dict[str, Any]:
    clause = clause_values(kind=row["kind"], given=row["values"], current=current)
    values: dict[str, Any] = {n: row[n] or "" for n in ("source", "remark") if n in row}
    values |= {"version": version, "kind": row["kind"], "order": int(row["position"]) - 1}
    is_so = current is not None and current.kind == row["kind"]
    if not is_so or clause != calc.parse_clause(row["kind"], current.values):  # type: ignore[union-attr]
        values["values"] = calc.plain(clause)
    return values


def _named(recorded: Recorded[Clause]) -> Recorded[Clause]:
    """Return the outcome of a clause with its values one by one."""
    fields = dict(recorded.fields)
    old, new = fields.pop("values", ({}, {}))
    named = {n: (old.get(n), new.get(n)) for n in {**old, **new} if old.get(n) != new.get(n)}
    return Recorded(recorded.row, recorded.action, {**fields, **named})


def _taken_now(versions: Sequence[LeaseVersion], at: datetime) -> list[Lease]:
    """Return the binding leases that came with this very work."""
    leases = {v.lease_id: v.lease for v in versions if v.made_at == at and v.lease.is_binding}
    return sorted(leases.values(), key=lambda x: (x.starts_on, x.number))


def _tell(
    recorded: Sequence[Recorded[Any]], versions: Sequence[LeaseVersion], actor: User | None, at: datetime
) -> None:
    """Refuse what changes a version that holds; note in its history that premises or clauses of it were taken in."""
    told = {}
    for one, version in zip(recorded, versions, strict=True):
        check_open(version=version, action=one.action, at=at)
        if one.action != NOTHING and version.state == State.DRAFT:
            told[version.pk] = version
    if told:
        park = next(iter(told.values())).lease.park
        targets: list[tuple[LeaseVersion, Mapping[str, Any]]] = [(v, {}) for v in told.values()]
        audit.record_many("leasing.version.changed", targets=targets, actor=actor, at=at, park=park)


def _begin_stays(park: Park, leases: Sequence[Lease], actor: User | None, at: datetime) -> None:
    """Let the firm of each lease be in its premises; a stay that is known keeps what it says and is told the rest."""
    today, rows = timezone.localdate(at), []
    stays: dict[tuple[int, int], list[Occupancy]] = {}
    firms = {x.enterprise_id for x in leases}
    for stay in Occupancy.objects.filter(premises__park=park, enterprise__in=firms).select_related("premises"):
        stays.setdefault((stay.premises_id, stay.enterprise_id), []).append(stay)
    for lease in leases:
        rents = rents_on(lease=lease, on=today)
        for let in lease.lets.select_related("premises").order_by("starts_on"):
            known = [
                s
                for s in stays.get((let.premises_id, lease.enterprise_id), ())
                if s.starts_on < let.ends_on and (s.ends_on is None or s.ends_on > let.starts_on)
            ]
            said = {
                "lease_number": lease.number,
                "lease_ends_on": let.ends_on,
                "rent_yuan_per_m2_month": rents.get(let.premises_id),
            }
            key = {"premises_code": let.premises.code, "uscc": lease.enterprise.uscc}
            for stay in known:
                missing = {n: v for n, v in said.items() if v is not None and not getattr(stay, n)}
                # A number of another lease is that of the stay: what belongs to it stays with it.
                if missing and stay.lease_number in ("", lease.number):
                    rows.append({**key, "starts_on": stay.starts_on, **missing})
            if not known:
                gone = {"ends_on": let.ends_on} if let.ends_on < lease.stops_on else {}
                given = {n: v for n, v in said.items() if v is not None}
                rows.append({**key, "starts_on": let.starts_on, **given, **gone})
    if not rows:
        return
    try:
        record_occupancies(park=park, rows=rows, actor=actor, at=at)
    except CannotRecordOccupancy as refusal:
        raise CannotTakeLease(str(refusal)) from refusal
