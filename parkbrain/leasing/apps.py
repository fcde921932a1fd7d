from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeasingConfig(AppConfig):
    """Contributes leads, leases and their clauses."""

    name = "parkbrain.leasing"
    verbose_name = _("Leasing")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
