"""Why a drawing is refused, and what had to be assumed to read it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class DrawingError(ValueError):
    """A drawing that cannot be read: a machine code and the parameters of the sentence about it.

    Examples
    --------
    >>> DrawingError("geojson_crossing", feature=3).params
    {'feature': 3}
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params = params


@dataclass(frozen=True)
class DrawingRemark:
    """Something to know about a drawing that is not wrong."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)
