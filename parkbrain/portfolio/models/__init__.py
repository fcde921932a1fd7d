"""Tables of the city: data rounds with what the asked parks answer, what was found, and what was published."""

from .publications import Publication
from .rounds import DataRound, Entry, Finding, Reminder, Submission

__all__ = ["DataRound", "Entry", "Finding", "Publication", "Reminder", "Submission"]
