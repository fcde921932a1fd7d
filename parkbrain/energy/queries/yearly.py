"""What the firms of a park used in a time, by their meters: power, and all energy in standard coal."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from django.urls import reverse

from parkbrain import schemes
from parkbrain.calc.carbon import standard_coal_tce
from parkbrain.calc.factors import FactorBook
from parkbrain.enterprises.models import Occupancy
from parkbrain.kernel.models import Park
from parkbrain.lifecycle.queries.land import MeteredEnergy

from ..models import EnergyKind, StatementLine
from .use import month_after

#: Carrier of the factors and units of it in one of a month's: cooling is made from what is counted already.
CARRIERS: Mapping[str, tuple[str, float]] = {
    EnergyKind.ELECTRICITY: ("electricity", 1.0),
    EnergyKind.GAS: ("natural_gas", 1.0),
    EnergyKind.HEAT: ("heat", 3.6),
    EnergyKind.STEAM: ("steam", 1.0),
}
#: Energy kind → month → what a firm used; None where a meter of it was unknown.
Use = dict[str, dict[date, float | None]]


def get_firms_energy(
    *, park: Park, enterprise_ids: Collection[int], starts_on: date, ends_on: date
) -> dict[int, MeteredEnergy]:
    """Return what firms used at their own meters in [starts_on, ends_on), both firsts of a month.

    A firm is asked for the months in which it had premises in the park. A month without a bill of its power, or with a
    meter that is unknown, makes the whole time unknown: half a year is not a year. Standard coal is counted by the heat
    of a kWh (GB/T 2589-2020), with the shipped factors.
    """
    stays = _stays(park, enterprise_ids, starts_on, ends_on)
    used = _used(park, enterprise_ids, starts_on, ends_on)
    book = FactorBook.from_rows(row for row in schemes.shipped("factors.yaml")["factors"] if row["of"] == "kgce")
    # Standard coal of a year is counted by what holds at its end.
    last_on = date.fromordinal(ends_on.toordinal() - 1)
    return {
        firm: _energy(park, firm, months, used[firm], book, last_on)
        for firm, months in stays.items()
        if months and firm in used
    }


def _months(starts_on: date, ends_on: date) -> Iterator[date]:
    month = starts_on.replace(day=1)
    while month < ends_on:
        yield month
        month = month_after(month)


def _stays(park: Park, firms: Collection[int], starts_on: date, ends_on: date) -> dict[int, set[date]]:
    """Return the months in which each firm had premises in the park."""
    rows = Occupancy.objects.filter(premises__park=park, enterprise__in=firms, starts_on__lt=ends_on)
    found: dict[int, set[date]] = {}
    for firm, begin, end in rows.values_list("enterprise", "starts_on", "ends_on"):
        found.setdefault(firm, set()).update(_months(max(begin, starts_on), min(end or ends_on, ends_on)))
    return found


def _used(park: Park, firms: Collection[int], starts_on: date, ends_on: date) -> dict[int, Use]:
    lines = StatementLine.objects.filter(
        statement__park=park,
        statement__energy_kind__in=list(CARRIERS),
        statement__month_on__gte=starts_on,
        statement__month_on__lt=ends_on,
        enterprise__in=firms,
    ).order_by()
    found: dict[int, Use] = {}
    for firm, kind, month, metered in lines.values_list(
        "enterprise", "statement__energy_kind", "statement__month_on", "metered"
    ):
        found.setdefault(firm, {}).setdefault(kind, {})[month] = None if metered is None else float(metered)
    return found


def _energy(park: Park, firm: int, months: set[date], use: Use, book: FactorBook, last_on: date) -> MeteredEnergy:
    power = use.get(EnergyKind.ELECTRICITY, {})
    known = [month for month in months if power.get(month) is not None]
    whole = len(known) == len(months)
    kwh = sum(power[month] or 0.0 for month in known) if whole else None
    used: list[tuple[str, float | None]] = [("electricity", kwh)]
    for kind, by_month in use.items():
        if kind != EnergyKind.ELECTRICITY:
            carrier, factor = CARRIERS[kind]
            values = list(by_month.values())
            used.append((carrier, None if None in values else sum(v or 0.0 for v in values) * factor))
    tce, unknown = standard_coal_tce(used, last_on, book)
    url = reverse("firm_energy", args=[park.pk, firm])
    return MeteredEnergy(None if unknown else tce, kwh, len(known), len(months), url)
