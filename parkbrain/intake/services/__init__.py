"""What may change: files are uploaded, checked, applied or discarded; workbooks are written."""

from .batches import apply_batch, check_batch, discard_batch, import_file, upload_batch
from .queue import cancel_work, run_batch_job, start_apply, start_check
from .raw import RawSheet, RawWorkbook
from .refusals import CannotApplyBatch, CannotCheckBatch, CannotDiscardBatch, CannotReadFile, CannotTakeIn
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
    "CannotTakeIn",
    "ImportSummary",
    "RawSheet",
    "RawWorkbook",
    "apply_batch",
    "cancel_work",
    "check_batch",
    "discard_batch",
    "import_file",
    "read_workbook",
    "run_batch_job",
    "start_apply",
    "start_check",
    "upload_batch",
    "write_export",
    "write_template",
]
