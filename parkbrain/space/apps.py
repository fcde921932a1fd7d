from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SpaceConfig(AppConfig):
    """Contributes parks, buildings and premises: pages, sheets to import, facts, search."""

    name = "parkbrain.space"
    verbose_name = _("Space")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        from parkbrain import lists
        from parkbrain.kernel import audit, registry, taking

        from . import facts as facts  # importing registers them
        from . import queries, tables, takers

        lists.lists.add(tables.PARKS.key, tables.PARKS)
        registry.search.add(
            "space.parks", lambda user, text, limit: queries.find_park_hits(user=user, text=text, limit=limit)
        )
        registry.search.add(
            "space.buildings", lambda user, text, limit: queries.find_building_hits(user=user, text=text, limit=limit)
        )
        registry.api_parts.add("space", registry.ApiPart("space", _("Space"), "parkbrain.space.api.places.router"))
        for taker in takers.TAKERS:
            taking.takers.add(taker.key, taker)
        audit.describe("space.branch.added", _("The branch %(target)s was added"))
        audit.describe("space.branch.changed", _("The branch %(target)s was changed"))
        audit.describe("space.park.added", _("The park %(target)s was added"))
        audit.describe("space.park.changed", _("The park %(target)s was changed"))
        audit.describe("space.site.added", _("The site %(target)s was added"))
        audit.describe("space.site.changed", _("The site %(target)s was changed"))
        audit.describe("space.building.added", _("The building %(target)s was added"))
        audit.describe("space.building.changed", _("The building %(target)s was changed"))
        audit.describe("space.storey.added", _("The storey %(target)s was added"))
        audit.describe("space.storey.changed", _("The storey %(target)s was changed"))
        audit.describe("space.premises.added", _("The premises %(target)s were added"))
        audit.describe("space.premises.changed", _("The premises %(target)s were changed"))
        audit.describe("space.space.added", _("The space %(target)s was added from a drawing"))
        audit.describe("space.space.changed", _("The space %(target)s was changed by a drawing"))
        audit.describe("space.space.removed", _("The space %(space)s was taken out of the premises %(target)s"))
        audit.describe("space.premises.succeeded", _("%(target)s became %(became)s on %(changed_on)s: %(reason)s"))
        audit.describe("space.boundary.ended", _("%(target)s belongs to the park up to %(removed_on)s: %(reason)s"))
