"""What of deposits is due and held, by firm; the entries it comes from, and what tells one from another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import Exists, OuterRef, Q

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


#: What tells an entry of a deposit from the others of a park: credit code, day, kind, and which of those it is.
EntryKey = tuple[str, date, str, int]


def find_standing_entries(*, park: Park) -> Mapping[EntryKey, DepositEntry]:
    """Return the entries of a park's deposits that hold, by what a register names them by.

    Left out are entries that were undone, with what undid them, and what somebody else asks for ("lease:12"): that is
    noted again from what was agreed.
    """
    rows = DepositEntry.objects.filter(park=park, undoes__isnull=True, undone_by__isnull=True)
    rows = rows.exclude(Q(kind=DepositEntry.Kind.DUE) & ~Q(reference="")).select_related("enterprise", "bill")
    entries: dict[EntryKey, DepositEntry] = {}
    counts: Counter[tuple[str, date, str]] = Counter()
    for entry in rows.order_by("enterprise__uscc", "booked_on", "pk"):
        alike = (entry.enterprise.uscc, entry.booked_on, str(entry.kind))
        counts[alike] += 1
        entries[*alike, counts[alike]] = entry
    return entries


def entry_texts(*, entry: DepositEntry) -> dict[str, str]:
    """Return reference and reason of an entry as a register has them; a bill of ours is a number elsewhere."""
    return {"reference": entry.reference or (entry.bill.number if entry.bill else ""), "reason": entry.reason}
