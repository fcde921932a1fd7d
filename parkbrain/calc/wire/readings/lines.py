"""InfluxDB line protocol: `measurement,tag=… field=value,… time`, one line for the readings of one moment.

What a reading is of follows from the line: the tag `point` where there is one, else measurement and tags as they stand;
a field other than `value` is added after a dot. `meter,point=E-1 value=3` and `E-1 value=3` are both of `E-1`,
`em,dev=7 kwh=3,kw=2` of `em,dev=7.kwh` and `em,dev=7.kw`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .batch import MessageError, Problem, RawRow, ReadingColumns, columns_of, columns_of_rows, encoded_keys
from .times import TimeError, micros_of_column
from .tokens import split_regular

_ESCAPED = re.compile(r"\\([,= \\\"])")
#: A part of a line up to a separator that is neither escaped nor quoted.
_KEY = re.compile(r"(?:\\.|[^ \\])+")
_FIELD = re.compile(r'((?:\\.|[^,= \\])+)=("(?:\\.|[^"\\])*"|[^, ]*)')


def read_lines(body: bytes, *, now_us: int, zone: str) -> ReadingColumns:
    """Return the readings of a body in line protocol; a line without a time is of `now_us`.

    Times count since 1970 in any unit, which their size tells.

    Raises
    ------
    MessageError
        If it is empty; what is wrong with single lines is in the result.

    Examples
    --------
    >>> found = read_lines(b"E-1 value=3.5 1782777600000000000\\nE-2 value=1 1782777600", now_us=0, zone="UTC")
    >>> found.keys, found.value.tolist(), found.at_us.tolist()
    (('E-1', 'E-2'), [3.5, 1.0], [1782777600000000, 1782777600000000])
    """
    if not body.strip():
        raise MessageError("empty", row=1)
    # Escapes, texts and comments are rare in readings; without them a line is columns between spaces.
    if b"\\" not in body and b'"' not in body and b"#" not in body:
        try:
            return _simple(body, zone) if b"," not in body else _general(body, zone)
        except (pa.ArrowException, TimeError):
            pass
        try:
            return _general(body, zone)
        except (pa.ArrowException, TimeError):
            pass
    return _slow(body, now_us, zone)


def _cells(body: bytes, separators: bytes) -> list[pa.StringArray]:
    columns = split_regular(body, separators)
    if columns is None:
        raise pa.ArrowInvalid("lines of different forms")
    return columns


def _simple(body: bytes, zone: str) -> ReadingColumns:
    """Read lines of one field and no tags."""
    key, field, value, at = _cells(body, b" = \n")
    return _assembled(key, field, value.cast(pa.float64()), at.cast(pa.int64()), zone)


def _general(body: bytes, zone: str) -> ReadingColumns:
    """Read lines with tags and several fields: fields are taken apart, key and time repeated for each."""
    key, texts, at = _cells(body, b"  \n")
    fields = pc.split_pattern(texts, ",")
    line = np.asarray(pc.list_parent_indices(fields).to_numpy(zero_copy_only=False), dtype=np.int64)
    pairs = pc.split_pattern(pc.list_flatten(fields), "=")
    if pc.any(pc.not_equal(pc.list_value_length(pairs), 2)).as_py():
        raise pa.ArrowInvalid("a field without a value")
    flat = pc.list_flatten(pairs)
    names, values = flat.take(pa.array(np.arange(0, len(flat), 2))), flat.take(pa.array(np.arange(1, len(flat), 2)))
    # Whole numbers carry an i, unsigned ones a u.
    values = pc.utf8_rtrim(values, "iu").cast(pa.float64())
    at = at.cast(pa.int64())
    several = len(pairs) != len(key)
    if several:
        key, at = key.take(pa.array(line)), at.take(pa.array(line))
    found = _assembled(key, names, values, at, zone)
    return columns_of(found.keys, found.key_index, found.at_us, found.value, row=line + 1) if several else found


def _assembled(key: pa.Array, field: pa.Array, value: pa.Array, at: pa.Array, zone: str) -> ReadingColumns:
    series, index = encoded_keys(key)
    names = pc.unique(field).to_pylist()
    if len(names) == 1:
        addresses = _addresses(series, names[0])
    else:
        fields = pc.dictionary_encode(field)
        both = index * len(names) + np.asarray(fields.indices.to_numpy(zero_copy_only=False), dtype=np.intp)
        pairs, index = np.unique(both, return_inverse=True)
        addresses = tuple(_address(str(series[p // len(names)]), names[p % len(names)]) for p in pairs.tolist())
        _check_addresses(addresses)
    amounts = np.asarray(value.to_numpy(), dtype=np.float64)
    return columns_of(addresses, index, micros_of_column(at, zone=zone), amounts)


@lru_cache(maxsize=64)
def _addresses(series: tuple[str, ...], field: str) -> tuple[str, ...]:
    addresses = tuple(_address(name, field) for name in series)
    _check_addresses(addresses)
    return addresses


def _check_addresses(addresses: tuple[str, ...]) -> None:
    if any(not 0 < len(a) <= 200 for a in addresses):
        raise pa.ArrowInvalid("a line without a measurement")


def _address(series: str, field: str) -> str:
    measurement, _, tags = series.partition(",")
    if tags:
        for tag in tags.split(","):
            if tag.startswith("point="):
                series = tag[6:]
                break
    if not measurement or not field:
        return ""
    return series if field == "value" else f"{series}.{field}"


def _slow(body: bytes, now_us: int, zone: str) -> ReadingColumns:
    problems: list[Problem] = []
    rows = [row for number, line in enumerate(body.split(b"\n"), start=1) for row in _rows_of(number, line, problems)]
    return columns_of_rows(rows, now_us=now_us, zone=zone, problems=problems)


def _rows_of(number: int, line: bytes, problems: list[Problem]) -> Iterator[RawRow]:
    """Yield the readings of one line, however it is written."""
    try:
        text = line.decode().strip()
    except UnicodeDecodeError:
        problems.append(Problem(number, "wrong_utf8", "", line[:300].decode(errors="replace")))
        return
    if not text or text.startswith("#"):
        return
    head = _KEY.match(text)
    place = head.end() + 1 if head else 0
    fields = []
    while head and (found := _FIELD.match(text, place)):
        fields.append((found[1], found[2]))
        place = found.end()
        if text[place : place + 1] != ",":
            break
        place += 1
    at = text[place:].strip()
    if not head or not fields or (at and (not at.lstrip("-").isdigit() or text[place] != " ")):
        problems.append(Problem(number, "bad_row", head[0][:200] if head else "", text[:300]))
        return
    for name, value in fields:
        address = _ESCAPED.sub(r"\1", _address(head[0], name))
        yield RawRow(number, address, at or None, _value(value), text=text[:300])


def _value(text: str) -> str | float:
    if text in {"t", "T", "true", "True", "TRUE"}:
        return 1.0
    if text in {"f", "F", "false", "False", "FALSE"}:
        return 0.0
    return text[:-1] if text[-1:] in {"i", "u"} and text[:-1].lstrip("-").isdigit() else text
