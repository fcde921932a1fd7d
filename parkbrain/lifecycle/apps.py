from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LifecycleConfig(AppConfig):
    """Contributes stages, gates, duties and exits."""

    name = "parkbrain.lifecycle"
    verbose_name = _("Life cycle")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        from parkbrain import lists
        from parkbrain.kernel import approvals, registry, taking
        from parkbrain.kernel.roles import Permission

        from . import facts as facts  # importing registers them
        from . import queries, services, tables, takers

        for spec in tables.LISTS:
            lists.lists.add(spec.key, spec)
        for taker in takers.TAKERS:
            taking.takers.add(taker.key, taker)
        registry.api_parts.add(
            "lifecycle", registry.ApiPart("lifecycle", _("Life cycle"), "parkbrain.lifecycle.api.router")
        )
        registry.nav.add(
            "lifecycle.board",
            registry.NavItem(
                _("Life cycle"),
                "life_board",
                "life",
                22,
                Permission.VIEW_ENTERPRISE,
                prefixes=("/life/", "/duties/", "/projects/", "/parks/<park>/life/", "/parks/<park>/projects/"),
                needs_park=True,
            ),
        )
        registry.search.add(
            "lifecycle.duties", lambda user, text, limit: queries.find_hits(user=user, text=text, limit=limit)
        )
        registry.attention.add("lifecycle.duties", queries.list_duty_attention)
        registry.panels.add(
            "lifecycle.home",
            registry.Panel("cockpit.home", "lifecycle/panel_home.html", tables.home_panel, order=10),
        )
        approvals.rules.add(
            queries.WAIVER,
            approvals.Rule(
                describe=services.describe_waiver,
                permission=Permission.EDIT_RECORD,
                carry_out=services.carry_out_waiver,
            ),
        )
        self._describe_events()

    def _describe_events(self) -> None:
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
