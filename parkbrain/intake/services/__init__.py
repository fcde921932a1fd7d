"""What may change: files are uploaded, checked, applied or discarded; workbooks are written."""

from .batches import apply_batch, check_batch, discard_batch, import_file, upload_batch
from .queue import cancel_work, run_batch_job, start_apply, start_check, start_roll_back
from .raw import RawSheet, RawWorkbook
from .refusals import (
    CannotApplyBatch,
    CannotCheckBatch,
    CannotDiscardBatch,
    CannotReadFile,
    CannotRollBackBatch,
    CannotTakeIn,
)
from .rollback import find_batch_to_roll_back, roll_back_batch
from .summary import ImportSummary
from .template import write_export, write_template
from .workbooks import DRAWN_KINDS, KINDS, read_workbook

__all__ = [
    "DRAWN_KINDS",
    "KINDS",
    "CannotApplyBatch",
    "CannotCheckBatch",
    "CannotDiscardBatch",
    "CannotReadFile",
    "CannotRollBackBatch",
    "CannotTakeIn",
    "ImportSummary",
    "RawSheet",
    "RawWorkbook",
    "apply_batch",
    "cancel_work",
    "check_batch",
    "discard_batch",
    "find_batch_to_roll_back",
    "import_file",
    "read_workbook",
    "roll_back_batch",
    "run_batch_job",
    "start_apply",
    "start_check",
    "start_roll_back",
    "upload_batch",
    "write_export",
    "write_template",
]
