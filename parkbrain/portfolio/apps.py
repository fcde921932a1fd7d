from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortfolioConfig(AppConfig):
    """Contributes the city."""

    name = "parkbrain.portfolio"
    verbose_name = _("City")

    def ready(self) -> None:
        """Register the navigation entry."""
        from parkbrain.kernel import registry
        from parkbrain.kernel.roles import Permission

        registry.nav.add("portfolio.city", registry.NavItem(_("City"), "city", "city", 100, Permission.VIEW_CITY))
