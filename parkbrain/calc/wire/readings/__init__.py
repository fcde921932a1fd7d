"""Readings as gateways and people's programs push them: from the bytes of one message to columns.

Every format is read in two ways: as whole columns where all is well, row by row where something is wrong, so that one
bad row costs nothing but itself.
"""

from __future__ import annotations

from collections.abc import Callable

from .arrow import read_arrow
from .batch import (
    MessageError,
    Problem,
    RawRow,
    ReadingColumns,
    checked,
    columns_of,
    columns_of_rows,
)
from .bodies import LIMIT_BYTES, unpack
from .lines import read_lines
from .objects import read_json, read_ndjson
from .tables import read_csv
from .times import TimeError, time_of

#: What a body is, by its media type.
READERS: dict[str, Callable[..., ReadingColumns]] = {
    "application/x-ndjson": read_ndjson,
    "application/ndjson": read_ndjson,
    "application/jsonl": read_ndjson,
    "application/json": read_json,
    "text/csv": read_csv,
    "text/plain": read_lines,
    "text/vnd.influxdb.line-protocol": read_lines,
    "application/vnd.apache.arrow.stream": read_arrow,
}


def read_message(
    body: bytes, *, media_type: str, encoding: str = "", now_us: int, zone: str = "UTC", limit: int = LIMIT_BYTES
) -> ReadingColumns:
    """Return the readings of one message: what is wrong with single rows is in the result, the rest is taken.

    Parameters
    ----------
    body
        The bytes that came.
    media_type
        What they are (``text/csv; charset=utf-8``).
    encoding
        How they are compressed, empty where they are not.
    now_us
        Now, and the time of readings that have none [µs since 1970 UTC].
    zone
        Time zone of times without an offset.
    limit
        Longest body after unpacking [bytes].

    Raises
    ------
    MessageError
        If the message as a whole cannot be read.

    Examples
    --------
    >>> found = read_message(b"E-1 value=nan", media_type="text/plain", now_us=1782777600_000_000)
    >>> found.count, [p.code for p in found.problems]
    (0, ['not_a_number'])
    """
    reader = READERS.get(media_type.partition(";")[0].strip().lower())
    if reader is None:
        raise MessageError("unknown_format", media_type=media_type[:80])
    return checked(reader(unpack(body, encoding, limit=limit), now_us=now_us, zone=zone), now_us=now_us)


__all__ = [
    "LIMIT_BYTES",
    "READERS",
    "MessageError",
    "Problem",
    "RawRow",
    "ReadingColumns",
    "TimeError",
    "checked",
    "columns_of",
    "columns_of_rows",
    "read_arrow",
    "read_csv",
    "read_json",
    "read_lines",
    "read_message",
    "read_ndjson",
    "time_of",
    "unpack",
]
