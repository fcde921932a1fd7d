"""Forms of billing: runs, charges by hand, payments, deposits, dunning, rules."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkbrain.enterprises.models import Enterprise

from .models import Bill, ChargeKind, DepositEntry, Payment

MONTH = re.compile(r"(\d{4})-(\d{1,2})(-\d{1,2})?")
#: Kinds of tax rate that leases and services meet; others can be typed.
RATES = ("0", "0.03", "0.05", "0.06", "0.09", "0.13")


def _day(label: Any, help_text: Any = "", *, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def _money(label: Any, help_text: Any = "", *, least: str | None = "0.01", required: bool = True) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        help_text=help_text,
        max_digits=14,
        decimal_places=2,
        min_value=None if least is None else Decimal(least),
        required=required,
    )


def _reason(label: Any = "") -> forms.CharField:
    return forms.CharField(label=label or gettext_lazy("Reason"), max_length=300)


class MonthField(forms.CharField):
    """A month as 2026-06; its value is the first day."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-06"}), **options)

    def prepare_value(self, value: Any) -> Any:
        """Return a day as the month it is in."""
        return f"{value:%Y-%m}" if isinstance(value, date) else value

    def clean(self, value: Any) -> Any:
        """Return the first day of the month that was typed."""
        text = super().clean(value)
        found = MONTH.fullmatch(str(text).strip())
        if found is None or not 1 <= int(found[2]) <= 12 or not 2000 <= int(found[1]) <= 2100:
            raise forms.ValidationError(_("Write the month as 2026-06."))
        return date(int(found[1]), int(found[2]), 1)


class RunForm(forms.Form):
    """Which month is billed, and the day on the bills."""

    month_on = MonthField(label=gettext_lazy("Month"))
    issued_on = _day(gettext_lazy("Issued on"))


class FirmForm(forms.Form):
    """A form that names a firm of the park."""

    enterprise = forms.ModelChoiceField(Enterprise.objects.none(), label=gettext_lazy("Enterprise"))

    def __init__(self, *args: Any, firms: QuerySet[Enterprise], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["enterprise"].queryset = firms  # type: ignore[attr-defined]


class ChargeForm(FirmForm):
    """A charge or a credit entered by hand."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind of charge"), choices=ChargeKind.choices)
    starts_on = _day(gettext_lazy("From"), gettext_lazy("The month of this day bills it."))
    ends_on = _day(gettext_lazy("Up to"), gettext_lazy("The first day that is not counted."))
    due_on = _day(gettext_lazy("Due on"))
    quantity = forms.DecimalField(label=gettext_lazy("Quantity"), max_digits=18, decimal_places=4, required=False)
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=20, required=False)
    unit_price_yuan = forms.DecimalField(
        label=gettext_lazy("Unit price (yuan, without tax)"), max_digits=18, decimal_places=6, required=False
    )
    net_yuan = _money(
        gettext_lazy("Amount without tax (yuan)"),
        gettext_lazy("Negative for a credit. Empty where quantity and unit price give it."),
        least=None,
        required=False,
    )
    tax_rate = forms.DecimalField(
        label=gettext_lazy("Tax rate"),
        min_value=Decimal(0),
        max_value=Decimal("0.99"),
        max_digits=5,
        decimal_places=4,
        initial=Decimal("0.06"),
        help_text=gettext_lazy("0.09 for rent, 0.06 for services, 0.13 for electricity."),
    )
    reason = _reason(gettext_lazy("What for"))

    def clean(self) -> dict[str, Any]:
        """Return the values with the amount that quantity and price come to; say where they contradict one another."""
        values = super().clean() or self.cleaned_data
        start, end = values.get("starts_on"), values.get("ends_on")
        if start and end and end <= start:
            self.add_error("ends_on", _("The end has to lie after the beginning."))
        quantity, price, net = (values.get(name) for name in ("quantity", "unit_price_yuan", "net_yuan"))
        product = None if quantity is None or price is None else (quantity * price).quantize(Decimal("0.01"))
        if net is None and product is None and "net_yuan" not in self.errors:
            self.add_error("net_yuan", _("Give the amount, or quantity and unit price."))
        elif net is not None and product is not None and net != product:
            self.add_error("net_yuan", _("Quantity times unit price is %(product)s.") % {"product": product})
        values["net_yuan"] = product if net is None else net
        return values


class OverrideForm(forms.Form):
    """An amount in the place of the one the rule gives."""

    amount_yuan = _money(gettext_lazy("Amount to be paid, tax included (yuan)"), least=None)
    reason = _reason()


class ReasonForm(forms.Form):
    """Why something is undone."""

    reason = _reason()


class PaymentForm(FirmForm):
    """Money that came."""

    received_on = _day(gettext_lazy("Received on"))
    amount_yuan = _money(gettext_lazy("Amount (yuan)"))
    method = forms.ChoiceField(
        label=gettext_lazy("Method"), choices=[c for c in Payment.Method.choices if c[0] != "INTERNAL"]
    )
    payer = forms.CharField(label=gettext_lazy("Payer"), max_length=160, required=False)
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=120, required=False)
    bills = forms.CharField(
        label=gettext_lazy("Pays first"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Numbers of bills with spaces between; empty for the oldest first."),
    )

    def clean(self) -> dict[str, Any]:
        """Return the values with the bills that were named; say which is none of the firm's."""
        values = super().clean() or self.cleaned_data
        named, firm, found = str(values.get("bills") or "").replace(",", " ").split(), values.get("enterprise"), []
        for number in named if firm else ():
            bill = Bill.objects.filter(enterprise=firm, number=number).first()
            if bill is None:
                self.add_error("bills", _("%(number)s is no bill of this firm.") % {"number": number})
            else:
                found.append(bill)
        values["bills"] = found
        return values


class VoidForm(ReasonForm):
    """A red entry."""

    on = _day(gettext_lazy("Day of the red entry"))


class RefundForm(ReasonForm):
    """Money that goes back."""

    amount_yuan = _money(gettext_lazy("Amount to give back (yuan)"))
    on = _day(gettext_lazy("Day of the refund"))


class MovementForm(forms.Form):
    """What happened to the deposit of a firm; what is due of it follows from what was agreed."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What happened"), choices=[c for c in DepositEntry.Kind.choices if c[0] != "DUE"]
    )
    amount_yuan = _money(gettext_lazy("Amount (yuan)"))
    booked_on = _day(gettext_lazy("Day"))
    bill = forms.CharField(
        label=gettext_lazy("Bill"), max_length=40, required=False, help_text=gettext_lazy("Where it is set off.")
    )
    reference = forms.CharField(label=gettext_lazy("Reference"), max_length=120, required=False)
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Where it is given back or forfeited."),
    )

    def __init__(self, *args: Any, enterprise: Enterprise | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.firm = enterprise

    def clean(self) -> dict[str, Any]:
        """Return the values with the bill that was named; say what is missing for what happened."""
        values = super().clean() or self.cleaned_data
        firm = values.get("enterprise") or self.firm
        number, kind = str(values.get("bill") or "").strip(), values.get("kind")
        values["bill"] = Bill.objects.filter(enterprise=firm, number=number).first() if number else None
        if number and values["bill"] is None:
            self.add_error("bill", _("%(number)s is no bill of this firm.") % {"number": number})
        elif kind == "SET_OFF" and not number:
            self.add_error("bill", _("Name a bill of this firm to set the deposit off against."))
        if kind in {"REFUNDED", "FORFEITED"} and not str(values.get("reason") or "").strip():
            self.add_error("reason", _("Say why: the reason stays beside the amount."))
        return values


class DepositForm(MovementForm, FirmForm):
    """What happened to the deposit of a firm that is chosen: the first entry of it."""

    field_order = ("enterprise",)


class StepForm(forms.Form):
    """A step of the ladder that was taken."""

    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)


class WriteOffForm(forms.Form):
    """What is asked to be given up."""

    amount_yuan = _money(gettext_lazy("Amount to write off (yuan)"))
    reason = _reason(gettext_lazy("Reason for the write-off"))


class InvoiceForm(forms.Form):
    """An invoice number typed by hand."""

    number = forms.CharField(label=gettext_lazy("Invoice number"), max_length=40)
    issued_on = _day(gettext_lazy("Invoice of"))


class PauseForm(FirmForm):
    """A time in which a firm is not dunned."""

    starts_on = _day(gettext_lazy("From"))
    ends_on = _day(gettext_lazy("Up to"), gettext_lazy("The first day that is not counted."))
    reason = _reason()


class RulesForm(forms.Form):
    """How a park bills."""

    least_days_to_pay = forms.IntegerField(
        label=gettext_lazy("Least days to pay"),
        min_value=0,
        max_value=90,
        help_text=gettext_lazy("Between the day of issue and the day a bill is due."),
    )
    grace_days = forms.IntegerField(
        label=gettext_lazy("Days of grace"),
        min_value=0,
        max_value=60,
        help_text=gettext_lazy("A payment counts as in time up to so many days after it was due."),
    )
    run_by_day = forms.IntegerField(label=gettext_lazy("Bills are made by day of the month"), min_value=1, max_value=28)
    payee = forms.CharField(label=gettext_lazy("Payee on the bill"), max_length=160, required=False)
    bank = forms.CharField(label=gettext_lazy("Bank"), max_length=160, required=False)
    account = forms.CharField(label=gettext_lazy("Account"), max_length=60, required=False)
    ladder = forms.CharField(
        label=gettext_lazy("Dunning ladder"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "A step a line: days overdue | name (Chinese) | name (English) | text (Chinese) | text (English)"
        ),
    )

    def clean_ladder(self) -> list[dict[str, Any]]:
        """Return the steps; say which line cannot be read."""
        steps = []
        for number, text in enumerate(str(self.cleaned_data["ladder"]).splitlines(), start=1):
            parts = [part.strip() for part in text.split("|")]
            if not any(parts):
                continue
            if not parts[0].isdecimal() or len(parts) < 2:
                raise forms.ValidationError(
                    _("Line %(number)s: it begins with the days overdue and names the step."), params={"number": number}
                )
            names = ("name_zh_hans", "name_en", "text_zh_hans", "text_en")
            steps.append({"days_overdue": int(parts[0]), **dict(zip(names, parts[1:], strict=False))})
        return steps


class FileForm(forms.Form):
    """A file to take in."""

    file = forms.FileField(label=gettext_lazy("File"))


class BankLineForm(FirmForm):
    """Whose money a line of the bank is."""

    enterprise = forms.ModelChoiceField(Enterprise.objects.none(), label=gettext_lazy("Enterprise"), required=False)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=300, required=False)
