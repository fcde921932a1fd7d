"""What leases owe, for billing: rent, property fee, turnover rent, and late fees on what is overdue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from parkbrain.billing.queries import OverdueBill, ProposedCharge, Reason, list_overdue
from parkbrain.calc import leases as calc
from parkbrain.kernel.models import Park
from parkbrain.kernel.reading import shared

from ..models import Lease, LeaseVersion
from .agreements import agreement_of, figures_of, with_contents
from .leases import leases_touching

HUNDRED = Decimal(100)


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


def propose_charges(*, park: Park, starts_on: date, ends_on: date) -> list[ProposedCharge]:
    """Return what the park's leases owe for periods that begin in [starts_on, ends_on), and late fees of those days.

    A line belongs to the month in which its period begins. Lines that wait for an index or turnover are no charges yet.
    """
    scheduled = _schedules(park=park, starts_on=starts_on, ends_on=ends_on)
    charges = [
        charge for one in scheduled for charge in _of_lease(one.lease, one.places, one.lines_of(starts_on, ends_on))
    ]
    return [*charges, *_late_fees(park, [one.lease for one in scheduled], starts_on, ends_on)]


def propose_months(*, park: Park, months: Sequence[date]) -> dict[date, list[ProposedCharge]]:
    """Return what `propose_charges` says of each of the months, with the schedule of a lease worked out once for all."""
    scheduled = _schedules(park=park, starts_on=min(months), ends_on=calc.add_months(max(months), 1))
    found: dict[date, list[ProposedCharge]] = {}
    for month in months:
        end = calc.add_months(month, 1)
        there = [one for one in scheduled if one.lease.starts_on < end]
        found[month] = [c for one in there for c in _of_lease(one.lease, one.places, one.lines_of(month, end))]
        found[month] += _late_fees(park, [one.lease for one in there], month, end)
    return found


@dataclass(frozen=True)
class _Scheduled:
    """A lease with the lines of its fees in a time, and the keys of its premises by their codes."""

    lease: Lease
    lines: Sequence[calc.Line]

    @property
    def places(self) -> dict[str, int]:
        return {p.premises.code: p.premises_id for v in self.lease.versions.all() for p in v.premises.all()}

    def lines_of(self, starts_on: date, ends_on: date) -> list[calc.Line]:
        """Return the lines of a month: by the first day of their period, turnover rent by the last."""
        return [line for line in self.lines if starts_on <= _day_of(line) < ends_on]


def _day_of(line: calc.Line) -> date:
    return line.ends_on - date.resolution if line.kind == calc.TURNOVER else line.starts_on


@shared
def _schedules(*, park: Park, starts_on: date, ends_on: date) -> list[_Scheduled]:
    """Return the leases that may owe something in a time with their lines in it, read and worked out once."""
    leases = with_contents(leases=list(leases_touching(park=park, starts_on=starts_on, ends_on=ends_on)))
    figures = figures_of(leases=leases)
    return [
        _Scheduled(lease, _lines_of(lease, figures[lease.pk], starts_on, ends_on) if lease.stops_on > starts_on else ())
        for lease in leases
    ]


def _of_lease(lease: Lease, places: Mapping[str, int], lines: Iterable[calc.Line]) -> list[ProposedCharge]:
    charges = []
    for line in lines:
        if line.net_yuan is None or line.tax_yuan is None:
            continue
        place = places.get(line.place)
        charges.append(
            ProposedCharge(
                key=f"lease:{lease.pk}:{line.kind}:{place or 0}:{line.starts_on.isoformat()}",
                enterprise_id=lease.enterprise_id,
                kind=line.kind,
                starts_on=line.starts_on,
                ends_on=line.ends_on,
                due_on=line.due_on,
                net_yuan=line.net_yuan,
                tax_rate=line.tax_percent / HUNDRED,
                tax_yuan=line.tax_yuan,
                premises_id=place,
                quantity=line.area_m2,
                unit="m²" if line.area_m2 is not None else "",
                unit_price_yuan=line.unit_price,
                reasons=reasons_of(steps=line.steps, lease=lease),
            )
        )
    return charges


def _lines_of(lease: Lease, figures: calc.Figures, starts_on: date, ends_on: date) -> list[calc.Line]:
    agreement = agreement_of(lease=lease)
    # Turnover is known when its period has ended, up to a year after it began.
    waits = any(c.KIND == calc.TURNOVER for v in agreement.versions for c in v.clauses)
    begin = calc.add_months(starts_on, -13) if waits else starts_on
    lines = calc.schedule(agreement, figures, from_on=begin, to_on=ends_on)
    return [line for line in lines if starts_on <= _day_of(line) < ends_on]


def list_gaps(*, park: Park, starts_on: date, ends_on: date) -> list[Reason]:
    """Return why lines of the month are no charges yet: an index value or a turnover that nobody has recorded."""
    gaps: dict[tuple[int, str, str], Reason] = {}
    for one in _schedules(park=park, starts_on=starts_on, ends_on=ends_on):
        for line in one.lines:
            if line.gross_yuan is None:
                step = line.steps[-1]
                [reason] = reasons_of(steps=[step], lease=one.lease)
                gaps.setdefault((one.lease.pk, step.code, str(step.values)), reason)
    return list(gaps.values())


def _late_fees(park: Park, leases: list[Lease], starts_on: date, ends_on: date) -> list[ProposedCharge]:
    """Return the late fees that days of [starts_on, ends_on) add, by the late-fee clause of the firm's lease."""
    by_firm: dict[int, Lease] = {lease.enterprise_id: lease for lease in sorted(leases, key=lambda x: x.starts_on)}
    charges = []
    for bill in list_overdue(park=park, starts_on=starts_on, ends_on=ends_on):
        lease = by_firm.get(bill.enterprise_id)
        clause = _late_clause(lease, bill.due_on) if lease is not None else None
        if lease is None or clause is None:
            continue
        balances = _balances(bill)
        until = calc.late_fee(clause, due_on=bill.due_on, balances=balances, until_on=ends_on)
        before = calc.late_fee(clause, due_on=bill.due_on, balances=balances, until_on=starts_on)
        amount = until.amount_yuan - before.amount_yuan
        if amount > 0:
            charges.append(_late_charge(lease, bill, amount, starts_on, ends_on, until.steps))
    return charges


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
    lease: Lease, bill: OverdueBill, amount: Decimal, starts_on: date, ends_on: date, steps: tuple[calc.Step, ...]
) -> ProposedCharge:
    told = [Reason("leasing.late_bill", {"number": bill.number, "due_on": bill.due_on.isoformat()})]
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
        reasons=[*told, *reasons_of(steps=steps, lease=lease)],
    )


def first_rents(*, lease: Lease) -> Mapping[str, Decimal]:
    """Return the first month's rent by premises [yuan], before free periods: what a deposit of n months counts by."""
    [lease] = with_contents(leases=[lease])
    agreement = agreement_of(lease=lease)
    version = agreement.versions[0]
    rents: dict[str, Decimal] = {}
    for place in version.places:
        prices = calc.price_line(
            version.clauses,
            calc.RENT,
            place.code,
            agreement.starts_on,
            agreement.ends_on,
            version.terms,
            figures_of(leases=[lease])[lease.pk],
        )
        if prices and prices[0].yuan_per_m2 is not None:
            months = Decimal(365) / 12 if prices[0].per == "DAY" else Decimal(1)
            rents[place.code] = place.area_m2 * prices[0].yuan_per_m2 * months
    return rents
