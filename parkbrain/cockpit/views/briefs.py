"""The brief of a park and of the city: a page, and the same as PDF."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui import asof
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import queries, reports


@require_safe
def park_brief(request: HttpRequest, park_id: int) -> HttpResponse:
    """Say what there is to say of a park on a day or in a month."""
    park = get_object_or_404(Park.objects.visible_to(request.user).select_related("branch"), pk=park_id)
    request.park = park
    return _shown(request, park)


@require_safe
def city_brief(request: HttpRequest) -> HttpResponse:
    """Say what there is to say of the city."""
    if not request.user.may(Permission.VIEW_CITY):
        raise PermissionDenied
    return _shown(request, None)


def _shown(request: HttpRequest, park: Park | None) -> HttpResponse:
    asked = asof.read_as_of(request.GET.get(asof.KEY, ""), today=timezone.localdate())
    kind = queries.MONTH if request.GET.get("kind") == queries.MONTH else queries.DAY
    brief = queries.make_brief(user=request.user, park=park, kind=kind, on=asked.on)
    if request.GET.get("format") == "pdf":
        made = reports.file_of(brief=brief)
        headers = {"Content-Disposition": content_disposition_header(as_attachment=False, filename=made.name) or ""}
        return HttpResponse(made.content, content_type=made.content_type, headers=headers)
    here, day = request.path, asked.on.isoformat()
    labels = ((queries.DAY, _("Daily brief")), (queries.MONTH, _("Monthly brief")))
    key = f"cockpit.{'city_' if park is None else ''}brief_{kind}"
    context = {
        "brief": brief,
        "park": park,
        "title": reports.title_of(brief=brief),
        "kinds": [Link(label, f"{here}?kind={one}&on={day}", one == kind) for one, label in labels],
        "pdf_url": f"{here}?kind={kind}&on={day}&format=pdf",
        "send_url": f"{reverse('report_add')}?report={key}{f'&park={park.pk}' if park else ''}",
        "sentence": ngettext("%(count)s sentence", "%(count)s sentences", len(brief.sentences))
        % {"count": len(brief.sentences)},
        "wrong": asof.refusal(asked),
        "as_of": asked.on,
    }
    return page(request, "cockpit/brief.html", context, status=422 if asked.refused else 200)
