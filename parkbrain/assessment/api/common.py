"""What every part about assessment asks first."""

from __future__ import annotations

from django.http import HttpRequest

from parkbrain.kernel.models import Document, Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.rest import found

from .. import queries


def rated_park(request: HttpRequest, park_id: int) -> Park:
    """Return the park if the person may see its ratings; outside the scope there is nothing."""
    return found(Park.objects.visible_to(request.user, Permission.VIEW_RATING).select_related("branch"), pk=park_id)


def evidence_of(request: HttpRequest, park: Park, document_id: int | None) -> Document | None:
    """Return the stored file of the park that is named as evidence."""
    if document_id is None:
        return None
    return found(queries.visible_documents(user=request.user), pk=document_id, park=park)
