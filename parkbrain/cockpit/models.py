"""What is kept of the cockpit: how people want their home, what is sent to them regularly, and the briefs as they were."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import Park, User
from parkbrain.ui.said import say


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


class ReportSchedule(models.Model):
    """A list as it is filtered, or the report of a page or of one thing, that is made and sent regularly."""

    class Every(models.TextChoices):
        """How often."""

        DAY = "DAY", _("Every day")
        WEEK = "WEEK", _("Every week")
        MONTH = "MONTH", _("Every month")

    class Kind(models.TextChoices):
        """As which file."""

        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"
        PDF = "pdf", "PDF"

    class Period(models.TextChoices):
        """Of which span it speaks, by the day it is sent."""

        LAST_MONTH = "LAST_MONTH", _("The month before")
        MONTH_SO_FAR = "MONTH_SO_FAR", _("The month so far")
        LAST_YEAR = "LAST_YEAR", _("The year before")
        YEAR_SO_FAR = "YEAR_SO_FAR", _("The year so far")

    class State(models.TextChoices):
        """Whether it is sent."""

        ACTIVE = "ACTIVE", _("Active")
        PAUSED = "PAUSED", _("Paused")
        STOPPED = "STOPPED", _("Stopped")

    owner = models.ForeignKey(User, models.CASCADE, related_name="report_schedules")
    name = models.CharField(_("name"), max_length=120)
    # Either a list with the filters of its address, or the report of a page; that may be of one thing of the park.
    list_key = models.CharField(max_length=60, blank=True)
    query = models.TextField(blank=True)
    report_key = models.CharField(max_length=60, blank=True)
    subject_number = models.BigIntegerField(null=True, blank=True)
    park = models.ForeignKey(Park, models.CASCADE, null=True, blank=True, related_name="report_schedules")
    kind = models.CharField(_("file"), max_length=4, choices=Kind.choices)
    every = models.CharField(_("how often"), max_length=5, choices=Every.choices)
    weekday = models.SmallIntegerField(_("weekday"), default=0)
    month_day = models.SmallIntegerField(_("day of the month"), default=1)
    hour = models.SmallIntegerField(_("hour"), default=7)
    recipients = models.ManyToManyField(User, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    period = models.CharField(_("speaks of"), max_length=12, choices=Period.choices, blank=True)
    # Why it was stopped or could not be made: a key of the translations with its values.
    reason = models.CharField(max_length=300, blank=True)
    reason_values: Any = models.JSONField(default=dict, blank=True)
    next_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("scheduled report")
        ordering = ("name", "pk")
        indexes = [models.Index(fields=["state", "next_at"], name="report_schedule_due")]

    def __str__(self) -> str:
        return self.name

    @property
    def why(self) -> str:
        """Why it was stopped or could not be made, in the reader's language."""
        return say(key=self.reason, values=self.reason_values)


class ReportDelivery(models.Model):
    """The last result of a scheduled report for one person: as it was made, with its day, and whether it was mailed."""

    class State(models.TextChoices):
        """What became of it."""

        SENT = "SENT", _("Sent")
        KEPT = "KEPT", _("Kept for download")
        FAILED = "FAILED", _("Not sent")

    schedule = models.ForeignKey(ReportSchedule, models.CASCADE, related_name="deliveries")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices)
    made_at = models.DateTimeField()
    as_of_on = models.DateField()
    file_name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    content = models.BinaryField()
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    attempts = models.SmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    retry_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("sent report")
        constraints = [models.UniqueConstraint(fields=["schedule", "user"], name="report_delivery_once")]

    def __str__(self) -> str:
        return self.file_name


class KeptBrief(models.Model):
    """A brief as it was sent: its sentences with their figures, in every language of the product.

    What each module said stands under its key, so that everybody reads of it what they may see. A brief of a city is of
    the branches of whoever it was sent to: `scope` names them.
    """

    class Kind(models.TextChoices):
        """Of which span it speaks."""

        DAY = "day", _("Daily brief")
        MONTH = "month", _("Monthly brief")

    park = models.ForeignKey(Park, models.CASCADE, null=True, blank=True, related_name="kept_briefs")
    scope = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    since = models.DateField()
    on = models.DateField(_("day"))
    sent_at = models.DateTimeField(_("sent at"))
    makers: Any = models.JSONField(default=list)
    sentences: Any = models.JSONField(default=list)

    class Meta:
        verbose_name = _("kept brief")
        ordering = ("-on", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["park", "kind", "on"], condition=models.Q(park__isnull=False), name="kept_brief_of_park_once"
            ),
            models.UniqueConstraint(
                fields=["scope", "kind", "on"], condition=models.Q(park__isnull=True), name="kept_brief_of_city_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.on.isoformat()}"
