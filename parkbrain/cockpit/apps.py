from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CockpitConfig(AppConfig):
    """Contributes the home pages and the search over everything."""

    name = "parkbrain.cockpit"
    verbose_name = _("Cockpit")

    def ready(self) -> None:
        """Register the navigation entry and the search among pages."""
        from parkbrain.kernel import registry

        from . import queries

        registry.nav.add("cockpit.home", registry.NavItem(_("Today"), "home", "today", 0))
        registry.api_parts.add("cockpit", registry.ApiPart("search", _("Search"), "parkbrain.cockpit.api.router"))
        registry.search.add(
            "cockpit.pages", lambda user, text, limit: queries.search_pages(user=user, text=text, limit=limit)
        )
