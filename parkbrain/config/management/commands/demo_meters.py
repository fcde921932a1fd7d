"""Let the meters of the demo push readings: `python -m django demo_meters`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from parkbrain.demo.meters import run_live


class Command(BaseCommand):
    """Push until stopped."""

    help = "Pushes readings of the demo's meters over the front door, every few seconds."

    def handle(self, *args: Any, **options: Any) -> None:
        """Push over the front door as devices do."""
        run_live()
