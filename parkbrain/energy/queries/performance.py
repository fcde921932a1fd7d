"""Whether use is less than it would have been: baselines against what was used, and plans against it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _

from parkbrain import lake
from parkbrain.calc.energy import (
    TEMPERATURE,
    WORKDAY,
    Baseline,
    EnergyError,
    Performance,
    PlanLine,
    Savings,
    avoided_energy,
    choose_baseline,
    compare_performance,
    cumulative_savings,
    fit_linear,
    fit_mean,
    kinds_of_days,
    list_shortfalls,
    plan_against_actual,
)
from parkbrain.kernel.models import Park

from ..models import DriverMonth, EnergyBaseline, EnergyPlanMonth, Meter
from .overview import list_supply_meters
from .packed import day_borders, park_zone
from .use import get_totals, get_use, month_after

Values = npt.NDArray[np.float64]
WORKDAYS = "workdays"
#: A day's temperature is known from so many hours, a month's from such a share of its days.
LEAST_HOURS, LEAST_DAYS = 18, 0.8
CONFIDENCE = 0.9
#: Known periods that a baseline is made of at least.
LEAST_PERIODS = {EnergyBaseline.Step.DAY: 14, EnergyBaseline.Step.MONTH: 3}


@dataclass(frozen=True)
class Compared:
    """Periods from the beginning of the baseline on: first days, use, drivers; and which are of the baseline or compared."""

    first_days: Sequence[date]
    use: Values
    drivers: Mapping[str, Values]
    is_baseline: npt.NDArray[np.bool_]
    is_reported: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class BaselineResult:
    """A baseline with its model, what it expects, and what was avoided; `refusal` says in words why something is missing."""

    baseline: EnergyBaseline
    unit: str
    compared: Compared
    model: Baseline | None = None
    expected: Values | None = None
    saved_so_far: Values | None = None
    savings: Savings | None = None
    per_unit: Performance | None = None
    shortfalls: Sequence[str] = ()
    refusal: str = ""

    @property
    def is_shown(self) -> bool | None:
        """Whether the difference is greater than what it may be off by; None where that cannot be told."""
        if self.savings is None or self.savings.uncertainty is None:
            return None
        return abs(self.savings.avoided) > self.savings.uncertainty


def explain_energy_error(*, error: EnergyError) -> str:
    """Return in words why something cannot be worked out."""
    words = {
        "too_few_values": _("Too few periods are known: %(found)s, at least %(needed)s are needed."),
        "drivers_dependent": _("The drivers say the same: one of them follows from the others."),
        "no_change_point": _("The temperatures are too much alike."),
        "nothing_in_common": _("Since then no period is known with all its drivers."),
        "use_not_positive": _("Nothing was used in the time of the baseline."),
    }
    return words.get(error.code, _("This cannot be worked out from what is known.")) % error.params


def driver_label(*, name: str) -> str:
    """Return a driver of a model as it is called on pages."""
    return {TEMPERATURE: _("Outside temperature (°C)"), WORKDAYS: _("Working days")}.get(name, name)


def get_baseline_result(*, baseline: EnergyBaseline, on: date) -> BaselineResult:
    """Return what a baseline expects against what was used up to a day."""
    meters = list(baseline.meters.all())
    compared = _compare(baseline, meters, on)
    unit = meters[0].unit_label if meters else ""
    try:
        model = _model(baseline, compared)
    except EnergyError as error:
        return BaselineResult(baseline, unit, compared, refusal=explain_energy_error(error=error))
    expected = model.predict(compared.drivers, count=compared.use.size)
    later = compared.is_reported
    drivers = {name: column[later] for name, column in compared.drivers.items()}
    savings, saved, refusal = None, None, ""
    try:
        savings = avoided_energy(model, compared.use[later], drivers, step=baseline.step, confidence=CONFIDENCE)
        saved = cumulative_savings(model, compared.use[later], drivers)
    except EnergyError as error:
        refusal = explain_energy_error(error=error)
    return BaselineResult(
        baseline,
        unit,
        compared,
        model,
        expected,
        saved,
        savings,
        _per_unit(compared),
        list_shortfalls(model.goodness, step=baseline.step),
        refusal,
    )


def fit_of(*, baseline: EnergyBaseline) -> tuple[Baseline, str]:
    """Return the model of a baseline, fitted anew, and the digest of the values behind it.

    :raises EnergyError: it cannot be fitted.
    """
    compared = _compare(baseline, list(baseline.meters.all()), baseline.ends_on)
    known = int((compared.is_baseline & ~np.isnan(compared.use)).sum())
    least = LEAST_PERIODS[EnergyBaseline.Step(baseline.step)]
    if known < least:
        raise EnergyError("too_few_values", needed=least, found=known)
    key = _key(compared)
    return _fit(key), _digest(key)


def _model(baseline: EnergyBaseline, compared: Compared) -> Baseline:
    key = _key(compared)
    # A reading of that time that was repaired since changes the model: then what was kept of it holds no more.
    return Baseline.from_dict(baseline.model) if baseline.digest == _digest(key) else _fit(key)


def _key(compared: Compared) -> tuple[tuple[str, bytes], ...]:
    earlier = compared.is_baseline
    columns = {"use": compared.use, **compared.drivers}
    return tuple((name, column[earlier].tobytes()) for name, column in columns.items())


def _digest(key: tuple[tuple[str, bytes], ...]) -> str:
    return hashlib.sha256(b"\0".join(name.encode() + b"\0" + values for name, values in key)).hexdigest()


@lru_cache(maxsize=64)
def _fit(key: tuple[tuple[str, bytes], ...]) -> Baseline:
    columns = {name: np.frombuffer(values, dtype=np.float64) for name, values in key}
    use = columns.pop("use")
    temperature = columns.pop(TEMPERATURE, None)
    if temperature is not None:
        return choose_baseline(use, temperature, others=columns)
    return fit_linear(use, columns) if columns else fit_mean(use)


def _compare(baseline: EnergyBaseline, meters: Sequence[Meter], on: date) -> Compared:
    by_month = baseline.step == EnergyBaseline.Step.MONTH
    # A month that is not over is not compared.
    starts_on = baseline.starts_on.replace(day=1) if by_month else baseline.starts_on
    ends_on = max(on.replace(day=1) if by_month else on, baseline.ends_on)
    firsts = _months(starts_on, ends_on) if by_month else _days(starts_on, ends_on)
    use = np.full(len(firsts), np.nan) if not meters else np.zeros(len(firsts))
    found = get_use(meters=[m.pk for m in meters], starts_on=starts_on, ends_on=ends_on, step=baseline.step)
    for meter in meters:
        one = found[meter.pk]
        whole = np.where(one.known > 0.9999, one.use, np.nan)
        use = use + (-whole if meter.flow == Meter.Flow.OUT else whole)
    numbers = np.array([day.toordinal() for day in firsts])
    return Compared(
        firsts,
        use,
        _drivers_of(baseline, firsts, starts_on, ends_on),
        (numbers >= starts_on.toordinal()) & (numbers < baseline.ends_on.toordinal()),
        (numbers >= baseline.reports_from.toordinal()) & (numbers < on.toordinal()),
    )


def _drivers_of(baseline: EnergyBaseline, firsts: Sequence[date], starts_on: date, ends_on: date) -> dict[str, Values]:
    by_month = baseline.step == EnergyBaseline.Step.MONTH
    days = _days(starts_on, ends_on)
    place = np.searchsorted([d.toordinal() for d in firsts], [d.toordinal() for d in days], "right") - 1
    found: dict[str, Values] = {}
    if baseline.temperature_id:
        daily = _daily_means(baseline.temperature_id, starts_on, ends_on)
        found[TEMPERATURE] = _monthly_means(daily, place, len(firsts)) if by_month else daily
    if baseline.counts_workdays:
        is_worked = (kinds_of_days(starts_on, len(days)) == WORKDAY).astype(np.float64)
        per_month: Values = np.bincount(place, is_worked, len(firsts)).astype(np.float64)
        found[WORKDAYS] = per_month if by_month else is_worked
    if by_month:
        for driver in baseline.drivers.all():
            held = dict(DriverMonth.objects.filter(driver=driver).values_list("month_on", "value"))
            found[str(driver)] = np.array([held.get(first, np.nan) for first in firsts])
    return found


def _daily_means(point: int, starts_on: date, ends_on: date) -> Values:
    borders = day_borders(starts_on, ends_on, park_zone())
    hours = lake.roll_up(points=[point], start_us=int(borders[0]), end_us=int(borders[-1]))
    place = np.searchsorted(borders, hours["start_us"].to_numpy(), "right") - 1
    count = np.bincount(place, minlength=borders.size - 1)
    total = np.bincount(place, hours["mean"].to_numpy(), borders.size - 1)
    return np.where(count >= LEAST_HOURS, total / np.maximum(count, 1), np.nan)


def _monthly_means(daily: Values, place: npt.NDArray[np.intp], months: int) -> Values:
    known = ~np.isnan(daily)
    count, every = np.bincount(place, known, months), np.bincount(place, minlength=months)
    total = np.bincount(place, np.nan_to_num(daily), months)
    return np.where(count >= LEAST_DAYS * every, total / np.maximum(count, 1), np.nan)


def _per_unit(compared: Compared) -> Performance | None:
    """Return use per unit of the only driver that is an amount, before and since."""
    amounts = [column for name, column in compared.drivers.items() if name not in (TEMPERATURE, WORKDAYS)]
    if len(amounts) != 1:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(amounts[0] > 0, compared.use / amounts[0], np.nan)
    try:
        return compare_performance(ratio[compared.is_baseline], ratio[compared.is_reported])
    except EnergyError:
        return None


def _days(starts_on: date, ends_on: date) -> list[date]:
    return [starts_on + timedelta(days=n) for n in range((ends_on - starts_on).days)]


def _months(starts_on: date, ends_on: date) -> list[date]:
    found = [starts_on]
    while (following := month_after(found[-1])) < ends_on:
        found.append(following)
    return found


@dataclass(frozen=True)
class PlannedYear:
    """A year of an energy kind month by month: first days, plan against actual, and the unit."""

    unit: str
    months: Sequence[date]
    lines: Sequence[PlanLine]


def get_planned_year(*, park: Park, energy_kind: str, year: int, on: date) -> PlannedYear:
    """Return plan against actual of the months of a year; a month that is not over or not wholly known has no actual."""
    months = [date(year, number, 1) for number in range(1, 13)]
    plan = dict(
        EnergyPlanMonth.objects.filter(park=park, energy_kind=energy_kind, month_on__year=year).values_list(
            "month_on", "planned"
        )
    )
    meters = list_supply_meters(park=park, energy_kind=energy_kind, on=min(on, date(year, 12, 31)))
    actual = [_taken_in(meters, month) if month_after(month) <= on else None for month in months]
    lines = plan_against_actual([plan.get(month) for month in months], actual)
    return PlannedYear(meters[0].unit_label if meters else "", months, lines)


def _taken_in(meters: Sequence[Meter], month: date) -> float | None:
    totals = get_totals(meters=[m.pk for m in meters], starts_on=month, ends_on=month_after(month)) if meters else {}
    known = [
        (-found.use if m.flow == Meter.Flow.OUT else found.use)
        for m in meters
        if (found := totals[m.pk]).use is not None and found.is_whole
    ]
    return sum(known) if meters and len(known) == len(meters) else None
