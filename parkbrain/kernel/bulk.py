"""Many rows at once: the only ways in which services of importable things write, and the log to take it all back by.

Inside `record_writes` every row that is written here is noted with its old and new values. `bulk_create` is not used:
it spends most of its time on the text of the statement and on one model instance at a time.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from itertools import islice
from operator import attrgetter
from typing import Any

import msgspec
from django.db import connection, models, transaction
from django.db.models import Q

from .names import Searchable, search_text
from .registry import Registry

CREATED, UPDATED, DELETED = "created", "updated", "deleted"
#: Rows prepared at a time, so that a large load does not lie in memory twice.
_BLOCK = 2000
#: The column that follows from the names of a row.
SEARCH_TEXT = "search_text"
#: Columns whose values the database drivers take as they are.
_PLAIN = (models.CharField, models.TextField, models.FloatField, models.BooleanField, models.IntegerField)
#: Values that JSON holds as they are.
_SIMPLE = frozenset({str, int, float, bool, type(None)})

#: After how many new objects Python looks for cycles in a large load, instead of its usual 700.
_SELDOM = 200_000
_USUAL = gc.get_threshold()
_as_json = msgspec.json.Encoder().encode

Values = dict[str, Any]


@dataclass
class RowWrite:
    """One written row: what was done, with old and new values by column as JSON holds them (empty ones left out)."""

    label: str
    pk: int
    action: str
    old: Values = field(default_factory=dict)
    new: Values = field(default_factory=dict)


class WriteLog:
    """The rows written in a transaction, each once, in the order of their first write."""

    def __init__(self) -> None:
        self._writes: dict[tuple[str, int], RowWrite] = {}

    def __iter__(self) -> Iterator[RowWrite]:
        return iter(self._writes.values())

    def __len__(self) -> int:
        return len(self._writes)

    def add(self, write: RowWrite) -> None:
        """Note a write; a second one of the same row adds to the first."""
        known = self._writes.setdefault((write.label, write.pk), write)
        if known is write:
            return
        if write.action == DELETED:
            if known.action == CREATED:
                # Made and removed by the same work: nothing remains to take back.
                del self._writes[write.label, write.pk]
            else:
                known.action, known.old, known.new = DELETED, {**write.old, **known.old}, {}
            return
        if known.action == UPDATED:
            known.old = {**write.old, **known.old}
        known.new = {**known.new, **write.new}


_log: ContextVar[WriteLog | None] = ContextVar("write_log", default=None)
#: What is told after every block of rows; it may raise to stop the work.
_pause: ContextVar[Callable[[int], None] | None] = ContextVar("write_pause", default=None)

#: Rows that only follow from others (such as current ratings), by model label: they never stand in the way of taking a
#: row back; they lose their reference to it, or go with it where they cannot be without.
consequences: Registry[Q] = Registry("consequence")


@contextmanager
def record_writes() -> Iterator[WriteLog]:
    """Note every row that is written here inside the block."""
    log = WriteLog()
    token = _log.set(log)
    try:
        yield log
    finally:
        _log.reset(token)


@contextmanager
def pause_between_blocks(tell: Callable[[int], None]) -> Iterator[None]:
    """Call `tell` with the count of rows after every block of them; what it raises stops the work and rolls it back."""
    token = _pause.set(tell)
    try:
        yield
    finally:
        _pause.reset(token)


@contextmanager
def seldom_collect() -> Iterator[None]:
    """Let Python look for cycles seldom inside the block: a load makes many objects that stay until it has ended."""
    before = gc.get_threshold()
    gc.set_threshold(_SELDOM, *_USUAL[1:])
    try:
        yield
    finally:
        # As it was: one such load may be part of another.
        gc.set_threshold(*before)


def plain_value(value: Any) -> Any:
    """Return the value of a column as JSON holds it."""
    if type(value) in _SIMPLE:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    # Without the zeros at its end: the database gives a decimal back with as many as the column has places.
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def row_values(row: models.Model) -> Values:
    """Return the values of a row by column as JSON holds them, without what is empty."""
    names, special = _columns_of(type(row))
    known = row.__dict__
    values = {name: value for name in names if (value := known[name]) is not None and value != ""}
    for name, typed in special:
        if name in values:
            values[name] = plain_value(typed(values[name]))
    return values


@cache
def _columns_of(model: type[models.Model]) -> tuple[tuple[str, ...], tuple[tuple[str, Callable[[Any], Any]], ...]]:
    """Return the columns of a table but its key, and those whose values JSON does not know, with what types them."""
    # A search text follows from the names: nobody needs to be told that it changed, nor to take it back.
    fields = [f for f in model._meta.concrete_fields if not f.primary_key and f.name != SEARCH_TEXT]
    special = [(f.attname, f.to_python) for f in fields if isinstance(f, models.DateField | models.DecimalField)]
    return tuple(f.attname for f in fields), tuple(special)


def _plain_decimal(value: Any, field: models.DecimalField[Any, Any]) -> str:
    """Return a decimal as Django writes it, without a context of its own for every number; "" where it must look."""
    if type(value) is not Decimal or not value.is_finite():
        return ""
    places = field.decimal_places or 0
    return f"{value:.{places}f}" if abs(value.adjusted()) + places < (field.max_digits or 0) else ""


def insert_rows(*, model: type[models.Model], rows: Iterable[models.Model]) -> None:
    """Insert new rows and give each its key; call it inside the transaction of the change."""
    waiting = list(rows)
    for row in waiting:
        if isinstance(row, Searchable):
            row.search_text = row.fresh_search_text()
    insert_unlogged(model=model, rows=waiting)
    log = _log.get()
    if log is not None:
        for row in waiting:
            log.add(RowWrite(model._meta.label_lower, row.pk, CREATED, {}, row_values(row)))


def insert_unlogged(*, model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Insert new rows and give each its key without noting it: for rows that only speak of a change, such as events."""
    if not rows:
        return
    for row, pk in zip(rows, _next_keys(model, len(rows)), strict=True):
        row.pk = pk
    columns, get = _whole_row(model)
    insert_values(model=model, columns=columns, rows=map(get, rows))
    for row in rows:
        row._state.adding = False
        row._state.db = connection.alias


@cache
def _whole_row(model: type[models.Model]) -> tuple[list[str], Callable[[models.Model], tuple[Any, ...]]]:
    fields = [f for f in model._meta.concrete_fields if f.column]
    return [str(f.column) for f in fields], attrgetter(*(f.attname for f in fields))


def insert_values(*, model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of plain values that nobody reads back in the same request; `columns` are column names ("park_id").

    Nothing is noted: for rows that only speak of a change, such as origins.
    """
    by_column = {f.column: f for f in model._meta.concrete_fields}
    fields = [by_column[column] for column in columns]
    prepared = _preparers(fields)
    quote = connection.ops.quote_name
    names = ", ".join(quote(c) for c in columns)
    marks = ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})"
    waiting = iter(rows)
    with connection.cursor() as cursor:
        while block := [list(row) for row in islice(waiting, _BLOCK)]:
            _prepare(block, prepared)
            cursor.executemany(statement, block)
            _tell(len(block))


def _preparers(fields: Sequence[models.Field[Any, Any]]) -> list[tuple[int, Callable[[Any], Any]]]:
    """Return the place of every value that the database driver does not take as it is, with what makes it so."""
    return [(i, _preparer(f)) for i, f in enumerate(fields) if not isinstance(f, (*_PLAIN, models.ForeignKey))]


def _prepare(block: Sequence[list[Any]], prepared: Sequence[tuple[int, Callable[[Any], Any]]]) -> None:
    for row in block:
        for index, save in prepared:
            if row[index] is not None:
                row[index] = save(row[index])


def _preparer(field: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """Return the function that makes a value of the column what the database driver takes."""
    if isinstance(field, models.JSONField) and field.encoder is None and connection.vendor == "sqlite":
        return lambda value: _as_json(value).decode()

    def save(value: Any) -> Any:
        return field.get_db_prep_save(value, connection)

    if isinstance(field, models.DecimalField) and connection.vendor == "sqlite":
        return lambda value: _plain_decimal(value, field) or save(value)
    # The rows of a load share days and moments: those of a year of meters come to 366 in turn, which a small cache forgets.
    return lru_cache(maxsize=4096)(save) if isinstance(field, models.DateField) else save


def update_rows(*, model: type[models.Model], changes: Sequence[tuple[models.Model, Mapping[str, Any]]]) -> None:
    """Write the changed columns of rows; each row comes with the old values of the fields that changed.

    The rows themselves hold the new values already.
    """
    groups: dict[tuple[tuple[str, ...], bool], list[tuple[models.Model, Mapping[str, Any]]]] = {}
    for row, old in changes:
        renamed = isinstance(row, Searchable) and not {*row.searched_names, *row.searched_others}.isdisjoint(old)
        if renamed:
            row.search_text = row.fresh_search_text()  # type: ignore[attr-defined]
        groups.setdefault((tuple(sorted(old)), renamed), []).append((row, old))
    for (names, renamed), group in groups.items():
        get = [attrgetter(_field(model, name).attname) for name in names]
        rows = [(row.pk, [_key_of(old[name]) for name in names], [of(row) for of in get]) for row, old in group]
        _note_updates(model, names, rows)
        if renamed:
            rows = [(pk, old, [*new, row.search_text]) for (pk, old, new), (row, _old) in zip(rows, group, strict=True)]  # type: ignore[attr-defined]
        _write_values(model, (*names, SEARCH_TEXT) if renamed else names, rows)


#: The key of a row, the old values of some of its fields, and the new ones.
Update = tuple[int, Sequence[Any], Sequence[Any]]


def update_values(*, model: type[models.Model], names: Sequence[str], rows: Sequence[Update]) -> None:
    """Write some fields of rows that nobody holds, none by which they are searched: their search text stays."""
    _note_updates(model, names, rows)
    _write_values(model, names, rows)


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name)


def _key_of(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value


def _note_updates(model: type[models.Model], names: Sequence[str], rows: Sequence[Update]) -> None:
    log = _log.get()
    if log is None:
        return
    fields = [_field(model, name) for name in names]
    columns = [(f.attname, f.to_python if isinstance(f, models.DecimalField) else _as_it_is) for f in fields]
    for pk, *both in rows:
        old, new = (
            {column: plain_value(typed(value)) for (column, typed), value in zip(columns, values, strict=True)}
            for values in both
        )
        log.add(RowWrite(model._meta.label_lower, pk, UPDATED, old, new))


def _write_values(model: type[models.Model], names: Sequence[str], rows: Sequence[Update]) -> None:
    fields = [_field(model, name) for name in names]
    sets = ", ".join(f"{connection.ops.quote_name(f.column)} = %s" for f in fields)
    key = connection.ops.quote_name(str(model._meta.pk.column))
    table = connection.ops.quote_name(model._meta.db_table)
    prepared = _preparers(fields)
    waiting = ([*new, pk] for pk, _old, new in rows)
    with connection.cursor() as cursor:
        while block := list(islice(waiting, _BLOCK)):
            _prepare(block, prepared)
            cursor.executemany(f"UPDATE {table} SET {sets} WHERE {key} = %s", block)
            _tell(len(block))


def fill_search_texts(*, model: type[models.Model], names: Sequence[str], others: Sequence[str] = ()) -> None:
    """Write the search text of every row of a table; for migrations, whose models have no methods."""
    table, column = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name(SEARCH_TEXT)
    key = connection.ops.quote_name(str(model._meta.pk.column))
    rows = iter(list(model._default_manager.order_by().values_list("pk", *names, *others)))
    end = 1 + len(names)
    with connection.cursor() as cursor:
        while block := list(islice(rows, _BLOCK)):
            texts = [(search_text(names=row[1:end], others=row[end:]), row[0]) for row in block]
            cursor.executemany(f"UPDATE {table} SET {column} = %s WHERE {key} = %s", texts)


def delete_rows(*, model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Delete rows that nothing refers to."""
    log = _log.get()
    if log is not None:
        for row in rows:
            log.add(RowWrite(model._meta.label_lower, row.pk, DELETED, row_values(row), {}))
    for start in range(0, len(rows), _BLOCK):
        block = [row.pk for row in rows[start : start + _BLOCK]]
        model._default_manager.filter(pk__in=block).delete()
        _tell(len(block))


def _as_it_is(value: Any) -> Any:
    return value


def _tell(count: int) -> None:
    tell = _pause.get()
    if tell is not None:
        tell(count)


def _next_keys(model: type[models.Model], count: int) -> Sequence[int]:
    """Return keys for new rows: nobody else can get them before the transaction ends."""
    pk = model._meta.pk
    assert isinstance(pk, models.AutoField | models.BigAutoField)
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("rows are inserted inside a transaction")
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [connection.ops.quote_name(table), pk.column, count],
            )
            return [row[0] for row in cursor.fetchall()]
        # SQLite has one writer at a time, and its transactions take the right to write when they begin.
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
    first = (found[0] if found else 0) + 1
    return range(first, first + count)
