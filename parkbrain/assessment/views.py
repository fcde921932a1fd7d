"""Pages of stars, facts, ratings and schemes."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from parkbrain.intake.queries import list_origins
from parkbrain.kernel.documents import path_of, store_document
from parkbrain.kernel.models import Park
from parkbrain.kernel.roles import Permission
from parkbrain.ui.htmx import page

from . import charts, queries, reports, services
from .forms import FactForm, FreezeForm
from .models import Declaration, Rating


@dataclass(frozen=True)
class Link:
    """A breadcrumb, a tab or a chip."""

    label: str
    url: str = ""
    active: bool = False


def _park(request: HttpRequest, park_id: int) -> Park:
    """Return the park if the person may see its ratings; outside the scope there is nothing."""
    park = get_object_or_404(
        Park.objects.visible_to(request.user, Permission.VIEW_RATING).select_related("branch"), pk=park_id
    )
    request.park = park
    return park


def _crumbs(park: Park, *more: Link) -> list[Link]:
    return [Link(park.name, reverse("park_detail", args=[park.pk])), *more]


def _stars_link(park: Park) -> Link:
    return Link(_("Stars"), reverse("stars", args=[park.pk]))


def _may(request: HttpRequest, permission: Permission, park: Park) -> bool:
    return request.user.may(permission, park.branch.path)


def stars(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show the star of a park, what it rests on, and what is missing."""
    park = _park(request, park_id)
    scheme_id = request.GET.get("scheme", queries.MAIN_SCHEME)
    tabs = [
        Link(queries.describe(value=s.name), f"?scheme={s.id}", s.id == scheme_id) for s in queries.list_schemes()
    ]
    context = {"park": park, "crumbs": _crumbs(park), "tabs": tabs, "may_freeze": _may(request, Permission.FREEZE_RATING, park)}
    try:
        sheet = queries.get_star_sheet(park=park, scheme_id=scheme_id)
    except queries.NotRated as reason:
        if scheme_id not in {s.id for s in queries.list_schemes()}:
            raise Http404 from reason
        return page(request, "assessment/not_rated.html", {**context, "reason": str(reason)})
    return page(request, "assessment/stars.html", {**context, **_sheet_context(sheet)})


def _sheet_context(sheet: queries.StarSheet) -> dict[str, object]:
    return {
        "sheet": sheet,
        "notice": queries.describe(value=sheet.scheme.notice),
        "radar": charts.dimension_radar(sheet=sheet) if len(sheet.dimensions) > 2 else None,
        "gaps": sheet.gaps[:8],
        "gap_count": len(sheet.gaps),
        "all_gaps": sheet.gaps,
    }


def indicator(request: HttpRequest, park_id: int, scheme_id: str, node_id: str) -> HttpResponse:
    """Show a node: its children, or an indicator's formula with the numbers in it and the facts behind them."""
    park = _park(request, park_id)
    try:
        sheet = queries.get_star_sheet(park=park, scheme_id=scheme_id)
        node = sheet.scheme.node(node_id)
    except (queries.NotRated, KeyError) as error:
        raise Http404 from error
    above, step = [], node
    while step.parent_id is not None and step.parent_id != sheet.scheme.root.id:
        step = sheet.scheme.node(step.parent_id)
        above.insert(0, Link(f"{step.id} {queries.describe(value=step.name)}", reverse("indicator_detail", args=[park.pk, scheme_id, step.id])))
    context = {
        "park": park,
        "sheet": sheet,
        "node": node,
        "row": sheet.node_row(node=node),
        "crumbs": _crumbs(park, _stars_link(park), *above),
        "notice": queries.describe(value=sheet.scheme.notice),
    }
    if node.children:
        inside = set(queries.leaf_ids(node=node)) | {child.id for child in node.children}
        context["children"] = [row for row in sheet.rows if row.id in inside]
        return page(request, "assessment/node.html", context)
    return page(request, "assessment/indicator.html", {**context, **_indicator_context(sheet, node_id)})


def _indicator_context(sheet: queries.StarSheet, node_id: str) -> dict[str, object]:
    one = sheet.scheme.indicator(node_id)
    plain = {key: float(entry[0]) for key, entry in sheet.inputs.items()}
    return {
        "indicator": one,
        "explanation": queries.explain(scheme=sheet.scheme, node_id=node_id, inputs=plain),
        "facts": [sheet.input_fact(key=key) for key in queries.get_catalogue() if key in one.facts],
        "items": queries.list_checklist(scheme=sheet.scheme, node_id=node_id, inputs=plain),
        "levels": queries.list_levels(scheme=sheet.scheme, node_id=node_id, inputs=plain),
        "steps": sheet.next_scores(indicator=one),
        "curve": charts.score_curve(indicator=one, score=sheet.unit.indicators[node_id]),
        "evidence": queries.describe(value=one.evidence),
        "basis": queries.describe(value=one.basis),
        "note": queries.describe(value=one.note),
    }


def facts(request: HttpRequest, park_id: int) -> HttpResponse:
    """List every fact of the catalogue as it stands for the park."""
    park = _park(request, park_id)
    standing = request.GET.get("standing", "")
    lines = queries.list_facts(park=park, cut_off_on=timezone.localdate(), standing=standing)
    groups: dict[str, list[queries.FactLine]] = {}
    for line in lines:
        groups.setdefault(line.fact.group, []).append(line)
    labels = (("", _("All")), ("u", _("Unknown")), ("d", _("Declared")), ("c", _("Computed")), ("v", _("Verified")))
    return page(
        request,
        "assessment/facts.html",
        {
            "park": park,
            "crumbs": _crumbs(park, _stars_link(park)),
            "groups": [(charts.GROUP_NAMES.get(key, key), found) for key, found in groups.items()],
            "count": len(lines),
            "chips": [Link(label, f"?standing={key}" if key else "?", key == standing) for key, label in labels],
        },
    )


def fact(request: HttpRequest, park_id: int, fact_key: str) -> HttpResponse:
    """Show a fact with everything behind it; an operator declares it here, an assessor verifies it."""
    park = _park(request, park_id)
    may_declare = _may(request, Permission.DECLARE_FACT, park)
    may_verify = _may(request, Permission.VERIFY_FACT, park)
    form = FactForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        if not (may_declare or may_verify):
            raise PermissionDenied
        status = 422
        if form.is_valid() and _state_fact(request, park, fact_key, form, verify=may_verify and not may_declare):
            return redirect("fact_detail", park.pk, fact_key)
    sheet = queries.get_fact_sheet(park=park, fact_key=fact_key, cut_off_on=timezone.localdate())
    if sheet is None:
        raise Http404
    own = [d.pk for d in sheet.declarations]
    context = {
        "park": park,
        "sheet": sheet,
        "form": form,
        "may_declare": may_declare,
        "may_verify": may_verify,
        "origins": {pk: list_origins(target_label="assessment.declaration", target_id=pk) for pk in own},
        "has_sources": any(row.source for row in sheet.rows),
        "row_total": sum(row.value for row in sheet.rows if row.value is not None),
        "crumbs": _crumbs(park, _stars_link(park), Link(_("Facts"), reverse("fact_list", args=[park.pk]))),
    }
    return page(request, "assessment/fact.html", context, status=status)


def _state_fact(request: HttpRequest, park: Park, fact_key: str, form: FactForm, *, verify: bool) -> bool:
    """Store what was stated; a refusal stands in the form and nothing is stored."""
    now, actor = timezone.now(), request.user
    file, note = form.cleaned_data["evidence"], form.cleaned_data["note"]
    common = {"park": park, "fact_key": fact_key, "value": form.cleaned_data["value"], "cut_off_on": timezone.localdate()}
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
    park = _park(request, park_id)
    pk = request.POST.get("declaration", "")
    declaration = get_object_or_404(Declaration, park=park, fact_key=fact_key, pk=pk if pk.isdigit() else 0)
    try:
        services.withdraw_declaration(declaration=declaration, actor=request.user, at=timezone.now())
    except services.CannotDeclareFact as refusal:
        raise PermissionDenied from refusal
    messages.success(request, _("The declared value was taken back."))
    return redirect("fact_detail", park.pk, fact_key)


def ratings(request: HttpRequest, park_id: int) -> HttpResponse:
    """List the current and the frozen ratings of a park, and freeze one."""
    park = _park(request, park_id)
    may_freeze = _may(request, Permission.FREEZE_RATING, park)
    form = FreezeForm(request.POST or None, initial={"cut_off_on": timezone.localdate()})
    status = 200
    if request.method == "POST":
        if not may_freeze:
            raise PermissionDenied
        status = 422
        if form.is_valid():
            try:
                row = services.freeze_rating(
                    park=park,
                    scheme_id=queries.MAIN_SCHEME,
                    cut_off_on=form.cleaned_data["cut_off_on"],
                    title=form.cleaned_data["title"],
                    actor=request.user,
                    at=timezone.now(),
                )
            except services.CannotFreezeRating as refusal:
                form.add_error(None, str(refusal))
            else:
                return redirect("rating_detail", row.pk)
    frozen = queries.list_frozen(park=park)
    main = [row for row in frozen if row.scheme_id == queries.MAIN_SCHEME]
    context = {
        "park": park,
        "current": queries.list_current(park=park),
        "frozen": frozen,
        "main": main,
        "trend": charts.rating_trend(rows=main) if len(main) > 1 else None,
        "form": form,
        "may_freeze": may_freeze,
        "names": {s.id: queries.describe(value=s.name) for s in queries.list_schemes()},
        "crumbs": _crumbs(park, _stars_link(park)),
    }
    return page(request, "assessment/ratings.html", context, status=status)


def _rating(request: HttpRequest, rating_id: int) -> Rating:
    row = get_object_or_404(
        Rating.objects.visible_to(request.user).select_related("park__branch", "frozen_by"), pk=rating_id
    )
    request.park = row.park
    return row


def rating_page(request: HttpRequest, rating_id: int) -> HttpResponse:
    """Show a frozen rating as it stands, and whether recomputing gives the same hash."""
    row = _rating(request, rating_id)
    if row.state == Rating.State.CURRENT:
        return redirect(f"{reverse('stars', args=[row.park_id])}?scheme={row.scheme_id}")
    sheet = queries.build_sheet(row=row)
    matches = services.recompute_matches(frozen=row)
    list_url = reverse("rating_list", args=[row.park_id])
    context = {
        **_sheet_context(sheet),
        "park": row.park,
        "row": row,
        "matches": matches,
        "crumbs": _crumbs(row.park, _stars_link(row.park), Link(_("Ratings"), list_url)),
    }
    return page(request, "assessment/rating.html", context)


def compare(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show what moved between two ratings of the park."""
    park = _park(request, park_id)
    found = Rating.objects.filter(park=park).select_related("park")
    pair = []
    for name in ("before", "after"):
        text = request.GET.get(name, "")
        pair.append(get_object_or_404(found, pk=int(text) if text.isdigit() else 0))
    comparison = queries.compare_ratings(before=pair[0], after=pair[1])
    context = {
        "park": park,
        "comparison": comparison,
        "crumbs": _crumbs(park, _stars_link(park), Link(_("Ratings"), reverse("rating_list", args=[park.pk]))),
    }
    return page(request, "assessment/compare.html", context)


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def rating_pdf(request: HttpRequest, rating_id: int) -> HttpResponse:
    """Hand out the report as PDF in the reader's language."""
    row = _rating(request, rating_id)
    content = reports.render_pdf(sheet=queries.build_sheet(row=row), language=get_language() or "zh-hans")
    return _file(content, "application/pdf", f"{row.park.code}-{row.scheme_id}-{row.cut_off_on}.pdf")


def rating_xlsx(request: HttpRequest, rating_id: int) -> HttpResponse:
    """Hand out the workbook with live formulas in the reader's language."""
    row = _rating(request, rating_id)
    content = reports.render_xlsx(sheet=queries.build_sheet(row=row), language=get_language() or "zh-hans")
    media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(content, media, f"{row.park.code}-{row.scheme_id}-{row.cut_off_on}.xlsx")


def schemes(request: HttpRequest) -> HttpResponse:
    """List the schemes of this installation."""
    return page(request, "assessment/schemes.html", {"schemes": queries.list_scheme_lines()})


def scheme(request: HttpRequest, scheme_id: str) -> HttpResponse:
    """Show a scheme: its tree with weights, thresholds and where they come from."""
    try:
        found = queries.get_scheme(scheme_id=scheme_id)
    except queries.UnknownScheme as error:
        raise Http404 from error
    context = {
        "scheme": found,
        "lines": queries.list_tree(scheme=found),
        "notice": queries.describe(value=found.notice),
        "name": queries.describe(value=found.name),
        "classes": [(c, queries.describe(value=c.name)) for c in found.outcome.classes],
        "vetoes": [(v, queries.describe(value=v.name), queries.describe(value=v.basis)) for v in found.outcome.vetoes],
        "crumbs": [Link(_("Schemes"), reverse("scheme_list"))],
    }
    return page(request, "assessment/scheme.html", context)


def scheme_download(request: HttpRequest, scheme_id: str) -> HttpResponse:
    """Hand out the file of a scheme."""
    try:
        path = queries.scheme_file(scheme_id=scheme_id)
    except queries.UnknownScheme as error:
        raise Http404 from error
    return FileResponse(path.open("rb"), as_attachment=True, filename=path.name, content_type="application/yaml")


def document(request: HttpRequest, document_id: int) -> HttpResponse:
    """Hand out an evidence file."""
    found = queries.find_evidence(user=request.user, document_id=document_id)
    if found is None or not path_of(found.sha256).is_file():
        raise Http404
    response = FileResponse(path_of(found.sha256).open("rb"), as_attachment=True, filename=found.name)
    response["Content-Type"] = "application/octet-stream"
    return response

