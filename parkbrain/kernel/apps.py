from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    """Registers the scopes, people and parks every other module stands on."""

    name = "parkbrain.kernel"
    verbose_name = _("Kernel")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Describe the kernel's own events."""
        from parkbrain.kernel import audit

        audit.describe("kernel.view.saved", _("The view %(target)s of a list was saved"))
        audit.describe("kernel.view.removed", _("The view %(target)s of a list was taken away"))
