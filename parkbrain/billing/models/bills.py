"""Bills with their invoices, and how a park bills."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park, User

from .charges import BillRun, OfFirm, adds_up, money


class BillingRules(models.Model):
    """How a park bills, where it differs from what is usual."""

    park = models.OneToOneField(Park, models.CASCADE, related_name="billing_rules")
    least_days_to_pay = models.PositiveSmallIntegerField(_("least days to pay"), default=5)
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=3)
    # Days after the beginning of a month by which its run is expected.
    run_by_day = models.PositiveSmallIntegerField(_("run made by day of the month"), default=5)
    payee = models.CharField(_("payee"), max_length=160, blank=True)
    bank = models.CharField(_("bank"), max_length=160, blank=True)
    # The operator's own account: it stands on every bill, and is nobody's secret.
    account = models.CharField(_("account"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("rules of billing")
        constraints = [
            models.CheckConstraint(condition=Q(run_by_day__gte=1, run_by_day__lte=28), name="billing_run_day"),
        ]

    def __str__(self) -> str:
        return str(self.park)


class BillQuerySet(OfFirm):
    """Filters over bills."""

    def awaiting(self) -> BillQuerySet:
        """Keep the bills of which something is still to be paid."""
        return self.filter(state__in=Bill.AWAITING)

    def overdue_on(self, on: date) -> BillQuerySet:
        """Keep the bills that await payment and were due before the day."""
        return self.awaiting().filter(due_on__lt=on)


class Bill(models.Model):
    """What a firm is asked to pay at once: the sum of its lines, and what was paid of it."""

    class State(models.TextChoices):
        """How far it is paid."""

        OPEN = "OPEN", pgettext_lazy("bill", "Open")
        PARTLY_PAID = "PARTLY_PAID", _("Partly paid")
        PAID = "PAID", _("Paid")
        CLOSED_AT_ZERO = "CLOSED_AT_ZERO", _("Closed at zero")
        CREDITED = "CREDITED", _("Credited")
        WRITTEN_OFF = "WRITTEN_OFF", _("Written off")

    AWAITING = (State.OPEN, State.PARTLY_PAID)

    park = models.ForeignKey(Park, models.PROTECT, related_name="bills")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="bills")
    run = models.ForeignKey(BillRun, models.PROTECT, related_name="bills")
    number = models.CharField(_("bill number"), max_length=40)
    month_on = models.DateField(_("month"))
    issued_on = models.DateField(_("issued on"))
    due_on = models.DateField(_("due on"))
    net_yuan = money(_("net (yuan)"))
    tax_yuan = money(_("tax (yuan)"))
    gross_yuan = money(_("amount (yuan)"))
    paid_yuan = money(_("paid (yuan)"), default=0)
    written_off_yuan = money(_("written off (yuan)"), default=0)
    open_yuan = money(_("open (yuan)"))
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.OPEN)
    # The day on which nothing was open any more, by the payments' own days.
    settled_on = models.DateField(_("settled on"), null=True, blank=True)

    objects = BillQuerySet.as_manager()

    class Meta:
        ordering = ["park", "-month_on", "number"]
        verbose_name = _("bill")
        indexes = [
            models.Index(fields=["park", "state", "due_on"], name="bill_due"),
            models.Index(fields=["park", "month_on"], name="bill_month"),
            models.Index(fields=["enterprise", "-month_on"], name="bill_firm"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["park", "number"], name="bill_number_once"),
            models.UniqueConstraint(fields=["run", "enterprise"], name="bill_once_a_run"),
            adds_up("bill_adds_up", "gross_yuan", "net_yuan", "tax_yuan"),
            # What a credit gives back stands with the payments; the credit itself has nothing open.
            models.CheckConstraint(
                condition=Q(gross_yuan__lt=0, paid_yuan=0, written_off_yuan=0, open_yuan=0)
                | Q(gross_yuan__gte=0, paid_yuan__gte=0, written_off_yuan__gte=0, open_yuan__gte=0),
                name="bill_parts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(gross_yuan__lt=0)
                | Q(
                    open_yuan__gt=F("gross_yuan") - F("paid_yuan") - F("written_off_yuan") - Decimal("0.005"),
                    open_yuan__lt=F("gross_yuan") - F("paid_yuan") - F("written_off_yuan") + Decimal("0.005"),
                ),
                name="bill_open_is_the_rest",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def days_overdue(self, on: date) -> int:
        """Return for how many days the bill is overdue on a day; 0 where it is not."""
        return max(0, (on - self.due_on).days) if self.state in self.AWAITING else 0

    def last_day_in_time(self, grace_days: int) -> date:
        """Return the last day on which a payment counts as in time."""
        return self.due_on + timedelta(days=grace_days)


class Invoice(models.Model):
    """The number of a tax invoice for a bill, as the accounting gave it back or somebody typed it."""

    park = models.ForeignKey(Park, models.PROTECT, related_name="invoices")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="invoices")
    number = models.CharField(_("invoice number"), max_length=40)
    issued_on = models.DateField(_("issued on"))
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    objects = OfFirm.as_manager()

    class Meta:
        ordering = ["bill", "number"]
        verbose_name = _("invoice")
        constraints = [models.UniqueConstraint(fields=["park", "number"], name="invoice_number_once")]

    def __str__(self) -> str:
        return self.number
