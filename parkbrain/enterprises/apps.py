from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnterprisesConfig(AppConfig):
    """Contributes to the product what the module owns."""

    name = "parkbrain.enterprises"
    verbose_name = _("Enterprises")
    default_auto_field = "django.db.models.BigAutoField"
