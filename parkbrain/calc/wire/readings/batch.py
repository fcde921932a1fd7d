"""Readings of one message as columns, what is wrong with single rows, and the checks that hold for every format."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .times import EARLIEST_US, TimeError, time_of

Integers = npt.NDArray[np.int64]
#: An address of a point at its source, or the number of a point.
Key = str | int

#: Good, doubtful, bad, typed in, repaired.
QUALITIES = range(5)
#: A clock may be ahead by this much [µs].
AHEAD_US = 24 * 3600 * 1_000_000
#: Longest piece of a message that is kept with a problem [characters].
KEPT_TEXT = 300


class MessageError(ValueError):
    """Raised when a message as a whole cannot be read; `row` says where, None where it is everywhere.

    `code` is one of empty, unreadable, truncated, too_large, not_compressed, unknown_encoding, unknown_format,
    missing_column, column_lengths.
    """

    def __init__(self, code: str, *, row: int | None = None, **params: Any) -> None:
        self.code = code
        self.row = row
        self.params = params
        super().__init__(f"{code}{'' if row is None else f' in row {row}'}: {params}")


@dataclass(frozen=True)
class Problem:
    """A row that cannot be taken: its number from 1, why, which point it named, and the row itself.

    `code` is one of bad_row, bad_number, not_a_number, no_value, bad_time, impossible_time, bad_quality, no_address,
    wrong_utf8.
    """

    row: int
    code: str
    address: str = ""
    text: str = ""


@dataclass(frozen=True)
class ReadingColumns:
    """Readings of a message: of `keys[key_index[i]]`, at `at_us[i]` [µs since 1970 UTC], `value[i]`, `quality[i]`.

    `row[i]` is the row of the message it stood in, from 1.
    """

    keys: tuple[Key, ...]
    key_index: npt.NDArray[np.intp]
    at_us: Integers
    value: npt.NDArray[np.float64]
    quality: npt.NDArray[np.int8]
    row: Integers
    problems: tuple[Problem, ...] = field(default=())

    @property
    def count(self) -> int:
        """How many readings there are."""
        return int(self.at_us.size)

    def taken(self, mask: npt.NDArray[np.bool_]) -> ReadingColumns:
        """Return the readings where the mask holds."""
        return replace(
            self,
            key_index=self.key_index[mask],
            at_us=self.at_us[mask],
            value=self.value[mask],
            quality=self.quality[mask],
            row=self.row[mask],
        )

    def text_of(self, index: int) -> str:
        """Return one reading as a line of JSON that can be read again."""
        key = self.keys[int(self.key_index[index])]
        shown = f'"{_escaped(key)}"' if isinstance(key, str) else str(key)
        number = float(self.value[index])
        value = repr(number) if math.isfinite(number) else f'"{number}"'
        quality = int(self.quality[index])
        tail = f',"quality":{quality}' if quality else ""
        return f'{{"point":{shown},"at":{int(self.at_us[index])},"value":{value}{tail}}}'


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(c):04x}" if c in '"\\' or ord(c) < 32 else c for c in text)


def columns_of(
    keys: Sequence[Key],
    key_index: npt.NDArray[np.intp],
    at_us: Integers,
    value: npt.NDArray[np.float64],
    quality: npt.NDArray[np.int8] | None = None,
    problems: Sequence[Problem] = (),
    row: Integers | None = None,
) -> ReadingColumns:
    """Return columns; without quality all are good, without row numbers they count from 1."""
    size = at_us.size
    return ReadingColumns(
        keys=keys if isinstance(keys, tuple) else tuple(keys),
        key_index=key_index,
        at_us=at_us,
        value=value,
        quality=np.zeros(size, dtype=np.int8) if quality is None else quality,
        row=np.arange(1, size + 1, dtype=np.int64) if row is None else row,
        problems=tuple(problems),
    )


def encoded_keys(column: pa.Array) -> tuple[tuple[Key, ...], npt.NDArray[np.intp]]:
    """Return the different keys of a column of texts or whole numbers, and of which of them each row is.

    Raises
    ------
    pyarrow.ArrowInvalid
        If one of them is no key.
    """
    if not (pa.types.is_string(column.type) and column.offset == 0 and column.null_count == 0):
        return _encoded(column)
    # A gateway sends the same points in the same order again and again: the same bytes are the same keys.
    _valid, offsets, data = column.buffers()
    ends = memoryview(offsets)[: 4 * (len(column) + 1)] if offsets is not None else b""
    used = int.from_bytes(ends[-4:], "little") if len(ends) else 0
    return _encoded_bytes(bytes(ends), bytes(memoryview(data)[:used]) if data is not None else b"", len(column))


@lru_cache(maxsize=64)
def _encoded_bytes(ends: bytes, data: bytes, size: int) -> tuple[tuple[Key, ...], npt.NDArray[np.intp]]:
    return _encoded(pa.StringArray.from_buffers(size, pa.py_buffer(ends), pa.py_buffer(data)))


def _encoded(column: pa.Array) -> tuple[tuple[Key, ...], npt.NDArray[np.intp]]:
    encoded = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column)
    keys = tuple(encoded.dictionary.to_pylist())
    if any(k is None or (not 0 < len(k) <= 200 if isinstance(k, str) else k <= 0) for k in keys):
        raise pa.ArrowInvalid("a point without an address")
    index = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.intp)
    # Shared between messages: nobody may change it.
    index.setflags(write=False)
    return keys, index


@dataclass(frozen=True)
class RawRow:
    """One row as it stood in the message, before anything was made of it."""

    row: int
    key: Any
    at: Any
    value: Any
    quality: Any = 0
    text: str = ""


def columns_of_rows(
    rows: Iterable[RawRow], *, now_us: int, zone: str, problems: Iterable[Problem] = ()
) -> ReadingColumns:
    """Return columns of rows that are looked at one by one: the slow way, for messages in which something is wrong.

    A row without a time is of `now_us`.
    """
    found: dict[Key, int] = {}
    taken: list[tuple[int, int, float, int, int]] = []
    wrong = list(problems)
    for raw in rows:
        try:
            key = _key_of(raw.key)
            at_us = now_us if raw.at is None or raw.at == "" else time_of(raw.at, zone=zone)
            value = _value_of(raw.value)
            quality = _quality_of(raw.quality)
        except _RowError as error:
            wrong.append(_problem(raw, str(error)))
            continue
        except TimeError:
            wrong.append(_problem(raw, "bad_time"))
            continue
        taken.append((found.setdefault(key, len(found)), at_us, value, quality, raw.row))
    indices, times, values, qualities, numbers = zip(*taken, strict=True) if taken else ((), (), (), (), ())
    return columns_of(
        list(found),
        np.array(indices, dtype=np.intp),
        np.array(times, dtype=np.int64),
        np.array(values, dtype=np.float64),
        np.array(qualities, dtype=np.int8),
        problems=wrong,
        row=np.array(numbers, dtype=np.int64),
    )


class _RowError(ValueError):
    pass


def _problem(raw: RawRow, code: str) -> Problem:
    address = str(raw.key)[:200] if isinstance(raw.key, (str, int)) else ""
    return Problem(raw.row, code, address, raw.text[:KEPT_TEXT])


def _key_of(key: Any) -> Key:
    # Half of a surrogate pair is no text that could be stored or sent on.
    if isinstance(key, str) and 0 < len(key.strip()) <= 200 and key.isprintable():
        return key.strip()
    if isinstance(key, int) and not isinstance(key, bool) and 0 < key < 2**63:
        return key
    raise _RowError("no_address")


def _value_of(value: Any) -> float:
    if value is None or value == "":
        raise _RowError("no_value")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise _RowError("bad_number") from None


def _quality_of(quality: Any) -> int:
    if quality is None or quality == "":
        return 0
    try:
        number = int(quality)
    except (TypeError, ValueError, OverflowError):
        raise _RowError("bad_quality") from None
    if number not in QUALITIES:
        raise _RowError("bad_quality")
    return number


def checked(columns: ReadingColumns, *, now_us: int) -> ReadingColumns:
    """Return the readings that are possible at all; the others become problems.

    What is not a finite number, before 1990, or more than a day after `now_us` is left out.
    """
    finite = np.isfinite(columns.value)
    possible = (columns.at_us >= EARLIEST_US) & (columns.at_us <= now_us + AHEAD_US)
    known = (columns.quality >= 0) & (columns.quality <= QUALITIES[-1])
    good = finite & possible & known
    if good.all():
        return columns
    wrong = list(columns.problems)
    for index in np.flatnonzero(~good):
        code = "not_a_number" if not finite[index] else "impossible_time" if not possible[index] else "bad_quality"
        key = columns.keys[int(columns.key_index[index])]
        wrong.append(Problem(int(columns.row[index]), code, str(key)[:200], columns.text_of(int(index))[:KEPT_TEXT]))
    return replace(columns.taken(good), problems=tuple(wrong))
