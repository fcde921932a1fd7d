"""A file as it was read: sheets of raw cells, whatever it was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class RawSheet:
    """A sheet as it stands in the file: its cells from A1 on."""

    name: str
    rows: Sequence[Sequence[Any]]
    hidden: bool = False
    # Merged cells as (row, column) of their first and last cell, from 0.
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()
    # What each row is called where it is no row of a sheet: the GlobalId or the index of the feature, from row 1 on.
    refs: Sequence[str] = ()

    def ref(self, number: int) -> str:
        """Return what a row is called in a drawing, or "" where it is the row of a sheet."""
        return self.refs[number - 1] if 0 < number <= len(self.refs) else ""


@dataclass(frozen=True)
class Remark:
    """Something to know about the file that is not wrong."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RawWorkbook:
    """A file as it was read."""

    sheets: Sequence[RawSheet]
    remarks: Sequence[Remark] = ()
    # Made from a drawing: its sheets are those of drawings and of nothing else.
    drawn: bool = False
