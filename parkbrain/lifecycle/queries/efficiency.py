"""What a class rests on, told to people: figures with their sources, items with their formulas, what is on the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.calc.land_efficiency import BY_RANK, DIRECT, MARKED, MEASURES, NEW_FIRM, TOO_LITTLE
from parkbrain.enterprises.models import Enterprise, EnterpriseReturn, Occupancy
from parkbrain.enterprises.queries import list_tenants
from parkbrain.kernel import scope
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Permission
from parkbrain.ui import formats

from ..models import EfficiencyMark, EfficiencyResult, ExitCase, ExitTrigger, LowEfficiencySpace
from .land import counting_run, list_firm_results


def input_labels() -> dict[str, tuple[str, str, int]]:
    """Return the figures in words: name, unit, decimals."""
    wan = _("10k yuan")
    return {
        "tax_wan": (_("Tax"), wan, 2),
        "value_added_wan": (_("Value added"), wan, 2),
        "revenue_wan": (_("Revenue"), wan, 2),
        "output_wan": (_("Output"), wan, 2),
        "rd_spend_wan": (_("R&D spend"), wan, 2),
        "staff_count": (_("Staff"), _("persons"), 0),
        "energy_tce": (_("Energy"), "tce", 2),
        "electricity_kwh": (_("Electricity"), "kWh", 0),
        "pollutants_t": (_("Main pollutants"), "t", 3),
        "floor_m2": (_("Floor"), "m²", 1),
        "land_mu": (_("Land share"), _("mu"), 3),
    }


def measure_labels() -> dict[str, tuple[str, str, int]]:
    """Return the measures in words: name, unit, decimals."""
    wan = _("10k yuan")
    return {
        "tax_per_mu": (_("Tax per mu"), f"{wan}/{_('mu')}", 2),
        "value_added_per_mu": (_("Value added per mu"), f"{wan}/{_('mu')}", 2),
        "sales_per_mu": (_("Sales per mu"), f"{wan}/{_('mu')}", 2),
        "output_per_mu": (_("Output per mu"), f"{wan}/{_('mu')}", 2),
        "tax_per_m2": (_("Tax per m² of floor"), f"{_('yuan')}/m²", 1),
        "output_per_m2": (_("Output per m² of floor"), f"{_('yuan')}/m²", 1),
        "value_added_per_tce": (_("Value added per tce"), f"{wan}/tce", 3),
        "value_added_per_pollutant": (_("Value added per ton of pollutants"), f"{wan}/t", 1),
        "value_added_per_worker": (_("Value added per person"), f"{wan}/{_('person')}", 2),
        "rd_share": (_("R&D share of revenue"), "", 4),
        "tax_per_kwh": (_("Tax per kWh"), f"{_('yuan')}/kWh", 4),
        "energy_per_m2": (_("Energy per m² of floor"), "kgce/m²", 2),
    }


@dataclass(frozen=True)
class InputLine:
    """A figure of a firm with its source; None is unknown."""

    label: str
    unit: str
    digits: int
    value: float | None
    source: str
    url: str


@dataclass(frozen=True)
class ItemLine:
    """An item of the scheme with the numbers put in."""

    label: str
    unit: str
    digits: int
    value: float | None
    quotient: str
    formula: str
    weight: float
    points: float | None
    note: str


@dataclass(frozen=True)
class ResultSheet:
    """Everything behind a firm's class."""

    inputs: Sequence[InputLine]
    items: Sequence[ItemLine]
    others: Sequence[ItemLine]
    why: str
    notes: Sequence[tuple[str, str]]


def why_text(*, result: EfficiencyResult) -> str:
    """Return why a firm has its class, as a sentence."""
    run = result.run
    marks = ", ".join(str(EfficiencyMark.Kind(m).label) for m in result.marks)
    if result.why == DIRECT:
        return _("Class D at once: %(marks)s.") % {"marks": marks}
    if result.why == MARKED:
        return _("Not graded (%(marks)s), counts as %(klass)s.") % {"marks": marks, "klass": result.klass}
    if result.why == NEW_FIRM:
        return _("In the park for less than the whole of %(year)s: not graded, counts as %(klass)s.") % {
            "year": run.year,
            "klass": result.klass,
        }
    if result.why == TOO_LITTLE:
        return _("Too little is known: %(share)s of the weight; the scheme asks for %(least)s.") % {
            "share": formats.percent(result.known_share),
            "least": formats.percent(run.scheme["least_known_percent"] / 100),
        }
    assert result.why == BY_RANK
    return _("Rank %(rank)s of %(all)s %(group)s.") % {
        "rank": result.rank,
        "all": result.ranked,
        "group": _("firms above the statistics threshold")
        if result.group == "above" and run.scheme["split"]["by"] != "NONE"
        else _("firms below the statistics threshold")
        if result.group == "below"
        else _("firms"),
    }


def describe_result(*, result: EfficiencyResult) -> ResultSheet:
    """Return a firm's class with its figures, their sources, and every item with the numbers put in."""
    rows = {r.year: r for r in EnterpriseReturn.objects.filter(enterprise=result.enterprise, year=result.run.year)}
    inputs = [
        InputLine(*input_labels()[name], value, *_source(result, name, rows.get(result.run.year)))
        for name, value in result.inputs.items()
        if name in input_labels()
    ]
    items = [_item_line(result, item) for item in result.run.scheme["groups"].get(result.group, ())]
    shown = {item["measure"] for item in result.run.scheme["groups"].get(result.group, ())}
    others = [
        ItemLine(*measure_labels()[name], result.measures.get(name), _quotient(result, name), "", 0.0, None, "")
        for name in MEASURES
        if name not in shown and result.measures.get(name) is not None
    ]
    notes = [
        (str(result.run.scheme[name]["source"]), str(result.run.scheme[name]["certainty"]))
        for name in ("classes", "ungraded", "direct_d", "caps")
        if name in result.run.scheme
    ]
    return ResultSheet(inputs, items, others, why_text(result=result), notes)


def _source(result: EfficiencyResult, name: str, row: EnterpriseReturn | None) -> tuple[str, str]:
    if name in {"floor_m2", "land_mu"}:
        url = f"{reverse('occupancy_list')}?on={result.run.year}-12-31&park={result.run.park_id}"
        if name == "floor_m2":
            return _("premises held at the end of %(year)s") % {"year": result.run.year}, url
        run = result.run
        if not run.park_land_m2 or not run.park_floor_m2:
            return _("land or floor of the park is not recorded"), reverse("park_detail", args=[run.park_id])
        text = _("%(floor)s m² ÷ %(all)s m² × %(land)s m² of land") % {
            "floor": formats.number(result.floor_m2, 0),
            "all": formats.number(run.park_floor_m2, 0),
            "land": formats.number(run.park_land_m2, 0),
        }
        return text, reverse("park_detail", args=[run.park_id])
    found: Mapping[str, Any] = result.sources.get(name, {})
    if found.get("kind") == "return":
        source = str(found["label"]).split()[-1]
        text = _("return of %(year)s, %(source)s") % {
            "year": result.run.year,
            "source": EnterpriseReturn.Source(source).label,
        }
        changed = row is not None and name in {"tax_wan", "output_wan"} and _differs(row, name, result)
        if changed:
            text += " · " + _("the return says otherwise now")
        return text, reverse("enterprise_detail", args=[result.enterprise_id])
    if found:
        return _("meters: %(known)s of %(months)s months known") % found, str(found.get("url", ""))
    return _("not on record"), ""


def _differs(row: EnterpriseReturn, name: str, result: EfficiencyResult) -> bool:
    now, then = getattr(row, name), result.inputs.get(name)
    return now is None or then is None or abs(float(now) - then) > 1e-6


def _quotient(result: EfficiencyResult, measure: str) -> str:
    """Return the division behind a measure with the numbers put in."""
    top, bottom, factor = MEASURES[measure]
    above, below = result.inputs.get(top), result.inputs.get(bottom)
    if above is None or below is None:
        return ""
    labels = input_labels()
    text = f"{formats.number(above, labels[top][2])} ÷ {formats.number(below, labels[bottom][2])}"
    return f"{text} × {formats.number(factor, 0)}" if factor != 1 else text


def _item_line(result: EfficiencyResult, item: Mapping[str, Any]) -> ItemLine:
    name = str(item["measure"])
    value, points = result.measures.get(name), result.points.get(name)
    label, unit, digits = measure_labels()[name]
    note, formula = "", ""
    if item["method"] == "ratio":
        formula = _("weight × value ÷ %(reference)s, at most %(cap)s times the weight") % {
            "reference": formats.number(item["reference"], 4),
            "cap": formats.number(item["cap_high"], 1),
        }
    else:
        formula = _("weight × [20 + 80 × (value − least) ÷ (most − least)] ÷ 100")
    if value is None and points is not None:
        note = _("unknown: the mean score of the others")
    elif points is None:
        note = _("not assessed: the other items count for more")
    return ItemLine(label, unit, digits, value, _quotient(result, name), formula, item["weight"], points, note)


def may_see_result(*, user: User, result: EfficiencyResult) -> bool:
    """Tell whether a person may see a firm's class: whoever sees the park's money, and the firm where it is shown."""
    if user.may(Permission.VIEW_MONEY, result.run.park.branch.path):
        return True
    return result.run.is_shared and result.enterprise.uscc in scope.own_enterprise_codes(user)


def visible_results(*, user: User) -> QuerySet[EfficiencyResult]:
    """Return what locked runs say of firms, as far as a person may see it."""
    condition = scope.branches_q(user, Permission.VIEW_MONEY, field="run__park__branch__path")
    if own := scope.own_enterprise_codes(user):
        condition |= Q(enterprise__uscc__in=own, run__is_shared=True)
    return EfficiencyResult.objects.filter(condition, run__locked_at__isnull=False).select_related("run")


def list_low_efficiency(*, park: Park) -> list[LowEfficiencySpace]:
    """Return the list of low-efficiency space, what is open first."""
    rows = LowEfficiencySpace.objects.filter(park=park).select_related("premises", "enterprise", "run", "park")
    return sorted(rows, key=lambda r: (r.disposed_on is not None, r.listed_on, r.premises.code))


def list_firm_choices(*, park: Park, year: int) -> list[tuple[int, str]]:
    """Return the firms that were tenants at the end of a year, by name."""
    return sorted(
        ((t.enterprise_id, t.name) for t in list_tenants(park_ids=[park.pk], on=date(year, 12, 31))), key=lambda f: f[1]
    )


def list_tenant_choices(*, park: Park, on: date) -> list[tuple[int, str]]:
    """Return the tenants of a park on a day, by name."""
    return sorted(((t.enterprise_id, t.name) for t in list_tenants(park_ids=[park.pk], on=on)), key=lambda f: f[1])


def get_firm_panel(*, user: User, enterprise: Enterprise) -> dict[str, Any] | None:
    """Return a firm's classes and exits for its page; a firm's own people see what is shown to them."""
    inside = set(Park.objects.visible_to(user, Permission.VIEW_MONEY).values_list("pk", flat=True))
    own = enterprise.uscc in scope.own_enterprise_codes(user)
    results = [
        r for r in list_firm_results(enterprise=enterprise) if r.run.park_id in inside or (own and r.run.is_shared)
    ]
    cases = list(ExitCase.objects.visible_to(user).filter(enterprise=enterprise).select_related("park"))
    here = Occupancy.objects.filter(enterprise=enterprise, ends_on=None).order_by().values("premises__park")
    can_open = list(Park.objects.visible_to(user, Permission.MANAGE_LEASES).filter(pk__in=here))
    if not results and not cases and not can_open:
        return None
    return {"enterprise": enterprise, "results": results, "cases": cases, "can_open": can_open}


def get_park_panel(*, user: User, park: Park) -> dict[str, Any] | None:
    """Return the classes, the open triggers and the running exits of a park for its page."""
    if not user.may(Permission.VIEW_MONEY, park.branch.path):
        return None
    run = counting_run(park=park)
    counts: Counter[str] = Counter(run.results.values_list("klass", flat=True)) if run else Counter()
    return {
        "park": park,
        "run": run,
        "counts": [(klass, counts[klass]) for klass in "ABCD"],
        "open_triggers": ExitTrigger.objects.filter(park=park, decided_on=None).count(),
        "running_exits": ExitCase.objects.filter(park=park, state=ExitCase.State.OPEN).count(),
    }
