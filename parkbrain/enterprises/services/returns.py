"""Yearly returns, and the size class that follows from the latest of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import Park, User
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import NOTHING, created, updated

from ..models import Enterprise, EnterpriseReturn
from .register import CannotRecordEnterprise, check_may_edit, enterprises_by_code, kept_elsewhere, parks_of
from .sizes import keep_size_classes


@transaction.atomic
def record_returns(
    *, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime, park: Park | None = None
) -> list[Recorded[EnterpriseReturn]]:
    """Record yearly returns by firm (`uscc`) and year, and keep the size class of the firms.

    :raises CannotRecordEnterprise: a firm is not there, or the actor may not change the record.
    """
    check_may_edit(park=park, actor=actor)
    firms = enterprises_by_code(codes=[r["uscc"] for r in rows])
    missing = next((r["uscc"] for r in rows if r["uscc"] not in firms), None)
    if missing is not None:
        raise CannotRecordEnterprise(f"{missing}")
    found = {
        (r.enterprise_id, r.year): r
        for r in EnterpriseReturn.objects.filter(enterprise__in=firms.values()).select_related("enterprise")
    }
    elsewhere = kept_elsewhere(found=firms.values(), actor=actor)
    wanted = []
    for row in rows:
        firm = firms[row["uscc"]]
        current = found.get((firm.pk, row["year"]))
        values = {name: value for name, value in row.items() if name != "uscc"}
        if current is not None and firm.pk in elsewhere:
            values = {name: value for name, value in values.items() if getattr(current, name) in (None, "")}
        wanted.append(((firm.pk, row["year"]), {**values, "enterprise": firm}))
    recorded = upsert(model=EnterpriseReturn, found=found, rows=wanted)
    audit.record_many("enterprises.return.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("enterprises.return.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    touched = {r.row.enterprise_id for r in recorded if r.action != NOTHING}
    keep_size_classes(enterprises=[f for f in firms.values() if f.pk in touched])
    return recorded


@transaction.atomic
def record_return(
    *, enterprise: Enterprise, values: Mapping[str, Any], actor: User | None, at: datetime, park: Park | None = None
) -> Recorded[EnterpriseReturn]:
    """Record one yearly return and let what follows from it follow.

    :raises CannotRecordEnterprise: see `record_returns`.
    """
    recorded = record_returns(rows=[{**values, "uscc": enterprise.uscc}], actor=actor, at=at, park=park)[0]
    enterprise.refresh_from_db(fields=["size_class"])
    parks = sorted(set(parks_of(enterprise=enterprise)))
    if parks:
        registry.park_changed(park_ids=parks, at=at)
    return recorded
