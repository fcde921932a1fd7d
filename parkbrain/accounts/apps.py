from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Contributes the pages of people and roles."""

    name = "parkbrain.accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        """Register navigation and the sentences of this module's events."""
        from parkbrain.kernel import audit, lists, registry
        from parkbrain.kernel.roles import Permission

        from . import tables

        for spec in (tables.PEOPLE, tables.AUDIT):
            lists.lists.add(spec.key, spec)
        registry.nav.add(
            "accounts.people",
            registry.NavItem(_("People"), "people", "people", 900, Permission.MANAGE_PEOPLE),
        )
        registry.nav.add(
            "accounts.audit",
            registry.NavItem(_("Audit trail"), "audit_trail", "audit", 910, Permission.VIEW_AUDIT),
        )
        audit.describe("accounts.person.added", _("%(target)s was added"))
        audit.describe("accounts.branch.created", _("The branch %(target)s was created"))
        audit.describe("accounts.membership.removed", _("The role %(target)s was taken away"))
        audit.describe("accounts.password.changed", _("The password of %(target)s was changed"))
