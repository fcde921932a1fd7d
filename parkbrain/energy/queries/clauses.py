"""What leases say of supplies, applied to a month's statements: own meter by a tariff, or a share of the park's bill."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from parkbrain.billing.queries import ProposedCharge, Reason
from parkbrain.calc.billing import split_gross
from parkbrain.leasing.queries import UtilityTerm

from ..models import EnergyKind, EnergyTariff, MonthStatement
from ..models.meters import UNIT_LABELS, UNIT_OF_KIND
from .by_tariff import TariffSpan, spans_by_firm

CENT = Decimal("0.01")
#: Days after the beginning of the month that bills use of the month before.
DUE_AFTER_DAYS = 14
OWN = {EnergyKind.ELECTRICITY: "ELECTRICITY", EnergyKind.WATER: "WATER", EnergyKind.GAS: "GAS"}
SHARED = {
    EnergyKind.ELECTRICITY: "SHARED_ELECTRICITY",
    EnergyKind.WATER: "SHARED_WATER",
    EnergyKind.GAS: "SHARED_GAS",
}


@dataclass(frozen=True)
class FirmTerms:
    """The utilities clauses of a firm for one supply in a month."""

    terms: Sequence[UtilityTerm]
    #: The days by tariff, where another than the park's own prices some.
    spans: Sequence[TariffSpan] = ()

    @property
    def metered(self) -> list[UtilityTerm]:
        """The clauses by which its own meters count."""
        return [t for t in self.terms if t.way == "TARIFF"]

    def shares(self, of: str) -> list[UtilityTerm]:
        """The clauses by which it pays a share: of the WHOLE supply or of the PUBLIC use."""
        return [t for t in self.terms if t.way == "SHARE" and t.share_of == of]

    def drops(self, item: str) -> bool:
        """Whether an item of the firm's statement is not charged, because a share takes its place."""
        if self.shares("WHOLE") and not self.metered:
            return True
        return item == "public" and bool(self.shares("PUBLIC"))

    @property
    def unpriced(self) -> UtilityTerm | None:
        """A clause that names a tariff which nobody has recorded for its days."""
        return next((s.term for s in self.spans if s.tariff is None and s.term is not None), None)


def by_firm(
    *, terms: Iterable[UtilityTerm], tariffs: Sequence[EnergyTariff], starts_on: date, ends_on: date
) -> dict[tuple[int, str], FirmTerms]:
    """Return the clauses of the days [starts_on, ends_on) by firm and supply, each with the tariffs that they name."""
    found: dict[str, dict[int, list[UtilityTerm]]] = {}
    for term in terms:
        found.setdefault(term.supply, {}).setdefault(term.enterprise.pk, []).append(term)
    firms = {}
    for supply, rows in found.items():
        of_supply = [t for t in tariffs if t.energy_kind == supply]
        said = [t for of_firm in rows.values() for t in of_firm]
        spans = spans_by_firm(terms=said, tariffs=of_supply, starts_on=starts_on, ends_on=ends_on)
        firms.update({(pk, supply): FirmTerms(of_firm, spans.get(pk, ())) for pk, of_firm in rows.items()})
    return firms


def clause_reasons(*, firm: FirmTerms | None, month: date) -> list[Reason]:
    """Return which clause lets the firm's own meters count; nothing where no lease speaks of it."""
    return [
        Reason("energy.clause_tariff", _values(t, month), "lease_clause", (t.clause_id,))
        for t in (firm.metered if firm else ())
    ][:1]


def share_charges(
    *,
    firms: Mapping[tuple[int, str], FirmTerms],
    statements: Mapping[str, MonthStatement],
    tariffs: Mapping[str, EnergyTariff],
    month: date,
    ends_on: date,
) -> list[ProposedCharge]:
    """Return what firms owe by shares of a month: percent × days that the clause covers × the park's bill or common use."""
    charges = []
    for (_pk, supply), firm in sorted(firms.items()):
        seen: Counter[str] = Counter()
        for term in (t for t in firm.terms if t.way == "SHARE"):
            base = _base(term, statements.get(supply))
            if base is not None:
                seen[term.lease_number] += 1
                number = seen[term.lease_number]
                charges.append(_share(term, base, statements[supply], tariffs.get(supply), month, ends_on, number))
    return charges


def _base(term: UtilityTerm, statement: MonthStatement | None) -> tuple[Decimal, Decimal] | None:
    """Return the quantity that is shared and its price; None where the month does not know them."""
    price = statement.inputs.get("mean_price") if statement is not None else None
    quantity = None if statement is None else statement.supply if term.share_of == "WHOLE" else statement.public
    if not price or quantity is None:
        return None
    return Decimal(str(quantity)), Decimal(str(price))


def _share(
    term: UtilityTerm,
    base: tuple[Decimal, Decimal],
    statement: MonthStatement,
    tariff: EnergyTariff | None,
    month: date,
    ends_on: date,
    number: int,
) -> ProposedCharge:
    kind = EnergyKind(term.supply)
    days, whole_days = (term.ends_on - term.starts_on).days, (ends_on - month).days
    part = (term.share_percent or Decimal(0)) / 100 * days / whole_days
    quantity = (base[0] * part).quantize(CENT, ROUND_HALF_UP)
    gross = (quantity * base[1]).quantize(CENT, ROUND_HALF_UP)
    rate = tariff.tax_rate if tariff is not None else Decimal(0)
    net, tax = split_gross(gross, rate)
    item = "share" if term.share_of == "WHOLE" else "public"
    unit = UNIT_LABELS[UNIT_OF_KIND[kind]]
    said = _said(term, base, statement, month, (days, whole_days), (quantity, gross), item)
    reasons = [Reason("energy.clause_share", said, "lease_clause", (term.clause_id,))]
    reasons += [Reason("energy.mean_price", said, "energy_bills", (statement.park_id,)), Reason("energy.item", said)]
    if rate:
        reasons.append(Reason("energy.tax_within", {"tax": str(tax), "rate": str(rate), "gross": str(gross)}))
    return ProposedCharge(
        key=f"energy:{kind}:{month:%Y-%m}:{term.enterprise.pk}:{item}:{term.lease_number}"
        + (f":{number}" if number > 1 else ""),
        enterprise_id=term.enterprise.pk,
        kind=(OWN if item == "share" else SHARED).get(kind, "OTHER_ENERGY"),
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        due_on=ends_on + timedelta(days=DUE_AFTER_DAYS),
        net_yuan=net,
        tax_rate=rate,
        tax_yuan=tax,
        quantity=quantity,
        unit=unit,
        unit_price_yuan=base[1],
        reasons=tuple(reasons),
    )


def _said(
    term: UtilityTerm,
    base: tuple[Decimal, Decimal],
    statement: MonthStatement,
    month: date,
    days: tuple[int, int],
    owed: tuple[Decimal, Decimal],
    item: str,
) -> dict[str, Any]:
    """Return the numbers of a share as its explanation names them."""
    return {
        **_values(term, month),
        "of": term.share_of,
        "whole": f"{base[0]:.2f}",
        "share": str((term.share_percent or Decimal(0)) / 100),
        "days": days[0],
        "month_days": days[1],
        "unit": UNIT_LABELS[UNIT_OF_KIND[EnergyKind(term.supply)]],
        "item": item,
        "quantity": str(owed[0]),
        "price": str(base[1]),
        "amount": str(owed[1]),
        "supply": f"{statement.supply or 0:.2f}",
        "bill": str(statement.amount_yuan or ""),
    }


def clause_gaps(
    *,
    firms: Mapping[tuple[int, str], FirmTerms],
    statements: Mapping[str, MonthStatement],
    metered: Collection[tuple[int, str]],
    month: date,
) -> list[Reason]:
    """Return the clauses that cannot be charged.

    A share of what is not known, a tariff that nobody has recorded, own meters of which the month has none (`metered` are
    the firms and supplies with one).
    """
    gaps = []
    for (pk, supply), firm in sorted(firms.items()):
        for term in (t for t in firm.terms if t.way == "SHARE"):
            if _base(term, statements.get(supply)) is None:
                gaps.append(Reason("energy.share_unknown", _values(term, month), "lease_clause", (term.clause_id,)))
        if firm.metered and (pk, supply) not in metered:
            said = _values(firm.metered[0], month)
            gaps.append(Reason("energy.no_meter", said, "lease_clause", (firm.metered[0].clause_id,)))
        elif firm.unpriced is not None:
            said = _values(firm.unpriced, month)
            gaps.append(Reason("energy.other_tariff", said, "lease_clause", (firm.unpriced.clause_id,)))
    return gaps


def _values(term: UtilityTerm, month: date) -> dict[str, Any]:
    return {
        "lease": term.lease_number,
        "energy": term.supply,
        "month": f"{month:%Y-%m}",
        "tariff": term.tariff,
        "firm_zh": term.enterprise.name_zh_hans,
        "firm_en": term.enterprise.name_en,
    }
