"""A month's statements as charges: each line of a firm opens its tariff, its meters and what was shared out, and by what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from parkbrain.billing.queries import ProposedCharge, Reason, month_before
from parkbrain.calc.billing import split_gross
from parkbrain.kernel.models import Park
from parkbrain.leasing.queries import list_utilities

from ..models import EnergyKind, EnergyTariff, MonthStatement, StatementLine
from ..models.meters import UNIT_LABELS, UNIT_OF_KIND
from .by_tariff import list_tariffs, own_tariffs
from .clauses import DUE_AFTER_DAYS, OWN, SHARED, FirmTerms, by_firm, clause_gaps, clause_reasons, share_charges

SHARED_ITEMS = ("public", "loss")


def propose_charges(*, park: Park, starts_on: date, ends_on: date) -> list[ProposedCharge]:
    """Return what firms owe for the use of the month before: a month is known only once it has ended.

    The utilities clauses of leases say how: by the firm's own meters and the tariff, which is also so where no lease
    speaks of it, or by a share of the park's bill or common use. A tariff that a clause names and nobody has recorded for
    those days is a gap.
    """
    month = month_before(starts_on)
    statements = _statements(park, month)
    tariffs, firms = _terms(park, month, starts_on)
    charges = share_charges(firms=firms, statements=statements, tariffs=tariffs, month=month, ends_on=starts_on)
    for line in _lines(statements):
        firm = firms.get((line.enterprise_id, line.statement.energy_kind))
        if line.amount_yuan is None or _is_stale(line, firm):
            continue
        tariff = tariffs.get(line.statement.energy_kind)
        seen: Counter[str] = Counter()
        for charge in line.charges:
            if firm is not None and firm.drops(charge["item"]):
                continue
            # A tariff that changes within the month charges a band twice.
            seen[charge["item"]] += 1
            charges.append(_charge(park, line, charge, tariff, starts_on, seen[charge["item"]], firm))
    return charges


def list_gaps(*, park: Park, starts_on: date, ends_on: date) -> list[Reason]:
    """Return the firms whose use of the month before is not wholly known, so that they get no charge for it."""
    month = month_before(starts_on)
    statements = _statements(park, month)
    lines = _lines(statements)
    _held, firms = _terms(park, month, starts_on)
    known = {(line.enterprise_id, line.statement.energy_kind) for line in lines}
    gaps = clause_gaps(firms=firms, statements=statements, metered=known, month=month)
    for line in lines:
        firm = firms.get((line.enterprise_id, line.statement.energy_kind))
        # Who pays a share of the whole is not charged by meters, known or not.
        if firm is not None and (firm.drops("flat") or firm.unpriced):
            continue
        code = "worked_out_anew" if _is_stale(line, firm) else "not_known" if line.amount_yuan is None else ""
        if code:
            gaps.append(_gap_of(park, line, code))
    return gaps


def _gap_of(park: Park, line: StatementLine, code: str) -> Reason:
    values = {
        "firm_zh": line.enterprise.name_zh_hans,
        "firm_en": line.enterprise.name_en,
        "energy": line.statement.energy_kind,
        "month": f"{line.statement.month_on:%Y-%m}",
    }
    return Reason(f"energy.{code}", values, "firm_energy", (park.pk, line.enterprise_id))


def _is_stale(line: StatementLine, firm: FirmTerms | None) -> bool:
    """Say whether leases name other tariffs by now than the month reckoned with: never is anything charged by those."""
    kept = line.statement.inputs.get("named_tariffs", {}).get(str(line.enterprise_id), [])
    return bool(kept != [span.as_json() for span in (firm.spans if firm is not None else ())])


def _terms(park: Park, month: date, end_on: date) -> tuple[dict[str, EnergyTariff], dict[tuple[int, str], FirmTerms]]:
    """Return the park's own tariffs by kind, the first of the month, and the utilities clauses by firm and supply."""
    tariffs = list_tariffs(park=park, starts_on=month, ends_on=end_on)
    own = {t.energy_kind: t for t in reversed(own_tariffs(tariffs=tariffs))}
    terms = list_utilities(park=park, starts_on=month, ends_on=end_on)
    return own, by_firm(terms=terms, tariffs=tariffs, starts_on=month, ends_on=end_on)


def _statements(park: Park, month: date) -> dict[str, MonthStatement]:
    """Return the month by kind of energy with its lines: read once, what it was made of is read once too."""
    lines = Prefetch("lines", StatementLine.objects.select_related("enterprise").order_by("enterprise"))
    found = MonthStatement.objects.filter(park=park, month_on=month).order_by("energy_kind").prefetch_related(lines)
    return {statement.energy_kind: statement for statement in found}


def _lines(statements: Mapping[str, MonthStatement]) -> list[StatementLine]:
    return [line for statement in statements.values() for line in statement.lines.all()]


def _charge(
    park: Park,
    line: StatementLine,
    charge: Mapping[str, str],
    tariff: EnergyTariff | None,
    ends_on: date,
    number: int,
    firm: FirmTerms | None,
) -> ProposedCharge:
    statement, item = line.statement, charge["item"]
    kind = EnergyKind(statement.energy_kind)
    is_shared = item in SHARED_ITEMS
    # Common use and loss are priced by the park's supply; the firm's own use by the tariff that its lease names, if any.
    held = [tariff] if is_shared or firm is None or not firm.spans else [s.tariff for s in firm.spans]
    named = [t for t in held if t is not None]
    rate = named[0].tax_rate if named else Decimal(0)
    gross = Decimal(charge["amount"])
    net, tax = split_gross(gross, rate)
    reasons = _reasons_of_shared(park, line, charge) if is_shared else _reasons_of_own(park, line, charge, named)
    if not is_shared:
        reasons = [*clause_reasons(firm=firm, month=statement.month_on), *reasons]
    if rate:
        reasons.append(Reason("energy.tax_within", {"tax": str(tax), "rate": str(rate), "gross": str(gross)}))
    return ProposedCharge(
        key=f"energy:{kind}:{statement.month_on:%Y-%m}:{line.enterprise_id}:{item}"
        + (f":{number}" if number > 1 else ""),
        enterprise_id=line.enterprise_id,
        kind=(SHARED if is_shared else OWN).get(kind, "OTHER_ENERGY"),
        starts_on=statement.month_on,
        ends_on=ends_on,
        due_on=ends_on + timedelta(days=DUE_AFTER_DAYS),
        net_yuan=net,
        tax_rate=rate,
        tax_yuan=tax,
        quantity=Decimal(charge["quantity"]),
        unit=UNIT_LABELS[UNIT_OF_KIND[kind]],
        unit_price_yuan=Decimal(charge["price"]),
        reasons=tuple(reasons),
    )


def _page(park: Park, line: StatementLine) -> tuple[str, tuple[int, int]]:
    return "firm_energy", (park.pk, line.enterprise_id)


def _values(line: StatementLine, charge: Mapping[str, str]) -> dict[str, Any]:
    kind = line.statement.energy_kind
    return {
        **charge,
        "energy": kind,
        "unit": UNIT_LABELS[UNIT_OF_KIND[kind]],
        "month": f"{line.statement.month_on:%Y-%m}",
    }


def _reasons_of_own(
    park: Park, line: StatementLine, charge: Mapping[str, str], tariffs: Sequence[EnergyTariff]
) -> list[Reason]:
    values = _values(line, charge)
    counted = ", ".join(f"{code}: {use:.2f}" for code, use in line.meters if use is not None)
    reasons = [
        Reason("energy.counted", {**values, "meters": counted, "metered": str(line.metered)}, *_page(park, line)),
        Reason("energy.item", values),
    ]
    for tariff in tariffs:
        named = {"name_zh": tariff.name_zh_hans, "name_en": tariff.name_en, "source": tariff.source}
        since = {**named, "since": tariff.starts_on.isoformat(), "energy": tariff.energy_kind}
        reasons.append(Reason("energy.tariff", since, "energy_bills", (park.pk,)))
    if line.measured < 1:
        reasons.append(Reason("energy.measured", {"share": f"{line.measured:.4f}"}))
    return reasons


def _reasons_of_shared(park: Park, line: StatementLine, charge: Mapping[str, str]) -> list[Reason]:
    """Return the annex formula with its numbers: what was shared, by which weight, at which price, and the coefficient."""
    statement, item = line.statement, charge["item"]
    inputs, values = statement.inputs, _values(line, charge)
    whole = statement.public if item == "public" else statement.loss
    weights: Mapping[str, str] = inputs.get(f"{item}_weights") or {}
    total = sum((Decimal(w) for w in weights.values() if w), Decimal(0))
    rule = (inputs.get("rule") or {}).get(f"{item}_by", "")
    shared = {
        **values,
        "whole": "" if whole is None else f"{whole:.2f}",
        "by": rule,
        "weight": weights.get(line.enterprise.uscc, ""),
        "weights": str(total),
    }
    reasons = [Reason("energy.shared", shared, "energy_bills", (park.pk,))]
    if statement.supply is not None and statement.metered is not None and statement.public is not None:
        sums = {
            "supply": f"{statement.supply:.2f}",
            "metered": f"{statement.metered:.2f}",
            "public": f"{statement.public:.2f}",
            "loss": "" if statement.loss is None else f"{statement.loss:.2f}",
            "coefficient": inputs.get("coefficient") or "",
        }
        reasons.append(Reason("energy.coefficient", {**values, **sums}))
    if statement.amount_yuan is not None and statement.supply is not None:
        cost = {"bill": str(statement.amount_yuan), "supply": f"{statement.supply:.2f}", "price": charge["price"]}
        reasons.append(Reason("energy.mean_price", {**values, **cost}))
    reasons.append(Reason("energy.item", values))
    return reasons


def get_grid_cost(*, park: Park, month_on: date) -> Decimal | None:
    """Return what the park's electricity of a month cost by the supply meters and the tariff; None where unknown."""
    statement = MonthStatement.objects.filter(park=park, energy_kind=EnergyKind.ELECTRICITY, month_on=month_on).first()
    return None if statement is None else statement.amount_yuan
