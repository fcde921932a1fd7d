"""What the declared sheets and columns are called in the three languages, and the type of their cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, override

from parkbrain.calc.cells import CellType, plain_text
from parkbrain.calc.headings import HeadingForms, plain
from parkbrain.kernel.taking import Column, Taker, takers
from parkbrain.ui import formats

T = TypeVar("T")

#: Units that are words, not symbols.
_UNIT_WORDS: Mapping[str, str | Promise] = {
    "10k yuan": gettext_lazy("10k yuan"),
    "yuan": gettext_lazy("yuan"),
    "yuan/m²·month": gettext_lazy("yuan/m² per month"),
}
MARK_LABEL = gettext_lazy("Mark")
EXPLANATION_LABEL = gettext_lazy("Read me")
EXAMPLE_LABEL = gettext_lazy("example")
#: What the first cell of an example row may say, besides the word in the three languages.
_EXAMPLE_WORDS = frozenset({"example", "示例", "範例", "样例", "示範"})
#: Sheets that our own workbooks carry for themselves.
OWN_SHEET_PREFIX = "_parkbrain"


@dataclass(frozen=True)
class SheetForms:
    """A declared sheet with everything it and its columns may be called; made once for the reading of a file."""

    taker: Taker
    names: frozenset[str]
    headings: tuple[HeadingForms, ...]
    types: Mapping[str, CellType]
    columns: Mapping[str, Column]
    prefilled_fields: frozenset[str]
    # Headings (as compared) that people of the branch taught.
    taught: frozenset[str] = frozenset()


def list_in_languages(*, text: Callable[[], str] | str | Promise) -> dict[str, str]:
    """Return a text in each language of the product."""
    said = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            said[code] = str(text()) if callable(text) and not isinstance(text, Promise) else str(text)
    return said


def get_unit_label(*, unit: str) -> str:
    """Return a column's unit as people write it in the active language."""
    return str(_UNIT_WORDS.get(unit, formats.unit(unit)))


def get_heading(*, column: Column) -> str:
    """Return a column's heading with its unit in the active language."""
    unit = get_unit_label(unit=column.unit)
    return f"{column.label} ({unit})" if unit else str(column.label)


def get_choices(*, column: Column) -> dict[str, str]:
    """Return a column's choices as stored value to label in the active language."""
    choices = column.choices() if callable(column.choices) else column.choices
    return {str(value): str(label) for value, label in (choices or {}).items()}


def get_cell_type(*, column: Column, taker: Taker, factor: Decimal = Decimal(1)) -> CellType:
    """Return the type of a column's cells; a choice is accepted as its value or its label in any language."""
    spellings: dict[str, str] = {}
    labels: tuple[str, ...] = ()
    if column.kind == "choice":
        for by_value in _in_each_language(lambda: get_choices(column=column)):
            spellings.update({plain_text(label): value for value, label in by_value.items()})
        own = get_choices(column=column)
        spellings.update({plain_text(value): value for value in own})
        labels = tuple(own)
    return CellType(
        kind="code" if column.kind == "text" and _is_code(column, taker) else column.kind,
        unit=column.unit,
        choices=spellings,
        choice_labels=labels,
        minimum=column.minimum,
        maximum=column.maximum,
        max_length=column.max_length,
        factor=factor,
    )


def _is_code(column: Column, taker: Taker) -> bool:
    return column.field in taker.identity or column.field.endswith(("code", "number"))


def _in_each_language(make: Callable[[], T]) -> list[T]:
    made = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            made.append(make())
    return made


def get_sheet_forms(*, taker: Taker) -> SheetForms:
    """Return what a declared sheet and its columns may be called."""
    names = {plain(name) for name in (taker.key, *taker.synonyms, *list_in_languages(text=taker.label).values())}
    headings = []
    for column in taker.columns:
        own = {plain(column.field), *(plain(t) for t in list_in_languages(text=column.label).values())}
        own |= {plain(t) for t in _in_each_language(lambda c=column: get_heading(column=c))}  # type: ignore[misc]
        synonyms = frozenset(plain(s) for s in column.synonyms) - own
        headings.append(HeadingForms(column.field, frozenset(own), synonyms, column.unit, column.required))
    prefilled = taker.prefilled() if taker.prefilled else ()
    return SheetForms(
        taker=taker,
        names=frozenset(names),
        headings=tuple(headings),
        types={c.field: get_cell_type(column=c, taker=taker) for c in taker.columns},
        columns={c.field: c for c in taker.columns},
        prefilled_fields=frozenset(field for row in prefilled for field in row),
    )


def list_takers(*, drawn: bool = False, about_parks: bool = False) -> list[Taker]:
    """Return what can be imported from a workbook (a drawing when `drawn`, a table about many parks), in its order."""
    kept = (t for t in takers if t.is_drawn == drawn and t.about_parks == about_parks)
    return sorted(kept, key=lambda t: (t.order, t.key))


def list_example_words() -> frozenset[str]:
    """Return what marks an example row, as compared."""
    return _EXAMPLE_WORDS | {plain_text(t) for t in list_in_languages(text=EXAMPLE_LABEL).values()}


def list_explanation_names() -> frozenset[str]:
    """Return what the explaining first sheet of our workbooks is called, as compared."""
    return frozenset(plain(t) for t in list_in_languages(text=EXPLANATION_LABEL).values())


def get_taker_label(*, key: str) -> str:
    """Return what an importable thing is called in the active language."""
    taker = takers.get(key)
    return str(taker.label) if taker else key


def get_field_label(*, key: str, field: str) -> str:
    """Return what a field of an importable thing is called in the active language."""
    taker = takers.get(key)
    column = next((c for c in taker.columns if c.field == field), None) if taker else None
    return str(column.label) if column else field
