"""A place to go to, as pages show it: a step of the way to a page, a tab, a chip."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Link:
    """A breadcrumb, a tab or a chip; without an address it is where the reader stands."""

    label: str
    url: str = ""
    active: bool = False
