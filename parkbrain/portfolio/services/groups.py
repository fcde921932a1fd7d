"""Operator groups: their operators, their product lines with service sets, and which park is in which line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.roles import Permission

from ..models import GroupOperator, LinePlace, LineService, OperatorGroup, ProductLine
from ..queries.groups import may_change_all, may_change_group


class CannotRunGroup(Exception):
    """The group, its lines or its places cannot be changed so; `field` says what is wrong where one field is."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def check_may_change(*, group: OperatorGroup, actor: User | None) -> None:
    """Refuse whoever does not keep the record of every operator of the group.

    :raises CannotRunGroup: the actor may not.
    """
    if actor is not None and not may_change_group(user=actor, group=group):
        raise CannotRunGroup(_("Only who keeps the record of every operator of the group may change it."))


@transaction.atomic
def record_group(
    *,
    values: Mapping[str, Any],
    operators: Sequence[Branch],
    actor: User | None,
    at: datetime,
    group: OperatorGroup | None = None,
) -> OperatorGroup:
    """Write down a group (`code` and names) with its operators, or change one.

    :raises CannotRunGroup: the actor may not, the code is taken, no operator is named, one is in another group or none
        at all, or parks of one that leaves still stand in a line.
    """
    if group is not None:
        check_may_change(group=group, actor=actor)
    _check_operators(operators, group, actor)
    one = group or OperatorGroup()
    if OperatorGroup.objects.filter(code=values["code"]).exclude(pk=one.pk).exists():
        raise CannotRunGroup(_("There is a group with the code %(code)s already.") % {"code": values["code"]}, "code")
    changed = {k: [getattr(one, k), v] for k, v in values.items() if one.pk and getattr(one, k) != v}
    for name, value in values.items():
        setattr(one, name, value)
    one.save()
    before = {place.operator_id: place for place in one.operators.select_related("operator")}
    wanted = {branch.pk: branch for branch in operators}
    left = [before[pk] for pk in before if pk not in wanted]
    _check_none_stands(left)
    GroupOperator.objects.filter(pk__in=[place.pk for place in left]).delete()
    joined = [wanted[pk] for pk in wanted if pk not in before]
    GroupOperator.objects.bulk_create([GroupOperator(group=one, operator=branch) for branch in joined])
    told: dict[str, Any] = {
        "fields": changed,
        "operators": len(wanted),
        "joined": [branch.code for branch in joined],
        "left": [place.operator.code for place in left],
    }
    if group is None:
        audit.record("portfolio.group.added", target=one, actor=actor, at=at, **told)
    elif changed or left or joined:
        audit.record("portfolio.group.changed", target=one, actor=actor, at=at, **told)
    return one


def _check_operators(operators: Sequence[Branch], group: OperatorGroup | None, actor: User | None) -> None:
    if not operators:
        raise CannotRunGroup(_("Choose at least one operator."), "operators")
    wrong = next((branch for branch in operators if branch.kind != Branch.Kind.OPERATOR), None)
    if wrong is not None:
        raise CannotRunGroup(_("%(name)s is no operator.") % {"name": wrong.name}, "operators")
    if actor is not None and not may_change_all(user=actor, paths=[branch.path for branch in operators]):
        raise CannotRunGroup(_("You may not change the record of each of these operators."), "operators")
    taken = GroupOperator.objects.filter(operator__in=operators).exclude(group=group).select_related("operator").first()
    if taken is not None:
        raise CannotRunGroup(_("%(name)s is in another group already.") % {"name": taken.operator.name}, "operators")


def _check_none_stands(left: Sequence[GroupOperator]) -> None:
    """Refuse that an operator leaves while a park of it stands in a line."""
    held = LinePlace.objects.filter(park__branch__parent__in=[place.operator_id for place in left], ends_on=None)
    first = held.select_related("park", "line").first()
    if first is not None:
        raise CannotRunGroup(
            _("%(park)s is still in the line %(line)s: take it out first.")
            % {"park": first.park.name, "line": first.line.name},
            "operators",
        )


@transaction.atomic
def record_line(
    *,
    group: OperatorGroup,
    values: Mapping[str, Any],
    services: Sequence[Mapping[str, Any]],
    actor: User | None,
    at: datetime,
    line: ProductLine | None = None,
) -> ProductLine:
    """Write down a product line of a group with its whole set of services, or change one.

    `values` holds fields of `ProductLine`; `services` fields of `LineService` in their order. A service keeps its row
    while its Chinese name stays.

    :raises CannotRunGroup: the actor may not, the code is taken, a service has no name, stands twice or is for nobody.
    """
    check_may_change(group=group, actor=actor)
    one = line or ProductLine(group=group)
    if group.lines.filter(code=values["code"]).exclude(pk=one.pk).exists():
        raise CannotRunGroup(
            _("The group has a line with the code %(code)s already.") % {"code": values["code"]}, "code"
        )
    changed: dict[str, Any] = {k: [getattr(one, k), v] for k, v in values.items() if one.pk and getattr(one, k) != v}
    for name, value in values.items():
        setattr(one, name, value)
    one.save()
    moved = _write_services(one, services)
    told = {"group": group.code, "services": len(services), "fields": changed, **moved}
    if line is None:
        audit.record("portfolio.line.added", target=one, actor=actor, at=at, **told)
    elif changed or any(moved.values()):
        audit.record("portfolio.line.changed", target=one, actor=actor, at=at, **told)
    return one


def _write_services(line: ProductLine, services: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Bring the services of a line to what is wanted; return the names that were added, changed and removed."""
    before = {row.name_zh_hans: row for row in line.services.all()}
    moved: dict[str, Any] = {"added": [], "changed": [], "removed": []}
    seen: set[str] = set()
    for position, values in enumerate(services):
        name = str(values["name_zh_hans"])
        if not name:
            raise CannotRunGroup(_("A service needs a name."))
        if name in seen:
            raise CannotRunGroup(_("The service “%(name)s” stands twice.") % {"name": name})
        if not any(values.get(field) for _segment, field in LineService.SEGMENTS):
            raise CannotRunGroup(_("Say for which firms “%(name)s” is.") % {"name": name})
        seen.add(name)
        row = before.get(name) or LineService(line=line)
        wanted = {**values, "position": position}
        if row.pk is None:
            moved["added"].append(name)
        elif any(getattr(row, key) != value for key, value in wanted.items()):
            moved["changed"].append(name)
        else:
            continue
        for key, value in wanted.items():
            setattr(row, key, value)
        row.save()
    gone = [row for name, row in before.items() if name not in seen]
    LineService.objects.filter(pk__in=[row.pk for row in gone]).delete()
    moved["removed"] = [row.name_zh_hans for row in gone]
    return moved


@transaction.atomic
def remove_line(*, line: ProductLine, actor: User | None, at: datetime) -> None:
    """Take away a line in which no park ever was; one that had parks stays, for what was so then.

    :raises CannotRunGroup: the actor may not, or a park is or was in it.
    """
    check_may_change(group=line.group, actor=actor)
    if line.places.exists():
        raise CannotRunGroup(_("Parks are or were in this line: it stays, with its past."))
    audit.record("portfolio.line.removed", target=line, actor=actor, at=at, group=line.group.code)
    line.delete()


@transaction.atomic
def place_parks(
    *,
    group: OperatorGroup,
    line: ProductLine | None,
    parks: Sequence[Park],
    starts_on: date,
    actor: User | None,
    at: datetime,
) -> int:
    """Put parks of a group into one of its lines from a day on, or into none; return how many changed.

    What a park was in before ends on that day. A park that is in the line already stays as it is.

    :raises CannotRunGroup: the line is of another group, a park is of another operator, the actor may not change its
        record, or it is placed anew on a later day already.
    """
    if line is not None and line.group_id != group.pk:
        raise CannotRunGroup(_("The line is of another group."), "line")
    if not parks:
        raise CannotRunGroup(_("Choose at least one park."), "parks")
    own = set(group.operators.values_list("operator_id", flat=True))
    locked = Park.objects.select_for_update(of=("self",)).filter(pk__in=[park.pk for park in parks])
    return sum(
        _place(park, line, starts_on, actor, at)
        for park in _checked(list(locked.select_related("branch").order_by("code")), own, actor)
    )


def _checked(parks: Sequence[Park], own: set[int], actor: User | None) -> Sequence[Park]:
    for park in parks:
        if park.branch.parent_id not in own:
            raise CannotRunGroup(_("%(park)s is run by no operator of the group.") % {"park": park.name}, "parks")
        if actor is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path):
            raise CannotRunGroup(_("You may not change the park %(code)s.") % {"code": park.code}, "parks")
    return parks


def _place(park: Park, line: ProductLine | None, starts_on: date, actor: User | None, at: datetime) -> bool:
    """Place one park; tell whether anything changed."""
    last = LinePlace.objects.filter(park=park).select_related("line").order_by("-starts_on").first()
    if last is not None and last.starts_on > starts_on:
        raise CannotRunGroup(
            _("%(park)s is in the line %(line)s from %(on)s on: choose a day from then on.")
            % {"park": park.name, "line": last.line.name, "on": last.starts_on.isoformat()},
            "starts_on",
        )
    holds = last is not None and (last.ends_on is None or last.ends_on > starts_on)
    if last is not None and holds and line is not None and last.line_id == line.pk:
        if last.ends_on is None:
            return False
        # It was to leave the line on a later day: now it stays.
        last.ends_on = None
        last.save(update_fields=["ends_on"])
        audit.record(
            "portfolio.park.placed", target=park, actor=actor, at=at, park=park, line=str(line), line_code=line.code,
            on=last.starts_on.isoformat(), was=line.code,
        )  # fmt: skip
        return True
    if line is None and not holds:
        return False
    if last is not None and holds:
        if last.starts_on == starts_on:
            # Never in force: a slip that is put right leaves no day behind, the audit trail keeps it.
            last.delete()
        else:
            last.ends_on = starts_on
            last.save(update_fields=["ends_on"])
    if line is None:
        audit.record(
            "portfolio.park.unplaced", target=park, actor=actor, at=at, park=park, on=starts_on.isoformat(),
            was=last.line.code if last else "",
        )  # fmt: skip
        return True
    place = LinePlace.objects.create(line=line, park=park, starts_on=starts_on)
    audit.record(
        "portfolio.park.placed", target=park, actor=actor, at=at, park=park, line=str(line), line_code=line.code,
        on=place.starts_on.isoformat(), was=last.line.code if last and holds else "",
    )  # fmt: skip
    return True
