"""Tables of the life cycle: what goes through stages, the duties of each stage, and who answers for them."""

from .duties import Assignment, Duty, DutyOutcome, DutyReminder, Evidence, EvidenceKind, PartyKind, RaciRole
from .subjects import STAGES, LifeSubject, Project, Stage, StagePeriod

__all__ = [
    "STAGES",
    "Assignment",
    "Duty",
    "DutyOutcome",
    "DutyReminder",
    "Evidence",
    "EvidenceKind",
    "LifeSubject",
    "PartyKind",
    "Project",
    "RaciRole",
    "Stage",
    "StagePeriod",
]
