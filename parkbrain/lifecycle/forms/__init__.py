"""Forms of the life cycle."""

from .duties import AssignForm, DutyForm, EvidenceForm, FinishForm, OwnDutyForm, ReasonForm
from .subjects import BeginForm, MoveForm, ProjectForm

__all__ = [
    "AssignForm",
    "BeginForm",
    "DutyForm",
    "EvidenceForm",
    "FinishForm",
    "MoveForm",
    "OwnDutyForm",
    "ProjectForm",
    "ReasonForm",
]
