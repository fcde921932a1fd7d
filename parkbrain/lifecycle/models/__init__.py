"""Tables of the life cycle: stages and duties, who answers for them; output per area, exit triggers, exits."""

from .duties import Assignment, Duty, DutyOutcome, DutyReminder, Evidence, EvidenceKind, PartyKind, RaciRole
from .efficiency import Commitment, EfficiencyMark, EfficiencyResult, EfficiencyRun, LowEfficiencySpace
from .exits import ExitCase, ExitSpace, ExitStep, ExitTrigger, InspectionItem, TriggerRun
from .subjects import STAGES, LifeSubject, Project, Stage, StagePeriod

__all__ = [
    "STAGES",
    "Assignment",
    "Commitment",
    "Duty",
    "DutyOutcome",
    "DutyReminder",
    "EfficiencyMark",
    "EfficiencyResult",
    "EfficiencyRun",
    "Evidence",
    "EvidenceKind",
    "ExitCase",
    "ExitSpace",
    "ExitStep",
    "ExitTrigger",
    "InspectionItem",
    "LifeSubject",
    "LowEfficiencySpace",
    "PartyKind",
    "Project",
    "RaciRole",
    "Stage",
    "StagePeriod",
    "TriggerRun",
]
