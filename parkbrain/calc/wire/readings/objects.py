"""JSON of readings: one object a line, a list of objects, or one object of columns."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from .batch import Key, MessageError, Problem, RawRow, ReadingColumns, columns_of, columns_of_rows, encoded_keys
from .times import TimeError, micros_of_column

_MAX_NUMBER = 2**63


class Row(msgspec.Struct):
    """One reading; a whole number as `point` is the number of a point, a text its address at the source."""

    point: str | int
    at: str | int | float
    value: float
    quality: int = 0


class Columns(msgspec.Struct):
    """Readings as columns; one `point` or one `at` may stand for all of them."""

    point: str | int | list[str | int]
    at: str | int | float | list[str | int | float]
    value: list[float]
    quality: list[int] | None = None


_ROW = msgspec.json.Decoder(Row)
_ROWS = msgspec.json.Decoder(list[Row])
_COLUMNS = msgspec.json.Decoder(Columns)
_UNREADABLE = (ValueError, RecursionError)


def read_ndjson(body: bytes, *, now_us: int, zone: str) -> ReadingColumns:
    """Return the readings of a body with one JSON object a line; an object without `at` is of `now_us`.

    Raises
    ------
    MessageError
        If it is empty; what is wrong with single lines is in the result.

    Examples
    --------
    >>> body = b'{"point":"E-1","at":"2026-06-30T08:00:00+08:00","value":3.5}'
    >>> read_ndjson(body, now_us=0, zone="UTC").at_us.tolist()
    [1782777600000000]
    """
    if not body.strip():
        raise MessageError("empty", row=1)
    try:
        return _of_rows(_ROW.decode_lines(body), zone)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TimeError, _Odd):
        problems: list[Problem] = []
        rows = list(_raw_lines(body, problems))
        return columns_of_rows(rows, now_us=now_us, zone=zone, problems=problems)


def read_json(body: bytes, *, now_us: int, zone: str) -> ReadingColumns:
    """Return the readings of one JSON text: a list of objects, or an object of columns.

    Raises
    ------
    MessageError
        If it is no JSON, neither a list nor columns, or its columns differ in length; what is wrong with single
        readings is in the result.

    Examples
    --------
    >>> found = read_json(b'{"point":"E-1","at":[1782777600,1782781200],"value":[3.5,4]}', now_us=0, zone="UTC")
    >>> found.keys, found.value.tolist()
    (('E-1',), [3.5, 4.0])
    """
    text = body.lstrip()
    if not text:
        raise MessageError("empty", row=1)
    try:
        return _of_rows(_ROWS.decode(text), zone) if text[:1] == b"[" else _of_columns(_COLUMNS.decode(text), zone)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TimeError, _Odd):
        return _looked_at(text, now_us, zone)


class _Odd(ValueError):
    """Something that has to be looked at row by row."""


def _of_rows(rows: Sequence[Row], zone: str) -> ReadingColumns:
    quality = [r.quality for r in rows]
    return _of_lists(
        [r.point for r in rows], [r.at for r in rows], [r.value for r in rows], quality if any(quality) else None, zone
    )


def _of_columns(columns: Columns, zone: str) -> ReadingColumns:
    size = len(columns.value)
    point = columns.point if isinstance(columns.point, list) else [columns.point]
    at = columns.at if isinstance(columns.at, list) else [columns.at]
    quality = columns.quality
    if {len(point), len(at)} - {1, size} or (quality is not None and len(quality) != size):
        raise _Odd
    if len(at) != size:
        at = at * size
    return _of_lists(point, at, columns.value, quality if quality and any(quality) else None, zone)


def _of_lists(
    points: Sequence[Key], at: Sequence[Any], value: Sequence[float], quality: Sequence[int] | None, zone: str
) -> ReadingColumns:
    """Return columns of lists that were checked for their types; one point may stand for all."""
    size = len(value)
    if len(points) == 1:
        keys: tuple[Key, ...] = (points[0],) if size else ()
        index = np.zeros(size, dtype=np.intp)
    else:
        try:
            keys, index = encoded_keys(pa.array(points))
        except (pa.ArrowException, OverflowError, UnicodeEncodeError):
            raise _Odd from None
    if len(points) == 1 and any(not 0 < len(k) <= 200 if isinstance(k, str) else not 0 < k < _MAX_NUMBER for k in keys):
        raise _Odd
    if quality is not None and not all(0 <= q < 128 for q in quality):
        raise _Odd
    try:
        times = micros_of_column(pa.array(at, type=None if size else pa.int64()), zone=zone)
    except (pa.ArrowException, OverflowError, UnicodeEncodeError):
        raise _Odd from None
    return columns_of(
        keys,
        index,
        times,
        np.array(value, dtype=np.float64),
        None if quality is None else np.array(quality, dtype=np.int8),
    )


def _raw_lines(body: bytes, problems: list[Problem]) -> Iterator[RawRow]:
    for number, line in enumerate(body.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            text = line.decode()[:300]
        except UnicodeDecodeError:
            problems.append(Problem(number, "wrong_utf8", "", line[:300].decode(errors="replace")))
            continue
        try:
            yield _raw(number, _decode(line), text)
        except _UNREADABLE:
            problems.append(Problem(number, "bad_row", "", text))


def _decode(text: bytes) -> Any:
    # The standard library also reads what many senders write though JSON does not know it: NaN, Infinity, 1e999.
    return json.loads(text)


def _raw(number: int, found: Any, text: str) -> RawRow:
    if not isinstance(found, dict):
        raise _Odd
    return RawRow(number, found.get("point"), found.get("at"), found.get("value"), found.get("quality"), text)


def _looked_at(text: bytes, now_us: int, zone: str) -> ReadingColumns:
    """Read a JSON text in which something is wrong, reading by reading."""
    try:
        found = _decode(text)
    except _UNREADABLE as error:
        raise MessageError("unreadable", detail=str(error)[:120]) from None
    problems: list[Problem] = []
    rows: Iterable[RawRow]
    if isinstance(found, list):
        rows = _raw_objects(found, problems)
    elif isinstance(found, dict):
        rows = _raw_columns(found)
    else:
        raise MessageError("unreadable", detail="neither a list nor columns")
    return columns_of_rows(list(rows), now_us=now_us, zone=zone, problems=problems)


def _raw_objects(found: Sequence[Any], problems: list[Problem]) -> Iterator[RawRow]:
    for number, item in enumerate(found, start=1):
        shown = json.dumps(item)[:300]
        try:
            yield _raw(number, item, shown)
        except _Odd:
            problems.append(Problem(number, "bad_row", "", shown))


def _raw_columns(found: dict[str, Any]) -> list[RawRow]:
    values = found.get("value")
    if not isinstance(values, list):
        values = [values]
    size, columns = len(values), []
    for name in ("point", "at", "quality"):
        column = found.get(name)
        if isinstance(column, list) and len(column) != size:
            raise MessageError("column_lengths", column=name, length=len(column), expected=size)
        columns.append(column if isinstance(column, list) else repeat(column, size))
    return [
        RawRow(number, point, at, value, quality, f"{point!r} {at!r} {value!r}"[:300])
        for number, (point, at, quality, value) in enumerate(zip(*columns, values, strict=True), start=1)
    ]
