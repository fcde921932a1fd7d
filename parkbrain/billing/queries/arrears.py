"""Who owes since when, which step of the ladder is due, and what needs somebody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, Max, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.calc.billing import AGES, sort_by_age
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Attention
from parkbrain.kernel.roles import Permission
from parkbrain.ui import formats

from ..models import BankLine, Bill, BillRun, DunningAct, DunningPause, DunningStep, Payment
from .rules import get_rules

ZERO = Decimal(0)


@dataclass(frozen=True)
class DueStep:
    """A step of the ladder that is due for a bill and was not taken."""

    bill: Bill
    step: DunningStep


@dataclass(frozen=True)
class FirmArrears:
    """What a firm owes by age, its overdue bills, the pause that holds, and the steps that are due."""

    enterprise: Enterprise
    by_age: Mapping[str, Decimal]
    bills: Sequence[Bill]
    pause: DunningPause | None
    steps: Sequence[DueStep]
    last_act: DunningAct | None

    @property
    def total_yuan(self) -> Decimal:
        """Everything overdue."""
        return sum(self.by_age.values(), ZERO)

    @property
    def in_order(self) -> list[Decimal]:
        """The sums in the order of the ages."""
        return [self.by_age[key] for key, _last in AGES]


def age_labels() -> list[str]:
    """Return the classes of age in words, youngest first."""
    labels, first = [], 0
    for _key, last in AGES:
        labels.append(
            _("over %(days)s days") % {"days": first - 1}
            if last is None
            else _("%(first)s–%(last)s days") % {"first": first, "last": last}
        )
        first = (last or 0) + 1
    return labels


def list_arrears(*, park: Park, on: date) -> list[FirmArrears]:
    """Return the firms with overdue bills, the largest debt first."""
    bills = list(
        Bill.objects.filter(park=park).overdue_on(on).select_related("enterprise").order_by("due_on", "number")
    )
    acts: dict[int, list[DunningAct]] = defaultdict(list)
    for act in DunningAct.objects.filter(bill__in=bills).select_related("step").order_by("done_on", "pk"):
        acts[act.bill_id].append(act)
    ladder = list(DunningStep.objects.filter(park=park))
    held = DunningPause.objects.filter(park=park, undone_at__isnull=True, starts_on__lte=on, ends_on__gt=on)
    pauses = {pause.enterprise_id: pause for pause in held}
    by_firm: dict[int, list[Bill]] = defaultdict(list)
    for bill in bills:
        by_firm[bill.enterprise_id].append(bill)
    found = [_arrears(own, acts, ladder, pauses.get(firm), on) for firm, own in by_firm.items()]
    return sorted(found, key=lambda f: -f.total_yuan)


def _arrears(
    bills: Sequence[Bill],
    acts: Mapping[int, Sequence[DunningAct]],
    ladder: Sequence[DunningStep],
    pause: DunningPause | None,
    on: date,
) -> FirmArrears:
    steps = [] if pause else [step for bill in bills if (step := _due_step(bill, acts.get(bill.pk, ()), ladder, on))]
    taken = [act for bill in bills for act in acts.get(bill.pk, ())]
    return FirmArrears(
        bills[0].enterprise,
        sort_by_age([(b.due_on, b.open_yuan) for b in bills], on=on),
        bills,
        pause,
        steps,
        max(taken, key=lambda act: (act.done_on, act.pk), default=None),
    )


def _due_step(bill: Bill, acts: Iterable[DunningAct], ladder: Sequence[DunningStep], on: date) -> DueStep | None:
    """Return the highest step that the bill's age reaches; none where that one or a higher was taken."""
    reached = [step for step in ladder if step.days_overdue <= bill.days_overdue(on)]
    taken = max((act.step.days_overdue for act in acts), default=0)
    return DueStep(bill, reached[-1]) if reached and reached[-1].days_overdue > taken else None


def count_due_steps(*, park: Park, on: date) -> int:
    """Return how many steps of the ladder are due, as `list_arrears` lists them."""
    held = DunningPause.objects.filter(park=park, undone_at__isnull=True, starts_on__lte=on, ends_on__gt=on)
    bills = Bill.objects.filter(park=park).overdue_on(on).exclude(enterprise__in=held.order_by().values("enterprise"))
    taken: dict[int, int] = dict(
        DunningAct.objects.filter(bill__in=bills.order_by().values("pk"))
        .order_by()
        .values_list("bill")
        .annotate(most=Max("step__days_overdue"))
    )
    ladder = list(DunningStep.objects.filter(park=park).values_list("days_overdue", flat=True))
    count = 0
    for pk, due_on in bills.order_by().values_list("pk", "due_on"):
        reached = [days for days in ladder if days <= (on - due_on).days]
        count += bool(reached) and reached[-1] > taken.get(pk, 0)
    return count


def sum_ages(*, firms: Sequence[FirmArrears]) -> dict[str, Decimal]:
    """Return what all firms together owe by age, youngest first."""
    return {key: sum((f.by_age[key] for f in firms), ZERO) for key, _last in AGES}


def overdue_by_age(*, park: Park, on: date) -> dict[str, Decimal]:
    """Return what is overdue in a park by age, youngest first, in one statement."""
    bills = Bill.objects.filter(park=park).overdue_on(on).order_by()
    return sort_by_age(list(bills.values_list("due_on", "open_yuan")), on=on)


def due_step_of(*, bill: Bill, on: date) -> DunningStep | None:
    """Return the step of the ladder that is due for a bill; None where none is, or the firm is not dunned now."""
    held = DunningPause.objects.filter(park=bill.park_id, enterprise=bill.enterprise_id, undone_at__isnull=True)
    if held.filter(starts_on__lte=on, ends_on__gt=on).exists():
        return None
    acts = bill.dunning_acts.select_related("step")
    found = _due_step(bill, acts, list(DunningStep.objects.filter(park=bill.park_id)), on)
    return found.step if found else None


def list_attention(*, user: User, park: Park, on: date) -> list[Attention]:
    """Return what of the park's money needs somebody: a run not made, overdue bills, steps due, credit, bank lines."""
    if not user.may(Permission.VIEW_MONEY, park.branch.path):
        return []
    found = [_run_attention(park, on), _overdue_attention(park, on), _credit_attention(park)]
    if user.may(Permission.MANAGE_MONEY, park.branch.path):
        found.append(_bank_attention(park))
    return [one for one in found if one is not None]


def _run_attention(park: Park, on: date) -> Attention | None:
    runs = BillRun.objects.filter(park=park)
    month = on.replace(day=1)
    url = reverse("billing_home", args=[park.pk])
    waiting = runs.exclude(state__in=BillRun.ISSUED).first()
    if waiting is not None:
        title = _("The bill run %(run)s is not finished") % {"run": waiting}
        return Attention(title, waiting.get_state_display(), reverse("billing_run", args=[waiting.pk]), weight=3.0)
    due_on = month.replace(day=get_rules(park=park).run_by_day)
    if on < due_on or not runs.exists() or runs.filter(month_on=month).exists():
        return None
    title = _("The bills of %(month)s were not made") % {"month": f"{month:%Y-%m}"}
    return Attention(title, _("They are expected by %(day)s.") % {"day": formats.day(due_on)}, url, due_on, "bad", 6.0)


def _overdue_attention(park: Park, on: date) -> Attention | None:
    sums = Bill.objects.filter(park=park).overdue_on(on).order_by().aggregate(count=Count("pk"), total=Sum("open_yuan"))
    if not sums["count"]:
        return None
    title = ngettext("%(count)s bill is overdue", "%(count)s bills are overdue", sums["count"])
    due = count_due_steps(park=park, on=on)
    detail = _("%(sum)s yuan; %(steps)s dunning steps are due") % {
        "sum": formats.number(sums["total"], 2),
        "steps": due,
    }
    url = reverse("billing_arrears", args=[park.pk])
    return Attention(title % {"count": sums["count"]}, detail, url, None, "bad", 5.0)


def _credit_attention(park: Park) -> Attention | None:
    held = Payment.objects.filter(park=park, unused_yuan__gt=0).order_by()
    sums = held.aggregate(count=Count("enterprise", distinct=True), total=Sum("unused_yuan"))
    if not sums["count"]:
        return None
    title = ngettext("%(count)s firm paid too much", "%(count)s firms paid too much", sums["count"])
    detail = _("%(sum)s yuan wait for the next bills or are given back") % {"sum": formats.number(sums["total"], 2)}
    url = f"{reverse('payment_list')}?park={park.pk}&unused=yes"
    return Attention(title % {"count": sums["count"]}, detail, url, None, "warn", 1.0)


def _bank_attention(park: Park) -> Attention | None:
    lines = BankLine.objects.filter(park=park, state__in=BankLine.WAITING).order_by("-file_id")
    count, first = lines.count(), lines.values_list("file_id", flat=True).first()
    if not count:
        return None
    title = ngettext("%(count)s line of the bank waits", "%(count)s lines of the bank wait", count) % {"count": count}
    return Attention(title, _("Decide whose money it is."), reverse("bank_file", args=[first]), None, "warn", 2.0)
