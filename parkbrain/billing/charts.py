"""Drawings of money: arrears by age, what was billed and what came by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.calc.billing import AGES
from parkbrain.kernel.models import Park
from parkbrain.ui import chart, formats

from .queries import age_labels


def ages_chart(*, park: Park, by_age: Mapping[str, Decimal]) -> chart.ChartView:
    """Draw what is overdue by age; each bar opens the firms behind it."""
    labels = age_labels()
    values = [float(by_age[key]) for key, _last in AGES]
    url = reverse("billing_arrears", args=[park.pk])
    option = chart.bar(labels, values, unit=_("yuan"), urls=[url] * len(labels), color="@warn")
    return chart.view(
        option,
        label=_("Arrears by age"),
        summary=_("%(total)s yuan are overdue, %(old)s of it for more than 90 days.")
        % {
            "total": formats.number(sum(by_age.values(), Decimal(0)), 2),
            "old": formats.number(by_age["d91_180"] + by_age["d181"], 2),
        },
        heads=[(_("Days overdue"), False), (_("Yuan"), True)],
        rows=[(label, formats.number(by_age[key], 2)) for label, (key, _last) in zip(labels, AGES, strict=True)],
    )


def months_chart(*, months: Sequence[tuple[date, Decimal, Decimal]]) -> chart.ChartView:
    """Draw what was billed and what of it was paid by month."""
    labels = [f"{month:%Y-%m}" for month, _gross, _paid in months]
    option = chart.line(
        labels,
        [
            (_("Billed"), [float(gross) for _m, gross, _p in months]),
            (_("Paid"), [float(paid) for _m, _g, paid in months]),
        ],
        unit=_("yuan"),
    )
    gross = sum((row[1] for row in months), Decimal(0))
    paid = sum((row[2] for row in months), Decimal(0))
    return chart.view(
        option,
        label=_("Billed and paid by month"),
        summary=_("Of %(gross)s yuan billed, %(paid)s were paid.")
        % {"gross": formats.number(gross, 2), "paid": formats.number(paid, 2)},
        heads=[(_("Month"), False), (_("Billed (yuan)"), True), (_("Paid (yuan)"), True)],
        rows=[(f"{m:%Y-%m}", formats.number(g, 2), formats.number(p, 2)) for m, g, p in months],
    )
