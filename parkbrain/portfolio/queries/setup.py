"""The set-up of parks beside each other: what another park would take over, what it has already, what would be replaced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import branches_q
from parkbrain.kernel.taking import Column, SetupPart, setup_parts

from ..models import GroupOperator

#: What is done with a part: only what is missing is added, or what differs is replaced too.
ADD, REPLACE = "add", "replace"
NEW, SAME, DIFFERS = "new", "same", "differs"
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class FieldChange:
    """A value of a row that differs, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class RowPlan:
    """A row of a part held against the other park: new there, the same, or differing in some fields."""

    number: int
    name: str
    values: Mapping[str, Any]
    state: str
    fields: Sequence[FieldChange] = ()
    problem: str = ""


@dataclass(frozen=True)
class PartPlan:
    """What taking a part over would do in one park; `only_there` names rows that stay because only it has them."""

    part: SetupPart
    mode: str
    rows: Sequence[RowPlan] = ()
    only_there: Sequence[str] = ()
    refusal: str = ""

    @property
    def added(self) -> Sequence[RowPlan]:
        """The rows that would be added."""
        return [row for row in self.rows if row.state == NEW]

    @property
    def replaced(self) -> Sequence[RowPlan]:
        """The rows that would be replaced."""
        return [row for row in self.rows if row.state == DIFFERS and self.mode == REPLACE]

    @property
    def kept(self) -> Sequence[RowPlan]:
        """The rows that differ and stay as they are."""
        return [row for row in self.rows if row.state == DIFFERS and self.mode != REPLACE]

    @property
    def same_count(self) -> int:
        """How many rows are already so."""
        return sum(1 for row in self.rows if row.state == SAME)

    @property
    def taken(self) -> Sequence[RowPlan]:
        """The rows that would be written."""
        return [*self.added, *self.replaced]

    @property
    def problems(self) -> Sequence[RowPlan]:
        """The rows that cannot be taken."""
        return [row for row in self.rows if row.problem]

    def told(self, *, problems: Mapping[int, str]) -> PartPlan:
        """Return the plan with what is wrong with rows, by their number."""
        rows = [replace(row, problem=problems.get(row.number, "")) for row in self.rows]
        return replace(self, rows=rows)


@dataclass(frozen=True)
class ParkPlan:
    """What taking over would do in one park, part by part."""

    park: Park
    parts: Sequence[PartPlan] = field(default_factory=tuple)

    @property
    def has_problems(self) -> bool:
        """Whether something of it cannot be taken."""
        return any(part.refusal or part.problems for part in self.parts)

    @property
    def taken_count(self) -> int:
        """How many rows would be written."""
        return sum(len(part.taken) for part in self.parts)


def list_parts() -> list[SetupPart]:
    """Return every part of a park's set-up in its order."""
    return sorted(setup_parts, key=lambda part: part.order)


def list_parts_of(*, user: User | None, park: Park) -> list[SetupPart]:
    """Return the parts whose set-up of a park the person may take elsewhere."""
    return [part for part in list_parts() if user is None or user.may(part.permission, park.branch.path)]


def read_setup(*, park: Park, on: date, actor: User | None) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every part of a park's set-up that the person may take elsewhere, as of a day."""
    return {
        part.key: [dict(row) for row in part.read(park=park, on=on, actor=actor)]
        for part in list_parts_of(user=actor, park=park)
    }


def find_managed_parks(*, user: User, codes: Sequence[str]) -> dict[str, Park]:
    """Return the parks of some codes whose record the person keeps, by their code."""
    mine = branches_q(user, Permission.EDIT_RECORD, field="branch__path")
    found = Park.objects.filter(mine, code__in=codes).select_related("branch").order_by("code")
    return {park.code: park for park in found}


def list_near_parks(*, user: User, park: Park) -> list[Park]:
    """Return the other parks of the park's operator and of its group whose record the person keeps, to choose from.

    They are a thousand in a large group: only their names and codes are read.
    """
    parent = park.branch.parent_id
    group = GroupOperator.objects.filter(operator=parent).values_list("group", flat=True)
    near = Q(branch__parent=parent) | Q(branch__parent__group_place__group__in=group)
    mine = branches_q(user, Permission.EDIT_RECORD, field="branch__path")
    parks = Park.objects.filter(near).filter(mine).exclude(pk=park.pk).exclude(standing=Park.Standing.AS_STATED)
    return list(parks.only("code", "name_zh_hans", "name_zh_hant", "name_en").order_by("code"))


def list_taken(*, at: str, source: str, user: User, into: Park | None = None) -> list[AuditEvent]:
    """Return what was taken over from a source at one moment, as the audit trail has it, of parks the person may see.

    `source` is the code of the park or the name of the file that it came from; `into` keeps the events of one park.
    """
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return []
    events = AuditEvent.objects.filter(code="portfolio.setup.taken", at=moment, details__source=source)
    if into is not None:
        events = events.filter(park=into)
    mine = branches_q(user, Permission.VIEW_RATING, field="park__branch__path")
    return list(events.filter(mine).select_related("park").order_by("park_code", "position"))


def plan_part(
    *, part: SetupPart, mode: str, rows: Sequence[Mapping[str, Any]], target: Park, on: date, actor: User | None
) -> PartPlan:
    """Return what taking rows of a part over would do in a park on a day; nothing is written."""
    if actor is not None and not actor.may(part.permission, target.branch.path):
        return PartPlan(part, mode, refusal=_("You may not change this in %(park)s.") % {"park": target.name})
    there = {_identity(part, row): row for row in part.read(park=target, on=on, actor=actor)}
    found = []
    for number, values in enumerate(rows):
        known = there.pop(_identity(part, values), None)
        changes = [] if known is None else _changes(part, known, values)
        state = NEW if known is None else DIFFERS if changes else SAME
        found.append(RowPlan(number, part.name(values), values, state, changes))
    return PartPlan(part, mode, found, [part.name(row) for row in there.values()])


def _identity(part: SetupPart, values: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(values.get(name) for name in part.identity)


def _changes(part: SetupPart, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[FieldChange]:
    return [
        FieldChange(str(column.label), _text(column, old.get(column.field)), _text(column, new.get(column.field)))
        for column in part.columns
        if not _equal(old.get(column.field), new.get(column.field))
    ]


def _equal(one: Any, other: Any) -> bool:
    """Tell whether two values say the same; nothing and an empty text do."""
    if one in (None, "") and other in (None, ""):
        return True
    return bool(one == other)


def _text(column: Column, value: Any) -> str:
    if value in (None, ""):
        return "—"
    if column.kind == "choice":
        choices = column.choices() if callable(column.choices) else column.choices or {}
        return str(choices.get(str(value), value))
    if column.kind == "boolean":
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    text = str(value)
    return text if len(text) <= 120 else f"{text[:117]}…"


def get_setup_panel(*, user: User, park: Park) -> dict[str, Any] | None:
    """Return what the park's page needs to lead to its set-up; None for whoever does not keep the record."""
    return {"park": park} if user.may(Permission.EDIT_RECORD, park.branch.path) else None


def name_part(*, details: Mapping[str, Any]) -> dict[str, str]:
    """Return what a part is called that an event names, in the reader's language."""
    part = setup_parts.get(str(details.get("part")))
    return {"part": str(part.label)} if part else {}
