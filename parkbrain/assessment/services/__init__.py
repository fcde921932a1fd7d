"""What may change in assessment."""

from .facts import (
    CannotDeclareFact,
    CannotVerifyFact,
    FactEntry,
    declare_fact,
    declare_facts,
    declare_facts_bulk,
    verify_fact,
    withdraw_declaration,
)
from .ratings import CannotFreezeRating, follow_parks, freeze_rating, recompute_matches, refresh_ratings

__all__ = [
    "CannotDeclareFact",
    "CannotFreezeRating",
    "CannotVerifyFact",
    "FactEntry",
    "declare_fact",
    "declare_facts",
    "declare_facts_bulk",
    "follow_parks",
    "freeze_rating",
    "recompute_matches",
    "refresh_ratings",
    "verify_fact",
    "withdraw_declaration",
]
