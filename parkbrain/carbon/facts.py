"""The numbers that follow from activity data: emissions, energy, power, water, waste; each with the rows behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext_lazy

from parkbrain.calc.carbon import SCOPE_1, SCOPE_2_LOCATION
from parkbrain.calc.intervals import DatePeriod
from parkbrain.calc.inventory import NO_DATA, Activity, cut
from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from parkbrain.kernel.reading import shared
from parkbrain.kernel.registry import FactRow, FactValue, Text

from .models import ActivityData
from .queries import (
    PARK,
    Statement,
    as_activities,
    get_factor_book,
    get_kind_name,
    get_kinds,
    list_metered,
    list_recorded,
    list_refrigerant_losses,
    make_statement,
    sum_green_power,
    sum_kinds,
    sum_monitored,
)


@dataclass(frozen=True)
class Part:
    """One row behind a number: its part, and where it opens."""

    row: FactRow
    coverage: float = 1.0


Parts = dict[int, list[Part]]


@shared
def list_statements(*, park_ids: Sequence[int], period: DatePeriod) -> dict[int, Statement]:
    """Return the statements of those parks that have recorded anything, within the boundary of the park."""
    recorded = list_recorded(park_ids=park_ids, period=period, is_placed=False)
    losses = list_refrigerant_losses(park_ids=park_ids, period=period)
    metered = list_metered(park_ids=park_ids, period=period)
    green = sum_green_power(park_ids=park_ids, period=period)
    busy = set(recorded) | set(losses) | set(metered)
    parks = Park.objects.filter(pk__in=busy).select_related("branch").order_by("pk")
    book = get_factor_book()
    found = {}
    for park in parks:
        rows = [row for row in recorded.get(park.pk, []) if not row.is_breakdown]
        counted = [*as_activities(rows=rows), *metered.get(park.pk, [])]
        found[park.pk] = make_statement(
            park=park, period=period, boundary=PARK, green=green.get(park.pk, []), book=book,
            activities=[*counted, *losses.get(park.pk, [])],
            sums=sum_kinds(activities=counted, kinds=list(get_kinds()), period=period),
        )  # fmt: skip
    return found


def _year_before(period: DatePeriod) -> DatePeriod:
    start, end = period.starts_on, period.ends_on
    return DatePeriod(start.replace(year=start.year - 1), end.replace(year=end.year - 1))


def _parts_fact(key: str, how: Text, gather: Callable[..., Parts]) -> None:
    """Register a fact that adds the parts of a park; a part that is unknown lowers the coverage.

    Where meters alone vouch for the number already, bills, contracts and ledgers join them here.
    """

    def rows(*, park_id: int, period: DatePeriod) -> list[FactRow]:
        """Return the known rows behind the number."""
        parts = gather(park_ids=[park_id], period=period).get(park_id, [])
        return [p.row for p in parts if p.row.value is not None]

    def values(*, park_ids: Sequence[int], period: DatePeriod) -> Mapping[int, FactValue]:
        """Return the sum of the parts of each park."""
        found = {}
        for park_id, parts in gather(park_ids=park_ids, period=period).items():
            told = [p for p in parts if p.row.value is not None]
            if not told:
                found[park_id] = FactValue(None, 0.0)
                continue
            total = float(sum(p.row.value or 0.0 for p in told))
            weight = sum((p.row.value or 0.0) * p.coverage for p in told) / total if total else 1.0
            found[park_id] = FactValue(total, max(1e-4, weight * len(told) / len(parts)), len(told))
        return found

    registry.facts.overrule(key, registry.ComputedFact(key=key, values=values, rows=rows, how=how))


# --- Emissions --------------------------------------------------------------------------------------------------------


def _emissions(*, park_ids: Sequence[int], period: DatePeriod) -> Parts:
    found: Parts = {}
    for park_id, statement in list_statements(park_ids=park_ids, period=period).items():
        url = reverse("carbon_statement", args=[park_id])
        address = f"?from={period.starts_on}&to={period.last_on}"
        parts = [
            Part(
                FactRow(
                    line.name,
                    line.tco2e,
                    f"{url}{line.scope}/{line.kind}/{address}",
                    line.scope,
                    "kernel.park",
                    park_id,
                ),
                1.0 if line.coverage is None else line.coverage,
            )
            for line in statement.lines
            if line.scope in {SCOPE_1, SCOPE_2_LOCATION} and line.reason != NO_DATA
        ]
        if parts:
            found[park_id] = parts
    return found


def _per_value_added(years_back: int) -> Callable[..., Parts]:
    def gather(*, park_ids: Sequence[int], period: DatePeriod) -> Parts:
        asked = _year_before(period) if years_back else period
        fact_of = registry.facts.get("value_added_wan")
        added = fact_of.values(park_ids=park_ids, period=asked) if fact_of else {}
        found: Parts = {}
        for park_id, parts in _emissions(park_ids=park_ids, period=asked).items():
            per = added.get(park_id)
            if per is None or not per.value:
                continue
            value, share = per.value, per.coverage
            found[park_id] = [
                replace(
                    p,
                    row=replace(p.row, value=None if p.row.value is None else p.row.value / value),
                    coverage=p.coverage * share,
                )
                for p in parts
            ]
        return found

    return gather


_parts_fact(
    "co2_scope12_t",
    gettext_lazy(
        "Scope 1 and scope 2 (location-based) of everything in the park, tenants included: activity data of the year "
        "times the factors in force, as the carbon statement lists them."
    ),
    _emissions,
)
_parts_fact(
    "co2_intensity_now",
    gettext_lazy("Scopes 1 and 2 (location-based) of the year, divided by the value added that the tenants report."),
    _per_value_added(0),
)
_parts_fact(
    "co2_intensity_prev",
    gettext_lazy("Scopes 1 and 2 (location-based) of the year before, divided by the value added of that year."),
    _per_value_added(1),
)


# --- Energy -----------------------------------------------------------------------------------------------------------


def _coal(*, park_ids: Sequence[int], period: DatePeriod) -> Parts:
    found: Parts = {}
    for park_id, statement in list_statements(park_ids=park_ids, period=period).items():
        url = f"{reverse('activity_list')}?park={park_id}&kind="
        shares = {line.kind: line.coverage for line in statement.lines}
        parts = [
            Part(FactRow(get_kind_name(key=k), v, url + k, "", "kernel.park", park_id), shares.get(k) or 1.0)
            for k, v in statement.coal.items()
        ]
        if parts:
            found[park_id] = parts
    return found


_parts_fact(
    "energy_tce_total",
    gettext_lazy(
        "Power, heat and fuels of the year in standard coal by GB/T 2589-2020, power at its heat value (0.1229 kgce/kWh)."
    ),
    _coal,
)


def _monitored(*, park_ids: Sequence[int], period: DatePeriod) -> Parts:
    found: Parts = {}
    measured = sum_monitored(park_ids=park_ids, period=period)
    for park_id, statement in list_statements(park_ids=park_ids, period=period).items():
        url = f"{reverse('meter_list')}?park={park_id}"
        parts = []
        for kind, coal in statement.coal.items() if park_id in measured else ():
            whole, watched = statement.sums.get(kind), measured[park_id].get(kind, 0.0)
            if coal is None or not whole:
                continue
            share = min(1.0, watched / whole)
            row = FactRow(get_kind_name(key=kind), coal * share, url, f"{share:.0%}", "kernel.park", park_id)
            parts.append(Part(row))
        if parts:
            found[park_id] = parts
    return found


_parts_fact(
    "energy_tce_monitored",
    gettext_lazy(
        "Of the energy used, in standard coal, the part that supply meters measured themselves: readings that came in, "
        "without what was interpolated between them or is known from bills alone."
    ),
    _monitored,
)


def _activity_part(row: ActivityData, amount: float | None) -> Part:
    url = reverse("activity_detail", args=[row.pk])
    detail = f"{get_kind_name(key=row.kind)} · {row.starts_on} … {row.ends_on}"
    return Part(FactRow(row.reference, amount, url, detail, "carbon.activitydata", row.pk))


def _meter_part(one: Activity, park_id: int) -> Part:
    detail = f"{get_kind_name(key=one.kind)} · {one.period.starts_on} … {one.period.ends_on}"
    url = f"{reverse('meter_list')}?park={park_id}"
    return Part(FactRow(one.origin, one.amount, url, detail, "kernel.park", park_id), one.coverage or 0.0)


def _recorded(*kinds: str) -> Callable[..., Parts]:
    def gather(*, park_ids: Sequence[int], period: DatePeriod) -> Parts:
        found: Parts = {}
        recorded = list_recorded(park_ids=park_ids, period=period, is_placed=False)
        metered = list_metered(park_ids=park_ids, period=period)
        for park_id in {*recorded, *metered}:
            rows = recorded.get(park_id, [])
            by_pk = {row.pk: row for row in rows if not row.is_breakdown and row.kind in kinds}
            parts = [
                _activity_part(by_pk[one.row], piece.amount)
                for one in as_activities(rows=by_pk.values())
                for piece in cut(one, period)
            ]
            parts += [_meter_part(one, park_id) for one in metered.get(park_id, []) if one.kind in kinds]
            if parts:
                found[park_id] = parts
        return found

    return gather


_parts_fact(
    "total_kwh",
    gettext_lazy("Power from the grid and own solar power used in the year, as bills and meters say."),
    _recorded("electricity", "pv_self_use"),
)


def _renewable(*, park_ids: Sequence[int], period: DatePeriod) -> Parts:
    own = _recorded("pv_self_use")(park_ids=park_ids, period=period)
    grid = _recorded("electricity")(park_ids=park_ids, period=period)
    green = sum_green_power(park_ids=park_ids, period=period)
    found: Parts = {}
    for park_id in {*own, *grid}:
        bought = sum(kwh for _row, kwh in green.get(park_id, []))
        used = sum(p.row.value or 0.0 for p in grid.get(park_id, []))
        # Certificates never cover more than was used.
        share = min(1.0, used / bought) if bought else 0.0
        url = f"{reverse('green_power_list')}?park={park_id}"
        certificates = [
            Part(FactRow(row.number, kwh * share, url, row.get_kind_display(), "carbon.greenpower", row.pk))
            for row, kwh in green.get(park_id, [])
        ]
        found[park_id] = [*own.get(park_id, []), *certificates]
    return {park_id: parts for park_id, parts in found.items() if parts}


_parts_fact(
    "renewable_kwh",
    gettext_lazy(
        "Own solar power used, green power contracts and green certificates retired for the year; certificates never "
        "cover more power than was bought."
    ),
    _renewable,
)


# --- Water and waste --------------------------------------------------------------------------------------------------

for _key, _kind, _how in (
    ("fresh_water_m3", "fresh_water", gettext_lazy("Fresh water of the year as bills and meters say, added up.")),
    (
        "fresh_industrial_water_m3",
        "fresh_industrial_water",
        gettext_lazy("Fresh water of industrial users of the year as bills and meters say."),
    ),
    ("reused_water_m3", "reused_water", gettext_lazy("Water used again in the year, by meters or the water balance.")),
    (
        "sw_generated_t",
        "solid_waste_generated",
        gettext_lazy("Industrial solid waste of the year as the waste ledger says."),
    ),
    (
        "sw_utilised_t",
        "solid_waste_utilised",
        gettext_lazy("Industrial solid waste of the year that was utilized, by the ledger."),
    ),
    (
        "sw_old_stock_used_t",
        "solid_waste_old_stock",
        gettext_lazy("Solid waste stored in earlier years and utilized in the year, by the ledger."),
    ),
):
    _parts_fact(_key, _how, _recorded(_kind))
