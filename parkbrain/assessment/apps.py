from collections.abc import Mapping
from typing import Any

from django.apps import AppConfig
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

#: The pages of a park that are reached from its star.
PREFIXES = (
    "/parks/<park>/facts/",
    "/parks/<park>/ratings/",
    "/parks/<park>/next-star/",
    "/parks/<park>/certainty/",
    "/parks/<park>/measures/",
    "/ratings/",
)


class AssessmentConfig(AppConfig):
    """Contributes stars, facts, ratings and schemes."""

    name = "parkbrain.assessment"
    verbose_name = _("Assessment")

    def ready(self) -> None:
        """Register navigation, the importable facts, panels, search, attention, followers and events."""
        from parkbrain.kernel import audit, bulk, registry, taking
        from parkbrain.kernel.roles import Permission

        from . import queries, services
        from .takers import FACTS, SETUP

        registry.nav.add(
            "assessment.stars",
            registry.NavItem(
                _("Stars"), "stars", "star", 80, Permission.VIEW_RATING, needs_park=True, prefixes=PREFIXES
            ),
        )
        registry.nav.add(
            "assessment.schemes",
            registry.NavItem(_("Schemes"), "scheme_list", "scheme", 85, Permission.VIEW_PARK),
        )
        taking.takers.add(FACTS.key, FACTS)
        for part in SETUP:
            taking.setup_parts.add(part.key, part)
        self._add_panels()
        self._add_tiles()
        self._contribute_sentences()
        self._contribute_reports()
        registry.park_search.add(
            "assessment",
            lambda user, text, limit, park: queries.search_assessment(user=user, text=text, limit=limit, park=park),
        )
        registry.attention.add("assessment", registry.AttentionKind(_("Stars"), queries.list_attention))
        registry.followers.add("assessment", services.follow_parks)
        bulk.consequences.add("assessment.rating", Q(state="CURRENT"))

        def words(details: Mapping[str, Any]) -> dict[str, str]:
            return queries.get_event_words(details=details)

        audit.describe("assessment.fact.declared", _("%(fact)s was declared as %(new)s"), words)
        audit.describe("assessment.fact.withdrawn", _("The declared %(fact)s was taken back"), words)
        audit.describe("assessment.fact.verified", _("%(fact)s was verified as %(new)s"), words)
        for key in ("certainty", "documents", "facts", "plans", "ratings", "schemes"):
            router = f"parkbrain.assessment.api.{key}.router"
            registry.api_parts.add(f"assessment.{key}", registry.ApiPart("assessment", _("Assessment"), router))
        audit.describe("assessment.facts.loaded", _("%(rows)s facts of %(parks)s parks were loaded"))
        audit.describe("assessment.facts.stated", _("%(count)s facts of %(target)s were stated from “%(source)s”"))
        audit.describe("assessment.rating.frozen", _("The rating “%(title)s” was frozen with hash %(hash)s"))
        self._describe_measures()

    def _describe_measures(self) -> None:
        from parkbrain.kernel import audit

        audit.describe("assessment.measure.changed", _("The measure “%(measure)s” was given the park's own terms"))
        audit.describe("assessment.measure.reset", _("The measure “%(measure)s” went back to the catalogue's terms"))
        audit.describe("assessment.measure.added", _("The own measure “%(measure)s” was added"))
        audit.describe("assessment.measure.removed", _("The own measure “%(measure)s” was taken out"))
        audit.describe("assessment.certainty.started", _("The drawing of all parks' stars was started"))
        audit.describe("assessment.snapshot.kept", _("The ratings of %(parks)s parks were kept as of %(day)s"))
        audit.describe("assessment.plans.started", _("The planning of all parks was started"))

    def _add_panels(self) -> None:
        from parkbrain.kernel import registry
        from parkbrain.ui.asof import kept_day

        from . import queries

        registry.panels.add(
            "assessment.park",
            registry.Panel(
                "space.park",
                "assessment/panel_park.html",
                lambda request, park: queries.get_park_panel(user=request.user, park=park, before_on=kept_day(request)),
                order=10,
            ),
        )
        registry.panels.add(
            "assessment.positioning",
            registry.Panel(
                "lifecycle.positioning",
                "assessment/panel_indicators.html",
                lambda request, park: queries.get_indicator_panel(
                    user=request.user, park=park, ids=queries.POSITIONING
                ),
            ),
        )

    def _add_tiles(self) -> None:
        from parkbrain.kernel.registry import OPERATOR_HOME, Tile, tiles
        from parkbrain.kernel.roles import Permission

        from .queries import tiles as ask

        tiles.add(
            "assessment.star",
            Tile(
                _("Star"),
                _("The star of the park, how sure it is, and what stands between it and the next one."),
                ask.get_star_tile,
                {OPERATOR_HOME: 20},
                Permission.VIEW_RATING,
                template="assessment/tile_star.html",
                size="tall",
            ),
        )
        tiles.add(
            "assessment.dimensions",
            Tile(
                _("Dimensions"),
                _("The points of each dimension, proven and reachable."),
                ask.get_dimension_tile,
                {OPERATOR_HOME: -1},
                Permission.VIEW_RATING,
                template="assessment/tile_dimensions.html",
                size="tall",
            ),
        )
        self._add_small_tiles()

    def _add_small_tiles(self) -> None:
        from parkbrain.kernel.registry import OPERATOR_HOME, Tile, tiles
        from parkbrain.kernel.roles import Permission

        from .queries import tiles as ask

        asked = {
            "occupancy": (
                _("Occupancy"),
                _("The share of the area that is let, and how much is vacant."),
                ask.get_occupancy_tile,
                30,
            ),
            "firms": (
                _("Firms"),
                _("How many firms are here and what they put out in a year."),
                ask.get_firms_tile,
                40,
            ),
            "step": (
                _("The way to the next star"),
                _("The cheapest measures that reach the next class."),
                ask.get_step_tile,
                50,
            ),
            "gaps": (
                _("Facts to fill in"),
                _("The unknown facts on which most points hang."),
                ask.get_gaps_tile,
                -1,
            ),
        }
        for key, (label, says, question, place) in asked.items():
            size = "tall" if key == "gaps" else "small"
            tile = Tile(label, says, question, {OPERATOR_HOME: place}, Permission.VIEW_RATING, size=size)
            tiles.add(f"assessment.{key}", tile)

    def _contribute_sentences(self) -> None:
        from parkbrain.kernel.registry import SentenceMaker, sentences
        from parkbrain.kernel.roles import Permission

        from .queries import brief as ask

        sentences.add(
            "assessment.star",
            SentenceMaker(_("Star"), ask.say_star, Permission.VIEW_RATING, of_now=True),
        )
        sentences.add(
            "assessment.occupancy",
            SentenceMaker(_("Occupancy"), ask.say_occupancy, Permission.VIEW_RATING),
        )
        sentences.add(
            "assessment.step",
            SentenceMaker(_("The way to the next star"), ask.say_step, Permission.VIEW_RATING, of_now=True),
        )
        sentences.add(
            "assessment.gaps",
            SentenceMaker(_("Facts to fill in"), ask.say_gaps, Permission.VIEW_RATING, of_now=True),
        )

    def _contribute_reports(self) -> None:
        from parkbrain.kernel.registry import PageReport, page_reports
        from parkbrain.kernel.roles import Permission

        from .reports import make_rating_report

        kinds = ("pdf", "xlsx")
        page_reports.add(
            "assessment.rating", PageReport(_("Rating report"), make_rating_report, Permission.VIEW_RATING, kinds=kinds)
        )
