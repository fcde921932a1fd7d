from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Contributes the pages of people and roles."""

    name = "parkbrain.accounts"
    verbose_name = _("People")

    def ready(self) -> None:
        """Register navigation and the sentences of this module's events."""
        from parkbrain import lists
        from parkbrain.kernel import approvals, registry
        from parkbrain.kernel.roles import Permission

        from . import queries, services, tables

        for spec in (tables.PEOPLE, tables.AUDIT):
            lists.lists.add(spec.key, spec)

        registry.search.add(
            "accounts.people", lambda user, text, limit: queries.find_person_hits(user=user, text=text, limit=limit)
        )
        registry.nav.add(
            "accounts.people",
            registry.NavItem(_("People"), "people", "people", 900, Permission.MANAGE_PEOPLE),
        )
        registry.nav.add(
            "accounts.audit",
            registry.NavItem(_("Audit trail"), "audit_trail", "audit", 910, Permission.VIEW_AUDIT),
        )
        registry.nav.add(
            "accounts.approvals",
            registry.NavItem(_("Approvals"), "approvals", "check", 905, Permission.MANAGE_PEOPLE),
        )
        registry.attention.add("accounts", registry.AttentionKind(_("Approvals"), queries.list_attention))
        approvals.rules.add(
            "accounts.role.grant",
            approvals.Rule(
                describe=services.describe_grant,
                permission=Permission.MANAGE_PEOPLE,
                carry_out=services.carry_out_grant,
                may_decide=services.may_decide_role,
            ),
        )
        approvals.rules.add(
            "accounts.role.removal",
            approvals.Rule(
                describe=services.describe_removal,
                permission=Permission.MANAGE_PEOPLE,
                carry_out=services.carry_out_removal,
                may_decide=services.may_decide_role,
            ),
        )
        registry.api_parts.add("accounts", registry.ApiPart("audit", _("Audit trail"), "parkbrain.accounts.api.router"))
        self._describe_events()

    def _describe_events(self) -> None:
        from parkbrain.kernel import audit

        audit.describe("accounts.person.added", _("%(target)s was added"))
        audit.describe("accounts.branch.created", _("The branch %(target)s was created"))
        audit.describe("accounts.membership.removed", _("The role %(target)s was taken away"))
        audit.describe("accounts.password.changed", _("The password of %(target)s was changed"))
        audit.describe("accounts.person.arrived", _("%(target)s came by single sign-on and has no role yet"))
        audit.describe("accounts.role.granted", _("The role %(target)s was given"))
        audit.describe("accounts.password_link.made", _("A link for a new password of %(target)s was made"))
        audit.describe("accounts.password_link.sent", _("A link for a new password was sent to %(target)s"))
        audit.describe("accounts.sign_in.locked", _("Sign-in of %(target)s was locked for %(minutes)s minutes"))
        audit.describe("accounts.sign_in.unlocked", _("Sign-in of %(target)s was unlocked"))
        audit.describe("accounts.session.opened", _("%(target)s signed in from %(address)s"))
        audit.describe("accounts.session.closed", _("A session of %(target)s from %(address)s was ended"))
        audit.describe("accounts.factor.added", _("%(target)s added a second factor: %(what)s"))
        audit.describe("accounts.factor.removed", _("%(target)s removed a second factor: %(what)s"))
        audit.describe("accounts.factor.reset", _("The second factors of %(target)s were reset"))
