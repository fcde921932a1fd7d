"""Take the set-up of one park over in others: previewed, all or nothing, each part with its event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.kernel import audit, registry
from parkbrain.kernel.models import Park, User

from ..queries.setup import ADD, REPLACE, ParkPlan, PartPlan, Rows, list_parts, plan_part


class CannotTakeSetup(Exception):
    """The set-up cannot be taken over; `plans` say of which row of which part in which park, and why."""

    def __init__(self, message: str, plans: Sequence[ParkPlan] = ()) -> None:
        super().__init__(message)
        self.plans = plans


def _check(rows: Rows, modes: Mapping[str, str], targets: Sequence[Park]) -> None:
    known = {part.key for part in list_parts()}
    wrong = next((key for key in modes if key not in known or key not in rows), None)
    if wrong is not None:
        raise CannotTakeSetup(_("There is no part “%(part)s” to take over.") % {"part": wrong})
    if not modes or any(mode not in {ADD, REPLACE} for mode in modes.values()):
        raise CannotTakeSetup(_("Choose at least one part."))
    if not targets:
        raise CannotTakeSetup(_("Choose at least one park."))


def preview_setup(
    *,
    rows: Rows,
    modes: Mapping[str, str],
    targets: Sequence[Park],
    starts_on: date,
    actor: User | None,
    at: datetime,
) -> list[ParkPlan]:
    """Return what taking over would do in each park, with what every service refuses; nothing of it stays.

    `modes` says by part whether only what is missing is added, or what differs is replaced too.

    :raises CannotTakeSetup: no part, no park, or a part that is not there.
    """
    _check(rows, modes, targets)
    with audit.rehearse(), registry.hold_changes():
        return [_take(rows, modes, target, starts_on, actor, at) for target in targets]


@transaction.atomic
def take_setup(
    *,
    rows: Rows,
    modes: Mapping[str, str],
    targets: Sequence[Park],
    starts_on: date,
    source: str,
    actor: User | None,
    at: datetime,
) -> list[ParkPlan]:
    """Take parts of a set-up over in parks, all or nothing, and return what was done in each.

    :raises CannotTakeSetup: as `preview_setup`; or some row of it is refused, and nothing was written.
    """
    _check(rows, modes, targets)
    with registry.hold_changes() as changed:
        plans = [_take(rows, modes, target, starts_on, actor, at) for target in targets]
    if any(plan.has_problems for plan in plans):
        raise CannotTakeSetup(_("Some of it cannot be taken over; nothing was changed."), plans)
    for plan in plans:
        for one in plan.parts:
            if one.taken:
                _record(plan.park, one, source, starts_on, actor, at)
    registry.park_changed(park_ids=sorted(changed), at=at)
    return plans


def _take(
    rows: Rows, modes: Mapping[str, str], target: Park, starts_on: date, actor: User | None, at: datetime
) -> ParkPlan:
    parts = []
    for part in list_parts():
        if part.key not in modes:
            continue
        mode = modes[part.key]
        plan = plan_part(part=part, mode=mode, rows=rows[part.key], target=target, on=starts_on, actor=actor)
        problems = {}
        for row in plan.taken:
            try:
                with transaction.atomic():
                    part.write(park=target, values=row.values, starts_on=starts_on, actor=actor, at=at)
            except part.refusals as refusal:
                problems[row.number] = str(refusal)
        parts.append(plan.told(problems=problems))
    return ParkPlan(target, parts)


def _record(park: Park, one: PartPlan, source: str, starts_on: date, actor: User | None, at: datetime) -> None:
    audit.record(
        "portfolio.setup.taken",
        target=park,
        actor=actor,
        at=at,
        park=park,
        part=one.part.key,
        source=source,
        starts_on=starts_on.isoformat(),
        added=len(one.added),
        replaced=len(one.replaced),
        rows=[
            {"name": row.name, "state": row.state, "fields": {f.label: [f.old, f.new] for f in row.fields}}
            for row in one.taken
        ],
    )
