"""What leases owe, for billing: rent, property fee, turnover rent, and late fees on what is overdue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from parkbrain.billing.queries import ProposedCharge, Reason
from parkbrain.calc import leases as calc
from parkbrain.kernel.models import Park
from parkbrain.kernel.reading import shared

from ..models import Lease
from .agreements import agreement_of, figures_of, with_contents
from .late import late_fees, reasons_of
from .leases import leases_touching

HUNDRED = Decimal(100)


def propose_charges(*, park: Park, starts_on: date, ends_on: date) -> list[ProposedCharge]:
    """Return what the park's leases owe for periods that begin in [starts_on, ends_on), and late fees of those days.

    A line belongs to the month in which its period begins. Lines that wait for an index or turnover are no charges yet.
    """
    scheduled = _schedules(park=park, starts_on=starts_on, ends_on=ends_on)
    charges = [
        charge for one in scheduled for charge in _of_lease(one.lease, one.places, one.lines_of(starts_on, ends_on))
    ]
    return [
        *charges,
        *late_fees(park=park, leases=[one.lease for one in scheduled], starts_on=starts_on, ends_on=ends_on),
    ]


def propose_months(*, park: Park, months: Sequence[date]) -> dict[date, list[ProposedCharge]]:
    """Return what `propose_charges` says of each of the months, with the schedule of a lease worked out once for all."""
    scheduled = _schedules(park=park, starts_on=min(months), ends_on=calc.add_months(max(months), 1))
    found: dict[date, list[ProposedCharge]] = {}
    for month in months:
        end = calc.add_months(month, 1)
        there = [one for one in scheduled if one.lease.starts_on < end]
        found[month] = [c for one in there for c in _of_lease(one.lease, one.places, one.lines_of(month, end))]
        found[month] += late_fees(park=park, leases=[one.lease for one in there], starts_on=month, ends_on=end)
    return found


@dataclass(frozen=True)
class DueLine:
    """A line of a lease's schedule, with the lease."""

    lease: Lease
    line: calc.Line


def list_due_lines(*, park: Park, starts_on: date, ends_on: date) -> list[DueLine]:
    """Return what the park's binding leases owe with a due day in [starts_on, ends_on), in the order of those days."""
    leases = with_contents(leases=list(leases_touching(park=park, starts_on=starts_on, ends_on=ends_on)))
    figures = figures_of(leases=leases)
    found = [
        DueLine(lease, line)
        for lease in leases
        for line in calc.schedule(agreement_of(lease=lease), figures[lease.pk])
        if starts_on <= line.due_on < ends_on
    ]
    return sorted(found, key=lambda one: (one.line.due_on, one.lease.number, one.line.kind, one.line.place))


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
                gaps.setdefault((one.lease.pk, step.code, str(step.values)), _waits(one.lease, reason))
    return list(gaps.values())


def _waits(lease: Lease, reason: Reason) -> Reason:
    """Return why a line of a lease waits: whose line, and the step at which it stopped."""
    firm = lease.enterprise
    values = {"lease": lease.number, "firm_zh": firm.name_zh_hans, "firm_en": firm.name_en, "why": reason.as_json()}
    return Reason("leasing.waits", values, reason.url_name, reason.url_args)


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
