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

    def _describe_leases(self) -> None:
        from parkbrain.kernel import audit

        audit.describe("leasing.lease.ended", _("Lease %(target)s ends on %(ends_on)s: %(reason)s"))
        audit.describe("leasing.lease.closed", _("Lease %(target)s has ended as agreed"))
