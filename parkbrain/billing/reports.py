"""Bills on paper, with every line explained, what is owed, and a firm's account, in three languages; typeset by typst."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import NoReport, ReportFile, ReportSubject
from parkbrain.lists import PDF, Ask, ListSpec, make_table_report
from parkbrain.ui import media
from parkbrain.ui.formats import number
from parkbrain.ui.table import Column
from parkbrain.ui.typesetting import typeset

from . import queries
from .models import Bill, BillRun
from .queries import BillView, get_bill_view, get_rules

TEMPLATE = Path(__file__).resolve().parent / "templates" / "billing" / "bill.typ"
ZERO = Decimal(0)
Columns = Callable[[], Sequence[Column]]


def render_bill(*, bill: Bill, language: str) -> bytes:
    """Return a bill as PDF in a language."""
    with translation.override(language):
        data = _content(bill.park, [get_bill_view(bill=bill, links=False)])
    return typeset(template=TEMPLATE, data=data, language=language)


def render_bills(*, runs: Sequence[BillRun], language: str) -> bytes:
    """Return all bills of a month's runs as one PDF in a language: a list of them, then each on pages of its own."""
    park = runs[0].park
    with translation.override(language):
        views = queries.list_bill_views(runs=runs)
        data = {**_content(park, views), "list": _list(park, runs, [view.bill for view in views])}
    return typeset(template=TEMPLATE, data=data, language=language)


def make_bills_report(*, user: User, park: Park, since: date, on: date, kind: str, columns: Columns) -> ReportFile:
    """Return the bills of the month: all in one PDF, or their lines as the accounting gets them.

    :raises NoReport: no bills of the month were issued.
    """
    month_on = since.replace(day=1)
    runs = queries.list_issued_runs(park=park, month_on=month_on)
    if not runs:
        raise NoReport(gettext_noop("No bills of the month were issued."))
    return _bills_file(runs, name=f"bills-{park.code}-{month_on:%Y-%m}", kind=kind, columns=columns)


def find_run(*, user: User, park: Park, number: int) -> ReportSubject | None:
    """Return a run of a park whose bills were issued, where the person sees the money there."""
    run = queries.find_run(user=user, run_id=number)
    if run is None or run.is_open or run.park_id != park.pk:
        return None
    return ReportSubject(f"{run.month_on:%Y-%m} · {run.sequence}", run)


def make_run_report(
    *, user: User, park: Park, of: BillRun, since: date, on: date, kind: str, columns: Columns
) -> ReportFile:
    """Return the bills of one run as its page hands them out: all in one PDF, or their lines as the accounting gets them."""
    return _bills_file([of], name=f"bills-{park.code}-{of.month_on:%Y-%m}-{of.sequence}", kind=kind, columns=columns)


def _bills_file(runs: Sequence[BillRun], *, name: str, kind: str, columns: Columns) -> ReportFile:
    if kind == PDF:
        language = translation.get_language() or "zh-hans"
        return ReportFile(f"{name}.pdf", render_bills(runs=runs, language=language), media.PDF)
    rows, issued_on = queries.list_export_lines(runs=runs), runs[-1].issued_on
    return make_table_report(
        columns=columns(), rows=rows, title=_("Bills"), lines=(), name=name, kind=kind, on=issued_on
    )


def make_arrears_report(*, user: User, park: Park, since: date, on: date, kind: str, columns: Columns) -> ReportFile:
    """Return who owes since when on a day, as the page of arrears says it."""
    firms = queries.list_arrears(park=park, on=on)
    sums = queries.sum_ages(firms=firms)
    said = ngettext(
        "%(firms)s firm owes %(total)s yuan that are overdue.",
        "%(firms)s firms owe %(total)s yuan that are overdue.",
        len(firms),
    ) % {"firms": len(firms), "total": number(sum(sums.values(), ZERO), 2)}
    by_age = [f"{label}: {number(sums[key], 2)}" for key, label in zip(sums, queries.age_labels(), strict=True)]
    lines = [_("As of %(day)s") % {"day": on.isoformat()}, said, " · ".join(by_age), *filter(None, [park.demo_notice])]
    return make_table_report(
        columns=columns(),
        rows=firms,
        title=f"{_('Arrears')} · {park.name}",
        lines=lines,
        name=f"arrears-{park.code}",
        kind=kind,
        on=on,
    )


def find_account(*, user: User, park: Park, number: int) -> ReportSubject | None:
    """Return a firm whose account in a park the person may open."""
    firm = queries.find_account_firm(user=user, park=park, enterprise_id=number)
    return None if firm is None else ReportSubject(firm.name, firm)


def make_account_report(
    *, user: User, park: Park, of: Enterprise, since: date, on: date, kind: str, bills: ListSpec
) -> ReportFile:
    """Return a firm's account in a park on a day as its page says it: the sums, and the newest bills a line each."""
    account = queries.get_account(park=park, enterprise=of, on=on)
    return make_table_report(
        columns=[column for column in bills.columns(Ask(user, on)) if not column.hidden and column.key != "firm"],
        rows=account.bills,
        title=f"{_('Account statement')} · {of.name}",
        lines=_account_lines(park, of, account, on),
        name=f"account-{park.code}-{of.uscc}",
        kind=kind,
        on=on,
    )


def _account_lines(park: Park, firm: Enterprise, account: queries.Account, on: date) -> list[str]:
    sums = [
        (_("Open (yuan)"), account.open_yuan),
        (_("Overdue (yuan)"), account.overdue_yuan),
        (_("Credit (yuan)"), account.credit_yuan),
        (_("Balance (yuan)"), account.balance_yuan),
        (_("Deposit held (yuan)"), account.deposit.held_yuan),
    ]
    listed = sum((bill.gross_yuan for bill in account.bills), ZERO)
    return [
        f"{park.name} · {firm.uscc}",
        _("As of %(day)s") % {"day": on.isoformat()},
        _("%(billed)s yuan billed in all.") % {"billed": number(account.billed_yuan, 2)},
        " · ".join(f"{label}: {number(value, 2)}" for label, value in sums),
        *(
            [_("The newest %(count)s bills follow.") % {"count": len(account.bills)}]
            if listed != account.billed_yuan
            else []
        ),
        *filter(None, [park.demo_notice]),
    ]


def _content(park: Park, views: Sequence[BillView]) -> dict[str, Any]:
    rules = get_rules(park=park)
    to_pay = [(_("Payee"), rules.payee), (_("Bank"), rules.bank), (_("Account"), rules.account)]
    return {
        "title": _("Bill"),
        "fictional": park.demo_notice,
        "pay": [[label, value] for label, value in to_pay if value],
        "heads": [_("Charge"), _("Period"), _("Quantity"), _("Net (yuan)"), _("Tax (yuan)"), _("Amount (yuan)")],
        "bills": [_bill(park, view) for view in views],
        "page": _("Page"),
        "list": None,
    }


def _bill(park: Park, view: BillView) -> dict[str, Any]:
    bill = view.bill
    facts = [
        (_("Enterprise"), f"{bill.enterprise.name} ({bill.enterprise.uscc})"),
        (_("Park"), park.name),
        (_("Month"), f"{bill.month_on:%Y-%m}"),
        (_("Issued on"), bill.issued_on.isoformat()),
        (_("Due on"), bill.due_on.isoformat()),
        (_("Paid (yuan)"), number(bill.paid_yuan, 2)),
        (_("Open (yuan)"), number(bill.open_yuan, 2)),
    ]
    return {
        "number": bill.number,
        "facts": [list(one) for one in facts],
        "lines": [_line(line) for line in view.lines],
        "sum": [_("Sum"), number(bill.net_yuan, 2), number(bill.tax_yuan, 2), number(bill.gross_yuan, 2)],
    }


def _list(park: Park, runs: Sequence[BillRun], bills: Sequence[Bill]) -> dict[str, Any]:
    gross, still_open = sum((b.gross_yuan for b in bills), ZERO), sum((b.open_yuan for b in bills), ZERO)
    said = ngettext(
        "%(count)s bill over %(gross)s yuan, %(open)s open.",
        "%(count)s bills over %(gross)s yuan, %(open)s open.",
        len(bills),
    )
    return {
        "title": f"{_('Bills')} {runs[0].month_on:%Y-%m}",
        "of": park.name,
        "sentence": said % {"count": len(bills), "gross": number(gross, 2), "open": number(still_open, 2)},
        "heads": [_("Bill"), _("Enterprise"), _("Due on"), _("Amount (yuan)"), _("Open (yuan)")],
        "rows": [
            [b.number, b.enterprise.name, b.due_on.isoformat(), number(b.gross_yuan, 2), number(b.open_yuan, 2)]
            for b in bills
        ],
    }


def _line(line: Any) -> dict[str, Any]:
    charge = line.charge
    place = f" · {charge.premises.code}" if charge.premises else ""
    last = charge.ends_on.fromordinal(charge.ends_on.toordinal() - 1)
    return {
        "cells": [
            f"{charge.get_kind_display()}{place}",
            f"{charge.starts_on.isoformat()} … {last.isoformat()}",
            "" if charge.quantity is None else f"{number(charge.quantity)} {charge.unit}",
            number(charge.net_yuan, 2),
            number(charge.tax_yuan, 2),
            number(charge.gross_yuan, 2),
        ],
        "said": [one.text for one in line.said],
    }
