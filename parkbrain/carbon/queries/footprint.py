"""What one tenant's customers ask for: the footprint of its own premises, with its share of what everybody uses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from parkbrain.calc.carbon import SCOPE_1, SCOPE_2_LOCATION, SCOPES
from parkbrain.calc.intervals import DatePeriod
from parkbrain.calc.inventory import (
    Activity,
    Assessed,
    assess,
    by_scope,
    choose_level,
    cut,
    make_inventory,
    share_of_public,
)
from parkbrain.enterprises.models import Enterprise, EnterpriseReturn, Occupancy
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission

from .activities import as_activities, list_recorded, list_refrigerant_losses, sum_green_power
from .factors import get_factor_book, list_areas
from .kinds import get_kind_name
from .metered import list_metered
from .statement import StatementLine, cover_kinds, group_lines
from .sub_metered import list_sub_metered

OWN, PUBLIC = "own", "public"


@dataclass(frozen=True)
class Footprint:
    """The sheet of one firm in one park for a period: own lines, its share of public use, totals and intensities."""

    park: Park
    enterprise: Enterprise
    period: DatePeriod
    own: Sequence[StatementLine]
    public: Sequence[StatementLine]
    totals: dict[str, Assessed]
    area_m2: float | None
    let_area_m2: float | None
    share: float | None
    output_wan: float | None
    output_source: str
    #: Kinds of which the firm's own meters told, on days without a row.
    metered_kinds: Sequence[str] = ()

    @property
    def total(self) -> float | None:
        """Scopes 1 and 2, location-based, own and public [t]."""
        known = [t for s in (SCOPE_1, SCOPE_2_LOCATION) if (t := self.totals[s].tco2e) is not None]
        return math.fsum(known) if known else None

    @property
    def per_output(self) -> float | None:
        """Scopes 1 and 2 per 10,000 yuan of output [t]."""
        return self.total / self.output_wan if self.total is not None and self.output_wan else None

    @property
    def misses_power(self) -> bool:
        """Whether no electricity of the firm's own is recorded: the sheet is then not whole."""
        return not any(line.kind == "electricity" for line in self.own)


def _area_days(stays: Sequence[Occupancy], period: DatePeriod) -> float:
    """Return area times days of stays within a period [m²·d]."""
    total = 0.0
    for stay in stays:
        first = max(stay.starts_on, period.starts_on)
        last = min(stay.ends_on or period.ends_on, period.ends_on)
        if last > first:
            total += stay.premises.billing_area_m2 * (last - first).days
    return total


def build_footprint(*, park: Park, enterprise: Enterprise, period: DatePeriod) -> Footprint:
    """Return the sheet of a firm in a park for a period."""
    stays = list(
        Occupancy.objects.filter(premises__park=park)
        .overlapping(period.starts_on, period.ends_on)
        .select_related("premises")
    )
    mine = _area_days([s for s in stays if s.enterprise_id == enterprise.pk], period) / period.days
    every = _area_days(stays, period) / period.days
    share = share_of_public(mine or None, every or None)
    rows = list_recorded(park_ids=[park.pk], period=period).get(park.pk, [])
    losses = list_refrigerant_losses(park_ids=[park.pk], period=period).get(park.pk, [])
    by_firm = {
        key: list(group) for key, group in choose_level([*as_activities(rows=rows), *losses], "enterprise").items()
    }
    # What is stated of a firm goes before what its meters say, and its meters before nothing.
    for firm, pieces in list_sub_metered(park=park, rows=rows, period=period).items():
        by_firm[firm] = [*by_firm.get(firm, []), *pieces]
    own = [one for one in by_firm.get(enterprise.pk, []) if one.scope in {1, 2}]
    metered = list_metered(park_ids=[park.pk], period=period).get(park.pk, [])
    counted = [*as_activities(rows=[r for r in rows if not r.is_breakdown]), *metered, *losses]
    public = _public_share(counted, [a for group in by_firm.values() for a in group], share, period)
    certificates = sum_green_power(park_ids=[park.pk], period=period).get(park.pk, [])
    green_own = sum(kwh for row, kwh in certificates if row.enterprise_id == enterprise.pk)
    green_all = sum(kwh for row, kwh in certificates if row.enterprise_id is None) * (share or 0.0)
    book, areas = get_factor_book(), list_areas(park=park)
    own_lines = make_inventory(own, book, period=period, areas=areas, green_kwh=green_own)
    public_lines = make_inventory(public, book, period=period, areas=areas, green_kwh=green_all)
    shares = cover_kinds(activities=[*own, *public], period=period)
    grouped = by_scope([*own_lines, *public_lines])
    totals = {s: assess(grouped.get(s, ()), coverage=lambda a: shares[a.kind, a.places]) for s in SCOPES[:3]}
    output, source = _output(enterprise, period)
    return Footprint(
        park=park,
        enterprise=enterprise,
        period=period,
        own=group_lines(inventory=own_lines, shares=shares),
        public=group_lines(inventory=public_lines, shares=shares),
        totals=totals,
        area_m2=mine or None,
        let_area_m2=every or None,
        share=share,
        output_wan=output,
        output_source=source,
        metered_kinds=sorted({get_kind_name(key=one.kind) for one in own if one.row == 0 and one.origin}),
    )


def _public_share(
    counted: Sequence[Activity], tenants: Sequence[Activity], share: float | None, period: DatePeriod
) -> list[Activity]:
    """Return a firm's share of what no firm uses by itself: the whole less what the firms' own rows say."""
    kinds = {a.kind for a in counted if a.scope in {1, 2}}
    found = []
    for kind in sorted(kinds):
        whole = [p for a in counted if a.kind == kind for p in cut(a, period)]
        parts = [p for a in tenants if a.kind == kind for p in cut(a, period)]
        amounts = [p.amount for p in (*whole, *parts)]
        common = None
        if all(a is not None for a in amounts):
            left = math.fsum(p.amount or 0.0 for p in whole) - math.fsum(p.amount or 0.0 for p in parts)
            # Rounding of many meters may go below nothing; a real gap the other way is said by the unmetered rest.
            common = max(0.0, left)
        first = whole[0]
        unknown = [p.uncertainty for p in whole]
        uncertainty = None if any(u is None for u in unknown) else max(u for u in unknown if u is not None)
        amount = None if common is None or share is None else common * share
        last = max(p.period.ends_on for p in whole)
        span = DatePeriod(min(p.period.starts_on for p in whole), last)
        found.append(replace(first, row=0, amount=amount, period=span, uncertainty=uncertainty, places=()))
    return found


def _output(enterprise: Enterprise, period: DatePeriod) -> tuple[float | None, str]:
    """Return the firm's reported output of the year [10,000 yuan] and whose figure it is; only a whole year has one."""
    if period != DatePeriod(date(period.starts_on.year, 1, 1), date(period.starts_on.year + 1, 1, 1)):
        return None, ""
    row = EnterpriseReturn.objects.filter(enterprise=enterprise, year=period.starts_on.year).first()
    if row is None or row.output_wan is None:
        return None, ""
    return float(row.output_wan), row.get_source_display()


def list_firms_with_sheets(*, park: Park, user: User, period: DatePeriod) -> list[Enterprise]:
    """Return the firms of a park in a period whose sheets the person may see."""
    stays = Occupancy.objects.visible_to(user).filter(premises__park=park).overlapping(period.starts_on, period.ends_on)
    return list(Enterprise.objects.filter(pk__in=stays.order_by().values("enterprise")).order_by("name_zh_hans", "pk"))


def find_sheet_firm(*, user: User, park: Park, enterprise_id: int) -> Enterprise | None:
    """Return a firm that is or was in a park, where the person sees the park and the firm."""
    parks = Park.objects.visible_to(user, Permission.VIEW_PARK).filter(pk=park.pk).order_by().values("pk")
    firms = Enterprise.objects.visible_to(user).filter(occupancies__premises__park__in=parks)
    return firms.distinct().filter(pk=enterprise_id).first()


def get_firm_panel(*, user: User, enterprise: Enterprise) -> dict[str, Any] | None:
    """Return the parks whose sheet of an enterprise a person may open, for the enterprise's page; None where there is none."""
    parks = Park.objects.visible_to(user, Permission.VIEW_PARK).filter(premises__occupancies__enterprise=enterprise)
    found = list(parks.distinct())
    return {"enterprise": enterprise, "parks": found} if found else None
