"""Duties of a subject's own, and who answers for a duty from when to when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import audit, registry
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Document, User

from ..models import STAGES, Assignment, Duty, LifeSubject, PartyKind, RaciRole
from .common import CannotChangeDuty, change, check_may_edit, insert

#: What of a duty may be changed; its code and where it came from stay.
CHANGEABLE = (
    "name_zh_hans",
    "name_zh_hant",
    "name_en",
    "stage",
    "is_gate",
    "due_on",
    "every_months",
    "evidence_kind",
    "asked",
    "basis",
)
#: A scan is small; larger files are something else.
MAX_BYTES = 30 * 1024 * 1024


@transaction.atomic
def add_duty(*, subject: LifeSubject, values: Mapping[str, Any], actor: User | None, at: datetime) -> Duty:
    """Add a duty of the park's own to a subject; `asked` says whom it falls to by role.

    :raises CannotChangeDuty: the code is taken, it has no name, the stage is none, or the actor may not.
    """
    check_may_edit(park=subject.park, actor=actor)
    if Duty.objects.filter(subject=subject, code=values["code"]).exists():
        raise CannotChangeDuty(_("There is a duty %(code)s already.") % {"code": values["code"]})
    _check_words(values)
    last = subject.duties.filter(stage=values["stage"]).aggregate(last=Max("position"))["last"]
    # After those of the template in the same stage, which leave room.
    position = (STAGES.index(values["stage"]) * 1000 + 500) if last is None else last + 1
    duty = insert(row=Duty(subject=subject, position=position, **values))
    audit.record("lifecycle.duty.added", target=duty, actor=actor, at=at, park=subject.park, subject=subject)
    registry.park_changed(park_ids=[subject.park_id], at=at)
    return duty


@transaction.atomic
def change_duty(*, duty: Duty, values: Mapping[str, Any], actor: User | None, at: datetime) -> dict[str, Any]:
    """Change the day, the gate, the stage or the words of a duty, and return what was different.

    :raises CannotChangeDuty: it has no name, the stage is none, or the actor may not.
    """
    park = duty.subject.park
    check_may_edit(park=park, actor=actor)
    wanted = {name: value for name, value in values.items() if name in CHANGEABLE and getattr(duty, name) != value}
    _check_words({name: wanted.get(name, getattr(duty, name)) for name in CHANGEABLE})
    if wanted:
        fields = {name: [_plain(getattr(duty, name)), _plain(value)] for name, value in wanted.items()}
        change(row=duty, **wanted)
        audit.record("lifecycle.duty.changed", target=duty, actor=actor, at=at, park=park, fields=fields)
        registry.park_changed(park_ids=[park.pk], at=at)
    return wanted


def _check_words(values: Mapping[str, Any]) -> None:
    if not (values.get("name_zh_hans") or values.get("name_en")):
        raise CannotChangeDuty(_("A duty needs a name."))
    if values.get("stage") not in STAGES:
        raise CannotChangeDuty(_("There is no such stage."))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@transaction.atomic
def assign_duty(
    *,
    duty: Duty,
    role: str,
    party_kind: str,
    starts_on: date,
    actor: User | None,
    at: datetime,
    enterprise: Enterprise | None = None,
    body: str = "",
    person: User | None = None,
    ends_on: date | None = None,
    letter: Document | None = None,
) -> Assignment:
    """Give somebody a role in a duty from a day on.

    One does it and one answers for it at a time: who did until now ends there. Several may be consulted or informed.

    :raises CannotChangeDuty: nobody is named, the period runs backwards, another one holds the role on a later day, or
        the actor may not.
    """
    park = duty.subject.park
    check_may_edit(park=park, actor=actor)
    if role not in RaciRole.values or party_kind not in PartyKind.values:
        raise CannotChangeDuty(_("There is no such role or kind of party."))
    if not (enterprise or body.strip() or person):
        raise CannotChangeDuty(_("Name a firm, a body or a person."))
    if ends_on and ends_on <= starts_on:
        raise CannotChangeDuty(_("The end has to lie after the beginning."))
    if role in Assignment.ANSWERING:
        _end_before(duty, role, starts_on, ends_on)
    made = Assignment(
        duty=duty,
        role=role,
        party_kind=party_kind,
        enterprise=enterprise,
        body="" if enterprise else body.strip()[:160],
        person=person,
        starts_on=starts_on,
        ends_on=ends_on,
        letter=letter,
    )
    insert(row=made)
    details = {"role": role, "who": made.who, "starts_on": starts_on.isoformat()}
    audit.record("lifecycle.duty.assigned", target=duty, actor=actor, at=at, park=park, **details)
    registry.park_changed(park_ids=[park.pk], at=at)
    return made


def _end_before(duty: Duty, role: str, starts_on: date, ends_on: date | None) -> None:
    """End the open holder of a role where the next one begins; refuse where both would hold on a day."""
    for held in Assignment.objects.select_for_update().filter(duty=duty, role=role):
        if held.ends_on is not None and held.ends_on <= starts_on:
            continue
        if ends_on is not None and ends_on <= held.starts_on:
            continue
        if held.ends_on is None and held.starts_on < starts_on:
            change(row=held, ends_on=starts_on)
            continue
        values = {"who": held.who, "since": held.starts_on.isoformat()}
        raise CannotChangeDuty(_("%(who)s holds this role from %(since)s on.") % values)


@transaction.atomic
def end_assignment(*, assignment: Assignment, ends_on: date, actor: User | None, at: datetime) -> None:
    """End somebody's role in a duty on a day.

    :raises CannotChangeDuty: the day does not lie after the first one, or the actor may not.
    """
    duty = assignment.duty
    check_may_edit(park=duty.subject.park, actor=actor)
    if ends_on <= assignment.starts_on:
        raise CannotChangeDuty(_("The end has to lie after the beginning."))
    change(row=assignment, ends_on=ends_on)
    details = {"role": assignment.role, "who": assignment.who, "ends_on": ends_on.isoformat()}
    audit.record("lifecycle.duty.assignment_ended", target=duty, actor=actor, at=at, park=duty.subject.park, **details)
    registry.park_changed(park_ids=[duty.subject.park_id], at=at)


def store_paper(
    *, duty: Duty, name: str, size_bytes: int, chunks: Iterable[bytes], actor: User | None, at: datetime
) -> Document:
    """Store a file with the park of a duty; call it inside the transaction of the change.

    :raises CannotChangeDuty: the file is empty or too large.
    """
    if not size_bytes:
        raise CannotChangeDuty(_("The file is empty."))
    if size_bytes > MAX_BYTES:
        raise CannotChangeDuty(_("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024**2})
    return store_document(name=name, chunks=chunks, actor=actor, at=at, park=duty.subject.park)


def say_role(*, details: Mapping[str, Any]) -> dict[str, str]:
    """Return the role that an event names, in the reader's language."""
    return {"role": str(RaciRole(details["role"]).label)} if details.get("role") in RaciRole.values else {}
