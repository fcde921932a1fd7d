"""Rows of one list held against the records of another: normal forms, similarities, candidates and a verdict.

Nothing is joined without a reason that can be read: every verdict carries the parts it was made of. Sources:
Jaro (1989) and Winkler (1990) for strings, Dice (1945) for sets of tokens, and blocking by rare tokens as in
Christen, "Data Matching" (2012), chapter 4.
"""

from .entities import DECIDE, JOINED, NEW, Entity, Part, Verdict
from .names import plain_addresses, plain_names, plain_texts
from .similarity import dice, jaro_winkler, jaro_winkler_many
from .verdicts import match_entities

__all__ = [
    "DECIDE",
    "JOINED",
    "NEW",
    "Entity",
    "Part",
    "Verdict",
    "dice",
    "jaro_winkler",
    "jaro_winkler_many",
    "match_entities",
    "plain_addresses",
    "plain_names",
    "plain_texts",
]
