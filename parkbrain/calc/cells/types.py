"""The type of a cell, the typed refusal, and text as it is compared."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

#: What a person writes to empty a value that the record holds (an empty cell says nothing about it).
CLEAR, CLEAR_ZH = "(clear)", "(清空)"
#: What the reader of a file puts where a formula has no value because it was never calculated.
UNCALCULATED = "#UNCALCULATED!"
#: What stands in the cells below the first of a merged block: the value of one row is not that of the next.
MERGED = "#MERGED!"


class CellError(ValueError):
    """A cell that cannot be read: a machine code and the parameters of the sentence about it."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params = params


@dataclass(frozen=True)
class CellType:
    """What a column's cells hold.

    `kind` is text, code, integer, number, money, date, boolean, choice, uscc, codes or geometry. `choices` maps every accepted
    spelling (as `plain_text` returns it) to the stored value. `factor` multiplies numbers that stand in another unit.
    """

    kind: str
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    choice_labels: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    max_length: int = 200
    factor: Decimal = Decimal(1)
    #: Which comes first in dates like 03/04/2026: ``dmy``, ``mdy``, or "" where that is not known.
    date_order: str = ""


def plain_text(text: str) -> str:
    """Return a text as it is compared: half-width, lower case, without spaces.

    Examples
    --------
    >>> plain_text(" Ａ 座 ")
    'a座'
    """
    if text.isascii():
        return "".join(text.lower().split())
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
