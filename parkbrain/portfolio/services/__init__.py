"""What may change in the city: data rounds from their preparation to their published tables, operator groups."""

from .checking import check_round
from .city_tables import TableRow, TakenFact, find_table_problems, make_area, take_table, upload_table
from .decisions import CannotDecide, accept_clean, accept_submissions, return_submission
from .groups import CannotRunGroup, place_parks, record_group, record_line, remove_line
from .publications import publish_round
from .queue import ACCEPT, CHECK, REMIND, cancel_round_work, start_round_work
from .reminders import is_reminding_day, remind_by_itself, remind_parks
from .rounds import CannotRunRound, close_round, extend_round, open_round, prepare_round
from .setup import CannotTakeSetup, preview_setup, take_setup
from .setup_files import FileProblem, WrongSetupFile, read_setup_file, write_setup
from .submissions import CannotSubmit, Given, note_opened, save_draft, submit

__all__ = [
    "ACCEPT",
    "CHECK",
    "REMIND",
    "CannotDecide",
    "CannotRunGroup",
    "CannotRunRound",
    "CannotSubmit",
    "CannotTakeSetup",
    "FileProblem",
    "Given",
    "TableRow",
    "TakenFact",
    "WrongSetupFile",
    "accept_clean",
    "accept_submissions",
    "cancel_round_work",
    "check_round",
    "close_round",
    "extend_round",
    "find_table_problems",
    "is_reminding_day",
    "make_area",
    "note_opened",
    "open_round",
    "place_parks",
    "prepare_round",
    "preview_setup",
    "publish_round",
    "read_setup_file",
    "record_group",
    "record_line",
    "remind_by_itself",
    "remind_parks",
    "remove_line",
    "return_submission",
    "save_draft",
    "start_round_work",
    "submit",
    "take_setup",
    "take_table",
    "upload_table",
    "write_setup",
]
