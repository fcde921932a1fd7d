"""The lake is an application only for the tables of its manifest."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LakeConfig(AppConfig):
    """Store of readings."""

    name = "parkbrain.lake"
    verbose_name = _("Readings")
    default_auto_field = "django.db.models.BigAutoField"
