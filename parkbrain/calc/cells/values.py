"""One cell: read by the type of its column, or written so that it reads back the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from .. import uscc
from .dates import parse_date
from .numbers import check_bounds, parse_number
from .shapes import parse_geometry, write_geometry
from .types import CLEAR, CLEAR_ZH, MERGED, UNCALCULATED, CellError, CellType, plain_text

_TRUE = frozenset({"是", "有", "√", "✓", "✔", "对", "對", "yes", "y", "true", "t", "1", "真"})
_FALSE = frozenset({"否", "无", "無", "×", "✗", "✘", "no", "n", "false", "f", "0", "假", "没有", "沒有"})
_CLEAR = frozenset({CLEAR, CLEAR_ZH})
#: What those words and these errors begin with, half-width and full-width (and U+FE59, U+FE5F): most cells do not.
_OPENING, _HASHES = frozenset("(（﹙"), frozenset("#＃﹟")
_SPREADSHEET_ERRORS = frozenset(
    {"#ref!", "#n/a", "#value!", "#div/0!", "#name?", "#null!", "#num!", "#spill!", "#calc!"}
)


def is_clear(raw: object) -> bool:
    """Tell whether the cell asks to empty what the record holds.

    Examples
    --------
    >>> is_clear("（清空）"), is_clear("")
    (True, False)
    """
    return isinstance(raw, str) and len(raw) < 20 and raw.lstrip()[:1] in _OPENING and plain_text(raw) in _CLEAR


def parse_cell(raw: object, kind: CellType) -> Any:
    """Return the typed value of a cell, or None where it is empty.

    Parameters
    ----------
    raw
        What the reader of the file gives: text, number, boolean, date, time or nothing.
    kind
        The type of the column.

    Returns
    -------
    object
        str, int, float, Decimal (money), date, bool, a tuple of str (codes) or a dict (geometry), by the column's kind.

    Raises
    ------
    CellError
        With the machine code of what is wrong; no other error leaves this function.

    Examples
    --------
    >>> parse_cell("３５", CellType("integer"))
    35
    >>> parse_cell(" √ ", CellType("boolean"))
    True
    >>> parse_cell("34，35、391", CellType("codes"))
    ('34', '35', '391')
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if raw == UNCALCULATED:
        raise CellError("formula_without_value", value=raw)
    if raw == MERGED:
        raise CellError("merged", value="")
    if isinstance(raw, str) and raw.lstrip()[:1] in _HASHES and plain_text(raw[:12]) in _SPREADSHEET_ERRORS:
        raise CellError("formula_error", value=raw.strip())
    try:
        return _READERS[kind.kind](raw, kind)
    except CellError:
        raise
    except (ArithmeticError, ValueError, OverflowError) as error:
        raise CellError("unreadable", value=str(raw)[:80]) from error


def _text(raw: object, kind: CellType) -> str:
    text = _as_text(raw)
    # A line break inside a cell is a space to the record; names keep their full-width brackets.
    text = " ".join(text.split())
    return _not_too_long(text, kind)


def _code(raw: object, kind: CellType) -> str:
    text = " ".join(unicodedata.normalize("NFKC", _as_text(raw)).split())
    return _not_too_long(text, kind)


def _not_too_long(text: str, kind: CellType) -> str:
    if "\x00" in text:
        raise CellError("unreadable", value=text.replace("\x00", "")[:80])
    if len(text) > kind.max_length:
        raise CellError("too_long", value=text[:80], length=len(text), limit=kind.max_length)
    return text


def _as_text(raw: object) -> str:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "TRUE" if raw else "FALSE"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        # Spreadsheets hold every number as a float: room 301 is not "301.0".
        return str(int(raw))
    if isinstance(raw, datetime):
        return raw.date().isoformat() if raw.time() == time() else raw.isoformat(sep=" ")
    if isinstance(raw, date):
        return raw.isoformat()
    return str(raw)


def _integer(raw: object, kind: CellType) -> int:
    value = parse_number(raw, kind)
    if value != value.to_integral_value():
        raise CellError("not_whole", value=_shown(raw))
    check_bounds(value, kind, _shown(raw))
    return int(value)


def _number(raw: object, kind: CellType) -> float:
    value = parse_number(raw, kind)
    check_bounds(value, kind, _shown(raw))
    return float(value)


def _money(raw: object, kind: CellType) -> Decimal:
    value = parse_number(raw, kind)
    check_bounds(value, kind, _shown(raw))
    return value


def _shown(raw: object) -> str:
    return _as_text(raw)


def _date(raw: object, kind: CellType) -> date:
    if isinstance(raw, time | timedelta):
        raise CellError("not_a_date", value=str(raw))
    return parse_date(raw, order=kind.date_order)


def _boolean(raw: object, kind: CellType) -> bool:
    if isinstance(raw, bool):
        return raw
    word = plain_text(_as_text(raw))
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise CellError("not_yes_or_no", value=_shown(raw))


def _choice(raw: object, kind: CellType) -> str:
    found = kind.choices.get(plain_text(_as_text(raw)))
    if found is None:
        raise CellError("not_a_choice", value=_shown(raw), options=list(kind.choice_labels))
    return found


def _uscc(raw: object, kind: CellType) -> str:
    if isinstance(raw, float):
        # Eighteen digits do not fit into a spreadsheet's number: the last ones are already lost.
        raise CellError("uscc_as_number", value=_shown(raw))
    code = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", _as_text(raw))).upper()
    if wrong := uscc.problem_of(code):
        raise CellError(f"uscc_{wrong[0]}", value=_shown(raw), detail=wrong[1])
    return code


def _codes(raw: object, kind: CellType) -> tuple[str, ...]:
    text = unicodedata.normalize("NFKC", _as_text(raw))
    parts = tuple(dict.fromkeys(p for p in re.split(r"[\s,;、/|]+", text) if p))
    for part in parts:
        if len(part) > kind.max_length:
            raise CellError("too_long", value=part[:80], length=len(part), limit=kind.max_length)
    return parts


_READERS: dict[str, Callable[[object, CellType], Any]] = {
    "text": _text,
    "code": _code,
    "integer": _integer,
    "number": _number,
    "money": _money,
    "date": _date,
    "boolean": _boolean,
    "choice": _choice,
    "uscc": _uscc,
    "codes": _codes,
    "geometry": parse_geometry,
}
KINDS = frozenset(_READERS)


def write_cell(
    value: Any, kind: CellType, *, labels: Mapping[str, str] | None = None, words: tuple[str, str] = ("yes", "no")
) -> Any:
    """Return what a workbook holds for a value, so that `parse_cell` gives the same value back.

    Parameters
    ----------
    value
        The typed value, or None.
    labels
        For choices: stored value to label.
    words
        What true and false are called.

    Examples
    --------
    >>> write_cell(("34", "35"), CellType("codes"))
    '34, 35'
    >>> write_cell(True, CellType("boolean"), words=("是", "否"))
    '是'
    """
    if value is None or value == "":
        return None
    if kind.kind == "boolean":
        return words[0] if value else words[1]
    if kind.kind == "choice":
        return (labels or {}).get(str(value), str(value))
    if kind.kind == "codes":
        return ", ".join(str(v) for v in value) or None
    if kind.kind == "geometry":
        return write_geometry(value)
    if kind.kind in {"integer", "number", "money", "date"}:
        return value
    return str(value)
