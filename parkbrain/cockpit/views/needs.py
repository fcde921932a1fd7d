"""All that the homes show a few of: what needs the person in a park, and what waits for an assessor."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from parkbrain.kernel import registry
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link
from parkbrain.ui.paging import paged

from .. import queries

#: Rows of each kind on a page.
PER_PAGE = 50


@require_safe
def park_needs(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show everything that needs the person in a park, or all of one kind of it."""
    own = Park.objects.visible_to(request.user, Permission.DECLARE_FACT).select_related("branch")
    park = request.park = get_object_or_404(own, pk=park_id)
    wanted = request.GET.get("kind", "")
    if wanted and wanted not in dict(registry.attention.items()):
        raise Http404
    found = queries.list_needs(user=request.user, park=park, on=timezone.localdate())
    here = request.path
    context = {
        "park": park,
        "sentence": needs_in_words(count=sum(len(kind.items) for kind in found)),
        "kinds": [
            Link(_("All"), here, not wanted),
            *(Link(f"{k.label} {len(k.items)}", f"{here}?kind={k.key}", k.key == wanted) for k in found),
        ],
        "groups": [
            (kind, paged(kind.items, request.GET, key=kind.key, per=PER_PAGE))
            for kind in found
            if wanted in {"", kind.key}
        ],
    }
    return page(request, "cockpit/needs.html", context)


@require_safe
def to_verify(request: HttpRequest) -> HttpResponse:
    """Show every declared fact that waits for the assessor, those first on which most points hang."""
    if not request.user.may(Permission.VERIFY_FACT):
        raise PermissionDenied
    lines = queries.list_to_verify(user=request.user)
    context = {"sentence": verify_in_words(count=len(lines)), "lines": paged(lines, request.GET, per=PER_PAGE)}
    return page(request, "cockpit/to_verify.html", context)


def needs_in_words(*, count: int) -> str:
    """Return how much needs the person, in a sentence."""
    text = ngettext("%(count)s thing needs you.", "%(count)s things need you.", count)
    return text % {"count": count} if count else _("Nothing needs you right now.")


def verify_in_words(*, count: int) -> str:
    """Return how many facts wait for a finding, in a sentence."""
    text = ngettext(
        "%(count)s declared fact with evidence waits for your finding.",
        "%(count)s declared facts with evidence wait for your finding.",
        count,
    )
    return text % {"count": count}
