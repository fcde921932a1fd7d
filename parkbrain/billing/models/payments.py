"""Money that came or went: payments with what they pay, and the lines of bank files."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park, User

from .bills import Bill
from .charges import OfFirm, money


class Payment(models.Model):
    """Money of a firm: received, given back, or moved; never changed and never deleted.

    A wrong one is undone by a red entry: a further row of the same amount with the other sign that `voids` it.
    """

    class Kind(models.TextChoices):
        """What moved."""

        PAYMENT = "PAYMENT", _("Payment")
        RED_ENTRY = "RED_ENTRY", _("Red entry")
        REFUND = "REFUND", _("Refund")
        CREDIT_NOTE = "CREDIT_NOTE", _("Credit of a bill")
        FROM_DEPOSIT = "FROM_DEPOSIT", _("Set off from the deposit")

    class Method(models.TextChoices):
        """By which way."""

        BANK = "BANK", _("Bank transfer")
        DIRECT_DEBIT = "DIRECT_DEBIT", _("Direct debit")
        CARD = "CARD", _("Card or mobile payment")
        CASH = "CASH", _("Cash")
        CHEQUE = "CHEQUE", _("Cheque")
        INTERNAL = "INTERNAL", _("Without money")

    park = models.ForeignKey(Park, models.PROTECT, related_name="payments")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="payments")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.PAYMENT)
    received_on = models.DateField(_("received on"))
    amount_yuan = money(_("amount (yuan)"))
    # What no bill has taken yet: the firm's credit.
    unused_yuan = money(_("not used yet (yuan)"))
    method = models.CharField(_("method"), max_length=12, choices=Method.choices, default=Method.BANK)
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    payer = models.CharField(_("payer"), max_length=160, blank=True)
    voids = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="voided_by")
    # The payment whose unused rest is given back.
    gives_back = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="given_back")
    # The bill whose negative sum this credit is.
    credit_of = models.OneToOneField(Bill, models.PROTECT, null=True, blank=True, related_name="credit")
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    objects = OfFirm.as_manager()

    class Meta:
        ordering = ["-received_on", "-id"]
        verbose_name = _("payment")
        indexes = [
            models.Index(fields=["park", "received_on"], name="payment_day"),
            models.Index(fields=["enterprise", "-received_on"], name="payment_firm"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["PAYMENT", "CREDIT_NOTE", "FROM_DEPOSIT"], amount_yuan__gt=0)
                | Q(kind="REFUND", amount_yuan__lt=0, gives_back__isnull=False)
                | Q(kind="RED_ENTRY"),
                name="payment_sign",
            ),
            models.CheckConstraint(
                condition=Q(kind="RED_ENTRY", voids__isnull=False) | (~Q(kind="RED_ENTRY") & Q(voids__isnull=True)),
                name="payment_red_entry_voids",
            ),
            models.CheckConstraint(
                condition=Q(unused_yuan=0) | Q(unused_yuan__gt=0, unused_yuan__lte=F("amount_yuan")),
                name="payment_unused_within",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["PAYMENT", "CREDIT_NOTE", "FROM_DEPOSIT"]) | ~Q(reason=""),
                name="payment_back_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.received_on} {self.amount_yuan}"


class Allocation(models.Model):
    """How much of a payment pays a bill; a red entry takes it back by a row of the other sign."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="allocations")
    bill = models.ForeignKey(Bill, models.PROTECT, related_name="allocations")
    amount_yuan = money(_("amount (yuan)"))
    allocated_at = models.DateTimeField()

    class Meta:
        ordering = ["payment", "id"]
        verbose_name = _("allocation of a payment")
        indexes = [models.Index(fields=["bill", "payment"], name="allocation_bill")]
        constraints = [models.CheckConstraint(condition=~Q(amount_yuan=0), name="allocation_not_zero")]

    def __str__(self) -> str:
        return f"{self.bill} {self.amount_yuan}"


class BankFile(models.Model):
    """A statement of the bank that was taken in; the same file is taken in once."""

    park = models.ForeignKey(Park, models.PROTECT, related_name="bank_files")
    name = models.CharField(_("file name"), max_length=200)
    sha256 = models.CharField(max_length=64)
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField()

    class Meta:
        ordering = ["-taken_at", "-id"]
        verbose_name = _("bank file")
        constraints = [models.UniqueConstraint(fields=["park", "sha256"], name="bank_file_once")]

    def __str__(self) -> str:
        return self.name


class BankLine(models.Model):
    """A line of a bank file: what was matched to it, by which reasons, and what was done."""

    class State(models.TextChoices):
        """What is known of it."""

        SURE = "SURE", _("Matched")
        DOUBTFUL = "DOUBTFUL", _("To be decided")
        UNKNOWN = "UNKNOWN", _("No match")
        BOOKED = "BOOKED", _("Booked")
        LEFT_OUT = "LEFT_OUT", _("Left out")

    WAITING = (State.SURE, State.DOUBTFUL, State.UNKNOWN)

    file = models.ForeignKey(BankFile, models.CASCADE, related_name="lines")
    park = models.ForeignKey(Park, models.PROTECT, related_name="+")
    row_number = models.PositiveIntegerField(_("row"))
    # The line's own content: the same line in another file is not booked again.
    fingerprint = models.CharField(max_length=64)
    received_on = models.DateField(_("received on"))
    amount_yuan = money(_("amount (yuan)"))
    payer = models.CharField(_("payer"), max_length=160, blank=True)
    reference = models.CharField(_("purpose"), max_length=300, blank=True)
    bank_number = models.CharField(_("number of the bank"), max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State.choices)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, blank=True, related_name="+")
    bill = models.ForeignKey(Bill, models.PROTECT, null=True, blank=True, related_name="+")
    # The parts of the verdict: code and values each, said in words by `queries`.
    verdict: Any = models.JSONField(default=list)
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, blank=True, related_name="bank_line")
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        ordering = ["file", "row_number"]
        verbose_name = _("line of a bank file")
        constraints = [
            models.UniqueConstraint(fields=["park", "fingerprint"], name="bank_line_once"),
            models.CheckConstraint(
                condition=Q(state="BOOKED", payment__isnull=False) | (~Q(state="BOOKED") & Q(payment__isnull=True)),
                name="bank_line_booked_has_payment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file} {self.row_number}"
