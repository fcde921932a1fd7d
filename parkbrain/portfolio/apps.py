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
        self._contribute_tiles()
        self._contribute_park_tiles()

    def _contribute_tiles(self) -> None:
        from parkbrain.kernel.registry import BUREAU_HOME, Tile, tiles
        from parkbrain.kernel.roles import Permission

        from .queries import tiles as ask

        figures = "ui/tile_figures.html"
        asked = (
            ("totals", _("City"), _("The city in four numbers."), ask.get_totals_tile, 10, figures, "full"),
            (
                "districts",
                _("Districts"),
                _("Parks, the share with three stars or more and the mean total of each district."),
                ask.get_districts_tile,
                20,
                "portfolio/tile_districts.html",
                "large",
            ),
            (
                "classes",
                _("Proven stars"),
                _("How many parks have proven how many stars."),
                ask.get_classes_tile,
                30,
                figures,
                "tall",
            ),
        )
        for key, label, says, question, place, template, size in asked:
            homes = {BUREAU_HOME: place}
            tiles.add(
                f"portfolio.{key}",
                Tile(label, says, question, homes, Permission.VIEW_CITY, template=template, size=size),
            )

    def _contribute_park_tiles(self) -> None:
        from parkbrain.kernel.registry import BUREAU_HOME, Tile, tiles
        from parkbrain.kernel.roles import Permission

        from .queries import tiles as ask

        parks = "portfolio/tile_parks.html"
        asked = (
            (
                "improved",
                _("Most improved"),
                _("Parks whose total rose most since their last sealed rating."),
                ask.get_improved_tile,
                -1,
                "portfolio/tile_improved.html",
                "wide",
            ),
            (
                "strongest",
                _("Strongest parks"),
                _("The parks with most points proven."),
                ask.get_strongest_tile,
                40,
                parks,
                "wide",
            ),
            (
                "unknown",
                _("Least is known of"),
                _("The parks whose missing facts hide most."),
                ask.get_unknown_tile,
                50,
                parks,
                "wide",
            ),
        )
        for key, label, says, question, place, template, size in asked:
            homes = {BUREAU_HOME: place}
            tiles.add(
                f"portfolio.{key}",
                Tile(label, says, question, homes, Permission.VIEW_CITY, template=template, size=size),
            )
