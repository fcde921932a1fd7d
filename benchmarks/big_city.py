"""Fills an empty installation with a city at full size, for the benchmarks that look at all of it.

4,420 rated parks with the facts they declare, 63 indicators as they were kept at five year ends, 200,000 enterprises in
rooms of the parks, operator groups with product lines, data rounds that ask every park, a plan and a certainty for each.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

SEED = 20260101
YEARS = 5
#: The people who look: everything, the city, one of its districts, one operator.
PEOPLE = {"bench-admin": "ADMINISTRATOR", "bench-city": "BUREAU", "bench-district": "BUREAU", "bench-op": "OPERATOR"}
DISTRICT, OPERATOR = "440306", "op-002"
FACTS = ("leased_area_m2", "leasable_area_m2", "revenue_wan", "total_tax_wan", "rd_spend_wan", "staff_total")
LINES = (("make", "智造", "Works"), ("lab", "科创", "Labs"), ("hub", "总部", "Hubs"))


def fill(*, parks: int, firms: int) -> None:
    """Fill the installation; what a service does in bulk is done by the service, the rest is laid over it in bulk."""
    from django.utils import timezone

    from parkbrain.assessment import services as assessment
    from parkbrain.kernel import bulk, registry
    from parkbrain.kernel.models import User

    now, on = timezone.now(), timezone.localdate()
    with bulk.seldom_collect():
        with registry.hold_changes():
            ids, drawn = _load_parks(parks, on, now)
            _add_people(now)
            admin, bureau = (User.objects.get(username=name) for name in ("bench-admin", "bench-city"))
            _keep_years(drawn, ids, on, now)
            assessment.refresh_ratings(on=on, at=now)
        _lay_firms(ids, firms, on)
        _group_parks(on, admin, now)
        _run_rounds(bureau, on, now)
        assessment.refresh_ratings(on=on, at=now)
        assessment.refresh_star_plans(at=now)
        assessment.refresh_certainty(at=now)


def _load_parks(count: int, on: date, at: datetime) -> tuple[list[int], Sequence[Any]]:
    """Make the tree, the parks and what they declare; return the parks' numbers and how they were drawn."""
    from parkbrain.accounts.services import create_root_branch
    from parkbrain.assessment.queries import MAIN_SCHEME, get_scheme
    from parkbrain.assessment.services import declare_facts_bulk
    from parkbrain.demo import city, stated
    from parkbrain.kernel.models import Branch
    from parkbrain.schemes import catalogue
    from parkbrain.space import services as space

    root = Branch.objects.filter(parent=None).first() or create_root_branch(at=at)
    operators = city.operator_rows(seed=SEED, park_count=count)
    branches = space.record_branches(rows=[*city.branch_rows(root=root.code), *operators], actor=None, at=at)
    stated.load(at=at)
    own = [{"code": row["code"], "parent_code": row["parent_code"]} for row in operators]
    drawn = city.draw_city(seed=SEED, on=on, count=count, operators=own)
    rows = [{**park.row, "parent": branches[park.operator]} for park in drawn]
    ids = [done.row.pk for done in space.record_parks(rows=rows, actor=None, at=at)]
    scheme = get_scheme(scheme_id=MAIN_SCHEME)
    facts = city.fact_rows(seed=SEED, on=on, parks=drawn, ids=ids, scheme=scheme, catalogue=catalogue())
    declare_facts_bulk(rows=facts, actor=None, at=at)
    return ids, drawn


def _add_people(at: datetime) -> None:
    from parkbrain.accounts.services import add_person
    from parkbrain.demo import city
    from parkbrain.kernel.models import Branch

    where = {"bench-city": city.CITY, "bench-district": DISTRICT, "bench-op": OPERATOR}
    for name, role in PEOPLE.items():
        branch = Branch.objects.get(code=where[name]) if name in where else Branch.objects.filter(parent=None)[0]
        add_person(username=name, full_name=name, role=role, branch=branch, actor=None, at=at, language="en")


def _keep_years(drawn: Sequence[Any], ids: Sequence[int], on: date, at: datetime) -> None:
    """Keep what all parks were rated at the end of each of the years before."""
    from parkbrain.assessment.queries import MAIN_SCHEME, get_scheme
    from parkbrain.assessment.services import keep_past_ratings
    from parkbrain.demo import city
    from parkbrain.schemes import catalogue

    scheme = get_scheme(scheme_id=MAIN_SCHEME)
    for ago in range(YEARS, 0, -1):
        day = date(on.year - ago, 12, 31)
        years = (on - day).days / 365.25
        facts = city.past_columns(seed=SEED, parks=drawn, scheme=scheme, catalogue=catalogue(), years_ago=years)
        keep_past_ratings(cut_off_on=day, park_ids=ids, facts=facts, actor=None, at=at)


def _lay_firms(ids: Sequence[int], count: int, on: date) -> None:
    """Lay enterprises over the parks, one to a room; every twelfth has moved out again."""
    from parkbrain.enterprises.models import Enterprise, Occupancy
    from parkbrain.kernel.models import Park
    from parkbrain.space.models import Building, Premises, Site

    draw = random.Random(SEED)
    parks = list(Park.objects.filter(pk__in=list(ids)).order_by("pk"))
    sites = Site.objects.bulk_create([Site(park=p, code="B", name_zh_hans="测试") for p in parks], batch_size=2000)
    houses = Building.objects.bulk_create(
        [Building(site=s, code="B", name_zh_hans="测试") for s in sites], batch_size=2000
    )
    rooms = Premises.objects.bulk_create(
        [
            Premises(
                park=parks[n % len(parks)],
                building=houses[n % len(parks)],
                code=f"B{n}",
                use=Premises.Use.OFFICE,
                billing_area_m2=float(draw.randrange(40, 900)),
            )
            for n in range(count)
        ],
        batch_size=2000,
    )
    firms = [Enterprise(uscc=f"9999{n:014d}", name_zh_hans=f"企业{n}", name_en=f"Firm {n}") for n in range(count)]
    for firm in firms:
        firm.search_text = firm.fresh_search_text()
    Enterprise.objects.bulk_create(firms, batch_size=2000)
    stays = (
        Occupancy(
            enterprise=firm,
            premises=room,
            starts_on=on - timedelta(days=draw.randrange(400, 4000)),
            ends_on=on - timedelta(days=draw.randrange(1, 399)) if n % 12 == 0 else None,
        )
        for n, (firm, room) in enumerate(zip(firms, rooms, strict=True))
    )
    while some := list(islice(stays, 2000)):
        Occupancy.objects.bulk_create(some)


def _group_parks(on: date, admin: Any, at: datetime) -> None:
    """Give every operator of the city to one of three groups, each with three lines, and place their parks."""
    from parkbrain.kernel.models import Branch, Park
    from parkbrain.kernel.names import name_fields
    from parkbrain.portfolio import services
    from parkbrain.portfolio.models import LinePlace

    operators = list(Branch.objects.filter(code__startswith="op-").order_by("code"))
    for number in range(3):
        group = services.record_group(
            values={"code": f"group-{number}", **name_fields(zh_hans=f"集团{number}", en=f"Group {number}")},
            operators=operators[number::3],
            actor=admin,
            at=at,
        )
        lines = [_add_line(group, place, admin, at) for place in range(len(LINES))]
        parks = Park.objects.filter(branch__parent__group_place__group=group).order_by("code")
        LinePlace.objects.bulk_create(
            [
                LinePlace(line=lines[n % len(LINES)], park=park, starts_on=on - timedelta(days=900))
                for n, park in enumerate(parks)
                if n % 11
            ],
            batch_size=2000,
        )


def _add_line(group: Any, place: int, admin: Any, at: datetime) -> Any:
    from parkbrain.kernel.names import name_fields
    from parkbrain.portfolio import services
    from parkbrain.portfolio.models import LineService

    code, zh, en = LINES[place]
    offered = [
        {
            **name_fields(zh_hans=f"服务{n}", en=f"Service {n}"),
            "kind": kind,
            "for_growth": True,
            "is_standard": n % 2 == 0,
        }
        for n, kind in enumerate(LineService.Kind.values)
    ]
    values = {"code": code, "position": place, **name_fields(zh_hans=zh, en=en), "promise_en": "A promise."}
    return services.record_line(group=group, values=values, services=offered, actor=admin, at=at)


def _run_rounds(bureau: Any, on: date, at: datetime) -> None:
    """Ask every park of the city: last year's round is closed and published, this year's is half answered."""
    from parkbrain.portfolio import services
    from parkbrain.portfolio.models import Submission

    for ago in (2, 1):
        asked = _open_round(date(on.year - ago, 12, 31), on, bureau, at)
        _answer(asked, share=0.98 if ago == 2 else 0.6, bureau=bureau, at=at)
        services.check_round(data_round=asked, actor=bureau, at=at)
        if ago == 2:
            # As if they had been accepted one by one: what is timed is reading.
            asked.submissions.filter(state=Submission.State.SUBMITTED).update(
                state=Submission.State.ACCEPTED, decided_by=bureau, decided_at=at
            )
            services.close_round(data_round=asked, actor=bureau, at=at)
            services.publish_round(data_round=asked, actor=bureau, at=at)


def _open_round(cut_off_on: date, on: date, bureau: Any, at: datetime) -> Any:
    from parkbrain.demo import city
    from parkbrain.kernel.models import Branch
    from parkbrain.kernel.names import name_fields
    from parkbrain.portfolio import services

    values = {
        **name_fields(zh_hans=f"{cut_off_on.year} 年填报", en=f"Economy of parks {cut_off_on.year}"),
        "cut_off_on": cut_off_on,
        "opens_on": on - timedelta(days=20),
        "due_on": on + timedelta(days=9),
        "fact_keys": list(FACTS),
    }
    branch = Branch.objects.get(code=city.CITY)
    asked = services.prepare_round(branch=branch, values=values, actor=bureau, at=at)
    services.open_round(data_round=asked, actor=bureau, at=at)
    asked.refresh_from_db()
    return asked


def _answer(asked: Any, *, share: float, bureau: Any, at: datetime) -> None:
    """Hand in answers of a share of the parks, near what they declare."""
    from parkbrain.assessment.queries.facts import gather_facts
    from parkbrain.portfolio.models import Entry, Submission

    draw = random.Random(asked.pk)
    answers = [one for one in asked.submissions.order_by("park_id") if draw.random() < share]
    known = gather_facts(park_ids=[one.park_id for one in answers], cut_off_on=at.date(), keys=FACTS).values
    entries: list[Entry] = []
    for one, values in zip(answers, known, strict=True):
        given: Mapping[str, float] = {
            key: float(round(value * draw.uniform(0.9, 1.15)))
            for key, value in zip(FACTS, values, strict=True)
            if value == value
        }
        entries += [Entry(submission=one, fact_key=key, value=value) for key, value in given.items()]
        one.state, one.given_count = Submission.State.SUBMITTED, len(given)
        one.first_opened_at = one.saved_at = one.submitted_at = at
        one.submitted_by = bureau
    Entry.objects.bulk_create(entries, batch_size=2000)
    fields = ["state", "given_count", "first_opened_at", "saved_at", "submitted_at", "submitted_by"]
    Submission.objects.bulk_update(answers, fields, batch_size=500)
