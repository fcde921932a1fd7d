"""What the rating asks of metering: places fitted by the standard, meters that are online and calibrated."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy

from parkbrain.calc.intervals import DatePeriod
from parkbrain.kernel.reading import among, shared
from parkbrain.kernel.registry import FactRow, FactValue, fact

from ..models import Meter
from ..queries import ONLINE_SHARE, KindLine, get_totals, list_provisions


def _line_row(line: KindLine, value: float, park_id: int) -> FactRow:
    label = f"{line.kind_label} {line.level}"
    detail = f"{line.provision.fitted} / {line.provision.needed} × {line.provision.wanted_rate:g} %"
    return FactRow(label, value, reverse("metering_audit", args=[park_id]), detail, "kernel.park", park_id)


def _provision_values(park_ids: Collection[int], on: date, *, installed: bool) -> dict[int, FactValue]:
    found = {}
    for park_id, lines in list_provisions(park_ids=park_ids, on=on).items():
        values = [one.provision.installed if installed else one.provision.required for one in lines]
        found[park_id] = FactValue(sum(values), row_count=len(lines))
    return found


def list_required_rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
    """Return kinds and levels with the meters that the standard wants."""
    lines = list_provisions(park_ids=[park_id], on=period.last_on).get(park_id, [])
    return [_line_row(line, line.provision.required, park_id) for line in lines]


@fact(
    "meters_required_std",
    how=gettext_lazy(
        "The places that must be metered, each energy kind and level times the rate of GB 17167 in force."
    ),
    rows=list_required_rows,
)
def meters_required(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return how many meters the standard wants; unknown where a park has no list of places."""
    return _provision_values(park_ids, period.last_on, installed=False)


def list_installed_rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
    """Return kinds and levels with the meters that count."""
    lines = list_provisions(park_ids=[park_id], on=period.last_on).get(park_id, [])
    return [_line_row(line, line.provision.installed, park_id) for line in lines]


@fact(
    "meters_installed_capped",
    how=gettext_lazy(
        "The places with a meter in use on the day, of each energy kind and level no more than are wanted."
    ),
    rows=list_installed_rows,
)
def meters_installed(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return how many meters count towards the standard."""
    return _provision_values(park_ids, period.last_on, installed=True)


@shared
def _registered(*, park_ids: Collection[int], period: DatePeriod) -> list[Meter]:
    found = Meter.objects.filter(park__in=among(park_ids), formula="").in_use_on(period.last_on)
    return list(found.order_by("park", "code"))


def _valid(meters: Sequence[Meter], period: DatePeriod) -> list[Meter]:
    calibrated = [m for m in meters if m.calibration_due_on is not None and m.calibration_due_on > period.last_on]
    ids = [m.pk for m in calibrated]
    totals = get_totals(meters=ids, starts_on=period.starts_on, ends_on=period.ends_on) if ids else {}
    return [m for m in calibrated if totals[m.pk].measured >= ONLINE_SHARE * _share_there(m, period)]


def _share_there(meter: Meter, period: DatePeriod) -> float:
    """Return the share of the period in which the meter was there at all."""
    start = max(meter.installed_on or period.starts_on, period.starts_on)
    return max((period.ends_on - start).days, 1) / period.days


def _meter_row(meter: Meter, detail: str = "") -> FactRow:
    url = reverse("meter_detail", args=[meter.pk])
    return FactRow(str(meter), 1.0, url, detail or meter.get_energy_kind_display(), "energy.meter", meter.pk)


def _counts(meters: Sequence[Meter], parks: Collection[int]) -> dict[int, FactValue]:
    counts = {park_id: 0 for park_id in parks}
    for meter in meters:
        counts[meter.park_id] += 1
    return {park_id: FactValue(float(n), row_count=n) for park_id, n in counts.items()}


def list_registered_rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
    """Return the meters in use at the end of the period."""
    return [_meter_row(m) for m in _registered(park_ids=[park_id], period=period)]


@fact(
    "meters_registered",
    how=gettext_lazy("The meters in use on the last day of the period, without those that follow from formulas."),
    rows=list_registered_rows,
)
def meters_registered(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return how many meters are registered; unknown where there is none."""
    meters = _registered(park_ids=park_ids, period=period)
    return _counts(meters, {m.park_id for m in meters})


def list_valid_rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
    """Return the meters that are online and in calibration."""
    return [_meter_row(m) for m in _valid(_registered(park_ids=[park_id], period=period), period)]


@fact(
    "meters_online_valid",
    how=gettext_lazy(
        "Of these, the meters of which at least 95 % of the time was measured and whose calibration holds on the last day."
    ),
    rows=list_valid_rows,
)
def meters_online_valid(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, FactValue]:
    """Return how many meters are online, complete and in calibration."""
    meters = _registered(park_ids=park_ids, period=period)
    return _counts(_valid(meters, period), {m.park_id for m in meters})
