from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FacilitiesConfig(AppConfig):
    """Contributes the register of equipment: list, pages, sheets to import, facts, what is due, API."""

    name = "parkbrain.facilities"
    verbose_name = _("Facilities")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        from parkbrain import lists
        from parkbrain.kernel import audit, registry, taking

        from . import facts as facts  # importing registers them
        from . import queries, tables, takers

        lists.lists.add(tables.EQUIPMENT.key, tables.EQUIPMENT)
        for taker in takers.TAKERS:
            taking.takers.add(taker.key, taker)
        registry.search.add(
            "facilities.equipment",
            lambda user, text, limit: queries.find_equipment_hits(user=user, text=text, limit=limit),
        )
        registry.attention.add(
            "facilities.inspections", registry.AttentionKind(_("Inspections"), queries.list_inspection_attention)
        )
        registry.api_parts.add(
            "facilities", registry.ApiPart("facilities", _("Equipment"), "parkbrain.facilities.api.router")
        )
        audit.describe("facilities.equipment.added", _("The equipment %(target)s was added to the register"))
        audit.describe("facilities.equipment.changed", _("The entry of the equipment %(target)s was changed"))
        audit.describe("facilities.hours.added", _("Running hours of %(target)s were recorded"))
        audit.describe("facilities.hours.changed", _("Running hours of %(target)s were changed"))
