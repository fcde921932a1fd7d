"""What of deposits is due and held, by firm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel.models import Park, User

from ..models import DepositEntry

ZERO = Decimal(0)


@dataclass(frozen=True)
class Deposit:
    """A firm's deposit in a park: what was agreed, what is held, and the sums by kind of entry."""

    due_yuan: Decimal = ZERO
    received_yuan: Decimal = ZERO
    set_off_yuan: Decimal = ZERO
    refunded_yuan: Decimal = ZERO
    forfeited_yuan: Decimal = ZERO

    @property
    def held_yuan(self) -> Decimal:
        """What the operator holds."""
        return self.received_yuan - self.set_off_yuan - self.refunded_yuan - self.forfeited_yuan

    @property
    def missing_yuan(self) -> Decimal:
        """What the firm still has to deposit or top up; nothing once it was given back or forfeited."""
        return max(ZERO, self.due_yuan - self.held_yuan - self.refunded_yuan - self.forfeited_yuan)


_FIELDS = {
    "DUE": "due_yuan",
    "RECEIVED": "received_yuan",
    "TOPPED_UP": "received_yuan",
    "SET_OFF": "set_off_yuan",
    "REFUNDED": "refunded_yuan",
    "FORFEITED": "forfeited_yuan",
}


def _sum_up(entries: Iterable[tuple[int, str, Decimal]]) -> dict[int, Deposit]:
    sums: dict[int, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for firm, kind, amount in entries:
        sums[firm][_FIELDS[kind]] += amount
    return {firm: Deposit(**found) for firm, found in sums.items()}


def get_deposit(*, park: Park, enterprise_id: int) -> Deposit:
    """Return the deposit of a firm in a park; nothing is due and held where it has no entry."""
    entries = DepositEntry.objects.filter(park=park, enterprise=enterprise_id).order_by()
    found = _sum_up(entries.values_list("enterprise_id", "kind", "amount_yuan"))
    return found.get(enterprise_id, Deposit())


@dataclass(frozen=True)
class FirmDeposit:
    """A firm with its deposit."""

    enterprise: Enterprise
    deposit: Deposit


def list_deposits(*, park: Park, user: User) -> list[FirmDeposit]:
    """Return the deposits of a park that the person may see, by the firm's name."""
    entries = DepositEntry.objects.visible_to(user).filter(park=park).order_by()
    found = _sum_up(entries.values_list("enterprise_id", "kind", "amount_yuan"))
    firms = Enterprise.objects.filter(pk__in=found)
    return sorted((FirmDeposit(f, found[f.pk]) for f in firms), key=lambda d: d.enterprise.name)
