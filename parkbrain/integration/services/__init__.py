"""What may change: tokens are made and revoked; webhooks are kept, and events delivered to them."""

from .addresses import CannotReachAddress, resolve_address
from .deliveries import deliver_due, outbox_events, ping_webhook, resend_delivery, sweep_deliveries
from .sending import CannotSend, sign_message
from .tokens import CannotCreateToken, NewToken, create_token, mark_token_used, revoke_token
from .webhooks import (
    CannotCreateWebhook,
    CannotDeliver,
    create_webhook,
    delete_webhook,
    pause_webhook,
    resume_webhook,
    signing_secret,
)

__all__ = [
    "CannotCreateToken",
    "CannotCreateWebhook",
    "CannotDeliver",
    "CannotReachAddress",
    "CannotSend",
    "NewToken",
    "create_token",
    "create_webhook",
    "delete_webhook",
    "deliver_due",
    "mark_token_used",
    "outbox_events",
    "pause_webhook",
    "ping_webhook",
    "resend_delivery",
    "resolve_address",
    "resume_webhook",
    "revoke_token",
    "sign_message",
    "signing_secret",
    "sweep_deliveries",
]
