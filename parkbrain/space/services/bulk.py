"""One field of many premises at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from parkbrain.kernel import registry
from parkbrain.kernel.models import User
from parkbrain.kernel.roles import Permission
from parkbrain.lists import FieldChange, check_changes

from ..models import Premises
from .premises import record_premises_rows


@transaction.atomic
def change_premises(*, changes: Sequence[FieldChange], actor: User, at: datetime) -> int:
    """Change a field of many premises, all of them or none, and return how many changed; each leaves its event.

    :raises CannotChangeRows: premises say something else by now than the person saw, or are not theirs to change.
    """
    keys = [change.key for change in changes]
    locked = Premises.objects.select_for_update(of=("self",)).filter(pk__in=keys).select_related("park__branch")
    rows = {premises.pk: premises for premises in locked}
    check_changes(changes=changes, rows=rows, may=lambda p: actor.may(Permission.EDIT_RECORD, p.park.branch.path))
    by_park: dict[int, list[FieldChange]] = {}
    for change in changes:
        by_park.setdefault(rows[change.key].park_id, []).append(change)
    for group in by_park.values():
        park = rows[group[0].key].park
        values = [{"code": rows[c.key].code, c.field: c.new} for c in group]
        record_premises_rows(park=park, rows=values, actor=actor, at=at)
    registry.park_changed(park_ids=sorted(by_park), at=at)
    return len(changes)
