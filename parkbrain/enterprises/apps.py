from collections.abc import Callable, Sequence
from typing import Any

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


def _by_position(find: Callable[..., Sequence[Any]]) -> Callable[[Any, str, int], Sequence[Any]]:
    """Return a search of the house's manner (keywords) as the registry calls it."""
    return lambda user, text, limit: find(user=user, text=text, limit=limit)


class EnterprisesConfig(AppConfig):
    """Contributes enterprises and who is where: pages, sheets to import, facts, search, attention."""

    name = "parkbrain.enterprises"
    verbose_name = _("Enterprises")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        from parkbrain import lists
        from parkbrain.kernel import registry, taking
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
                prefixes=("/buildings/", "/storeys/", "/premises/", "/parks/"),
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
        self._find_by_search()
        for key, label, ask in (
            ("leases", _("Leases of premises"), queries.list_lease_attention),
            ("certificates", _("Certificates"), queries.list_certificate_attention),
            ("vacancy", _("Vacant premises"), queries.list_vacancy_attention),
        ):
            registry.attention.add(f"enterprises.{key}", registry.AttentionKind(label, ask))
        for key, area, label in (("premises", "space", _("Premises")), ("firms", "enterprises", _("Enterprises"))):
            router = f"parkbrain.enterprises.api.{key}.router"
            registry.api_parts.add(f"enterprises.{key}", registry.ApiPart(area, label, router))
        self._describe_events()
        self._contribute_tiles()

    def _find_by_search(self) -> None:
        from parkbrain.kernel import registry

        from . import queries

        for key, find in (
            ("enterprises", queries.find_enterprise_hits),
            ("premises", queries.find_premises_hits),
            ("qualifications", queries.find_qualification_hits),
            ("documents", queries.find_document_hits),
            ("contacts", queries.find_contact_hits),
        ):
            registry.search.add(f"enterprises.{key}", _by_position(find))

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
        audit.describe(
            "enterprises.occupancy.carried_on",
            _("%(target)s: carried on from %(before)s on %(changed_on)s: %(reason)s"),
        )
        audit.describe("enterprises.document.changed", _("The entry of the document %(target)s was changed"))
        audit.describe("enterprises.contact.added", _("%(target)s was recorded as a contact"))
        audit.describe("enterprises.contact.changed", _("The contact %(target)s was changed"))
        audit.describe("enterprises.confidence.changed", _("Confidential details of %(target)s were changed"))

    def _contribute_tiles(self) -> None:
        from parkbrain.kernel.registry import OPERATOR_HOME, Tile, tiles
        from parkbrain.kernel.roles import Permission

        from .queries.tiles import get_moves_tile

        tiles.add(
            "enterprises.moves",
            Tile(
                _("Coming and going"),
                _("How many firms moved in lately, and how many occupancies end soon."),
                get_moves_tile,
                {OPERATOR_HOME: -1},
                Permission.VIEW_ENTERPRISE,
            ),
        )
