from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationConfig(AppConfig):
    """Contributes tokens, the root of the API and webhooks."""

    name = "parkbrain.integration"
    verbose_name = _("Integration")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the parts of the API about the caller and about jobs, the follower of events, and the sentences."""
        from parkbrain.kernel import audit, registry

        from . import services

        registry.api_parts.add("account", registry.ApiPart("", _("Account"), "parkbrain.integration.api.me.router"))
        registry.api_parts.add("jobs", registry.ApiPart("jobs", _("Jobs"), "parkbrain.integration.api.work.router"))
        registry.api_parts.add(
            "webhooks", registry.ApiPart("webhooks", _("Webhooks"), "parkbrain.integration.api.hooks.router")
        )
        registry.event_followers.add("integration.webhooks", services.outbox_events)
        audit.describe("integration.token.created", _("The token %(target)s was made"))
        audit.describe("integration.token.revoked", _("The token %(target)s was revoked"))
        audit.describe("integration.webhook.created", _("The webhook %(target)s was made"))
        audit.describe("integration.webhook.paused", _("The webhook %(target)s was paused: %(reason)s"))
        audit.describe("integration.webhook.resumed", _("The webhook %(target)s was resumed"))
        audit.describe("integration.webhook.deleted", _("The webhook %(target)s was deleted"))
