"""Tables of integration: personal tokens, webhooks and what was delivered to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import AuditEvent, Branch, User


class TokenQuerySet(models.QuerySet["Token"]):
    """Filters over tokens."""

    def visible_to(self, user: User) -> TokenQuerySet:
        """Keep the person's own: nobody sees another's tokens."""
        return self.filter(owner=user)

    def usable_at(self, at: datetime) -> TokenQuerySet:
        """Keep the tokens that open the API at a moment."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=at, owner__is_active=True)


class Token(models.Model):
    """A personal token: its owner's permissions, narrowed to areas; the secret itself is never stored."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    # The visible beginning, by which people and the lookup know a token.
    prefix = models.CharField(_("prefix"), max_length=16, unique=True)
    secret_sha256 = models.CharField(max_length=64)
    # ["space:read", "enterprises:write", …]; writing includes reading.
    scopes: Any = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"))
    last_used_at = models.DateTimeField(_("last used at"), null=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("token")
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="token_expires_after_creation")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def allows(self, area: str, *, write: bool) -> bool:
        """Tell whether the token opens an area for reading or writing."""
        return f"{area}:write" in self.scopes or (not write and f"{area}:read" in self.scopes)


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Filters over webhooks."""

    def visible_to(self, user: User) -> WebhookQuerySet:
        """Keep the person's own."""
        return self.filter(owner=user)


class Webhook(models.Model):
    """An address that is told of events: only of those that its owner may see in the audit trail."""

    class State(models.TextChoices):
        """Whether events are sent."""

        ACTIVE = "ACTIVE", _("Active")
        PAUSED = "PAUSED", _("Paused")

    owner = models.ForeignKey(User, models.CASCADE, related_name="webhooks")
    url = models.URLField(_("address"), max_length=500)
    # Codes of events, or their beginnings ending in a dot; ["*"] for every event.
    events: Any = models.JSONField(_("events"), default=list)
    branch = models.ForeignKey(Branch, models.CASCADE, null=True, blank=True, related_name="+")
    # The signing key follows from this salt and the installation's own key: a copy of the database does not give it away.
    salt = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.ACTIVE)
    paused_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(_("created at"))

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("webhook")

    def __str__(self) -> str:
        return self.url

    def wants(self, code: str) -> bool:
        """Tell whether the webhook asked for events of this code."""
        return any(e in ("*", code) or (e.endswith(".") and code.startswith(e)) for e in self.events)


class Delivery(models.Model):
    """One event on its way to one webhook: written with the event itself, sent by the worker until it arrives."""

    class State(models.TextChoices):
        """Where the delivery is."""

        WAITING = "WAITING", _("Waiting")
        SENDING = "SENDING", _("Sending")
        DELIVERED = "DELIVERED", _("Delivered")
        FAILED = "FAILED", _("Failed")

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    # None for a ping.
    event = models.ForeignKey(AuditEvent, models.CASCADE, null=True, related_name="+")
    code = models.CharField(_("event"), max_length=80)
    # The same at every attempt: a receiver that has seen it leaves the delivery alone.
    message_id = models.CharField(max_length=40, unique=True)
    body = models.TextField()
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField(_("created at"))
    next_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_at = models.DateTimeField(null=True)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=200, blank=True)
    duration_ms = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("delivery")
        indexes = [models.Index(fields=["state", "next_at"], name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.code} → {self.webhook}"
