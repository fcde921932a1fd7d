"""Dates as people type them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from .types import CellError

#: Dates of a record lie between these; 1900-01-00 and 9999-12-31 are what spreadsheets write for nothing.
FIRST_YEAR, LAST_YEAR = 1901, 2199
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_TIME = r"(?:[T\s]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})\s*([-/.年])\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})\s*[日号號]?{_TIME}")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR_LAST = re.compile(rf"(\d{{1,2}})\s*([-/.])\s*(\d{{1,2}})\s*[-/.]\s*(\d{{4}}){_TIME}")
_NAMED = re.compile(r"(?:(\d{1,2})\s+([a-z]+)\.?,?\s+(\d{4})|([a-z]+)\.?\s+(\d{1,2}),?\s+(\d{4}))")
_NO_DAY = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*月?|\d{4}\s*年?")
_SHORT_YEAR = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{1,2}")
#: Day 0 of spreadsheet serial numbers, for the reading that a refusal names.
_SERIAL_ZERO = date(1899, 12, 30)


def parse_date(raw: object, *, order: str = "") -> date:
    """Return the date of a cell; a time of day beside it is left out.

    Parameters
    ----------
    raw
        What the reader of the file gives.
    order
        ``dmy`` or ``mdy`` where the column says which comes first; "" refuses what may be both.

    Raises
    ------
    CellError
        ``date_ambiguous`` (with both readings), ``date_without_day``, ``date_short_year``, ``date_number`` (a bare
        serial number, with its reading), ``date_out_of_range`` or ``not_a_date``.

    Examples
    --------
    >>> parse_date("2026年3月31日")
    datetime.date(2026, 3, 31)
    >>> parse_date("31.03.2026")
    datetime.date(2026, 3, 31)
    >>> parse_date("03/04/2026")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    parkbrain.calc.cells.types.CellError: date_ambiguous {...'first': '2026-04-03', 'second': '2026-03-04'}
    """
    if isinstance(raw, datetime):
        return _in_range(raw.date(), raw.date().isoformat())
    if isinstance(raw, date):
        return _in_range(raw, raw.isoformat())
    if isinstance(raw, float | int) and not isinstance(raw, bool):
        return _from_number(raw)
    if not isinstance(raw, str):
        raise CellError("not_a_date", value=str(raw))
    return _from_text(raw, order)


def _from_number(raw: float) -> date:
    text = f"{raw:.0f}" if abs(raw) < 1e15 and raw == int(raw) else str(raw)
    if match := _COMPACT.fullmatch(text):
        return _build(text, *match.groups())
    # A bare number may be a serial number or a year: which one is for the person to say.
    if 10_000 <= raw < 110_000:
        raise CellError("date_number", value=text, reading=(_SERIAL_ZERO + timedelta(days=int(raw))).isoformat())
    raise CellError("not_a_date", value=text)


def _from_text(raw: str, order: str) -> date:
    text = unicodedata.normalize("NFKC", raw).strip()
    if match := _YEAR_FIRST.fullmatch(text):
        return _build(raw, match.group(1), match.group(3), match.group(4))
    if match := _COMPACT.fullmatch(text):
        return _build(raw, *match.groups())
    if match := _YEAR_LAST.fullmatch(text):
        return _day_or_month_first(raw, match, order)
    if match := _NAMED.fullmatch(text.lower()):
        day, name, year = match.group(1, 2, 3) if match.group(1) else match.group(5, 4, 6)
        if name in _MONTHS:
            return _build(raw, year, str(_MONTHS[name]), day)
    if _NO_DAY.fullmatch(text):
        raise CellError("date_without_day", value=raw)
    if _SHORT_YEAR.fullmatch(text):
        raise CellError("date_short_year", value=raw)
    raise CellError("not_a_date", value=raw)


def _day_or_month_first(raw: str, match: re.Match[str], order: str) -> date:
    first, mark, second, year = int(match.group(1)), match.group(2), int(match.group(3)), match.group(4)
    # Points are written day first wherever they are written at all.
    if mark == "." or first > 12 or first == second:
        return _build(raw, year, str(second), str(first))
    if second > 12:
        return _build(raw, year, str(first), str(second))
    if order:
        return _build(raw, year, *((str(second), str(first)) if order == "dmy" else (str(first), str(second))))
    readings = {"first": f"{year}-{second:02d}-{first:02d}", "second": f"{year}-{first:02d}-{second:02d}"}
    raise CellError("date_ambiguous", value=raw, **readings)


def _build(raw: str, year: str, month: str, day: str) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError as error:
        raise CellError("not_a_date", value=raw) from error
    return _in_range(found, raw)


def _in_range(found: date, raw: str) -> date:
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise CellError("date_out_of_range", value=raw, first=str(FIRST_YEAR), last=str(LAST_YEAR))
    return found


def find_date_order(values: Iterable[object]) -> str:
    """Return which comes first in the dates of a column: ``dmy``, ``mdy``, or "" where none of them tells or they differ.

    Examples
    --------
    >>> find_date_order(["03/04/2026", "31/12/2025"]), find_date_order(["03/04/2026"])
    ('dmy', '')
    """
    found = set()
    for value in values:
        match = _YEAR_LAST.fullmatch(unicodedata.normalize("NFKC", value).strip()) if isinstance(value, str) else None
        if match and max(int(match[1]), int(match[3])) > 12:
            found.add("dmy" if int(match[1]) > 12 else "mdy")
    return found.pop() if len(found) == 1 else ""
