"""The star of a park, its tree, and one indicator with its formula."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from parkbrain.kernel import registry
from parkbrain.ui.htmx import page
from parkbrain.ui.links import Link

from .. import charts, queries
from .common import crumbs, day_context, day_of, not_rated, open_park, sheet_of, stars_link


def stars(request: HttpRequest, park_id: int) -> HttpResponse:
    """Show the star of a park, what it rests on, and what is missing."""
    park = open_park(request, park_id)
    scheme_id = request.GET.get("scheme", queries.MAIN_SCHEME)
    day = day_of(request)
    carried = "" if day == timezone.localdate() else f"&on={day}"
    tabs = [
        Link(queries.describe(value=s.name), f"?scheme={s.id}{carried}", s.id == scheme_id)
        for s in queries.list_schemes()
    ]
    context = {"park": park, "crumbs": crumbs(park), "tabs": tabs, **day_context(day)}
    context["added_actions"] = [
        render_to_string(panel.template, {**shown})
        for panel in registry.panels_for("assessment.stars")
        if (shown := panel.context(request, park)) is not None
    ]
    try:
        sheet = sheet_of(park, scheme_id, day)
    except queries.NotRated as reason:
        if scheme_id not in {s.id for s in queries.list_schemes()}:
            raise Http404 from reason
        return not_rated(request, park, context, reason)
    context["may_plan"] = scheme_id == queries.MAIN_SCHEME and day == timezone.localdate()
    return page(request, "assessment/stars.html", {**context, **sheet_context(sheet)})


def sheet_context(sheet: queries.StarSheet) -> dict[str, object]:
    """Return what the drawing of a star needs, of a current rating and a frozen one alike."""
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
    park = open_park(request, park_id)
    day = day_of(request)
    try:
        sheet = sheet_of(park, scheme_id, day)
        node = sheet.scheme.node(node_id)
    except (queries.NotRated, KeyError) as error:
        raise Http404 from error
    above: list[Link] = []
    step = node
    while step.parent_id is not None and step.parent_id != sheet.scheme.root.id:
        step = sheet.scheme.node(step.parent_id)
        above.insert(
            0,
            Link(
                f"{step.id} {queries.describe(value=step.name)}",
                reverse("indicator_detail", args=[park.pk, scheme_id, step.id]),
            ),
        )
    context = {
        "park": park,
        "sheet": sheet,
        "node": node,
        "row": sheet.node_row(node=node),
        "crumbs": crumbs(park, stars_link(park), *above),
        "notice": queries.describe(value=sheet.scheme.notice),
        **day_context(day),
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
