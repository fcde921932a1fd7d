"""The manifest: which files hold readings, in which order they arrived, and the newest reading of every point."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Segment(models.Model):
    """One file of readings. Files never change; a segment that another replaced is no longer live."""

    class Level(models.IntegerChoices):
        """How a segment came about."""

        ARRIVED = 0
        SORTED = 1
        HOURS = 2

    #: Relative to the folder of the lake; empty once the file of a dead segment was removed.
    path = models.CharField(max_length=200)
    #: What the writer calls the batch; the same batch twice is one batch.
    batch_id = models.CharField(max_length=200, null=True, unique=True)
    level = models.PositiveSmallIntegerField(choices=Level.choices, default=Level.ARRIVED)
    #: UTC day (2026-03-01) or month (2026-03) of a sorted segment.
    partition = models.CharField(max_length=10, blank=True, default="")
    #: Order of arrival; where two segments hold a reading of the same point and instant the greater counts.
    arrival = models.BigIntegerField()
    rows = models.BigIntegerField()
    size_bytes = models.BigIntegerField()
    first_point = models.BigIntegerField()
    last_point = models.BigIntegerField()
    start_us = models.BigIntegerField()
    #: One past the last instant.
    end_us = models.BigIntegerField()
    is_live = models.BooleanField(default=True)
    written_at = models.DateTimeField()
    dead_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["start_us", "end_us"], condition=Q(is_live=True), name="lake_live_by_time"),
            models.Index(fields=["arrival"], condition=Q(level=0), name="lake_by_arrival"),
            models.Index(fields=["dead_at"], condition=Q(is_live=False), name="lake_dead"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(end_us__gt=models.F("start_us")), name="lake_segment_has_a_span"),
            models.CheckConstraint(condition=Q(rows__gt=0), name="lake_segment_has_rows"),
        ]


class LatestReading(models.Model):
    """The newest reading of a point."""

    point = models.BigIntegerField(primary_key=True)
    at_us = models.BigIntegerField()
    value = models.FloatField()
    quality = models.SmallIntegerField()


class LakeState(models.Model):
    """One row: how many segments have arrived, and who is compacting until when."""

    arrivals = models.BigIntegerField(default=0)
    compactor = models.CharField(max_length=40, blank=True, default="")
    compacting_until = models.DateTimeField(null=True)
    #: Readings before this instant were kept as hours only.
    thinned_before_us = models.BigIntegerField(default=0)
