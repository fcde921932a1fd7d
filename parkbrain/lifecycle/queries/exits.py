"""What is so about exits: what waits, whether a handover was in order, and what became of vacated space."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.billing.models import Deposit
from parkbrain.billing.queries import get_deposit
from parkbrain.calc.land_efficiency import payback_months
from parkbrain.enterprises.models import Enterprise, EnterpriseReturn, Occupancy, OccupancyQuerySet
from parkbrain.kernel import scope
from parkbrain.kernel.models import Document, Park, User
from parkbrain.kernel.names import search_q
from parkbrain.kernel.reading import among, first_found
from parkbrain.kernel.registry import Attention, SearchHit
from parkbrain.kernel.roles import Permission

from ..models import ExitCase, ExitSpace, ExitStep, ExitTrigger, InspectionItem, LowEfficiencySpace
from .findings import arrears_of

Kind = ExitStep.Kind
#: Steps whose file belongs to a handover in order.
WITH_FILE = (Kind.HAZARDOUS_WASTE,)
#: Steps are announced this many days before they are due.
AHEAD_DAYS = 7


@dataclass(frozen=True)
class Compliance:
    """Whether a handover was in order: None while its days are not over; what was missing or late."""

    is_compliant: bool | None
    faults: Sequence[str]


def get_compliance(*, case: ExitCase, on: date) -> Compliance:
    """Return whether an exit was handed over in order: every step done by its day or not needed, with what shows it."""
    faults, waiting = [], False
    for step in case.steps.all():
        label = str(step.get_kind_display())
        due_on = step.due_on
        if step.kind == Kind.DEPOSIT_SETTLED and case.vacated_on is not None:
            due_on = case.vacated_on + timedelta(days=case.deposit_days)
        if step.is_waived:
            continue
        if step.done_on is None:
            if due_on < on:
                faults.append(_("%(step)s is overdue since %(day)s") % {"step": label, "day": due_on.isoformat()})
            else:
                waiting = True
        elif step.kind == Kind.DEPOSIT_SETTLED and step.done_on > due_on:
            faults.append(_("%(step)s came after %(day)s") % {"step": label, "day": due_on.isoformat()})
        elif step.kind in WITH_FILE and step.evidence_id is None:
            faults.append(_("%(step)s has no file that shows it") % {"step": label})
    return Compliance(False if faults else None if waiting else True, faults)


@dataclass(frozen=True)
class StepLine:
    """A step of an exit as its page shows it."""

    step: ExitStep
    is_late: bool
    is_next: bool

    @property
    def keys_handed_over(self) -> str:
        """What was handed over of keys and cards; a template would read `values.keys` as the method of the dict."""
        return str(self.step.values.get("keys") or "")


def list_steps(*, case: ExitCase, on: date) -> list[StepLine]:
    """Return the steps of an exit; the first open one is the next."""
    lines, found = [], False
    for step in case.steps.select_related("done_by", "evidence").order_by("position"):
        is_open = step.done_on is None
        lines.append(StepLine(step, is_open and step.due_on < on, is_open and not found))
        found = found or is_open
    return lines


@dataclass(frozen=True)
class Money:
    """What a firm owes by bills past their day (None: the park has no bills) and its deposit."""

    arrears_yuan: Decimal | None
    deposit: Deposit


def get_exit_money(*, case: ExitCase, on: date) -> Money:
    """Return the open bills and the deposit of a firm that leaves."""
    arrears = arrears_of(park=case.park, enterprise=case.enterprise, on=on)
    return Money(arrears, get_deposit(park=case.park, enterprise_id=case.enterprise_id))


def find_file(*, user: User, document_id: int) -> Document | None:
    """Return a file of an exit or of a decision that the person may see."""
    cases = ExitCase.objects.visible_to(user)
    found = Q(pk__in=ExitStep.objects.filter(case__in=cases, evidence=document_id).values("evidence"))
    found |= Q(pk__in=InspectionItem.objects.filter(step__case__in=cases, photo=document_id).values("photo"))
    triggers = ExitTrigger.objects.all().visible_to(user)
    found |= Q(pk__in=triggers.filter(minutes=document_id).values("minutes"))
    return Document.objects.filter(found, pk=document_id).first()


def list_exit_premises(*, park: Park, enterprise: Enterprise, on: date) -> list[Occupancy]:
    """Return the stays of a firm that an exit could end."""
    stays = Occupancy.objects.filter(premises__park=park, enterprise=enterprise, ends_on=None).current_on(on)
    running = ExitSpace.objects.filter(case__state=ExitCase.State.OPEN).values("occupancy")
    return list(stays.exclude(pk__in=running).select_related("premises").order_by("premises__code"))


@dataclass(frozen=True)
class LedgerRow:
    """Premises that a firm vacated, and who came after it; what is not known is None."""

    stay: Occupancy
    following: Occupancy | None
    case: ExitCase | None
    is_low_efficiency: bool
    empty_days: int
    tax_before: float | None
    tax_after: float | None
    staff_before: int | None
    staff_after: int | None
    payback: float | None

    @property
    def area_m2(self) -> float:
        """Area that was freed."""
        return self.stay.premises.billing_area_m2

    @property
    def rent_change(self) -> Decimal | None:
        """New rent less the old one [yuan/m²·month]."""
        before = self.stay.rent_yuan_per_m2_month
        after = self.following.rent_yuan_per_m2_month if self.following else None
        return None if before is None or after is None else after - before


def vacated_stays(*, user: User, on: date) -> OccupancyQuerySet:
    """Return the stays that ended by a day, of parks whose money the person sees; carried on stays are no move."""
    inside = scope.branches_q(user, Permission.VIEW_MONEY, field="premises__park__branch__path")
    return Occupancy.objects.filter(inside, ends_on__isnull=False, ends_on__lte=on, continuations=None)


def ledger_rows(*, stays: Iterable[Occupancy], on: date) -> list[LedgerRow]:
    """Return vacated stays with what became of the space."""
    items = list(stays)
    places = {s.premises_id for s in items}
    later: dict[int, list[Occupancy]] = {}
    rows = Occupancy.objects.filter(premises__in=places, starts_on__lte=on).select_related("enterprise")
    for stay in rows.order_by("starts_on"):
        later.setdefault(stay.premises_id, []).append(stay)
    spaces = ExitSpace.objects.filter(occupancy__in=items, case__vacated_on__isnull=False).select_related("case")
    cases = {space.occupancy_id: space.case for space in spaces}
    listed = set(LowEfficiencySpace.objects.filter(premises__in=places).values_list("premises", "enterprise"))
    following = {s.pk: _next(s, later.get(s.premises_id, ())) for s in items}
    firms = {s.enterprise_id for s in items} | {n.enterprise_id for n in following.values() if n}
    figures, floors = _figures(firms), _floors(firms, items)
    return [_ledger_row(s, following[s.pk], cases.get(s.pk), listed, figures, floors, on) for s in items]


def _next(stay: Occupancy, stays: Sequence[Occupancy]) -> Occupancy | None:
    assert stay.ends_on is not None
    return next((other for other in stays if other.starts_on >= stay.ends_on), None)


Figures = Mapping[int, Mapping[int, EnterpriseReturn]]


def _figures(firms: Collection[int]) -> Figures:
    found: dict[int, dict[int, EnterpriseReturn]] = {}
    for row in EnterpriseReturn.objects.filter(enterprise__in=firms).order_by("year"):
        found.setdefault(row.enterprise_id, {})[row.year] = row
    return found


def _floors(firms: Collection[int], stays: Sequence[Occupancy]) -> list[Occupancy]:
    parks = {s.premises.park_id for s in stays}
    rows = Occupancy.objects.filter(enterprise__in=firms, premises__park__in=among(parks))
    return list(rows.select_related("premises").order_by("pk"))


def _per_m2(firm: int, year: int, park: int, figures: Figures, floors: Sequence[Occupancy]) -> float | None:
    """Return a firm's tax of a year per m² of what it held in the park at the year's end or, leaving within, before it."""
    row = figures.get(firm, {}).get(year)
    if row is None or row.tax_wan is None:
        return None
    first, last = date(year, 1, 1), date(year, 12, 31)
    area_m2 = sum(
        o.premises.billing_area_m2
        for o in floors
        if o.enterprise_id == firm and o.premises.park_id == park
        and o.starts_on <= last and (o.ends_on is None or o.ends_on > first)
    )  # fmt: skip
    return float(row.tax_wan) * 10000 / area_m2 if area_m2 else None


def _ledger_row(
    stay: Occupancy,
    following: Occupancy | None,
    case: ExitCase | None,
    listed: Collection[tuple[int, int]],
    figures: Figures,
    floors: Sequence[Occupancy],
    on: date,
) -> LedgerRow:
    assert stay.ends_on is not None
    park, area = stay.premises.park_id, stay.premises.billing_area_m2
    empty = ((following.starts_on if following else on) - stay.ends_on).days
    # The last whole year of the old firm, and the latest reported year of the new one.
    old_year = stay.ends_on.year - 1
    new = figures.get(following.enterprise_id, {}) if following else {}
    new_year = max((y for y in new if following and y >= following.starts_on.year), default=None)
    old_row = figures.get(stay.enterprise_id, {}).get(old_year)
    new_row = new.get(new_year) if new_year else None
    rents = [s.rent_yuan_per_m2_month if s else None for s in (stay, following)]
    monthly = [None if r is None else float(r) * area for r in rents]
    return LedgerRow(
        stay=stay,
        following=following,
        case=case,
        is_low_efficiency=(stay.premises_id, stay.enterprise_id) in listed,
        empty_days=max(0, empty),
        tax_before=_per_m2(stay.enterprise_id, old_year, park, figures, floors),
        tax_after=_per_m2(following.enterprise_id, new_year, park, figures, floors) if following and new_year else None,
        staff_before=old_row.staff_count if old_row else None,
        staff_after=new_row.staff_count if new_row else None,
        payback=payback_months(
            cost_yuan=float(case.cost_yuan) if case and case.cost_yuan is not None else None,
            empty_days=empty if following else None,
            old_monthly_yuan=monthly[0],
            new_monthly_yuan=monthly[1],
        ),
    )


@dataclass(frozen=True)
class LedgerYear:
    """What was vacated in a year, and what of it was let again."""

    year: int
    count: int
    area_m2: float
    relet_m2: float
    mean_empty_days: float | None


def ledger_years(*, rows: Sequence[LedgerRow]) -> list[LedgerYear]:
    """Return the sums of vacated space by year, the newest first."""
    years: dict[int, list[LedgerRow]] = {}
    for row in rows:
        if row.stay.ends_on is not None:
            years.setdefault(row.stay.ends_on.year, []).append(row)
    found = []
    for year, items in sorted(years.items(), reverse=True):
        relet = [r for r in items if r.following]
        area = sum(r.area_m2 for r in relet)
        days = sum(r.empty_days * r.area_m2 for r in relet) / area if area else None
        found.append(LedgerYear(year, len(items), sum(r.area_m2 for r in items), area, days))
    return found


def list_exit_attention(*, user: User, park: Park, on: date) -> list[Attention]:
    """Return the triggers that wait for a decision and the steps of exits that are due."""
    if not user.may(Permission.MANAGE_LEASES, park.branch.path):
        return []
    found = []
    triggers = ExitTrigger.objects.filter(park=park, decided_on=None).select_related("enterprise")
    for trigger in triggers.order_by("due_on", "pk"):
        late = trigger.due_on < on
        title = _("To decide: %(firm)s – %(what)s") % {
            "firm": trigger.enterprise.name,
            "what": trigger.get_kind_display(),
        }
        url = reverse("exit_trigger", args=[trigger.pk])
        found.append(Attention(title, "", url, trigger.due_on, "bad" if late else "warn", 7.0 if late else 3.0))
    due = ExitStep.objects.filter(case__park=park, case__state=ExitCase.State.OPEN, done_on=None)
    due = due.filter(due_on__lte=on + timedelta(days=AHEAD_DAYS)).select_related("case__enterprise")
    for step in due.order_by("due_on", "pk"):
        late = step.due_on < on
        title = _("Exit of %(firm)s: %(step)s") % {
            "firm": step.case.enterprise.name,
            "step": step.get_kind_display(),
        }
        url = reverse("exit_case", args=[step.case_id])
        found.append(Attention(title, "", url, step.due_on, "bad" if late else "warn", 8.0 if late else 4.0))
    return found


def find_exit_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the exits whose firm's name holds the text."""
    named = search_q(text, field="enterprise__search_text")
    rows = first_found(ExitCase.objects.visible_to(user).filter(named).order_by("-opened_on", "pk"), limit=limit)
    return [
        SearchHit(_("Exit"), str(c), reverse("exit_case", args=[c.pk]), c.get_state_display())
        for c in rows.select_related("enterprise")
    ]


def say_codes(*, details: Mapping[str, Any]) -> dict[str, str]:
    """Return the codes in the details of an event in words."""
    choices = {
        "step": Kind,
        "decision": ExitTrigger.Decision,
        "what": LowEfficiencySpace.Disposal,
    }
    return {
        name: str(kinds(details[name]).label) for name, kinds in choices.items() if details.get(name) in kinds.values
    }
