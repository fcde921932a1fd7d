from collections.abc import Iterable, Mapping
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
        from parkbrain.kernel import registry, taking

        from . import queries, takers

        own = ("/parks/<park>/needs/", "/to-verify/")
        registry.nav.add("cockpit.home", registry.NavItem(_("Today"), "home", "today", 0, prefixes=own))
        registry.api_parts.add("cockpit", registry.ApiPart("search", _("Search"), "parkbrain.cockpit.api.router"))
        registry.api_parts.add("briefs", registry.ApiPart("briefs", _("Briefs"), "parkbrain.cockpit.api.briefs"))
        registry.search.add(
            "cockpit.pages", lambda user, text, limit: queries.search_pages(user=user, text=text, limit=limit)
        )
        for part in takers.SETUP:
            taking.setup_parts.add(part.key, part)
        self._contribute_tiles()
        self._contribute_reports()
        self._describe_events()

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

    def _contribute_reports(self) -> None:
        from urllib.parse import urlencode

        from django.urls import reverse
        from django.utils.translation import gettext

        from parkbrain.kernel.registry import LAST_MONTH, MONTH_SO_FAR, NavItem, PageReport, nav, page_reports
        from parkbrain.kernel.roles import Permission
        from parkbrain.lists import ListSpec, list_actions
        from parkbrain.ui.links import Link

        from . import reports

        def send_regularly(spec: ListSpec, query: str) -> Link:
            return Link(
                gettext("Send regularly"), f"{reverse('report_add')}?{urlencode({'list': spec.key, 'query': query})}"
            )

        list_actions.add("cockpit.reports", send_regularly)
        nav.add("cockpit.reports", NavItem(_("Scheduled reports"), "report_list", "clock", 125))
        months = (LAST_MONTH, MONTH_SO_FAR)
        for kind, label, make, keep, periods in (
            ("day", _("Daily brief"), reports.make_day_report, reports.keep_day_report, ()),
            ("month", _("Monthly brief"), reports.make_month_report, reports.keep_month_report, months),
        ):
            page_reports.add(
                f"cockpit.brief_{kind}", PageReport(label, make, Permission.VIEW_PARK, keep=keep, periods=periods)
            )
            page_reports.add(
                f"cockpit.city_brief_{kind}",
                PageReport(label, make, Permission.VIEW_CITY, is_of_city=True, keep=keep, periods=periods),
            )

    def _describe_events(self) -> None:
        from parkbrain.kernel import audit

        audit.describe("cockpit.report.scheduled", _("The report %(target)s is sent regularly to %(people)s people"))
        audit.describe("cockpit.brief.kept", _("The brief %(target)s was sent and kept with %(count)s sentences"))
        audit.describe("cockpit.report.paused", _("The report %(target)s was paused"))
        audit.describe("cockpit.report.resumed", _("The report %(target)s is sent again"))
        audit.describe("cockpit.report.deleted", _("The scheduled report %(target)s was deleted"))
        audit.describe("cockpit.report.made", _("The report %(target)s was made for %(person)s: %(file)s"))
        audit.describe("cockpit.report.stopped", _("The report %(target)s was stopped: %(reason)s"), _reason)
        audit.describe(
            "cockpit.report.recipient_lost",
            _("The report %(target)s no longer goes to %(person)s: %(reason)s"),
            _reason,
        )


def _reason(details: Mapping[str, Any]) -> dict[str, str]:
    """Return why a report went no further in the reader's language; older events keep the sentence alone."""
    from parkbrain.ui.said import say

    why = details.get("why")
    return {"reason": say(key=why["key"], values=why["values"])} if why else {}
