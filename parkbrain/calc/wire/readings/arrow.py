"""Readings as an Arrow IPC stream: columns `point` (text or whole number), `at`, `value` and perhaps `quality`."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import pyarrow as pa

from .batch import MessageError, RawRow, ReadingColumns, columns_of_rows
from .bodies import LIMIT_BYTES
from .tables import fields_of, of_table
from .times import TimeError

#: Most rows of one message.
MAX_ROWS = 5_000_000


def read_arrow(body: bytes, *, now_us: int, zone: str, limit: int = LIMIT_BYTES) -> ReadingColumns:
    """Return the readings of an Arrow IPC stream.

    Parameters
    ----------
    body
        The stream; its buffers may be compressed.
    now_us
        Time of readings that have none [µs since 1970 UTC].
    zone
        Time zone of times without one.
    limit
        What its buffers may take when they are unpacked [bytes].

    Raises
    ------
    MessageError
        If it is no such stream, would become too large, or lacks a column.

    Examples
    --------
    >>> table = pa.table({"point": ["E-1"], "at": [1782777600], "value": [3.5]})
    >>> sink = pa.BufferOutputStream()
    >>> with pa.ipc.new_stream(sink, table.schema) as out:
    ...     out.write_table(table)
    >>> read_arrow(sink.getvalue().to_pybytes(), now_us=0, zone="UTC").value.tolist()
    [3.5]
    """
    if not body:
        raise MessageError("empty", row=1)
    try:
        size = sum(_unpacked_sizes(body))
        if size > limit:
            raise MessageError("too_large", limit_bytes=limit)
        with pa.ipc.open_stream(pa.BufferReader(body)) as stream:
            table = stream.read_all()
        table.validate(full=True)
    except (pa.ArrowException, OSError, struct.error, IndexError, ValueError, OverflowError, MemoryError) as error:
        if isinstance(error, MessageError):
            raise
        raise MessageError("unreadable", detail=str(error)[:120]) from None
    if table.num_rows > MAX_ROWS:
        raise MessageError("too_large", limit_rows=MAX_ROWS)
    fields = fields_of([str(name) for name in table.column_names])
    # Of two columns of one name the first counts.
    columns = {field: table.column(table.column_names.index(name)) for field, name in fields.items()}
    key = columns["point"] if "point" in columns else columns["number"]
    try:
        if not _is_key(key.type):
            raise pa.ArrowInvalid("points are texts or whole numbers")
        return of_table(key, columns["at"], columns["value"], columns.get("quality"), zone=zone)
    except (pa.ArrowException, TimeError, ValueError, OverflowError):
        return _slow(key, columns, now_us, zone)


def _is_key(kind: pa.DataType) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_integer(inner))


def _slow(key: pa.ChunkedArray, columns: dict[str, pa.ChunkedArray], now_us: int, zone: str) -> ReadingColumns:
    try:
        lists = [c.to_pylist() for c in (key, columns["at"], columns["value"])]
        quality = columns["quality"].to_pylist() if "quality" in columns else [0] * len(lists[0])
    except (pa.ArrowException, ValueError, OverflowError) as error:
        raise MessageError("unreadable", detail=str(error)[:120]) from None
    rows = [
        RawRow(number, point, at, value, q, f"{point!r} {at!r} {value!r}"[:300])
        for number, (point, at, value, q) in enumerate(zip(*lists, quality, strict=True), start=1)
    ]
    return columns_of_rows(rows, now_us=now_us, zone=zone)


def _unpacked_sizes(body: bytes) -> Iterator[int]:
    """Yield how large each compressed buffer of the stream says it becomes: a reader sets that much memory aside."""
    reader = pa.ipc.MessageReader.open_stream(pa.BufferReader(body))
    while True:
        try:
            message = reader.read_next_message()
        except StopIteration:
            return
        if message.type not in {"record batch", "dictionary"}:
            continue
        data, header = message.metadata.to_pybytes(), 0
        header = _table_at(data, _root(data), 2)
        if message.type == "dictionary":
            header = _table_at(data, header, 1)
        if not header or not _field_at(data, header, 3):
            continue
        vector = _table_at(data, header, 2)
        content = memoryview(message.body) if message.body is not None else memoryview(b"")
        for number in range(struct.unpack_from("<I", data, vector)[0]):
            offset, length = struct.unpack_from("<qq", data, vector + 4 + 16 * number)
            if length >= 8:
                yield max(0, struct.unpack_from("<q", content, offset)[0])


def _root(data: bytes) -> int:
    return int(struct.unpack_from("<I", data, 0)[0])


def _field_at(data: bytes, table: int, number: int) -> int:
    """Return where a field of a flatbuffer table is, 0 where the table has none."""
    vtable = table - struct.unpack_from("<i", data, table)[0]
    if vtable < 0 or 4 + 2 * number >= struct.unpack_from("<H", data, vtable)[0]:
        return 0
    offset = struct.unpack_from("<H", data, vtable + 4 + 2 * number)[0]
    return table + offset if offset else 0


def _table_at(data: bytes, table: int, number: int) -> int:
    """Return where the table or vector lies that a field refers to, 0 where there is none."""
    place = _field_at(data, table, number)
    return place + struct.unpack_from("<I", data, place)[0] if place else 0
