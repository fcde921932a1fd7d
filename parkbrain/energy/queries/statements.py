"""A month of an energy kind: who used how much, what was common, what was lost, and what it comes to."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from parkbrain.calc.energy_bills import DECIMALS, charge_hours, mean_price, net_of_tax
from parkbrain.calc.tariffs import ChargeLine, allocate, round_quantity
from parkbrain.enterprises.models import EnterpriseReturn, Occupancy
from parkbrain.kernel.models import Park

from ..models import AllocationRule, Meter, MeterParent, MeterUse
from .basis import FOREVER_US, to_us
from .by_tariff import as_kept
from .packed import park_zone
from .prices import Dated, Prices
from .use import get_use, month_after

Mask = npt.NDArray[np.bool_]
Hours = npt.NDArray[np.float64]
BY = AllocationRule.By
PAYERS = (MeterUse.Kind.PREMISES, MeterUse.Kind.ENTERPRISE)


@dataclass
class Payer:
    """An enterprise with its use by hour, the meters it comes from, and its weights."""

    enterprise_id: int
    uscc: str
    hours: Hours
    measured: Hours
    meters: dict[str, float] = field(default_factory=dict)
    area_days: float = 0.0

    @property
    def metered(self) -> Decimal | None:
        """What its meters counted; None where an hour is unknown."""
        total = self.hours.sum()
        return None if np.isnan(total) else round_quantity(float(total), DECIMALS)


@dataclass(frozen=True)
class Line:
    """What an enterprise used and owes."""

    enterprise_id: int
    metered: Decimal | None
    public_share: Decimal | None
    loss_share: Decimal | None
    charges: list[dict[str, str]]
    meters: list[list[Any]]
    amount_yuan: Decimal | None
    tax_yuan: Decimal | None
    measured: float


@dataclass(frozen=True)
class Statement:
    """A month worked out: sums, inputs, lines; `digest` tells whether it says something new."""

    supply: float | None
    metered: float | None
    public: float | None
    loss: float | None
    amount_yuan: Decimal | None
    inputs: dict[str, Any]
    lines: tuple[Line, ...]

    @property
    def digest(self) -> str:
        """What it says, as one number."""
        said: list[Any] = [self.supply, self.metered, self.public, self.loss, str(self.amount_yuan), self.inputs]
        said += [[str(value) for value in vars(line).values()] for line in self.lines]
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


class _Use(NamedTuple):
    """What a meter serves, and the enterprise where it serves one itself."""

    meter_id: int
    premises_id: int | None
    enterprise_id: int | None
    uscc: str
    share: Decimal
    starts_on: date
    ends_on: date | None


class _Stay(NamedTuple):
    """Who was in premises from when to when; plain columns, because every kind and month reads a park's stays."""

    premises_id: int
    enterprise_id: int
    uscc: str
    area_m2: float
    starts_on: date
    ends_on: date | None


class _Month:
    """What a month's statement is worked out from, read once."""

    def __init__(self, park: Park, energy_kind: str, month_on: date) -> None:
        self.park, self.kind, self.first_on, self.end_on = park, energy_kind, month_on, month_after(month_on)
        self.zone = park_zone()
        self.meters = {m.pk: m for m in Meter.objects.filter(park=park, energy_kind=energy_kind)}
        links = MeterParent.objects.filter(meter__in=self.meters).overlapping(self.first_on, self.end_on)
        self.links: dict[int, list[MeterParent]] = defaultdict(list)
        for link in links:
            self.links[link.parent_id].append(link)
        uses = MeterUse.objects.filter(meter__in=self.meters, kind__in=PAYERS)
        served = uses.overlapping(self.first_on, self.end_on).values_list(
            "meter_id", "premises_id", "enterprise_id", "enterprise__uscc", "share", "starts_on", "ends_on"
        )
        self.uses = [_Use(*row) for row in served]
        stays = Occupancy.objects.filter(premises__park=park).overlapping(self.first_on, self.end_on)
        there = stays.order_by("premises", "starts_on").values_list(
            "premises_id", "enterprise_id", "enterprise__uscc", "premises__billing_area_m2", "starts_on", "ends_on"
        )
        self.stays: dict[int, list[_Stay]] = defaultdict(list)
        for stay in map(_Stay._make, there):
            self.stays[stay.premises_id].append(stay)
        self.use = get_use(meters=list(self.meters), starts_on=self.first_on, ends_on=self.end_on, step="hour")
        self.borders = next(iter(self.use.values())).borders_us if self.use else np.array([0, 1], dtype=np.int64)
        self.paying = {u.meter_id for u in self.uses}

    def mask(self, starts_on: date, ends_on: date | None) -> Mask:
        """Return the hours of the month that lie in a period of days."""
        start = self.us(starts_on)
        end = FOREVER_US if ends_on is None else self.us(ends_on)
        return (self.borders[:-1] >= start) & (self.borders[:-1] < end)

    def us(self, day: date) -> int:
        """Return the beginning of a local day."""
        return to_us(datetime.combine(day, time(), self.zone))

    def in_use(self, meter: Meter) -> Mask:
        """Return the hours in which the meter was there."""
        return self.mask(meter.installed_on or date.min.replace(year=1971), meter.removed_on)

    def net_hours(self, meter_id: int) -> Hours:
        """Return what a meter counted without what paying meters below it counted."""
        return self.use[meter_id].use - self._paid_below(meter_id, np.ones(self.borders.size - 1, dtype=bool))

    def _paid_below(self, meter_id: int, held: Mask) -> Hours:
        below = np.zeros(self.borders.size - 1)
        for link in self.links[meter_id]:
            mask = held & self.mask(link.starts_on, link.ends_on)
            if link.meter_id in self.paying:
                below += np.where(mask, self.use[link.meter_id].use, 0.0)
            else:
                below += self._paid_below(link.meter_id, mask)
        return below


def work_out_statement(*, park: Park, energy_kind: str, month_on: date) -> Statement | None:
    """Return what a month of an energy kind comes out as; None where the park has no meter of the kind."""
    month = _Month(park, energy_kind, month_on)
    if not month.meters:
        return None
    payers, vacant = _payers(month)
    missing = sorted(code for p in payers.values() if p.metered is None for code in p.meters)
    supply, supply_hours, roots = _supply(month)
    public, commons = _public(month, vacant)
    metered = (
        None if any(p.metered is None for p in payers.values()) else sum(float(p.hours.sum()) for p in payers.values())
    )
    loss = None if supply is None or public is None or metered is None else supply - metered - public
    prices = Prices.of(park=park, energy_kind=energy_kind, days=(month.first_on, month.end_on), us=month.us)
    price, amount, refusal = _supply_price(month, supply_hours, supply, prices.own)
    rule = AllocationRule.objects.filter(park=park, energy_kind=energy_kind).current_on(month.first_on).first()
    public_shares, public_weights = _shares(month, payers, rule.public_by if rule else BY.NONE, public, rule)
    loss_shares, loss_weights = _shares(month, payers, rule.loss_by if rule else BY.NONE, loss, rule)
    lines = tuple(
        _line(month, p, prices, price, public_shares.get(p.uscc), loss_shares.get(p.uscc))
        for p in sorted(payers.values(), key=lambda p: p.uscc)
    )
    inputs = {
        "supply_meters": roots,
        "common_meters": commons,
        "rule": {"public_by": rule.public_by, "loss_by": rule.loss_by} if rule else None,
        "public_weights": public_weights,
        "loss_weights": loss_weights,
        "coefficient": None if loss is None or not metered else str(round((loss + (public or 0.0)) / metered, 6)),
        "mean_price": None if price is None else str(price),
        "missing": missing,
        "refusal": refusal,
    }
    if prices.spans:
        inputs["named_tariffs"] = as_kept(spans=prices.spans)
    supply, metered, public, loss = (None if v is None else round(v, 6) for v in (supply, metered, public, loss))
    return Statement(supply, metered, public, loss, amount, inputs, lines)


def _payers(month: _Month) -> tuple[dict[int, Payer], Hours]:
    """Return the enterprises with their use, and the use of premises in which nobody was."""
    payers: dict[int, Payer] = {}
    vacant = np.zeros(month.borders.size - 1)
    net = {pk: month.net_hours(pk) for pk in month.paying}
    for use in month.uses:
        held = month.mask(use.starts_on, use.ends_on) & month.in_use(month.meters[use.meter_id])
        part = net[use.meter_id] * float(use.share)
        if use.enterprise_id is not None:
            _add(month, payers, use.meter_id, (use.enterprise_id, use.uscc), part, held)
            continue
        there = np.zeros_like(held)
        for stay in month.stays.get(use.premises_id or 0, []):
            mask = held & month.mask(stay.starts_on, stay.ends_on)
            there |= mask
            _add(month, payers, use.meter_id, (stay.enterprise_id, stay.uscc), part, mask)
        vacant += np.where(held & ~there, part, 0.0)
    for stays in month.stays.values():
        for stay in stays:
            if stay.enterprise_id in payers:
                hours = int(month.mask(stay.starts_on, stay.ends_on).sum())
                payers[stay.enterprise_id].area_days += stay.area_m2 * hours / 24
    return payers, vacant


def _add(
    month: _Month, payers: dict[int, Payer], meter_id: int, enterprise: tuple[int, str], part: Hours, mask: Mask
) -> None:
    if not mask.any():
        return
    count = month.borders.size - 1
    payer = payers.setdefault(enterprise[0], Payer(*enterprise, np.zeros(count), np.ones(count)))
    taken = np.where(mask, part, 0.0)
    payer.hours = payer.hours + taken
    payer.measured = np.where(mask, np.minimum(payer.measured, month.use[meter_id].measured), payer.measured)
    code = month.meters[meter_id].code
    payer.meters[code] = round(payer.meters.get(code, 0.0) + float(taken.sum()), 6)


def _supply(month: _Month) -> tuple[float | None, Hours | None, list[list[Any]]]:
    """Return what came into the park: its level-1 meters, generation added, what was given away taken off."""
    children = {link.meter_id for links in month.links.values() for link in links}
    roots = [
        m for m in month.meters.values() if m.level == Meter.Level.SUPPLY and m.pk not in children and not m.is_virtual
    ]
    if not roots:
        return None, None, []
    hours = np.zeros(month.borders.size - 1)
    listed: list[list[Any]] = []
    for meter in sorted(roots, key=lambda m: m.code):
        sign = -1.0 if meter.flow == Meter.Flow.OUT else 1.0
        own = np.where(month.in_use(meter), month.use[meter.pk].use, 0.0)
        hours = hours + sign * own
        total = float(own.sum())
        listed.append([meter.code, None if np.isnan(total) else round(sign * total, 6)])
    total = float(hours.sum())
    return (None, None, listed) if np.isnan(total) else (total, hours, listed)


def _public(month: _Month, vacant: Hours) -> tuple[float | None, list[list[Any]]]:
    """Return what meters at the ends of the tree counted that serve no enterprise, and premises that stood empty."""
    inner = {parent for parent, links in month.links.items() if links}
    total = float(vacant.sum())
    listed: list[list[Any]] = [["", None if np.isnan(total) else round(total, 6)]] if total else []
    for meter in sorted(month.meters.values(), key=lambda m: m.code):
        if meter.pk in inner or meter.pk in month.paying or meter.is_virtual or meter.level == Meter.Level.SUPPLY:
            continue
        own = float(np.where(month.in_use(meter), month.use[meter.pk].use, 0.0).sum())
        listed.append([meter.code, None if np.isnan(own) else round(own, 6)])
        total += own
    return (None if np.isnan(total) else total), listed


def _supply_price(
    month: _Month, hours: Hours | None, supply: float | None, tariffs: Sequence[Dated]
) -> tuple[Decimal | None, Decimal | None, str]:
    """Return what a unit of the supply cost on average, and the whole of it; or why not."""
    if hours is None or supply is None:
        return None, None, "supply_unknown"
    try:
        lines = charge_hours(hours, month.borders, month.zone, tariffs)
    except ValueError:
        return None, None, "no_tariff"
    return mean_price(lines, round_quantity(supply, DECIMALS)), sum((x.amount for x in lines), Decimal(0)), ""


def _shares(
    month: _Month, payers: Mapping[int, Payer], by: str, amount: float | None, rule: AllocationRule | None
) -> tuple[dict[str, Decimal], dict[str, str]]:
    """Return each enterprise's part of an amount and the weights, by credit code; nothing where it cannot be shared."""
    if by == BY.NONE or amount is None or not payers:
        return {}, {}
    weights = _weights(month, payers, by, rule)
    if any(w is None for w in weights.values()) or sum(w or Decimal(0) for w in weights.values()) <= 0:
        return {}, {key: "" if w is None else str(w) for key, w in weights.items()}
    known = {key: w for key, w in weights.items() if w is not None}
    whole = round_quantity(amount, DECIMALS)
    shares = allocate(whole, known, unit=Decimal(1).scaleb(-DECIMALS))
    return {s.key: s.amount for s in shares}, {key: str(w) for key, w in known.items()}


def _weights(
    month: _Month, payers: Mapping[int, Payer], by: str, rule: AllocationRule | None
) -> dict[str, Decimal | None]:
    if by == BY.USE:
        return {p.uscc: p.metered for p in payers.values()}
    if by == BY.AREA:
        return {p.uscc: round_quantity(p.area_days, DECIMALS) for p in payers.values()}
    if by == BY.FIXED:
        fixed = rule.fixed_shares if rule else {}
        return {p.uscc: Decimal(str(fixed.get(p.uscc, "0"))) for p in payers.values()}
    staff: dict[int, int | None] = {}
    returns = EnterpriseReturn.objects.filter(enterprise__in=payers, year__lt=month.first_on.year)
    for pk, count in returns.order_by("year").values_list("enterprise", "staff_count"):
        staff[pk] = count if count is not None else staff.get(pk)
    return {p.uscc: None if (n := staff.get(p.enterprise_id)) is None else Decimal(n) for p in payers.values()}


def _line(
    month: _Month,
    payer: Payer,
    prices: Prices,
    price: Decimal | None,
    public: Decimal | None,
    loss: Decimal | None,
) -> Line:
    charges: list[ChargeLine] | None = None
    tariffs, tax_rate = prices.of_firm(payer.enterprise_id)
    if payer.metered is not None:
        try:
            charges = charge_hours(payer.hours, month.borders, month.zone, tariffs)
        except ValueError:
            charges = None
    shared = []
    for item, quantity in (("public", public), ("loss", loss)):
        if quantity and price is not None:
            shared.append(ChargeLine(item, quantity, price, (quantity * price).quantize(Decimal("0.01"))))
    lines = None if charges is None else [*charges, *shared]
    amount = None if lines is None else _sum(lines)
    tax = None if charges is None else _tax(charges, shared, tax_rate, prices.own_tax)
    hours = payer.hours != 0
    return Line(
        payer.enterprise_id,
        payer.metered,
        public,
        loss,
        [{name: str(value) for name, value in vars(line).items()} for line in lines or shared],
        [[code, None if np.isnan(use) else use] for code, use in sorted(payer.meters.items())],
        amount,
        tax,
        round(float(payer.measured[hours].mean()), 6) if hours.any() else 1.0,
    )


def _sum(lines: Sequence[ChargeLine]) -> Decimal:
    return sum((line.amount for line in lines), Decimal(0))


def _tax(own: Sequence[ChargeLine], shared: Sequence[ChargeLine], rate: Decimal, shared_rate: Decimal) -> Decimal:
    """Return the tax within: at one rate it is rounded once."""
    if rate == shared_rate:
        return net_of_tax(_sum([*own, *shared]), rate)
    return net_of_tax(_sum(own), rate) + net_of_tax(_sum(shared), shared_rate)


__all__ = ["Line", "Statement", "work_out_statement"]
