"""The demo park's leads of eighteen months: signed, lost and open ones, with needs, visits, quotes and reviews."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from parkbrain.enterprises.models import Enterprise, Occupancy
from parkbrain.kernel.models import Park, User
from parkbrain.leasing import services as leasing
from parkbrain.leasing.models import Lead, Lease, ReviewFinding
from parkbrain.leasing.queries import find_offers, get_need, need_of
from parkbrain.space.models import Premises

from .draws import rng
from .firms import Firm, draw_firms
from .living import moment

DAYS = 545
LOST, OPEN = 26, 22
#: Stages of the open leads; the earlier ones are more.
OPEN_STAGES = ("NEW", "NEW", "QUALIFIED", "QUALIFIED", "VISITED", "VISITED", "QUOTED", "QUOTED", "NEGOTIATING")
STAGES = ("qualified_on", "visited_on", "quoted_on", "negotiating_on")
SOURCES = ("AGENT", "AGENT", "REFERRAL", "GOVERNMENT", "FAIR", "WEB", "CALL", "TENANT")
REASONS = ("PRICE", "PRICE", "AREA", "SPECIFICATION", "TIME", "LOCATION", "POSTPONED", "COMPETITOR", "SILENT")
PEOPLE = ("李敏", "王建国", "陈思远", "林晓燕", "赵宇", "黄志强")
STEPS = ("回电确认需求面积", "安排工艺工程师看房", "更新报价并发送", "核对用电与荷载", "约谈合同条款")
FINDINGS = {
    "INDUSTRY": "符合园区主导产业",
    "FIRE": "丙类，单元允许丙类",
    "ENVIRONMENT": "无工业废水，排气经处理",
    "ENERGY_LOAD": "用电与楼面荷载在许可范围内",
    "VIBRATION": "设备加装隔振",
    "CREDIT": "无失信记录",
    "COMMITMENT": "已签产值税收承诺",
}


def load(*, seed: int, on: date, park: Park, actor: User) -> None:
    """Record the leads, then what was shown, offered and reviewed."""
    dice = rng(seed, "leads")
    stays = _new_stays(park, on)
    names = set(Enterprise.objects.values_list("name_zh_hans", flat=True))
    strangers = [f for f in draw_firms(seed=seed + 7, on=on, count=90) if f.name_zh not in names]
    rows = [_signed_row(dice, stay, lease) for stay, lease in stays]
    rows += [_lost_row(dice, firm, on) for firm in strangers[:LOST]]
    opened = strangers[LOST : LOST + OPEN]
    rows += [_open_row(dice, firm, on, OPEN_STAGES[n % len(OPEN_STAGES)]) for n, firm in enumerate(opened)]
    rows.sort(key=lambda row: (row["received_on"], row["company_name"]))
    for number, row in enumerate(rows, start=1):
        row |= {"number": f"XS-{row['received_on']:%y%m}-{number:03d}", "owner": actor}
    recorded = leasing.record_leads(park=park, rows=rows, actor=actor, at=moment(on))
    leads = [r.row for r in recorded]
    _review_signed(dice, leads, actor)
    _work_on(dice, [x for x in leads if x.is_open], on, actor)


def _new_stays(park: Park, on: date) -> list[tuple[Occupancy, Lease]]:
    """Return the stays that began in the eighteen months with their leases, one of each lease."""
    stays = Occupancy.objects.current_on(on).filter(premises__park=park, starts_on__gt=on - timedelta(days=DAYS - 90))
    leases = {x.number: x for x in Lease.objects.filter(park=park, signed_on__isnull=False).order_by("number")}
    found, used = [], set()
    for stay in stays.select_related("premises", "enterprise").order_by("starts_on", "premises__code"):
        lease = leases.get(stay.lease_number)
        if lease is not None and lease.pk not in used:
            used.add(lease.pk)
            found.append((stay, lease))
    return found


def _base(dice: random.Random, name: str, uscc: str, industry: str, area_m2: float, rent: float) -> dict[str, Any]:
    return {
        "company_name": name,
        "uscc": uscc,
        "industry_code": industry,
        "source": dice.choice(SOURCES),
        "contact_name": dice.choice(PEOPLE),
        "contact_phone": f"0755-8600-{dice.randrange(10000):04d}",
        "area_from_m2": float(round(area_m2 * 0.9, -1)),
        "area_to_m2": float(round(area_m2 * 1.2, -1)),
        "use": "",
        "floor_load_kn_m2": dice.choice((None, 5.0, 7.5, 10.0)),
        "clear_height_m": dice.choice((None, 4.5, 5.0)),
        "goods_lift_load_t": dice.choice((None, 2.0, 3.0)),
        "power_kw": float(round(area_m2 * dice.choice((0.06, 0.08, 0.11)), -1)),
        "needs_water": dice.random() < 0.3,
        "needs_exhaust": dice.random() < 0.25,
        "fire_class": dice.choice(("", "C", "D")),
        "budget_yuan_per_m2_month": Decimal(str(round(rent * dice.uniform(0.92, 1.12), 0))),
    }


def _signed_row(dice: random.Random, stay: Occupancy, lease: Lease) -> dict[str, Any]:
    firm, signed_on = stay.enterprise, lease.signed_on or stay.starts_on
    rent = float(stay.rent_yuan_per_m2_month or 55)
    row = _base(dice, firm.name_zh_hans, firm.uscc, firm.industry_code, stay.premises.billing_area_m2, rent)
    received_on = signed_on - timedelta(days=dice.randrange(50, 130))
    row |= {"received_on": received_on, "move_in_on": stay.starts_on, "lease_number": lease.number}
    row |= _days(dice, received_on, signed_on, 4)
    return {**row, "signed_on": signed_on}


def _days(dice: random.Random, begin: date, end: date, count: int) -> dict[str, date]:
    """Return days of the first `count` stages between two days, in order."""
    span = max((end - begin).days, count)
    cuts = sorted(dice.randrange(1, span + 1) for _ in range(count))
    return {name: begin + timedelta(days=cut) for name, cut in zip(STAGES, cuts, strict=False)}


def _lost_row(dice: random.Random, firm: Firm, on: date) -> dict[str, Any]:
    row = _base(dice, firm.name_zh, firm.uscc, firm.code, dice.choice((320, 480, 650, 900, 1500)), dice.uniform(46, 62))
    received_on = on - timedelta(days=dice.randrange(70, DAYS))
    lost_on = received_on + timedelta(days=dice.randrange(20, 65))
    row |= _days(dice, received_on, lost_on, dice.choice((0, 1, 1, 2, 2, 3, 4)))
    row |= {"move_in_on": received_on + timedelta(days=120), "lost_on": lost_on, "lost_reason": dice.choice(REASONS)}
    return {**row, "received_on": received_on}


def _open_row(dice: random.Random, firm: Firm, on: date, stage: str) -> dict[str, Any]:
    row = _base(dice, firm.name_zh, firm.uscc, firm.code, dice.choice((400, 430, 520, 600, 900)), dice.uniform(52, 66))
    received_on = on - timedelta(days=dice.randrange(25, 110))
    # What a visit or a quote brings about is moved by the visit and the quote themselves.
    count = 0 if stage == "NEW" else 1 if stage == "QUALIFIED" else 2
    row |= _days(dice, received_on, on - timedelta(days=12), count)
    row |= {"move_in_on": on + timedelta(days=dice.randrange(40, 270)), "received_on": received_on}
    row |= {"next_step": dice.choice(STEPS), "next_step_on": on + timedelta(days=dice.randrange(-2, 21))}
    return row


def _review_signed(dice: random.Random, leads: Sequence[Lead], actor: User) -> None:
    """Review the firms that signed, before they did; of one in twelve a subject was left out."""
    for lead in leads:
        if lead.stage != Lead.Stage.SIGNED or lead.lease is None or lead.lease.signed_on is None:
            continue
        day = lead.lease.signed_on - timedelta(days=dice.randrange(4, 18))
        left_out = "VIBRATION" if dice.random() < 1 / 12 else ""
        findings = {key: (True, FINDINGS[key]) for key in ReviewFinding.Subject.values if key != left_out}
        values = {
            "reviewed_on": day,
            "outcome": "ADMITTED",
            "industry_code": lead.industry_code,
            "fire_class": "C",
            "output_wan_per_year": Decimal(dice.randrange(12, 90) * 100),
            "tax_wan_per_year": Decimal(dice.randrange(6, 45) * 10),
        }
        leasing.review_lead(lead=lead, values=values, findings=findings, actor=actor, at=moment(day, 6))


def _work_on(dice: random.Random, leads: Sequence[Lead], on: date, actor: User) -> None:
    """Show the open leads around and make offers; one accepts, one visit is today, one quote runs out soon."""
    accepted = False
    for number, lead in enumerate(leads):
        if lead.stage == Lead.Stage.NEW:
            continue
        need = need_of(need=get_need(lead=lead))
        offers = find_offers(user=actor, need=need, on=on, park=lead.park, lead=lead, most=3)
        if not offers:
            continue
        places = list(offers[number % len(offers)].premises)
        if lead.stage == Lead.Stage.VISITED:
            day = on - timedelta(days=dice.randrange(5, 11))
            visit = leasing.plan_visit(
                lead=lead, visit_on=day, premises=places, guide=actor, actor=actor, at=moment(day)
            )
            leasing.close_visit(visit=visit, done=True, note="对层高和货梯满意", actor=actor, at=moment(day, 8))
        elif number % 2:
            leasing.plan_visit(
                lead=lead, visit_on=on if number % 4 == 1 else on + timedelta(days=6), premises=places, guide=actor,
                actor=actor, at=moment(on),
            )  # fmt: skip
        # Every third of those that saw the park is offered what it saw; the first one accepts.
        if lead.visits.exists() and number % 3 == 0:
            taken = _offer(dice, lead, places, on, actor, accept=not accepted)
            accepted = accepted or taken


def _offer(dice: random.Random, lead: Lead, places: list[Premises], on: date, actor: User, *, accept: bool) -> bool:
    """Make a quote, now and then a second version of it; tell whether it was accepted."""
    rent = get_need(lead=lead).budget_yuan_per_m2_month or Decimal(55)
    day = on - timedelta(days=4)
    values = {
        "offered_on": day,
        "valid_to_on": on + timedelta(days=dice.choice((5, 20, 26))),
        "starts_on": on + timedelta(days=200),
        "term_months": dice.choice((36, 60)),
        "rent_yuan_per_m2_month": rent + 3,
        "fee_yuan_per_m2_month": Decimal("8.5"),
        "rent_free_months": dice.choice((1, 2, 3)),
        "deposit_months": 2,
    }
    try:
        leasing.make_quote(lead=lead, premises=places, values=values, actor=actor, at=moment(day))
        if dice.random() < 0.5:
            later = {**values, "rent_yuan_per_m2_month": rent + 1, "offered_on": day + timedelta(days=2)}
            leasing.make_quote(lead=lead, premises=places, values=later, actor=actor, at=moment(on))
    except leasing.CannotChangeLead:
        # Somebody signed for these premises meanwhile: the lead stays without an offer.
        return False
    if accept:
        quote = lead.quotes.order_by("-version")[0]
        leasing.answer_quote(quote=quote, accepted=True, on=on, actor=actor, at=moment(on))
        findings = {key: (True, FINDINGS[key]) for key in ReviewFinding.Subject.values}
        review = {"reviewed_on": on, "outcome": "ADMITTED", "industry_code": lead.industry_code, "fire_class": "C"}
        leasing.review_lead(lead=lead, values=review, findings=findings, actor=actor, at=moment(on))
    return accept
