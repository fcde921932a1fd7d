"""Measures of a park, and the plans of all parks."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django_tasks import task

from parkbrain import schemes as shipped
from parkbrain.calc import planning, rating
from parkbrain.kernel import audit
from parkbrain.kernel.models import Job, Park, User
from parkbrain.kernel.roles import Permission

from ..models import MeasureChange, OwnMeasure, Rating, StarPlan
from ..queries.plans import MEASURES, PLAN_CITY, facts_hash, get_measures, override_of, own_entry
from ..queries.schemes import MAIN_SCHEME, describe, get_scheme, scheme_file
from .city_work import cancel_city_work, run_city_work, start_city_work

#: Up to so many parks are planned in this process; beyond, starting others is worth it.
ALONE = 200


class CannotChangeMeasure(Exception):
    """The measure cannot be changed; `field` says which entry is wrong."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def _require(park: Park, actor: User | None) -> None:
    if actor is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path):
        raise CannotChangeMeasure(_("You may not change the measures of this park."))


def _check_terms(cost_yuan: Decimal | None, months: int | None, success: float | None) -> None:
    if cost_yuan is not None and not 0 <= cost_yuan < 10**12:
        raise CannotChangeMeasure(_("The cost is between zero and a thousand billion yuan."), "cost_yuan")
    if months is not None and not 1 <= months <= 120:
        raise CannotChangeMeasure(_("A measure takes between 1 and 120 months."), "months")
    if success is not None and not 0 < success <= 1:
        raise CannotChangeMeasure(_("The chance lies above 0 and up to 100 %."), "success")


@transaction.atomic
def change_measure(
    *,
    park: Park,
    measure_id: str,
    cost_yuan: Decimal | None,
    months: int | None,
    success: float | None,
    is_off: bool,
    note: str,
    actor: User | None,
    at: datetime,
) -> MeasureChange:
    """Record what the park knows better about a measure; an entry that is None keeps the catalogue's word.

    :raises CannotChangeMeasure: the actor may not, no such measure, or a value out of its range.
    """
    _require(park, actor)
    _check_terms(cost_yuan, months, success)
    try:
        measure = get_measures().measure(measure_id)
    except KeyError:
        raise CannotChangeMeasure(_("There is no measure “%(id)s”.") % {"id": measure_id}) from None
    values = {
        "cost_yuan": cost_yuan,
        "months": months,
        "success": success,
        "is_off": is_off,
        "note": note[:300],
        "changed_by": actor,
        "changed_at": at,
    }
    change, _created = MeasureChange.objects.update_or_create(park=park, measure_id=measure_id, defaults=values)
    name = describe(value=measure.name)
    audit.record("assessment.measure.changed", target=change, actor=actor, at=at, park=park, measure=name)
    return change


@transaction.atomic
def reset_measure(*, change: MeasureChange, actor: User | None, at: datetime) -> None:
    """Go back to the catalogue's word about a measure.

    :raises CannotChangeMeasure: the actor may not.
    """
    _require(change.park, actor)
    name = change.measure_id
    audit.record("assessment.measure.reset", target=change, actor=actor, at=at, park=change.park, measure=name)
    change.delete()


@transaction.atomic
def add_own_measure(
    *,
    park: Park,
    name: str,
    cost_yuan: Decimal,
    months: int,
    success: float,
    effects: Mapping[str, str],
    actor: User | None,
    at: datetime,
) -> OwnMeasure:
    """Add a measure of the park's own: fact → formula of its value afterwards, over the facts before.

    :raises CannotChangeMeasure: the actor may not, the name stands already, a value is out of its range, or an effect
        is no formula over known facts, decides whether an indicator applies, or touches too much.
    """
    _require(park, actor)
    _check_terms(cost_yuan, months, success)
    if OwnMeasure.objects.filter(park=park, name=name).exists():
        raise CannotChangeMeasure(_("The park has a measure of this name already."), "name")
    own = OwnMeasure.objects.create(
        park=park,
        name=name,
        cost_yuan=cost_yuan,
        months=months,
        success=success,
        effects=dict(effects),
        changed_by=actor,
        changed_at=at,
    )
    try:
        entries = [own_entry(own=one) for one in OwnMeasure.objects.filter(park=park)]
        get_measures().with_measures(entries, get_scheme(scheme_id=MAIN_SCHEME))
    except rating.SchemeError as error:
        text = "; ".join(problem.message for problem in error.problems)
        raise CannotChangeMeasure(
            _("The effects cannot be used: %(problems)s") % {"problems": text}, "effects"
        ) from error
    audit.record("assessment.measure.added", target=own, actor=actor, at=at, park=park, measure=name)
    return own


@transaction.atomic
def remove_own_measure(*, own: OwnMeasure, actor: User | None, at: datetime) -> None:
    """Take a park's own measure out.

    :raises CannotChangeMeasure: the actor may not.
    """
    _require(own.park, actor)
    audit.record("assessment.measure.removed", target=own, actor=actor, at=at, park=own.park, measure=own.name)
    own.delete()


def refresh_star_plans(*, at: datetime, progress: Callable[[int, int], None] | None = None) -> int:
    """Plan the next star of every park by its current rating, store the plans, and return how many were computed."""
    scheme = get_scheme(scheme_id=MAIN_SCHEME)
    current = Rating.objects.filter(scheme_id=MAIN_SCHEME, state=Rating.State.CURRENT).order_by("park_id")
    rows = list(current.values_list("park_id", "inputs"))
    if not rows:
        return 0
    keys = scheme.facts
    table = rating.FactTable.from_rows(
        {str(park_id): {key: inputs[key][0] if key in inputs else None for key in keys} for park_id, inputs in rows}
    )
    overrides: dict[str, dict[str, planning.Override]] = {}
    for change in MeasureChange.objects.all():
        overrides.setdefault(str(change.park_id), {})[change.measure_id] = override_of(change=change)
    if len(rows) <= ALONE:
        prepared = planning.prepare(scheme, get_measures(), table, overrides)
        plans = planning.plan_city(prepared, progress=progress)
    else:
        files = scheme_file(scheme_id=MAIN_SCHEME), shipped.path(MEASURES)
        plans = planning.plan_in_processes(
            *files, table, overrides, workers=min(4, os.cpu_count() or 1), progress=progress
        )
    hashes = [facts_hash(inputs=inputs) for _park_id, inputs in rows]
    found = [_row(table, plan, hashes[plan.row], [one.id for one in get_measures().measures], at) for plan in plans]
    found += _with_own_measures(scheme, table, overrides, hashes, at)
    _store(found)
    return len(rows)


def _row(table: rating.FactTable, plan: planning.CityPlan, facts: str, ids: list[str], at: datetime) -> StarPlan:
    return StarPlan(
        park_id=int(table.units[plan.row]),
        scheme_id=MAIN_SCHEME,
        facts_hash=facts,
        class_before=plan.rank_before,
        target=plan.rank,
        cost_yuan=None if plan.cost_yuan is None else Decimal(plan.cost_yuan),
        months=plan.months,
        measures=[ids[place] for place in plan.measures],
        certainty=plan.chance,
        computed_at=at,
    )


def _with_own_measures(
    scheme: rating.Scheme,
    table: rating.FactTable,
    overrides: Mapping[str, Mapping[str, planning.Override]],
    hashes: list[str],
    at: datetime,
) -> list[StarPlan]:
    """Return the plans of the parks that have measures of their own; each is planned with its own catalogue."""
    by_park: dict[int, list[OwnMeasure]] = {}
    for own in OwnMeasure.objects.order_by("park_id", "pk"):
        by_park.setdefault(own.park_id, []).append(own)
    found = []
    for park_id, measures in by_park.items():
        if str(park_id) not in table.units:
            continue
        place = table.units.index(str(park_id))
        catalogue = get_measures().with_measures([own_entry(own=one) for one in measures], scheme)
        alone = rating.FactTable.from_rows({str(park_id): table.inputs(place)})
        plan = planning.plan_city(planning.prepare(scheme, catalogue, alone, overrides))[0]
        found.append(_row(alone, plan, hashes[place], [one.id for one in catalogue.measures], at))
    return found


@transaction.atomic
def _store(plans: list[StarPlan]) -> None:
    # The last of a park counts: those with measures of its own come after.
    by_park = {plan.park_id: plan for plan in plans}
    StarPlan.objects.filter(scheme_id=MAIN_SCHEME).delete()
    StarPlan.objects.bulk_create(by_park.values(), batch_size=500)


def start_planning(*, actor: User, at: datetime) -> Job:
    """Queue the planning of all parks, or return the job that is under way.

    :raises CannotChangeMeasure: the actor does not oversee the city.
    """
    if not actor.may(Permission.VIEW_CITY):
        raise CannotChangeMeasure(_("You may not plan for the city."))
    return start_city_work(
        kind=PLAN_CITY,
        record=lambda job: audit.record("assessment.plans.started", target=job, actor=actor, at=at),
        enqueue=run_planning.enqueue,
        actor=actor,
        at=at,
    )


@task()
def run_planning(*, job_id: int) -> None:
    """Do the work of a planning job."""
    run_city_work(job_id=job_id, refresh=refresh_star_plans)


def cancel_planning(*, actor: User) -> None:
    """Stop the planning that is under way; the plans of before stay.

    :raises CannotChangeMeasure: the actor does not oversee the city.
    """
    if not actor.may(Permission.VIEW_CITY):
        raise CannotChangeMeasure(_("You may not plan for the city."))
    cancel_city_work(kind=PLAN_CITY)
