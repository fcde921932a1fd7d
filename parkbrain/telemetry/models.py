"""Tables of telemetry: sources, points with their dated factors, device tokens, receipts and what was set aside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel import scope
from parkbrain.kernel.models import Document, Park, User
from parkbrain.kernel.names import Named
from parkbrain.kernel.roles import Permission


class SourceQuerySet(models.QuerySet["Source"]):
    """Filters over sources."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_TELEMETRY) -> SourceQuerySet:
        """Keep the sources of parks where the person holds the permission."""
        return self.filter(scope.branches_q(user, Permission(permission), field="park__branch__path"))


class Source(Named):
    """Where readings come from: a gateway, a concentrator, another system; one driver with its settings."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="sources")
    code = models.CharField(_("source code"), max_length=40)
    driver = models.CharField(_("driver"), max_length=40)
    # What the driver needs to connect, as its description declares it.
    settings: Any = models.JSONField(_("settings"), default=dict, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    last_message_at = models.DateTimeField(_("last message"), null=True, blank=True)
    # What the driver last said of its own connection; empty is well.
    last_error = models.CharField(_("last fault"), max_length=300, blank=True)
    changed_at = models.DateTimeField(db_index=True)

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = ["park", "code"]
        verbose_name = _("source")
        constraints = [
            models.UniqueConstraint(fields=["park", "code"], name="source_code_once_per_park"),
            models.CheckConstraint(condition=~Q(code=""), name="source_has_code"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class PointQuerySet(models.QuerySet["Point"]):
    """Filters over points."""

    def visible_to(self, user: User, permission: Permission | str = Permission.VIEW_TELEMETRY) -> PointQuerySet:
        """Keep the points of parks where the person holds the permission."""
        return self.filter(scope.branches_q(user, Permission(permission), field="park__branch__path"))


class Point(Named):
    """One measured quantity. Its key is its number in the lake and is never used again for another."""

    class Kind(models.TextChoices):
        """What a reading says."""

        # Cumulative: what was used is the difference of two readings.
        REGISTER = "REGISTER", _("Register (cumulative)")
        # The amount of the interval of `interval_s` that ends at the reading's time.
        INTERVAL = "INTERVAL", _("Amount per interval")
        GAUGE = "GAUGE", _("Instantaneous value")

    # Numbers are never given twice (AUTOINCREMENT on SQLite, a sequence on PostgreSQL): old readings stay whose they were.
    id = models.BigAutoField(primary_key=True)
    park = models.ForeignKey(Park, models.CASCADE, related_name="points")
    code = models.CharField(_("point code"), max_length=60)
    brick_class = models.CharField(_("Brick class"), max_length=80, blank=True)
    unit = models.CharField(_("unit"), max_length=40)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.REGISTER)
    register_width = models.FloatField(_("register starts again at"), null=True, blank=True)
    max_rate_per_hour = models.FloatField(_("highest rate per hour"), null=True, blank=True)
    gap_hours = models.FloatField(_("longest time between readings (h)"), default=2.0)
    interval_s = models.PositiveIntegerField(_("interval (s)"), default=900)
    source = models.ForeignKey(Source, models.SET_NULL, null=True, blank=True, related_name="points")
    address = models.CharField(_("address at the source"), max_length=200, blank=True)
    changed_at = models.DateTimeField(db_index=True)

    objects = PointQuerySet.as_manager()

    class Meta:
        ordering = ["park", "code"]
        verbose_name = _("point")
        constraints = [
            models.UniqueConstraint(fields=["park", "code"], name="point_code_once_per_park"),
            models.UniqueConstraint(
                fields=["source", "address"], condition=~Q(address=""), name="point_address_once_per_source"
            ),
            models.CheckConstraint(condition=~Q(code=""), name="point_has_code"),
            models.CheckConstraint(
                condition=Q(register_width__isnull=True) | Q(register_width__gt=0), name="point_width_positive"
            ),
            models.CheckConstraint(
                condition=Q(max_rate_per_hour__isnull=True) | Q(max_rate_per_hour__gt=0), name="point_rate_positive"
            ),
            models.CheckConstraint(condition=Q(gap_hours__gt=0), name="point_gap_positive"),
            models.CheckConstraint(condition=Q(interval_s__gt=0), name="point_interval_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class PointFactor(models.Model):
    """What one unit shown by the register stands for, from `start_at` up to, not including, `end_at` (empty: onward).

    A reading times `multiplier` × `ct_ratio` × `pt_ratio` is the quantity in the point's unit. Periods of one point do
    not overlap; the database holds this (see the migration).
    """

    point = models.ForeignKey(Point, models.CASCADE, related_name="factors")
    multiplier = models.FloatField(_("multiplier"), default=1.0)
    ct_ratio = models.FloatField(_("current transformer ratio"), default=1.0)
    pt_ratio = models.FloatField(_("voltage transformer ratio"), default=1.0)
    start_at = models.DateTimeField(_("from"))
    end_at = models.DateTimeField(_("up to"), null=True, blank=True)

    class Meta:
        ordering = ["point", "start_at"]
        verbose_name = _("factor of a point")
        constraints = [
            models.CheckConstraint(
                condition=Q(end_at__isnull=True) | Q(end_at__gt=F("start_at")), name="point_factor_forward"
            ),
            models.CheckConstraint(
                condition=~Q(multiplier=0) & Q(ct_ratio__gt=0) & Q(pt_ratio__gt=0), name="point_factor_not_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point} × {self.factor:g}"

    @property
    def factor(self) -> float:
        """The whole factor."""
        return self.multiplier * self.ct_ratio * self.pt_ratio


class DeviceTokenQuerySet(models.QuerySet["DeviceToken"]):
    """Filters over device tokens."""

    def usable_at(self, at: datetime) -> DeviceTokenQuerySet:
        """Keep the tokens that open the front door at a moment."""
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=at), revoked_at__isnull=True, source__is_active=True
        )


class DeviceToken(models.Model):
    """What a device shows to push readings of one source; the secret itself is never stored."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="device_tokens")
    name = models.CharField(_("name"), max_length=80)
    # The visible beginning, by which people know a token.
    prefix = models.CharField(_("prefix"), max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = DeviceTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("device token")
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="device_token_expires_after_creation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class PushReceipt(models.Model):
    """What became of one message, written in the transaction that stored its readings: sent again, it changes nothing."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="receipts")
    # Of the sender's key for the message, or of its content.
    digest = models.CharField(max_length=64)
    received_at = models.DateTimeField(db_index=True)
    taken = models.PositiveIntegerField()
    set_aside = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("receipt")
        # By digest first: that is how a message that came again is found.
        constraints = [models.UniqueConstraint(fields=["digest", "source"], name="receipt_once")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.digest[:12]}"


class SourceMinute(models.Model):
    """How much came from a source in one minute."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="minutes")
    minute_at = models.DateTimeField()
    messages = models.PositiveIntegerField(default=0)
    taken = models.PositiveBigIntegerField(default=0)
    set_aside = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("minute of a source")
        constraints = [models.UniqueConstraint(fields=["source", "minute_at"], name="source_minute_once")]

    def __str__(self) -> str:
        return f"{self.source_id} {self.minute_at:%H:%M}"


class KeptAside(models.Model):
    """Readings of a source that could not be taken, by reason and address, with what was sent so that it can be mended.

    The payload holds the first so many of them (one JSON object a line); `times` counts all.
    """

    source = models.ForeignKey(Source, models.CASCADE, related_name="kept_aside")
    transport = models.CharField(_("way in"), max_length=20)
    reason = models.CharField(_("reason"), max_length=40)
    address = models.CharField(_("address"), max_length=200, blank=True)
    params: Any = models.JSONField(default=dict, blank=True)
    payload = models.TextField(_("what was sent"), blank=True)
    kept = models.PositiveIntegerField(_("kept"), default=0)
    times = models.PositiveBigIntegerField(_("times"), default=0)
    first_at = models.DateTimeField(_("first seen"))
    received_at = models.DateTimeField(_("last seen"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    # How many readings were taken when it was released; None while open or where it was dismissed.
    released = models.PositiveIntegerField(_("released"), null=True, blank=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        verbose_name = _("what was set aside")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "reason", "address"], condition=Q(closed_at=None), name="kept_aside_open_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.address}".strip()


class TypedReading(models.Model):
    """A reading that a person typed in, with the photo of the meter where one was taken; the value itself is in the lake."""

    point = models.ForeignKey(Point, models.CASCADE, related_name="typed_readings")
    at = models.DateTimeField(_("read at"))
    value = models.FloatField(_("reading"))
    photo = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(_("note"), max_length=300, blank=True)
    # Codes of what looked wrong when it was typed in and was confirmed by the person.
    warnings: Any = models.JSONField(default=list, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        verbose_name = _("typed-in reading")
        indexes = [models.Index(fields=["point", "-at"], name="typed_reading_point")]

    def __str__(self) -> str:
        return f"{self.point_id} {self.value:g}"


class ReadingsBatch(models.Model):
    """Readings of one park that came together from a file."""

    park = models.ForeignKey(Park, models.CASCADE, related_name="readings_batches")
    # What the lake knows it by.
    batch_id = models.CharField(max_length=120, unique=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    rows = models.PositiveBigIntegerField(_("readings"))
    first_at = models.DateTimeField(_("from"))
    last_at = models.DateTimeField(_("up to"))
    taken_at = models.DateTimeField(_("taken at"))
    taken_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    # What it brought, and what counted before at the same moments.
    kept = models.ForeignKey(Document, models.PROTECT, null=True, blank=True, related_name="+")
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    taken_back_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-taken_at", "-id"]
        verbose_name = _("readings from a file")

    def __str__(self) -> str:
        return f"{self.batch_id} ({self.rows})"
