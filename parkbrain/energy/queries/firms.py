"""What one enterprise used and was charged: its own view of the months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from parkbrain.calc.metering import PeriodUse
from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.kernel import scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission

from ..models import Meter, StatementLine
from .use import DAY, get_use, month_after


@dataclass(frozen=True)
class FirmMonth:
    """A month of an enterprise: its meters that serve nobody else with their use by day, and codes of the others."""

    meters: Sequence[Meter]
    by_day: PeriodUse | None
    shared: Sequence[str]


def may_see_firm(*, user: User, park: Park, enterprise: Enterprise) -> bool:
    """Tell whether a person may see what an enterprise used in a park: as its own, or as who runs or oversees the park."""
    if enterprise.uscc in scope.own_enterprise_codes(user):
        return True
    return user.may(Permission.VIEW_ENTERPRISE, park.branch.path)


def list_firm_lines(*, park: Park, enterprise: Enterprise) -> list[StatementLine]:
    """Return the lines of an enterprise over the last months of every energy kind, newest first."""
    lines = StatementLine.objects.filter(statement__park=park, enterprise=enterprise)
    lines = lines.select_related("statement").defer("statement__inputs")
    newest = lines.order_by("-statement__month_on").values_list("statement__month_on", flat=True).first()
    if newest is None:
        return []
    since = newest.replace(year=newest.year - 1)
    return list(lines.filter(statement__month_on__gte=since).order_by("-statement__month_on", "statement__energy_kind"))


def get_firm_month(*, park: Park, line: StatementLine) -> FirmMonth:
    """Return the use by day behind the line of an enterprise."""
    counted = {str(code): use for code, use in line.meters}
    month = line.statement.month_on
    meters = list(
        Meter.objects.filter(park=park, energy_kind=line.statement.energy_kind, code__in=list(counted)).order_by("code")
    )
    found = get_use(meters=[m.pk for m in meters], starts_on=month, ends_on=month_after(month), step=DAY)
    # A meter of which only a part counts serves others too: its days are theirs as well, and not shown here.
    own = [m for m in meters if _is_whole(found[m.pk], counted[m.code])]
    by_day = None
    if own:
        uses = [found[m.pk] for m in own]
        by_day = PeriodUse(
            uses[0].borders_us,
            np.sum([u.use for u in uses], axis=0),
            np.min([u.known for u in uses], axis=0),
            np.min([u.measured for u in uses], axis=0),
            np.bitwise_or.reduce([u.flags for u in uses]),
        )
    whole = {m.code for m in own}
    return FirmMonth(own, by_day, sorted(code for code in counted if code not in whole))


def _is_whole(use: PeriodUse, counted: float | None) -> bool:
    return counted is not None and abs(float(np.nansum(use.use)) - counted) <= 1e-6 * max(1.0, abs(counted))


def list_firm_parks(*, user: User, enterprise: Enterprise) -> list[Park]:
    """Return the parks in which a person may see what an enterprise used, and in which anything was worked out."""
    of_firm = StatementLine.objects.filter(enterprise=enterprise).order_by().values("statement__park")
    parks = Park.objects.visible_to(user, Permission.VIEW_PARK).filter(pk__in=of_firm).select_related("branch")
    return [park for park in parks if may_see_firm(user=user, park=park, enterprise=enterprise)]


def get_firm_panel(*, user: User, enterprise: Enterprise) -> dict[str, Any] | None:
    """Return the newest month of each energy kind by park, for the page of an enterprise; None where there is none."""
    parks = []
    for park in list_firm_parks(user=user, enterprise=enterprise):
        newest: dict[str, StatementLine] = {}
        for line in list_firm_lines(park=park, enterprise=enterprise):
            newest.setdefault(line.statement.energy_kind, line)
        parks.append((park, list(newest.values())))
    return {"enterprise": enterprise, "parks": parks} if parks else None


def was_in_park(*, park: Park, enterprise: Enterprise) -> bool:
    """Tell whether an enterprise ever had premises in a park."""
    return Occupancy.objects.filter(premises__park=park, enterprise=enterprise).exists()
