from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortfolioConfig(AppConfig):
    """Contributes the city."""

    name = "parkbrain.portfolio"
    verbose_name = _("City")

    def ready(self) -> None:
        """Register the navigation entry, and what is said in public of a real park on its page."""
        from parkbrain import lists
        from parkbrain.kernel import registry
        from parkbrain.kernel.roles import Permission

        from . import queries, tables

        lists.lists.add(tables.CITY.key, tables.CITY)
        registry.nav.add("portfolio.city", registry.NavItem(_("City"), "city", "city", 100, Permission.VIEW_CITY))
        registry.api_parts.add("portfolio", registry.ApiPart("city", _("City"), "parkbrain.portfolio.api.city.router"))
        registry.panels.add(
            "portfolio.statements",
            registry.Panel(
                "space.park",
                "portfolio/panel_statements.html",
                lambda _request, park: queries.get_park_statements(park=park),
                order=5,
            ),
        )
