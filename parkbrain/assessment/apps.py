from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssessmentConfig(AppConfig):
    """Contributes to the product what the module owns."""

    name = "parkbrain.assessment"
    verbose_name = _("Assessment")
    default_auto_field = "django.db.models.BigAutoField"
