from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SpaceConfig(AppConfig):
    """Contributes to the product what the module owns."""

    name = "parkbrain.space"
    verbose_name = _("Space")
    default_auto_field = "django.db.models.BigAutoField"
