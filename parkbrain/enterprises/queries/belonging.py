"""The firms that a park has to do with: those that are or were in it, and those that a module above knows of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from parkbrain.kernel.models import Park
from parkbrain.kernel.registry import Registry

from ..models import Enterprise, Occupancy

#: What else ties firms to a park, such as a lease that is still a draft: from `park=…` to the keys of the firms.
firm_sources: Registry[Callable[..., QuerySet[Any, Any]]] = Registry("source of firms")


def firms_of_park(*, park: Park) -> QuerySet[Enterprise]:
    """Return the firms that are or were in the park, and those that something else ties to it."""
    keys = Occupancy.objects.filter(premises__park=park).order_by().values_list("enterprise", flat=True)
    return Enterprise.objects.filter(pk__in=keys.union(*(source(park=park) for source in firm_sources)))
