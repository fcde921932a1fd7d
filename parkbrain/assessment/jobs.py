"""What runs by itself in assessment."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task

from . import services


@task()
def refresh_all_ratings() -> int:
    """Bring every current rating up to date: validity ends with a date, also where nobody changed anything.

    On the first night of a quarter the city as the quarter before left it is kept.
    """
    now = timezone.now()
    services.keep_due_snapshot(at=now)
    return services.refresh_ratings(on=timezone.localdate(now), at=now)


@task()
def refresh_all_plans() -> int:
    """Plan every park's next star anew, after the night's ratings."""
    return services.refresh_star_plans(at=timezone.now())


@task()
def refresh_all_certainties() -> int:
    """Draw how sure every park's star is anew, after the night's ratings."""
    return services.refresh_certainty(at=timezone.now())
