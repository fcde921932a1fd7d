"""What runs by itself in integration."""

from __future__ import annotations

from django_tasks import task

from . import services


@task()
def send_webhooks() -> int:
    """Send what is due to webhooks."""
    return services.deliver_due()
