"""Evidence, comparisons, and what a search finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from parkbrain.calc import rating
from parkbrain.kernel import scope
from parkbrain.kernel.models import Document, Park, User
from parkbrain.kernel.registry import Attention, SearchHit
from parkbrain.kernel.roles import Permission
from parkbrain.ui.formats import number

from ..models import Declaration, Rating, Verification
from .schemes import MAIN_SCHEME, CatalogueFact, describe, find_scheme_version, get_catalogue, get_scheme, list_schemes
from .sheets import NotRated, StarSheet, get_star_sheet


@dataclass(frozen=True)
class EvidenceLine:
    """A file that shows a declared or verified fact."""

    document: Document
    fact: CatalogueFact
    ends_on: date
    is_verification: bool


@dataclass(frozen=True)
class MoveLine:
    """A fact that differs between two ratings, and what that did."""

    fact: CatalogueFact
    before: float | None
    after: float | None
    indicators: Sequence[tuple[str, str]]
    points: float


@dataclass(frozen=True)
class Comparison:
    """Two ratings of a park under one scheme: what moved from the first to the second."""

    before: Rating
    after: Rating
    moves: Sequence[MoveLine]
    same_scheme: bool


@dataclass(frozen=True)
class UnverifiedLine:
    """A declared fact that no assessor has looked at."""

    park: Park
    fact: CatalogueFact
    value: float
    has_evidence: bool


def list_evidence(*, park: Park) -> list[EvidenceLine]:
    """Return the files behind stated facts of a park, newest period first."""
    catalogue = get_catalogue()
    lines = [
        EvidenceLine(one.evidence, catalogue[one.fact_key], one.ends_on, model is Verification)
        for model in (Declaration, Verification)
        for one in model.objects.filter(park=park, evidence__isnull=False).select_related("evidence")
        if one.evidence is not None and one.fact_key in catalogue
    ]
    return sorted(lines, key=lambda line: (line.ends_on, line.document.pk), reverse=True)


def list_evidence_of(*, sheet: StarSheet) -> list[EvidenceLine]:
    """Return the files behind the facts of one rating: of each fact the newest that its cut-off allows."""
    after = sheet.rating.cut_off_on + timedelta(days=1)
    newest: dict[tuple[str, bool], EvidenceLine] = {}
    for line in list_evidence(park=sheet.park):
        if line.fact.key in sheet.inputs and line.ends_on <= after:
            newest.setdefault((line.fact.key, line.is_verification), line)
    place = {key: index for index, key in enumerate(get_catalogue())}
    return sorted(newest.values(), key=lambda line: place[line.fact.key])


def visible_documents(*, user: User) -> QuerySet[Document]:
    """Return the stored files of the parks whose ratings the person may see."""
    return Document.objects.filter(scope.branches_q(user, Permission.VIEW_RATING, field="park__branch__path"))


def find_evidence(*, user: User, document_id: int) -> Document | None:
    """Return a stored file of a park whose ratings the person may see, or None."""
    return visible_documents(user=user).filter(pk=document_id).first()


def compare_ratings(*, before: Rating, after: Rating) -> Comparison:
    """Return what moved between two ratings of the same scheme, the largest first."""
    same = before.scheme_id == after.scheme_id and before.scheme_hash == after.scheme_hash
    if before.scheme_id != after.scheme_id:
        return Comparison(before, after, [], False)
    kept = find_scheme_version(scheme_id=after.scheme_id, scheme_hash=after.scheme_hash)
    scheme = kept or get_scheme(scheme_id=after.scheme_id)
    catalogue = get_catalogue()
    names = {one.id: describe(value=one.name) for one in scheme.indicators}
    plain = [{k: float(e[0]) for k, e in row.inputs.items()} for row in (before, after)]
    moves = [
        MoveLine(
            fact=catalogue[move.fact_key],
            before=move.before,
            after=move.after,
            indicators=[(i, names.get(i, i)) for i in move.indicator_ids],
            points=move.points,
        )
        for move in rating.what_moved(scheme, *plain)
        if move.fact_key in catalogue
    ]
    return Comparison(before, after, sorted(moves, key=lambda m: -abs(m.points)), same)


def list_declared_unverified(*, user: User) -> list[UnverifiedLine]:
    """Return declared facts of an assessor's parks with evidence and without a finding, the newest first."""
    finding = Verification.objects.filter(
        park=OuterRef("park"), fact_key=OuterRef("fact_key"), ends_on=OuterRef("ends_on")
    )
    listed = (
        Declaration.objects.visible_to(user, Permission.VERIFY_FACT)
        .filter(evidence__isnull=False)
        .exclude(Exists(finding))
        .select_related("park")
        .order_by("-declared_at", "pk")
    )
    catalogue = get_catalogue()
    return [
        UnverifiedLine(one.park, catalogue[one.fact_key], one.value, one.evidence_id is not None)
        for one in listed
        if one.fact_key in catalogue
    ]


def search_assessment(*, user: User, text: str, limit: int, park: Park | None) -> list[SearchHit]:
    """Return the indicators and facts whose names hold the words, as pages of the park the person works in.

    Without such a park, or where the person may not see its ratings, indicators lead to their scheme.
    """
    if not user.may(Permission.VIEW_RATING):
        return []
    if park is not None and not user.may(Permission.VIEW_RATING, park.branch.path):
        park = None
    words = text.lower()
    indicators: list[SearchHit] = []
    for scheme in list_schemes():
        for one in scheme.indicators:
            if words == one.id.lower() or any(words in name.lower() for name in one.name.values()):
                url = reverse("scheme_detail", args=[scheme.id])
                if park is not None:
                    url = reverse("indicator_detail", args=[park.pk, scheme.id, one.id])
                where = " · ".join(p for p in (describe(value=scheme.name), park.name if park else "") if p)
                indicators.append(SearchHit(_("Indicators"), f"{one.id} {describe(value=one.name)}", url, where))
    facts: list[SearchHit] = []
    for fact in get_catalogue().values() if park is not None else ():
        if words in fact.key or any(words in name.lower() for name in fact.names.values()):
            url = reverse("fact_detail", args=[park.pk, fact.key])  # type: ignore[union-attr]
            facts.append(SearchHit(_("Facts"), fact.name, url, f"{fact.key} · {park.name}"))  # type: ignore[union-attr]
    # Each kind has its own limit: many indicators do not push the facts out.
    return indicators[:limit] + facts[:limit]


def list_attention(*, user: User, park: Park, on: date) -> list[Attention]:
    """Return the unknown facts that may gain most, and what holds the next star back."""
    if not user.may(Permission.DECLARE_FACT, park.branch.path):
        return []
    try:
        sheet = get_star_sheet(park=park)
    except NotRated:
        return []
    items = _fallen(park, sheet.rating)
    for gap in sheet.gaps[:6]:
        if not gap.facts:
            continue
        names = "、".join(fact.name for fact in gap.facts[:2])
        detail = (
            gettext("decides about a star")
            if gap.kind != "indicator"
            else gettext("up to %(points)s points") % {"points": number(gap.points, 2)}
        )
        items.append(
            Attention(
                title=gettext("Unknown: %(names)s") % {"names": names},
                detail=detail,
                url=reverse("fact_detail", args=[park.pk, gap.facts[0].key]),
                tone="info",
                weight=gap.points,
            )
        )
    return items


def _fallen(park: Park, current: Rating) -> list[Attention]:
    """Return a warning where the proven total stands below that of the latest frozen rating."""
    frozen = Rating.objects.filter(park=park, scheme_id=current.scheme_id, state=Rating.State.FROZEN)
    last = frozen.defer("inputs", "result").order_by("-cut_off_on", "-pk").first()
    if last is None or current.total_proven >= last.total_proven:
        return []
    values = {
        "before": number(last.total_proven, 2),
        "after": number(current.total_proven, 2),
        "title": last.title,
    }
    return [
        Attention(
            title=gettext("The proven total fell from %(before)s to %(after)s") % values,
            detail=gettext("since “%(title)s” was frozen") % values,
            url=f"{reverse('rating_compare', args=[park.pk])}?before={last.pk}&after={current.pk}",
            tone="bad" if current.class_proven < last.class_proven else "warn",
            weight=100.0 + last.total_proven - current.total_proven,
        )
    ]


def get_park_panel(*, user: User, park: Park, before_on: str = "") -> dict[str, object] | None:
    """Return what a park's page shows of its star: the current rating, or the latest frozen one for whoever may not see facts.

    `before_on` is the day of a page that shows the past: there the latest rating frozen for a cut-off up to it stands.
    """
    rows = Rating.objects.filter(park=park, scheme_id=MAIN_SCHEME).defer("inputs", "result")
    may_open = user.may(Permission.VIEW_RATING, park.branch.path)
    current = rows.filter(state=Rating.State.CURRENT).first() if may_open else None
    # The current rating holds from its cut-off on; before that, what was frozen stands.
    if before_on and (current is None or current.cut_off_on.isoformat() > before_on):
        frozen = rows.filter(state=Rating.State.FROZEN, cut_off_on__lte=before_on)
        row = frozen.order_by("-cut_off_on").first()
        return {"park": park, "row": row, "may_open": may_open} if row else None
    if may_open:
        return {"park": park, "row": current, "may_open": True} if current else None
    row = rows.filter(state=Rating.State.FROZEN).order_by("-cut_off_on").first()
    return {"park": park, "row": row, "may_open": False} if row else None
