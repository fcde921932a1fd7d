"""How a file is to be read, as a person or a profile said it: plain values that a batch keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class ColumnPlan:
    """What one column holds: the field ("" = not taken), its unit, the order of its dates, whether merged cells hold."""

    field: str = ""
    unit: str = ""
    dates: str = ""
    fill: bool = False


@dataclass(frozen=True)
class SheetPlan:
    """What one sheet is ("" = not taken): its thing, the row of its headings from 1, its columns by index."""

    taker: str
    heading_row: int
    columns: Mapping[int, ColumnPlan]


@dataclass(frozen=True)
class Reading:
    """Everything that was said about a file: plans by sheet, decisions by sheet and row, a park to make.

    `leave_out` leaves rows out that cannot be read, where otherwise the whole file is refused; None decides by the
    sheet: lists that nobody made for us are read that way. `sheet_as` names the thing of every sheet.
    """

    sheets: Mapping[str, SheetPlan] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    new_park: tuple[str, str] | None = None
    leave_out: bool | None = None
    sheet_as: str = ""
    profile: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the reading as plain values; decisions are kept beside it."""
        plain = asdict(self)
        plain.pop("decisions")
        for sheet in plain["sheets"].values():
            sheet["columns"] = {str(index): column for index, column in sheet["columns"].items()}
        return plain


def read_reading(*, mapping: Mapping[str, Any], decisions: Mapping[str, str]) -> Reading:
    """Return a reading from what a batch keeps."""
    sheets = {
        name: SheetPlan(
            plan["taker"],
            plan["heading_row"],
            {int(index): ColumnPlan(**column) for index, column in plan["columns"].items()},
        )
        for name, plan in mapping.get("sheets", {}).items()
    }
    park = mapping.get("new_park")
    return Reading(
        sheets, decisions, tuple(park) if park else None, mapping.get("leave_out"),
        mapping.get("sheet_as", ""), mapping.get("profile", ""),
    )  # fmt: skip
