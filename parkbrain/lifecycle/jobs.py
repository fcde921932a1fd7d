"""What runs by itself in the life cycle."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from .services.triggers import check_due_parks


@task()
def check_exit_triggers() -> int:
    """Check the rules of exit for every park that was not checked this month."""
    now = timezone.now()
    return check_due_parks(on=timezone.localdate(now), at=now)
