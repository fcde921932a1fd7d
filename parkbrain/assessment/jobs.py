"""What runs by itself in assessment."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from . import services


@task()
def refresh_all_ratings() -> int:
    """Bring every current rating up to date: validity ends with a date, also where nobody changed anything."""
    now = timezone.now()
    return services.refresh_ratings(on=timezone.localdate(now), at=now)
