"""Run what the schedule asks for: `python -m django scheduler`."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand

from parkbrain.config import schedule


class Command(BaseCommand):
    """Tick until stopped."""

    help = "Runs the schedule: stale jobs, daily ratings."

    def handle(self, *args: Any, **options: Any) -> None:
        """Tick every few seconds; one entry that fails is logged and does not stop the others."""
        while True:
            schedule.run_due()
            time.sleep(schedule.TICK_S)
