"""What runs by itself in telemetry."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from parkbrain import lake


@task()
def keep_lake() -> int:
    """Sort, thin and sweep the store of readings, and return how many files were sorted."""
    return lake.keep_in_order(at=timezone.now()).sorted_segments
