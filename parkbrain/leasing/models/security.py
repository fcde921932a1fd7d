"""What secures a lease: the deposit that was agreed and the guarantees that others gave."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .leases import Lease


class DepositTerm(models.Model):
    """A deposit as agreed: an amount, or so many months of the first rent; no tax is due on it until it is forfeited."""

    lease = models.ForeignKey(Lease, models.CASCADE, related_name="deposit_terms")
    # 1, 2, 3 … within the lease: what a register names the terms by.
    number = models.PositiveSmallIntegerField(_("no."), default=1)
    months_of_rent = models.DecimalField(_("months of rent"), max_digits=5, decimal_places=2, null=True, blank=True)
    amount_yuan = models.DecimalField(_("amount (yuan)"), max_digits=14, decimal_places=2, null=True, blank=True)
    due_on = models.DateField(_("due on"))
    remark = models.CharField(_("remark"), max_length=300, blank=True)

    class Meta:
        ordering = ["lease", "due_on", "id"]
        verbose_name = _("deposit terms")
        verbose_name_plural = _("deposit terms")
        constraints = [
            models.CheckConstraint(
                condition=Q(months_of_rent__gt=0, amount_yuan__isnull=True)
                | Q(amount_yuan__gt=0, months_of_rent__isnull=True),
                name="deposit_months_or_amount",
            ),
            models.UniqueConstraint(fields=["lease", "number"], name="deposit_terms_once"),
        ]

    def __str__(self) -> str:
        return f"{self.lease} {self.due_on}"


class Guarantee(models.Model):
    """A promise of somebody else to pay: a bank, a parent firm, a person."""

    class Kind(models.TextChoices):
        """Who stands behind the tenant."""

        BANK = "BANK", _("Bank guarantee")
        PARENT = "PARENT", _("Parent company")
        PERSON = "PERSON", _("Personal guarantee")
        INSURER = "INSURER", _("Surety insurance")

    lease = models.ForeignKey(Lease, models.CASCADE, related_name="guarantees")
    number = models.PositiveSmallIntegerField(_("no."), default=1)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    guarantor = models.CharField(_("guarantor"), max_length=160)
    amount_yuan = models.DecimalField(_("amount (yuan)"), max_digits=14, decimal_places=2, null=True, blank=True)
    valid_from_on = models.DateField(_("valid from"), null=True, blank=True)
    valid_to_on = models.DateField(_("valid to"), null=True, blank=True)

    class Meta:
        ordering = ["lease", "id"]
        verbose_name = _("guarantee")
        constraints = [
            models.UniqueConstraint(fields=["lease", "number"], name="guarantee_once"),
            models.CheckConstraint(
                condition=Q(valid_from_on__isnull=True)
                | Q(valid_to_on__isnull=True)
                | Q(valid_to_on__gt=F("valid_from_on")),
                name="guarantee_forward",
            ),
        ]

    def __str__(self) -> str:
        return self.guarantor
