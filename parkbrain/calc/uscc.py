"""Unified social credit codes of GB 32100-2015: eighteen characters, the last a check character."""

from __future__ import annotations

import re
from functools import lru_cache

#: The characters of the code in the order of their values 0 to 30: no I, O, S, V, Z, which are easily misread.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
#: Weight of position i: 3**(i - 1) modulo 31 (GB 32100-2015, 4.5).
WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
LENGTH = 18

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_SHAPE = re.compile(rf"[{ALPHABET}]{{2}}\d{{6}}[{ALPHABET}]{{10}}\Z")


def check_character(body: str) -> str:
    """Return the check character of the first seventeen characters.

    Parameters
    ----------
    body
        Registration authority, category, area code and body code [17 characters of `ALPHABET`].

    Returns
    -------
    str
        ``31 - (sum of value times weight) mod 31``, where 31 stands for 0 (GB 32100-2015, 4.5).

    Raises
    ------
    ValueError
        If the body does not have seventeen characters of the alphabet.

    Examples
    --------
    >>> check_character("91350100M000100Y4")
    '3'
    """
    if len(body) != LENGTH - 1 or any(c not in _VALUES for c in body):
        raise ValueError(f"{body!r} is not seventeen characters of {ALPHABET}")
    total = sum(_VALUES[c] * weight for c, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def complete(body: str) -> str:
    """Return the whole code for its first seventeen characters.

    Raises
    ------
    ValueError
        If the body does not have seventeen characters of the alphabet.

    Examples
    --------
    >>> complete("91350100M000100Y4")
    '91350100M000100Y43'
    """
    return body + check_character(body)


# A firm's code stands in many rows of one import.
@lru_cache(maxsize=65_536)
def problem_of(code: str) -> tuple[str, str] | None:
    """Return what is wrong with a code, as a machine code and a detail, or None where it is right.

    Returns
    -------
    tuple of str or None
        ``("length", found length)``, ``("character", first wrong character)``, ``("area", the six characters)`` or
        ``("check", the check character that was expected)``.

    Examples
    --------
    >>> problem_of("91350100M000100Y43") is None
    True
    >>> problem_of("91350100M000100Y44")
    ('check', '3')
    """
    if len(code) != LENGTH:
        return ("length", str(len(code)))
    wrong = next((c for c in code if c not in _VALUES), None)
    if wrong is not None:
        return ("character", wrong)
    if not _SHAPE.match(code):
        return ("area", code[2:8])
    expected = check_character(code[:-1])
    return None if code[-1] == expected else ("check", expected)


def is_valid(code: str) -> bool:
    """Tell whether the code is well formed and its check character is right.

    Examples
    --------
    >>> is_valid("91350100M000100Y43")
    True
    """
    return problem_of(code) is None
