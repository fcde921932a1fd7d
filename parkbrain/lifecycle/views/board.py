"""The board, the responsibility matrix, the positioning check, and the lists."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from parkbrain import lists
from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.asof import day_of
from parkbrain.ui.htmx import page
from parkbrain.ui.media import hand_out
from parkbrain.ui.paging import paged

from .. import queries, reports
from ..charts import share_words, trend_chart
from ..models import LifeSubject, RaciRole
from ..tables import ASSIGNMENTS, DUTIES, PROJECTS, standing_badge
from .common import crumbs_of, may_edit, own_pages, pages_of, park_of


def life_board(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show what is in which stage, how far its gates are, and what is late."""
    park, on = park_of(request, park_id), day_of(request)
    context = {
        "park": park,
        "board": queries.get_board(park=park, on=on),
        "may_edit": may_edit(request, park),
        "as_of": on,
        "pages": pages_of(request, park, "life_board"),
        "crumbs": crumbs_of(park)[:1],
    }
    return page(request, "lifecycle/board.html", context)


def _asked_subject(request: HttpRequest, park: Park) -> LifeSubject | None:
    """Return the subject that is asked for; the park itself without one, None where all are asked for."""
    asked = request.GET.get("subject", "")
    if asked == "all":
        return None
    kept = LifeSubject.objects.filter(park=park).select_related("building", "project", "park")
    found = kept.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 12 else None
    return found or kept.filter(kind=LifeSubject.Kind.PARK).first()


def life_matrix(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show who has which role in every duty as of the day; of the whole park or of one subject."""
    park, on = park_of(request, park_id), day_of(request)
    subject = _asked_subject(request, park)
    matrix = queries.get_matrix(park=park, on=on, subject=subject)
    export = f"{reverse('assignment_list')}?park={park.pk}&on={on.isoformat()}"
    context = {
        "park": park,
        "matrix": matrix,
        "subject": subject,
        "roles": RaciRole.choices,
        "export_url": export,
        "pdf_url": f"{reverse('matrix_pdf', args=[park.pk])}?subject={subject.pk if subject else 'all'}&on={on.isoformat()}",
        "as_of": on,
        "pages": pages_of(request, park, "life_matrix"),
        "crumbs": crumbs_of(park),
    }
    return page(request, "lifecycle/matrix.html", context)


@require_safe
def matrix_pdf(request: HttpRequest, park_id: int) -> HttpResponse:
    """Give the responsibility matrix as of the day as PDF, in the reader's language."""
    park, on = park_of(request, park_id), day_of(request)
    made = reports.make_matrix_file(park=park, on=on, subject=_asked_subject(request, park))
    return hand_out(made.content, made.content_type, made.name, as_attachment=False)


def life_positioning(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show what the park is made of, against its declared leading industries and its city."""
    park, on = park_of(request, park_id), day_of(request)
    found = queries.get_positioning(park=park, on=on)
    words = share_words()
    context = {
        "park": park,
        "found": found,
        "shares": [(words[one.measure], one) for one in found.shares],
        "chart": trend_chart(positioning=found) if not found.unassessed else None,
        "panels": _panels(request, park),
        "leads": queries.list_leads_by_fit(user=request.user, park=park),
        "sees_leads": request.user.may(Permission.VIEW_MONEY, park.branch.path),
        "firms_url": f"{reverse('enterprise_list')}?park={park.pk}&on={on.isoformat()}",
        "may_edit": may_edit(request, park),
        "as_of": on,
        "pages": pages_of(request, park, "life_positioning"),
        "crumbs": crumbs_of(park),
    }
    return page(request, "lifecycle/positioning.html", context)


def _panels(request: HttpRequest, park: Park) -> list[str]:
    """Return what other modules add: leads below, and what it means for the stars above."""
    rendered: list[str] = []
    for panel in registry.panels_for("lifecycle.positioning"):
        context = panel.context(request, park)
        if context is not None:
            rendered.append(render_to_string(panel.template, dict(context), request))
    return rendered


def my_duties(request: HttpRequest) -> HttpResponse:
    """Show what the person answers for: what is late first."""
    on = timezone.localdate()
    rows = queries.list_own_duties(user=request.user, on=on)
    context = {
        "rows": paged([(row, *standing_badge(row)) for row in rows], request.GET, per=40),
        "late_count": sum(row.is_late for row in rows),
        "open_count": sum(not row.is_settled for row in rows),
        "pages": own_pages(request, "my_duties"),
        "park": getattr(request, "park", None),
    }
    return page(request, "lifecycle/mine.html", context)


def duty_list(request: HttpRequest) -> HttpResponseBase:
    """Show the duties the person may see."""
    return lists.respond(
        request, DUTIES, template="lifecycle/list.html", context={"pages": own_pages(request, "duty_list")}
    )


def assignment_list(request: HttpRequest) -> HttpResponseBase:
    """Show the responsibility matrix row by row."""
    context = {"pages": own_pages(request, "life_matrix")}
    return lists.respond(request, ASSIGNMENTS, template="lifecycle/list.html", context=context)


def project_list(request: HttpRequest) -> HttpResponseBase:
    """Show the projects the person may see."""
    editing = Park.objects.visible_to(request.user, Permission.EDIT_RECORD)
    park = getattr(request, "park", None) or editing.first()
    context = {"add_park": park if park in editing else None, "pages": own_pages(request, "project_list")}
    return lists.respond(request, PROJECTS, template="lifecycle/list.html", context=context)
