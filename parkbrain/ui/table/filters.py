"""Filters of a list: declared once, read from the address, shown as fields and as chips that take them away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from .. import formats
from ..links import key_in
from ..said import Said
from .columns import Text

TEXT, CHOICE, CHOICES, NUMBER, DATE, FLAG, REF = "text", "choice", "choices", "number", "date", "flag", "ref"
AREA = "area"
#: Kinds that the address holds and a chip shows, without a field of their own.
UNTYPED = frozenset({REF, AREA})
#: Corners of an area that is drawn on a map.
LEAST_CORNERS, MOST_CORNERS = 3, 200
LONGEST_TEXT = 100
LARGEST = 1e12


@dataclass(frozen=True)
class Filter:
    """One filter: its key in the address, its label, its kind, and what it is held against.

    `kind` is text, choice, choices (several), number (from–to, with `unit`), date (from–to, both days counted), flag
    (yes or no), area (an outline drawn on a map: corners as “longitude,latitude” joined by “;”) or ref (a thing the address
    names by its number; `resolve` returns it, or None where the person sees no such thing). `fields` are the database
    fields; a filter that is more than a comparison has `keep(rows, value)` instead. Where a choice has other names than
    its value, `value_of` returns the value of a name.
    `main` filters stand in the first row, the others under “More filters”. `default` holds while the address says nothing.
    """

    key: str
    label: Text
    kind: str = TEXT
    fields: tuple[str, ...] = ()
    choices: Sequence[tuple[str, Any]] = ()
    unit: str = ""
    keep: Callable[[Any, Any], Any] | None = None
    value_of: Callable[[str], str] | None = None
    resolve: Callable[[str], Any] | None = None
    main: bool = False
    default: str = ""
    required: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The keys the filter has in the address."""
        return (f"{self.key}_min", f"{self.key}_max") if self.kind in {NUMBER, DATE} else (self.key,)


@dataclass(frozen=True)
class Span:
    """From–to, both ends counted; None is open."""

    least: Any = None
    most: Any = None


@dataclass(frozen=True)
class Chip:
    """An active filter as the template prints it: what it is, and the address without it."""

    label: str
    text: str
    remove_url: str


@dataclass(frozen=True)
class Field:
    """A filter as the form prints it: what was typed, and what was wrong with it."""

    filter: Filter
    typed: Sequence[str]
    options: Sequence[tuple[str, str, bool]] = ()
    error: str = ""

    @property
    def label(self) -> str:
        """The label with its unit."""
        return f"{self.filter.label} ({self.filter.unit})" if self.filter.unit else str(self.filter.label)

    @property
    def is_active(self) -> bool:
        """Whether anything was typed or chosen."""
        return any(self.typed)

    @property
    def chosen_text(self) -> str:
        """The labels of the chosen options."""
        return ", ".join(label for _value, label, chosen in self.options if chosen)


@dataclass(frozen=True)
class Read:
    """What the address asks for: values by filter key, what is wrong by filter key, and the words of each value."""

    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, Said] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


class _WrongError(Exception):
    """What was typed is no value of the filter; the key with its values says why in every language."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key, values)
        self.said = Said(key, values)


def read_filters(filters: Sequence[Filter], params: QueryDict) -> Read:
    """Return what the address asks for; a wrong value is told and does not narrow the list."""
    read = Read()
    for one in filters:
        typed = [value.strip() for name in one.names for value in _given(one, params, name)]
        if one.kind in {NUMBER, DATE}:
            typed = [params.get(name, "").strip() for name in one.names]
        elif not any(typed) and one.default:
            typed = [one.default]
        if not any(typed):
            continue
        try:
            value, words = _READERS[one.kind](one, typed)
        except _WrongError as wrong:
            read.errors[one.key] = wrong.said
            if not one.default:
                continue
            value, words = _READERS[one.kind](one, [one.default])
        read.values[one.key], read.words[one.key] = value, words
    return read


def _given(one: Filter, params: QueryDict, name: str) -> list[str]:
    """Return what the address says, a choice by its value."""
    given = params.getlist(name)
    if one.value_of is None:
        return given
    values = {str(value) for value, _label in one.choices}
    return [typed if not typed or typed in values else one.value_of(typed.strip()) for typed in given]


def fields_of(filters: Sequence[Filter], params: QueryDict, read: Read) -> list[Field]:
    """Return the filters as the form prints them."""
    found = []
    for one in filters:
        typed = [params.get(n, "") for n in one.names] if one.kind in {NUMBER, DATE} else _given(one, params, one.key)
        if not any(typed) and one.default:
            typed = [one.default]
        options = list(one.choices)
        if one.kind == FLAG:
            options = [("yes", _("yes")), ("no", _("no")), ("unknown", _("unknown"))]
        if one.kind in {CHOICE, FLAG} and not one.required:
            options = [("", _("All")), *options]
        shown = [(str(value), str(label), str(value) in typed and value != "") for value, label in options]
        found.append(Field(one, list(typed) or [""], shown, str(read.errors.get(one.key, ""))))
    return found


def _text(one: Filter, typed: Sequence[str]) -> tuple[Any, str]:
    if len(typed[0]) > LONGEST_TEXT:
        raise _WrongError(
            gettext_noop("“%(typed)s…” is longer than %(count)s characters."), typed=typed[0][:40], count=LONGEST_TEXT
        )
    if "\x00" in typed[0]:
        raise _WrongError(
            gettext_noop("“%(typed)s” holds a character that no name has."), typed=typed[0].replace("\x00", "�")[:40]
        )
    return typed[0], f"“{typed[0]}”"


def _choice(one: Filter, typed: Sequence[str]) -> tuple[Any, str]:
    labels = {str(value): str(label) for value, label in one.choices}
    wrong = [value for value in typed if value and value not in labels]
    if wrong:
        raise _WrongError(gettext_noop("“%(typed)s” is none of the choices."), typed=wrong[0][:40])
    chosen = [value for value in typed if value]
    words = ", ".join(labels[value] for value in chosen)
    return (tuple(dict.fromkeys(chosen)) if one.kind == CHOICES else chosen[0]), words


def _flag(one: Filter, typed: Sequence[str]) -> tuple[Any, str]:
    # None is a question too: which rows do not say.
    known: dict[str, tuple[Any, str]] = {
        "yes": (True, _("yes")),
        "no": (False, _("no")),
        "unknown": (None, _("unknown")),
    }
    if typed[0] not in known:
        raise _WrongError(gettext_noop("“%(typed)s” is none of the choices."), typed=typed[0][:40])
    return known[typed[0]]


def _number(typed: str) -> float | None:
    if not typed:
        return None
    try:
        value = float(typed.replace(",", "").replace("，", ""))
    except ValueError:
        value = float("nan")
    if not abs(value) < LARGEST:
        raise _WrongError(gettext_noop("“%(typed)s” is not a number."), typed=typed[:40])
    return value


def _numbers(one: Filter, typed: Sequence[str]) -> tuple[Any, str]:
    return _span(_number(typed[0]), _number(typed[1]), lambda v: formats.number(v), one.unit)


def _day(typed: str) -> date | None:
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise _WrongError(gettext_noop("“%(typed)s” is not a date."), typed=typed[:40]) from None


def _days(one: Filter, typed: Sequence[str]) -> tuple[Any, str]:
    return _span(_day(typed[0]), _day(typed[1]), lambda v: v.isoformat(), "")


def _span(least: Any, most: Any, text: Callable[[Any], str], unit: str) -> tuple[Span, str]:
    if least is not None and most is not None and least > most:
        values = {"least": text(least), "most": text(most)}
        raise _WrongError(gettext_noop("From %(least)s to %(most)s keeps nothing: the first is larger."), **values)
    end = f" {unit}" if unit else ""
    if most is None:
        return Span(least), f"≥ {text(least)}{end}"
    if least is None:
        return Span(None, most), f"≤ {text(most)}{end}"
    return Span(least, most), f"{text(least)} – {text(most)}{end}"


def _ref(one: Filter, typed: Sequence[str]) -> tuple[Any, str]:
    found = one.resolve(typed[0]) if one.resolve and key_in(typed[0]) is not None else None
    if found is None:
        raise _WrongError(gettext_noop("“%(typed)s” is no entry, or none that is yours to see."), typed=typed[0][:40])
    return found, str(found)


def _area(one: Filter, typed: Sequence[str]) -> tuple[Any, str]:
    try:
        corners = tuple((float(x), float(y)) for x, y in (pair.split(",") for pair in typed[0].split(";")))
    except ValueError:
        corners = ()
    on_earth = all(abs(x) <= 180 and abs(y) <= 90 for x, y in corners)
    if not (LEAST_CORNERS <= len(corners) <= MOST_CORNERS and on_earth):
        raise _WrongError(gettext_noop("“%(typed)s” is no outline on the map."), typed=typed[0][:40])
    return corners, _("drawn on the map")


_READERS: dict[str, Callable[[Filter, Sequence[str]], tuple[Any, str]]] = {
    TEXT: _text,
    CHOICE: _choice,
    CHOICES: _choice,
    FLAG: _flag,
    NUMBER: _numbers,
    DATE: _days,
    REF: _ref,
    AREA: _area,
}
