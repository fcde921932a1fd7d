"""Which thing of the record a drawn thing is, and why."""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

#: Storeys whose floors lie closer together than this are the same [m].
SAME_ELEVATION_M = 0.6
GUID, CODE, NAME, ELEVATION, LEVEL = "guid", "code", "name", "elevation", "level"


@dataclass(frozen=True)
class Candidate:
    """A thing as the record or the drawing has it: its key and everything it may be known by."""

    key: Hashable
    guid: str = ""
    codes: Sequence[str] = ()
    names: Sequence[str] = ()
    elevation_m: float | None = None
    level: int | None = None


@dataclass(frozen=True)
class Match:
    """The recorded key that a drawn thing was matched with (None: it is new), and by what."""

    key: Hashable | None
    why: str = ""


def plain_name(text: str) -> str:
    """Return a name as it is compared: half-width, lower case, letters and digits only.

    Examples
    --------
    >>> plain_name(" Ａ-座 ")
    'a座'
    """
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def match_candidates(drawn: Sequence[Candidate], recorded: Sequence[Candidate]) -> list[Match]:
    """Return for each drawn thing its match; a recorded thing is taken once.

    The stronger ground goes first over all things: GlobalId, then code, name, elevation, level. A name that two
    things bear decides nothing.

    Examples
    --------
    >>> recorded = [Candidate(7, codes=["A"]), Candidate(8, codes=["B"], guid="g")]
    >>> match_candidates([Candidate("x", guid="g", codes=["A"]), Candidate("y", codes=["a"])], recorded)
    [Match(key=8, why='guid'), Match(key=7, why='code')]
    """
    matches: list[Match | None] = [None] * len(drawn)
    free = dict.fromkeys(range(len(recorded)))
    for why in (GUID, CODE, NAME, ELEVATION, LEVEL):
        for index, item in enumerate(drawn):
            if matches[index] is not None:
                continue
            found = [i for i in free if _same(why, item, recorded[i])]
            if why == ELEVATION:
                found = sorted(found, key=lambda i: _distance(item, recorded[i]))[:1]
            if len(found) == 1:
                matches[index] = Match(recorded[found[0]].key, why)
                del free[found[0]]
    return [m or Match(None) for m in matches]


def _distance(a: Candidate, b: Candidate) -> float:
    if a.elevation_m is None or b.elevation_m is None:
        return float("inf")
    return abs(a.elevation_m - b.elevation_m)


def _same(why: str, a: Candidate, b: Candidate) -> bool:
    if why == GUID:
        return bool(a.guid) and a.guid == b.guid
    if why == ELEVATION:
        return _distance(a, b) <= SAME_ELEVATION_M
    if why == LEVEL:
        return a.level is not None and a.level == b.level
    left, right = (a.codes, b.codes) if why == CODE else (a.names, b.names)
    return bool({plain_name(t) for t in left} & {plain_name(t) for t in right} - {""})
