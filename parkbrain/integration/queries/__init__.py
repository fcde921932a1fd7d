"""What is so about tokens, webhooks, deliveries and jobs."""

from .jobs import can_cancel_job, visible_jobs
from .tokens import TOKEN_MARK, Area, find_token, list_areas, list_scope_keys, list_tokens
from .webhooks import (
    EventGroup,
    can_see_events,
    is_event_pattern,
    list_deliveries,
    list_due_deliveries,
    list_event_groups,
    list_webhooks,
)

__all__ = [
    "TOKEN_MARK",
    "Area",
    "EventGroup",
    "can_cancel_job",
    "can_see_events",
    "find_token",
    "is_event_pattern",
    "list_areas",
    "list_deliveries",
    "list_due_deliveries",
    "list_event_groups",
    "list_scope_keys",
    "list_tokens",
    "list_webhooks",
    "visible_jobs",
]
