"""By which tariff a firm's days are charged: the one that a clause of its lease names, else the park's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from django.db.models import Q

from parkbrain.kernel.models import Park
from parkbrain.leasing.queries import UtilityTerm, list_utilities

from ..models import EnergyTariff, MonthStatement
from .use import month_after


@dataclass(frozen=True)
class TariffSpan:
    """The days [starts_on, ends_on) that a tariff prices; None where the named one is not in force."""

    starts_on: date
    ends_on: date
    tariff: EnergyTariff | None
    term: UtilityTerm | None = None

    def as_json(self) -> list[Any]:
        """Return the span as a statement keeps it beside its lines."""
        number = None if self.tariff is None else self.tariff.pk
        return [self.starts_on.isoformat(), self.ends_on.isoformat(), number]


def list_tariffs(*, park: Park, starts_on: date, ends_on: date, energy_kind: str = "") -> list[EnergyTariff]:
    """Return the tariffs of a park that hold on days of [starts_on, ends_on), the earliest first."""
    still = Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on)
    found = EnergyTariff.objects.filter(still, park=park, starts_on__lt=ends_on)
    if energy_kind:
        found = found.filter(energy_kind=energy_kind)
    return list(found.order_by("energy_kind", "code", "starts_on"))


def own_tariffs(*, tariffs: Iterable[EnergyTariff]) -> list[EnergyTariff]:
    """Return those that hold for the park's supply and for every firm whose lease names no other."""
    return [t for t in tariffs if not t.code]


def spans_by_firm(
    *, terms: Iterable[UtilityTerm], tariffs: Sequence[EnergyTariff], starts_on: date, ends_on: date
) -> dict[int, list[TariffSpan]]:
    """Return, for each firm whose clauses name a tariff that is not the park's own, its days of [starts_on, ends_on) in order.

    `terms` and `tariffs` are those of one supply. Where two leases of a firm name tariffs on the same day, the one whose
    clause began last counts.
    """
    named: dict[int, list[UtilityTerm]] = {}
    for term in terms:
        if term.way == "TARIFF" and term.tariff:
            named.setdefault(term.enterprise.pk, []).append(term)
    found = {pk: _spans(rows, tariffs, starts_on, ends_on) for pk, rows in named.items()}
    own = set(map(id, own_tariffs(tariffs=tariffs)))
    return {pk: spans for pk, spans in found.items() if any(s.tariff is None or id(s.tariff) not in own for s in spans)}


def _spans(
    terms: Sequence[UtilityTerm], tariffs: Sequence[EnergyTariff], starts_on: date, ends_on: date
) -> list[TariffSpan]:
    turns = [d for t in terms for d in (t.starts_on, t.ends_on)] + [
        d for t in tariffs for d in (t.starts_on, t.ends_on)
    ]
    days = sorted({starts_on, ends_on, *(d for d in turns if d is not None and starts_on < d < ends_on)})
    spans: list[TariffSpan] = []
    for first, last in pairwise(days):
        held = [t for t in tariffs if t.starts_on <= first and (t.ends_on is None or t.ends_on > first)]
        term = max((t for t in terms if t.starts_on <= first < t.ends_on), key=lambda t: t.starts_on, default=None)
        tariff = _own_of(held) if term is None else named_tariff(name=term.tariff, tariffs=held)
        if spans and (spans[-1].tariff, spans[-1].term) == (tariff, term):
            spans[-1] = TariffSpan(spans[-1].starts_on, last, tariff, term)
        else:
            spans.append(TariffSpan(first, last, tariff, term))
    return spans


def _own_of(held: Iterable[EnergyTariff]) -> EnergyTariff | None:
    return next((t for t in held if not t.code), None)


def named_tariff(*, name: str, tariffs: Sequence[EnergyTariff]) -> EnergyTariff | None:
    """Return the tariff that a clause means: by its code first, then by a name or the document it comes from."""
    wanted = name.strip().casefold()
    by_code = next((t for t in tariffs if t.code and t.code.casefold() == wanted), None)
    if by_code is not None:
        return by_code
    told = ((t, (t.name_zh_hans, t.name_zh_hant, t.name_en, t.source)) for t in tariffs)
    return next((t for t, names in told if wanted in {n.strip().casefold() for n in names if n}), None)


def list_named_spans(*, park: Park, statements: Sequence[MonthStatement]) -> dict[int, dict[int, list[TariffSpan]]]:
    """Return, for each statement of months that were worked out, what `spans_by_firm` says of it now."""
    if not statements:
        return {}
    first, last = min(s.month_on for s in statements), month_after(max(s.month_on for s in statements))
    terms = list_utilities(park=park, starts_on=first, ends_on=last, names_tariff=True)
    tariffs = list_tariffs(park=park, starts_on=first, ends_on=last)
    return {s.pk: _spans_of_month(s, terms, tariffs) for s in statements}


def _spans_of_month(
    statement: MonthStatement, terms: Sequence[UtilityTerm], tariffs: Sequence[EnergyTariff]
) -> dict[int, list[TariffSpan]]:
    kind, first, last = statement.energy_kind, statement.month_on, month_after(statement.month_on)
    within = [
        replace(t, starts_on=max(t.starts_on, first), ends_on=min(t.ends_on, last))
        for t in terms
        if t.supply == kind and t.starts_on < last and t.ends_on > first
    ]
    held = [
        t for t in tariffs if t.energy_kind == kind and t.starts_on < last and (t.ends_on is None or t.ends_on > first)
    ]
    return spans_by_firm(terms=within, tariffs=held, starts_on=first, ends_on=last)


def as_kept(*, spans: Mapping[int, Sequence[TariffSpan]]) -> dict[str, list[list[Any]]]:
    """Return the spans by firm as a statement keeps them: another answer later means that it has to be worked out anew."""
    return {str(pk): [s.as_json() for s in rows] for pk, rows in sorted(spans.items())}
