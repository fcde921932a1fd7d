"""What people decide in the cockpit."""

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
    "CannotChooseTiles",
    "CannotScheduleReport",
    "choose_tiles",
    "delete_report",
    "pause_report",
    "reset_tiles",
    "resume_report",
    "schedule_report",
    "send_due_reports",
    "send_report_now",
]
