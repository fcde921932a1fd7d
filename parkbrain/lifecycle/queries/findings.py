"""What speaks for a firm's leaving: findings by rule, and whether to help it, to move it or to let it leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from parkbrain.billing.models import Bill
from parkbrain.billing.queries import list_overdue
from parkbrain.enterprises.models import Enterprise
from parkbrain.enterprises.queries import Tenant, figures_of, industry_leads, list_tenants
from parkbrain.kernel.models import Park
from parkbrain.ui import formats

from ..models import Commitment, EfficiencyResult, ExitTrigger
from .land import counting_run

Kind = ExitTrigger.Kind
#: Days after which arrears speak for an exit, and the share of a commitment below which a year counts.
ARREARS_DAYS, LEAST_SHARE = 60, Decimal("0.5")
HELP, MOVE, LEAVE = "HELP", "MOVE", "LEAVE"


@dataclass(frozen=True)
class Finding:
    """A rule that holds for a firm, with its figures as JSON holds them."""

    enterprise_id: int
    kind: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The finding in words."""
        return finding_sentence(kind=self.kind, facts=self.facts)


@dataclass(frozen=True)
class Findings:
    """The findings of a park on a day; kinds that could not be checked for want of rows."""

    firms: Sequence[Tenant]
    found: Mapping[int, Sequence[Finding]]
    unchecked: Sequence[str]
    results: Mapping[int, EfficiencyResult]


def finding_sentence(*, kind: str, facts: Mapping[str, Any]) -> str:
    """Return a finding as a sentence."""
    if "note" in facts:
        return str(facts["note"])
    values = dict(facts)
    if kind == Kind.D_TWO_YEARS:
        return _("Class D in %(before)s and in %(year)s.") % values
    if kind == Kind.ARREARS:
        values["open"] = formats.number(float(facts["open_yuan"]), 2)
        return _("%(open)s yuan are open, the oldest bill for %(days)s days.") % values
    if kind == Kind.COMMITMENT:
        what = _("output") if facts["what"] == "output" else _("tax")
        values |= {"what": what, "first": formats.number(facts["shares"][0], 0)}
        values["second"] = formats.number(facts["shares"][1], 0)
        return _("%(what)s was %(first)s %% of the commitment in %(before)s and %(second)s %% in %(year)s.") % values
    if kind == Kind.DRIFT:
        return _(
            "Industry %(industry)s is none of the park's leading ones, and the class of %(year)s is %(klass)s."
        ) % (values)
    return str(Kind(kind).label)


def list_findings(*, park: Park, on: date) -> Findings:
    """Return what the rules find of a park's tenants on a day."""
    firms = list_tenants(park_ids=[park.pk], on=on)
    ids = {t.enterprise_id for t in firms}
    unchecked: list[str] = []
    latest = counting_run(park=park, before=on.year)
    results = {r.enterprise_id: r for r in latest.results.all()} if latest else {}
    found: dict[int, list[Finding]] = {}
    for rule in (_class_d, _arrears, _commitments, _drift):
        kind, rows = rule(park, on, firms, results)
        if rows is None:
            unchecked.append(kind)
        for row in rows or ():
            if row.enterprise_id in ids:
                found.setdefault(row.enterprise_id, []).append(row)
    return Findings(firms, found, unchecked, results)


Rows = tuple[str, list[Finding] | None]


def _class_d(park: Park, on: date, firms: Sequence[Tenant], results: Mapping[int, EfficiencyResult]) -> Rows:
    latest = counting_run(park=park, before=on.year)
    earlier = counting_run(park=park, year=latest.year - 1) if latest else None
    if latest is None or earlier is None:
        return Kind.D_TWO_YEARS, None
    before = set(earlier.results.filter(klass="D").values_list("enterprise", flat=True))
    facts = {"before": earlier.year, "year": latest.year}
    twice = [firm for firm, result in results.items() if result.klass == "D" and firm in before]
    return Kind.D_TWO_YEARS, [Finding(firm, Kind.D_TWO_YEARS, facts) for firm in twice]


def _arrears(park: Park, on: date, firms: Sequence[Tenant], results: Mapping[int, EfficiencyResult]) -> Rows:
    if not Bill.objects.filter(park=park).exists():
        return Kind.ARREARS, None
    late: dict[int, list[tuple[int, Decimal]]] = {}
    for bill in list_overdue(park=park, starts_on=on, ends_on=on + timedelta(days=1)):
        open_yuan = bill.open_on(on)
        if open_yuan > 0:
            late.setdefault(bill.enterprise_id, []).append(((on - bill.due_on).days, open_yuan))
    rows = []
    for firm, bills in late.items():
        days = max(d for d, _yuan in bills)
        if days > ARREARS_DAYS:
            total = sum((yuan for _days, yuan in bills), Decimal(0))
            rows.append(Finding(firm, Kind.ARREARS, {"days": days, "open_yuan": str(total)}))
    return Kind.ARREARS, rows


def _commitments(park: Park, on: date, firms: Sequence[Tenant], results: Mapping[int, EfficiencyResult]) -> Rows:
    # The last closed year is the newest that anybody could have reported.
    last = on.year - 1
    rows = Commitment.objects.filter(park=park, year__in=(last - 1, last))
    if not rows:
        return Kind.COMMITMENT, None
    promised = {(c.enterprise_id, c.year): c for c in rows}
    ids = {c.enterprise_id for c in rows}
    found = []
    for what, column in (("output", "output_wan"), ("tax", "tax_wan")):
        actual = {year: figures_of(enterprise_ids=ids, year=year, field=column) for year in (last - 1, last)}
        for firm in sorted(ids):
            shares = [_share(promised.get((firm, y)), column, actual[y].get(firm)) for y in (last - 1, last)]
            if all(share is not None and share < float(LEAST_SHARE) * 100 for share in shares):
                facts = {"what": what, "before": last - 1, "year": last, "shares": shares}
                found.append(Finding(firm, Kind.COMMITMENT, facts))
    return Kind.COMMITMENT, list({f.enterprise_id: f for f in reversed(found)}.values())


def _share(promised: Commitment | None, column: str, actual: float | None) -> float | None:
    wanted = getattr(promised, column) if promised else None
    return None if not wanted or actual is None else round(100 * actual / float(wanted), 1)


def _drift(park: Park, on: date, firms: Sequence[Tenant], results: Mapping[int, EfficiencyResult]) -> Rows:
    if not park.leading_industries or not results:
        return Kind.DRIFT, None
    rows = []
    for firm in firms:
        result = results.get(firm.enterprise_id)
        leads = industry_leads(industry_code=firm.industry_code, leading=park.leading_industries)
        if leads is False and result and result.klass in {"C", "D"}:
            year = result.run.year
            facts = {"industry": firm.industry_code, "klass": result.klass, "year": year}
            rows.append(Finding(firm.enterprise_id, Kind.DRIFT, facts))
    return Kind.DRIFT, rows


@dataclass(frozen=True)
class Advice:
    """What is advised for a firm, and why."""

    enterprise_id: int
    name: str
    advice: str
    reasons: Sequence[str]
    klass: str


def advise(*, findings: Findings) -> list[Advice]:
    """Return the firms to let leave, to move and to help, in this order; firms that need nothing are not listed.

    Leave: D two years running, below half of the commitment two years running, or in arrears over 60 days and of class
    D. Move: outside the leading industries and of class C or D. Help: class C or D otherwise, or in arrears.
    """
    advised = []
    for firm in findings.firms:
        rows = findings.found.get(firm.enterprise_id, ())
        kinds = {row.kind for row in rows}
        result = findings.results.get(firm.enterprise_id)
        klass = result.klass if result else ""
        reasons = [row.sentence for row in rows]
        if kinds & {Kind.D_TWO_YEARS, Kind.COMMITMENT} or (Kind.ARREARS in kinds and klass == "D"):
            advice = LEAVE
        elif Kind.DRIFT in kinds:
            advice = MOVE
        elif klass in {"C", "D"} or kinds:
            advice = HELP
        else:
            continue
        if klass in {"C", "D"} and not kinds & {Kind.D_TWO_YEARS, Kind.DRIFT} and result:
            reasons.append(_("Class %(klass)s in %(year)s.") % {"klass": klass, "year": result.run.year})
        advised.append(Advice(firm.enterprise_id, firm.name, advice, reasons, klass))
    order = (LEAVE, MOVE, HELP)
    return sorted(advised, key=lambda a: (order.index(a.advice), a.klass != "D", a.name))


def advice_labels() -> dict[str, str]:
    """Return the kinds of advice in words."""
    return {LEAVE: _("To leave"), MOVE: _("To move"), HELP: _("To help")}


def arrears_of(*, park: Park, enterprise: Enterprise, on: date) -> Decimal | None:
    """Return what a firm owes on a day by bills whose day has passed; None where the park has no bills."""
    if not Bill.objects.filter(park=park).exists():
        return None
    rows = list_overdue(park=park, starts_on=on, ends_on=on + timedelta(days=1))
    return sum((b.open_on(on) for b in rows if b.enterprise_id == enterprise.pk), Decimal(0))
