"""A month's statements as charges: each line of a firm opens its tariff, its meters and what was shared out, and by what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from parkbrain.billing.queries import ProposedCharge, Reason, month_before
from parkbrain.calc.billing import split_gross
from parkbrain.kernel.models import Park
from parkbrain.leasing.queries import list_utilities

from ..models import EnergyKind, EnergyTariff, MonthStatement, StatementLine
from ..models.meters import UNIT_LABELS, UNIT_OF_KIND
from .clauses import DUE_AFTER_DAYS, OWN, SHARED, FirmTerms, by_firm, clause_gaps, clause_reasons, share_charges

SHARED_ITEMS = ("public", "loss")


def propose_charges(*, park: Park, starts_on: date, ends_on: date) -> list[ProposedCharge]:
    """Return what firms owe for the use of the month before: a month is known only once it has ended.

    The utilities clauses of leases say how: by the firm's own meters and the tariff, which is also so where no lease
    speaks of it, or by a share of the park's bill or common use. What a clause wants by another tariff is a gap.
    """
    month = month_before(starts_on)
    lines = StatementLine.objects.filter(
        statement__park=park, statement__month_on=month, amount_yuan__isnull=False
    ).select_related("statement", "enterprise")
    tariffs = _tariffs(park, month, starts_on)
    firms = by_firm(terms=list_utilities(park=park, starts_on=month, ends_on=starts_on))
    charges = share_charges(
        firms=firms, statements=_statements(park, month), tariffs=tariffs, month=month, ends_on=starts_on
    )
    for line in lines.order_by("statement__energy_kind", "enterprise"):
        tariff = tariffs.get(line.statement.energy_kind)
        firm = firms.get((line.enterprise_id, line.statement.energy_kind))
        if firm is not None and firm.other_tariff(tariff):
            continue
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
    lines = StatementLine.objects.filter(
        statement__park=park, statement__month_on=month, amount_yuan__isnull=True
    ).select_related("statement", "enterprise")
    firms = by_firm(terms=list_utilities(park=park, starts_on=month, ends_on=starts_on))
    of_clauses = clause_gaps(
        firms=firms, statements=_statements(park, month), tariffs=_tariffs(park, month, starts_on), month=month
    )
    # Who pays a share of the whole is not charged by meters, known or not.
    by_meter = [x for x in lines if not _pays_share(firms.get((x.enterprise_id, x.statement.energy_kind)))]
    return [
        Reason(
            "energy.not_known",
            {
                "firm_zh": line.enterprise.name_zh_hans,
                "firm_en": line.enterprise.name_en,
                "energy": line.statement.energy_kind,
                "month": f"{month:%Y-%m}",
            },
            "firm_energy",
            (park.pk, line.enterprise_id),
        )
        for line in by_meter
    ] + of_clauses


def _pays_share(firm: FirmTerms | None) -> bool:
    return firm is not None and firm.drops("flat")


def _statements(park: Park, month: date) -> dict[str, MonthStatement]:
    return {s.energy_kind: s for s in MonthStatement.objects.filter(park=park, month_on=month)}


def _tariffs(park: Park, month: date, end_on: date) -> dict[str, EnergyTariff]:
    """Return the tariff in whose tax rate the month was worked out: the first of it, by kind."""
    found = EnergyTariff.objects.filter(park=park, starts_on__lt=end_on).order_by("-starts_on")
    return {t.energy_kind: t for t in found if t.ends_on is None or t.ends_on > month}


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
    rate = tariff.tax_rate if tariff is not None else Decimal(0)
    gross = Decimal(charge["amount"])
    net, tax = split_gross(gross, rate)
    is_shared = item in SHARED_ITEMS
    reasons = _reasons_of_shared(park, line, charge) if is_shared else _reasons_of_own(park, line, charge, tariff)
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
    park: Park, line: StatementLine, charge: Mapping[str, str], tariff: EnergyTariff | None
) -> list[Reason]:
    values = _values(line, charge)
    counted = ", ".join(f"{code}: {use:.2f}" for code, use in line.meters if use is not None)
    reasons = [
        Reason("energy.counted", {**values, "meters": counted, "metered": str(line.metered)}, *_page(park, line)),
        Reason("energy.item", values),
    ]
    if tariff is not None:
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
