"""Bring readings from sources that keep a connection: `python -m django collect`."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from parkbrain.telemetry.services import Collector


class Command(BaseCommand):
    """Collect until stopped."""

    help = "Brings readings from brokers and meters, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the number of this worker: those of one group share the messages of a broker."""
        parser.add_argument("--worker", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Collect until SIGTERM or Ctrl-C."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        Collector(worker=options["worker"]).run(stop=stop)
