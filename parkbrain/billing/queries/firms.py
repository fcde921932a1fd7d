"""The firms that a person may bill in a park: what pickers offer."""

from __future__ import annotations

from django.db.models import QuerySet

from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.kernel.models import Park


def firms_of(*, park: Park) -> QuerySet[Enterprise]:
    """Return the firms that are or were in the park, by name; whoever asks may work on the park's money."""
    stays = Occupancy.objects.filter(premises__park=park).order_by().values("enterprise")
    return Enterprise.objects.filter(pk__in=stays).order_by("name_zh_hans", "pk")
