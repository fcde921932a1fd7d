"""Boundary changes: premises that become others, parcels and buildings that no longer belong to the park."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission

from ..models import Building, Premises, PremisesSuccession, Site
from .premises import record_premises_rows
from .upsert import upsert

#: Areas are measured: the parts of premises may exceed the whole by this much.
AREA_TOLERANCE = 1.01
#: What parts take over from the premises they were made of, where their row does not say otherwise.
_TAKEN_OVER = (
    "use",
    "lettable",
    "lettable_from_on",
    "lettable_to_on",
    "designated_industry",
    "clear_height_m",
    "floor_load_kn_m2",
    "power_density_w_m2",
    "goods_lift_load_t",
    "has_water",
    "has_exhaust",
    "has_gas",
    "fire_class",
    "vibration_class",
)


class CannotChangeBoundary(Exception):
    """The parcel, building or premises cannot come, go or become others like this."""


def check_may_change_boundary(*, park: Park, actor: User | None) -> None:
    """Refuse an actor who may not change the record of the park.

    :raises CannotChangeBoundary: the actor may not.
    """
    if actor is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path):
        raise CannotChangeBoundary(_("You may not change the record of this park."))


@transaction.atomic
def succeed_premises(
    *,
    before: Sequence[Premises],
    rows: Sequence[Mapping[str, Any]],
    changed_on: date,
    reason: str,
    actor: User | None,
    at: datetime,
) -> list[Premises]:
    """End premises on a day and let others begin in their place; return the new ones in the order of their codes' rows.

    A row gives `code`, `gross_area_m2` and, where the old premises lie on several storeys, `level`; what it does not
    give is taken over. One before and several after is a split, several before and one after a merger. Callers that know
    who is where move the occupancies: the modules above do.

    :raises CannotChangeBoundary: the premises do not belong to one building on that day, a code is taken, the parts are
        larger than the whole, or the actor may not.
    """
    first = before[0]
    park = first.park
    check_may_change_boundary(park=park, actor=actor)
    if not reason.strip():
        raise CannotChangeBoundary(_("A reason is needed."))
    _check_successors(before, rows, changed_on)
    taken_over = {name: getattr(first, name) for name in _TAKEN_OVER}
    wanted = [{**taken_over, **row, "building_code": first.building.code, "added_on": changed_on} for row in rows]
    recorded = record_premises_rows(park=park, rows=wanted, actor=actor, at=at)
    after = list({r.row.pk: r.row for r in recorded}.values())
    upsert(model=Premises, found={p.pk: p for p in before}, rows=[(p.pk, {"removed_on": changed_on}) for p in before])
    kind = PremisesSuccession.Kind.SPLIT if len(before) == 1 else PremisesSuccession.Kind.MERGED
    PremisesSuccession.objects.bulk_create(
        PremisesSuccession(before=old, after=new, kind=kind, changed_on=changed_on, reason=reason)
        for old in before
        for new in after
    )
    details = {
        "became": ", ".join(p.code for p in after),
        "changed_on": changed_on.isoformat(),
        "reason": reason,
    }
    audit.record_many("space.premises.succeeded", targets=[(p, details) for p in before], actor=actor, at=at, park=park)
    return after


def _check_successors(before: Sequence[Premises], rows: Sequence[Mapping[str, Any]], changed_on: date) -> None:
    first = before[0]
    codes = {str(row["code"]) for row in rows}
    if (len(before) == 1) == (len(codes) == 1):
        raise CannotChangeBoundary(_("A split needs two or more parts; a merger two or more premises and one code."))
    for old in before:
        if old.building_id != first.building_id:
            raise CannotChangeBoundary(_("The premises lie in different buildings."))
        # On the very day they came premises cannot go: they would never have been.
        if not old.belongs_on(changed_on) or old.added_on == changed_on:
            raise CannotChangeBoundary(
                _("%(premises)s does not belong to the park before %(day)s.")
                % {"premises": old.code, "day": changed_on.isoformat()}
            )
    taken = first.park.premises.filter(code__in=codes).values_list("code", flat=True)
    if taken:
        raise CannotChangeBoundary(_("There are premises %(code)s already.") % {"code": sorted(taken)[0]})
    whole_m2 = sum(space.gross_area_m2 for old in before for space in old.spaces.all())
    parts_m2 = sum(float(row.get("gross_area_m2") or 0.0) for row in rows)
    if whole_m2 and parts_m2 > whole_m2 * AREA_TOLERANCE:
        raise CannotChangeBoundary(
            _("The parts have %(parts)s m², more than the %(whole)s m² they are made of.")
            % {"parts": f"{parts_m2:,.1f}", "whole": f"{whole_m2:,.1f}"}
        )


@transaction.atomic
def end_belonging(
    *, subject: Site | Building, removed_on: date, reason: str, actor: User | None, at: datetime
) -> list[Premises]:
    """End a parcel's or a building's belonging to the park with all that stands on it; return the premises that end.

    Callers that know who is where see to the occupancies first: the modules above do.

    :raises CannotChangeBoundary: it has ended already, would end before it began, lacks a reason, or the actor may not.
    """
    park = subject.park
    check_may_change_boundary(park=park, actor=actor)
    if not reason.strip():
        raise CannotChangeBoundary(_("A reason is needed."))
    if subject.removed_on is not None or (subject.added_on is not None and subject.added_on >= removed_on):
        raise CannotChangeBoundary(_("%(name)s does not belong to the park on that day.") % {"name": str(subject)})
    buildings = Building.objects.filter(site=subject) if isinstance(subject, Site) else [subject]
    premises = list(Premises.objects.filter(building__in=buildings, removed_on=None))
    ending: list[tuple[type[Any], list[Any]]] = [
        (Premises, premises),
        (Building, [b for b in buildings if b.removed_on is None]),
        (Site, [subject] if isinstance(subject, Site) else []),
    ]
    late = [row for _model, rows in ending for row in rows if row.added_on is not None and row.added_on >= removed_on]
    if late:
        raise CannotChangeBoundary(_("%(name)s came to the park later than that.") % {"name": str(late[0])})
    for model, rows in ending:
        upsert(model=model, found={r.pk: r for r in rows}, rows=[(r.pk, {"removed_on": removed_on}) for r in rows])
    subject.refresh_from_db()
    audit.record(
        "space.boundary.ended",
        target=subject,
        actor=actor,
        at=at,
        park=park,
        removed_on=removed_on.isoformat(),
        reason=reason,
        premises=len(premises),
    )
    return premises
