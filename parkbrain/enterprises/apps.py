from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EnterprisesConfig(AppConfig):
    """Contributes enterprises and who is where: pages, sheets to import, facts, search, attention."""

    name = "parkbrain.enterprises"
    verbose_name = _("Enterprises")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        from parkbrain.kernel import lists, registry, taking
        from parkbrain.kernel.roles import Permission

        from . import facts as facts  # importing registers them
        from . import queries, tables, takers

        for spec in tables.LISTS:
            lists.lists.add(spec.key, spec)
        for taker in takers.TAKERS:
            taking.takers.add(taker.key, taker)
        registry.nav.add(
            "space.park",
            registry.NavItem(
                _("Space"),
                "park_detail",
                "space",
                20,
                Permission.VIEW_PARK,
                prefixes=("/buildings/", "/premises/", "/parks/"),
                needs_park=True,
            ),
        )
        registry.nav.add(
            "enterprises.firms",
            registry.NavItem(
                _("Firms"),
                "enterprise_list",
                "firms",
                40,
                Permission.VIEW_ENTERPRISE,
                prefixes=("/enterprises/", "/occupancies/"),
            ),
        )
        registry.search.add(
            "enterprises.enterprises",
            lambda user, text, limit: queries.find_enterprise_hits(user=user, text=text, limit=limit),
        )
        registry.search.add(
            "enterprises.premises",
            lambda user, text, limit: queries.find_premises_hits(user=user, text=text, limit=limit),
        )
        registry.attention.add("enterprises.leases", queries.list_lease_attention)
        registry.attention.add("enterprises.certificates", queries.list_certificate_attention)
        registry.attention.add("enterprises.vacancy", queries.list_vacancy_attention)
        self._describe_events()

    def _describe_events(self) -> None:
        from parkbrain.kernel import audit

        audit.describe("enterprises.enterprise.added", _("%(target)s was added to the register"))
        audit.describe("enterprises.enterprise.changed", _("The entry of %(target)s was changed"))
        audit.describe("enterprises.return.added", _("The return %(target)s was recorded"))
        audit.describe("enterprises.return.changed", _("The return %(target)s was changed"))
        audit.describe("enterprises.qualification.added", _("The certificate %(target)s was recorded"))
        audit.describe("enterprises.qualification.changed", _("The certificate %(target)s was changed"))
        audit.describe("enterprises.address.added", _("The address %(target)s was recorded"))
        audit.describe("enterprises.address.changed", _("The address %(target)s was changed"))
        audit.describe("enterprises.document.attached", _("%(document)s was attached to %(target)s"))
        audit.describe("enterprises.occupancy.started", _("%(target)s: moved in on %(starts_on)s"))
        audit.describe("enterprises.occupancy.ended", _("%(target)s: moved out on %(ends_on)s"))
        audit.describe("enterprises.occupancy.added", _("The occupancy %(target)s was recorded"))
        audit.describe("enterprises.occupancy.changed", _("The occupancy %(target)s was changed"))
