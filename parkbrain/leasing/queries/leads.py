"""Leads as a person may see them: the list, one with its parts, and firms that may be the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from parkbrain.calc.matching import DECIDE, JOINED, Entity, match_entities
from parkbrain.enterprises.models import Enterprise
from parkbrain.enterprises.queries import industry_name
from parkbrain.kernel.models import Park, User
from parkbrain.space.models import Premises

from ..models import AdmissionReview, Lead, LeadNeed, ReviewFinding
from ..models.leads import LeadQuerySet

#: How each piece of the evidence that two leads are one firm is said.
SIMILAR_NAME_FROM = 0.75


def list_leads(*, user: User) -> LeadQuerySet:
    """Return the leads that the person may see."""
    return Lead.objects.visible_to(user)


def get_lead(*, user: User, lead_id: int) -> Lead | None:
    """Return a lead that the person may see, with its park and what it needs."""
    rows = list_leads(user=user).select_related("park__branch", "need", "owner", "enterprise", "lease")
    return rows.filter(pk=lead_id).first()


def list_offerable_premises(*, lead: Lead, on: date) -> QuerySet[Premises]:
    """Return the premises of the lead's park that may be shown and quoted on a day."""
    return Premises.objects.filter(park=lead.park, lettable=True).lettable_on(on).order_by("code")


@dataclass(frozen=True)
class LeadRow:
    """A lead with what its row in a list shows."""

    lead: Lead
    since_on: date | None
    industry: str


def lead_rows(*, leads: Sequence[Lead]) -> list[LeadRow]:
    """Return leads with since when they are at their stage, in their order."""
    since = {
        (lead, stage): day
        for lead, stage, day in Lead.objects.filter(pk__in=[x.pk for x in leads])
        .values_list("pk", "moves__stage")
        .annotate(day=Max("moves__moved_on"))
    }
    return [
        LeadRow(x, since.get((x.pk, x.stage)), industry_name(code=x.industry_code) if x.industry_code else "")
        for x in leads
    ]


@dataclass(frozen=True)
class Namesake:
    """Another lead, or a tenant, that may be the same firm, and why it seems so."""

    name: str
    url_name: str
    pk: int
    park: Park | None
    stage: str
    reason: str
    is_sure: bool


def list_namesakes(*, lead: Lead, user: User) -> list[Namesake]:
    """Return leads of the person's parks and firms of the register that may be the same firm as this lead.

    The same credit code is the same firm; else names are held against each other without legal form, brackets and
    spaces. Only what the person may see is compared.
    """
    others = list(list_leads(user=user).exclude(pk=lead.pk).select_related("park").defer("search_text"))
    firms = list(Enterprise.objects.visible_to(user).defer("search_text"))
    me = _entity(lead.company_name, lead.uscc)
    found = []
    for other in _like(me, [_entity(x.company_name, x.uscc) for x in others]):
        place, reason, sure = other
        one = others[place]
        found.append(Namesake(str(one), "lead_detail", one.pk, one.park, one.get_stage_display(), reason, sure))
    for place, reason, sure in _like(me, [_entity(x.name_zh_hans or x.name_en, x.uscc) for x in firms]):
        firm = firms[place]
        found.append(Namesake(firm.name, "enterprise_detail", firm.pk, None, "", reason, sure))
    return found


def _entity(name: str, uscc: str) -> Entity:
    return Entity(name=name, keys={"uscc": uscc} if uscc else {})


def _like(me: Entity, others: Sequence[Entity]) -> list[tuple[int, str, bool]]:
    """Return the places of those that may be the same, each with the reason and whether it is sure."""
    matches = []
    same = [place for place, other in enumerate(others) if me.keys and other.keys == me.keys]
    matches += [(place, _("the same credit code"), True) for place in same]
    rest = [place for place in range(len(others)) if place not in set(same)]
    verdict = match_entities([me], [others[place] for place in rest])[0] if rest else None
    if verdict is None or verdict.outcome not in {JOINED, DECIDE}:
        return matches
    likely = verdict.candidates or ((verdict.record,) if verdict.record is not None else ())
    share = next((part.share for part in verdict.parts if part.kind == "name"), verdict.score)
    reason = _("the names agree by %(share)s %%") % {"share": round(100 * share)}
    return matches + [(rest[place], reason, False) for place in likely]


@dataclass(frozen=True)
class ReviewLine:
    """A review with a finding for every subject; None is a subject that was not looked at."""

    review: AdmissionReview
    findings: Sequence[tuple[str, ReviewFinding | None]]

    @property
    def is_full(self) -> bool:
        """Whether every subject was looked at."""
        return all(finding is not None for _label, finding in self.findings)


def list_reviews(*, lead: Lead) -> list[ReviewLine]:
    """Return the reviews of a lead, the newest first."""
    subjects: Mapping[str, str] = {s.value: str(s.label) for s in ReviewFinding.Subject}
    lines = []
    for review in lead.reviews.select_related("reviewer").prefetch_related("findings"):
        known = {finding.subject: finding for finding in review.findings.all()}
        lines.append(ReviewLine(review, [(label, known.get(key)) for key, label in subjects.items()]))
    return lines


def get_need(*, lead: Lead) -> LeadNeed:
    """Return what a lead needs; a lead that says nothing needs nothing in particular."""
    return LeadNeed.objects.filter(lead=lead).first() or LeadNeed(lead=lead)
