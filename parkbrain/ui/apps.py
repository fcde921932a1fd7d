from django.apps import AppConfig


class UiConfig(AppConfig):
    """The component kit."""

    name = "parkbrain.ui"
