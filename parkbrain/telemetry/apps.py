from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TelemetryConfig(AppConfig):
    """Contributes sources, points and readings."""

    name = "parkbrain.telemetry"
    verbose_name = _("Telemetry")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        from parkbrain.kernel import audit

        audit.describe("telemetry.source.added", _("The source %(target)s was added"))
        audit.describe("telemetry.source.changed", _("The source %(target)s was changed"))
        audit.describe("telemetry.token.created", _("The device token %(target)s of the source %(source)s was made"))
        audit.describe("telemetry.token.revoked", _("The device token %(target)s of the source %(source)s was revoked"))
        audit.describe("telemetry.point.added", _("The point %(target)s was added"))
        audit.describe("telemetry.point.changed", _("The point %(target)s was changed"))
        audit.describe("telemetry.factor.set", _("The point %(target)s counts × %(factor)s from %(start_at)s"))
