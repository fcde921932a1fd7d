"""Why intake refuses; every refusal can say itself in the reader's language."""

from __future__ import annotations

from typing import Any

from ..queries import get_sentence


class CannotTakeIn(Exception):
    """The file cannot be taken in at all: the park is not there, or the person may not change it."""


class CannotApplyBatch(Exception):
    """The batch is not in a state in which it can be applied."""


class CannotCheckBatch(Exception):
    """The batch is not in a state in which it can be checked."""


class CannotDiscardBatch(Exception):
    """The batch is not in a state in which it can be discarded."""


class CannotRollBackBatch(Exception):
    """The batch is not in a state in which it can be rolled back, or something was built upon it since."""


class CannotReadFile(Exception):
    """The file cannot be read: a machine code and the parameters of its sentence."""

    def __init__(self, code: str, *, sheet: str = "", **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.sheet = sheet
        self.params = params

    def __str__(self) -> str:
        return get_sentence(code=self.code, params=self.params)


class CannotDecideRows(Exception):
    """The batch is past deciding, or the answer is none of those offered."""


class CannotSaveProfile(Exception):
    """The mapping or its name cannot be saved."""
