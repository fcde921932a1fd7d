"""Figures that clauses wait for: turnover that tenants report, and published price indices."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import Park

from .leases import Lease


class ReportedTurnover(models.Model):
    """Turnover of the tenant in [starts_on, ends_on) as reported."""

    lease = models.ForeignKey(Lease, models.CASCADE, related_name="turnovers")
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"))
    turnover_yuan = models.DecimalField(_("turnover (yuan)"), max_digits=16, decimal_places=2)
    source = models.CharField(_("source"), max_length=120, blank=True)

    class Meta:
        ordering = ["lease", "-starts_on"]
        verbose_name = _("reported turnover")
        verbose_name_plural = _("reported turnover")
        constraints = [
            models.UniqueConstraint(fields=["lease", "starts_on"], name="turnover_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="turnover_forward"),
            models.CheckConstraint(condition=Q(turnover_yuan__gte=0), name="turnover_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.lease} {self.starts_on}"


class IndexValue(models.Model):
    """A published value of a price index that leases of the park follow."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="index_values")
    series = models.CharField(_("series"), max_length=40)
    month_on = models.DateField(_("month"))
    value = models.DecimalField(_("value"), max_digits=12, decimal_places=4)
    source = models.CharField(_("source"), max_length=120, blank=True)

    class Meta:
        ordering = ["park", "series", "-month_on"]
        verbose_name = _("index value")
        constraints = [
            models.UniqueConstraint(fields=["park", "series", "month_on"], name="index_value_once"),
            models.CheckConstraint(condition=Q(value__gt=0), name="index_value_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.month_on:%Y-%m}"
