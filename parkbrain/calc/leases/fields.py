"""What may stand in the fields of a clause, and reading them from plain values with problems that name the field."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one field: its name, a code (`missing`, `not_a_number`, …) and the value as given."""

    field: str
    code: str
    value: str = ""


class ClauseProblems(ValueError):
    """A clause or the terms cannot be read; `problems` names every field that is wrong."""

    def __init__(self, kind: str, problems: list[Problem]) -> None:
        self.kind = kind
        self.problems = problems
        super().__init__(f"{kind}: " + "; ".join(f"{p.field}: {p.code} {p.value!r}" for p in problems))


@dataclass(frozen=True)
class Spec:
    """What a field holds.

    `holds` is one of ``price`` [yuan/m²], ``money`` [yuan], ``percent`` [%], ``count``, ``day``, ``choice``, ``flag``,
    ``choices``, ``codes`` and ``text``; numbers lie between `least` and `most`.
    """

    holds: str
    options: tuple[str, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    required: bool = True


def percent_of(*, least: int = 0, most: int = 1000) -> Spec:
    """Return what a percentage between two bounds is [%]."""
    return Spec("percent", (), Decimal(least), Decimal(most))


def count_of(*, least: int = 0, most: int = 1000) -> Spec:
    """Return what a whole number between two bounds is."""
    return Spec("count", (), Decimal(least), Decimal(most))


def one_of(*options: str) -> Spec:
    """Return what one of the options is."""
    return Spec("choice", options)


def some_of(*options: str) -> Spec:
    """Return what some of the options, at least one, are."""
    return Spec("choices", options)


#: Price per square meter [yuan/m², 0 to 100,000]; amount [yuan, 0 to 10¹⁰]; percentage [%]; day; yes or no; codes of
#: premises, where none stands for all; words.
Price = Annotated[Decimal, Spec("price", (), Decimal(0), Decimal(100_000))]
Money = Annotated[Decimal, Spec("money", (), Decimal(0), Decimal(10**10))]
Percent = Annotated[Decimal, percent_of()]
Day = Annotated[date, Spec("day")]
Flag = Annotated[bool, Spec("flag")]
Codes = Annotated[tuple[str, ...], Spec("codes")]
Text = Annotated[str, Spec("text")]


def specs_of(cls: type) -> Mapping[str, Spec]:
    """Return the fields of a class of clauses or terms in their order.

    Examples
    --------
    >>> from parkbrain.calc.leases import Rise, specs_of
    >>> list(specs_of(Rise))[:2]
    ['percent', 'every_years']
    """
    if cls in _SPECS:
        return _SPECS[cls]
    hints = get_type_hints(cls, include_extras=True)
    found: dict[str, Spec] = {}
    for field in dataclasses.fields(cls):
        if spec := _spec_in(hints[field.name]):
            found[field.name] = dataclasses.replace(spec, required=field.default is dataclasses.MISSING)
    _SPECS[cls] = found
    return found


_SPECS: dict[type, Mapping[str, Spec]] = {}


def _spec_in(hint: Any) -> Spec | None:
    """Return the description within an annotation, also of one that may be None."""
    inner = [hint, *getattr(hint, "__args__", ())]
    return next((m for h in inner for m in getattr(h, "__metadata__", ()) if isinstance(m, Spec)), None)


def read(cls: type[T], kind: str, values: Mapping[str, Any], **more: Any) -> T:
    """Read an object from plain values as JSON or a sheet holds them.

    Raises
    ------
    ClauseProblems
        A field is missing, cannot be read, lies outside its range, or is not known; all of them are named.
    """
    problems = [Problem(name, "unknown_field", str(values[name])) for name in values if name not in specs_of(cls)]
    taken: dict[str, Any] = {}
    for name, spec in specs_of(cls).items():
        given = values.get(name)
        if given is None or given == "" or given == []:
            if spec.required:
                problems.append(Problem(name, "missing"))
            continue
        value = _read_value(spec, given)
        if isinstance(value, str) and value.startswith("!"):
            problems.append(Problem(name, value[1:], str(given)))
        else:
            taken[name] = value
    if not problems:
        made = cls(**taken, **more)
        problems = made.check()  # type: ignore[attr-defined]
        if not problems:
            return made
    raise ClauseProblems(kind, problems)


def _read_value(spec: Spec, given: Any) -> Any:
    """Return the value, or a text that begins with ``!`` and names what is wrong."""
    if spec.holds in {"price", "money", "percent", "count"}:
        return _read_number(spec, given)
    if spec.holds == "day":
        return _read_day(given)
    if spec.holds == "flag":
        return _FLAGS.get(str(given).strip().lower(), "!not_yes_or_no")
    if spec.holds in {"choices", "codes"}:
        parts = given if isinstance(given, (list, tuple)) else re.split(r"[,;，、；\s]+", str(given).strip())
        found = tuple(dict.fromkeys(str(p).strip() for p in parts if str(p).strip()))
        return "!not_an_option" if spec.options and set(found) - set(spec.options) else found
    said = str(given).strip()
    return "!not_an_option" if spec.options and said not in spec.options else said.lstrip("!")


_FLAGS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def _read_number(spec: Spec, given: Any) -> Any:
    if isinstance(given, (float, bool)):
        return "!not_a_number"
    try:
        number = Decimal(str(given).strip())
    except InvalidOperation:
        return "!not_a_number"
    if not number.is_finite():
        return "!not_a_number"
    if spec.least is not None and number < spec.least:
        return "!too_small"
    if spec.most is not None and number > spec.most:
        return "!too_large"
    if spec.holds == "count":
        return int(number) if number == number.to_integral_value() else "!not_whole"
    return number


def _read_day(given: Any) -> Any:
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(str(given).strip())
    except ValueError:
        return "!not_a_day"


def plain(thing: Any) -> dict[str, Any]:
    """Return clause or terms as plain values, the reverse of reading: numbers as texts, days in ISO 8601.

    Examples
    --------
    >>> from parkbrain.calc.leases import parse_clause, plain
    >>> plain(parse_clause("RENT", {"price_yuan_per_m2": "65.00"}))
    {'price_yuan_per_m2': '65.00', 'per': 'MONTH', 'premises': []}
    """
    return {
        name: _plain_value(getattr(thing, name)) for name in specs_of(type(thing)) if getattr(thing, name) is not None
    }


def _plain_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
