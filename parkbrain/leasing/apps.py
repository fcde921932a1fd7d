from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeasingConfig(AppConfig):
    """Contributes leads, leases and their clauses."""

    name = "parkbrain.leasing"
    verbose_name = _("Leasing")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        self._describe_leases()
        self._describe_leads()

    def _describe_leases(self) -> None:
        from parkbrain.kernel import audit

        audit.describe("leasing.lease.ended", _("Lease %(target)s ends on %(ends_on)s: %(reason)s"))
        audit.describe("leasing.lease.closed", _("Lease %(target)s has ended as agreed"))

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
