"""What is so: leads, leases, their schedules and what needs a person."""

from .agreements import agreement_of, figures_of, parse_clauses, rents_on, with_contents
from .leases import get_lease, list_leases
from .words import outcome_words, stage_words

__all__ = [
    "agreement_of",
    "figures_of",
    "get_lease",
    "list_leases",
    "outcome_words",
    "parse_clauses",
    "rents_on",
    "stage_words",
    "with_contents",
]
