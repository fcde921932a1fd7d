"""What people keep of the cockpit: how they want their home."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import Park, User


class HomeChoice(models.Model):
    """The tiles a person wants on a home, in their order; for parks of one kind, or for a home of no park."""

    user = models.ForeignKey(User, models.CASCADE, related_name="home_choices")
    home = models.CharField(max_length=12)
    park_kind = models.CharField(max_length=12, choices=Park.Kind.choices, blank=True)
    tiles: Any = models.JSONField(default=list)

    class Meta:
        verbose_name = _("choice of tiles")
        constraints = [models.UniqueConstraint(fields=["user", "home", "park_kind"], name="home_choice_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.home}"
