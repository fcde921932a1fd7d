"""What may change in the city: data rounds from their preparation to their published tables."""

from .checking import check_round
from .decisions import CannotDecide, accept_submissions, return_submission
from .publications import publish_round
from .reminders import is_reminding_day, remind_by_itself, remind_parks
from .rounds import CannotRunRound, close_round, extend_round, open_round, prepare_round
from .submissions import CannotSubmit, Given, note_opened, save_draft, submit

__all__ = [
    "CannotDecide",
    "CannotRunRound",
    "CannotSubmit",
    "Given",
    "accept_submissions",
    "check_round",
    "close_round",
    "extend_round",
    "is_reminding_day",
    "note_opened",
    "open_round",
    "prepare_round",
    "publish_round",
    "remind_by_itself",
    "remind_parks",
    "return_submission",
    "save_draft",
    "submit",
]
