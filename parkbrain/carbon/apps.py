from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CarbonConfig(AppConfig):
    """Contributes carbon: statements, lists, sheets to import, facts of the green indicators, exchange, API."""

    name = "parkbrain.carbon"
    verbose_name = _("Carbon")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        from parkbrain import lists
        from parkbrain.kernel import registry, taking
        from parkbrain.kernel.roles import Permission

        from . import facts as facts  # importing registers them
        from . import queries, tables, takers

        for spec in tables.LISTS:
            lists.lists.add(spec.key, spec)
        for taker in takers.TAKERS:
            taking.takers.add(taker.key, taker)
        registry.nav.add(
            "carbon.statement",
            registry.NavItem(
                _("Carbon"),
                "carbon_statement",
                "carbon",
                52,
                Permission.VIEW_ENTERPRISE,
                prefixes=("/parks/<park>/carbon/", "/carbon/", "/equipment/", "/parks/<park>/exchange/", "/exchange/"),
                needs_park=True,
            ),
        )
        registry.panels.add(
            "carbon.firm",
            registry.Panel(
                "enterprises.enterprise",
                "carbon/panel_firm.html",
                lambda request, firm: queries.get_firm_panel(user=request.user, enterprise=firm),
                order=30,
            ),
        )
        registry.api_parts.add(
            "carbon", registry.ApiPart("carbon", _("Carbon"), "parkbrain.carbon.api.statements.router")
        )
        self._describe_events()
        self._contribute_tiles()
        self._contribute_sentences()
        self._contribute_reports()

    def _describe_events(self) -> None:
        from parkbrain.kernel import audit

        audit.describe("carbon.activity.added", _("The activity data %(target)s were recorded"))
        audit.describe("carbon.activity.changed", _("The activity data %(target)s were changed"))
        audit.describe("carbon.refrigerant.added", _("The entry %(target)s was written in the refrigerant log"))
        audit.describe("carbon.refrigerant.changed", _("The entry %(target)s of the refrigerant log was changed"))
        audit.describe("carbon.green_power.added", _("The green power %(target)s was recorded"))
        audit.describe("carbon.green_power.changed", _("The green power %(target)s was changed"))
        audit.describe("carbon.factor.shipped", _("The factor %(target)s came with the product"))
        audit.describe("carbon.factor.added", _("The own factor %(target)s was set"))
        audit.describe("carbon.factor.changed", _("The factor %(target)s was changed"))
        audit.describe("carbon.exchange.added", _("The exchange entry “%(target)s” was recorded"))
        audit.describe("carbon.exchange.changed", _("The exchange entry “%(target)s” was changed"))

    def _contribute_tiles(self) -> None:
        from parkbrain.kernel.registry import OPERATOR_HOME, Tile, tiles
        from parkbrain.kernel.roles import Permission

        from .queries.tiles import get_carbon_tile

        tiles.add(
            "carbon.year",
            Tile(
                _("Carbon"),
                _("Scopes 1 and 2 of the last closed year."),
                get_carbon_tile,
                {OPERATOR_HOME: -1},
                Permission.VIEW_ENTERPRISE,
                is_slow=True,
            ),
        )

    def _contribute_sentences(self) -> None:
        from parkbrain.kernel.registry import SentenceMaker, sentences
        from parkbrain.kernel.roles import Permission

        from .queries import brief as ask

        sentences.add(
            "carbon.scopes",
            SentenceMaker(_("Carbon"), ask.say_carbon, Permission.VIEW_ENTERPRISE, kinds=("month",)),
        )

    def _contribute_reports(self) -> None:
        from functools import partial

        from parkbrain.kernel.registry import PERIODS, PageReport, page_reports
        from parkbrain.kernel.roles import Permission

        from . import charts, reports

        make = partial(reports.make_statement_report, draw=charts.statement_waterfall)
        # A statement is usually of the last closed year.
        periods = tuple(sorted(PERIODS, key=lambda one: one != "LAST_YEAR"))
        page_reports.add(
            "carbon.statement",
            PageReport(_("Carbon statement"), make, Permission.VIEW_ENTERPRISE, kinds=("pdf", "xlsx"), periods=periods),
        )
        sheet = partial(reports.make_footprint_report, draw=charts.footprint_waterfall)
        page_reports.add(
            "carbon.footprint",
            PageReport(_("Footprint sheet"), sheet, kinds=("pdf", "xlsx"), periods=periods, find=reports.find_firm),
        )
        between = partial(PageReport, is_of_city=True, kinds=("xlsx", "csv", "pdf"))
        page_reports.add(
            "carbon.exchange_between",
            between(_("Exchange between parks"), reports.make_between_report, Permission.VIEW_PARK),
        )
