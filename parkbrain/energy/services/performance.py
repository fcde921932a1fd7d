"""Plans, drivers and baselines, as people state them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from parkbrain.calc.energy import EnergyError
from parkbrain.kernel import audit
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission

from ..models import DriverMonth, EnergyBaseline, EnergyDriver, EnergyKind, EnergyPlanMonth, Meter
from ..queries.performance import explain_energy_error, fit_of


class CannotRecordPerformance(Exception):
    """The plan, the driver or the baseline cannot be recorded; the sentence says why."""


def _check_may_edit(park: Park, actor: User | None) -> None:
    if actor is not None and not actor.may(Permission.EDIT_RECORD, park.branch.path):
        raise CannotRecordPerformance(_("You may not change the record of this park."))


def _check_months(months: Mapping[date, float | None]) -> None:
    for month, value in months.items():
        if value is not None and not 0 <= value <= 1e12:
            raise CannotRecordPerformance(
                _("%(month)s: %(value)s is no amount that can be planned or counted.")
                % {"month": f"{month:%Y-%m}", "value": value}
            )


@transaction.atomic
def record_plan(
    *, park: Park, energy_kind: str, months: Mapping[date, float | None], actor: User | None, at: datetime
) -> int:
    """Record what is planned for months of an energy kind and return how many changed; None takes a month out.

    :raises CannotRecordPerformance: the actor may not, or an amount is none.
    """
    _check_may_edit(park, actor)
    _check_months(months)
    held = {
        row.month_on: row
        for row in EnergyPlanMonth.objects.select_for_update().filter(
            park=park, energy_kind=energy_kind, month_on__in=list(months)
        )
    }
    changed = _write_months(
        held, months, "planned", lambda month: EnergyPlanMonth(park=park, energy_kind=energy_kind, month_on=month)
    )
    if changed:
        first = min(changed)
        audit.record(
            "energy.plan.recorded",
            target=park,
            actor=actor,
            at=at,
            park=park,
            kind=EnergyKind(energy_kind).label,
            first=f"{first:%Y-%m}",
            months=len(changed),
            changes={f"{month:%Y-%m}": list(pair) for month, pair in sorted(changed.items())},
        )
    return len(changed)


def _write_months(
    held: Mapping[date, Any], months: Mapping[date, float | None], field: str, make: Any
) -> dict[date, tuple[float | None, float | None]]:
    """Write the months that differ and return what each was and is."""
    changed: dict[date, tuple[float | None, float | None]] = {}
    for month, value in months.items():
        row = held.get(month)
        before = getattr(row, field) if row is not None else None
        if before == value:
            continue
        changed[month] = (before, value)
        if value is None:
            row.delete()  # type: ignore[union-attr]
            continue
        row = row or make(month)
        setattr(row, field, value)
        row.save()
    return changed


@transaction.atomic
def record_driver(*, park: Park, name: str, unit: str, actor: User | None, at: datetime) -> EnergyDriver:
    """Record something that drives use.

    :raises CannotRecordPerformance: the actor may not, or the park has one of that name.
    """
    _check_may_edit(park, actor)
    if EnergyDriver.objects.filter(park=park, name=name).exists():
        raise CannotRecordPerformance(_("The park has a driver of that name."))
    driver: EnergyDriver = EnergyDriver.objects.create(park=park, name=name, unit=unit)
    audit.record("energy.driver.added", target=driver, actor=actor, at=at, park=park)
    return driver


@transaction.atomic
def record_driver_months(
    *, driver: EnergyDriver, months: Mapping[date, float | None], actor: User | None, at: datetime
) -> int:
    """Record how much of a driver there was in months and return how many changed; None takes a month out.

    :raises CannotRecordPerformance: the actor may not, or an amount is none.
    """
    _check_may_edit(driver.park, actor)
    _check_months(months)
    held = {row.month_on: row for row in driver.months.select_for_update().filter(month_on__in=list(months))}
    changed = _write_months(held, months, "value", lambda month: DriverMonth(driver=driver, month_on=month))
    if changed:
        audit.record(
            "energy.driver.months_recorded",
            target=driver,
            actor=actor,
            at=at,
            park=driver.park,
            months=len(changed),
            changes={f"{month:%Y-%m}": list(pair) for month, pair in sorted(changed.items())},
        )
    return len(changed)


@transaction.atomic
def record_baseline(
    *,
    park: Park,
    values: Mapping[str, Any],
    meters: Sequence[Meter],
    drivers: Sequence[EnergyDriver] = (),
    baseline: EnergyBaseline | None = None,
    actor: User | None,
    at: datetime,
) -> EnergyBaseline:
    """Record a baseline, or change one, and fit its model.

    :raises CannotRecordPerformance: the actor may not, the times or meters do not fit, or nothing can be fitted.
    """
    _check_may_edit(park, actor)
    _check_baseline(values, meters, drivers)
    row = baseline or EnergyBaseline(park=park)
    for name, value in values.items():
        setattr(row, name, value)
    row.energy_kind = meters[0].energy_kind
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise CannotRecordPerformance(_("The park has a baseline of that name.")) from error
    row.meters.set(meters)
    row.drivers.set(drivers)
    try:
        model, row.digest = fit_of(baseline=row)
    except EnergyError as error:
        raise CannotRecordPerformance(explain_energy_error(error=error)) from error
    row.model = model.as_dict()
    row.save(update_fields=["model", "digest"])
    details = {
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "meters": [m.code for m in meters],
        "model": model.kind,
    }
    if baseline is None:
        audit.record("energy.baseline.added", target=row, actor=actor, at=at, park=park, **details)
    else:
        audit.record("energy.baseline.changed", target=row, actor=actor, at=at, park=park, **details)
    return row


def _check_baseline(values: Mapping[str, Any], meters: Sequence[Meter], drivers: Sequence[EnergyDriver]) -> None:
    if not meters:
        raise CannotRecordPerformance(_("Choose at least one meter."))
    if len({(m.energy_kind, m.unit) for m in meters}) > 1:
        raise CannotRecordPerformance(_("The meters must count the same energy kind."))
    if values["ends_on"] <= values["starts_on"]:
        raise CannotRecordPerformance(_("The end has to lie after the beginning."))
    if values["reports_from"] < values["ends_on"]:
        raise CannotRecordPerformance(_("What is compared begins when the baseline has ended, not before."))
    by_month = values["step"] == EnergyBaseline.Step.MONTH
    if by_month and any(values[name].day != 1 for name in ("starts_on", "ends_on", "reports_from")):
        raise CannotRecordPerformance(_("By month, every time begins and ends with the first of a month."))
    if drivers and not by_month:
        raise CannotRecordPerformance(_("Drivers are known by month: compare by month, or leave them out."))


@transaction.atomic
def remove_baseline(*, baseline: EnergyBaseline, actor: User, at: datetime) -> None:
    """Remove a baseline.

    :raises CannotRecordPerformance: the actor may not.
    """
    _check_may_edit(baseline.park, actor)
    audit.record("energy.baseline.removed", target=baseline, actor=actor, at=at, park=baseline.park)
    baseline.delete()
