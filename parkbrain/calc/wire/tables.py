"""Tables that people write into a setting: which register, which item of which meter is which point."""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Mapping, Sequence


class TableError(ValueError):
    """Raised when a table of a source cannot be read.

    `code` is one of missing_column, missing, unknown, no_number, twice, empty.
    """

    def __init__(self, code: str, *, row: int = 0, column: str = "", value: str = "") -> None:
        self.code, self.row, self.column, self.value = code, row, column, value
        super().__init__(f"{code} in row {row}, column {column}: {value!r}")


def read_table(text: str, *, required: Sequence[str], optional: Mapping[str, str]) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a table as people write it, each with the number of its line.

    Comma, semicolon or tab; a heading; ``#`` begins a remark.

    Raises
    ------
    TableError
        ``empty``, ``missing_column``, ``missing``.

    Examples
    --------
    >>> read_table("meter,point\\n1,E-1", required=["meter", "point"], optional={"item": "total"})
    [(2, {'item': 'total', 'meter': '1', 'point': 'E-1'})]
    """
    lines = [
        (number, line)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if len(lines) < 2:
        raise TableError("empty")
    separator = next((s for s in "\t;" if s in lines[0][1]), ",")
    try:
        rows = list(csv.reader([line for _number, line in lines], delimiter=separator, skipinitialspace=True))
    except csv.Error:  # a cell longer than any table of meters has
        raise TableError("empty") from None
    heads = [head.strip().lower() for head in rows[0]]
    for name in required:
        if name not in heads:
            raise TableError("missing_column", row=lines[0][0], column=name)
    found = []
    for (number, _line), cells in zip(lines[1:], rows[1:], strict=False):
        row = {head: cell.strip() for head, cell in zip(heads, cells, strict=False) if cell.strip()}
        for name in required:
            if name not in row:
                raise TableError("missing", row=number, column=name)
        found.append((number, {**optional, **row}))
    return found


def known_of(row: Mapping[str, str], number: int, column: str, known: Collection[str]) -> str:
    """Return what a row says, if it is one of those that are known.

    Examples
    --------
    >>> known_of({"table": "input"}, 2, "table", ["holding", "input"])
    'input'
    """
    if row[column] not in known:
        raise TableError("unknown", row=number, column=column, value=row[column])
    return row[column]


def number_of_meter(row: Mapping[str, str], number: int, digits: int, *, anyone: str) -> str:
    """Return the number of a meter with all its digits, or the one that every meter answers to.

    Examples
    --------
    >>> number_of_meter({"meter": "161"}, 2, 12, anyone="AAAAAAAAAAAA")
    '000000000161'
    """
    meter = row["meter"]
    if not (meter.isascii() and meter.isdigit() and len(meter) <= digits) and meter != anyone:
        raise TableError("no_number", row=number, column="meter", value=meter)
    return meter.zfill(digits)


def check_points(rows: Sequence[tuple[int, Mapping[str, str]]]) -> None:
    """Refuse a table in which two rows would be the same point.

    Examples
    --------
    >>> check_points([(2, {"point": "E-1"}), (3, {"point": "E-2"})])
    """
    met: set[str] = set()
    for number, row in rows:
        if row["point"] in met:
            raise TableError("twice", row=number, column="point", value=row["point"])
        met.add(row["point"])


def whole_of(row: Mapping[str, str], number: int, column: str, most: int) -> int:
    """Return a whole number from 0 to `most` of a row.

    Examples
    --------
    >>> whole_of({"device": "7"}, 2, "device", 255)
    7
    """
    text = row[column]
    if not (text.isascii() and text.isdigit()) or int(text) > most:
        raise TableError("no_number", row=number, column=column, value=text)
    return int(text)


def real_of(row: Mapping[str, str], number: int, column: str) -> float:
    """Return a finite number of a row.

    Examples
    --------
    >>> real_of({"scale": "0.1"}, 2, "scale")
    0.1
    """
    try:
        value = float(row[column])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise TableError("no_number", row=number, column=column, value=row[column])
    return value
