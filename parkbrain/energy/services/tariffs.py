"""Tariffs and sharing rules, dated; and the months that follow from them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

import jsonschema
from django.db import DatabaseError, transaction
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from parkbrain import schemes
from parkbrain.calc.energy_bills import parse_bands, parse_rates, parse_tiers
from parkbrain.kernel import audit, bulk
from parkbrain.kernel.models import Park, User
from parkbrain.space.services import Recorded, upsert

from ..models import AllocationRule, DayUse, EnergyTariff, Meter, MonthStatement, Recomputed, StatementLine
from ..queries.by_tariff import as_kept, list_named_spans
from ..queries.statements import Statement, work_out_statement
from ..queries.use import month_after
from .meters import check_may_edit

#: Times of the day that have a price of their own, the dearest first.
BANDS = ("critical_peak", "peak", "flat", "valley", "deep_valley")
#: Months back that the daily run works out anew; older ones only where something about them changed.
RECENT_MONTHS = 13


class CannotRecordTariff(Exception):
    """The tariff or sharing rule cannot be recorded."""


@lru_cache(maxsize=1)
def _schema() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(schemes.path("energy_tariff.schema.json").read_text(encoding="utf-8"))
    return found


def check_rates(*, rates: Mapping[str, Any]) -> None:
    """Refuse rates that are none.

    :raises CannotRecordTariff: the schema or the arithmetic does not take them; the sentence says where.
    """
    try:
        jsonschema.validate(rates, _schema())
        parse_rates(rates)
    except jsonschema.ValidationError as error:
        where = "/".join(str(step) for step in error.absolute_path) or _("the whole")
        raise CannotRecordTariff(
            _("The rates are not as they must be at %(where)s: %(what)s")
            % {"where": where, "what": error.message[:200]}
        ) from error
    except ValueError as error:
        raise CannotRecordTariff(_("The rates do not add up: %(what)s") % {"what": str(error)}) from error


def rates_of(*, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rates that a row or a form says: one price, prices of bands with their hours, or tiers; and the demand's.

    :raises ValueError: the bands or tiers cannot be read.
    """
    rates: dict[str, Any] = {}
    if values.get("tiers"):
        rates = {"method": "tiers", "tiers": parse_tiers(str(values["tiers"]))}
    elif values.get("bands"):
        prices = {band: _text(values[band]) for band in BANDS if values.get(band) is not None}
        rates = {"method": "time_of_use", "bands": parse_bands(str(values["bands"])), "prices": prices}
    else:
        rates = {"method": "flat"}
        if (price := values.get("price")) is not None:
            rates["price"] = _text(price)
    if values.get("demand") is not None:
        rates["demand"] = {"price_per_kw": _text(values["demand"])}
    return rates


def _text(price: Any) -> str:
    return f"{price:f}".rstrip("0").rstrip(".") if "." in f"{price:f}" else f"{price:f}"


def read_shares(*, text: str) -> dict[str, str]:
    """Return weights by credit code as people write them: ``91440300000000001X 60; 91440300000000002X 40``.

    :raises CannotRecordTariff: a part is no credit code with a weight, or a code stands there twice.
    """
    found: dict[str, str] = {}
    for part in re.split(r"[;；\n]", text):
        if not part.strip():
            continue
        match = re.fullmatch(r"\s*([0-9A-Z]{18})[\s:：=]+(\d+(?:\.\d+)?)\s*%?\s*", part)
        if match is None:
            raise CannotRecordTariff(_("“%(part)s” is no credit code with a weight.") % {"part": part.strip()[:60]})
        if match[1] in found:
            raise CannotRecordTariff(_("%(code)s stands there twice.") % {"code": match[1]})
        found[match[1]] = match[2]
    if found and not any(Decimal(weight) for weight in found.values()):
        raise CannotRecordTariff(_("The fixed shares are all zero."))
    return found


def write_shares(*, shares: Mapping[str, str]) -> str:
    """Return weights by credit code as `read_shares` takes them."""
    return "; ".join(f"{code} {weight}" for code, weight in shares.items())


@transaction.atomic
def record_tariffs(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[EnergyTariff]]:
    """Record tariffs by energy kind, code and first day; one of the same code that holds until then ends there.

    Without a code it is the park's own; with one it prices the firms whose leases name it.

    The months they hold for are worked out anew.

    :raises CannotRecordTariff: the rates are none, the time is taken, or the actor may not.
    """
    return _record(EnergyTariff, park, rows, actor, at)


@transaction.atomic
def record_rules(
    *, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[AllocationRule]]:
    """Record by what common use and loss are shared, by energy kind and first day; the months are worked out anew.

    :raises CannotRecordTariff: the time is taken or the actor may not.
    """
    return _record(AllocationRule, park, rows, actor, at)


def _record(
    model: Any, park: Park, rows: Sequence[Mapping[str, Any]], actor: User | None, at: datetime
) -> list[Recorded[Any]]:
    check_may_edit(park=park, actor=actor)
    recorded: list[Recorded[Any]] = []
    affected: dict[str, tuple[date, date | None]] = {}
    for row in sorted(rows, key=lambda r: r["starts_on"]):
        if "rates" in row:
            check_rates(rates=row["rates"])
            row = {**row, "rates": _plain(row["rates"])}
        if row.get("ends_on") and row["ends_on"] <= row["starts_on"]:
            raise CannotRecordTariff(_("The end has to lie after the beginning."))
        same = model.objects.filter(park=park, energy_kind=row["energy_kind"])
        if model is EnergyTariff:
            row = {**row, "code": str(row.get("code") or "").strip()}
            same = same.filter(code=row["code"])
        key = (row["energy_kind"], row["starts_on"])
        held = same.filter(starts_on=row["starts_on"]).first()
        found = {} if held is None else {key: held}
        try:
            with transaction.atomic():
                if not found:
                    _end_before(same, row["starts_on"])
                outcome = upsert(model=model, found=found, rows=[(key, {**row, "park": park})])[0]
        except DatabaseError as error:
            raise CannotRecordTariff(_("Another one holds at that time.")) from error
        recorded.append(outcome)
        if outcome.action != "nothing":
            start, end = row["starts_on"], outcome.row.ends_on
            affected[row["energy_kind"]] = (min(start, affected.get(row["energy_kind"], (start, end))[0]), end)
    targets = [(r.row, {**r.details(), "action": r.action}) for r in recorded if r.action != "nothing"]
    if model is EnergyTariff:
        audit.record_many("energy.tariff.recorded", targets=targets, actor=actor, at=at, park=park)
    else:
        audit.record_many("energy.rule.recorded", targets=targets, actor=actor, at=at, park=park)
    for kind, (start, end) in affected.items():
        refresh_statements(park=park, energy_kinds=[kind], starts_on=start, ends_on=end, at=at)
    return recorded


def _plain(rates: Any) -> Any:
    """Return rates with each price written in one way, so that 0.25 and 0.2500 are no change."""
    if isinstance(rates, Mapping):
        return {key: _plain(value) for key, value in rates.items()}
    if isinstance(rates, list):
        return [_plain(value) for value in rates]
    if isinstance(rates, str) and re.fullmatch(r"\d+(\.\d+)?", rates):
        return f"{Decimal(rates).normalize():f}"
    return rates


def _end_before(rows: Any, starts_on: date) -> None:
    for row in rows.filter(starts_on__lt=starts_on):
        if row.ends_on is None or row.ends_on > starts_on:
            before = row.ends_on
            row.ends_on = starts_on
            bulk.update_rows(model=type(row), changes=[(row, {"ends_on": before})])


def refresh_statements(
    *,
    park: Park,
    at: datetime,
    starts_on: date,
    ends_on: date | None = None,
    energy_kinds: Iterable[str] | None = None,
) -> int:
    """Work out anew the months of a park that have use and touch [starts_on, ends_on); return how many say something new.

    A month that said something else before leaves a row that says by how much.
    """
    kinds = set(Meter.objects.filter(park=park).order_by().values_list("energy_kind", flat=True).distinct())
    wanted = sorted(kinds if energy_kinds is None else kinds & set(energy_kinds))
    changed = 0
    for kind in wanted:
        limits = DayUse.objects.filter(meter__park=park, meter__energy_kind=kind).aggregate(a=Min("day"), b=Max("day"))
        if limits["a"] is None:
            continue
        month = max(starts_on, limits["a"]).replace(day=1)
        # A month that still goes on is worked out once it has ended.
        last = min(ends_on or date.max, limits["b"] + timedelta(days=1), timezone.localdate(at).replace(day=1))
        while month < last:
            statement = work_out_statement(park=park, energy_kind=kind, month_on=month)
            if statement is not None and _keep_statement(park, kind, month, statement, at):
                changed += 1
            month = month_after(month)
    return changed


@transaction.atomic
def _keep_statement(park: Park, kind: str, month_on: date, statement: Statement, at: datetime) -> bool:
    key = {"park": park, "energy_kind": kind, "month_on": month_on}
    before = MonthStatement.objects.select_for_update(of=("self",)).filter(**key).first()
    if before is not None and before.digest == statement.digest:
        return False
    values = {
        name: getattr(statement, name)
        for name in ("supply", "metered", "public", "loss", "amount_yuan", "inputs", "digest")
    }
    if before is None:
        kept = MonthStatement.objects.create(**key, **values, worked_out_at=at)
    else:
        kept = before
        _tell_changed(before, statement, at)
        MonthStatement.objects.filter(pk=before.pk).update(**values, worked_out_at=at)
        kept.lines.all().delete()
    StatementLine.objects.bulk_create([StatementLine(statement=kept, **vars(line)) for line in statement.lines])
    return True


def _tell_changed(before: MonthStatement, now: Statement, at: datetime) -> None:
    old, new = before.amount_yuan, now.amount_yuan
    # A month that still goes on grows by itself: that is no correction.
    if (old, before.supply, before.metered) == (new, now.supply, now.metered) or timezone.localdate(at) < month_after(
        before.month_on
    ):
        return
    Recomputed.objects.create(
        park=before.park,
        what=str(before)[:120],
        why=Recomputed.Why.STATEMENT,
        starts_on=before.month_on,
        ends_on=month_after(before.month_on),
        days_changed=(month_after(before.month_on) - before.month_on).days,
        before=None if old is None else float(old),
        after=None if new is None else float(new),
        at=at,
    )
    audit.record(
        "energy.statement.changed", target=before, actor=None, at=at, park=before.park, before=str(old), after=str(new)
    )


def refresh_named_tariffs(*, park: Park, at: datetime) -> int:
    """Work out anew the latest months in which leases name other tariffs than the statement reckoned with; return how many.

    Leases change who is priced by what without a reading or a tariff having changed.
    """
    today = timezone.localdate(at)
    since = (today.replace(day=1) - timedelta(days=31 * RECENT_MONTHS)).replace(day=1)
    named = park.energy_tariffs.exclude(code="").order_by().values("energy_kind")
    kept = list(MonthStatement.objects.filter(park=park, month_on__gte=since, energy_kind__in=named))
    now = list_named_spans(park=park, statements=kept)
    changed = 0
    for one in kept:
        if as_kept(spans=now[one.pk]) != one.inputs.get("named_tariffs", {}):
            month, kinds = one.month_on, [one.energy_kind]
            changed += refresh_statements(
                park=park, at=at, starts_on=month, ends_on=month_after(month), energy_kinds=kinds
            )
    return changed


def refresh_recent_statements(*, at: datetime, today: date) -> int:
    """Work out the latest months of every park with meters: who was where may have changed without a reading."""
    since = (today.replace(day=1) - timedelta(days=31 * RECENT_MONTHS)).replace(day=1)
    parks = Park.objects.filter(meters__isnull=False).distinct()
    return sum(refresh_statements(park=park, at=at, starts_on=since, ends_on=today) for park in parks)
