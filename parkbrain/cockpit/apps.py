from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CockpitConfig(AppConfig):
    """Contributes the home pages with their tiles, and the search over everything."""

    name = "parkbrain.cockpit"
    verbose_name = _("Cockpit")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the navigation entry and the search among pages."""
        from parkbrain.kernel import registry

        from . import queries

        registry.nav.add("cockpit.home", registry.NavItem(_("Today"), "home", "today", 0))
        registry.api_parts.add("cockpit", registry.ApiPart("search", _("Search"), "parkbrain.cockpit.api.router"))
        registry.search.add(
            "cockpit.pages", lambda user, text, limit: queries.search_pages(user=user, text=text, limit=limit)
        )
        self._contribute_tiles()

    def _contribute_tiles(self) -> None:
        from parkbrain.kernel.registry import ASSESSOR_HOME, OPERATOR_HOME
        from parkbrain.kernel.roles import Permission

        from . import queries

        asked = (
            (
                "needs",
                _("What needs you"),
                _("What is late, due or missing in any module, most pressing first."),
                queries.get_needs_tile,
                {OPERATOR_HOME: 10},
                Permission.DECLARE_FACT,
                "large",
            ),
            (
                "verify",
                _("To verify, the weightiest first"),
                _("Declared facts with evidence that wait for a finding."),
                queries.get_verify_tile,
                {ASSESSOR_HOME: 10},
                Permission.VERIFY_FACT,
                "large",
            ),
        )
        self._add_tiles(asked)
        self._add_tiles(self._own_tiles())

    def _own_tiles(self) -> Iterable[tuple[Any, ...]]:
        from parkbrain.kernel.registry import ASSESSOR_HOME, TENANT_HOME
        from parkbrain.kernel.roles import Permission

        from . import queries

        return (
            (
                "parks",
                _("Your parks"),
                _("The parks you work in, with the star that was kept."),
                queries.get_parks_tile,
                {ASSESSOR_HOME: 20, TENANT_HOME: 40},
                Permission.VIEW_PARK,
                "wide",
            ),
            (
                "enterprise",
                _("Your enterprise"),
                _("The enterprise you act for."),
                queries.get_enterprise_tile,
                {TENANT_HOME: 10},
                Permission.VIEW_OWN_ENTERPRISE,
                "wide",
            ),
            (
                "premises",
                _("Your premises"),
                _("Where your enterprise is, and until when."),
                queries.get_premises_tile,
                {TENANT_HOME: 20},
                Permission.VIEW_OWN_ENTERPRISE,
                "wide",
            ),
        )

    def _add_tiles(self, asked: Iterable[tuple[Any, ...]]) -> None:
        from parkbrain.kernel.registry import Tile, tiles

        for key, label, says, ask, homes, permission, size in asked:
            template = f"cockpit/tile_{key}.html"
            tiles.add(f"cockpit.{key}", Tile(label, says, ask, homes, permission, template=template, size=size))
