"""A month's run: begun, previewed as often as wanted, approved by a second person, locked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.kernel import approvals, audit, bulk
from parkbrain.kernel.models import Approval, Park, User
from parkbrain.ui import formats

from ..models import Bill, BillingRules, BillRun, Charge, ChargeKind, Payment
from ..queries.planning import Plan, month_after, plan_run
from ..queries.rules import get_rules
from .common import CannotBill, check_may, lock_park
from .payments import use_credit

RUN = "billing.run"
ZERO = Decimal(0)


@transaction.atomic
def begin_run(*, park: Park, month_on: date, issued_on: date, actor: User | None, at: datetime) -> BillRun:
    """Begin a run of a month: the first one, or a further one for what corrections changed.

    :raises CannotBill: another run is open, the month is far ahead, the day of issue lies before it, or the actor may not.
    """
    check_may(park=park, actor=actor, refusal=CannotBill)
    lock_park(park=park)
    month_on = month_on.replace(day=1)
    waiting = BillRun.objects.filter(park=park, state__in=[BillRun.State.DRAFT, BillRun.State.PREVIEWED]).first()
    if waiting is not None:
        raise CannotBill(_("The run %(run)s is open: approve or discard it first.") % {"run": waiting})
    if month_on > month_after(timezone.localdate(at).replace(day=1)):
        raise CannotBill(_("This month is too far ahead: next month's bills are the earliest."))
    if issued_on < month_on - timedelta(days=31):
        raise CannotBill(_("The bills would be issued more than a month before their own."))
    sequence = BillRun.objects.filter(park=park, month_on=month_on).count() + 1
    run = BillRun.objects.create(
        park=park, month_on=month_on, sequence=sequence, issued_on=issued_on, begun_by=actor, begun_at=at
    )
    audit.record("billing.run.begun", target=run, actor=actor, at=at, park=park)
    return run


def _open_run(run: BillRun) -> BillRun:
    locked = BillRun.objects.select_for_update().select_related("park__branch").get(pk=run.pk)
    if not locked.is_open:
        raise CannotBill(_("The bills of this run were issued; a correction is a further run of the month."))
    return locked


@transaction.atomic
def preview_run(*, run: BillRun, actor: User | None, at: datetime, looks_back: bool = True) -> BillRun:
    """Work out what the run would bill, in the place of any earlier preview of it; a request about that one falls.

    Without `looks_back` earlier months are not asked again: for months billed one after another in one go.

    :raises CannotBill: its bills were issued, a source proposes what cannot be, or the actor may not.
    """
    run = _open_run(run)
    check_may(park=run.park, actor=actor, refusal=CannotBill)
    _drop_request(run, _("The preview was made anew."), actor, at)
    with bulk.seldom_collect():
        plan = plan_run(park=run.park, month_on=run.month_on, looks_back=looks_back)
        _check_kinds(plan)
        run.charges.all()._raw_delete(run.charges.db)
        bulk.insert_values(model=Charge, columns=_COLUMNS, rows=_rows_of(run, plan))
    run.state, run.previewed_at, run.gaps = BillRun.State.PREVIEWED, at, list(plan.gaps)
    run.save(update_fields=["state", "previewed_at", "gaps"])
    audit.record("billing.run.previewed", target=run, actor=actor, at=at, park=run.park, charges=len(plan.charges))
    return run


def _drop_request(run: BillRun, reason: str, actor: User | None, at: datetime) -> None:
    approvals.drop_approvals(RUN, about={"run": run.pk}, actor=actor, at=at, reason=reason)


_COLUMNS = [
    "park_id",
    "enterprise_id",
    "premises_id",
    "run_id",
    "bill_id",
    "key",
    "source",
    "month_on",
    "kind",
    "starts_on",
    "ends_on",
    "due_on",
    "quantity",
    "unit",
    "unit_price_yuan",
    "net_yuan",
    "tax_rate",
    "tax_yuan",
    "gross_yuan",
    "reasons",
    "adjusts_id",
    "is_overridden",
]


def _rows_of(run: BillRun, plan: Plan) -> list[tuple[Any, ...]]:
    rows = []
    for planned in plan.charges:
        c = planned.charge
        rows.append(
            (
                run.park_id,
                c.enterprise_id,
                c.premises_id,
                run.pk,
                None,
                c.key,
                planned.source,
                planned.month_on,
                c.kind,
                c.starts_on,
                c.ends_on,
                c.due_on,
                c.quantity,
                c.unit,
                c.unit_price_yuan,
                c.net_yuan,
                c.tax_rate,
                c.tax_yuan,
                c.gross_yuan,
                [reason.as_json() for reason in c.reasons],
                planned.adjusts_id,
                planned.is_overridden,
            )
        )
    return rows


def _check_kinds(plan: Plan) -> None:
    unknown = {planned.charge.kind for planned in plan.charges} - set(ChargeKind.values)
    if unknown:
        raise CannotBill(
            _("A charge is of the kind %(kind)s, which this version does not know.") % {"kind": unknown.pop()}
        )


@transaction.atomic
def discard_run(*, run: BillRun, actor: User | None, at: datetime) -> None:
    """Throw away a run whose bills were not issued, with its preview and the request to approve it.

    :raises CannotBill: its bills were issued, or the actor may not.
    """
    run = _open_run(run)
    check_may(park=run.park, actor=actor, refusal=CannotBill)
    _drop_request(run, _("The run was discarded."), actor, at)
    run.charges.all()._raw_delete(run.charges.db)
    audit.record("billing.run.discarded", target=run, actor=actor, at=at, park=run.park)
    run.delete()


@dataclass(frozen=True)
class _Sum:
    """What a preview comes to: an approval holds for exactly this."""

    charges: int
    gross: Decimal


def _sum_of(run: BillRun) -> _Sum:
    found = run.charges.order_by().aggregate(gross=Sum("gross_yuan"))
    return _Sum(run.charges.count(), (found["gross"] or ZERO).quantize(Decimal("0.01")))


@transaction.atomic
def ask_to_approve_run(*, run: BillRun, actor: User, at: datetime) -> Approval | BillRun:
    """Ask a second person to approve the preview; where nobody else could, it is approved at once.

    :raises CannotBill: there is no preview or nothing to bill, a source could not answer, it was asked, or the actor may not.
    """
    run = _open_run(run)
    check_may(park=run.park, actor=actor, refusal=CannotBill)
    _check_ready(run)
    whole = _sum_of(run)
    params = {
        "run": run.pk,
        "month": f"{run.month_on:%Y-%m}",
        "charges": whole.charges,
        "gross": str(whole.gross),
        "previewed_at": run.previewed_at.isoformat() if run.previewed_at else "",
    }
    if not approvals.has_second_person(RUN, params=params, path=run.park.branch.path, actor=actor):
        return _issue(run, actor, at)
    try:
        return approvals.ask_approval(RUN, params=params, branch=run.park.branch, actor=actor, at=at)
    except approvals.CannotAskApproval as waits:
        raise CannotBill(str(waits)) from waits


def _check_ready(run: BillRun) -> None:
    if run.state != BillRun.State.PREVIEWED:
        raise CannotBill(_("Make the preview first: it is what is approved."))
    if any(gap["blocks"] for gap in run.gaps):
        raise CannotBill(_("A source could not say what is owed: see the preview, mend it and preview again."))
    if not run.charges.exists():
        raise CannotBill(_("There is nothing to bill in this run; discard it."))


def describe_run_approval(*, params: Mapping[str, Any]) -> str:
    """Return what is asked for as a sentence."""
    return _("Issue the bills of %(month)s: %(charges)s charges, %(gross)s yuan") % {
        **params,
        "gross": formats.number(Decimal(params["gross"]), 2),
    }


def carry_out_run(*, params: Mapping[str, Any], asked_by: User, decided_by: User, at: datetime) -> None:
    """Issue the bills of the run that a second person approved.

    :raises CannotDecideApproval: the run is gone, or its preview is not the one that was asked about.
    """
    run = BillRun.objects.select_for_update().select_related("park__branch").filter(pk=params["run"]).first()
    if run is None or not run.is_open:
        raise approvals.CannotDecideApproval(_("This run was discarded, or its bills were issued already."))
    previewed_at = run.previewed_at.isoformat() if run.previewed_at else ""
    if previewed_at != params["previewed_at"] or _sum_of(run) != _Sum(params["charges"], Decimal(params["gross"])):
        raise approvals.CannotDecideApproval(_("The preview was made anew since this was asked; ask again."))
    try:
        _check_ready(run)
    except CannotBill as refusal:
        raise approvals.CannotDecideApproval(str(refusal)) from refusal
    _issue(run, decided_by, at)


def _issue(run: BillRun, actor: User | None, at: datetime) -> BillRun:
    """Make the bills of the preview: one a firm, numbered by park and month."""
    lock_park(park=run.park)
    rules = get_rules(park=run.park)
    rows = _bill_rows(run, rules, Bill.objects.filter(park=run.park, month_on=run.month_on).count())
    bulk.insert_values(model=Bill, columns=_BILL_COLUMNS, rows=rows)
    of_firm = Bill.objects.filter(run=run.pk, enterprise=OuterRef("enterprise")).order_by().values("pk")
    run.charges.update(bill=Subquery(of_firm))
    run.state, run.approved_by, run.approved_at = BillRun.State.APPROVED, actor, at
    run.save(update_fields=["state", "approved_by", "approved_at"])
    _give_credit(run, actor, at)
    audit.record(
        "billing.run.approved",
        target=run,
        actor=actor,
        at=at,
        park=run.park,
        bills=len(rows),
        gross=str(sum((row[_GROSS] for row in rows), ZERO)),
    )
    return run


_BILL_COLUMNS = [
    "park_id",
    "enterprise_id",
    "run_id",
    "number",
    "month_on",
    "issued_on",
    "due_on",
    "net_yuan",
    "tax_yuan",
    "gross_yuan",
    "paid_yuan",
    "written_off_yuan",
    "open_yuan",
    "state",
    "settled_on",
]
_GROSS = _BILL_COLUMNS.index("gross_yuan")


def _bill_rows(run: BillRun, rules: BillingRules, already: int) -> list[tuple[Any, ...]]:
    sums: dict[int, list[Any]] = {}
    lines = run.charges.order_by("enterprise", "id")
    for firm, net, tax, due_on in lines.values_list("enterprise_id", "net_yuan", "tax_yuan", "due_on"):
        known = sums.setdefault(firm, [ZERO, ZERO, due_on])
        known[0] += net
        known[1] += tax
        known[2] = min(known[2], due_on)
    earliest = run.issued_on + timedelta(days=rules.least_days_to_pay)
    rows: list[tuple[Any, ...]] = []
    for firm, (net, tax, due_on) in sums.items():
        gross = net + tax
        state = Bill.State.OPEN if gross > 0 else Bill.State.CREDITED if gross < 0 else Bill.State.CLOSED_AT_ZERO
        rows.append(
            (
                run.park_id,
                firm,
                run.pk,
                f"{run.month_on:%Y%m}-{already + len(rows) + 1:04d}",
                run.month_on,
                run.issued_on,
                max(due_on, earliest),
                net,
                tax,
                gross,
                ZERO,
                ZERO,
                max(gross, ZERO),
                str(state),
                None if gross > 0 else run.issued_on,
            )
        )
    return rows


def _give_credit(run: BillRun, actor: User | None, at: datetime) -> None:
    """Let negative bills and what firms paid too much pay what is open."""
    for bill in run.bills.filter(gross_yuan__lt=0):
        Payment.objects.create(
            park=run.park,
            enterprise_id=bill.enterprise_id,
            kind=Payment.Kind.CREDIT_NOTE,
            received_on=run.issued_on,
            amount_yuan=-bill.gross_yuan,
            unused_yuan=-bill.gross_yuan,
            method=Payment.Method.INTERNAL,
            reference=bill.number,
            credit_of=bill,
            recorded_by=actor,
            recorded_at=at,
        )
    firms = set(run.bills.values_list("enterprise", flat=True))
    use_credit(park=run.park, enterprise_ids=firms, at=at)


@transaction.atomic
def lock_run(*, run: BillRun, actor: User | None, at: datetime) -> BillRun:
    """Lock the month of an approved run: it was handed to the accounting.

    :raises CannotBill: its bills were not issued yet, it is locked, or the actor may not.
    """
    run = BillRun.objects.select_for_update().select_related("park__branch").get(pk=run.pk)
    check_may(park=run.park, actor=actor, refusal=CannotBill)
    if run.state != BillRun.State.APPROVED:
        raise CannotBill(_("Only an approved run is locked."))
    run.state, run.locked_by, run.locked_at = BillRun.State.LOCKED, actor, at
    run.save(update_fields=["state", "locked_by", "locked_at"])
    audit.record("billing.run.locked", target=run, actor=actor, at=at, park=run.park)
    return run
