"""What runs by itself in the life cycle."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from . import services
from .services.triggers import check_due_parks


@task()
def check_exit_triggers() -> int:
    """Check the rules of exit for every park that was not checked this month."""
    now = timezone.now()
    return check_due_parks(on=timezone.localdate(now), at=now)


@task()
def send_reminders() -> int:
    """Send everybody the list of what is late or due soon among their duties."""
    now = timezone.now()
    return services.send_reminders(on=timezone.localdate(now), at=now)
