"""The front door of readings for a server of asynchronous applications: `granian parkbrain.config.ingest:application`."""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbrain.config.settings")
django.setup()

from django.conf import settings  # noqa: E402

from parkbrain.telemetry.api.push import FrontDoor  # noqa: E402

# Three threads share the interpreter here, and each waits for the others: turns of a tenth of the usual length.
sys.setswitchinterval(0.0005)

application = FrontDoor(zone=settings.TIME_ZONE)
