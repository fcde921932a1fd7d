"""What may change in the life cycle: projects, stages, duties, who answers for them and what shows them."""

from .bulk import record_duties
from .common import CannotChangeDuty
from .duties import add_duty, assign_duty, change_duty, end_assignment, say_role, store_paper
from .reminders import send_reminders
from .settling import (
    carry_out_waiver,
    describe_waiver,
    finish_duty,
    give_evidence,
    remove_evidence,
    reopen_duty,
    waive_duty,
)
from .subjects import (
    CannotMoveStage,
    CannotRecordProject,
    adopt_template,
    begin_life,
    move_to_next_stage,
    record_projects,
    say_stage,
    take_stage_back,
)

__all__ = [
    "CannotChangeDuty",
    "CannotMoveStage",
    "CannotRecordProject",
    "add_duty",
    "adopt_template",
    "assign_duty",
    "begin_life",
    "carry_out_waiver",
    "change_duty",
    "describe_waiver",
    "end_assignment",
    "finish_duty",
    "give_evidence",
    "move_to_next_stage",
    "record_duties",
    "record_projects",
    "remove_evidence",
    "reopen_duty",
    "say_role",
    "say_stage",
    "send_reminders",
    "store_paper",
    "take_stage_back",
    "waive_duty",
]
