from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    """Contributes the import of files: its pages and its events."""

    name = "parkbrain.intake"
    verbose_name = _("Intake")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        from parkbrain.kernel import audit, lists, registry
        from parkbrain.kernel.roles import Permission

        from . import tables

        lists.lists.add(tables.BATCHES.key, tables.BATCHES)
        registry.nav.add(
            "intake.import",
            registry.NavItem(
                _("Import"), "import_list", "import", 800, permission=Permission.EDIT_RECORD, prefixes=("/imports/",)
            ),
        )
        audit.describe("intake.batch.uploaded", _("The file %(target)s was uploaded"))
        audit.describe(
            "intake.batch.checked",
            _("The file %(target)s was checked: %(problems)s problems, %(changes)s changes to come"),
        )
        audit.describe("intake.batch.refused", _("The file %(target)s was refused: %(problems)s problems"))
        audit.describe(
            "intake.batch.applied",
            _("The file %(target)s was taken in: %(created)s new, %(updated)s changed, %(unchanged)s unchanged"),
        )
        audit.describe("intake.batch.discarded", _("The file %(target)s was discarded"))
