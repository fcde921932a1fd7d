"""A sheet of the file with what it and its columns were taken for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from parkbrain.calc.cells import CellType
from parkbrain.calc.headings import column_letters

from ..queries import Problem, SheetForms
from .raw import RawSheet, Remark

TAKEN, NOT_TAKEN, OWN, EMPTY, WRONG = "taken", "not_taken", "own", "empty", "wrong"


@dataclass(frozen=True)
class MappedColumn:
    """A column of the file: where it stands, its heading, and the field it was taken for."""

    index: int
    heading: str
    field: str | None
    type: CellType | None = None
    unit: str = ""
    fill: bool = False

    @property
    def letters(self) -> str:
        """The letters of the column."""
        return column_letters(self.index)


@dataclass(frozen=True)
class MappedSheet:
    """A sheet of the file with what it was taken for; `foreign` where nobody made it for us."""

    raw: RawSheet
    state: str
    forms: SheetForms | None = None
    heading_row: int = 0
    columns: Sequence[MappedColumn] = ()
    problems: Sequence[Problem] = ()
    remarks: Sequence[Remark] = field(default=())
    foreign: bool = False
    by_profile: str = ""
