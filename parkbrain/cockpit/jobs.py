"""What runs by itself in the cockpit."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from . import services


@task()
def send_reports() -> int:
    """Make and send the scheduled reports that are due, and try failed mails again."""
    return services.send_due_reports(at=timezone.now())
