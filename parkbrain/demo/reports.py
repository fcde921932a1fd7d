"""What the demo's people have sent to them regularly: a brief each, and a list of leases."""

from __future__ import annotations

from datetime import datetime

from parkbrain.cockpit import services
from parkbrain.kernel.models import Park, User


def schedule_reports(*, park: Park, operator: User, bureau: User, at: datetime) -> None:
    """Schedule the briefs of an operator and of a bureau, and the leases that end soon."""
    services.schedule_report(
        name="园区日报", report_key="cockpit.brief_day", park=park, kind="pdf", every="DAY", actor=operator, at=at
    )
    services.schedule_report(
        name="90 天内到期租约",
        list_key="leasing.leases",
        query=f"park={park.pk}&within=90",
        park=park,
        kind="xlsx",
        every="WEEK",
        actor=operator,
        at=at,
    )
    services.schedule_report(
        name="全市月报", report_key="cockpit.city_brief_month", kind="pdf", every="MONTH", actor=bureau, at=at
    )
