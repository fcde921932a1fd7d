"""A place to go to, as pages show it: a step of the way to a page, a tab, a chip; and what an address names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """A breadcrumb, a tab or a chip; without an address it is where the reader stands."""

    label: str
    url: str = ""
    active: bool = False


def key_in(typed: str) -> int | None:
    """Return the number of a row that an address or a form names; None where it is no number of a row."""
    return int(typed) if typed.isdecimal() and len(typed) < 12 else None
