from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TelemetryConfig(AppConfig):
    """Contributes sources, points and readings."""

    name = "parkbrain.telemetry"
    verbose_name = _("Telemetry")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        from parkbrain import lists
        from parkbrain.kernel import audit, registry, taking
        from parkbrain.kernel.roles import Permission

        from . import queries, tables, takers

        registry.nav.add(
            "telemetry.points",
            registry.NavItem(
                _("Points and sources"),
                "point_list",
                "link",
                60,
                Permission.VIEW_TELEMETRY,
                prefixes=("/points/", "/sources/"),
            ),
        )
        for spec in tables.LISTS:
            lists.lists.add(spec.key, spec)
        for taker in takers.TAKERS:
            taking.takers.add(taker.key, taker)
        registry.api_parts.add(
            "telemetry", registry.ApiPart("telemetry", _("Telemetry"), "parkbrain.telemetry.api.routes.router")
        )
        registry.search.add(
            "telemetry.points", lambda user, text, limit: queries.find_point_hits(user=user, text=text, limit=limit)
        )
        audit.describe("telemetry.source.added", _("The source %(target)s was added"))
        audit.describe("telemetry.source.changed", _("The source %(target)s was changed"))
        audit.describe("telemetry.token.created", _("The device token %(target)s of the source %(source)s was made"))
        audit.describe("telemetry.token.revoked", _("The device token %(target)s of the source %(source)s was revoked"))
        audit.describe("telemetry.point.added", _("The point %(target)s was added"))
        audit.describe("telemetry.point.changed", _("The point %(target)s was changed"))
        audit.describe("telemetry.factor.set", _("The point %(target)s counts × %(factor)s from %(start_at)s"))
        audit.describe("telemetry.reading.recorded", _("The reading %(value)s of %(target)s was typed in"))
        audit.describe(
            "telemetry.aside.released", _("What was set aside (%(target)s) was released: %(taken)s readings")
        )
        audit.describe("telemetry.aside.dismissed", _("What was set aside (%(target)s) was dismissed"))
        audit.describe("telemetry.file.taken_back", _("%(readings)s readings of the file %(file)s were taken back"))
        audit.describe("telemetry.file.taken", _("%(readings)s readings of the file %(file)s were taken in"))
