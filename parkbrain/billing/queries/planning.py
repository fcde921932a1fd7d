"""What a month's run would bill: what is new, what a correction changed, what is not owed any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from parkbrain.calc.billing import split_gross, tax_on_net
from parkbrain.calc.metering.instants import month_after as month_after
from parkbrain.calc.metering.instants import month_before as month_before
from parkbrain.kernel.models import Park
from parkbrain.kernel.reading import read_once

from ..models import BillRun, Charge, ChargeOverride, ManualCharge
from .sources import CannotPropose, ChargeSource, ProposedCharge, Reason, charge_sources

#: Keys that are asked for together.
_BLOCK = 2000
ZERO = Decimal(0)
MANUAL = "billing.manual"


@dataclass(frozen=True)
class Planned:
    """A charge that a run would bill; one that `adjusts` another holds only what differs from what was billed."""

    charge: ProposedCharge
    source: str
    month_on: date
    adjusts_id: int | None = None
    is_overridden: bool = False


@dataclass(frozen=True)
class Plan:
    """Everything a run would bill, and what its sources could not say."""

    charges: Sequence[Planned]
    gaps: Sequence[Mapping[str, Any]]


@dataclass
class _Billed:
    """A charge that was billed, with its corrections."""

    pk: int
    source: str
    month_on: date
    charge: ProposedCharge
    net: Decimal
    tax: Decimal
    corrections: int = 0


def plan_run(*, park: Park, month_on: date, looks_back: bool = True) -> Plan:
    """Return what a run of the month would bill now, held against everything that was billed already.

    Without `looks_back` earlier months are not asked again: for months billed one after another in one go.
    """
    issued = BillRun.objects.filter(park=park, state__in=BillRun.ISSUED, month_on__lt=month_on)
    billed_months = set(issued.values_list("month_on", flat=True)) if looks_back else set()
    touched = _months_set_by_hand(park, month_on)
    proposals: list[tuple[ProposedCharge, str, date]] = []
    asked: set[tuple[str, date]] = set()
    gaps: list[dict[str, Any]] = []
    with read_once():
        for source in charge_sources:
            answers = _ask(source, park, _months_of(source, month_on, billed_months, touched))
            for month, found in answers.items():
                if isinstance(found, CannotPropose):
                    gaps.append({"source": source.key, "blocks": True, "reason": found.reason.as_json()})
                    continue
                asked.add((source.key, month))
                proposals += [(one, source.key, month) for one in found]
            if source.gaps is not None:
                missing = source.gaps(park=park, starts_on=month_on, ends_on=month_after(month_on))
                gaps += [{"source": source.key, "blocks": False, "reason": one.as_json()} for one in missing]
    return Plan(_held_against_bills(park, proposals, asked), gaps)


def _ask(
    source: ChargeSource, park: Park, months: Sequence[date]
) -> Mapping[date, Sequence[ProposedCharge] | CannotPropose]:
    """Return what a source proposes for each of the months, or why it cannot."""
    if source.months is not None and len(months) > 1:
        return source.months(park=park, months=months)
    answers: dict[date, Sequence[ProposedCharge] | CannotPropose] = {}
    for month in months:
        try:
            answers[month] = source.charges(park=park, starts_on=month, ends_on=month_after(month))
        except CannotPropose as refusal:
            answers[month] = refusal
    return answers


def _months_of(source: ChargeSource, month_on: date, billed: set[date], touched: set[date]) -> list[date]:
    """Return the month of the run, those the source looks back to, and those in which somebody set an amount since."""
    month, back = month_on, set()
    for _step in range(source.look_back_months):
        month = month_before(month)
        back.add(month)
    return [month_on, *sorted(billed & (back | touched))]


def _months_set_by_hand(park: Park, month_on: date) -> set[date]:
    """Return the earlier months with amounts that were set or taken back since bills were last issued."""
    last = BillRun.objects.filter(park=park, state__in=BillRun.ISSUED).aggregate(at=Max("approved_at"))["at"]
    if last is None:
        return set()
    since = Q(set_at__gte=last) | Q(undone_at__gte=last)
    rows = ChargeOverride.objects.filter(since, park=park, month_on__lt=month_on)
    return set(rows.order_by().values_list("month_on", flat=True))


def _held_against_bills(
    park: Park, proposals: Sequence[tuple[ProposedCharge, str, date]], asked: set[tuple[str, date]]
) -> list[Planned]:
    billed = _read_billed(park, [p.key for p, _source, _month in proposals], {month for _key, month in asked})
    overrides = {o.key: o for o in ChargeOverride.objects.filter(park=park, undone_at__isnull=True)}
    planned, seen = [], set()
    for proposed, source, month in proposals:
        if proposed.key in seen:
            continue
        seen.add(proposed.key)
        override = overrides.get(proposed.key)
        wanted = _set_by_hand(proposed, override) if override else proposed
        known = billed.get(proposed.key)
        if known is None:
            planned.append(Planned(wanted, source, month, is_overridden=override is not None))
        elif correction := _correction(known, wanted, Reason("billing.corrected", _amounts(known, wanted))):
            planned.append(Planned(correction, source, month, known.pk, override is not None))
    for key, known in billed.items():
        # What a person set stays as it was set, whatever the rule says of it now.
        if key in seen or key in overrides or (known.source, known.month_on) not in asked:
            continue
        nothing = replace(known.charge, net_yuan=ZERO, tax_yuan=ZERO, quantity=None, unit_price_yuan=None, reasons=())
        if correction := _correction(known, nothing, Reason("billing.not_owed", _amounts(known, nothing))):
            planned.append(Planned(correction, known.source, known.month_on, known.pk))
    return planned


def _set_by_hand(proposed: ProposedCharge, override: ChargeOverride) -> ProposedCharge:
    net, tax = split_gross(override.amount_yuan, proposed.tax_rate)
    values = {
        "amount": str(override.amount_yuan),
        "rule": str(proposed.gross_yuan),
        "reason": override.reason,
        "who": str(override.set_by or ""),
        "on": timezone.localdate(override.set_at).isoformat(),
    }
    said = Reason("billing.override", values, "billing_corrections", (override.park_id,))
    return replace(proposed, net_yuan=net, tax_yuan=tax, unit_price_yuan=None, reasons=(said, *proposed.reasons))


def _amounts(known: _Billed, wanted: ProposedCharge) -> dict[str, str]:
    return {"before": str(known.net + known.tax), "after": str(wanted.gross_yuan)}


def _correction(known: _Billed, wanted: ProposedCharge, why: Reason) -> ProposedCharge | None:
    """Return the charge that makes what was billed what it should be; None where it is that already."""
    net, tax = wanted.net_yuan - known.net, wanted.tax_yuan - known.tax
    if not net and not tax:
        return None
    return replace(
        wanted,
        key=f"{known.charge.key}#{known.corrections + 1}",
        net_yuan=net,
        tax_yuan=tax,
        quantity=None,
        unit="",
        unit_price_yuan=None,
        reasons=(replace(why, url_name="billing_charge", url_args=(known.pk,)), *wanted.reasons),
    )


_COLUMNS = [
    "pk",
    "key",
    "source",
    "month_on",
    "enterprise_id",
    "kind",
    "starts_on",
    "ends_on",
    "due_on",
    "net_yuan",
    "tax_rate",
    "tax_yuan",
    "premises_id",
]


def _read_billed(park: Park, keys: Sequence[str], months: set[date]) -> dict[str, _Billed]:
    """Return what was billed in the months or under the keys, each with the sum of its corrections."""
    rows = Charge.objects.filter(park=park, bill__isnull=False, adjusts__isnull=True).order_by()
    found: dict[str, _Billed] = {}

    def read(part: Iterable[tuple[Any, ...]]) -> None:
        for pk, key, source, month, firm, kind, start, end, due, net, rate, tax, place in part:
            charge = ProposedCharge(key, firm, kind, start, end, due, net, rate, tax, place)
            found[key] = _Billed(pk, source, month, charge, net, tax)

    read(rows.filter(month_on__in=months).values_list(*_COLUMNS))
    others = [key for key in dict.fromkeys(keys) if key not in found]
    for start in range(0, len(others), _BLOCK):
        read(rows.filter(key__in=others[start : start + _BLOCK]).values_list(*_COLUMNS))
    by_pk = {billed.pk: billed for billed in found.values()}
    sums: dict[int, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    corrections = Charge.objects.filter(park=park, bill__isnull=False, adjusts__isnull=False).order_by()
    for pk, net, tax in corrections.values_list("adjusts_id", "net_yuan", "tax_yuan") if by_pk else ():
        sums[pk].append((net, tax))
    for pk, amounts in sums.items():
        if pk in by_pk:
            by_pk[pk].net += sum((net for net, _tax in amounts), ZERO)
            by_pk[pk].tax += sum((tax for _net, tax in amounts), ZERO)
            by_pk[pk].corrections = len(amounts)
    return found


def propose_manual(*, park: Park, starts_on: date, ends_on: date) -> list[ProposedCharge]:
    """Return the charges entered by hand whose period begins in the month, without those that were taken back."""
    rows = ManualCharge.objects.filter(
        park=park, starts_on__gte=starts_on, starts_on__lt=ends_on, undone_at__isnull=True
    ).select_related("set_by")
    return [
        ProposedCharge(
            key=f"manual:{row.pk}",
            enterprise_id=row.enterprise_id,
            premises_id=row.premises_id,
            kind=row.kind,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            due_on=row.due_on,
            net_yuan=row.net_yuan,
            tax_rate=row.tax_rate,
            tax_yuan=tax_on_net(row.net_yuan, row.tax_rate),
            quantity=row.quantity,
            unit=row.unit,
            unit_price_yuan=row.unit_price_yuan,
            reasons=_reasons_of_manual(row),
        )
        for row in rows.order_by("pk")
    ]


def _reasons_of_manual(row: ManualCharge) -> list[Reason]:
    entered = {"reason": row.reason, "who": str(row.set_by or ""), "on": timezone.localdate(row.set_at).isoformat()}
    said = [Reason("billing.manual", entered, "billing_corrections", (row.park_id,))]
    if row.quantity is not None and row.unit_price_yuan is not None:
        values = {"quantity": str(row.quantity), "unit": row.unit, "price": str(row.unit_price_yuan)}
        said.append(Reason("billing.quantity_times_price", {**values, "net": str(row.net_yuan)}))
    if row.tax_rate:
        tax = tax_on_net(row.net_yuan, row.tax_rate)
        said.append(Reason("billing.tax", {"rate": str(row.tax_rate), "net": str(row.net_yuan), "tax": str(tax)}))
    return said


MANUAL_SOURCE = ChargeSource(
    MANUAL,
    gettext_lazy("Entered by hand"),
    propose_manual,
    # Taking one back months later still corrects the bill it stood on.
    look_back_months=12,
)


def source_label(*, key: str) -> str | Promise:
    """Return the name of a source; its key where this version does not know it."""
    source = charge_sources.get(key)
    return source.label if source else key
