from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from parkbrain.kernel.registry import Text


class PortfolioConfig(AppConfig):
    """Contributes the city."""

    name = "parkbrain.portfolio"
    verbose_name = _("City")

    def ready(self) -> None:
        """Register the navigation entry, and what is said in public of a real park on its page."""
        from django.utils.timezone import localdate

        from parkbrain import lists
        from parkbrain.kernel import registry
        from parkbrain.kernel.roles import Permission

        from . import queries, tables

        for spec in (tables.CITY, tables.SUBMISSIONS):
            lists.lists.add(spec.key, spec)
        registry.attention.add("portfolio.rounds", registry.AttentionKind(_("Data rounds"), queries.list_attention))
        registry.panels.add(
            "portfolio.rounds",
            registry.Panel(
                "space.park",
                "portfolio/panel_rounds.html",
                lambda request, park: queries.get_park_panel(user=request.user, park=park, on=localdate()),
                order=15,
            ),
        )
        registry.panels.add(
            "portfolio.peers",
            registry.Panel(
                "assessment.stars", "portfolio/stars_action.html", lambda _request, park: {"park": park}, order=10
            ),
        )
        self._describe_rounds()
        self._take_tables()
        self._contribute_groups()
        self._describe_groups()
        registry.nav.add("portfolio.city", registry.NavItem(_("City"), "city", "city", 100, Permission.VIEW_CITY))
        for part in ("city", "rounds", "tables"):
            router = f"parkbrain.portfolio.api.{part}.router"
            registry.api_parts.add(f"portfolio.{part}", registry.ApiPart("city", _("City"), router))
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
        self._contribute_sentences()
        self._contribute_reports()
        self._contribute_park_tiles()

    def _take_tables(self) -> None:
        from parkbrain.kernel import registry
        from parkbrain.kernel.roles import Permission
        from parkbrain.kernel.taking import takers

        from .takers import LIST, TABLE

        for taker in (TABLE, LIST):
            takers.add(taker.key, taker)
        registry.nav.add(
            "portfolio.rounds", registry.NavItem(_("Data rounds"), "round_list", "check", 105, Permission.RUN_ROUNDS)
        )

    def _contribute_reports(self) -> None:
        from functools import partial

        from parkbrain.kernel.registry import PageReport, page_reports
        from parkbrain.kernel.roles import Permission

        from . import reports

        tables = partial(PageReport, is_of_city=True, kinds=("xlsx", "csv", "pdf"))
        last, of_one = _("The table of a round published last"), _("Published table of a round")
        page_reports.add("portfolio.published", tables(last, reports.make_published_report, Permission.VIEW_CITY))
        page_reports.add(
            "portfolio.round_published",
            tables(of_one, reports.make_round_published_report, find=reports.find_published),
        )
        answers = partial(PageReport, is_of_city=True, kinds=("xlsx", "csv"), find=reports.find_round)
        page_reports.add("portfolio.round_answers", answers(_("Answers of a data round"), reports.make_answers_report))

    def _contribute_tiles(self) -> None:
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
        self._add_tiles(asked)

    def _contribute_park_tiles(self) -> None:
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
                "large",
            ),
            (
                "unknown",
                _("Least is known of"),
                _("The parks whose missing facts hide most."),
                ask.get_unknown_tile,
                70,
                parks,
                "wide",
            ),
        )
        self._add_tiles(asked)

    def _add_tiles(self, asked: Iterable[tuple[str, Text, Text, Callable[..., Any], int, str, str]]) -> None:
        from parkbrain.kernel.registry import BUREAU_HOME, Tile, tiles
        from parkbrain.kernel.roles import Permission

        for key, label, says, question, place, template, size in asked:
            homes = {BUREAU_HOME: place}
            tile = Tile(label, says, question, homes, Permission.VIEW_CITY, template=template, size=size)
            tiles.add(f"portfolio.{key}", tile)

    def _contribute_sentences(self) -> None:
        from parkbrain.kernel.registry import SentenceMaker, sentences
        from parkbrain.kernel.roles import Permission

        from .queries import brief as ask

        sentences.add(
            "portfolio.city",
            SentenceMaker(_("City"), ask.say_city, Permission.VIEW_CITY, is_of_city=True),
        )

    def _contribute_groups(self) -> None:
        from parkbrain import lists
        from parkbrain.kernel import registry, taking
        from parkbrain.kernel.roles import Permission
        from parkbrain.ui.asof import day_of

        from . import queries, tables, takers

        for part in takers.SETUP:
            taking.setup_parts.add(part.key, part)
        lists.lists.add(tables.GROUPS.key, tables.GROUPS)
        lists.lists.add(tables.GROUP_PARKS.key, tables.GROUP_PARKS)
        registry.panels.add(
            "portfolio.line",
            registry.Panel(
                "space.park",
                "portfolio/panel_line.html",
                lambda request, park: queries.get_line_panel(user=request.user, park=park, on=day_of(request)),
                order=12,
            ),
        )
        registry.panels.add(
            "portfolio.setup",
            registry.Panel(
                "space.park",
                "portfolio/panel_setup.html",
                lambda request, park: queries.get_setup_panel(user=request.user, park=park),
                order=90,
            ),
        )
        registry.nav.add(
            "portfolio.operators",
            registry.NavItem(_("Operator groups"), "operator_list", "space", 103, Permission.VIEW_RATING),
        )
        registry.api_parts.add(
            "portfolio.groups",
            registry.ApiPart("operators", _("Operator groups"), "parkbrain.portfolio.api.groups.router"),
        )

    def _describe_groups(self) -> None:
        from parkbrain.kernel import audit

        from . import queries

        audit.describe(
            "portfolio.group.added", _("The operator group %(target)s was added with %(operators)s operators")
        )
        audit.describe(
            "portfolio.group.changed", _("The operator group %(target)s was changed; it has %(operators)s operators")
        )
        audit.describe("portfolio.line.added", _("The product line %(target)s was added with %(services)s services"))
        audit.describe(
            "portfolio.line.changed", _("The product line %(target)s was changed; it has %(services)s services")
        )
        audit.describe("portfolio.line.removed", _("The product line %(target)s was taken away"))
        audit.describe("portfolio.park.placed", _("%(target)s belongs to the product line %(line)s from %(on)s"))
        audit.describe(
            "portfolio.setup.taken",
            _("%(target)s took over %(part)s of %(source)s: %(added)s added, %(replaced)s replaced"),
            words=lambda details: queries.name_part(details=details),
        )
        audit.describe("portfolio.park.unplaced", _("%(target)s is in no product line from %(on)s"))

    def _describe_rounds(self) -> None:
        from parkbrain.kernel import audit

        audit.describe("portfolio.round.prepared", _("The data round “%(target)s” was prepared with %(facts)s facts"))
        audit.describe(
            "portfolio.round.opened",
            _("The data round “%(target)s” was opened: %(parks)s parks are asked by %(due_on)s"),
        )
        audit.describe(
            "portfolio.round.extended",
            _("The last day of the data round “%(target)s” was moved from %(old)s to %(new)s"),
        )
        audit.describe(
            "portfolio.round.closed", _("The data round “%(target)s” was closed with %(accepted)s answers accepted")
        )
        audit.describe("portfolio.round.checked", _("The data round “%(target)s” was checked: %(hints)s hints"))
        audit.describe("portfolio.round.published", _("Version %(version)s of “%(target)s” was published (%(hash)s)"))
        audit.describe("portfolio.submission.reminded", _("The park was reminded of %(target)s"))
        audit.describe("portfolio.submission.opened", _("%(target)s was looked at for the first time"))
        audit.describe(
            "portfolio.submission.filled", _("%(given)s values of %(target)s were filled in from a table of the bureau")
        )
        audit.describe("portfolio.submission.saved", _("A draft of %(target)s was saved with %(given)s facts"))
        audit.describe(
            "portfolio.submission.submitted", _("%(target)s was handed in with %(given)s facts and %(hints)s hints")
        )
        audit.describe(
            "portfolio.submission.returned", _("%(target)s was returned, with remarks on %(facts)s facts: %(note)s")
        )
        audit.describe("portfolio.submission.accepted", _("%(target)s was accepted: %(given)s facts are declared"))
