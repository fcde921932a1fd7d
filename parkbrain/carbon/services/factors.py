"""Factors: those that ship, and a park's or bureau's own with their dates and source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain import schemes
from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import created, updated

from ..models import EmissionFactor
from ..queries import find_clash, list_carriers


class CannotRecordFactor(Exception):
    """The factor cannot be recorded."""


@transaction.atomic
def load_shipped_factors(*, at: datetime) -> int:
    """Bring the shipped factors into the record and return how many are new or changed; what is so stays.

    A value that shipped once is never taken away: a new one is a new row with its own dates.
    """
    found = {
        (f.carrier, f.of, f.area, f.basis, f.starts_on): f for f in EmissionFactor.objects.filter(branch__isnull=True)
    }
    wanted = []
    for row in schemes.shipped("factors.yaml")["factors"]:
        key = (row["carrier"], row["of"], row["area"], row.get("basis", ""), row["starts_on"])
        wanted.append((key, {"basis": "", "ends_on": None, **row}))
    recorded = upsert(model=EmissionFactor, found=found, rows=wanted)
    audit.record_many("carbon.factor.shipped", targets=created(recorded=recorded), actor=None, at=at)
    audit.record_many("carbon.factor.changed", targets=updated(recorded=recorded), actor=None, at=at)
    return sum(r.action != "nothing" for r in recorded)


def _check_may(branch: Branch, actor: User | None) -> None:
    allowed = actor is None or any(
        actor.may(permission, branch.path) for permission in (Permission.EDIT_RECORD, Permission.VIEW_CITY)
    )
    if not allowed:
        raise CannotRecordFactor(_("You may not set factors for this branch."))


@transaction.atomic
def record_factor(
    *, branch: Branch, values: Mapping[str, Any], actor: User | None, at: datetime
) -> Recorded[EmissionFactor]:
    """Record a branch's own factor, found again by carrier, what it is turned into, basis and first day.

    :raises CannotRecordFactor: an unknown carrier or unit, another own factor on the same days, or the actor may not.
    """
    _check_may(branch, actor)
    unit = list_carriers().get(values["carrier"])
    if unit is None:
        raise CannotRecordFactor(_("There is no carrier “%(name)s”.") % {"name": values["carrier"]})
    basis, ends_on = values.get("basis", ""), values.get("ends_on")
    if ends_on is not None and ends_on <= values["starts_on"]:
        raise CannotRecordFactor(_("The end has to lie after the beginning."))
    if not str(values.get("source", "")).strip():
        raise CannotRecordFactor(_("A factor without a source is no factor."))
    same = {"carrier": values["carrier"], "of": values["of"], "basis": basis}
    current = EmissionFactor.objects.filter(branch=branch, starts_on=values["starts_on"], **same).first()
    clash = find_clash(
        branch_path=branch.path,
        starts_on=values["starts_on"],
        ends_on=ends_on,
        besides=current.pk if current else None,
        **same,
    )
    if clash is not None:
        raise CannotRecordFactor(
            _("Another own factor holds from %(first)s; end it first.") % {"first": clash.starts_on.isoformat()}
        )
    wanted = {**values, "basis": basis, "unit": unit, "branch": branch, "area": "CN", "certainty": "own"}
    recorded = upsert(model=EmissionFactor, found={1: current} if current else {}, rows=[(1, wanted)])
    park = Park.objects.filter(branch=branch).first()
    audit.record_many("carbon.factor.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many("carbon.factor.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    registry.park_changed(park_ids=_parks_below(branch), at=at)
    return recorded[0]


@transaction.atomic
def end_factor(*, factor: EmissionFactor, ends_on: date, actor: User | None, at: datetime) -> EmissionFactor:
    """End an own factor on a day; what was computed with it before that day stays as it is.

    :raises CannotRecordFactor: the factor ships with the product, the day lies before it, or the actor may not.
    """
    if factor.branch is None:
        raise CannotRecordFactor(_("This factor ships with the product."))
    _check_may(factor.branch, actor)
    if ends_on <= factor.starts_on:
        raise CannotRecordFactor(_("The end has to lie after the beginning."))
    recorded = upsert(model=EmissionFactor, found={1: factor}, rows=[(1, {"ends_on": ends_on})])
    park = Park.objects.filter(branch=factor.branch).first()
    audit.record_many("carbon.factor.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    registry.park_changed(park_ids=_parks_below(factor.branch), at=at)
    return factor


def _parks_below(branch: Branch) -> list[int]:
    return list(Park.objects.in_branch(branch).order_by("pk").values_list("pk", flat=True))
