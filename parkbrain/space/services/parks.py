"""Parks and the branches of the tree they hang in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, registry, scope
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.roles import Permission, roles_with

from .upsert import Recorded, created, updated, upsert


class CannotRecordPark(Exception):
    """The park or the branch cannot be recorded."""


@transaction.atomic
def record_branches(*, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime) -> dict[str, Branch]:
    """Record branches (`code`, `kind`, `parent_code` and names; parents first) and return them by code.

    :raises CannotRecordPark: a parent is not there, or the actor may not change the record below it.
    """
    codes = {r["code"] for r in rows} | {r["parent_code"] for r in rows if r.get("parent_code")}
    known = {b.code: b for b in Branch.objects.filter(code__in=codes)}
    recorded: list[Recorded[Branch]] = []
    # Level by level: the path of a branch needs its parent to be there.
    waiting = list(rows)
    while waiting:
        ready = [r for r in waiting if not r.get("parent_code") or r["parent_code"] in known]
        if not ready:
            raise CannotRecordPark(_("The branch %(code)s is not there.") % {"code": waiting[0]["parent_code"]})
        wanted = []
        for row in ready:
            parent = known.get(row.get("parent_code") or "")
            if actor is not None and not actor.may(Permission.EDIT_RECORD, parent.path if parent else "/"):
                raise CannotRecordPark(_("You may not add branches here."))
            fields = {k: v for k, v in row.items() if k != "parent_code"}
            path = f"{parent.path if parent else '/'}{row['code']}/"
            if row["code"] in known and known[row["code"]].path != path:
                # Every branch and park below carries the old path: moving a branch is not recording it.
                raise CannotRecordPark(_("The branch %(code)s hangs elsewhere.") % {"code": row["code"]})
            wanted.append((row["code"], {**fields, "parent": parent, "path": path}))
        batch = upsert(model=Branch, found=known, rows=wanted)
        known.update({r.row.code: r.row for r in batch})
        recorded += batch
        waiting = [r for r in waiting if r not in ready]
    audit.record_many("space.branch.added", targets=created(recorded=recorded), actor=actor, at=at)
    audit.record_many("space.branch.changed", targets=updated(recorded=recorded), actor=actor, at=at)
    return {row["code"]: known[row["code"]] for row in rows}


@transaction.atomic
def record_parks(
    *, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime, parent: Branch | None = None
) -> list[Recorded[Park]]:
    """Record parks by their code; a new one gets its branch below its row's `parent`, or `parent`, or the actor's own.

    :raises CannotRecordPark: the actor may not change the park, or it is not plain where a new one belongs.
    """
    codes = [str(r["code"]) for r in rows]
    found = {p.code: p for p in Park.objects.filter(code__in=codes).select_related("branch")}
    for park in found.values():
        if actor is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path):
            raise CannotRecordPark(_("You may not change the park %(code)s.") % {"code": park.code})
    homes = {
        str(r["code"]): r.get("parent") or parent or home_branch(actor=actor) for r in rows if r["code"] not in found
    }
    branches = _record_park_branches(rows, homes, actor)
    wanted = []
    for row in rows:
        values = {k: v for k, v in row.items() if k != "parent"}
        if row["code"] in branches:
            values["branch"] = branches[row["code"]]
        wanted.append((row["code"], values))
    recorded = upsert(model=Park, found=found, rows=wanted)
    audit.record_many("space.park.added", targets=created(recorded=recorded), actor=actor, at=at)
    audit.record_many("space.park.changed", targets=updated(recorded=recorded), actor=actor, at=at)
    return recorded


@transaction.atomic
def record_park(
    *, values: Mapping[str, Any], actor: User | None, at: datetime, parent: Branch | None = None
) -> Recorded[Park]:
    """Record one park and let everything that follows from it follow.

    :raises CannotRecordPark: see `record_parks`.
    """
    recorded = record_parks(rows=[values], actor=actor, at=at, parent=parent)[0]
    registry.park_changed(park_ids=[recorded.row.pk], at=at)
    return recorded


def home_branch(*, actor: User | None) -> Branch:
    """Return the one branch below which the actor's new park belongs.

    :raises CannotRecordPark: the actor may change no branch, or more than one.
    """
    roles = roles_with(Permission.EDIT_RECORD)
    members = scope.memberships_of(actor) if actor is not None else []
    branches = {m.branch.pk: m.branch for m in members if m.role in roles and m.branch.kind != Branch.Kind.PARK}
    operators = [b for b in branches.values() if b.kind == Branch.Kind.OPERATOR]
    choice = operators or list(branches.values())
    if len(choice) != 1:
        raise CannotRecordPark(_("It is not plain to which operator the new park belongs."))
    return choice[0]


def _record_park_branches(
    rows: Sequence[Mapping[str, Any]], homes: Mapping[str, Branch], actor: User | None
) -> dict[str, Branch]:
    taken = set(Branch.objects.filter(code__in=list(homes)).values_list("code", flat=True))
    if taken:
        raise CannotRecordPark(_("The code %(code)s is already a branch.") % {"code": sorted(taken)[0]})
    wanted = []
    for row in {str(r["code"]): r for r in rows if r["code"] in homes}.values():
        home = homes[row["code"]]
        if actor is not None and not actor.may(Permission.EDIT_RECORD, home.path):
            raise CannotRecordPark(_("You may not add a park to this branch."))
        names = {k: row[k] for k in ("name_zh_hans", "name_zh_hant", "name_en") if k in row}
        path = f"{home.path}{row['code']}/"
        values = {"kind": Branch.Kind.PARK, "parent": home, "code": row["code"], "path": path, **names}
        wanted.append((row["code"], values))
    return {r.row.code: r.row for r in upsert(model=Branch, found={}, rows=wanted)}
