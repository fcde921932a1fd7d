"""What may change in assessment."""

from .certainty import CannotDrawCity, cancel_drawing, refresh_certainty, start_drawing
from .facts import (
    CannotDeclareFact,
    CannotVerifyFact,
    FactEntry,
    declare_fact,
    declare_facts,
    declare_facts_bulk,
    find_entry_problems,
    verify_fact,
    withdraw_declaration,
)
from .park_facts import ParkFact, StatedFact, find_problems_of_parks, state_facts_of_parks
from .plans import (
    CannotChangeMeasure,
    add_own_measure,
    cancel_planning,
    change_measure,
    refresh_star_plans,
    remove_own_measure,
    reset_measure,
    start_planning,
)
from .ratings import CannotFreezeRating, follow_parks, freeze_rating, recompute_matches, refresh_ratings
from .snapshots import CannotKeepSnapshot, keep_due_snapshot, keep_past_ratings, keep_snapshot

__all__ = [
    "CannotChangeMeasure",
    "CannotDeclareFact",
    "CannotDrawCity",
    "CannotFreezeRating",
    "CannotKeepSnapshot",
    "CannotVerifyFact",
    "FactEntry",
    "ParkFact",
    "StatedFact",
    "add_own_measure",
    "cancel_drawing",
    "cancel_planning",
    "change_measure",
    "declare_fact",
    "declare_facts",
    "declare_facts_bulk",
    "find_entry_problems",
    "find_problems_of_parks",
    "follow_parks",
    "freeze_rating",
    "keep_due_snapshot",
    "keep_past_ratings",
    "keep_snapshot",
    "recompute_matches",
    "refresh_certainty",
    "refresh_ratings",
    "refresh_star_plans",
    "remove_own_measure",
    "reset_measure",
    "start_drawing",
    "start_planning",
    "state_facts_of_parks",
    "verify_fact",
    "withdraw_declaration",
]
