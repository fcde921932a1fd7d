"""Late fees: each part of an overdue bill by the late-fee clause of the lease that its lines came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from parkbrain.billing.queries import OverdueBill, OverdueLine, ProposedCharge, Reason, list_overdue
from parkbrain.calc import leases as calc
from parkbrain.kernel.models import Park

from ..models import Lease, LeaseVersion

CENT = Decimal("0.01")
Balances = list[tuple[date, Decimal]]


def reasons_of(*, steps: Iterable[calc.Step], lease: Lease) -> list[Reason]:
    """Return steps as billing keeps them: each opens its clause, or the lease where it rests on none."""
    return [
        Reason(
            f"leasing.{s.code}",
            calc.step_values(s),
            "lease_clause" if s.ref else "lease_detail",
            (int(s.ref),) if s.ref else (lease.pk,),
        )
        for s in steps
    ]


def late_fees(*, park: Park, leases: Sequence[Lease], starts_on: date, ends_on: date) -> list[ProposedCharge]:
    """Return the late fees that days of [starts_on, ends_on) add to overdue bills.

    What is open of a bill is parted among the leases that its lines came from, as their amounts are to each other. Lines
    of no lease, such as electricity, go with the lease of their premises, or with the one that ran on the due day.
    """
    charges = []
    for bill in list_overdue(park=park, starts_on=starts_on, ends_on=ends_on):
        parts = _parts(bill, [x for x in leases if x.enterprise_id == bill.enterprise_id])
        for lease, balances in _parted(_balances(bill), parts):
            clause = _late_clause(lease, bill.due_on)
            if clause is None:
                continue
            until = calc.late_fee(clause, due_on=bill.due_on, balances=balances, until_on=ends_on)
            before = calc.late_fee(clause, due_on=bill.due_on, balances=balances, until_on=starts_on)
            amount = until.amount_yuan - before.amount_yuan
            if amount > 0:
                told = _told(bill, lease, parts)
                steps = reasons_of(steps=until.steps, lease=lease)
                charges.append(_late_charge(lease, bill, amount, starts_on, ends_on, [*told, *steps]))
    return charges


def _parts(bill: OverdueBill, leases: Sequence[Lease]) -> list[tuple[Lease, Decimal]]:
    """Return the leases that a bill's lines came from, with what each brought [yuan, with tax]; without late fees."""
    by_pk = {x.pk: x for x in leases}
    sums: dict[int, Decimal] = {}
    others: list[OverdueLine] = []
    for line in bill.lines:
        if line.kind == "LATE_FEE":
            continue
        pk = _lease_of(line)
        if pk in by_pk:
            sums[pk] = sums.get(pk, Decimal(0)) + line.gross_yuan
        else:
            others.append(line)
    running = [x for x in leases if x.starts_on <= bill.due_on] or list(leases)
    for line in others:
        fitting = [x for x in running if _lets(x, line.premises_id)] or [by_pk[pk] for pk in sums] or running
        if fitting:
            lease = max(fitting, key=lambda x: (x.starts_on, x.pk))
            sums[lease.pk] = sums.get(lease.pk, Decimal(0)) + line.gross_yuan
    return [(by_pk[pk], amount) for pk, amount in sorted(sums.items()) if amount > 0]


def _lease_of(line: OverdueLine) -> int:
    """Return the lease that made a line, by the key that it gave it; 0 for lines of other sources."""
    parts = line.key.split(":")
    return int(parts[1]) if line.source == "leasing.leases" and len(parts) > 2 and parts[1].isdigit() else 0


def _lets(lease: Lease, premises_id: int | None) -> bool:
    return premises_id is not None and any(
        p.premises_id == premises_id for version in lease.versions.all() for p in version.premises.all()
    )


def _parted(balances: Balances, parts: Sequence[tuple[Lease, Decimal]]) -> list[tuple[Lease, Balances]]:
    """Return what was open from which day on, parted among leases; together the cents are those of the bill."""
    whole, before = sum((amount for _lease, amount in parts), Decimal(0)), Decimal(0)
    parted = []
    for lease, amount in parts:
        upto = before + amount
        share = [
            (d, calc.round_to(o * upto / whole, CENT) - calc.round_to(o * before / whole, CENT)) for d, o in balances
        ]
        parted.append((lease, share))
        before = upto
    return parted


def _told(bill: OverdueBill, lease: Lease, parts: Sequence[tuple[Lease, Decimal]]) -> list[Reason]:
    told = [Reason("leasing.late_bill", {"number": bill.number, "due_on": bill.due_on.isoformat()})]
    if len(parts) > 1:
        whole = sum((amount for _lease, amount in parts), Decimal(0))
        own = next(amount for one, amount in parts if one.pk == lease.pk)
        values = {"lease": lease.number, "amount": str(own), "whole": str(whole)}
        told.append(Reason("leasing.late_part", values, "lease_detail", (lease.pk,)))
    return told


def _balances(bill: OverdueBill) -> list[tuple[date, Decimal]]:
    """Return what was open from which day on, without late fees: no fee is charged on a fee."""
    days = [bill.due_on, *(on + timedelta(days=1) for on, _amount in bill.later_payments)]
    return [
        (day, max(bill.open_on(day - timedelta(days=1) if day > bill.due_on else day) - bill.late_fee_yuan, Decimal(0)))
        for day in days
    ]


def _late_clause(lease: Lease, on: date) -> calc.LateFee | None:
    approved = [v for v in lease.versions.all() if v.state == LeaseVersion.State.APPROVED]
    fitting = sorted((v for v in approved if v.effective_on <= on), key=lambda v: (v.effective_on, v.number))
    for version in reversed(fitting or approved[:1]):
        for row in version.clauses.all():
            if row.kind == "LATE_FEE":
                clause = calc.parse_clause(row.kind, row.values, ref=str(row.pk))
                return clause if isinstance(clause, calc.LateFee) else None
        return None
    return None


def _late_charge(
    lease: Lease, bill: OverdueBill, amount: Decimal, starts_on: date, ends_on: date, reasons: list[Reason]
) -> ProposedCharge:
    return ProposedCharge(
        key=f"lease:{lease.pk}:LATE_FEE:{bill.number}:{starts_on.isoformat()}",
        enterprise_id=lease.enterprise_id,
        kind="LATE_FEE",
        starts_on=starts_on,
        ends_on=ends_on,
        due_on=ends_on,
        net_yuan=amount,
        tax_rate=Decimal(0),
        tax_yuan=Decimal("0.00"),
        reasons=reasons,
    )
