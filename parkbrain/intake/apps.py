from django.apps import AppConfig
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class IntakeConfig(AppConfig):
    """Contributes the import of files: its pages and its events."""

    name = "parkbrain.intake"
    verbose_name = _("Intake")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the module contributes."""
        from parkbrain import lists
        from parkbrain.kernel import bulk, registry
        from parkbrain.kernel.roles import Permission

        from . import queries, reports, tables
        from .models import Batch

        lists.lists.add(tables.BATCHES.key, tables.BATCHES)
        registry.search.add(
            "intake.batches", lambda user, text, limit: queries.find_batch_hits(user=user, text=text, limit=limit)
        )
        registry.nav.add(
            "intake.import",
            registry.NavItem(
                _("Import"), "import_list", "import", 800, permission=Permission.EDIT_RECORD, prefixes=("/imports/",)
            ),
        )
        registry.api_parts.add("intake", registry.ApiPart("imports", _("Imports"), "parkbrain.intake.api.router"))
        registry.page_reports.add(
            "intake.record",
            registry.PageReport(
                _("Record of the park"), reports.make_record_report, Permission.EDIT_RECORD, kinds=("xlsx",)
            ),
        )
        _describe_events()
        # What follows from an import never stands in the way of rolling it back.
        bulk.consequences.add("intake.batch", Q(pk__isnull=False))
        bulk.consequences.add("kernel.job", Q(pk__isnull=False))
        bulk.consequences.add("kernel.auditevent", Q(pk__isnull=False))
        bulk.consequences.add("kernel.document", Q(pk__in=Batch.objects.order_by().values("document")))


def _describe_events() -> None:
    from parkbrain.kernel import audit

    audit.describe("intake.batch.uploaded", _("The file %(target)s was uploaded"))
    audit.describe(
        "intake.batch.checked",
        _("The file %(target)s was checked: %(problems)s problems, %(changes)s changes to come"),
    )
    audit.describe("intake.batch.park_chosen", _("It was said which park the file %(target)s is about"))
    audit.describe("intake.batch.refused", _("The file %(target)s was refused: %(problems)s problems"))
    audit.describe(
        "intake.batch.applied",
        _("The file %(target)s was taken in: %(created)s new, %(updated)s changed, %(unchanged)s unchanged"),
    )
    audit.describe("intake.mapping.saved", _("The columns of %(target)s were mapped; %(learned)s headings learned"))
    audit.describe("intake.rows.decided", _("It was decided what %(rows)s rows of %(target)s are about"))
    audit.describe("intake.profile.added", _("The import profile %(target)s was saved"))
    audit.describe("intake.profile.changed", _("The import profile %(target)s was changed"))
    audit.describe("intake.profile.renamed", _("The import profile %(before)s is now called %(target)s"))
    audit.describe("intake.profile.deleted", _("The import profile %(target)s was deleted"))
    audit.describe("intake.batch.discarded", _("The file %(target)s was discarded"))
    audit.describe(
        "intake.batch.rolled_back",
        _("The import of %(target)s was rolled back: %(removed)s rows removed, %(restored)s restored"),
    )
    audit.describe("intake.row.removed", _("%(target)s was removed: the import of %(file)s was rolled back"))
    audit.describe("intake.row.restored", _("%(target)s is as it was before: the import of %(file)s was rolled back"))
