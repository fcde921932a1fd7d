from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from parkbrain.billing import queries, services
from parkbrain.billing.models import Bill, BillRun, ManualCharge
from parkbrain.billing.queries import ChargeSource, ProposedCharge, Reason
from parkbrain.kernel import approvals
from parkbrain.kernel.models import Approval, Park, User
from parkbrain.kernel.roles import Role
from tests.factories import AT, make_enterprise, make_occupancy, make_park, make_premises, make_user

JUNE = date(2026, 6, 1)
JULY = date(2026, 7, 1)
D = Decimal


@dataclass
class Money:
    """A park with two firms, somebody who bills and somebody who approves."""

    park: Park
    clerk: User
    second: User
    firm: object
    other: object

    def rent(self, firm=None, amount="1000.00", *, month=JUNE, tax="0.09", **values) -> ManualCharge:
        wanted = {
            "kind": "RENT",
            "starts_on": month,
            "ends_on": queries.month_after(month),
            "due_on": month.replace(day=5),
            "net_yuan": D(amount),
            "tax_rate": D(tax),
            "reason": "rent as agreed",
            **values,
        }
        return services.add_charge(park=self.park, enterprise=firm or self.firm, actor=self.clerk, at=AT, **wanted)

    def preview(self, month=JUNE) -> BillRun:
        run = services.begin_run(park=self.park, month_on=month, issued_on=month, actor=self.clerk, at=AT)
        return services.preview_run(run=run, actor=self.clerk, at=AT)

    def bill(self, month=JUNE) -> BillRun:
        run = self.preview(month)
        asked = services.ask_to_approve_run(run=run, actor=self.clerk, at=AT)
        assert isinstance(asked, Approval)
        approvals.decide_approval(approval=asked, approve=True, actor=self.second, at=AT)
        run.refresh_from_db()
        return run

    def bill_of(self, firm=None, *, month=JUNE) -> Bill:
        return Bill.objects.filter(enterprise=firm or self.firm, month_on=month).latest("pk")

    def pay(self, amount, firm=None, *, on=date(2026, 6, 4), **values):
        incoming = services.Incoming(firm or self.firm, Decimal(amount), on, **values)
        return services.receive_payment(park=self.park, incoming=incoming, actor=self.clerk, at=AT)


@pytest.fixture
def money(db) -> Money:
    park = make_park()
    firms = [make_enterprise(), make_enterprise()]
    for firm in firms:
        make_occupancy(premises=make_premises(park=park), enterprise=firm, starts_on=date(2024, 1, 1))
    clerk = make_user(Role.OPERATOR, park.branch, full_name="Clerk")
    second = make_user(Role.OPERATOR, park.branch, full_name="Second person")
    return Money(park, clerk, second, *firms)


class Told:
    """A source of charges that proposes what a test puts into it."""

    def __init__(self) -> None:
        self.charges: dict[date, list[ProposedCharge]] = {}
        self.refusal: Reason | None = None
        self.gaps: list[Reason] = []

    def __call__(self, *, park, starts_on, ends_on):
        if self.refusal:
            raise queries.CannotPropose(self.refusal)
        return self.charges.get(starts_on, [])

    def propose(self, firm, amount, *, month=JUNE, key="", **values) -> None:
        wanted = {
            "kind": "RENT",
            "starts_on": month,
            "ends_on": queries.month_after(month),
            "due_on": month.replace(day=5),
            "tax_rate": D(0),
            "tax_yuan": D(0),
            **values,
        }
        key = key or f"told:{firm.pk}:{month:%Y-%m}"
        one = ProposedCharge(key=key, enterprise_id=firm.pk, net_yuan=D(amount), **wanted)
        rest = [c for c in self.charges.get(month, []) if c.key != key]
        self.charges[month] = [*rest, one]


@pytest.fixture
def told(monkeypatch) -> Told:
    told = Told()
    source = ChargeSource("test.told", "Told by a test", told, gaps=lambda **_period: told.gaps)
    monkeypatch.setitem(queries.charge_sources._items, source.key, source)
    return told


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield
