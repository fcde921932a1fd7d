"""What a run bills, why it differs from last month, what was resold, and how a park's money stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from parkbrain.calc.billing import Cause, Item, explain_difference
from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Approval, Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Premises
from parkbrain.ui import formats

from ..models import BankLine, Bill, BillRun, Charge, ChargeKind, Payment
from .arrears import overdue_by_age
from .files import get_run_approval
from .planning import month_after, month_before, source_label
from .sources import Said, explain_reasons, supply_costs

ZERO = Decimal(0)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class KindSum:
    """What a run bills of one kind."""

    kind: str
    label: str
    charges: int
    net_yuan: Decimal
    tax_yuan: Decimal
    gross_yuan: Decimal


@dataclass(frozen=True)
class FirmDifference:
    """A firm's month against the one before, taken apart."""

    enterprise: Enterprise
    before_yuan: Decimal
    after_yuan: Decimal
    causes: Sequence[tuple[str, Cause]]

    @property
    def difference_yuan(self) -> Decimal:
        """How much more it is than last month."""
        return self.after_yuan - self.before_yuan

    @property
    def words(self) -> list[str]:
        """The causes as sentences."""
        return [_cause_words(what, cause) for what, cause in self.causes]


def _cause_words(what: str, cause: Cause) -> str:
    """Return why a firm's month differs, as a sentence with its part of the difference."""
    sentences = {
        "new": _("%(what)s is new"),
        "ended": _("%(what)s ended"),
        "price": _("%(what)s: price %(before)s → %(after)s"),
        "quantity": _("%(what)s: quantity %(before)s → %(after)s"),
        "days": _("%(what)s: %(before)s → %(after)s days"),
        "tax": _("%(what)s: tax %(before)s → %(after)s"),
        "override": _("%(what)s was set by hand"),
        "adjustment": _("%(what)s: correction of an earlier bill"),
        "other": _("%(what)s changed"),
    }
    decimals = {"days": 0, "tax": 2, "quantity": 2}.get(cause.why, 4)
    said = sentences[cause.why] % {
        "what": what,
        "before": formats.number(cause.before, decimals),
        "after": formats.number(cause.after, decimals),
    }
    return f"{said}: {'+' if cause.amount > 0 else ''}{formats.number(cause.amount, 2)}"


@dataclass(frozen=True)
class Resale:
    """A month's electricity: what firms were charged, and what the park paid; they may not pay more than it did."""

    month_on: date
    charged_yuan: Decimal
    paid_yuan: Decimal | None

    @property
    def over_yuan(self) -> Decimal | None:
        """How much more was charged than paid; negative where it was less."""
        return None if self.paid_yuan is None else self.charged_yuan - self.paid_yuan


@dataclass(frozen=True)
class Gap:
    """What a source could not propose."""

    source: str
    said: Said
    blocks: bool


@dataclass(frozen=True)
class RunView:
    """A run as its page shows it."""

    run: BillRun
    kinds: Sequence[KindSum]
    firms: int
    total: KindSum
    adjustments: QuerySet[Charge]
    overridden: int
    gaps: Sequence[Gap]
    differences: Sequence[FirmDifference]
    resale: Resale | None
    approval: Approval | None


def find_run(*, user: User, run_id: int) -> BillRun | None:
    """Return a run of a park whose money the person sees."""
    parks = Park.objects.visible_to(user, Permission.VIEW_MONEY)
    rows = BillRun.objects.filter(park__in=parks).select_related("park__branch", "begun_by", "approved_by", "locked_by")
    return rows.filter(pk=run_id).first()


def get_run_view(*, run: BillRun) -> RunView:
    """Return everything a run's page shows."""
    kinds = _sum_kinds(run)
    total = KindSum(
        "",
        "",
        sum(k.charges for k in kinds),
        sum((k.net_yuan for k in kinds), ZERO),
        sum((k.tax_yuan for k in kinds), ZERO),
        sum((k.gross_yuan for k in kinds), ZERO),
    )
    charges = run.charges.order_by()
    counts = charges.aggregate(
        firms=Count("enterprise", distinct=True), by_hand=Count("pk", filter=Q(is_overridden=True))
    )
    adjustments = run.charges.filter(adjusts__isnull=False).select_related("enterprise", "adjusts__bill", "premises")
    return RunView(
        run,
        kinds,
        counts["firms"],
        total,
        adjustments.order_by("enterprise", "kind", "pk"),
        counts["by_hand"],
        [
            Gap(str(source_label(key=g["source"])), explain_reasons(steps=[g["reason"]])[0], bool(g["blocks"]))
            for g in run.gaps
        ],
        compare_months(run=run),
        check_resale(park=run.park, month_on=month_before(run.month_on)),
        get_run_approval(run=run) if run.state == BillRun.State.PREVIEWED else None,
    )


def _sum_kinds(run: BillRun) -> list[KindSum]:
    sums = run.charges.order_by().values("kind").annotate(
        count=Count("pk"), net=Sum("net_yuan"), tax=Sum("tax_yuan"), gross=Sum("gross_yuan")
    )  # fmt: skip
    found = {row["kind"]: row for row in sums}
    return [
        KindSum(
            kind.value,
            str(kind.label),
            found[kind]["count"],
            found[kind]["net"].quantize(CENT),
            found[kind]["tax"].quantize(CENT),
            found[kind]["gross"].quantize(CENT),
        )
        for kind in ChargeKind
        if kind in found
    ]


_ITEM = [
    "enterprise_id",
    "kind",
    "premises_id",
    "net_yuan",
    "tax_yuan",
    "tax_rate",
    "quantity",
    "unit_price_yuan",
    "starts_on",
    "ends_on",
    "adjusts_id",
    "is_overridden",
    "run__month_on",
]


def compare_months(*, run: BillRun) -> list[FirmDifference]:
    """Return the firms whose month differs from the one before, the largest difference first.

    A month is everything its runs billed, and what the run itself would bill where it is not issued yet.
    """
    last = month_before(run.month_on)
    rows = Charge.objects.filter(
        Q(bill__isnull=False) | Q(run=run), park=run.park_id, run__month_on__in=[last, run.month_on]
    )
    months: dict[int, tuple[list[Item], list[Item]]] = defaultdict(lambda: ([], []))
    for row in rows.order_by("pk").values_list(*_ITEM):
        months[row[0]][row[-1] == run.month_on].append(_item(row))
    found = []
    for firm, (before, after) in months.items():
        if causes := explain_difference(before, after):
            found.append((firm, _whole(before), _whole(after), causes))
    found.sort(key=lambda f: (-abs(f[2] - f[1]), f[0]))
    firms = Enterprise.objects.in_bulk([f[0] for f in found])
    places = _places(causes for *_rest, causes in found)
    return [
        FirmDifference(firms[firm], before, after, [(_what(cause, places), cause) for cause in causes])
        for firm, before, after, causes in found
    ]


def _whole(items: Sequence[Item]) -> Decimal:
    return sum((i.net + i.tax for i in items), ZERO)


def _item(row: Sequence[Any]) -> Item:
    _firm, kind, place, net, tax, rate, quantity, price, start, end, adjusts, by_hand, _month = row
    if quantity is not None and price is not None and abs(quantity * price - net - tax) < abs(quantity * price - net):
        # The price includes tax, as those of energy do.
        price = price / (1 + rate)
    whole = (month_after(start.replace(day=1)) - start.replace(day=1)).days
    key = f"{kind}|{place or ''}"
    return Item(key, net, tax, quantity, price, (end - start).days, whole, adjusts is not None, by_hand)


def _places(causes: Any) -> dict[str, str]:
    keys = {cause.key.partition("|")[2] for part in causes for cause in part}
    return {
        str(pk): code for pk, code in Premises.objects.filter(pk__in=[k for k in keys if k]).values_list("pk", "code")
    }


def _what(cause: Cause, places: Mapping[str, str]) -> str:
    kind, _bar, place = cause.key.partition("|")
    return " · ".join(filter(None, [str(ChargeKind(kind).label), places.get(place, "")]))


def check_resale(*, park: Park, month_on: date) -> Resale | None:
    """Return what firms were charged for a month's electricity against what it cost; None where nothing was charged."""
    kinds = [ChargeKind.ELECTRICITY, ChargeKind.SHARED_ELECTRICITY]
    rows = Charge.objects.filter(
        park=park, kind__in=kinds, starts_on__gte=month_on, starts_on__lt=month_after(month_on)
    )
    charged = rows.order_by().aggregate(total=Sum("gross_yuan"))["total"]
    if charged is None:
        return None
    costs = [cost(park=park, month_on=month_on) for cost in supply_costs]
    known = [cost for cost in costs if cost is not None]
    return Resale(month_on, charged.quantize(CENT), sum(known, ZERO) if known else None)


@dataclass(frozen=True)
class Home:
    """How a park's money stands."""

    month_on: date
    run: BillRun | None
    runs: Sequence[BillRun]
    billed_yuan: Decimal
    collected_yuan: Decimal
    open_yuan: Decimal
    overdue_yuan: Decimal
    credit_yuan: Decimal
    by_age: Mapping[str, Decimal]
    months: Sequence[tuple[date, Decimal, Decimal]]
    waiting_lines: int


def get_home(*, park: Park, on: date) -> Home:
    """Return the money of a park: this month's run, what was billed and came, arrears by age, the last year's months."""
    month = on.replace(day=1)
    runs = list(BillRun.objects.filter(park=park).order_by("-month_on", "-sequence")[:13])
    awaiting = Bill.objects.filter(park=park).awaiting()
    overdue = overdue_by_age(park=park, on=on)
    first = date(month.year - 1, month.month, 1)
    sums = Bill.objects.filter(park=park, month_on__gte=first, gross_yuan__gt=0).order_by().values("month_on")
    months = [
        (row["month_on"], row["gross"].quantize(CENT), row["paid"].quantize(CENT))
        for row in sums.annotate(gross=Sum("gross_yuan"), paid=Sum("paid_yuan")).order_by("month_on")
    ]
    held = Payment.objects.filter(park=park).order_by().aggregate(total=Sum("unused_yuan"))["total"] or ZERO
    open_sum = awaiting.order_by().aggregate(total=Sum("open_yuan"))["total"] or ZERO
    newest = months[-1] if months else (month, ZERO, ZERO)
    return Home(
        newest[0],
        next((r for r in runs if r.month_on == month), None),
        runs,
        newest[1],
        newest[2],
        open_sum.quantize(CENT),
        sum(overdue.values(), ZERO),
        held.quantize(CENT),
        overdue,
        months,
        BankLine.objects.filter(park=park, state__in=BankLine.WAITING).count(),
    )
