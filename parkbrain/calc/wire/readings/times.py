"""Times as senders write them: ISO 8601 with or without an offset, or a count since 1970 in any usual unit."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

#: Nothing was metered over a network before this [µs since 1970 UTC].
EARLIEST_US = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: A count below this is in the unit: seconds, milliseconds, microseconds, else nanoseconds. From 1973 to 5138 no count
#: in one unit is one in another.
_SECONDS, _MILLIS, _MICROS = 10**11, 10**14, 10**17
_FAR = 2**62
_DECIMAL = re.compile(r"-?[0-9]{1,20}\.[0-9]{1,20}")


class TimeError(ValueError):
    """Raised when something is no time."""


@lru_cache(maxsize=8)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def time_of(at: Any, *, zone: str) -> int:
    """Return one time in microseconds since 1970 UTC.

    Parameters
    ----------
    at
        A number of seconds, milliseconds, microseconds or nanoseconds since 1970 (which, its size tells), the same as
        digits, or an ISO 8601 text; without an offset it is of `zone`.
    zone
        Name of a time zone.

    Raises
    ------
    TimeError
        If it is no time.

    Examples
    --------
    >>> time_of("2026-06-30T08:00:00+08:00", zone="UTC") == time_of(1782777600, zone="UTC")
    True
    >>> time_of("2026-06-30 08:00", zone="Asia/Shanghai") == time_of(1782777600_000, zone="UTC")
    True
    """
    if isinstance(at, bool):
        raise TimeError(at)
    if isinstance(at, str):
        text = at.strip()
        if text.removeprefix("-").isdigit() and text.isascii() and len(text) < 20:
            at = int(text)
        elif _DECIMAL.fullmatch(text):
            at = float(text)
        else:
            return _from_iso(text, zone)
    if isinstance(at, datetime):
        aware = at if at.tzinfo else at.replace(tzinfo=_zone(zone))
        return _micros(aware)
    if isinstance(at, int):
        return _from_count(at)
    if isinstance(at, float) and abs(at) < _FAR:
        size = abs(at)
        unit = 1e6 if size < _SECONDS else 1e3 if size < _MILLIS else 1 if size < _MICROS else 1e-3
        return round(at * unit)
    raise TimeError(at)


def _from_iso(text: str, zone: str) -> int:
    # "2026-06-30T24:00:00" and the like are refused by the standard library as they should be.
    try:
        found = datetime.fromisoformat(text.replace("/", "-"))
        return _micros(found if found.tzinfo else found.replace(tzinfo=_zone(zone)))
    except (ValueError, OverflowError):
        raise TimeError(text) from None


def _micros(moment: datetime) -> int:
    # Whole numbers all the way: a float of seconds would lose the last microseconds.
    past = moment - _EPOCH
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def _from_count(count: int) -> int:
    size = abs(count)
    if size >= 2**63:
        raise TimeError(count)
    if size < _SECONDS:
        return count * 1_000_000
    return count * 1_000 if size < _MILLIS else count if size < _MICROS else count // 1_000


def micros_of_counts(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return counts since 1970 in microseconds, each in the unit that its size tells.

    Examples
    --------
    >>> micros_of_counts(np.array([1782777600, 1782777600_000, 1782777600_000_000_000])).tolist()
    [1782777600000000, 1782777600000000, 1782777600000000]
    """
    # The smallest whole number has no positive twin: as an unsigned one its size is right all the same.
    size = np.abs(counts).view(np.uint64)
    if size.size and size.min() >= _MICROS:
        return counts // 1_000
    with np.errstate(over="ignore"):
        return np.select(
            [size < _SECONDS, size < _MILLIS, size < _MICROS],
            [counts * 1_000_000, counts * 1_000, counts],
            counts // 1_000,
        )


def micros_of_column(column: pa.Array | pa.ChunkedArray, *, zone: str) -> npt.NDArray[np.int64]:
    """Return a whole column of times in microseconds since 1970 UTC: the fast way, all of one form.

    Raises
    ------
    TimeError
        If one of them is no time, or is written in another form than the first.
    """
    kind = column.type
    try:
        if column.null_count:
            raise TimeError("without a value")
        if pa.types.is_dictionary(kind):
            column, kind = column.cast(kind.value_type), kind.value_type
        if pa.types.is_integer(kind):
            return micros_of_counts(_numbers(column.cast(pa.int64())))
        if pa.types.is_floating(kind):
            return np.array([time_of(v, zone=zone) for v in column.to_pylist()], dtype=np.int64)
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            column = column.cast(_form_of(column[0].as_py()) if len(column) else pa.int64())
            if pa.types.is_integer(column.type):
                return micros_of_counts(_numbers(column))
        if pa.types.is_timestamp(column.type):
            if column.type.tz is None:
                # What a clock shows twice or never is taken as the earlier of the two.
                column = pc.assume_timezone(column, zone, ambiguous="earliest", nonexistent="earliest")
            return _numbers(column.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64()))
    except pa.ArrowException as error:
        raise TimeError(str(error)) from None
    raise TimeError(str(kind))


def _numbers(column: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _form_of(first: str) -> pa.DataType:
    if first.isdigit():
        return pa.int64()
    tail = first[10:]
    return pa.timestamp("us", "UTC") if tail.endswith(("Z", "z")) or "+" in tail or "-" in tail else pa.timestamp("us")
