from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KernelConfig(AppConfig):
    """Registers the scopes, people and parks every other module stands on."""

    name = "parkbrain.kernel"
    verbose_name = _("Kernel")
    default_auto_field = "django.db.models.BigAutoField"
