"""Money of deposits from other books: taken in entry by entry; what is booked here already stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain.enterprises.models import Enterprise
from parkbrain.kernel import audit, bulk
from parkbrain.kernel.models import Park, User
from parkbrain.space.services import Recorded
from parkbrain.space.services.upsert import CREATE, NOTHING

from ..models import Deposit, DepositEntry
from ..queries import EntryKey, entry_texts, find_standing_entries
from .common import CannotBook, check_firm, check_may, lock_park
from .deposits import CENT, keep_sums

KIND = DepositEntry.Kind
Row = Mapping[str, Any]


class CannotTakeDeposit(CannotBook):
    """The register says something of a deposit that cannot be taken in."""


@dataclass(frozen=True)
class RowFault:
    """What is wrong with a row: the column it lies in, a machine code, and the words for people."""

    field: str
    code: str
    said: str


def _key(row: Row) -> EntryKey:
    return (row["uscc"], row["booked_on"], str(row["kind"]), int(row.get("number") or 1))


def _order(row: Row) -> tuple[bool, date, int]:
    """Return where a row comes: what came in before what was paid out of it, as on a page only the sum counts."""
    return (row["kind"] in DepositEntry.TAKES, row["booked_on"], int(row.get("number") or 1))


def check_deposit_rows(*, park: Park | None, rows: Sequence[Row], today: date) -> dict[int, RowFault]:
    """Return what is wrong with rows about deposits, by their place; nothing where the row says what is booked already."""
    known = set(booked := dict(find_standing_entries(park=park)) if park is not None else {})
    held: dict[str, Decimal] = {}
    if park is not None:
        deposits = Deposit.objects.filter(park=park, enterprise__uscc__in={r["uscc"] for r in rows})
        held = dict(deposits.values_list("enterprise__uscc", "held_yuan"))
    faults = {}
    for place in sorted(range(len(rows)), key=lambda n: _order(rows[n])):
        row, key = rows[place], _key(rows[place])
        before = held.get(row["uscc"], Decimal(0))
        if key in booked:
            fault = _differs(row, booked[key])
        else:
            fault = _out_of_turn(key, known) or _fault_of(row, today, before)
            known.add(key)
            if fault is None:
                held[row["uscc"]] = before + _effect(row)
        if fault is not None:
            faults[place] = fault
    return faults


def _effect(row: Row) -> Decimal:
    amount = Decimal(row["amount_yuan"])
    if row["kind"] in DepositEntry.ADDS:
        return amount
    return -amount if row["kind"] in DepositEntry.TAKES else Decimal(0)


def _out_of_turn(key: EntryKey, known: set[EntryKey]) -> RowFault | None:
    if key not in known and (key[3] == 1 or (*key[:3], key[3] - 1) in known):
        return None
    return RowFault("number", "out_of_turn", _("Entries of one firm, day and kind are numbered 1, 2, 3 …"))


def _differs(row: Row, entry: DepositEntry) -> RowFault | None:
    texts = entry_texts(entry=entry)
    if row["amount_yuan"] != entry.amount_yuan:
        field = "amount_yuan"
    else:
        field = next((n for n in texts if n in row and (row[n] or "") != texts[n]), "")
    if not field:
        return None
    said = _(
        "This entry is booked here already with %(amount)s yuan: undo it on the page of the deposit, then book anew."
    )
    return RowFault(field, "booked_already", said % {"amount": entry.amount_yuan})


def _fault_of(row: Row, today: date, held: Decimal) -> RowFault | None:
    kind, amount = str(row["kind"]), Decimal(row["amount_yuan"])
    if amount <= 0 or amount != amount.quantize(CENT):
        said = _("The amount has to be more than zero, in yuan with at most two places.")
        return RowFault("amount_yuan", "not_an_amount", said)
    if row["booked_on"] > today and kind != KIND.DUE:
        return RowFault("booked_on", "lies_ahead", _("The day lies ahead."))
    if kind in DepositEntry.TAKES and amount > held:
        said = _("Only %(held)s yuan of the firm's deposit are held.") % {"held": held}
        return RowFault("amount_yuan", "more_than_held", said)
    if kind in {KIND.REFUNDED, KIND.FORFEITED} and not row.get("reason"):
        return RowFault("reason", "missing", _("Say why: the reason stays beside the amount."))
    if kind == KIND.SET_OFF and not row.get("reference"):
        return RowFault("reference", "missing", _("Name the bill that it was set off against; nothing is paid here."))
    if kind == KIND.DUE and row.get("reference"):
        said = _("What is due has no reference: what a lease asks comes with the lease.")
        return RowFault("reference", "due_elsewhere", said)
    return None


@transaction.atomic
def record_deposit_entries(
    *, park: Park, rows: Sequence[Row], actor: User | None, at: datetime
) -> list[Recorded[DepositEntry]]:
    """Record entries of deposits by firm, day, kind and number; each firm's deposit then says what they come to.

    An entry that was booked here already is not changed: the row may only say what is so. What was set off in other books
    names the bill in its reference; nothing of it is paid here.

    :raises CannotTakeDeposit: a row differs from what is booked, leaves a number out, lies ahead, lacks what its kind
        needs, or takes more than is held.
    :raises CannotBook: a firm was never in the park, or the actor may not.
    """
    check_may(park=park, actor=actor, refusal=CannotBook)
    lock_park(park=park)
    faults = check_deposit_rows(park=park, rows=rows, today=timezone.localdate(at))
    for place, fault in faults.items():
        raise CannotTakeDeposit(f"{rows[place]['uscc']} {rows[place]['booked_on']}: {fault.said}")
    booked = find_standing_entries(park=park)
    firms = {e.uscc: e for e in Enterprise.objects.filter(uscc__in={r["uscc"] for r in rows})}
    outcomes: dict[int, Recorded[DepositEntry]] = {}
    made = []
    for place in sorted(range(len(rows)), key=lambda n: _order(rows[n])):
        row = rows[place]
        if current := booked.get(_key(row)):
            outcomes[place] = Recorded(current, NOTHING, {})
            continue
        if row["uscc"] not in firms:
            raise CannotTakeDeposit(_("There is no enterprise %(code)s.") % {"code": row["uscc"]})
        made.append(_entry_of(row, park, firms[row["uscc"]], actor, at))
        outcomes[place] = Recorded(made[-1], CREATE, {})
    for firm in {e.enterprise_id: e.enterprise for e in made}.values():
        check_firm(park=park, enterprise=firm, refusal=CannotBook)
    bulk.insert_rows(model=DepositEntry, rows=made)
    for firm_id in dict.fromkeys(e.enterprise_id for e in made):
        keep_sums(park=park, enterprise_id=firm_id)
    told = [(e, {"kind": e.kind, "amount": str(e.amount_yuan)}) for e in made]
    audit.record_many("billing.deposit.taken_in", targets=told, actor=actor, at=at, park=park)
    return [outcomes[place] for place in range(len(rows))]


def _entry_of(row: Row, park: Park, firm: Enterprise, actor: User | None, at: datetime) -> DepositEntry:
    return DepositEntry(
        park=park,
        enterprise=firm,
        kind=str(row["kind"]),
        booked_on=row["booked_on"],
        amount_yuan=Decimal(row["amount_yuan"]),
        reference=row.get("reference") or "",
        reason=row.get("reason") or "",
        recorded_by=actor,
        recorded_at=at,
    )
