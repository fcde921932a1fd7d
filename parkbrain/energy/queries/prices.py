"""What a month of an energy kind is priced by: the park's own tariffs, and by firm those that leases name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from parkbrain.calc.energy_bills import Rates, parse_rates
from parkbrain.kernel.models import Park
from parkbrain.leasing.queries import list_utilities

from ..models import EnergyTariff
from .basis import FOREVER_US
from .by_tariff import TariffSpan, list_tariffs, own_tariffs, spans_by_firm

#: Beginning and end [µs since 1970 UTC) of what a tariff prices.
Dated = tuple[int, int, Rates]
Micros = Callable[[date], int]


@dataclass(frozen=True)
class Prices:
    """The tariffs of a month. `named` are those of firms whose leases name one, with the tax rate of the first of them."""

    own: list[Dated]
    own_tax: Decimal
    named: dict[int, tuple[list[Dated], Decimal]]
    spans: dict[int, list[TariffSpan]]

    @classmethod
    def of(cls, *, park: Park, energy_kind: str, days: tuple[date, date], us: Micros) -> Prices:
        """Read the tariffs of the days [first, last) and the clauses that name one; `us` says when a local day begins."""
        first, last = days
        held = list_tariffs(park=park, energy_kind=energy_kind, starts_on=first, ends_on=last)
        own = own_tariffs(tariffs=held)
        terms = list_utilities(park=park, starts_on=first, ends_on=last, supply=energy_kind, names_tariff=True)
        spans = spans_by_firm(terms=terms, tariffs=held, starts_on=first, ends_on=last)
        return cls(
            [_dated(us, t.starts_on, t.ends_on, t) for t in own],
            own[0].tax_rate if own else Decimal(0),
            {pk: _named(us, rows) for pk, rows in spans.items()},
            spans,
        )

    def of_firm(self, pk: int) -> tuple[list[Dated], Decimal]:
        """Return the tariffs of a firm's own use, and the tax rate of the first of them."""
        return self.named.get(pk, (self.own, self.own_tax))


def _dated(us: Micros, starts_on: date, ends_on: date | None, tariff: EnergyTariff) -> Dated:
    return us(starts_on), FOREVER_US if ends_on is None else us(ends_on), parse_rates(tariff.rates)


def _named(us: Micros, spans: Sequence[TariffSpan]) -> tuple[list[Dated], Decimal]:
    # Days whose tariff is not in force have no price: then the firm's month has none.
    held = [(s, s.tariff) for s in spans if s.tariff is not None]
    rates = [_dated(us, s.starts_on, s.ends_on, tariff) for s, tariff in held]
    return rates, held[0][1].tax_rate if held else Decimal(0)
