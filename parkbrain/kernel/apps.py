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

        audit.describe("kernel.approval.asked", _("Asked a second person to approve: %(what)s"))
        audit.describe("kernel.approval.approved", _("Approved as the second person: %(what)s"))
        audit.describe("kernel.approval.refused", _("Refused as the second person: %(what)s"))
        audit.describe("kernel.approval.withdrawn", _("Withdrawn: %(what)s"))
        audit.describe("kernel.view.saved", _("The view %(target)s of a list was saved"))
        audit.describe("kernel.view.removed", _("The view %(target)s of a list was taken away"))
