"""Numbers as people type them."""

from __future__ import annotations

import math
import re
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import cache

from .. import units
from .types import CellError, CellType

_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-", "﹣": "-", "'": "'"})
_MYRIADS = {"千": 3, "万": 4, "萬": 4, "百万": 6, "百萬": 6, "千万": 7, "千萬": 7, "亿": 8, "億": 8}
# Groups of three, one kind of separator throughout; or none.
_NUMBER = re.compile(
    r"[+-]?(?:\d{1,3}(?P<mark>[, '])\d{3}(?:(?P=mark)\d{3})*|\d+)(?:\.\d*)?(?:[eE][+-]?\d{1,3})?|[+-]?\.\d+"
)
#: How units begin that are ten thousands themselves.
_IN_MYRIADS = ("10k ", "万", "萬")
_WITH_SUFFIX = re.compile(rf"(?P<digits>{_NUMBER.pattern})\s*(?P<suffix>.*)", re.DOTALL)
_LOOKALIKES = str.maketrans({"O": "0", "o": "0", "〇": "0", "○": "0", "l": "1", "I": "1", "|": "1", "S": "5", "B": "8"})
#: More digits than a sensible number of any unit has; beyond it arithmetic would only waste time.
_MOST_DIGITS = 30


def parse_number(raw: object, kind: CellType) -> Decimal:
    """Return the number of a cell [unit of the column].

    Text may carry separators of thousands, 万 and 亿, a percent sign, or a unit of the column's quantity.

    Raises
    ------
    CellError
        ``letter_in_number``, ``not_a_number``, ``unit_in_cell``, ``myriad_twice`` or ``not_finite``.

    Examples
    --------
    >>> parse_number("1.2万", CellType("number")) == 12_000
    True
    >>> parse_number("12,5O0", CellType("number"))
    Traceback (most recent call last):
    parkbrain.calc.cells.types.CellError: letter_in_number {'value': '12,5O0', 'suggestion': '12,500'}
    """
    if isinstance(raw, bool):
        raise CellError("not_a_number", value=str(raw))
    if isinstance(raw, float | int | Decimal):
        if not math.isfinite(raw):
            raise CellError("not_finite", value=str(raw))
        # repr, not the binary value: 58.5 and 0.1 stay what was typed.
        return _scaled(Decimal(repr(raw) if isinstance(raw, float) else str(raw)), kind.factor)
    if not isinstance(raw, str):
        raise CellError("not_a_number", value=str(raw))
    return _from_text(raw, kind)


def _from_text(raw: str, kind: CellType) -> Decimal:
    text = unicodedata.normalize("NFKC", raw).translate(_MINUS).strip().lstrip("¥￥$").strip()
    text = re.sub(r"\s", " ", text)
    match = _WITH_SUFFIX.fullmatch(text)
    if match is None:
        raise _why_not(raw, text)
    digits, suffix = match["digits"], match["suffix"].strip()
    try:
        value = Decimal(re.sub(r"[, ']", "", digits))
    except InvalidOperation as error:
        raise CellError("not_a_number", value=raw) from error
    if len(value.as_tuple().digits) > _MOST_DIGITS or abs(value.adjusted()) > _MOST_DIGITS:
        raise CellError("not_finite", value=raw)
    return _with_suffix(raw, value, suffix, kind)


def _with_suffix(raw: str, value: Decimal, suffix: str, kind: CellType) -> Decimal:
    if not suffix:
        return _scaled(value, kind.factor)
    if suffix == "%":
        return value if kind.unit == "%" else value.scaleb(-2)
    # A unit beside the number says more than the heading does: "5 kg" below "(t)" is 0.005.
    if kind.unit and (factor := units.factor(suffix, kind.unit)) is not None:
        return _scaled(value, factor)
    for word in sorted(_MYRIADS, key=len, reverse=True):
        if suffix.startswith(word):
            rest = suffix[len(word) :].strip()
            if not rest and kind.unit.startswith(_IN_MYRIADS):
                # "1.2万" below "(万元)": whether 万 repeats the unit or multiplies it is not for a program to say.
                raise CellError("myriad_twice", value=raw, word=word, unit=kind.unit)
            value = value.scaleb(_MYRIADS[word])
            return _with_suffix(raw, value, rest, kind) if rest else _scaled(value, kind.factor)
    if units.is_unit(suffix):
        raise CellError("unit_in_cell", value=raw, found=suffix, unit=kind.unit)
    raise _why_not(raw, unicodedata.normalize("NFKC", raw).strip())


def _scaled(value: Decimal, factor: Decimal) -> Decimal:
    return value if factor == 1 else value * factor


def _why_not(raw: str, text: str) -> CellError:
    """Return the refusal; a letter that looks like a digit is named with what was probably meant."""
    mended = text.translate(_LOOKALIKES)
    if mended != text and any(c.isdigit() for c in text) and _NUMBER.fullmatch(mended):
        return CellError("letter_in_number", value=raw, suggestion=mended)
    return CellError("not_a_number", value=raw)


def check_bounds(value: Decimal, kind: CellType, raw: object) -> None:
    """Refuse a number outside the column's range.

    Raises
    ------
    CellError
        ``below_minimum`` or ``above_maximum``.

    Examples
    --------
    >>> check_bounds(Decimal(5), CellType("number", minimum=0, maximum=9), "5")
    """
    # A Decimal and a float are compared by their exact values: a bound such as 0.1 is meant as it is written.
    if kind.minimum is not None and value < _exact(kind.minimum):
        raise CellError("below_minimum", value=str(raw), limit=_short(kind.minimum), unit=kind.unit)
    if kind.maximum is not None and value > _exact(kind.maximum):
        raise CellError("above_maximum", value=str(raw), limit=_short(kind.maximum), unit=kind.unit)


@cache
def _exact(limit: float) -> Decimal:
    return Decimal(str(limit))


def _short(limit: float) -> str:
    return f"{limit:,.4f}".rstrip("0").rstrip(".")
