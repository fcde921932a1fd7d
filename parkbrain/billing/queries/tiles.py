"""What the homes show of a park's money."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Figure
from parkbrain.ui import formats

from ..models import Bill
from .arrears import overdue_by_age

ZERO = Decimal(0)


def get_money_tile(*, user: User, park: Park, on: date) -> dict[str, Any] | None:
    """Return what is overdue, what is open, and what of the newest month's bills has come; None before the first bill."""
    newest = Bill.objects.filter(park=park, gross_yuan__gt=0).order_by("-month_on").values_list("month_on", flat=True)
    month = newest.first()
    if month is None:
        return None
    # Credit notes of the month count with it, as on the list of its bills.
    bills = Bill.objects.filter(park=park, month_on=month).order_by()
    billed = bills.aggregate(gross=Sum("gross_yuan"), paid=Sum("paid_yuan"))
    open_yuan = Bill.objects.filter(park=park).awaiting().order_by().aggregate(total=Sum("open_yuan"))["total"] or ZERO
    overdue = sum(overdue_by_age(park=park, on=on).values(), ZERO)
    open_url = f"{reverse('bill_list')}?park={park.pk}&state=OPEN&state=PARTLY_PAID"
    month_url = f"{reverse('bill_list')}?park={park.pk}&month_min={month.isoformat()}&month_max={month.isoformat()}"
    share = formats.percent(billed["paid"] / billed["gross"], 0) if billed["gross"] else None
    values = {"month": f"{month:%Y-%m}", "share": share or formats.percent(None)}
    return {
        "figures": [
            Figure(
                _("Overdue"),
                formats.number(overdue, 2),
                reverse("billing_arrears", args=[park.pk]),
                _("yuan"),
                tone="bad" if overdue else "",
                name="arrears",
            ),
            Figure(pgettext("bill", "Open"), formats.number(open_yuan, 2), open_url, _("yuan"), name="total.open"),
            Figure(
                _("Billed for %(month)s") % values,
                formats.number(billed["gross"], 2),
                month_url,
                _("yuan"),
                _("%(share)s paid") % values,
                name="total.gross",
                detail_name="total.paid/total.gross",
            ),
        ]
    }
