from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    """Registers the scopes, people and parks every other module stands on."""

    name = "parkbrain.kernel"
    verbose_name = _("Kernel")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the sentences of the two-person rule."""
        from parkbrain.kernel import audit

        audit.describe("kernel.approval.asked", _("A second person's approval was asked for: %(kind)s"))
        audit.describe("kernel.approval.approved", _("%(kind)s was approved by a second person and carried out"))
        audit.describe("kernel.approval.refused", _("%(kind)s was refused by a second person"))
        audit.describe("kernel.approval.withdrawn", _("The request for %(kind)s was withdrawn"))
