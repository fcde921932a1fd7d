"""Leases that came signed from a register: who took each over, and who of another person confirmed it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import User

from .leases import Lease


class TakenOver(models.Model):
    """A lease in force that nobody approved here: one person took it over, a second one confirms or refuses it.

    It holds and is billed from the day it came, as it was signed on paper; what misses is a second pair of eyes.
    """

    class State(models.TextChoices):
        """What a second person said."""

        WAITING = "WAITING", _("Waits for confirmation")
        CONFIRMED = "CONFIRMED", _("Confirmed")
        REFUSED = "REFUSED", _("Refused")

    lease = models.OneToOneField(Lease, models.CASCADE, related_name="taken_over")
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.WAITING)
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    # The person who took it over confirmed it, as nobody else could.
    is_alone = models.BooleanField(default=False)
    reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        ordering = ["lease"]
        verbose_name = _("confirmation of a lease taken over")
        indexes = [models.Index(fields=["state", "lease"], name="taken_over_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="WAITING", decided_at__isnull=True)
                | Q(decided_at__isnull=False) & ~Q(state="WAITING"),
                name="taken_over_decided",
            ),
            models.CheckConstraint(
                condition=Q(is_alone=True)
                | Q(taken_by__isnull=True)
                | Q(decided_by__isnull=True)
                | ~Q(state="CONFIRMED")
                | ~Q(decided_by=F("taken_by")),
                name="taken_over_by_two",
            ),
        ]

    def __str__(self) -> str:
        return str(self.lease)
