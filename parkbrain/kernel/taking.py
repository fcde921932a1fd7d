"""What can be taken in: each module declares its importable things; intake reads, checks and applies them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise

from parkbrain.calc.matching import Entity

from .registry import Registry

if TYPE_CHECKING:
    from .models import Branch

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
    """What a row became: the model and key it was written to.

    `parts` holds model and key by field where the values of a row became rows of their own.
    """

    change: Change
    target_label: str
    target_id: int
    parts: Mapping[str, tuple[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Area:
    """What a table about many parks is about: the branch whose parks its rows name, and what its module keeps with it."""

    branch: Branch
    subject: Mapping[str, Any] = field(default_factory=dict)


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
    Where it `is_closed`, a row about nothing that the record holds is refused instead of new. Where it `has_many`,
    several rows tell of one thing: those that name it alike are matched together.
    """

    records: Callable[..., Sequence[Known]]
    entity: Callable[[Mapping[str, Any]], Entity]
    relaxed: tuple[str, ...]
    one_of: tuple[str, ...]
    identify: Callable[..., Mapping[str, Any] | None]
    is_closed: bool = False
    has_many: bool = False


@dataclass(frozen=True)
class Taker:
    """A thing that can be imported: one sheet, its columns, the key that identifies a row, and the service that takes it.

    `check(park=…, rows=…, context=…) -> {row number: [RowProblem]}` finds what a single cell cannot show (unknown
    references, overlaps); `context` maps each other sheet's key to its typed rows of the same file, so that a row may
    refer to something that the file itself brings.
    `apply(park=…, rows=…, actor=…, at=…) -> {row number: Applied}` writes inside the caller's transaction and calls the
    module's services; it must change nothing for rows that say what is already so. The preview runs it and rolls back.
    What is `about_parks` of a branch gets `area` in the place of `park`, and `title(area=…)` says what the rows are taken
    into, with the address of its page; no park's own workbook has a sheet of it.
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
    about_parks: bool = False
    title: Callable[..., tuple[str, str]] | None = None


takers: Registry[Taker] = Registry("importable thing")


@dataclass(frozen=True)
class SetupPart:
    """A part of how a park is set up that other parks can take over: its rows as plain values, and what records one.

    Configuration alone, never records: no firm, no reading, nobody's role. `read(park=…, on=…, actor=…)` returns the rows
    by field; `columns` say of each field what it is (kind `plain` is anything that YAML can hold) and `identity` what
    tells rows of a park apart; `name(values)` is what people call a row. `write(park=…, values=…, starts_on=…, actor=…,
    at=…)` records one through the module's services, in the place of the row of the same identity where there is one, and
    raises one of `refusals` where it cannot. Of a dated part what held before ends on `starts_on`; of others it is
    replaced at once. `permission` is needed in both parks.
    """

    key: str
    label: Text
    order: int
    permission: str
    columns: Sequence[Column]
    identity: tuple[str, ...]
    name: Callable[[Mapping[str, Any]], str]
    read: Callable[..., Sequence[Mapping[str, Any]]]
    write: Callable[..., object]
    refusals: tuple[type[Exception], ...]
    is_dated: bool = False
    note: Text = ""


setup_parts: Registry[SetupPart] = Registry("part of a set-up")
