"""What people decide in the cockpit."""

from .briefs import KEPT_FOR, keep_brief
from .reports import (
    CannotScheduleReport,
    delete_report,
    pause_report,
    resume_report,
    schedule_report,
    send_due_reports,
    send_report_now,
)
from .tiles import CannotChooseTiles, choose_tiles, reset_tiles

__all__ = [
    "KEPT_FOR",
    "CannotChooseTiles",
    "CannotScheduleReport",
    "choose_tiles",
    "delete_report",
    "keep_brief",
    "pause_report",
    "reset_tiles",
    "resume_report",
    "schedule_report",
    "send_due_reports",
    "send_report_now",
]
