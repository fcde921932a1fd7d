"""What is so: leases, their schedules and what needs a person."""

from .agreements import agreement_of, figures_of, parse_clauses, rents_on, with_contents
from .leases import get_lease, list_leases

__all__ = [
    "agreement_of",
    "figures_of",
    "get_lease",
    "list_leases",
    "parse_clauses",
    "rents_on",
    "with_contents",
]
