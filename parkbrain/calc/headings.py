"""Headings of a table matched with the columns it may have: by name, by synonym, with the unit that stands beside."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from . import units

#: Words in brackets that say nothing about the column.
_ASIDES = frozenset({"必填", "选填", "選填", "required", "optional", "可选", "可選", "如有", "if any"})
_BRACKET = re.compile(r"[(\[【]([^()\[\]【】]*)[)\]】]\s*$")
_TAIL = re.compile(r"^(.+?)\s*[/:,|_]\s*([^/:,|_]+(?:/[^/:,|_]+)*)$")
#: What people shorten in headings; whole words only.
_SHORT = {"no": "number", "nr": "number", "num": "number", "bldg": "building", "yr": "year", "addr": "address"}
_SHORT_WORD = re.compile(rf"\b({'|'.join(_SHORT)})\b\.?")
MAX_HEADING_ROW = 10


def plain(text: str) -> str:
    """Return a heading reduced to what is compared: half-width, lower case, words in full, no spaces or stars.

    Examples
    --------
    >>> plain(" 建筑面积（㎡）＊ "), plain("Bldg No.")
    ('建筑面积(m2)', 'buildingnumber')
    """
    folded = unicodedata.normalize("NFKC", text.replace("㎡", "m2").replace("²", "2")).casefold()
    folded = _SHORT_WORD.sub(lambda short: _SHORT[short.group(1)], folded.replace("_", " "))
    return re.sub(r"[\s*_:#]+", "", folded.replace("【", "(").replace("】", ")").replace("[", "(").replace("]", ")"))


@dataclass(frozen=True)
class HeadingForms:
    """How the heading of one column may read: its own names, the synonyms, and the unit of its numbers."""

    field: str
    names: frozenset[str]
    synonyms: frozenset[str] = frozenset()
    unit: str = ""
    required: bool = False


@dataclass(frozen=True)
class HeadingMatch:
    """What a heading was taken for.

    `problem` is a machine code: ``ambiguous`` (more than one column), ``unit_unknown``, ``unit_other``; then there is
    no field. `factor` multiplies the numbers below a heading with another unit of the same quantity.
    """

    field: str | None = None
    factor: Decimal = Decimal(1)
    unit: str = ""
    problem: str = ""
    candidates: tuple[str, ...] = ()


def match_heading(text: str, forms: Sequence[HeadingForms]) -> HeadingMatch:
    """Return which column a heading names.

    Parameters
    ----------
    text
        The heading as it stands in the file.
    forms
        The columns it may name.

    Examples
    --------
    >>> forms = [HeadingForms("area_m2", frozenset({"area"}), unit="m²")]
    >>> match_heading("Area (万㎡)", forms).factor
    Decimal('10000')
    >>> match_heading("Area (kg)", forms).problem
    'unit_other'
    >>> match_heading("Colour", forms).field is None
    True
    """
    whole = plain(text)
    if not whole:
        return HeadingMatch()
    found = _named(whole, forms)
    if found:
        return _one(found)
    for stem, aside in _splits(text):
        found = _named(plain(stem), forms)
        if not found:
            continue
        if len(found) > 1:
            return _one(found)
        return _with_aside(found[0], aside)
    return HeadingMatch()


def _named(key: str, forms: Sequence[HeadingForms]) -> list[HeadingForms]:
    # A column's own name goes before what people also call another column.
    return [f for f in forms if key in f.names] or [f for f in forms if key in f.synonyms]


def _one(found: Sequence[HeadingForms]) -> HeadingMatch:
    if len(found) > 1:
        return HeadingMatch(problem="ambiguous", candidates=tuple(f.field for f in found))
    return HeadingMatch(found[0].field)


def _splits(text: str) -> list[tuple[str, str]]:
    """Return the ways a heading falls into a name and what stands beside it."""
    folded = unicodedata.normalize("NFKC", text.replace("㎡", "m2").replace("²", "2")).strip().rstrip("*").strip()
    splits = []
    if bracket := _BRACKET.search(folded):
        stem, aside = folded[: bracket.start()], bracket.group(1).strip()
        splits.append((stem, aside))
        # "营业收入(万元)(必填)" has two.
        if second := _BRACKET.search(stem):
            splits.append((stem[: second.start()], second.group(1).strip()))
    if (tail := _TAIL.match(folded)) and units.is_unit(tail.group(2)):
        splits.append((tail.group(1), tail.group(2)))
    if " " in folded and units.is_unit(folded.rsplit(" ", 1)[1]):
        splits.append(tuple(folded.rsplit(" ", 1)))  # type: ignore[arg-type]
    return splits


def _with_aside(form: HeadingForms, aside: str) -> HeadingMatch:
    if not aside or plain(aside) in _ASIDES or not form.unit:
        return HeadingMatch(form.field)
    if not units.is_unit(aside) and plain(aside) != plain(form.unit):
        return HeadingMatch(problem="unit_unknown", unit=aside, candidates=(form.field,))
    factor = units.factor(aside, form.unit)
    if factor is None:
        return HeadingMatch(problem="unit_other", unit=aside, candidates=(form.field,))
    return HeadingMatch(form.field, factor=factor, unit=aside if factor != 1 else "")


def find_heading_row(rows: Sequence[Sequence[object]], forms: Sequence[HeadingForms]) -> tuple[int, int]:
    """Return the index of the row that names the most columns, and how many; titles above it are skipped.

    Only the first ten rows are looked at; (0, 0) where none names a column.

    Examples
    --------
    >>> forms = [HeadingForms("code", frozenset({"code"})), HeadingForms("use", frozenset({"use"}))]
    >>> find_heading_row([["Premises of the park"], [], ["Code", "Use"]], forms)
    (2, 2)
    """
    best, most = 0, 0
    for index, row in enumerate(rows[:MAX_HEADING_ROW]):
        matches = (match_heading(cell, forms) for cell in row if isinstance(cell, str) and cell.strip())
        named = {name for m in matches for name in ((m.field,) if m.field else m.candidates)}
        if len(named) > most:
            best, most = index, len(named)
    return best, most


def rank(headings: Sequence[str], kinds: Mapping[str, Sequence[HeadingForms]]) -> list[tuple[str, float]]:
    """Return the kinds of table these headings may belong to, best first, with a score from 0 to 1.

    A kind counts only where every required column is there and at least two columns are (one, where it has one only).
    The score is the mean of the share of the headings that were understood and the share of the columns that are there.

    Examples
    --------
    >>> forms = [HeadingForms("code", frozenset({"code"}), required=True), HeadingForms("use", frozenset({"use"}))]
    >>> rank(["Code", "Use"], {"units": forms})
    [('units', 1.0)]
    """
    wanted = [h for h in headings if h.strip()]
    ranked = []
    for kind, forms in kinds.items():
        fields = {m.field for m in (match_heading(h, forms) for h in wanted) if m.field}
        required = {f.field for f in forms if f.required}
        if len(fields) < min(2, len(forms)) or not required <= fields:
            continue
        ranked.append((kind, round((len(fields) / len(wanted) + len(fields) / len(forms)) / 2, 4)))
    return sorted(ranked, key=lambda r: (-r[1], r[0]))


def column_letters(index: int) -> str:
    """Return the letters of a spreadsheet's column for its index from 0.

    Examples
    --------
    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
