"""The park's energy at a glance: load now, the pattern of the week, where energy goes from the grid to the firms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from parkbrain.enterprises.models import Occupancy
from parkbrain.kernel.models import Park

from ..models import EnergyKind, Meter, MeterParent, MeterUse, MonthStatement
from .basis import from_us
from .meters import list_uses
from .packed import park_zone
from .use import TotalUse, get_totals, get_use, month_after


@dataclass(frozen=True)
class LoadNow:
    """The newest hour that is known of a kind: its mean flow [unit/h], the same hour a week before, and its end."""

    energy_kind: str
    unit: str
    flow: float | None
    week_before: float | None
    measured: float
    until_at: datetime | None


def _supply(park: Park, energy_kind: str, on: date) -> list[Meter]:
    """Return the meters through which a kind comes into the park."""
    meters = list(Meter.objects.filter(park=park, energy_kind=energy_kind, formula="", level=1).in_use_on(on))
    below = set(MeterParent.objects.filter(meter__in=meters).current_on(on).values_list("meter", flat=True))
    return [m for m in meters if m.pk not in below]


def _sign(meter: Meter) -> float:
    return -1.0 if meter.flow == Meter.Flow.OUT else 1.0


def get_load_now(*, park: Park, energy_kind: str, at: datetime) -> LoadNow | None:
    """Return the load of the newest hour of which every supply meter is known; None without such a meter."""
    zone = park_zone()
    today = at.astimezone(zone).date()
    meters = _supply(park, energy_kind, today)
    if not meters:
        return None
    uses = get_use(
        meters=[m.pk for m in meters],
        starts_on=today - timedelta(days=9),
        ends_on=today + timedelta(days=1),
        step="hour",
    )
    hours = sum((_sign(m) * uses[m.pk].use for m in meters), np.zeros(1))
    measured = np.min([uses[m.pk].measured for m in meters], axis=0)
    borders = uses[meters[0].pk].borders_us
    past = borders[1:] <= int(at.timestamp() * 1e6)
    whole = np.flatnonzero(~np.isnan(hours) & past & (measured > 0))
    if not whole.size:
        return LoadNow(energy_kind, meters[0].unit_label, None, None, 0.0, None)
    last = int(whole[-1])
    before = hours[last - 168] if last >= 168 else np.nan
    return LoadNow(
        energy_kind,
        meters[0].unit_label,
        float(hours[last]),
        None if np.isnan(before) else float(before),
        float(measured[last]),
        from_us(int(borders[last + 1])),
    )


@dataclass(frozen=True)
class HeatMap:
    """Use by day and hour of the day: `values[day][hour]`, None where it is unknown; a day of 25 hours shows 24."""

    days: tuple[date, ...]
    values: tuple[tuple[float | None, ...], ...]
    unit: str

    @property
    def greatest(self) -> float | None:
        """The greatest hour."""
        return max((v for row in self.values for v in row if v is not None), default=None)


def get_heat_map(*, meters: Sequence[Meter], starts_on: date, ends_on: date) -> HeatMap:
    """Return the use of meters together by day and hour of [starts_on, ends_on)."""
    zone = park_zone()
    uses = get_use(meters=[m.pk for m in meters], starts_on=starts_on, ends_on=ends_on, step="hour")
    days = tuple(starts_on + timedelta(days=n) for n in range((ends_on - starts_on).days))
    grid: list[list[float | None]] = [[None] * 24 for _day in days]
    if meters:
        borders = uses[meters[0].pk].borders_us
        hours = sum((_sign(m) * uses[m.pk].use for m in meters), np.zeros(1))
        for start, value in zip(borders[:-1], hours, strict=True):
            local = from_us(int(start)).astimezone(zone)
            if not np.isnan(value):
                row, hour = grid[(local.date() - starts_on).days], local.hour
                row[hour] = (row[hour] or 0.0) + float(value)
    return HeatMap(days, tuple(tuple(row) for row in grid), meters[0].unit_label if meters else "")


def list_supply_meters(*, park: Park, energy_kind: str, on: date) -> list[Meter]:
    """Return the meters through which a kind comes into the park on a day."""
    return _supply(park, energy_kind, on)


@dataclass(frozen=True)
class Flow:
    """An amount from one place to another, counted by a meter; `kind` is supply, part, use or loss."""

    source: str
    target: str
    amount: float
    kind: str
    meter_id: int


@dataclass(frozen=True)
class Sankey:
    """Where energy went in a time: flows from supply over meters to those who used it, and what is not known of it."""

    unit: str
    flows: tuple[Flow, ...]
    unknown: tuple[str, ...]
    supplied: float | None


#: Places that are no meters and no firms.
NODE_NAMES: dict[str, Promise] = {"grid": _("Grid"), "generated": _("Generated here"), "loss": _("Loss")}


def node_name(*, key: str) -> str:
    """Return what a place of the flows is called."""
    return str(NODE_NAMES.get(key, key))


def get_sankey(*, park: Park, energy_kind: str, starts_on: date, ends_on: date) -> Sankey:
    """Return where a kind went in [starts_on, ends_on): grid → main meters → buildings and storeys → firms, with the loss.

    A meter that is not wholly known stands in `unknown`; no loss is drawn above it.
    """
    on = ends_on - timedelta(days=1)
    meters = {m.pk: m for m in Meter.objects.filter(park=park, energy_kind=energy_kind, formula="").in_use_on(on)}
    links = MeterParent.objects.filter(meter__in=meters, parent__in=meters).current_on(on)
    parent_of = dict(links.values_list("meter_id", "parent_id"))
    totals = get_totals(meters=list(meters), starts_on=starts_on, ends_on=ends_on)
    children: dict[int, list[int]] = defaultdict(list)
    for child, parent in parent_of.items():
        children[parent].append(child)
    served = _served(list(meters), on)
    flows: list[Flow] = []
    roots = [pk for pk in meters if pk not in parent_of and meters[pk].level == Meter.Level.SUPPLY]
    for pk in roots:
        source = "generated" if meters[pk].flow == Meter.Flow.GENERATED else "grid"
        _add_flow(flows, (source, meters[pk].code, "supply"), totals[pk], pk)
    for pk, below in children.items():
        for child in below:
            code = meters[child].code
            if children.get(child):
                _add_flow(flows, (meters[pk].code, code, "part"), totals[child], child)
            else:
                _add_flow(flows, (meters[pk].code, served.get(child, code), "use"), totals[child], child)
        known = all(totals[c].is_whole for c in below) and totals[pk].is_whole
        loss = (totals[pk].use or 0.0) - sum(totals[c].use or 0.0 for c in below)
        if known and loss > 0:
            flows.append(Flow(meters[pk].code, "loss", loss, "loss", pk))
    unknown = tuple(sorted(m.code for m in meters.values() if not totals[m.pk].is_whole))
    supplied = (
        None if not roots or any(totals[pk].use is None for pk in roots) else sum(totals[pk].use or 0.0 for pk in roots)
    )
    return Sankey(next(iter(meters.values())).unit_label if meters else "", tuple(flows), unknown, supplied)


def _add_flow(flows: list[Flow], way: tuple[str, str, str], total: TotalUse, meter_id: int) -> None:
    if total.use:
        source, target, kind = way
        flows.append(Flow(source, target, total.use, kind, meter_id))


def _served(meters: Sequence[int], on: date) -> dict[int, str]:
    """Return the name of what each meter at an end of the tree serves: the firm where there is one."""
    names: dict[int, str] = {}
    uses = list(list_uses(meters=meters, on=on))
    places = {u.premises_id for u in uses if u.premises_id}
    stays = Occupancy.objects.filter(premises__in=places).current_on(on).select_related("enterprise")
    firms = {s.premises_id: s.enterprise.name for s in stays}
    for use in uses:
        if use.kind in {MeterUse.Kind.BUILDING, MeterUse.Kind.STOREY}:
            continue
        names[use.meter_id] = firms.get(use.premises_id or 0) or use.target_name
    return names


def list_kinds(*, park: Park) -> list[str]:
    """Return the kinds that a park has meters of, in their order."""
    held = set(Meter.objects.filter(park=park).order_by().values_list("energy_kind", flat=True).distinct())
    return [kind for kind in EnergyKind.values if kind in held]


def list_statements(*, park: Park, energy_kind: str = "") -> list[MonthStatement]:
    """Return the months that were worked out, newest first."""
    found = MonthStatement.objects.filter(park=park)
    return list(found.filter(energy_kind=energy_kind) if energy_kind else found)


def last_whole_month(*, on: date) -> date:
    """Return the first day of the last month that has ended by a day."""
    return (on.replace(day=1) - timedelta(days=1)).replace(day=1)


__all__ = [
    "Flow",
    "HeatMap",
    "LoadNow",
    "Sankey",
    "get_heat_map",
    "get_load_now",
    "get_sankey",
    "last_whole_month",
    "list_kinds",
    "list_statements",
    "list_supply_meters",
    "month_after",
]
