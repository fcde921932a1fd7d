from django.apps import AppConfig
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LeasingConfig(AppConfig):
    """Contributes leads, leases and their clauses."""

    name = "parkbrain.leasing"
    verbose_name = _("Leasing")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        self._contribute_leases()
        self._contribute_charges()
        self._describe_leases()
        self._describe_versions()
        self._describe_leads()
        self._contribute_leads()
        self._contribute_tiles()
        self._contribute_sentences()
        self._contribute_reports()

    def _contribute_reports(self) -> None:
        from functools import partial

        from parkbrain.kernel.registry import PageReport, page_reports
        from parkbrain.kernel.roles import Permission

        from . import charts, reports, tables

        make = partial(reports.make_schedule_report, columns=partial(tables.due_columns, kind_name=charts.kind_name))
        label = _("Rent schedules, twelve months ahead")
        page_reports.add("leasing.schedules", PageReport(label, make, Permission.VIEW_MONEY, kinds=("xlsx",)))
        one = partial(reports.make_lease_report, columns=partial(tables.schedule_columns, kind_name=charts.kind_name))
        page_reports.add(
            "leasing.lease", PageReport(_("Rent schedule"), one, kinds=("xlsx", "pdf"), find=reports.find_lease)
        )

    def _contribute_leases(self) -> None:
        from parkbrain import lists
        from parkbrain.enterprises.queries import firm_sources
        from parkbrain.kernel import approvals, bulk, registry
        from parkbrain.kernel.roles import Permission

        from . import queries, services, tables

        for spec in tables.LISTS:
            lists.lists.add(spec.key, spec)
        registry.search.add(
            "leasing.leases", lambda user, text, limit: queries.find_lease_hits(user=user, text=text, limit=limit)
        )
        registry.attention.add("leasing.leases", registry.AttentionKind(_("Leases"), queries.list_attention))
        registry.attention.add(
            "leasing.taken_over", registry.AttentionKind(_("Leases taken over"), queries.list_taken_over_attention)
        )
        registry.api_parts.add(
            "leasing.leases", registry.ApiPart("leasing", _("Leasing"), "parkbrain.leasing.api.leases.router")
        )
        registry.event_followers.add("leasing.approvals", services.follow_approvals)
        approvals.rules.add(
            services.RULE,
            approvals.Rule(
                describe=services.describe_version,
                permission=Permission.MANAGE_LEASES,
                carry_out=services.carry_out_version,
                link=queries.version_url,
            ),
        )
        panels = {
            "enterprises.enterprise": lambda r, row: queries.get_firm_panel(user=r.user, enterprise=row),
            "space.premises": lambda r, row: queries.get_premises_panel(user=r.user, premises=row),
            "space.building": lambda r, row: queries.get_building_panel(user=r.user, building=row),
        }
        for slot, context in panels.items():
            registry.panels.add(f"leasing.{slot}", registry.Panel(slot, "leasing/panel.html", context, order=15))
        registry.panels.add(
            "leasing.deposit",
            registry.Panel(
                "billing.deposit",
                "leasing/panel_deposit.html",
                lambda request, deposit: queries.get_deposit_panel(user=request.user, deposit=deposit),
            ),
        )
        firm_sources.add("leasing.leases", queries.list_lease_firms)
        # A lease that nobody confirmed is taken back with its batch; a confirmed one stands in the way.
        bulk.consequences.add("leasing.takenover", ~Q(state="CONFIRMED"))
        # What leases let follows from their versions.
        bulk.consequences.add("leasing.let", Q(pk__isnull=False))

    def _contribute_charges(self) -> None:
        from parkbrain.billing.queries import ChargeSource, charge_sources, describe_reason

        from . import queries

        charge_sources.add(
            "leasing.leases",
            ChargeSource(
                "leasing.leases",
                _("Leases"),
                queries.propose_charges,
                look_back_months=12,
                gaps=queries.list_gaps,
                months=queries.propose_months,
            ),
        )
        for code, sentence in queries.STEPS.items():
            describe_reason(
                code=f"leasing.{code}", sentence=sentence, words=lambda values: queries.step_words(values=values)
            )
        waits = lambda values: queries.waiting_words(values=values)  # noqa: E731
        describe_reason(code="leasing.waits", sentence=_("%(firm)s, lease %(lease)s: %(why)s"), words=waits)
        describe_reason(
            code="leasing.late_part", sentence=_("Of the bill, %(amount)s of %(whole)s yuan come from lease %(lease)s.")
        )
        describe_reason(
            code="leasing.late_bill", sentence=_("Bill %(number)s was due on %(due_on)s and was not wholly paid.")
        )

    def _describe_leases(self) -> None:
        from parkbrain.kernel import audit

        from . import queries

        audit.describe("leasing.lease.ended", _("Lease %(target)s ends on %(ends_on)s: %(reason)s"))
        audit.describe("leasing.lease.closed", _("Lease %(target)s has ended as agreed"))
        audit.describe("leasing.lease.drafted", _("Lease %(target)s was drafted"))
        audit.describe(
            "leasing.lease.taken_in",
            _("Lease %(target)s was taken in from a register: %(state)s"),
            lambda details: queries.state_words(details=details),
        )
        audit.describe("leasing.takeover.confirmed", _("Lease %(target)s, taken over from a register, was confirmed"))
        audit.describe(
            "leasing.takeover.confirmed_alone",
            _("Lease %(target)s was confirmed by the person who took it over: nobody else could"),
        )
        audit.describe(
            "leasing.takeover.refused", _("Lease %(target)s, taken over from a register, was refused: %(reason)s")
        )
        audit.describe("leasing.lease.changed", _("The draft of lease %(target)s was changed by a register"))
        audit.describe("leasing.lease.discarded", _("The draft of lease %(target)s was thrown away"))
        audit.describe("leasing.lease.signed", _("Lease %(target)s was signed on %(signed_on)s"))
        audit.describe("leasing.lease.activated", _("Lease %(target)s is active"))
        audit.describe("leasing.lease.renewed", _("Lease %(target)s is renewed by %(renewal)s"))
        audit.describe("leasing.document.filed", _("The document %(document)s was filed with lease %(target)s"))
        audit.describe("leasing.deposit.agreed", _("A deposit for lease %(target)s was agreed, due on %(due_on)s"))
        audit.describe("leasing.guarantee.recorded", _("%(guarantor)s stands behind lease %(target)s"))
        audit.describe("leasing.deposit.changed", _("Deposit %(number)s of lease %(target)s was changed by a register"))
        audit.describe(
            "leasing.guarantee.changed", _("Guarantee %(number)s of lease %(target)s was changed by a register")
        )
        audit.describe(
            "leasing.document.listed", _("The paper %(document)s of lease %(target)s was listed by a register")
        )
        audit.describe("leasing.document.changed", _("Paper %(number)s of lease %(target)s was changed by a register"))
        audit.describe("leasing.turnover.reported", _("Turnover was reported: %(target)s"))
        audit.describe("leasing.turnover.changed", _("Reported turnover was changed: %(target)s"))
        audit.describe("leasing.index.recorded", _("The index value %(target)s was recorded"))
        audit.describe("leasing.index.changed", _("The index value %(target)s was changed"))

    def _describe_versions(self) -> None:
        from parkbrain.kernel import audit

        from . import queries

        audit.describe(
            "leasing.version.drafted", _("A change of lease was begun: %(target)s from %(effective_on)s, %(reason)s")
        )
        audit.describe("leasing.version.changed", _("The draft %(target)s was changed"))
        audit.describe("leasing.version.submitted", _("Approval of %(target)s was asked for"))
        audit.describe("leasing.version.approved", _("%(target)s was approved"))
        audit.describe(
            "leasing.version.approved_alone",
            _("%(target)s was approved by the person who drafted it: nobody else could"),
        )
        audit.describe("leasing.version.undone", _("%(target)s was undone: %(reason)s"))
        audit.describe(
            "leasing.clause.written",
            _("Clause of %(target)s: %(kind)s"),
            lambda details: queries.clause_words(details=details),
        )
        audit.describe(
            "leasing.clause.dropped",
            _("Clause taken out of %(target)s: %(kind)s"),
            lambda details: queries.clause_words(details=details),
        )

    def _describe_leads(self) -> None:
        from parkbrain.kernel import audit

        from . import queries

        audit.describe("leasing.lead.added", _("The lead %(target)s was recorded"))
        audit.describe("leasing.lead.changed", _("The lead %(target)s was changed"))
        audit.describe(
            "leasing.lead.moved",
            _("The lead %(target)s came to “%(stage)s” on %(moved_on)s"),
            lambda details: queries.stage_words(details=details),
        )
        audit.describe("leasing.lead.planned", _("The next step of %(target)s was set: %(step)s"))
        audit.describe("leasing.visit.planned", _("A visit of %(target)s was planned for %(visit_on)s"))
        audit.describe("leasing.visit.done", _("%(target)s came to see on %(visit_on)s"))
        audit.describe("leasing.visit.cancelled", _("The visit of %(target)s on %(visit_on)s was called off"))
        audit.describe("leasing.quote.made", _("Quote %(version)s was made to %(target)s"))
        audit.describe("leasing.quote.accepted", _("%(target)s accepted quote %(version)s"))
        audit.describe("leasing.quote.refused", _("%(target)s refused quote %(version)s"))
        audit.describe(
            "leasing.review.kept",
            _("%(target)s was reviewed on %(reviewed_on)s: %(outcome)s"),
            lambda details: queries.outcome_words(details=details),
        )

    def _contribute_leads(self) -> None:
        from parkbrain.kernel import registry, taking
        from parkbrain.kernel.roles import Permission

        from . import facts as facts  # importing registers them
        from . import queries, takers

        for taker in takers.TAKERS:
            taking.takers.add(taker.key, taker)
        registry.nav.add(
            "leasing.lettings",
            registry.NavItem(
                _("Leasing"),
                "lettings_board",
                "file",
                25,
                Permission.VIEW_MONEY,
                prefixes=(
                    "/leases/",
                    "/lease-versions/",
                    "/lease-clauses/",
                    "/leads/",
                    "/leasing/",
                    "/parks/<park>/lettings/",
                    "/parks/<park>/leads/",
                    "/parks/<park>/leases/",
                ),
                needs_park=True,
            ),
        )
        registry.search.add(
            "leasing.leads", lambda user, text, limit: queries.find_lead_hits(user=user, text=text, limit=limit)
        )
        registry.attention.add("leasing.leads", registry.AttentionKind(_("Leads"), queries.list_lead_attention))
        registry.panels.add(
            "leasing.premises_leads",
            registry.Panel(
                "space.premises",
                "leasing/premises_leads.html",
                lambda request, premises: queries.get_offer_panel(user=request.user, premises=premises),
                order=60,
            ),
        )
        registry.api_parts.add(
            "leasing.leads", registry.ApiPart("leasing", _("Leasing"), "parkbrain.leasing.api.leads.router")
        )

    def _contribute_tiles(self) -> None:
        from parkbrain.kernel.registry import OPERATOR_HOME, Tile, tiles
        from parkbrain.kernel.roles import Permission

        from .queries.tiles import get_lettings_tile

        tiles.add(
            "leasing.lettings",
            Tile(
                _("Lettings"),
                _("How many leases end soon and how many people ask for space."),
                get_lettings_tile,
                {OPERATOR_HOME: 90},
                Permission.VIEW_MONEY,
            ),
        )

    def _contribute_sentences(self) -> None:
        from parkbrain.kernel.registry import SentenceMaker, sentences
        from parkbrain.kernel.roles import Permission

        from .queries import brief as ask

        sentences.add(
            "leasing.ends",
            SentenceMaker(_("Lettings"), ask.say_ends, Permission.VIEW_MONEY),
        )
