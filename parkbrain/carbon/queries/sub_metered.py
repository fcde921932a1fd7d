"""What the meters of firms counted on the days for which nothing of the kind is recorded of them."""

from __future__ import annotations

from collections.abc import Sequence

from parkbrain.calc.intervals import DatePeriod
from parkbrain.calc.inventory import Activity
from parkbrain.energy.models import Meter, StatementLine
from parkbrain.energy.queries import month_after
from parkbrain.kernel.models import Park

from ..models import ActivityData
from .kinds import get_kinds
from .metered import FLOWS, uncovered


def list_sub_metered(*, park: Park, rows: Sequence[ActivityData], period: DatePeriod) -> dict[int, list[Activity]]:
    """Return by firm what its months say, on days of a period that no row of the firm covers.

    A month in which a meter is not known is an amount that is not known, never zero. Of a month that is covered in part
    the days that are not count with their share of it.
    """
    # Not what a month was made of: each of its lines would read that anew.
    lines = (
        StatementLine.objects.filter(
            statement__park=park,
            statement__month_on__gte=period.starts_on.replace(day=1),
            statement__month_on__lt=period.ends_on,
        )
        .select_related("statement")
        .only("enterprise", "metered", "meters", "measured", "statement__month_on", "statement__energy_kind")
    )
    by_firm: dict[int, list[ActivityData]] = {}
    for row in rows:
        if row.enterprise_id is not None:
            by_firm.setdefault(row.enterprise_id, []).append(row)
    gaps: dict[tuple[int, str], list[DatePeriod]] = {}
    found: dict[int, list[Activity]] = {}
    for line in lines.order_by("statement__month_on", "pk"):
        flow = FLOWS.get((line.statement.energy_kind, Meter.Flow.IN))
        if flow is None or not line.meters:
            continue
        key = (line.enterprise_id, flow[0])
        if key not in gaps:
            gaps[key] = uncovered(rows=by_firm.get(line.enterprise_id, []), kind=flow[0], period=period)
        if pieces := _pieces(line, *flow, gaps[key]):
            found.setdefault(line.enterprise_id, []).extend(pieces)
    return found


def _pieces(line: StatementLine, kind: str, factor: float, gaps: Sequence[DatePeriod]) -> list[Activity]:
    month = DatePeriod(line.statement.month_on, month_after(line.statement.month_on))
    told, origin = get_kinds()[kind], ", ".join(str(code) for code, _use in line.meters)
    pieces = []
    for gap in gaps:
        start, end = max(gap.starts_on, month.starts_on), min(gap.ends_on, month.ends_on)
        if end <= start:
            continue
        span = DatePeriod(start, end)
        amount = None if line.metered is None else float(line.metered) * factor * span.days / month.days
        places = (("enterprise", line.enterprise_id),)
        pieces.append(
            Activity(
                0, kind, told.carrier, told.scope, told.category, amount, span, None, line.measured, places, origin
            )
        )
    return pieces
