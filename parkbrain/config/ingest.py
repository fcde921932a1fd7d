"""The front door of readings for a server of asynchronous applications: `granian parkbrain.config.ingest:application`."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbrain.config.settings")
django.setup()

from django.conf import settings  # noqa: E402

from parkbrain.telemetry.api.push import FrontDoor  # noqa: E402

application = FrontDoor(zone=settings.TIME_ZONE)
