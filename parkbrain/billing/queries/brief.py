"""What the briefs say of a park's money."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.registry import Sentence
from parkbrain.ui import formats

from ..models import Bill, Payment
from .arrears import overdue_by_age

ZERO = Decimal(0)


def say_money(*, user: User, park: Park, since: date, on: date) -> list[Sentence]:
    """Say what came in since the day and what is overdue; nothing before the first bill."""
    if not Bill.objects.filter(park=park).exists():
        return []
    rows = Payment.objects.filter(park=park, received_on__gte=since, received_on__lte=on)
    rows = rows.filter(kind__in=(Payment.Kind.PAYMENT, Payment.Kind.RED_ENTRY)).order_by()
    received = rows.aggregate(total=Sum("amount_yuan"))["total"] or ZERO
    overdue = sum(overdue_by_age(park=park, on=on).values(), ZERO)
    span = f"day_min={since.isoformat()}&day_max={on.isoformat()}"
    url = f"{reverse('payment_list')}?park={park.pk}&kind=PAYMENT&kind=RED_ENTRY&{span}"
    return [
        Sentence(
            money_in_words(received=received, since=since, on=on),
            url,
            45,
            key="billing.received",
            values={"yuan": float(received)},
        ),
        Sentence(
            overdue_in_words(overdue=overdue),
            reverse("billing_arrears", args=[park.pk]),
            70 if overdue else 8,
            "bad" if overdue else "",
            key="billing.overdue",
            values={"yuan": float(overdue)},
        ),
    ]


def money_in_words(*, received: Decimal, since: date, on: date) -> str:
    """Say what came in from one day to another."""
    values = {"yuan": formats.number(received, 2), "since": since.isoformat(), "on": on.isoformat()}
    if not received:
        return _("No money came in from %(since)s to %(on)s.") % values
    if received < 0:
        values["yuan"] = formats.number(-received, 2)
        return _("%(yuan)s yuan more were taken back than came in from %(since)s to %(on)s.") % values
    return _("%(yuan)s yuan came in from %(since)s to %(on)s.") % values


def overdue_in_words(*, overdue: Decimal) -> str:
    """Say what is overdue."""
    if not overdue:
        return _("Nothing is overdue.")
    return _("%(yuan)s yuan are overdue.") % {"yuan": formats.number(overdue, 2)}
