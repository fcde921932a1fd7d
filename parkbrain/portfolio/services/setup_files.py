"""A park's set-up as a YAML file, for parks of another installation: written, and read with every error by path and value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml
from django.utils.translation import gettext as _

from parkbrain.kernel.models import Park, User
from parkbrain.kernel.taking import Column, SetupPart

from ..queries.setup import list_parts, read_setup

VERSION = 1
#: A set-up is a page of rules; a larger file is something else.
MAX_CHARACTERS = 2_000_000


@dataclass(frozen=True)
class FileProblem:
    """Something wrong with a file: where it lies, what stands there, and why it is wrong."""

    path: str
    value: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" + (f" ({self.value})" if self.value else "")


class WrongSetupFile(Exception):
    """The file is no set-up; `problems` say where and why."""

    def __init__(self, problems: list[FileProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def write_setup(*, park: Park, on: date, actor: User | None) -> str:
    """Return the set-up of a park as of a day as YAML; without the key of any row, so that it fits elsewhere."""
    rows = read_setup(park=park, on=on, actor=actor)
    whole = {
        "parkbrain_setup": VERSION,
        "park": park.code,
        "as_of": on.isoformat(),
        "parts": {key: [_plain(row) for row in found] for key, found in rows.items() if found},
    }
    return yaml.safe_dump(whole, allow_unicode=True, sort_keys=False, width=110)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def read_setup_file(*, text: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a file by part.

    :raises WrongSetupFile: it is no YAML or no set-up, names an unknown part or field, or a value is none of its kind.
    """
    if len(text) > MAX_CHARACTERS:
        raise WrongSetupFile([FileProblem("", "", _("The file is too large to be a set-up."))])
    try:
        whole = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = " ".join(str(error).split())[:200]
        raise WrongSetupFile([FileProblem("", said, _("The file is no YAML."))]) from error
    if not isinstance(whole, dict) or whole.get("parkbrain_setup") != VERSION:
        raise WrongSetupFile(
            [FileProblem("parkbrain_setup", "", _("The file is no set-up of version %(n)s.") % {"n": VERSION})]
        )
    parts, problems = whole.get("parts"), list[FileProblem]()
    if not isinstance(parts, dict) or not parts:
        raise WrongSetupFile([FileProblem("parts", _said(parts), _("There is no part in it."))])
    known = {part.key: part for part in list_parts()}
    found: dict[str, list[dict[str, Any]]] = {}
    for key, rows in parts.items():
        path = f"parts.{key}"
        if key not in known:
            problems.append(FileProblem(path, "", _("There is no such part.")))
        elif not isinstance(rows, list):
            problems.append(FileProblem(path, _said(rows), _("A list of rows is expected.")))
        else:
            found[key] = _read_rows(known[key], rows, path, problems)
    if problems:
        raise WrongSetupFile(problems)
    return found


def _read_rows(part: SetupPart, rows: list[Any], path: str, problems: list[FileProblem]) -> list[dict[str, Any]]:
    found, seen = [], set()
    columns = {column.field: column for column in part.columns}
    for number, row in enumerate(rows):
        here = f"{path}[{number}]"
        if not isinstance(row, dict):
            problems.append(FileProblem(here, _said(row), _("Fields with values are expected.")))
            continue
        before = len(problems)
        for name in row:
            if name not in columns:
                problems.append(FileProblem(f"{here}.{name}", _said(row[name]), _("There is no such field.")))
        values = {name: _typed(column, row.get(name), f"{here}.{name}", problems) for name, column in columns.items()}
        identity = str([values[name] for name in part.identity])
        if len(problems) == before and identity in seen:
            problems.append(FileProblem(here, part.name(values), _("It stands there twice.")))
        seen.add(identity)
        found.append(values)
    return found


def _typed(column: Column, value: Any, path: str, problems: list[FileProblem]) -> Any:
    """Return a value as its column has it; what is wrong with it joins the problems."""
    if value in (None, "") and not isinstance(value, bool):
        if column.required:
            problems.append(FileProblem(path, "", _("A value is missing.")))
        return "" if column.kind in {"text", "choice"} else {} if column.kind == "plain" else None
    try:
        typed = _READ[column.kind](column, value)
    except (ValueError, InvalidOperation) as refusal:
        why = str(refusal) if type(refusal) is ValueError else _("It is no number.")
        problems.append(FileProblem(path, _said(value), why))
        return None
    low, high = column.minimum, column.maximum
    is_out = (low is not None and typed < low) or (high is not None and typed > high)
    if is_out:
        bounds = {"low": "…" if low is None else f"{low:g}", "high": "…" if high is None else f"{high:g}"}
        problems.append(FileProblem(path, _said(value), _("It must lie between %(low)s and %(high)s.") % bounds))
    return typed


def _text(column: Column, value: Any) -> str:
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise ValueError(_("A text is expected."))
    if len(str(value)) > column.max_length:
        raise ValueError(_("It is longer than %(most)s characters.") % {"most": column.max_length})
    return str(value)


def _choice(column: Column, value: Any) -> str:
    choices = column.choices() if callable(column.choices) else column.choices or {}
    if str(value) not in choices:
        raise ValueError(_("It is none of %(known)s.") % {"known": ", ".join(choices)})
    return str(value)


def _integer(column: Column, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(_("A whole number is expected."))
    return value


def _number(column: Column, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:
        raise ValueError(_("It is no number."))
    return float(value)


def _money(column: Column, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(_("It is no number."))
    typed = Decimal(str(value))
    if not typed.is_finite():
        raise ValueError(_("It is no number."))
    return typed


def _boolean(column: Column, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(_("true or false is expected."))
    return value


_READ: dict[str, Callable[[Column, Any], Any]] = {
    "text": _text,
    "choice": _choice,
    "integer": _integer,
    "number": _number,
    "money": _money,
    "boolean": _boolean,
    "plain": lambda _column, value: value,
}


def _said(value: Any) -> str:
    return "" if value is None else str(value)[:80]
