"""Which level a drawn storey is: from its name where it says so, otherwise from its elevation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

#: Levels that a record can hold.
LOWEST, HIGHEST = -10, 200
#: A floor that lies less than this below zero is still the ground storey [m].
GROUND_TOLERANCE_M = 1.0
_NUMERALS = {c: i for i, c in enumerate("零一二三四五六七八九")}
_BELOW = re.compile(
    r"(?:^|[^a-z])b(?:asement)?\s*-?0*(\d{1,2})(?:\D|$)|(?:地下|负|負)\s*([一二三四五六七八九十\d]+)\s*[层層f楼樓]?"
)
_ABOVE = re.compile(
    r"^(?:.*[^a-z0-9零一二三四五六七八九十])?(?:(?:l|level|floor|storey|story|f)\s*\.?\s*0*(\d{1,3})|0*(\d{1,3})\s*(?:f|fl|层|層|楼|樓)|"
    r"第?([一二三四五六七八九十]+)[层層楼樓])(?:$|[^a-z0-9])"
)


def level_in_name(name: str) -> int | None:
    """Return the level that a storey's name states, or None where it states none.

    Examples
    --------
    >>> [level_in_name(n) for n in ("3F", "L03", "Level 12", "B1", "地下一层", "十二层", "-2F", "Roof", "T1")]
    [3, 3, 12, -1, -1, 12, -2, None, None]
    """
    plain = unicodedata.normalize("NFKC", name).strip().lower()
    if match := re.match(r"^-\s*(\d{1,2})\s*(?:f|层|層)?$", plain):
        return -int(match[1]) or None
    if match := _BELOW.search(plain):
        return -(_number(match[1] or match[2]) or 0) or None
    if match := _ABOVE.match(plain):
        return _number(match[1] or match[2] or match[3]) or None
    return None


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    tens, mark, ones = text.rpartition("十")
    if not mark:
        return _NUMERALS.get(text, 0)
    return (_NUMERALS.get(tens, 0) if tens else 1) * 10 + (_NUMERALS.get(ones, 0) if ones else 0)


def levels_of(names: Sequence[str], elevations_m: Sequence[float | None]) -> list[int]:
    """Return a level for each storey of a building; the ground storey is 1, basements are negative, 0 does not occur.

    Names decide where each states a level of its own; otherwise the order of the elevations does. Where no floor lies
    near zero (elevations above the sea), the lowest storey is the ground storey.

    Parameters
    ----------
    names, elevations_m
        One of each per storey [m]; an unknown elevation keeps its place in the order of the file.

    Examples
    --------
    >>> levels_of(["Ground", "First", "Cellar"], [0.0, 4.5, -3.2])
    [1, 2, -1]
    >>> levels_of(["B1", "1F", "3F"], [None, None, None])
    [-1, 1, 3]
    """
    named = [level_in_name(n) for n in names]
    if all(n is not None and LOWEST <= n <= HIGHEST for n in named) and len(set(named)) == len(named):
        return [n for n in named if n is not None]
    known = [e for e in elevations_m if e is not None]
    ground = 0.0 if known and min(known) <= GROUND_TOLERANCE_M else min(known, default=0.0)
    last = ground
    placed: list[tuple[float, int]] = []
    for index, elevation in enumerate(elevations_m):
        last = last if elevation is None else elevation
        placed.append((last, index))
    below = [i for e, i in sorted(placed) if e < ground - GROUND_TOLERANCE_M]
    above = [i for e, i in sorted(placed) if e >= ground - GROUND_TOLERANCE_M]
    levels = {i: n - len(below) for n, i in enumerate(below)} | {i: n for n, i in enumerate(above, start=1)}
    return [levels[i] for i in range(len(placed))]
