"""Many duties at once, with who is responsible for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import Park, User
from parkbrain.space.services import Recorded, upsert
from parkbrain.space.services.upsert import CREATE, NOTHING, UPDATE, updated

from ..models import STAGES, Assignment, Duty, LifeSubject, RaciRole
from ..queries import list_nameable_people
from .common import CannotChangeDuty, check_may_edit
from .duties import assign_duty

#: Fields of a row that say which duty it is, and who is responsible.
KEYS = frozenset({"subject_kind", "subject_code"})
WHO = frozenset({"party_kind", "body", "uscc", "username", "assigned_on"})


@transaction.atomic
def record_duties(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[Duty]]:
    """Record duties by subject and code; a row may name who is responsible from a day on.

    :raises CannotChangeDuty: a subject, person or firm is not there, a new duty has no name or stage, another one holds
        the role later, or the actor may not.
    """
    check_may_edit(park=park, actor=actor)
    subjects = LifeSubject.objects.filter(park=park).select_related("park__branch", "building", "project")
    by_code = {(s.kind, "" if s.kind == LifeSubject.Kind.PARK else s.code): s for s in subjects}
    found = {(d.subject_id, d.code): d for d in Duty.objects.filter(subject__in=by_code.values())}
    wanted = []
    for row in rows:
        subject = by_code.get((row["subject_kind"], row.get("subject_code") or ""))
        if subject is None:
            code = {"code": row.get("subject_code") or row["subject_kind"]}
            raise CannotChangeDuty(_("The life cycle of %(code)s is not kept yet: begin it on the board.") % code)
        key = (subject.pk, row["code"])
        wanted.append((key, _values(row, subject, found.get(key))))
    recorded = upsert(model=Duty, found=found, rows=wanted)
    audit.record_many("lifecycle.duty.added", targets=_of_subject(recorded), actor=actor, at=at, park=park)
    audit.record_many("lifecycle.duty.changed", targets=updated(recorded=recorded), actor=actor, at=at, park=park)
    named = _assign_all(park, rows, recorded, actor, at)
    outcomes = [
        _with_assignment(r) if done and r.action == NOTHING else r for r, done in zip(recorded, named, strict=True)
    ]
    if any(r.action != NOTHING for r in outcomes):
        registry.park_changed(park_ids=[park.pk], at=at)
    return outcomes


def _of_subject(recorded: Sequence[Recorded[Duty]]) -> list[tuple[Duty, dict[str, Any]]]:
    return [(r.row, {"subject": str(r.row.subject)}) for r in recorded if r.action == CREATE]


def _values(row: Mapping[str, Any], subject: LifeSubject, current: Duty | None) -> dict[str, Any]:
    values = {name: value for name, value in row.items() if name not in KEYS | WHO}
    if current is None:
        if not values.get("name_zh_hans") and not values.get("name_en"):
            raise CannotChangeDuty(_("A duty needs a name."))
        if values.get("stage") not in STAGES:
            raise CannotChangeDuty(_("A new duty needs its stage."))
        values["position"] = STAGES.index(values["stage"]) * 1000 + 500
        values["asked"] = {"R": [row["party_kind"]]} if row.get("party_kind") else {}
    elif "stage" in values and not values["stage"]:
        del values["stage"]
    return {**values, "subject": subject}


def _assign_all(
    park: Park, rows: Sequence[Mapping[str, Any]], recorded: Sequence[Recorded[Duty]], actor: User | None, at: datetime
) -> list[bool]:
    """Name who is responsible where a row says so and it is not so already; tell for which rows it was done."""
    people = {p.username: p for p in list_nameable_people(park=park).filter(username__in=_given(rows, "username"))}
    firms = {e.uscc: e for e in Enterprise.objects.filter(uscc__in=_given(rows, "uscc"))}
    return [_assign(row, one.row, people, firms, actor, at) for row, one in zip(rows, recorded, strict=True)]


def _given(rows: Sequence[Mapping[str, Any]], name: str) -> set[str]:
    return {str(row[name]) for row in rows if row.get(name)}


def _assign(
    row: Mapping[str, Any],
    duty: Duty,
    people: Mapping[str, User],
    firms: Mapping[str, Enterprise],
    actor: User | None,
    at: datetime,
) -> bool:
    name, code, body = row.get("username"), row.get("uscc"), str(row.get("body") or "")
    if not (name or code or body):
        return False
    if name and name not in people:
        raise CannotChangeDuty(_("Nobody of this sign-in name has a role on this park."))
    if code and code not in firms:
        raise CannotChangeDuty(_("There is no enterprise %(code)s.") % {"code": code})
    starts_on: date | None = row.get("assigned_on")
    if starts_on is None or not row.get("party_kind"):
        raise CannotChangeDuty(_("Say what kind of party it is, and from which day on."))
    person, firm = people.get(str(name)), firms.get(str(code))
    same = Assignment.objects.filter(
        duty=duty, role=RaciRole.RESPONSIBLE, party_kind=row["party_kind"], enterprise=firm, person=person, ends_on=None
    )
    if same.filter(body="" if firm else body, starts_on=starts_on).exists():
        return False
    assign_duty(
        duty=duty,
        role=RaciRole.RESPONSIBLE,
        party_kind=row["party_kind"],
        enterprise=firm,
        body=body,
        person=person,
        starts_on=starts_on,
        actor=actor,
        at=at,
    )
    return True


def _with_assignment(recorded: Recorded[Duty]) -> Recorded[Duty]:
    """Return a row whose duty was so already as one that changed: somebody was named."""
    return Recorded(recorded.row, UPDATE, {"responsible": (None, recorded.row.code)})
