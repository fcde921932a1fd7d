"""The funnel of leads of a park or of many: stages, conversion, durations, and what is to be expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from parkbrain.calc.lettings import (
    Expected,
    FunnelStage,
    LeadPath,
    Probability,
    forecast,
    funnel,
    stage_probabilities,
)
from parkbrain.enterprises.queries import industry_name
from parkbrain.kernel.models import Park, User

from ..models import Lead, LeadMove, Quote
from .leads import list_leads


@dataclass(frozen=True)
class Funnel:
    """The funnel as of a day: leads by stage, the stages with their figures, probabilities and the forecast."""

    on: date
    leads: Mapping[str, Sequence[Lead]]
    stages: Sequence[FunnelStage]
    probabilities: Mapping[str, Probability]
    expected: Sequence[Expected]
    count: int
    lost: Sequence[tuple[str, int]]

    @property
    def open_count(self) -> int:
        """How many leads are worked on."""
        return sum(len(x) for stage, x in self.leads.items() if stage not in Lead.CLOSED)

    @property
    def area_m2(self) -> float:
        """Weighted area that is to be expected [m²]."""
        return sum(e.area_m2 for e in self.expected)

    @property
    def rent_yuan_per_month(self) -> float:
        """Weighted rent that is to be expected [yuan per month]."""
        return sum(e.rent_yuan_per_month for e in self.expected)

    @property
    def has_own_history(self) -> bool:
        """Whether all probabilities come from the park's own leads."""
        return not any(p.is_default for p in self.probabilities.values())


def segment_name(*, segment: str) -> str:
    """Return the name of an industry segment: the division of GB/T 4754."""
    return f"{segment} {industry_name(code=segment)}" if segment else ""


def get_funnel(*, user: User, on: date, park: Park | None = None) -> Funnel:
    """Return the funnel of a park, or of all parks whose leads the person sees, as it stood on a day."""
    rows = list_leads(user=user).filter(received_on__lte=on)
    if park is not None:
        rows = rows.filter(park=park)
    leads = list(rows.select_related("need", "park", "owner").defer("search_text").order_by("next_step_on", "pk"))
    paths = _paths(leads, on)
    probabilities = stage_probabilities(paths)
    board: dict[str, list[Lead]] = {stage: [] for stage in Lead.Stage.values}
    for lead, path in zip(leads, paths, strict=True):
        board[path.stage].append(lead)
    reasons: dict[str, int] = {}
    for lead in board[Lead.Stage.LOST]:
        reasons[lead.lost_reason] = reasons.get(lead.lost_reason, 0) + 1
    lost = [(str(Lead.LostReason(k).label), n) for k, n in sorted(reasons.items(), key=lambda r: -r[1]) if k]
    return Funnel(
        on=on,
        leads=board,
        stages=funnel(paths),
        probabilities=probabilities,
        expected=forecast(paths, probabilities, on),
        count=len(leads),
        lost=lost,
    )


def _paths(leads: Sequence[Lead], on: date) -> list[LeadPath]:
    days: dict[int, dict[str, date]] = {}
    last: dict[int, str] = {}
    moves = LeadMove.objects.filter(lead__in=[x.pk for x in leads], moved_on__lte=on).order_by("moved_on", "id")
    for lead_id, stage, moved_on in moves.values_list("lead_id", "stage", "moved_on"):
        days.setdefault(lead_id, {}).setdefault(stage, moved_on)
        last[lead_id] = stage
    quoted = _quoted(leads)
    return [
        _path(lead, days.get(lead.pk, {}), last.get(lead.pk, Lead.Stage.NEW), quoted.get(lead.pk)) for lead in leads
    ]


def _quoted(leads: Sequence[Lead]) -> dict[int, tuple[float, float]]:
    """Return area and rent of the month of each lead's newest quote: what is offered says more than what is wished."""
    open_states = (Quote.State.OFFERED, Quote.State.ACCEPTED)
    quotes = Quote.objects.filter(lead__in=[x.pk for x in leads], state__in=open_states).prefetch_related("premises")
    found = {}
    for quote in quotes.order_by("version"):
        area = float(sum(row.area_m2 for row in quote.premises.all()))
        found[quote.lead_id] = (area, area * float(quote.rent_yuan_per_m2_month))
    return found


def _path(lead: Lead, days: Mapping[str, date], stage: str, quoted: tuple[float, float] | None) -> LeadPath:
    need = getattr(lead, "need", None)
    area = rent = None
    if quoted:
        area, rent = quoted
    elif need is not None:
        wanted = [a for a in (need.area_from_m2, need.area_to_m2) if a is not None]
        area = sum(wanted) / len(wanted) if wanted else None
        if area is not None and need.budget_yuan_per_m2_month is not None:
            rent = area * float(need.budget_yuan_per_m2_month)
    return LeadPath(
        key=str(lead.pk),
        stage=stage,
        days=days,
        segment=lead.industry_code[:2],
        area_m2=area,
        rent_yuan_per_month=rent,
        expected_on=need.move_in_on if need is not None else None,
    )
