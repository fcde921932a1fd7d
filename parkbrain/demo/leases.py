"""The demo park's leases: one for every stay, every kind of clause, drafts, a change, a renewal and an ended one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from parkbrain.calc.leases import add_months
from parkbrain.enterprises.models import Occupancy
from parkbrain.kernel import approvals
from parkbrain.kernel.models import Park, User
from parkbrain.leasing import services as leasing
from parkbrain.leasing.models import Lease, LeaseVersion
from parkbrain.leasing.services import ClauseRow, PlaceRow
from parkbrain.space.models import Premises

from . import takeover
from .draws import rng
from .living import moment

SERIES = "CPI-SZ"
#: Stays, by their place, whose leases come from the register of the books before.
TAKEN_OVER = (27, 28, 30, 31, 36, 37)


@dataclass(frozen=True)
class People:
    """Who drafts and who approves."""

    operator: User
    second: User


def load(*, seed: int, on: date, park: Park, people: People) -> None:
    """Write the leases of the park through the services of leasing."""
    dice = rng(seed, "leases")
    stays = list(
        Occupancy.objects.filter(premises__park=park)
        .current_on(on)
        .select_related("premises", "enterprise")
        .order_by("premises__code")
    )
    _index_values(park, on, people)
    made: list[Lease] = []
    register: list[takeover.Entry] = []
    for number, stay in enumerate(stays):
        ends_on = stay.lease_ends_on or add_months(stay.starts_on, 36)
        if ends_on <= stay.starts_on:
            continue
        rent = stay.rent_yuan_per_m2_month or Decimal(dice.randrange(38, 76))
        clauses = _clauses(number, stay, ends_on, rent, on)
        terms = {"months_per_bill": 3} if number % 9 == 4 else {"due_days": 5, "day_count": "ACTUAL"}
        name = stay.lease_number or f"DEMO-L{stay.starts_on:%y%m}-{stay.premises.code}"
        if number in TAKEN_OVER:
            register.append(takeover.Entry(stay, name, ends_on, terms, clauses))
            continue
        lease = leasing.draft_lease(
            park=park,
            enterprise=stay.enterprise,
            number=name,
            starts_on=stay.starts_on,
            ends_on=ends_on,
            terms=terms,
            premises=[PlaceRow(stay.premises)],
            clauses=clauses,
            actor=people.operator,
            at=moment(stay.starts_on - timedelta(days=40)),
        )
        leasing.agree_deposit(
            lease=lease,
            months_of_rent=Decimal(2),
            due_on=stay.starts_on,
            actor=people.operator,
            at=moment(stay.starts_on - timedelta(days=40)),
        )
        made.append(_put_in_force(lease, people))
    takeover.take_over(park=park, entries=register, on=on, clerk=people.second, second=people.operator)
    _turnover(made, on, people)
    _guarantees(made, people)
    _special(park, made, on, people, stays)


def _guarantees(made: Sequence[Lease], people: People) -> None:
    """Record what a bank and a parent company stand in for."""
    for lease, (kind, guarantor) in zip(
        made[:2], (("BANK", "演示银行龙华支行"), ("PARENT", "星汀控股（演示）")), strict=True
    ):
        leasing.record_guarantee(
            lease=lease,
            kind=kind,
            guarantor=guarantor,
            amount_yuan=Decimal(200_000),
            valid_from_on=lease.starts_on,
            valid_to_on=lease.ends_on,
            actor=people.operator,
            at=moment(lease.starts_on),
        )


def _put_in_force(lease: Lease, people: People) -> Lease:
    """Approve, sign and activate a lease."""
    at = moment(lease.starts_on - timedelta(days=30))
    version = lease.versions.get()
    leasing.submit_version(version=version, actor=None, at=at)
    lease.refresh_from_db()
    leasing.sign_lease(lease=lease, signed_on=at.date(), actor=people.operator, at=at)
    return leasing.activate_lease(lease=lease, actor=people.operator, at=moment(lease.starts_on))


def _clauses(number: int, stay: Occupancy, ends_on: date, rent: Decimal, on: date) -> list[ClauseRow]:
    """Return the clauses of a lease: what all have, and one special kind in turn."""
    begin = stay.starts_on
    rows: list[tuple[str, dict[str, Any], str]] = [
        ("RENT", {"price_yuan_per_m2": str(rent)}, "3.1"),
        ("PROPERTY_FEE", {"price_yuan_per_m2": "8.50"}, "3.4"),
        ("TAX", {"rate_percent": "9", "included": True, "fees": ["RENT", "TURNOVER_RENT"]}, "3.6"),
        ("TAX", {"rate_percent": "6", "included": True, "fees": ["PROPERTY_FEE"]}, "3.6"),
        ("FIT_OUT", {"starts_on": begin.isoformat(), "ends_on": add_months(begin, 2).isoformat()}, "4.1"),
        (
            "UTILITIES",
            {"supply": "ELECTRICITY", "way": "TARIFF", **({"tariff": "IND"} if number % 9 == 4 else {})},
            "5.1",
        ),
        ("LATE_FEE", {"percent_per_day": "0.05", "grace_days": 5, "cap_percent": "20"}, "8.2"),
    ]
    year = add_months(begin, 12)
    special: list[list[tuple[str, dict[str, Any], str]]] = [
        [("RISE", {"percent": "5", "every_years": 2}, "3.2")],
        [("RECURRING_FREE", {"meaning": "CONTRACT_YEAR_LAST_MONTHS"}, "4.3")],
        [("RISE", {"percent": "4", "every_years": 1, "cap_percent": "10", "mode": "SIMPLE"}, "3.2")],
        [("RENT_FREE", {"starts_on": add_months(begin, 2).isoformat(), "ends_on": add_months(begin, 3).isoformat()}, "4.2")],
        [("RENT_STEP", {"from_on": year.isoformat(), "price_yuan_per_m2": str(rent + 2)}, "3.2")],
        [("TURNOVER_RENT", {"percent": "6", "breakpoint": "NATURAL", "months_per_report": 3}, "3.3")],
        [("INDEX", {"series": SERIES, "base_month_on": date(on.year - 2, 1, 1).isoformat(),
                    "first_on": date(on.year, 1, 1).isoformat(), "lag_months": 3, 
                    "floor_percent": "0", "cap_percent": "4"}, "3.2")],
        [("CONCESSION", {"programme": "小微企业纾困让利", "percent": "20", "starts_on": date(on.year, 7, 1).isoformat(),
                         "ends_on": date(on.year + 1, 1, 1).isoformat(), "limit_yuan": "60000"}, "4.4")],
        [("RECURRING_FREE", {"meaning": "CALENDAR_MONTH", "calendar_month": 12}, "4.3"),
         ("UTILITIES", {"supply": "WATER", "way": "SHARE", "share_percent": "3.5"}, "5.2")],
    ]  # fmt: skip
    rows += special[number % len(special)]
    return [ClauseRow(kind, values, source) for kind, values, source in rows]


def _index_values(park: Park, on: date, people: People) -> None:
    first = date(on.year - 2, 1, 1)
    months = [add_months(first, n) for n in range(24) if add_months(first, n) < on]
    rows = [
        {"series": SERIES, "month_on": m, "value": Decimal("100.0") + Decimal(n) / 8, "source": "统计公报（演示）"}
        for n, m in enumerate(months)
    ]
    leasing.record_index_values(park=park, rows=rows, actor=people.operator, at=moment(on))


def _turnover(made: Sequence[Lease], on: date, people: People) -> None:
    """Report the turnover of tenants that pay by it, but for the last quarter."""
    for lease in made:
        if not lease.versions.filter(clauses__kind="TURNOVER_RENT").exists():
            continue
        begin, rows = lease.starts_on, []
        end = add_months(begin.replace(day=1), 3)
        while add_months(end, 3) <= on and end < lease.stops_on:
            rows.append(
                {"number": lease.number, "starts_on": begin, "ends_on": end, "turnover_yuan": Decimal(2_600_000)}
            )
            begin, end = end, add_months(end, 3)
        if rows:
            leasing.report_turnover(park=lease.park, rows=rows, actor=people.operator, at=moment(on))


def _special(park: Park, made: Sequence[Lease], on: date, people: People, stays: Sequence[Occupancy]) -> None:
    """Add what is under way: drafts, a request, a signed lease to come, a change, a renewal and one that ended."""
    at = moment(on)
    busy = Premises.objects.filter(lets__ends_on__gt=on).values("pk")
    free = list(Premises.objects.filter(park=park).lettable_on(on).exclude(pk__in=busy).order_by("code")[:4])
    firms = [s.enterprise for s in stays]
    begin = add_months(on.replace(day=1), 2)
    for number, place in enumerate(free):
        lease = leasing.draft_lease(
            park=park,
            enterprise=firms[(number * 7) % len(firms)],
            number=f"DEMO-D{on:%y}-{number + 1:02}",
            starts_on=begin,
            ends_on=add_months(begin, 36),
            terms={"cycle": "ANNIVERSARY", "months_per_bill": 3, "due_days": -5} if number == 1 else {},
            premises=[PlaceRow(place)],
            clauses=[
                ClauseRow("RENT", {"price_yuan_per_m2": "58.00"}, "3.1"),
                ClauseRow("PROPERTY_FEE", {"price_yuan_per_m2": "8.50"}, "3.4"),
                ClauseRow("RISE", {"percent": "5", "every_years": 1}, "3.2"),
                ClauseRow("RECURRING_FREE", {"meaning": "CONTRACT_YEAR_LAST_MONTHS"}, "4.3", "每年最后一个月免租"),
                ClauseRow("TAX", {"rate_percent": "9", "included": True}, "3.6"),
            ],
            actor=people.operator,
            at=at,
        )
        version = lease.versions.get()
        if number == 1:
            leasing.submit_version(version=version, actor=people.operator, at=at, reason="扩租意向已确认")
        elif number >= 2:
            leasing.submit_version(version=version, actor=None, at=at)
        if number == 3:
            lease.refresh_from_db()
            leasing.sign_lease(lease=lease, signed_on=on, actor=people.operator, at=at)
    _change(made, on, people)
    _renew_and_end(park, made, on, people)


def _change(made: Sequence[Lease], on: date, people: People) -> None:
    """Change a lease that runs on for a while, by two persons."""
    lease = next(x for x in made if x.starts_on < on and x.ends_on > add_months(on, 14))
    at = moment(on)
    version = leasing.draft_change(
        lease=lease, effective_on=on.replace(day=1), reason="补充协议：单价调整", actor=people.operator, at=at
    )
    rent = version.clauses.get(kind="RENT")
    price = Decimal(rent.values["price_yuan_per_m2"]) - 3
    leasing.put_clause(
        version=version,
        kind="RENT",
        values={"price_yuan_per_m2": str(price)},
        clause=rent,
        source="补1",
        actor=people.operator,
        at=at,
    )
    leasing.submit_version(version=version, actor=people.operator, at=at)
    version = LeaseVersion.objects.get(pk=version.pk)
    if version.approval is not None:
        approvals.decide_approval(approval=version.approval, approve=True, actor=people.second, at=at)


def _renew_and_end(park: Park, made: Sequence[Lease], on: date, people: People) -> None:
    """Draft the renewal of the lease that ends soonest; write the last stay that is over as an ended lease."""
    ending = min((x for x in made if x.stops_on > on), key=lambda x: (x.stops_on, x.number), default=None)
    if ending is not None:
        leasing.renew_lease(
            lease=ending,
            number=f"{ending.number}-R",
            ends_on=add_months(ending.stops_on, 36),
            actor=people.operator,
            at=moment(on),
        )
    former = Occupancy.objects.filter(premises__park=park, ends_on__lte=on).select_related("premises", "enterprise")
    for stay in former.order_by("-ends_on", "premises__code"):
        if stay.ends_on is None or Lease.objects.filter(park=park, number=stay.lease_number).exists():
            continue
        planned = max(stay.ends_on + timedelta(days=90), stay.lease_ends_on or stay.ends_on)
        lease = leasing.draft_lease(
            park=park,
            enterprise=stay.enterprise,
            number=stay.lease_number or f"DEMO-L{stay.starts_on:%y%m}-{stay.premises.code}",
            starts_on=stay.starts_on,
            ends_on=planned,
            premises=[PlaceRow(stay.premises, stay.starts_on, stay.ends_on)],
            clauses=[ClauseRow("RENT", {"price_yuan_per_m2": "45.00"}, "3.1")],
            actor=people.operator,
            at=moment(stay.starts_on),
        )
        leasing.submit_version(version=lease.versions.get(), actor=None, at=moment(stay.starts_on))
        lease.refresh_from_db()
        lease = leasing.sign_lease(
            lease=lease, signed_on=stay.starts_on, actor=people.operator, at=moment(stay.starts_on)
        )
        lease = leasing.activate_lease(lease=lease, actor=people.operator, at=moment(stay.starts_on))
        leasing.end_lease(
            lease=lease, ends_on=stay.ends_on, reason="协商提前终止", actor=people.operator, at=moment(stay.ends_on)
        )
        return
