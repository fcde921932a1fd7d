"""What runs by itself in energy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from . import services

#: Events of the floor below after which readings or what they mean are otherwise.
FOLLOWED = ("telemetry.reading.", "telemetry.readings.", "telemetry.factor.")


@task()
def recompute_use() -> int:
    """Work out what depends on readings that arrived and on what was changed."""
    return services.recompute_use(at=timezone.now()).days_written


@task()
def refresh_statements() -> int:
    """Bring the latest months up to date."""
    now = timezone.now()
    return services.refresh_recent_statements(at=now, today=timezone.localdate(now))


@task()
def find_odd_uses() -> int:
    """Look for use that was not as usual."""
    return services.find_odd_uses(at=timezone.now())


def follow_readings(*, events: Sequence[Any]) -> None:
    """Work out use right after a reading was typed in or a factor was set, once the change is stored."""
    if any(event.code.startswith(FOLLOWED) for event in events):
        transaction.on_commit(lambda: recompute_use.enqueue())
