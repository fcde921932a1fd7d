from collections.abc import Mapping
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LifecycleConfig(AppConfig):
    """Contributes stages, gates, duties and exits."""

    name = "parkbrain.lifecycle"
    verbose_name = _("Life cycle")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        self._contribute_exits()
        self._describe_exits()

    def _contribute_exits(self) -> None:
        from parkbrain import lists
        from parkbrain.kernel import approvals, registry, taking

        from .facts import exits as facts  # noqa: F401 – importing registers them
        from .queries import efficiency, exits
        from .services import triggers
        from .tables.exits import LISTS
        from .takers.commitments import COMMITMENTS

        for spec in LISTS:
            lists.lists.add(spec.key, spec)
        taking.takers.add(COMMITMENTS.key, COMMITMENTS)
        registry.attention.add("lifecycle.exits", exits.list_exit_attention)
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
