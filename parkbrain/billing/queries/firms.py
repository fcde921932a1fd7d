"""The firms that a person may bill in a park: what pickers offer."""

from __future__ import annotations

from django.db.models import QuerySet

from parkbrain.enterprises.models import Enterprise
from parkbrain.enterprises.queries import firms_of_park
from parkbrain.kernel.models import Park


def firms_of(*, park: Park) -> QuerySet[Enterprise]:
    """Return the firms that are or were in the park or have a lease of it, by name.

    Whoever asks may work on the park's money.
    """
    return firms_of_park(park=park).order_by("name_zh_hans", "pk")
