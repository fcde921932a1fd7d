"""The lists of bills, charges, payments and deposits: what they may be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parkbrain.kernel.roles import Permission
from parkbrain.lists import Ask, ListSpec, park_filter
from parkbrain.ui import formats
from parkbrain.ui.table import Column, Filter

from .models import Bill, BillRun, Charge, ChargeKind, Deposit, Payment
from .queries import FirmArrears, age_labels, visible_charges

TONES = {
    Bill.State.OPEN: "",
    Bill.State.PARTLY_PAID: "warn",
    Bill.State.PAID: "ok",
    Bill.State.CLOSED_AT_ZERO: "ok",
    Bill.State.CREDITED: "ok",
    Bill.State.WRITTEN_OFF: "bad",
}
RUN_TONES = {
    BillRun.State.DRAFT: "warn",
    BillRun.State.PREVIEWED: "warn",
    BillRun.State.APPROVED: "ok",
    BillRun.State.LOCKED: "",
}


def bill_badge(bill: Bill, ask: Ask) -> tuple[str, str]:
    """Return how far a bill is paid, and whether it is overdue, as a badge."""
    overdue = bill.days_overdue(ask.on)
    if overdue:
        return _("%(days)s days overdue") % {"days": overdue}, "bad"
    return bill.get_state_display(), TONES[Bill.State(bill.state)]


def _firm(row: Any) -> tuple[str, str]:
    return row.enterprise.name, reverse("billing_firm", args=[row.park_id, row.enterprise_id])


def _bill_columns(ask: Ask) -> Sequence[Column]:
    link = lambda b: (b.number, reverse("bill_detail", args=[b.pk]))  # noqa: E731
    return (
        Column("number", _("Bill"), link, "link", ("number",)),
        Column("firm", _("Enterprise"), _firm, "link", ("enterprise__name_zh_hans",)),
        Column("month", _("Month"), lambda b: f"{b.month_on:%Y-%m}", order_by=("month_on",)),
        Column("issued", _("Issued on"), lambda b: b.issued_on, "date", ("issued_on",), hidden=True),
        Column("due", _("Due on"), lambda b: b.due_on, "date", ("due_on",)),
        Column("net", _("Net (yuan)"), lambda b: b.net_yuan, "number", ("net_yuan",), 2, total="net_yuan", hidden=True),
        Column("tax", _("Tax (yuan)"), lambda b: b.tax_yuan, "number", ("tax_yuan",), 2, total="tax_yuan", hidden=True),
        Column("gross", _("Amount (yuan)"), lambda b: b.gross_yuan, "number", ("gross_yuan",), 2, total="gross_yuan"),
        Column("paid", _("Paid (yuan)"), lambda b: b.paid_yuan, "number", ("paid_yuan",), 2, total="paid_yuan"),
        Column("open", _("Open (yuan)"), lambda b: b.open_yuan, "number", ("open_yuan",), 2, total="open_yuan"),
        Column("state", _("State"), lambda b: bill_badge(b, ask), "badge", ("state",)),
        Column("settled", _("Settled on"), lambda b: b.settled_on, "date", ("settled_on",), hidden=True),
    )


def _bill_filters(ask: Ask) -> Sequence[Filter]:
    names = ("number", "enterprise__name_zh_hans", "enterprise__name_en")
    return (
        Filter("q", _("Number or firm"), fields=names, main=True),
        Filter("state", _("State"), "choices", ("state",), Bill.State.choices, main=True),
        Filter(
            "overdue",
            _("Overdue"),
            "choice",
            choices=[("yes", _("Overdue"))],
            keep=lambda rows, _yes: rows.overdue_on(ask.on),
            main=True,
        ),
        Filter("month", _("Month"), "date", ("month_on",)),
        _run_filter(ask),
        Filter("due", _("Due on"), "date", ("due_on",)),
        Filter("gross", _("Amount"), "number", ("gross_yuan",), unit=_("yuan")),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _said(text: str, count: int, totals: Mapping[str, Any], *sums: str) -> str:
    """Return a sentence over a list with its count and the sums of some columns in yuan."""
    amounts = {key: formats.number(totals[key][0] or 0, 2) for key in sums}
    return text % {"count": formats.number(count, 0), **amounts}


def _bill_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext(
        "%(count)s bill over %(gross)s yuan, %(open)s open.",
        "%(count)s bills over %(gross)s yuan, %(open)s open.",
        count,
    )
    return _said(text, count, totals, "gross", "open")


BILLS = ListSpec(
    key="billing.bills",
    url_name="bill_list",
    label=gettext_lazy("Bills"),
    columns=_bill_columns,
    filters=_bill_filters,
    rows=lambda ask: Bill.objects.visible_to(ask.user),
    readers=(Permission.VIEW_MONEY, Permission.VIEW_OWN_ENTERPRISE),
    related=("enterprise",),
    default_sort=("-month_on", "number"),
    sentence=_bill_sentence,
    empty=gettext_lazy("No bill is kept by these filters."),
)


def _bill_of(charge: Charge) -> tuple[str, str] | None:
    if charge.bill is None:
        return None
    return charge.bill.number, reverse("bill_detail", args=[charge.bill_id])


def _charge_columns(_ask: Ask) -> Sequence[Column]:
    link = lambda c: (str(c), reverse("billing_charge", args=[c.pk]))  # noqa: E731
    return (
        Column("charge", _("Charge"), link, "link", ("kind", "starts_on")),
        Column("firm", _("Enterprise"), _firm, "link", ("enterprise__name_zh_hans",)),
        Column("place", _("Premises"), lambda c: c.premises.code if c.premises else "", order_by=("premises__code",)),
        Column("from", _("From"), lambda c: c.starts_on, "date", ("starts_on",)),
        Column("to", _("Up to"), lambda c: c.ends_on, "date", ("ends_on",), hidden=True),
        Column("quantity", _("Quantity"), lambda c: c.quantity, "number", ("quantity",), 2),
        Column("unit", _("Unit"), lambda c: c.unit),
        Column("price", _("Unit price"), lambda c: c.unit_price_yuan, "number", ("unit_price_yuan",), 4),
        Column("net", _("Net (yuan)"), lambda c: c.net_yuan, "number", ("net_yuan",), 2, total="net_yuan"),
        Column("tax", _("Tax (yuan)"), lambda c: c.tax_yuan, "number", ("tax_yuan",), 2, total="tax_yuan"),
        Column("gross", _("Amount (yuan)"), lambda c: c.gross_yuan, "number", ("gross_yuan",), 2, total="gross_yuan"),
        Column("bill", _("Bill"), _bill_of, "link", ("bill__number",)),
        Column("mark", _("Marks"), _marks, "badge"),
    )


def _marks(charge: Charge) -> tuple[str, str] | None:
    if charge.adjusts_id is not None:
        return _("correction"), "warn"
    return (_("set by hand"), "warn") if charge.is_overridden else None


def _run_filter(ask: Ask) -> Filter:
    def resolve(typed: str) -> BillRun | None:
        visible = visible_charges(user=ask.user).order_by().values("run")
        return BillRun.objects.filter(pk=int(typed), pk__in=visible).first()

    return Filter("run", _("Bill run"), "ref", resolve=resolve, keep=lambda rows, run: rows.filter(run=run))


def _charge_filters(ask: Ask) -> Sequence[Filter]:
    names = ("enterprise__name_zh_hans", "enterprise__name_en", "premises__code", "bill__number")
    marks = {"correction": {"adjusts__isnull": False}, "by_hand": {"is_overridden": True}}
    return (
        Filter("q", _("Firm, premises or bill"), fields=names, main=True),
        Filter("kind", _("Kind"), "choices", ("kind",), ChargeKind.choices, main=True),
        Filter(
            "mark",
            _("Marks"),
            "choice",
            choices=[("correction", _("correction")), ("by_hand", _("set by hand"))],
            keep=lambda rows, chosen: rows.filter(**marks[chosen]),
            main=True,
        ),
        Filter("from", _("From"), "date", ("starts_on",)),
        Filter("gross", _("Amount"), "number", ("gross_yuan",), unit=_("yuan")),
        _run_filter(ask),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _charge_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s charge over %(gross)s yuan.", "%(count)s charges over %(gross)s yuan.", count)
    return _said(text, count, totals, "gross")


CHARGES = ListSpec(
    key="billing.charges",
    url_name="charge_list",
    label=gettext_lazy("Charges"),
    columns=_charge_columns,
    filters=_charge_filters,
    rows=lambda ask: visible_charges(user=ask.user),
    readers=(Permission.VIEW_MONEY, Permission.VIEW_OWN_ENTERPRISE),
    related=("enterprise", "premises", "bill"),
    default_sort=("-starts_on", "enterprise_id", "kind"),
    sentence=_charge_sentence,
    empty=gettext_lazy("No charge is kept by these filters."),
)


def _payment_columns(_ask: Ask) -> Sequence[Column]:
    link = lambda p: (formats.day(p.received_on), reverse("payment_detail", args=[p.pk]))  # noqa: E731
    return (
        Column("day", _("Day"), link, "link", ("received_on",)),
        Column("firm", _("Enterprise"), _firm, "link", ("enterprise__name_zh_hans",)),
        Column("kind", _("Kind"), _payment_badge, "badge", ("kind",)),
        Column("method", _("Method"), lambda p: p.get_method_display(), order_by=("method",)),
        Column("payer", _("Payer"), lambda p: p.payer, order_by=("payer",)),
        Column("reference", _("Reference"), lambda p: p.reference, order_by=("reference",)),
        Column(
            "amount", _("Amount (yuan)"), lambda p: p.amount_yuan, "number", ("amount_yuan",), 2, total="amount_yuan"
        ),
        Column(
            "unused", _("Not used (yuan)"), lambda p: p.unused_yuan, "number", ("unused_yuan",), 2, total="unused_yuan"
        ),
    )


def _payment_badge(payment: Payment) -> tuple[str, str]:
    tones = {Payment.Kind.RED_ENTRY: "bad", Payment.Kind.REFUND: "warn"}
    return payment.get_kind_display(), tones.get(Payment.Kind(payment.kind), "")


def _payment_filters(ask: Ask) -> Sequence[Filter]:
    names = ("payer", "reference", "enterprise__name_zh_hans", "enterprise__name_en")
    return (
        Filter("q", _("Payer, reference or firm"), fields=names, main=True),
        Filter("kind", _("Kind"), "choices", ("kind",), Payment.Kind.choices, main=True),
        Filter("method", _("Method"), "choices", ("method",), Payment.Method.choices),
        Filter(
            "unused",
            _("Credit"),
            "choice",
            choices=[("yes", _("Not wholly used"))],
            keep=lambda rows, _yes: rows.filter(unused_yuan__gt=0),
            main=True,
        ),
        Filter("day", _("Day"), "date", ("received_on",), main=True),
        Filter("amount", _("Amount"), "number", ("amount_yuan",), unit=_("yuan")),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _payment_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext("%(count)s entry over %(amount)s yuan.", "%(count)s entries over %(amount)s yuan.", count)
    return _said(text, count, totals, "amount")


PAYMENTS = ListSpec(
    key="billing.payments",
    url_name="payment_list",
    label=gettext_lazy("Payments"),
    columns=_payment_columns,
    filters=_payment_filters,
    rows=lambda ask: Payment.objects.visible_to(ask.user),
    readers=(Permission.VIEW_MONEY, Permission.VIEW_OWN_ENTERPRISE),
    related=("enterprise",),
    default_sort=("-received_on", "pk"),
    sentence=_payment_sentence,
    empty=gettext_lazy("No payment is kept by these filters."),
)


def deposit_badge(deposit: Deposit) -> tuple[str, str]:
    """Return how a deposit stands, as a badge."""
    if deposit.missing_yuan:
        return _("missing"), "warn"
    return (_("held"), "ok") if deposit.held_yuan else (_("settled"), "")


def _deposit_columns(_ask: Ask) -> Sequence[Column]:
    link = lambda d: (d.enterprise.name, reverse("deposit_detail", args=[d.pk]))  # noqa: E731
    sums = (
        ("due", _("Agreed (yuan)")),
        ("received", _("Received (yuan)")),
        ("set_off", _("Set off (yuan)")),
        ("refunded", _("Given back (yuan)")),
        ("forfeited", _("Forfeited (yuan)")),
        ("held", _("Held (yuan)")),
        ("missing", _("Missing (yuan)")),
    )
    return (
        Column("firm", _("Enterprise"), link, "link", ("enterprise__name_zh_hans",)),
        *(
            Column(
                key,
                label,
                attrgetter(f"{key}_yuan"),
                "number",
                (f"{key}_yuan",),
                2,
                total=f"{key}_yuan",
                hidden=key == "forfeited",
            )
            for key, label in sums
        ),
        Column("state", _("State"), deposit_badge, "badge"),
        Column("moved", _("Last entry on"), lambda d: d.moved_on, "date", ("moved_on",)),
    )


def _deposit_filters(ask: Ask) -> Sequence[Filter]:
    states = {
        "missing": {"missing_yuan__gt": 0},
        "held": {"held_yuan__gt": 0},
        "settled": {"held_yuan": 0, "missing_yuan": 0},
    }
    return (
        Filter("q", _("Firm"), fields=("enterprise__name_zh_hans", "enterprise__name_en"), main=True),
        Filter(
            "state",
            _("State"),
            "choice",
            choices=[("missing", _("missing")), ("held", _("held")), ("settled", _("settled"))],
            keep=lambda rows, chosen: rows.filter(**states[chosen]),
            main=True,
        ),
        Filter("held", _("Held"), "number", ("held_yuan",), unit=_("yuan"), main=True),
        Filter("moved", _("Last entry on"), "date", ("moved_on",)),
        park_filter(ask.user, lambda rows, park: rows.filter(park=park)),
    )


def _deposit_sentence(count: int, totals: Mapping[str, Any]) -> str:
    text = ngettext(
        "%(count)s deposit, %(held)s yuan held, %(missing)s missing; it carries no tax until it is forfeited.",
        "%(count)s deposits, %(held)s yuan held, %(missing)s missing; they carry no tax until they are forfeited.",
        count,
    )
    return _said(text, count, totals, "held", "missing")


DEPOSITS = ListSpec(
    key="billing.deposits",
    url_name="deposit_list",
    label=gettext_lazy("Deposits"),
    columns=_deposit_columns,
    filters=_deposit_filters,
    rows=lambda ask: Deposit.objects.visible_to(ask.user),
    readers=(Permission.VIEW_MONEY, Permission.VIEW_OWN_ENTERPRISE),
    related=("enterprise",),
    default_sort=("-missing_yuan", "-held_yuan"),
    sentence=_deposit_sentence,
    empty=gettext_lazy("No deposit is kept by these filters."),
)


def export_columns() -> Sequence[Column]:
    """Return the columns of the file for the accounting; docs/guide/billing.md says what each holds."""
    return (
        Column("bill", _("Bill number"), lambda r: r.bill.number),
        Column("issued", _("Issued on"), lambda r: r.bill.issued_on, "date"),
        Column("due", _("Due on"), lambda r: r.bill.due_on, "date"),
        Column("uscc", _("Unified social credit code"), lambda r: r.bill.enterprise.uscc),
        Column("firm", _("Enterprise"), lambda r: r.bill.enterprise.name),
        Column("kind", _("Kind"), lambda r: r.charge.get_kind_display()),
        Column("code", _("Code of the kind"), lambda r: r.charge.kind),
        Column("place", _("Premises"), lambda r: r.charge.premises.code if r.charge.premises else ""),
        Column("from", _("From"), lambda r: r.charge.starts_on, "date"),
        Column("to", _("Up to"), lambda r: r.charge.ends_on, "date"),
        Column("quantity", _("Quantity"), lambda r: r.charge.quantity, "number"),
        Column("unit", _("Unit"), lambda r: r.charge.unit),
        Column("price", _("Unit price"), lambda r: r.charge.unit_price_yuan, "number"),
        Column("net", _("Net (yuan)"), lambda r: r.charge.net_yuan, "number", decimals=2),
        Column("rate", _("Tax rate"), lambda r: r.charge.tax_rate, "number"),
        Column("tax", _("Tax (yuan)"), lambda r: r.charge.tax_yuan, "number", decimals=2),
        Column("gross", _("Amount (yuan)"), lambda r: r.charge.gross_yuan, "number", decimals=2),
        Column("correction", _("Correction"), lambda r: _("correction") if r.charge.adjusts_id else ""),
        Column("key", _("Key of the charge"), lambda r: r.charge.key),
    )


def arrears_columns() -> Sequence[Column]:
    """Return the columns of the file of arrears: a firm a row, what it owes by age, and what is done about it."""
    ages = (
        Column(f"age{place}", f"{label} ({_('yuan')})", _in_order(place), "number", decimals=2)
        for place, label in enumerate(age_labels())
    )
    return (
        Column("firm", _("Enterprise"), lambda f: f.enterprise.name),
        Column("uscc", _("Unified social credit code"), lambda f: f.enterprise.uscc),
        *ages,
        Column("total", _("Sum (yuan)"), lambda f: f.total_yuan, "number", decimals=2),
        Column("bills", _("Bills"), lambda f: " ".join(bill.number for bill in f.bills)),
        Column("step", _("Step"), _step_text),
    )


def _in_order(place: int) -> Callable[[FirmArrears], Any]:
    return lambda firm: firm.in_order[place]


def _step_text(firm: FirmArrears) -> str:
    if firm.pause is not None:
        return _("paused until %(day)s") % {"day": formats.day(firm.pause.ends_on)}
    return " ".join(dict.fromkeys(str(due.step.name) for due in firm.steps))


LISTS = (BILLS, CHARGES, PAYMENTS, DEPOSITS)
