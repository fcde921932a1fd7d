"""What the demo's people have sent to them regularly, a brief each and a list of leases, and the briefs that were sent."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from parkbrain.billing.models import Bill
from parkbrain.billing.services import Incoming, receive_payments
from parkbrain.cockpit import services
from parkbrain.kernel.models import Park, User

from .living import moment

#: The briefs of so many days and months before the demo's day were sent.
DAYS_SENT, MONTHS_SENT = 3, 2
#: A payment of some days ago that was entered only after that day's brief had gone out.
LATE_DAYS, LATE_YUAN = 2, Decimal(1200)


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


def keep_briefs(*, park: Park, operator: User, bureau: User, on: date) -> None:
    """Send the briefs of the last days and months; one of them speaks of a day on which money was entered late."""
    for back in range(DAYS_SENT, 0, -1):
        day = on - timedelta(days=back)
        services.keep_brief(user=operator, park=park, kind="day", on=day, at=moment(day - timedelta(days=1), 23))
    last = on.replace(day=1)
    for _month in range(MONTHS_SENT):
        last = last.replace(day=1) - timedelta(days=1)
        for user, of in ((operator, park), (bureau, None)):
            services.keep_brief(user=user, park=of, kind="month", on=last, at=moment(last, 23))
    _pay_late(park, operator, on)


def _pay_late(park: Park, clerk: User, on: date) -> None:
    bills = Bill.objects.filter(park=park, due_on__lt=on, open_yuan__gt=LATE_YUAN).awaiting()
    bill = bills.select_related("enterprise").order_by("due_on", "pk").first()
    if bill is None:
        return
    paid_on = on - timedelta(days=LATE_DAYS)
    payer = bill.enterprise.name_zh_hans
    incoming = Incoming(bill.enterprise, LATE_YUAN, paid_on, reference=bill.number, payer=payer, bills=[bill])
    receive_payments(park=park, incoming=[incoming], actor=clerk, at=moment(on, 3))
