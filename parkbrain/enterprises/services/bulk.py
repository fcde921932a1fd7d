"""One field of many enterprises at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from parkbrain.kernel import registry
from parkbrain.kernel.models import User
from parkbrain.lists import FieldChange, check_changes

from ..models import Enterprise, Occupancy
from ..queries import changeable_enterprises
from .register import record_enterprises


@transaction.atomic
def change_enterprises(*, changes: Sequence[FieldChange], actor: User, at: datetime) -> int:
    """Change a field of many enterprises, all of them or none, and return how many changed; each leaves its event.

    :raises CannotChangeRows: an enterprise says something else by now than the person saw, or is not theirs to change.
    """
    keys = [change.key for change in changes]
    rows = {firm.pk: firm for firm in Enterprise.objects.select_for_update().filter(pk__in=keys)}
    mine = changeable_enterprises(rows=Enterprise.objects.filter(pk__in=keys), user=actor)
    allowed = set(mine.order_by().values_list("pk", flat=True))
    check_changes(changes=changes, rows=rows, may=lambda firm: firm.pk in allowed)
    values = [{"uscc": rows[c.key].uscc, c.field: c.new} for c in changes]
    record_enterprises(rows=values, actor=actor, at=at)
    stays = Occupancy.objects.filter(enterprise__in=keys).current_on(timezone.localdate(at))
    parks = stays.order_by().values_list("premises__park", flat=True).distinct()
    registry.park_changed(park_ids=sorted(parks), at=at)
    return len(changes)
