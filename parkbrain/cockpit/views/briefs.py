"""The brief of a park and of the city: a page, and the same as PDF."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui import asof
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.media import hand_out
from parkbrain.ui.paging import paged

from .. import queries, reports

#: So many past briefs stand below one.
PAST = 14
#: What `as` in the address asks for: the brief composed now, or the one that was sent.
NOW, SENT = "now", "sent"


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
    of: dict[str, Any] = {"user": request.user, "park": park, "kind": kind}
    # Today's brief is the one composed now, unless the one that was sent is asked for.
    wanted = request.GET.get("as", NOW if asked.on >= timezone.localdate() else SENT)
    kept = None if wanted == NOW else queries.find_kept_brief(**of, on=asked.on)
    brief = kept or queries.make_brief(**of, on=asked.on)
    if request.GET.get("format") == "pdf":
        made = reports.file_of(brief=brief)
        return hand_out(made.content, made.content_type, made.name, as_attachment=False)
    here, day = request.path, asked.on.isoformat()
    labels = ((queries.DAY, _("Daily brief")), (queries.MONTH, _("Monthly brief")))
    key = f"cockpit.{'city_' if park is None else ''}brief_{kind}"
    same = f"{here}?kind={kind}&on={day}"
    context = {
        "brief": brief,
        "park": park,
        "title": reports.title_of(brief=brief),
        "kinds": [Link(label, f"{here}?kind={one}&on={day}", one == kind) for one, label in labels],
        "pdf_url": f"{same}&as={SENT if kept else NOW}&format=pdf",
        "send_url": f"{reverse('report_add')}?report={key}{f'&park={park.pk}' if park else ''}",
        "sentence": ngettext("%(count)s sentence", "%(count)s sentences", len(brief.sentences))
        % {"count": len(brief.sentences)},
        "standing": reports.sent_in_words(brief=brief),
        "changes": queries.list_changes(user=request.user, kept=kept, today=timezone.localdate()) if kept else [],
        "now_url": f"{same}&as={NOW}" if kept else "",
        "past": paged(queries.list_kept_briefs(**of), request.GET, per=PAST, at="past"),
        "wrong": str(asof.refusal(asked) or ""),
        "as_of": asked.on,
    }
    return page(request, "cockpit/brief.html", context, status=422 if asked.refused else 200)
