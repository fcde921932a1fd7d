"""A bill on paper, with every line explained, in three languages; typeset by typst."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from parkbrain.ui.formats import number
from parkbrain.ui.typesetting import typeset

from .models import Bill
from .queries import get_bill_view, get_rules

TEMPLATE = Path(__file__).resolve().parent / "templates" / "billing" / "bill.typ"


def render_bill(*, bill: Bill, language: str) -> bytes:
    """Return a bill as PDF in a language."""
    with translation.override(language):
        data = _content(bill)
    return typeset(template=TEMPLATE, data=data, language=language)


def _content(bill: Bill) -> dict[str, Any]:
    view, rules = get_bill_view(bill=bill, links=False), get_rules(park=bill.park)
    to_pay = [(_("Payee"), rules.payee), (_("Bank"), rules.bank), (_("Account"), rules.account)]
    facts = [
        (_("Enterprise"), f"{bill.enterprise.name} ({bill.enterprise.uscc})"),
        (_("Park"), bill.park.name),
        (_("Month"), f"{bill.month_on:%Y-%m}"),
        (_("Issued on"), bill.issued_on.isoformat()),
        (_("Due on"), bill.due_on.isoformat()),
        (_("Paid (yuan)"), number(bill.paid_yuan, 2)),
        (_("Open (yuan)"), number(bill.open_yuan, 2)),
    ]
    return {
        "title": _("Bill"),
        "number": bill.number,
        "fictional": _("Demo: this park, its firms and all figures are fictional.")
        if bill.park.standing == bill.park.Standing.FICTIONAL
        else "",
        "facts": [list(one) for one in facts],
        "pay": [[label, value] for label, value in to_pay if value],
        "heads": [_("Charge"), _("Period"), _("Quantity"), _("Net (yuan)"), _("Tax (yuan)"), _("Amount (yuan)")],
        "lines": [_line(line) for line in view.lines],
        "sum": [_("Sum"), number(bill.net_yuan, 2), number(bill.tax_yuan, 2), number(bill.gross_yuan, 2)],
        "why": _("Why it is what it is"),
        "page": _("Page"),
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
