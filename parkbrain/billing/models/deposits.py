"""Deposits: what a firm's deposit in a park comes to, and every line of it."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park, User

from .bills import Bill
from .charges import HALF_CENT, OfFirm, adds_up, money
from .payments import Payment


class Deposit(models.Model):
    """A firm's deposit in a park: what was agreed, what is held, what is missing.

    The sums are those of its entries; services keep them with every entry.
    """

    park = models.ForeignKey(Park, models.PROTECT, related_name="deposits")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="deposits")
    due_yuan = money(_("agreed (yuan)"), default=0)
    received_yuan = money(_("received (yuan)"), default=0)
    set_off_yuan = money(_("set off (yuan)"), default=0)
    refunded_yuan = money(_("given back (yuan)"), default=0)
    forfeited_yuan = money(_("forfeited (yuan)"), default=0)
    held_yuan = money(_("held (yuan)"), default=0)
    # What the firm still has to deposit or top up; nothing once it was given back or forfeited.
    missing_yuan = money(_("missing (yuan)"), default=0)
    # The day of the newest entry.
    moved_on = models.DateField(_("last entry on"), null=True, blank=True)

    objects = OfFirm.as_manager()

    class Meta:
        ordering = ["park", "enterprise"]
        verbose_name = _("deposit")
        indexes = [models.Index(fields=["park", "-held_yuan"], name="deposit_park_held")]
        constraints = [
            models.UniqueConstraint(fields=["park", "enterprise"], name="deposit_once"),
            adds_up("deposit_adds_up", "received_yuan", "held_yuan", "set_off_yuan", "refunded_yuan", "forfeited_yuan"),
            models.CheckConstraint(
                condition=Q(
                    due_yuan__gte=0,
                    held_yuan__gte=0,
                    set_off_yuan__gte=0,
                    refunded_yuan__gte=0,
                    forfeited_yuan__gte=0,
                    missing_yuan__gte=0,
                ),
                name="deposit_parts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(
                    missing_yuan=0, due_yuan__lt=F("held_yuan") + F("refunded_yuan") + F("forfeited_yuan") + HALF_CENT
                )
                | Q(
                    missing_yuan__gt=F("due_yuan")
                    - F("held_yuan")
                    - F("refunded_yuan")
                    - F("forfeited_yuan")
                    - HALF_CENT,
                    missing_yuan__lt=F("due_yuan")
                    - F("held_yuan")
                    - F("refunded_yuan")
                    - F("forfeited_yuan")
                    + HALF_CENT,
                ),
                name="deposit_missing_is_the_rest",
            ),
        ]

    def __str__(self) -> str:
        return str(self.enterprise)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is held any more and nothing is missing."""
        return bool(self.held_yuan == Decimal(0) and self.missing_yuan == Decimal(0))


class DepositEntry(models.Model):
    """A line of a firm's deposit: what is due of it, what came, what was set off, given back or forfeited."""

    class Kind(models.TextChoices):
        """What happened."""

        DUE = "DUE", _("Due")
        RECEIVED = "RECEIVED", _("Received")
        SET_OFF = "SET_OFF", _("Set off against a bill")
        TOPPED_UP = "TOPPED_UP", _("Topped up")
        REFUNDED = "REFUNDED", _("Refunded")
        FORFEITED = "FORFEITED", _("Forfeited")

    ADDS = (Kind.RECEIVED, Kind.TOPPED_UP)
    TAKES = (Kind.SET_OFF, Kind.REFUNDED, Kind.FORFEITED)

    park = models.ForeignKey(Park, models.PROTECT, related_name="deposit_entries")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="deposit_entries")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    booked_on = models.DateField(_("day"))
    amount_yuan = money(_("amount (yuan)"))
    # What the deposit secures, named by whoever asks for it ("lease:12"): the same reference is due once.
    reference = models.CharField(_("reference"), max_length=120, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    bill = models.ForeignKey(Bill, models.PROTECT, null=True, blank=True, related_name="deposit_entries")
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, blank=True, related_name="deposit_entry")
    undoes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="undone_by")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    objects = OfFirm.as_manager()

    class Meta:
        ordering = ["enterprise", "booked_on", "id"]
        verbose_name = _("entry of a deposit")
        indexes = [models.Index(fields=["park", "enterprise"], name="deposit_firm")]
        constraints = [
            # An undoing entry has the amount of the one it undoes, with the other sign.
            models.CheckConstraint(
                condition=Q(amount_yuan__gt=0, undoes__isnull=True) | Q(amount_yuan__lt=0, undoes__isnull=False),
                name="deposit_amount_sign",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.booked_on}"
