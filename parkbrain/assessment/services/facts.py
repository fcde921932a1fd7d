"""Declare, withdraw and verify facts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from parkbrain.calc.intervals import DatePeriod, period_of
from parkbrain.kernel import audit, bulk, registry
from parkbrain.kernel.models import AuditEvent, Document, Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.ui.formats import with_unit

from ..models import Declaration, Verification
from ..queries.facts import gather_facts
from ..queries.schemes import CatalogueFact, get_catalogue

BULK_ROWS = 20_000
#: Park, fact, starts on, ends on, value, note.
BulkRow = tuple[int, str, date, date, float, str]
#: Fact, starts on, ends on.
Place = tuple[str, date, date]


class CannotDeclareFact(Exception):
    """The value cannot be declared; `fact_key` says which."""

    def __init__(self, message: str, fact_key: str = "") -> None:
        super().__init__(message)
        self.fact_key = fact_key


class CannotVerifyFact(Exception):
    """The finding cannot be recorded."""


@dataclass(frozen=True)
class FactEntry:
    """A fact as somebody states it."""

    key: str
    value: float
    note: str = ""
    evidence: Document | None = None


def find_value_problem(*, fact: CatalogueFact, value: float) -> str | None:
    """Return what is wrong with a value of a fact on its own, or None."""
    if value != value or value in (float("inf"), float("-inf")):
        return _("“%(name)s” must be a number.") % {"name": fact.name}
    if fact.minimum is not None and value < fact.minimum:
        low = with_unit(fact.minimum, "" if fact.kind == "boolean" else fact.unit)
        return _("“%(name)s” cannot be less than %(low)s.") % {"name": fact.name, "low": low}
    if fact.maximum is not None and value > fact.maximum:
        high = with_unit(fact.maximum, "" if fact.kind == "boolean" else fact.unit)
        return _("“%(name)s” cannot be more than %(high)s.") % {"name": fact.name, "high": high}
    if fact.kind in {"count", "boolean", "level"} and value != int(value):
        return _("“%(name)s” is counted in whole numbers.") % {"name": fact.name}
    return None


def find_part_problem(*, fact: CatalogueFact, value: float, whole: float | None) -> str | None:
    """Return what is wrong where a part is larger than its whole, or None."""
    if fact.part_of is None or whole is None or value <= whole * (1 + 1e-9):
        return None
    other = get_catalogue()[fact.part_of]
    return _("“%(part)s” is %(value)s, more than “%(whole)s” of which it is a part: %(total)s.") % {
        "part": fact.name,
        "value": with_unit(value, fact.unit),
        "whole": other.name,
        "total": with_unit(whole, other.unit),
    }


def _known(key: str) -> CatalogueFact:
    fact = get_catalogue().get(key)
    if fact is None:
        raise CannotDeclareFact(_("There is no fact “%(key)s” in the catalogue.") % {"key": key}, key)
    return fact


def find_entry_problems(*, park: Park | None, values: Mapping[str, float], cut_off_on: date) -> dict[str, str]:
    """Return what is wrong with facts stated together, by fact: each by itself, beside its whole and beside its parts.

    A whole or a part that is not among them counts as it stands for the park; a park that is not there yet has none.
    """
    catalogue = get_catalogue()
    problems = {}
    for key, value in values.items():
        if key not in catalogue:
            problems[key] = _("There is no fact “%(key)s” in the catalogue.") % {"key": key}
        elif problem := find_value_problem(fact=catalogue[key], value=value):
            problems[key] = problem
    pairs = pairs_of(keys=values)
    others = sorted({key for pair in pairs for key in pair} - set(values))
    known = {**_stated_values(park, others, cut_off_on), **values}
    for part, whole in pairs:
        place = part if part in values else whole
        if part in known and place not in problems:
            problem = find_part_problem(fact=catalogue[part], value=known[part], whole=known.get(whole))
            if problem:
                problems[place] = problem
    return problems


def pairs_of(*, keys: Collection[str]) -> list[tuple[str, str]]:
    """Return every (part, whole) of the catalogue in which one of the facts takes part."""
    return [
        (fact.key, fact.part_of)
        for fact in get_catalogue().values()
        if fact.part_of and (fact.key in keys or fact.part_of in keys)
    ]


def _stated_values(park: Park | None, keys: Sequence[str], cut_off_on: date) -> dict[str, float]:
    """Return the known values among some facts of a park."""
    if not keys or park is None:
        return {}
    gathered = gather_facts(park_ids=[park.pk], cut_off_on=cut_off_on, keys=keys)
    return {key: float(value) for key, value in zip(keys, gathered.values[0], strict=True) if value == value}


def declare_fact(
    *,
    park: Park,
    fact_key: str,
    value: float,
    cut_off_on: date,
    actor: User | None,
    at: datetime,
    note: str = "",
    evidence: Document | None = None,
) -> Declaration:
    """State a fact for the period that its kind covers at the cut-off date; stating the same again changes nothing.

    :raises CannotDeclareFact: unknown fact, impossible value, or a part larger than its whole.
    """
    entry = FactEntry(fact_key, value, note, evidence)
    declare_facts(park=park, entries=[entry], cut_off_on=cut_off_on, actor=actor, at=at)
    period = period_of(get_catalogue()[fact_key].period, cut_off_on)
    return Declaration.objects.get(park=park, fact_key=fact_key, starts_on=period.starts_on, ends_on=period.ends_on)


@transaction.atomic
def declare_facts(
    *,
    park: Park,
    entries: Sequence[FactEntry],
    cut_off_on: date,
    actor: User | None,
    at: datetime,
    follow: bool = True,
) -> int:
    """State several facts at once, all or none; return how many changed.

    :raises CannotDeclareFact: one of them cannot be stated; nothing was.
    """
    if actor is not None and not actor.may(Permission.DECLARE_FACT, park.branch.path):
        raise CannotDeclareFact(_("You may not declare facts of this park."))
    values = {entry.key: entry.value for entry in entries}
    for key, problem in find_entry_problems(park=park, values=values, cut_off_on=cut_off_on).items():
        raise CannotDeclareFact(problem, key)
    changed = _declare(park, entries, cut_off_on, actor, at)
    if changed and follow:
        registry.park_changed(park_ids=[park.pk], at=at)
    return changed


def _declare(park: Park, entries: Sequence[FactEntry], cut_off_on: date, actor: User | None, at: datetime) -> int:
    """Write the facts that are not stated so already and return how many."""
    known = {
        (one.fact_key, one.starts_on, one.ends_on): one
        for one in Declaration.objects.filter(park=park, fact_key__in={entry.key for entry in entries})
    }
    new: dict[Place, Declaration] = {}
    changed: list[tuple[Declaration, dict[str, Any]]] = []
    events = []
    for entry in entries:
        period = period_of(_known(entry.key).period, cut_off_on)
        place = (entry.key, period.starts_on, period.ends_on)
        row = known.get(place)
        values = _values_of(entry, actor, at)
        details = {"fact": entry.key, "old": row.value if row else None, "new": entry.value, "ends_on": str(place[2])}
        if row is None:
            row = known[place] = new[place] = Declaration(park=park, fact_key=entry.key, **_dates(period), **values)
        elif _says(row, entry):
            continue
        else:
            before = {name: getattr(row, name) for name in values}
            for name, value in values.items():
                setattr(row, name, value)
            if place not in new:
                changed.append((row, before))
        events.append((row, details))
    bulk.update_rows(model=Declaration, changes=changed)
    bulk.insert_rows(model=Declaration, rows=new.values())
    audit.record_many("assessment.fact.declared", targets=events, actor=actor, at=at, park=park)
    return len(events)


def _values_of(entry: FactEntry, actor: User | None, at: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {"value": entry.value, "note": entry.note, "declared_at": at}
    values["declared_by_id"] = actor.pk if actor else None
    if entry.evidence is not None:
        values["evidence_id"] = entry.evidence.pk
    return values


def _dates(period: DatePeriod) -> dict[str, date]:
    return {"starts_on": period.starts_on, "ends_on": period.ends_on}


def _says(row: Declaration, entry: FactEntry) -> bool:
    """Tell whether a declared fact says already what the entry says; an entry without evidence says nothing of it."""
    keeps = entry.evidence is None or entry.evidence.pk == row.evidence_id
    return keeps and row.value == entry.value and row.note == entry.note


@transaction.atomic
def withdraw_declaration(*, declaration: Declaration, actor: User, at: datetime) -> None:
    """Take a declared fact back: it becomes unknown again where nothing else vouches for it.

    :raises CannotDeclareFact: the actor may not declare facts of this park.
    """
    park = declaration.park
    if not actor.may(Permission.DECLARE_FACT, park.branch.path):
        raise CannotDeclareFact(_("You may not declare facts of this park."))
    audit.record(
        "assessment.fact.withdrawn",
        target=declaration,
        actor=actor,
        at=at,
        park=park,
        fact=declaration.fact_key,
        old=declaration.value,
    )
    declaration.delete()
    registry.park_changed(park_ids=[park.pk], at=at)


@transaction.atomic
def declare_facts_bulk(
    *,
    rows: Iterable[BulkRow],
    actor: User | None,
    at: datetime,
    progress: Callable[[int], None] | None = None,
) -> int:
    """State facts of thousands of parks: rows of (park, fact, starts on, ends on, value, note); return how many.

    The fast path of a city's own tables: values are checked against the catalogue, written in blocks, and one event is
    recorded for the whole load; ratings are refreshed by the caller once, at the end.

    :raises CannotDeclareFact: an unknown fact, an impossible value, or a park the actor may not declare in.
    """
    insert = _bulk_statement()
    parks: set[int] = set()
    count = 0
    with connection.cursor() as cursor:
        for block in _blocks(rows):
            _refuse_other_parks(actor, {row[0] for row in block} - parks)
            parks |= {row[0] for row in block}
            by = actor.pk if actor else None
            cursor.executemany(insert, [(*row, by, at) for row in block])
            count += len(block)
            if progress:
                progress(count)
    first = Park.objects.filter(pk__in=list(parks)[:1]).first()
    if first is not None:
        audit.record("assessment.facts.loaded", target=first, actor=actor, at=at, rows=count, parks=len(parks))
    return count


def _blocks(rows: Iterable[BulkRow]) -> Iterator[list[BulkRow]]:
    """Return the rows in blocks, each row checked against the catalogue."""
    block: list[BulkRow] = []
    for row in rows:
        problem = find_value_problem(fact=_known(row[1]), value=row[4])
        if problem:
            raise CannotDeclareFact(problem, row[1])
        block.append(row)
        if len(block) == BULK_ROWS:
            yield block
            block = []
    if block:
        yield block


def _refuse_other_parks(actor: User | None, park_ids: Collection[int]) -> None:
    if actor is not None and park_ids:
        allowed = Park.objects.visible_to(actor, Permission.DECLARE_FACT).values_list("pk", flat=True)
        if not set(park_ids) <= set(allowed):
            raise CannotDeclareFact(_("You may not declare facts of this park."))


def _bulk_statement() -> str:
    """Return the statement that writes a fact, or writes over what was stated for the same period."""
    quote = connection.ops.quote_name
    columns = ("park_id", "fact_key", "starts_on", "ends_on", "value", "note", "declared_by_id", "declared_at")
    names = ", ".join(quote(c) for c in columns)
    marks = ", ".join(["%s"] * len(columns))
    place = ", ".join(quote(c) for c in columns[:4])
    changes = ", ".join(f"{quote(c)} = excluded.{quote(c)}" for c in columns[4:])
    table = quote(Declaration._meta.db_table)
    return f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({place}) DO UPDATE SET {changes}"


@transaction.atomic
def verify_fact(
    *,
    park: Park,
    fact_key: str,
    value: float,
    cut_off_on: date,
    actor: User,
    at: datetime,
    reason: str = "",
    evidence: Document | None = None,
) -> Verification:
    """Record an assessor's finding beside what was declared or computed.

    :raises CannotVerifyFact: not an assessor here, not independent, an impossible value, a difference without a reason.
    """
    fact = _known(fact_key)
    if not actor.may(Permission.VERIFY_FACT, park.branch.path):
        raise CannotVerifyFact(_("You may not verify facts of this park."))
    # The trail of events remembers who declared, also where another has declared over it since.
    declared = AuditEvent.objects.filter(park=park, actor=actor, code="assessment.fact.declared")
    if declared.exists() or Declaration.objects.filter(park=park, declared_by=actor).exists():
        raise CannotVerifyFact(_("Whoever declared facts of a park cannot verify there."))
    problem = find_value_problem(fact=fact, value=value)
    if problem:
        raise CannotVerifyFact(problem)
    stated = gather_facts(park_ids=[park.pk], cut_off_on=cut_off_on, keys=[fact_key]).values[0, 0]
    if stated == stated and stated != value and not reason.strip():
        raise CannotVerifyFact(_("The value differs from what was stated: say why."))
    period = period_of(fact.period, cut_off_on)
    verification, _created = Verification.objects.update_or_create(
        park=park,
        fact_key=fact_key,
        starts_on=period.starts_on,
        ends_on=period.ends_on,
        defaults={"value": value, "reason": reason, "evidence": evidence, "verified_by": actor, "verified_at": at},
    )
    audit.record(
        "assessment.fact.verified", target=verification, actor=actor, at=at, park=park, fact=fact_key, new=value
    )
    registry.park_changed(park_ids=[park.pk], at=at)
    return verification
