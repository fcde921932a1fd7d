from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnergyConfig(AppConfig):
    """Contributes meters, their use, tariffs and the metering audit."""

    name = "parkbrain.energy"
    verbose_name = _("Energy")
    default_auto_field = "django.db.models.BigAutoField"
