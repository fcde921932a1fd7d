"""Tables of the city: data rounds with what was answered, found and published; operator groups with their product lines."""

from .groups import GroupOperator, LinePlace, LineService, OperatorGroup, ProductLine
from .publications import Publication
from .rounds import DataRound, Entry, Finding, Reminder, Submission

__all__ = [
    "DataRound",
    "Entry",
    "Finding",
    "GroupOperator",
    "LinePlace",
    "LineService",
    "OperatorGroup",
    "ProductLine",
    "Publication",
    "Reminder",
    "Submission",
]
