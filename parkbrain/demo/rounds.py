"""Two data rounds of the living park's district: last year's, closed, and this year's with parks in every state."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from parkbrain.assessment.models import Declaration
from parkbrain.calc.intervals import months_before
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.names import name_fields
from parkbrain.portfolio import services
from parkbrain.portfolio.models import DataRound, Submission

from .draws import rng
from .living import moment

DISTRICT = "440309"
PARKS = 40
FACTS = (
    "leased_area_m2",
    "leasable_area_m2",
    "revenue_wan",
    "total_tax_wan",
    "rd_spend_wan",
    "staff_total",
    "fresh_water_m3",
)
#: How often a state of this year's answers comes: still asked, looked at, draft, submitted, returned, accepted.
STATES = (("asked", 4), ("opened", 3), ("draft", 6), ("submitted", 14), ("returned", 4), ("accepted", 17))


def load(*, seed: int, on: date, park: Park, bureau: User, operator: User) -> None:
    """Run last year's round to its end, and open this year's."""
    draw = rng(seed, "rounds")
    last_day = on.replace(day=1) - timedelta(days=1)
    this_year, last_year = last_day, months_before(last_day, 12)
    limits = _limits(park)
    closed = _open(limits, last_year, months_before(on, 12) - timedelta(days=20), 40, bureau)
    known = _known(closed)
    begun = moment(closed.opens_on)
    for one in closed.submissions.select_related("park"):
        _hand_in(one, _values(draw, known.get(one.park_id, {}), -0.04), begun + timedelta(days=draw.randint(2, 38)))
    services.check_round(data_round=closed, actor=bureau, at=moment(closed.due_on))
    handed = list(closed.submissions.filter(state=Submission.State.SUBMITTED))
    services.accept_submissions(submissions=handed, actor=bureau, at=moment(closed.due_on + timedelta(days=5)))
    services.close_round(data_round=closed, actor=bureau, at=moment(closed.due_on + timedelta(days=6)))
    services.publish_round(data_round=closed, actor=bureau, at=moment(closed.due_on + timedelta(days=7)))
    _fill_this_year(draw, _open(limits, this_year, on - timedelta(days=20), 26, bureau), known, park, bureau, operator)


def _limits(park: Park) -> dict[str, Any]:
    """Return bounds of floor area around the living park that some fifty parks of its district lie within."""
    parks = Park.objects.filter(branch__path__contains=f"/{DISTRICT}/").exclude(gross_floor_area_m2=None)
    areas = sorted(area for area in parks.values_list("gross_floor_area_m2", flat=True) if area is not None)
    own = park.gross_floor_area_m2 or 0.0
    near = sorted(areas, key=lambda area: abs(area - own))[:PARKS]
    return {"kinds": [], "operator": "", "area_from": int(min(near)), "area_to": int(max(near)) + 1}


def _open(limits: dict[str, Any], cut_off_on: date, opens_on: date, days: int, bureau: User) -> DataRound:
    year = cut_off_on.year
    values = {
        **name_fields(zh_hans=f"{year} 年园区经济数据填报", en=f"Economy of parks {year}"),
        "cut_off_on": cut_off_on,
        "opens_on": opens_on,
        "due_on": opens_on + timedelta(days=days),
        "note": "产值、税收、研发按企业年度数据汇总；用水按园区总表。单位见每行，金额以万元计。",
        "asked": limits,
        "fact_keys": list(FACTS),
    }
    at = moment(opens_on)
    prepared = services.prepare_round(branch=Branch.objects.get(code=DISTRICT), values=values, actor=bureau, at=at)
    services.open_round(data_round=prepared, actor=bureau, at=at)
    prepared.refresh_from_db()
    return prepared


def _known(one: DataRound) -> dict[int, dict[str, float]]:
    """Return what the parks of a round declare of themselves today."""
    parks = one.submissions.values("park_id")
    found: dict[int, dict[str, float]] = {}
    rows = Declaration.objects.filter(park_id__in=parks, fact_key__in=FACTS).order_by("ends_on")
    for park_id, key, value in rows.values_list("park_id", "fact_key", "value"):
        found.setdefault(park_id, {})[key] = value
    return found


def _values(draw: random.Random, known: dict[str, float], growth: float) -> dict[str, float]:
    """Return values near those that are known, as books and meters would have them."""
    values = {}
    for key in FACTS:
        if key in known and draw.random() < 0.97:
            values[key] = float(round(known[key] * (1 + growth * abs(draw.gauss(1.0, 0.8)))))
    if "leased_area_m2" in values and "leasable_area_m2" in values:
        values["leased_area_m2"] = min(values["leased_area_m2"], values["leasable_area_m2"])
    return values


def _hand_in(one: Submission, values: dict[str, float], at: Any, actor: User | None = None) -> None:
    if values:
        _save(one, values, at, actor)
        services.submit(submission=one, actor=actor, at=at, check=False)


def _save(one: Submission, values: dict[str, float], at: Any, actor: User | None = None) -> None:
    given = {key: services.Given(value) for key, value in values.items()}
    services.save_draft(submission=one, given=given, actor=actor, at=at)


def _fill_this_year(
    draw: random.Random,
    one: DataRound,
    known: dict[int, dict[str, float]],
    park: Park,
    bureau: User,
    operator: User,
) -> None:
    """Bring the parks into every state, some with values that give hints."""
    answers = list(one.submissions.select_related("park", "round").exclude(park=park))
    states = [name for name, weight in STATES for _n in range(weight)]
    draw.shuffle(states)
    begun, handed = moment(one.opens_on), 0
    accepted: list[Submission] = []
    returned: list[Submission] = []
    for n, answer in enumerate(answers):
        state, at = states[n % len(states)], begun + timedelta(days=draw.randint(1, 18), hours=draw.randint(0, 8))
        values = _values(draw, known.get(answer.park_id, {}), 0.03)
        if state == "asked" or not values:
            continue
        if state == "opened":
            services.note_opened(submission=answer, actor=bureau, at=at)
            continue
        if state == "draft":
            _save(answer, dict(list(values.items())[: draw.randint(1, 5)]), at)
            continue
        if state == "submitted":
            handed += 1
            values = _odd(handed, values, one)
        _hand_in(answer, values, at)
        if state in ("accepted", "returned"):
            (accepted if state == "accepted" else returned).append(answer)
    _decide(one, accepted, returned, bureau)
    _begin_own(one, park, operator)


def _odd(handed: int, values: dict[str, float], one: DataRound) -> dict[str, float]:
    """Return values with a slip that people make: a unit, guesses, another park's sheet, a jump."""
    if handed == 2:
        # The first amount of money in yuan instead of 10,000 yuan.
        money = [key for key in values if key.endswith("_wan")]
        return {**values, **{key: values[key] * 10_000 for key in money[:1]}}
    if handed == 4:
        return {key: _rounded_up(value) for key, value in values.items()}
    if handed == 6:
        other = one.submissions.filter(state=Submission.State.SUBMITTED).first()
        copied = {e.fact_key: e.value for e in other.entries.all() if e.value is not None} if other else {}
        return {**values, **{key: value for key, value in copied.items() if key in FACTS[:6]}}
    if handed == 8 and "fresh_water_m3" in values:
        return {**values, "fresh_water_m3": round(values["fresh_water_m3"] * 2.3)}
    return values


def _rounded_up(value: float) -> float:
    """Return a value as somebody guesses it: two digits, then noughts."""
    step = 10.0 ** max(0, len(str(int(value))) - 2)
    return float(math.ceil(value / step) * step)


def _decide(one: DataRound, accepted: Sequence[Submission], returned: Sequence[Submission], bureau: User) -> None:
    at = moment(one.opens_on + timedelta(days=19))
    services.check_round(data_round=one, actor=bureau, at=at)
    for answer in returned:
        services.return_submission(
            submission=answer,
            note="请核对后重新提交。",
            objections={"total_tax_wan": "与税务口径不一致，请附完税证明汇总表。"},
            actor=bureau,
            at=at,
        )
    services.accept_submissions(submissions=accepted, actor=bureau, at=at)


def _begin_own(one: DataRound, park: Park, operator: User) -> None:
    """Leave the living park's own answer as a draft that its operator goes on with."""
    own = one.submissions.filter(park=park).first()
    if own is not None:
        at = moment(one.opens_on + timedelta(days=3))
        services.note_opened(submission=own, actor=operator, at=at)
        _save(own, {"total_tax_wan": 18_734.0, "rd_spend_wan": 9_120.0}, at, operator)
