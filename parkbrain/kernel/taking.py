"""What can be taken in: each module declares its importable things; intake reads, checks and applies them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from parkbrain.calc.matching import Entity

from .registry import Registry

if TYPE_CHECKING:
    from .models import Park, User

Text = str | Promise


@dataclass(frozen=True)
class Column:
    """One column of a sheet: its field, heading, type and the headings people use for it.

    `kind` is one of text, integer, number, money, date, boolean, choice, uscc, codes (comma-separated),
    geometry (a GeoJSON polygon).
    `choices` maps the stored value to its label; a cell may hold either, in any of the three languages.
    """

    field: str
    label: Text
    kind: str = "text"
    required: bool = False
    unit: str = ""
    note: Text = ""
    synonyms: tuple[str, ...] = ()
    choices: Mapping[str, Text] | Callable[[], Mapping[str, Text]] | None = None
    minimum: float | None = None
    maximum: float | None = None
    max_length: int = 200
    example: Any = None


@dataclass(frozen=True)
class RowProblem:
    """Something wrong with a row: a machine code, the field it lies in, and the words for people.

    What `refuses` not is told as a remark, once for all rows of which it is said, and the row is taken.
    """

    field: str | None
    code: str
    message: str
    value: str = ""
    refuses: bool = True


@dataclass(frozen=True)
class TakenRow:
    """A typed row of a sheet: its row number in the file and the values by field (absent = not given)."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """What applying a row does: create, update or nothing; for updates the fields with old and new value.

    `why` is a code for what the row was matched by, where more than its key was looked at.
    """

    action: str
    target_name: str
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    why: str = ""


@dataclass(frozen=True)
class Applied:
    """What a row became: the model and key it was written to."""

    change: Change
    target_label: str
    target_id: int


@dataclass(frozen=True)
class Known:
    """Something that the record holds, as rows of a list are held against it: its identity, its name, what it is."""

    identity: Mapping[str, Any]
    label: str
    entity: Entity


@dataclass(frozen=True)
class Matching:
    """How rows of a list that nobody made for us find what they are about.

    `records(park=…, actor=…)` returns what the record holds; `entity(values)` tells what a row is about. A list may
    lack the columns `relaxed` as long as it has one of `one_of`. `identify(values=…, taken=…)` returns the identity of
    a row that is new, or None where only a person can give it; `taken` holds the identities that are in use.
    """

    records: Callable[..., Sequence[Known]]
    entity: Callable[[Mapping[str, Any]], Entity]
    relaxed: tuple[str, ...]
    one_of: tuple[str, ...]
    identify: Callable[..., Mapping[str, Any] | None]


@dataclass(frozen=True)
class Taker:
    """A thing that can be imported: one sheet, its columns, the key that identifies a row, and the service that takes it.

    `check(park=…, rows=…, context=…) -> {row number: [RowProblem]}` finds what a single cell cannot show (unknown
    references, overlaps); `context` maps each other sheet's key to its typed rows of the same file, so that a row may
    refer to something that the file itself brings.
    `apply(park=…, rows=…, actor=…, at=…) -> {row number: Applied}` writes inside the caller's transaction and calls the
    module's services; it must change nothing for rows that say what is already so. The preview runs it and rolls back.
    """

    key: str
    label: Text
    order: int
    columns: Sequence[Column]
    identity: tuple[str, ...]
    check: Callable[..., Mapping[int, Sequence[RowProblem]]]
    apply: Callable[..., Mapping[int, Applied]]
    note: Text = ""
    synonyms: tuple[str, ...] = ()
    # Rows the template already carries (for example one row per fact of the catalogue), by language-neutral field.
    prefilled: Callable[[], Sequence[Mapping[str, Any]]] | None = None
    # A sheet about the park itself may name a park that does not exist yet.
    describes_park: bool = False
    # Current rows for `export`: the same columns, so that an export can be imported again.
    export: Callable[..., Sequence[Mapping[str, Any]]] | None = None
    # The part of the identity that names a thing which one row (or several together) describes; all of it unless given.
    named_by: tuple[str, ...] = ()
    # Rows that are read from a drawing (IFC, GeoJSON): no sheet of any workbook is taken for this.
    is_drawn: bool = False
    matching: Matching | None = None


takers: Registry[Taker] = Registry("importable thing")


@dataclass(frozen=True)
class TakeContext:
    """Who imports, when, and into which park."""

    park: Park | None
    actor: User
    at: datetime
