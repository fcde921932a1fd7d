"""Figures that clauses wait for: reported turnover and index values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import created, updated

from ..models import IndexValue, Lease, ReportedTurnover
from .common import CannotChangeLease, check_may_lease


@transaction.atomic
def report_turnover(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[ReportedTurnover]]:
    """Record turnover by lease (`number`) and first day of the period.

    :raises CannotChangeLease: a lease is not there, a period runs backwards, or the actor may not.
    """
    check_may_lease(park=park, actor=actor)
    leases = {x.number: x for x in Lease.objects.filter(park=park, number__in=[r["number"] for r in rows])}
    existing = ReportedTurnover.objects.filter(lease__in=leases.values()).select_related("lease")
    found = {(t.lease_id, t.starts_on): t for t in existing}
    wanted = []
    for row in rows:
        if row["number"] not in leases:
            raise CannotChangeLease(_("There is no lease %(number)s.") % {"number": row["number"]})
        if row["ends_on"] <= row["starts_on"]:
            raise CannotChangeLease(_("The end has to lie after the beginning."))
        lease = leases[row["number"]]
        values = {k: v for k, v in row.items() if k != "number"}
        wanted.append(((lease.pk, row["starts_on"]), {**values, "lease": lease}))
    recorded = upsert(model=ReportedTurnover, found=found, rows=wanted)
    audit.record_many("leasing.turnover.reported", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("leasing.turnover.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    return recorded


@transaction.atomic
def record_index_values(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[IndexValue]]:
    """Record published index values by series and month.

    :raises CannotChangeLease: the actor may not change the leases of the park.
    """
    check_may_lease(park=park, actor=actor)
    rows = [{**row, "month_on": row["month_on"].replace(day=1)} for row in rows]
    existing = IndexValue.objects.filter(park=park, series__in={r["series"] for r in rows})
    found = {(v.series, v.month_on): v for v in existing}
    wanted = [((r["series"], r["month_on"]), {**r, "park": park}) for r in rows]
    recorded = upsert(model=IndexValue, found=found, rows=wanted)
    audit.record_many("leasing.index.recorded", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("leasing.index.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    return recorded
