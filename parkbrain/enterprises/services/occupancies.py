"""Who is where: occupancies start and end; premises have one occupant at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.space.models import Premises
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import created, updated

from ..models import Enterprise, Occupancy
from .register import enterprises_by_code

FOREVER = date.max


class CannotRecordOccupancy(Exception):
    """The occupancy cannot be recorded."""


class CannotStartOccupancy(CannotRecordOccupancy):
    """The premises cannot be occupied from that day."""


class CannotEndOccupancy(CannotRecordOccupancy):
    """The occupancy cannot end on that day."""


def _check_may_edit(park: Park, actor: User | None) -> None:
    if actor is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path):
        raise CannotRecordOccupancy(_("You may not change the record of this park."))


def taken_message(*, other: Occupancy | _Spell) -> str:
    """Return the sentence that names who is in the premises since when."""
    values = {
        "premises": other.premises.code,
        "enterprise": other.enterprise.name,
        "start": other.starts_on.isoformat(),
        "end": other.ends_on.isoformat() if other.ends_on else "",
    }
    if other.ends_on is None:
        return _("%(premises)s is occupied by %(enterprise)s since %(start)s.") % values
    return _("%(premises)s is occupied by %(enterprise)s from %(start)s until %(end)s.") % values


def _check_period(premises: Premises, starts_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on <= starts_on:
        raise CannotStartOccupancy(_("The move-out has to lie after the move-in."))
    if outside := outside_message(premises=premises, starts_on=starts_on, ends_on=ends_on):
        raise CannotStartOccupancy(outside)


def outside_message(*, premises: Premises, starts_on: date, ends_on: date | None) -> str:
    """Return the sentence that says why a stay does not lie within the premises' time in the park, or nothing."""
    if premises.added_on is not None and starts_on < premises.added_on:
        values = {"premises": premises.code, "day": premises.added_on.isoformat()}
        return _("%(premises)s belongs to the park only from %(day)s.") % values
    if premises.removed_on is not None and (ends_on is None or ends_on > premises.removed_on):
        values = {"premises": premises.code, "day": premises.removed_on.isoformat()}
        return _("%(premises)s belongs to the park only up to %(day)s.") % values
    return ""


def _who_is_there(premises: Premises, starts_on: date, ends_on: date | None) -> Occupancy | None:
    others = Occupancy.objects.filter(premises=premises).overlapping(starts_on, ends_on or FOREVER)
    return others.select_related("premises", "enterprise").order_by("starts_on").first()


@transaction.atomic
def start_occupancy(
    *,
    premises: Premises,
    enterprise: Enterprise,
    starts_on: date,
    actor: User | None,
    at: datetime,
    ends_on: date | None = None,
    lease_number: str = "",
    lease_ends_on: date | None = None,
    rent_yuan_per_m2_month: Decimal | None = None,
) -> Occupancy:
    """Let an enterprise into premises from a day on.

    :raises CannotStartOccupancy: somebody is there already; the message says who and since when.
    :raises CannotRecordOccupancy: the actor may not change the record of the park.
    """
    _check_may_edit(premises.park, actor)
    _check_period(premises, starts_on, ends_on)
    if other := _who_is_there(premises, starts_on, ends_on):
        raise CannotStartOccupancy(taken_message(other=other))
    try:
        with transaction.atomic():
            occupancy = Occupancy.objects.create(
                premises=premises,
                enterprise=enterprise,
                starts_on=starts_on,
                ends_on=ends_on,
                lease_number=lease_number,
                lease_ends_on=lease_ends_on,
                rent_yuan_per_m2_month=rent_yuan_per_m2_month,
            )
    except DatabaseError as error:
        # Somebody else was quicker between the question and the answer: the database holds the rule.
        other = _who_is_there(premises, starts_on, ends_on)
        if other is None:
            raise
        raise CannotStartOccupancy(taken_message(other=other)) from error
    park = premises.park
    audit.record(
        "enterprises.occupancy.started",
        target=occupancy,
        actor=actor,
        at=at,
        park=park,
        starts_on=starts_on.isoformat(),
    )
    registry.park_changed(park_ids=[park.pk], at=at)
    return occupancy


@transaction.atomic
def end_occupancy(*, occupancy: Occupancy, ends_on: date, actor: User | None, at: datetime) -> Occupancy:
    """End an occupancy: the premises are free from `ends_on` on.

    :raises CannotEndOccupancy: it has ended already, or would end before it began.
    :raises CannotRecordOccupancy: the actor may not change the record of the park.
    """
    park = occupancy.premises.park
    _check_may_edit(park, actor)
    if occupancy.ends_on is not None:
        raise CannotEndOccupancy(_("The occupancy ended already on %(day)s.") % {"day": occupancy.ends_on.isoformat()})
    if ends_on <= occupancy.starts_on:
        raise CannotEndOccupancy(_("The move-out has to lie after the move-in."))
    occupancy.ends_on = ends_on
    occupancy.save(update_fields=["ends_on"])
    audit.record(
        "enterprises.occupancy.ended", target=occupancy, actor=actor, at=at, park=park, ends_on=ends_on.isoformat()
    )
    registry.park_changed(park_ids=[park.pk], at=at)
    return occupancy


@transaction.atomic
def record_occupancies(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[Occupancy]]:
    """Record occupancies by `premises_code`, `uscc` and first day.

    :raises CannotStartOccupancy: two firms would share premises on a day; the message says who is there.
    :raises CannotRecordOccupancy: premises or a firm are not there, or the actor may not change the record.
    """
    _check_may_edit(park, actor)
    premises = {p.code: p for p in park.premises.filter(code__in={r["premises_code"] for r in rows})}
    firms = enterprises_by_code(codes=[r["uscc"] for r in rows])
    existing = list(Occupancy.objects.filter(premises__in=premises.values()).select_related("premises", "enterprise"))
    found = {(o.premises_id, o.enterprise_id, o.starts_on): o for o in existing}
    wanted = []
    for row in rows:
        if row["premises_code"] not in premises:
            raise CannotRecordOccupancy(_("There are no premises %(code)s.") % {"code": row["premises_code"]})
        if row["uscc"] not in firms:
            raise CannotRecordOccupancy(_("There is no enterprise %(code)s.") % {"code": row["uscc"]})
        place, firm = premises[row["premises_code"]], firms[row["uscc"]]
        values = {k: v for k, v in row.items() if k not in {"premises_code", "uscc"}}
        wanted.append(((place.pk, firm.pk, row["starts_on"]), {**values, "premises": place, "enterprise": firm}))
    _refuse_overlaps(existing, wanted)
    recorded = upsert(model=Occupancy, found=found, rows=wanted)
    audit.record_many("enterprises.occupancy.added", targets=created(recorded=recorded), actor=actor, at=at, park=park)
    audit.record_many(
        "enterprises.occupancy.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park
    )
    return recorded


@dataclass(frozen=True)
class _Spell:
    """A stay as the check for overlaps needs it."""

    premises: Premises
    enterprise: Enterprise
    starts_on: date
    ends_on: date | None


def _refuse_overlaps(existing: Iterable[Occupancy], wanted: Sequence[tuple[Any, Mapping[str, Any]]]) -> None:
    spells = {
        (o.premises_id, o.enterprise_id, o.starts_on): _Spell(o.premises, o.enterprise, o.starts_on, o.ends_on)
        for o in existing
    }
    for key, values in wanted:
        old = spells.get(key)
        ends_on = values.get("ends_on", old.ends_on if old else None)
        spells[key] = _Spell(values["premises"], values["enterprise"], key[2], ends_on)
    by_premises: dict[int, list[_Spell]] = {}
    for spell in spells.values():
        by_premises.setdefault(spell.premises.pk, []).append(spell)
    for key, _values in wanted:
        spell = spells[key]
        if outside := outside_message(premises=spell.premises, starts_on=spell.starts_on, ends_on=spell.ends_on):
            raise CannotStartOccupancy(outside)
    for group in by_premises.values():
        group.sort(key=lambda o: o.starts_on)
        for earlier, later in itertools.pairwise(group):
            if (earlier.ends_on or FOREVER) > later.starts_on:
                raise CannotStartOccupancy(taken_message(other=earlier))
