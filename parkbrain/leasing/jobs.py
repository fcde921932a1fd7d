"""What runs by itself in leasing."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from . import services


@task()
def close_leases() -> int:
    """Close the leases that are over: ended early as agreed, or past their term and handed over."""
    now = timezone.now()
    return services.close_leases(on=timezone.localdate(now), at=now)
