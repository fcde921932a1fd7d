from collections.abc import Mapping
from typing import Any

from django.apps import AppConfig
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

#: Beginnings of addresses below a park that belong to the life cycle.
PARK_PREFIXES = tuple(f"/parks/<park>/{part}/" for part in ("life", "projects", "efficiency", "exits"))


class LifecycleConfig(AppConfig):
    """Contributes stages, gates, duties and exits."""

    name = "parkbrain.lifecycle"
    verbose_name = _("Life cycle")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        self._contribute_duties()
        self._describe_duties()
        self._contribute_exits()
        self._describe_exits()
        self._contribute_tiles()
        self._contribute_sentences()
        self._contribute_reports()

    def _contribute_tiles(self) -> None:
        from parkbrain.kernel.registry import ASSESSOR_HOME, BUREAU_HOME, OPERATOR_HOME, TENANT_HOME, Tile, tiles
        from parkbrain.kernel.roles import Permission

        from .queries.tiles import get_duties_tile
        from .tables import get_own_tile

        tiles.add(
            "lifecycle.duties",
            Tile(
                _("Duties of the life cycle"),
                _("How many duties of the park are late, and how many come within thirty days."),
                get_duties_tile,
                {OPERATOR_HOME: 80},
                Permission.VIEW_ENTERPRISE,
            ),
        )
        tiles.add(
            "lifecycle.mine",
            Tile(
                _("My duties"),
                _("The duties you answer for, what is late first."),
                get_own_tile,
                {OPERATOR_HOME: -1, BUREAU_HOME: 60, ASSESSOR_HOME: 30, TENANT_HOME: 5},
                Permission.VIEW_PARK,
                template="lifecycle/tile_mine.html",
                size="wide",
            ),
        )

    def _contribute_duties(self) -> None:
        from parkbrain import lists
        from parkbrain.kernel import approvals, registry, taking
        from parkbrain.kernel.roles import Permission

        from . import facts as facts  # importing registers them
        from . import queries, services, tables, takers

        for spec in tables.LISTS:
            lists.lists.add(spec.key, spec)
        for taker in takers.TAKERS:
            taking.takers.add(taker.key, taker)
        for part in takers.SETUP:
            taking.setup_parts.add(part.key, part)
        registry.api_parts.add(
            "lifecycle", registry.ApiPart("lifecycle", _("Life cycle"), "parkbrain.lifecycle.api.duties.router")
        )
        registry.nav.add(
            "lifecycle.board",
            registry.NavItem(
                _("Life cycle"),
                "life_board",
                "life",
                22,
                Permission.VIEW_ENTERPRISE,
                prefixes=("/life/", "/duties/", "/projects/", "/exits/", "/efficiency/", *PARK_PREFIXES),
                needs_park=True,
            ),
        )
        registry.search.add(
            "lifecycle.duties", lambda user, text, limit: queries.find_hits(user=user, text=text, limit=limit)
        )
        registry.attention.add("lifecycle.duties", registry.AttentionKind(_("Duties"), queries.list_duty_attention))
        approvals.rules.add(
            queries.WAIVER,
            approvals.Rule(
                describe=services.describe_waiver,
                permission=Permission.EDIT_RECORD,
                carry_out=services.carry_out_waiver,
                link=lambda params: reverse("duty_detail", args=[params["duty"]]),
            ),
        )

    def _describe_duties(self) -> None:
        from parkbrain.kernel import audit

        from . import services

        stage = lambda details: services.say_stage(details=details)  # noqa: E731
        role = lambda details: services.say_role(details=details)  # noqa: E731
        audit.describe("lifecycle.project.added", _("The project %(target)s was recorded"))
        audit.describe("lifecycle.project.changed", _("The entry of the project %(target)s was changed"))
        audit.describe(
            "lifecycle.life.begun", _("The life cycle of %(target)s is kept: %(stage)s since %(starts_on)s"), stage
        )
        audit.describe("lifecycle.template.adopted", _("%(count)s duties of the template were given to %(target)s"))
        audit.describe("lifecycle.stage.entered", _("%(target)s entered the stage %(stage)s on %(starts_on)s"), stage)
        audit.describe(
            "lifecycle.stage.taken_back",
            _("That %(target)s entered the stage %(stage)s was taken back: %(reason)s"),
            stage,
        )
        audit.describe("lifecycle.duty.added", _("The duty %(target)s of %(subject)s was added"))
        audit.describe("lifecycle.duty.changed", _("The duty %(target)s was changed"))
        audit.describe("lifecycle.duty.assigned", _("%(who)s: %(role)s for %(target)s from %(starts_on)s"), role)
        audit.describe(
            "lifecycle.duty.assignment_ended", _("%(who)s: no longer %(role)s for %(target)s from %(ends_on)s"), role
        )
        audit.describe("lifecycle.evidence.given", _("%(document)s was given as evidence of %(target)s"))
        audit.describe("lifecycle.evidence.removed", _("%(document)s was taken away from %(target)s: %(reason)s"))
        audit.describe("lifecycle.duty.finished", _("%(target)s is done from %(on)s on"))
        audit.describe("lifecycle.duty.reopened", _("%(target)s was opened again: %(reason)s"))
        audit.describe("lifecycle.duty.waived", _("%(target)s was waived: %(reason)s"))
        audit.describe("lifecycle.reminder.sent", _("%(target)s was sent a list of %(count)s duties"))

    def _contribute_exits(self) -> None:
        from parkbrain import lists
        from parkbrain.kernel import approvals, registry, taking

        from .facts import exits as facts  # noqa: F401 – importing registers them
        from .queries import efficiency, exits
        from .services import triggers
        from .tables.exits import LISTS
        from .takers.commitments import COMMITMENTS

        registry.api_parts.add(
            "lifecycle.exits", registry.ApiPart("lifecycle", _("Life cycle"), "parkbrain.lifecycle.api.exits.router")
        )
        for spec in LISTS:
            lists.lists.add(spec.key, spec)
        taking.takers.add(COMMITMENTS.key, COMMITMENTS)
        registry.attention.add("lifecycle.exits", registry.AttentionKind(_("Exits"), exits.list_exit_attention))
        registry.search.add(
            "lifecycle.exits", lambda user, text, limit: exits.find_exit_hits(user=user, text=text, limit=limit)
        )
        registry.panels.add(
            "lifecycle.firm",
            registry.Panel(
                "enterprises.enterprise",
                "lifecycle/panel_firm.html",
                lambda request, firm: efficiency.get_firm_panel(user=request.user, enterprise=firm),
                order=30,
            ),
        )
        registry.panels.add(
            "lifecycle.park",
            registry.Panel(
                "space.park",
                "lifecycle/panel_park.html",
                lambda request, park: efficiency.get_park_panel(user=request.user, park=park),
                order=60,
            ),
        )
        approvals.rules.add(triggers.TERMINATION_RULE, triggers.termination_rule())

    def _describe_exits(self) -> None:
        from parkbrain.kernel import audit

        from .queries.exits import say_codes

        def said(details: Mapping[str, Any]) -> Mapping[str, str]:
            return say_codes(details=details)

        audit.describe("lifecycle.commitment.added", _("The commitment %(target)s was recorded"))
        audit.describe("lifecycle.commitment.changed", _("The commitment %(target)s was changed"))
        audit.describe("lifecycle.mark.set", _("The mark %(target)s was set: %(note)s"))
        audit.describe("lifecycle.mark.taken_back", _("The mark %(target)s was taken back: %(reason)s"))
        audit.describe("lifecycle.efficiency.classified", _("%(firms)s firms were classed: %(target)s"))
        audit.describe("lifecycle.efficiency.locked", _("The classes %(target)s were locked; %(listed)s spaces listed"))
        audit.describe("lifecycle.efficiency.shared", _("Who sees the classes %(target)s was changed"))
        audit.describe(
            "lifecycle.space.disposed", _("Low-efficiency space %(target)s: %(what)s on %(disposed_on)s"), said
        )
        audit.describe(
            "lifecycle.triggers.checked",
            _("The rules of exit were checked for %(firms)s firms: %(raised)s triggers raised"),
        )
        audit.describe("lifecycle.trigger.raised", _("The exit trigger %(target)s was raised: %(note)s"))
        audit.describe("lifecycle.trigger.decided", _("Decided on %(target)s: %(decision)s – %(reason)s"), said)
        audit.describe(
            "lifecycle.exit.opened", _("The exit %(target)s was opened: notice of %(notice_on)s, out by %(planned_on)s")
        )
        audit.describe("lifecycle.exit.step_done", _("Exit %(target)s: %(step)s on %(done_on)s"), said)
        audit.describe("lifecycle.exit.step_waived", _("Exit %(target)s: %(step)s is not needed: %(reason)s"), said)
        audit.describe("lifecycle.exit.inspected", _("Exit %(target)s: %(what)s was inspected"))
        audit.describe("lifecycle.exit.mended", _("Exit %(target)s: %(what)s was mended"))
        audit.describe("lifecycle.exit.changed", _("The exit %(target)s was changed"))
        audit.describe("lifecycle.exit.cancelled", _("The exit %(target)s was taken back: %(reason)s"))
        audit.describe("lifecycle.exit.closed", _("The exit %(target)s is finished"))

    def _contribute_reports(self) -> None:
        from parkbrain.kernel.registry import PageReport, page_reports
        from parkbrain.kernel.roles import Permission

        from . import reports

        label, of_one = _("Responsibility matrix"), reports.make_subject_matrix_report
        page_reports.add("lifecycle.matrix", PageReport(label, reports.make_matrix_report, Permission.VIEW_ENTERPRISE))
        page_reports.add("lifecycle.subject_matrix", PageReport(label, of_one, find=reports.find_subject))

    def _contribute_sentences(self) -> None:
        from parkbrain.kernel.registry import SentenceMaker, sentences
        from parkbrain.kernel.roles import Permission

        from .queries import brief as ask

        sentences.add(
            "lifecycle.duties",
            SentenceMaker(_("Duties of the life cycle"), ask.say_duties, Permission.VIEW_PARK),
        )
