"""What runs by itself in energy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django_tasks import task

from parkbrain.kernel.models import Park
from parkbrain.kernel.work import once_on_commit

from . import services
from .models import EnergyTariff

#: Events of the floor below after which readings or what they mean are otherwise.
FOLLOWED = ("telemetry.reading.", "telemetry.readings.", "telemetry.factor.")
#: Events after which a lease may name another tariff than before.
OF_LEASES = ("leasing.lease.", "leasing.version.")


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
def refresh_named_tariffs(park_id: int) -> int:
    """Bring the latest months of a park up to date with the tariffs that its leases name."""
    return services.refresh_named_tariffs(park=Park.objects.get(pk=park_id), at=timezone.now())


@task()
def find_odd_uses() -> int:
    """Look for use that was not as usual."""
    return services.find_odd_uses(at=timezone.now())


def follow_readings(*, events: Sequence[Any]) -> None:
    """Work out use right after a reading was typed in or a factor was set, once the change is stored."""
    if any(event.code.startswith(FOLLOWED) for event in events):
        once_on_commit(recompute_use.enqueue)


def follow_leases(*, events: Sequence[Any]) -> None:
    """Work out the months of parks where several tariffs hold, once a change of a lease is stored."""
    parks = {event.park_id for event in events if event.code.startswith(OF_LEASES) and event.park_id}
    if not parks:
        return
    chosen = EnergyTariff.objects.filter(park__in=parks).exclude(code="").order_by().values_list("park", flat=True)
    for park_id in sorted(set(chosen)):
        once_on_commit(refresh_named_tariffs.enqueue, park_id)
