"""What sign-in remembers: failed attempts with their locks, and the sessions that are open."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import User


class SignInLock(models.Model):
    """Failed attempts of a sign-in name or an address, and codes that were used.

    In the database, so that all server processes count alike.
    """

    class Kind(models.TextChoices):
        """What is counted."""

        ACCOUNT = "ACCOUNT", _("Sign-in name")
        ADDRESS = "ADDRESS", _("Address")
        CODE = "CODE", _("Used code")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    key = models.CharField(max_length=120)
    failures = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField()
    locked_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("sign-in lock")
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "key"], name="sign_in_lock_once")]

    def __str__(self) -> str:
        return self.key


class OpenSession(models.Model):
    """A browser in which a person is signed in, as their list of sessions shows it."""

    user = models.ForeignKey(User, models.CASCADE, related_name="open_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    address = models.CharField(_("address"), max_length=45)
    agent = models.CharField(_("browser"), max_length=200)
    opened_at = models.DateTimeField(_("signed in at"))

    class Meta:
        ordering: ClassVar = ["-opened_at"]
        verbose_name = _("session")

    def __str__(self) -> str:
        return f"{self.user} · {self.address}"
