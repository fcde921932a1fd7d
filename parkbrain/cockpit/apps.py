from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CockpitConfig(AppConfig):
    """Contributes the home pages and the search over everything."""

    name = "parkbrain.cockpit"
    verbose_name = _("Cockpit")

    def ready(self) -> None:
        """Register the navigation entry."""
        from parkbrain.kernel import registry

        registry.nav.add("cockpit.home", registry.NavItem(_("Today"), "home", "today", 0))
