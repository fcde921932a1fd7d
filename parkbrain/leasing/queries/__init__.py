"""What is so: leads, leases, their schedules and what needs a person."""

from .leases import get_lease, list_leases
from .words import outcome_words, stage_words

__all__ = ["get_lease", "list_leases", "outcome_words", "stage_words"]
