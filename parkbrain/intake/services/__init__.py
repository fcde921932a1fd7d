"""What may change: files are uploaded, checked, applied or discarded; workbooks are written."""

from .batches import apply_batch, check_batch, choose_park, discard_batch, import_file, upload_batch
from .mappings import ColumnProposal, SheetProposal, check_mapping, needs_mapping, propose_mapping, save_mapping
from .matching import JOIN, SKIP, decide_rows
from .plans import ColumnPlan, Reading, SheetPlan
from .profiles import delete_profile, list_profiles, rename_profile, save_profile
from .queue import cancel_work, run_batch_job, start_apply, start_check, start_roll_back
from .raw import RawSheet, RawWorkbook
from .refusals import (
    CannotApplyBatch,
    CannotCheckBatch,
    CannotDecideRows,
    CannotDiscardBatch,
    CannotReadFile,
    CannotRollBackBatch,
    CannotSaveProfile,
    CannotTakeIn,
)
from .rollback import find_batch_to_roll_back, roll_back_batch
from .summary import ImportSummary
from .template import write_export, write_template
from .workbooks import DRAWN_KINDS, KINDS, read_workbook

__all__ = [
    "DRAWN_KINDS",
    "JOIN",
    "KINDS",
    "SKIP",
    "CannotApplyBatch",
    "CannotCheckBatch",
    "CannotDecideRows",
    "CannotDiscardBatch",
    "CannotReadFile",
    "CannotRollBackBatch",
    "CannotSaveProfile",
    "CannotTakeIn",
    "ColumnPlan",
    "ColumnProposal",
    "ImportSummary",
    "RawSheet",
    "RawWorkbook",
    "Reading",
    "SheetPlan",
    "SheetProposal",
    "apply_batch",
    "cancel_work",
    "check_batch",
    "check_mapping",
    "choose_park",
    "decide_rows",
    "delete_profile",
    "discard_batch",
    "find_batch_to_roll_back",
    "import_file",
    "list_profiles",
    "needs_mapping",
    "propose_mapping",
    "read_workbook",
    "rename_profile",
    "roll_back_batch",
    "run_batch_job",
    "save_mapping",
    "save_profile",
    "start_apply",
    "start_check",
    "start_roll_back",
    "upload_batch",
    "write_export",
    "write_template",
]
