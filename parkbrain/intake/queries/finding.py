"""What the search over everything finds among imports."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel.models import User
from parkbrain.kernel.reading import first_found
from parkbrain.kernel.registry import SearchHit

from ..models import Batch


def find_batch_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the imports that the person may see whose file name holds the text, the latest first."""
    found = Batch.objects.visible_to(user).filter(document__name__icontains=text)
    rows = first_found(found.distinct().order_by("-created_at", "-pk"), limit=limit)
    return [
        SearchHit(
            _("Import"),
            batch.document.name,
            reverse("import_batch", args=[batch.pk]),
            " · ".join(
                part for part in (str(batch.get_state_display()), batch.park.name if batch.park else "") if part
            ),
        )
        for batch in rows.select_related("document", "park").defer("report")
    ]
