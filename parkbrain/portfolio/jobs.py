"""What runs by itself in the city."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from . import services


@task()
def remind_parks() -> int:
    """Remind parks of the rounds whose day it is."""
    now = timezone.now()
    return services.remind_by_itself(on=timezone.localdate(now), at=now)
