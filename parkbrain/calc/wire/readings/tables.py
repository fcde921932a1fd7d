"""CSV of readings: a heading that names the columns, then one reading a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from .batch import MessageError, Problem, RawRow, ReadingColumns, columns_of, columns_of_rows, encoded_keys
from .times import TimeError, micros_of_column
from .tokens import split_regular

#: What each column may be called. `number` is the number of a point, `point` its address at the source.
HEADINGS = {
    "point": ("point", "address", "tag", "name", "测点", "点位", "地址"),
    "number": ("number", "point_number", "point_id", "id", "测点编号"),
    "at": ("at", "time", "timestamp", "ts", "date", "datetime", "时间", "时刻"),
    "value": ("value", "val", "reading", "v", "值", "读数", "示数"),
    "quality": ("quality", "q", "质量", "品质"),
}
_BY_HEADING = {name: field for field, names in HEADINGS.items() for name in names}


def fields_of(headings: list[str]) -> dict[str, str]:
    """Return which heading holds which field.

    Raises
    ------
    MessageError
        ``missing_column`` where there is no value, no time or no point.
    """
    found: dict[str, str] = {}
    for heading in headings:
        field = _BY_HEADING.get(heading.strip().strip('"').lower().lstrip("\ufeff"))
        if field is not None:
            found.setdefault(field, heading)
    for field in ("at", "value"):
        if field not in found:
            raise MessageError("missing_column", row=1, column=field)
    if "point" not in found and "number" not in found:
        raise MessageError("missing_column", row=1, column="point")
    return found


def read_csv(body: bytes, *, now_us: int, zone: str) -> ReadingColumns:
    """Return the readings of a CSV body (UTF-8, separated by commas, semicolons or tabs).

    Raises
    ------
    MessageError
        If it is empty or its heading does not name what is needed; what is wrong with single rows is in the result.

    Examples
    --------
    >>> found = read_csv(b"point,at,value\\nE-1,1782777600,3.5\\n", now_us=0, zone="UTC")
    >>> found.keys, found.value.tolist(), found.at_us.tolist()
    (('E-1',), [3.5], [1782777600000000])
    """
    body = body.removeprefix(b"\xef\xbb\xbf")
    head, _, rest = body.partition(b"\n")
    if not head.strip():
        raise MessageError("empty", row=1)
    delimiter = next((d for d in (b",", b";", b"\t") if d in head), b",").decode()
    try:
        headings = head.decode().rstrip("\r").split(delimiter)
    except UnicodeDecodeError:
        raise MessageError("unreadable", row=1, detail="wrong_utf8") from None
    fields = fields_of(headings)
    try:
        return _regular(rest, delimiter, headings, fields, zone) or _fast(rest, delimiter, headings, fields, zone)
    except (pa.ArrowException, TimeError):
        return _slow(rest, delimiter, headings, fields, now_us, zone)


def _regular(
    rest: bytes, delimiter: str, headings: list[str], fields: dict[str, str], zone: str
) -> ReadingColumns | None:
    """Read rows without quotes, None where there are any or the rows differ in length."""
    if b'"' in rest or not rest:
        return None
    rows = rest.replace(b"\r\n", b"\n") if b"\r" in rest else rest
    cells = split_regular(rows, delimiter.encode() * (len(headings) - 1) + b"\n")
    if cells is None:
        return None
    columns = {field: cells[headings.index(heading)] for field, heading in fields.items()}
    key = columns["point"] if "point" in columns else columns["number"].cast(pa.int64())
    quality = columns["quality"].cast(pa.int8()) if "quality" in columns else None
    return of_table(key, columns["at"], columns["value"].cast(pa.float64()), quality, zone=zone)


def _fast(rest: bytes, delimiter: str, headings: list[str], fields: dict[str, str], zone: str) -> ReadingColumns:
    key = fields.get("point") or fields["number"]
    types = {
        key: pa.string() if "point" in fields else pa.int64(),
        fields["at"]: pa.string(),
        fields["value"]: pa.float64(),
    }
    if "quality" in fields:
        types[fields["quality"]] = pa.int8()
    table = pacsv.read_csv(
        pa.BufferReader(rest),
        read_options=pacsv.ReadOptions(use_threads=False, column_names=headings, block_size=len(rest) + 1),
        parse_options=pacsv.ParseOptions(delimiter=delimiter),
        convert_options=pacsv.ConvertOptions(
            column_types=types, include_columns=list(types), null_values=[], strings_can_be_null=False
        ),
    )
    return of_table(table[key], table[fields["at"]], table[fields["value"]],
                    table[fields["quality"]] if "quality" in fields else None, zone=zone)  # fmt: skip


def of_table(
    keys: pa.Array | pa.ChunkedArray,
    at: pa.Array | pa.ChunkedArray,
    value: pa.Array | pa.ChunkedArray,
    quality: pa.Array | pa.ChunkedArray | None,
    *,
    zone: str,
) -> ReadingColumns:
    """Return the readings of Arrow columns.

    Raises
    ------
    TimeError, pyarrow.ArrowException
        If a column holds something else than it should, or nothing.
    """
    if keys.null_count or value.null_count or (quality is not None and quality.null_count):
        raise pa.ArrowInvalid("a reading without point, value or quality")
    whole = keys.combine_chunks() if isinstance(keys, pa.ChunkedArray) else keys
    if isinstance(whole, pa.ChunkedArray):
        whole = pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], type=whole.type)
    names, index = encoded_keys(whole)
    return columns_of(
        names,
        index,
        micros_of_column(at, zone=zone),
        np.asarray(value.cast(pa.float64()).to_numpy(), dtype=np.float64),
        None if quality is None else np.asarray(quality.cast(pa.int8()).to_numpy(), dtype=np.int8),
    )


def _slow(
    rest: bytes, delimiter: str, headings: list[str], fields: dict[str, str], now_us: int, zone: str
) -> ReadingColumns:
    places = {field: headings.index(heading) for field, heading in fields.items()}
    problems: list[Problem] = []

    def rows() -> Iterator[RawRow]:
        for number, cells, text in _lines(rest, delimiter, problems):
            if len(cells) != len(headings):
                problems.append(Problem(number, "bad_row", "", text))
                continue
            key: str | int = cells[places["point"]] if "point" in places else cells[places["number"]].strip()
            if "point" not in places and isinstance(key, str) and key.isascii() and key.isdigit() and len(key) < 19:
                key = int(key)
            elif "point" not in places:
                problems.append(Problem(number, "no_address", str(key)[:200], text))
                continue
            quality = cells[places["quality"]].strip() if "quality" in places else 0
            yield RawRow(number, key, cells[places["at"]].strip(), cells[places["value"]].strip(), quality, text)

    found = list(rows())
    return columns_of_rows(found, now_us=now_us, zone=zone, problems=problems)


def _lines(rest: bytes, delimiter: str, problems: list[Problem]) -> Iterator[tuple[int, list[str], str]]:
    """Yield rows one by one with their number; those that are no UTF-8 become problems."""
    for number, line in enumerate(rest.split(b"\n"), start=2):
        line = line.rstrip(b"\r")
        if not line.strip():
            continue
        try:
            text = line.decode()
        except UnicodeDecodeError:
            problems.append(Problem(number, "wrong_utf8", "", line[:300].decode(errors="replace")))
            continue
        try:
            cells = next(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True), [])
        except csv.Error:
            problems.append(Problem(number, "bad_row", "", text[:300]))
            continue
        yield number, cells, text[:300]
