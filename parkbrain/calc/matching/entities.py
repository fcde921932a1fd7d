"""Things as a list or a record tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

JOINED, NEW, DECIDE = "joined", "new", "decide"


@dataclass(frozen=True)
class Entity:
    """A thing as a list or a record tells of it; what is not known is empty or None.

    `keys` holds identifiers by kind, the stronger kinds first. `area_m2` in square meters, `year` of completion.
    `districts` holds what its district is called; two things whose districts share no name are not one.
    """

    name: str = ""
    address: str = ""
    postcode: str = ""
    area_m2: float | None = None
    year: int | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    districts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Part:
    """One piece of evidence: its kind, how far it agrees (0 to 1) and the difference in its own unit, where it has one.

    Kinds: ``key`` (`detail` names which), ``other_key``, ``keys_disagree``, ``name``, ``address``, ``area``
    (difference in %), ``year`` (difference in years), ``close`` (another candidate is nearly as good), ``taken``
    (another row is closer).
    """

    kind: str
    share: float = 1.0
    difference: float | None = None
    detail: str = ""


@dataclass(frozen=True)
class Verdict:
    """What becomes of a row: ``joined`` with a record, ``new``, or ``decide``; with the score and its parts."""

    outcome: str
    record: int | None = None
    score: float = 0.0
    parts: tuple[Part, ...] = ()
    candidates: tuple[int, ...] = ()
