"""Use that was odd: found by the program, judged by people."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel import scope
from parkbrain.kernel.models import User
from parkbrain.kernel.roles import Permission

from .meters import Meter


class OddUseQuerySet(models.QuerySet["OddUse"]):
    """Filters over odd use."""

    def visible_to(self, user: User, permission: Permission = Permission.VIEW_TELEMETRY) -> OddUseQuerySet:
        """Keep what was odd in the parks of the person's branches."""
        return self.filter(scope.branches_q(user, permission, field="meter__park__branch__path"))


class OddUse(models.Model):
    """Hours or days on which a meter did not do what it usually does, half-open, with what may be behind it."""

    class What(models.TextChoices):
        """In which way it was odd; as in `calc.energy.anomalies`."""

        SILENT = "silent", _("nothing came")
        STUCK = "stuck", _("one value over and over")
        ZERO = "zero", _("nothing was counted")
        HOURS = "hours", _("some hours far from usual")
        LEVEL = "level", _("days off, all the same way")
        BASE_LOAD = "base_load", _("the base load rose")

    class State(models.TextChoices):
        """What people made of it."""

        OPEN = "OPEN", _("open")
        EXPLAINED = "EXPLAINED", _("explained")
        NOT_ODD = "NOT_ODD", _("not odd")

    meter = models.ForeignKey(Meter, models.CASCADE, related_name="odd_uses")
    what = models.CharField(_("what"), max_length=10, choices=What.choices)
    start_at = models.DateTimeField(_("from"))
    end_at = models.DateTimeField(_("up to"))
    # Actual less usual use over the time, in the meter's unit; None where it is not known.
    excess = models.FloatField(_("more than usual"), null=True)
    strength = models.FloatField(_("times the usual scatter"), null=True)
    causes: Any = models.JSONField(_("possible causes"), default=list)
    cost_yuan = models.DecimalField(
        _("cost of what was above usual (yuan)"), max_digits=14, decimal_places=2, null=True
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    note = models.CharField(_("note"), max_length=300, blank=True)
    settled_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField(_("found at"))

    objects = OddUseQuerySet.as_manager()

    class Meta:
        ordering = ["-start_at", "meter"]
        verbose_name = _("odd use")
        constraints = [
            models.UniqueConstraint(fields=["meter", "what", "start_at"], name="odd_use_once"),
            models.CheckConstraint(condition=Q(end_at__gt=F("start_at")), name="odd_use_forward"),
        ]
        indexes = [models.Index(fields=["meter", "-end_at"], name="odd_use_by_meter")]

    def __str__(self) -> str:
        return f"{self.meter.code} {self.get_what_display()}"
