from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LifecycleConfig(AppConfig):
    """Contributes stages, gates, duties and exits."""

    name = "parkbrain.lifecycle"
    verbose_name = _("Life cycle")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
