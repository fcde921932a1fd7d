"""Dated tariffs, how common use and loss are shared, and what came of it for a month."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park
from parkbrain.kernel.names import Named

from .bindings import BACKWARD_DATES
from .meters import EnergyKind, OfPark


class EnergyTariff(Named):
    """What energy costs in a park from a day on: by time of use, by tier, by demand; `rates` as the schema has it.

    Beside the park's own, others may hold at the same time under a code each: for firms whose leases name them.
    """

    park = models.ForeignKey(Park, models.CASCADE, related_name="energy_tariffs")
    energy_kind = models.CharField(_("energy kind"), max_length=16, choices=EnergyKind.choices)
    # Empty: the park's own, by which the supply and every firm is priced whose lease names no other.
    code = models.CharField(_("tariff code"), max_length=40, blank=True, default="")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("up to"), null=True, blank=True)
    # schemes/energy_tariff.schema.json; amounts are texts, so that no float comes near money.
    rates: Any = models.JSONField(_("rates"))
    tax_rate = models.DecimalField(_("tax rate"), max_digits=5, decimal_places=4, default=0)
    source = models.CharField(_("source"), max_length=200, blank=True)

    objects = OfPark.as_manager()

    class Meta:
        ordering = ["park", "energy_kind", "code", "-starts_on"]
        verbose_name = _("energy tariff")
        constraints = [
            models.CheckConstraint(condition=BACKWARD_DATES, name="energy_tariff_forward"),
            models.CheckConstraint(condition=Q(tax_rate__gte=0, tax_rate__lt=1), name="energy_tariff_tax"),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, [str(self.get_energy_kind_display()), self.code, f"{self.starts_on}"]))


class AllocationRule(models.Model):
    """By what common use and loss of an energy kind are shared out among the enterprises, from a day on."""

    class By(models.TextChoices):
        """The key."""

        NONE = "NONE", _("not shared out")
        USE = "USE", _("by metered use")
        AREA = "AREA", _("by area")
        HEADS = "HEADS", _("by staff")
        FIXED = "FIXED", _("by fixed shares")

    park = models.ForeignKey(Park, models.CASCADE, related_name="allocation_rules")
    energy_kind = models.CharField(_("energy kind"), max_length=16, choices=EnergyKind.choices)
    public_by = models.CharField(_("common use"), max_length=6, choices=By.choices, default=By.AREA)
    loss_by = models.CharField(_("loss"), max_length=6, choices=By.choices, default=By.USE)
    # Weights by unified social credit code, as texts.
    fixed_shares: Any = models.JSONField(_("fixed shares"), default=dict, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("up to"), null=True, blank=True)

    objects = OfPark.as_manager()

    class Meta:
        ordering = ["park", "energy_kind", "-starts_on"]
        verbose_name = _("sharing rule")
        constraints = [models.CheckConstraint(condition=BACKWARD_DATES, name="allocation_rule_forward")]

    def __str__(self) -> str:
        return f"{self.get_energy_kind_display()} {self.starts_on}"


class MonthStatement(models.Model):
    """Use and money of one energy kind in a park's month, with everything it was worked out from."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="energy_statements")
    energy_kind = models.CharField(_("energy kind"), max_length=16, choices=EnergyKind.choices)
    month_on = models.DateField(_("month"))
    # None where a meter that counts is unknown: then nothing can be shared out.
    supply = models.FloatField(_("supply"), null=True)
    metered = models.FloatField(_("metered at enterprises"), null=True)
    public = models.FloatField(_("common use"), null=True)
    loss = models.FloatField(_("loss"), null=True)
    amount_yuan = models.DecimalField(_("amount (yuan)"), max_digits=16, decimal_places=2, null=True)
    # Meters with their use, weights, rule, tariff and what is missing.
    inputs: Any = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    worked_out_at = models.DateTimeField(_("worked out at"))

    objects = OfPark.as_manager()

    class Meta:
        ordering = ["park", "-month_on", "energy_kind"]
        verbose_name = _("month of an energy kind")
        constraints = [
            models.UniqueConstraint(fields=["park", "energy_kind", "month_on"], name="month_statement_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_energy_kind_display()} {self.month_on:%Y-%m}"


class StatementLine(models.Model):
    """An enterprise's part of a month: quantities by band, its share of common use and loss, the money."""

    statement = models.ForeignKey(MonthStatement, models.CASCADE, related_name="lines")
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="+")
    # None where a meter of the enterprise is unknown.
    metered = models.DecimalField(_("metered"), max_digits=16, decimal_places=2, null=True)
    public_share = models.DecimalField(_("share of common use"), max_digits=16, decimal_places=2, null=True)
    loss_share = models.DecimalField(_("share of loss"), max_digits=16, decimal_places=2, null=True)
    # Quantity, price and amount by band or tier, as texts; meters with their quantities.
    charges: Any = models.JSONField(default=list)
    meters: Any = models.JSONField(default=list)
    amount_yuan = models.DecimalField(_("amount (yuan)"), max_digits=16, decimal_places=2, null=True)
    tax_yuan = models.DecimalField(_("of which tax (yuan)"), max_digits=16, decimal_places=2, null=True)
    measured = models.FloatField(_("measured"), default=0.0)

    class Meta:
        ordering = ["statement", "enterprise"]
        verbose_name = _("line of a month")
        constraints = [
            models.UniqueConstraint(fields=["statement", "enterprise"], name="statement_line_once"),
            models.CheckConstraint(
                condition=Q(tax_yuan__isnull=True) | Q(amount_yuan__isnull=True) | Q(tax_yuan__lte=F("amount_yuan")),
                name="statement_line_tax_within",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.statement} {self.enterprise}"
