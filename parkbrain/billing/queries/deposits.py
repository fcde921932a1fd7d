"""What of deposits is due and held, by firm; the entries it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef

from parkbrain.kernel.models import Park

from ..models import Deposit, DepositEntry


def get_deposit(*, park: Park, enterprise_id: int) -> Deposit:
    """Return the deposit of a firm in a park; one that is not stored, with nothing due and held, where it has no entry."""
    found = Deposit.objects.filter(park=park, enterprise=enterprise_id).first()
    return found or Deposit(park=park, enterprise_id=enterprise_id)


def list_deposit_entries(*, deposit: Deposit) -> Sequence[DepositEntry]:
    """Return the entries of a deposit, the newest first; `is_undone` says that another one took it back."""
    undone = DepositEntry.objects.filter(undoes=OuterRef("pk"))
    rows = DepositEntry.objects.filter(park=deposit.park_id, enterprise=deposit.enterprise_id)
    rows = rows.select_related("bill", "payment", "recorded_by", "undoes").annotate(is_undone=Exists(undone))
    return list(rows.order_by("-booked_on", "-pk"))
