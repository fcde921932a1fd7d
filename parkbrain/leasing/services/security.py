"""Deposits and guarantees as agreed."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.billing.services import CannotBook, ask_deposit
from parkbrain.calc import leases as calc
from parkbrain.kernel import audit
from parkbrain.kernel.models import User

from ..models import DepositTerm, Guarantee, Lease
from ..queries import first_rents
from .common import CannotChangeLease, check_may_lease


@transaction.atomic
def agree_deposit(
    *,
    lease: Lease,
    due_on: date,
    actor: User | None,
    at: datetime,
    months_of_rent: Decimal | None = None,
    amount_yuan: Decimal | None = None,
    remark: str = "",
) -> DepositTerm:
    """Agree a deposit: so many months of the first rent, or an amount.

    :raises CannotChangeLease: both or neither is given, or the actor may not.
    """
    check_may_lease(park=lease.park, actor=actor)
    if (months_of_rent is None) == (amount_yuan is None):
        raise CannotChangeLease(_("A deposit is so many months of rent or an amount: give one of the two."))
    term = DepositTerm.objects.create(
        lease=lease, due_on=due_on, months_of_rent=months_of_rent, amount_yuan=amount_yuan, remark=remark
    )
    audit.record("leasing.deposit.agreed", target=lease, actor=actor, at=at, park=lease.park, due_on=due_on.isoformat())
    return term


@transaction.atomic
def record_guarantee(
    *,
    lease: Lease,
    kind: str,
    guarantor: str,
    actor: User | None,
    at: datetime,
    amount_yuan: Decimal | None = None,
    valid_to_on: date | None = None,
) -> Guarantee:
    """Record a guarantee that somebody gave for a lease.

    :raises CannotChangeLease: the actor may not change the leases of the park.
    """
    check_may_lease(park=lease.park, actor=actor)
    given = Guarantee.objects.create(
        lease=lease, kind=kind, guarantor=guarantor, amount_yuan=amount_yuan, valid_to_on=valid_to_on
    )
    audit.record("leasing.guarantee.recorded", target=lease, actor=actor, at=at, park=lease.park, guarantor=guarantor)
    return given


def ask_deposits(*, lease: Lease, actor: User | None, at: datetime) -> None:
    """Note in the books what the firm has to deposit; what is noted already stays as it is.

    :raises CannotChangeLease: the actor may not book money in the park.
    """
    rent = sum(first_rents(lease=lease).values(), Decimal(0))
    for term in lease.deposit_terms.all():
        amount = term.amount_yuan if term.amount_yuan is not None else rent * (term.months_of_rent or Decimal(0))
        if amount <= 0:
            continue
        try:
            ask_deposit(
                park=lease.park,
                enterprise=lease.enterprise,
                amount_yuan=calc.round_to(amount, Decimal("0.01")),
                due_on=term.due_on,
                reference=f"lease:{lease.pk}:{term.pk}",
                actor=actor,
                at=at,
            )
        except CannotBook as refusal:
            raise CannotChangeLease(str(refusal)) from refusal
