"""The facts of a park: all of them, and one with everything behind it."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from parkbrain.intake.queries import list_origins
from parkbrain.kernel.documents import store_document
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link, key_in

from .. import charts, queries, services
from ..forms import FactForm
from ..models import Declaration
from .common import crumbs, day_context, day_of, may, open_park, stars_link


def facts(request: HttpRequest, park_id: int) -> HttpResponse:
    """List every fact of the catalogue as it stands for the park."""
    park = open_park(request, park_id)
    standing = request.GET.get("standing", "")
    day = day_of(request)
    scheme_id = request.GET.get("scheme", "")
    # A scheme that is none is no filter: the page is that of all facts.
    scheme_id = scheme_id if scheme_id in {one.id for one in queries.list_schemes()} else ""
    lines = queries.list_facts(park=park, cut_off_on=day, standing=standing, scheme_id=scheme_id)
    carried = (f"&scheme={scheme_id}" if scheme_id else "") + ("" if day == timezone.localdate() else f"&on={day}")
    groups: dict[str, list[queries.FactLine]] = {}
    for line in lines:
        groups.setdefault(line.fact.group, []).append(line)
    labels = (("", _("All")), ("u", _("Unknown")), ("d", _("Declared")), ("c", _("Computed")), ("v", _("Verified")))
    return page(
        request,
        "assessment/facts.html",
        {
            "park": park,
            "crumbs": crumbs(park, stars_link(park)),
            "groups": [(charts.GROUP_NAMES.get(key, key), found) for key, found in groups.items()],
            "count": len(lines),
            "chips": [Link(label, f"?standing={key}{carried}", key == standing) for key, label in labels],
            **day_context(day),
        },
    )


def fact(request: HttpRequest, park_id: int, fact_key: str) -> HttpResponse:
    """Show a fact with everything behind it; an operator declares it here, an assessor verifies it."""
    park = open_park(request, park_id)
    may_declare = may(request, Permission.DECLARE_FACT, park)
    may_verify = may(request, Permission.VERIFY_FACT, park)
    form = FactForm(request.POST or None, request.FILES or None)
    day = day_of(request)
    status = 200
    if request.method == "POST":
        if not (may_declare or may_verify):
            raise PermissionDenied
        status = 422
        if form.is_valid() and _state_fact(request, park, fact_key, form, day, verify=may_verify and not may_declare):
            return redirect(f"{reverse('fact_detail', args=[park.pk, fact_key])}{day_context(day)['on']}")
    sheet = queries.get_fact_sheet(park=park, fact_key=fact_key, cut_off_on=day)
    if sheet is None:
        raise Http404
    own = [d.pk for d in sheet.declarations]
    context = {
        "park": park,
        "sheet": sheet,
        "gain": queries.find_gain(park=park, fact_key=fact_key) if sheet.value is None else None,
        "form": form,
        "may_declare": may_declare,
        "may_verify": may_verify,
        "origins": {pk: list_origins(target_label="assessment.declaration", target_id=pk) for pk in own},
        **day_context(day),
        "has_sources": any(row.source for row in sheet.rows),
        "row_total": sum(row.value for row in sheet.rows if row.value is not None),
        "crumbs": crumbs(park, stars_link(park), Link(_("Facts"), reverse("fact_list", args=[park.pk]))),
    }
    return page(request, "assessment/fact.html", context, status=status)


def _state_fact(request: HttpRequest, park: Park, fact_key: str, form: FactForm, day: date, *, verify: bool) -> bool:
    """Store what was stated; a refusal stands in the form and nothing is stored."""
    now, actor = timezone.now(), request.user
    file, note = form.cleaned_data["evidence"], form.cleaned_data["note"]
    common = {"park": park, "fact_key": fact_key, "value": form.cleaned_data["value"], "cut_off_on": day}
    try:
        # A refusal takes the file's row back with it.
        with transaction.atomic():
            evidence = None
            if file:
                evidence = store_document(name=file.name, chunks=file.chunks(), actor=actor, at=now, park=park)
            if verify:
                services.verify_fact(**common, reason=note, evidence=evidence, actor=actor, at=now)
            else:
                services.declare_fact(**common, note=note, evidence=evidence, actor=actor, at=now)
    except (services.CannotDeclareFact, services.CannotVerifyFact) as refusal:
        form.add_error("value", str(refusal))
        return False
    messages.success(request, _("Stored. The stars were computed anew."))
    return True


@require_POST
def withdraw(request: HttpRequest, park_id: int, fact_key: str) -> HttpResponse:
    """Take a declared fact back."""
    park = open_park(request, park_id)
    pk = key_in(request.POST.get("declaration", ""))
    declaration = get_object_or_404(Declaration, park=park, fact_key=fact_key, pk=pk)
    try:
        services.withdraw_declaration(declaration=declaration, actor=request.user, at=timezone.now())
    except services.CannotDeclareFact as refusal:
        raise PermissionDenied from refusal
    messages.success(request, _("The declared value was taken back."))
    return redirect("fact_detail", park.pk, fact_key)
