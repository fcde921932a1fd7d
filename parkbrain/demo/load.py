"""Load the demo into an empty installation: the living park, the city around it, and what is public of real parks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain import lists
from parkbrain.accounts import services as accounts
from parkbrain.assessment import services as assessment
from parkbrain.assessment.queries import MAIN_SCHEME, get_scheme
from parkbrain.energy.services import refresh_recent_statements
from parkbrain.kernel import bulk, registry
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.names import name_fields
from parkbrain.kernel.roles import Role
from parkbrain.schemes import catalogue
from parkbrain.space import services as space

from . import (
    billing,
    city,
    declared,
    drawings,
    energy,
    exits,
    green,
    groups,
    leads,
    leases,
    lifecycle,
    living,
    meters,
    neighbors,
    performance,
    plans,
    reports,
    rounds,
    stated,
)

Progress = Callable[[str, int, int], None]
STEPS = 7
#: A city of no more parks than these has no neighbors that keep a record.
FEW_PARKS = 20
#: So many year ends before the demo's day are kept for the city.
PAST_YEARS = 5


class CannotLoadDemo(Exception):
    """The installation holds data already."""


@dataclass(frozen=True)
class SignIn:
    """A sign-in of the demo, with the password that is shown once."""

    role: str
    username: str
    password: str


@dataclass(frozen=True)
class DemoSummary:
    """What was loaded, and who may sign in."""

    park_code: str
    park_count: int
    fact_count: int
    rating_count: int
    sign_ins: Sequence[SignIn]


def load_demo(
    *, seed: int, on: date, progress: Progress | None = None, city_size: int = 4420, metered_days: int | None = None
) -> DemoSummary:
    """Load the demo as of a day, all of it or nothing; the same seed and day always give the same rows.

    `city_size` counts every park in Shenzhen: the fictional ones, the living one, and the real ones of which only public
    statements are known. Its meters have readings for `metered_days`, else since the year before began.

    :raises CannotLoadDemo: there are parks already.
    """
    if Park.objects.exists():
        raise CannotLoadDemo(_("This installation already holds data; the demo is loaded only into an empty one."))
    move = progress or (lambda *_args: None)
    at = living.moment(on)
    with transaction.atomic(), registry.hold_changes(), bulk.seldom_collect():
        move(_("Branches"), 0, STEPS)
        operators = _plant_branches(seed, city_size, at)
        move(_("People"), 1, STEPS)
        people, sign_ins = _add_people(at)
        move(_("The living park"), 2, STEPS)
        made = living.make_park(
            seed=seed, on=on, operator=Branch.objects.get(code=OPERATOR), actor=people[Role.OPERATOR]
        )
        drawings.take_in_drawings(seed=seed, park=made.park, actor=people[Role.OPERATOR], at=at)
        meters.load(seed=seed, park=made.park, actor=people[Role.OPERATOR], at=at, days=metered_days)
        green.record(on=on, seed=seed, park=made.park, actor=people[Role.OPERATOR])
        energy.attach_meters(seed=seed, on=on, park=made.park, actor=people[Role.OPERATOR], at=at)
        exits.load(seed=seed, on=on, park=made.park, actor=people[Role.OPERATOR])
        performance.state_performance(seed=seed, on=on, park=made.park, actor=people[Role.OPERATOR], at=at)
        lifecycle.keep_life(seed=seed, on=on, park=made.park, actor=people[Role.OPERATOR], at=at)
        _let_and_bill(seed, on, made.park, people)
        move(_("Declared facts"), 3, STEPS)
        declared.declare(seed=seed, on=on, park=made.park, actor=people[Role.OPERATOR])
        declared.verify(seed=seed, on=on, park=made.park, assessor=people[Role.ASSESSOR])
        sign_ins += _add_guests(made, at)
        _keep_views(people[Role.OPERATOR], at)
        move(_("The city"), 4, STEPS)
        real_count = stated.load(at=at)
        fact_count, parks, ids = _load_city(seed, on, max(0, city_size - 1 - real_count), operators, at)
        groups.load(on=on, park=made.park, operators=operators.values(), actor=people[Role.ADMINISTRATOR], at=at)
        rounds.load(seed=seed, on=on, park=made.park, bureau=people[Role.BUREAU], operator=people[Role.OPERATOR])
        move(_("Ratings"), 5, STEPS)
        _keep_past_years(seed, on, parks, ids, at)
        rating_count = assessment.refresh_ratings(on=on, at=at)
        plans.give_terms(park=made.park, actor=people[Role.OPERATOR], at=at)
        reports.schedule_reports(park=made.park, operator=people[Role.OPERATOR], bureau=people[Role.BUREAU], at=at)
        plans.plan_small_city(at=at)
        reports.keep_briefs(park=made.park, operator=people[Role.OPERATOR], bureau=people[Role.BUREAU], on=on)
    move(_("Ready"), STEPS, STEPS)
    return DemoSummary(living.CODE, Park.objects.count(), fact_count, rating_count, sign_ins)


def _let_and_bill(seed: int, on: date, park: Park, people: Mapping[Role, User]) -> None:
    """Let the living park's premises, and bill what its leases and meters owe."""
    operator, second = people[Role.OPERATOR], people[Role.ADMINISTRATOR]
    leases.load(seed=seed, on=on, park=park, people=leases.People(operator, second))
    leads.load(seed=seed, on=on, park=park, actor=operator)
    # Who moved since, and leases that name a tariff, share and price the months before anew.
    refresh_recent_statements(at=living.moment(on), today=on)
    billing.load(seed=seed, on=on, park=park, clerk=operator, second=second)


def _keep_views(person: User, at: datetime) -> None:
    """Save the operator's two views of the premises, shared with the operator's people."""
    branch = Branch.objects.get(code=OPERATOR)
    for name, query in (("空置房源", "state=vacant&sort=-area"), ("大面积研发", "use=RND&area_min=500&sort=-area")):
        lists.keep_view(
            list_key="enterprises.premises", name=name, query=query, branch_id=branch.pk, actor=person, at=at
        )


OPERATOR = "op-000"


def _plant_branches(seed: int, city_size: int, at: datetime) -> dict[str, Branch]:
    """Make the tree and return the operators of the fictional city by their code."""
    root = Branch.objects.filter(parent=None).first() or accounts.create_root_branch(at=at)
    own = {
        "code": OPERATOR,
        "kind": "OPERATOR",
        "parent_code": "440309",
        **name_fields(zh_hans="星汀园区运营（演示）", en="Xingting Parks (demo)"),
    }
    operators = city.operator_rows(seed=seed, park_count=city_size)
    rows = [*city.branch_rows(root=root.code), own, *operators]
    branches = space.record_branches(rows=rows, actor=None, at=at)
    return {row["code"]: branches[row["code"]] for row in operators}


def _add_people(at: datetime) -> tuple[dict[Role, User], list[SignIn]]:
    """Add those who run and oversee the park."""
    wanted = (
        (Role.ADMINISTRATOR, "admin", "系统管理员", Branch.objects.filter(parent=None)[0]),
        (Role.BUREAU, "bureau", "产业主管部门", Branch.objects.get(code=city.CITY)),
        (Role.OPERATOR, "operator", "园区运营经理", Branch.objects.get(code=OPERATOR)),
        (Role.ASSESSOR, "assessor", "第三方评价员", Branch.objects.get(code=OPERATOR)),
    )
    people, sign_ins = {}, []
    for role, username, full_name, branch in wanted:
        # An installation that was started before the demo came has its administrator already.
        if User.objects.filter(username=username).exists():
            username = f"demo-{username}"
        user, password = accounts.add_person(
            username=username, full_name=full_name, role=role, branch=branch, actor=None, at=at
        )
        people[role] = user
        sign_ins.append(SignIn(str(Role(role).label), username, password))
    _ask_for_deputy(people, at)
    return people, sign_ins


def _ask_for_deputy(people: dict[Role, User], at: datetime) -> None:
    """Let a second administrator ask for a further role, so that a request waits for the first one."""
    top = Branch.objects.filter(parent=None)[0]
    deputy, _password = accounts.add_person(
        username="deputy", full_name="副管理员", role=Role.ADMINISTRATOR, branch=top, actor=None, at=at
    )
    accounts.grant_role(
        user=people[Role.OPERATOR], role=Role.BUREAU, branch=top, actor=deputy, at=at, reason="兼任主管部门联络人"
    )


def _add_guests(made: living.Living, at: datetime) -> list[SignIn]:
    """Add a tenant of the park and a service provider in it."""
    sign_ins = []
    tenant = max(made.firms, key=lambda firm: firm.staff)
    for role, username, full_name, subject in (
        (Role.TENANT, "tenant", "入驻企业联系人", tenant.uscc),
        (Role.SERVICE_PROVIDER, "provider", "服务商", ""),
    ):
        _user, password = accounts.add_person(
            username=username,
            full_name=full_name,
            role=role,
            branch=made.park.branch,
            subject=subject,
            actor=None,
            at=at,
        )
        sign_ins.append(SignIn(str(Role(role).label), username, password))
    return sign_ins


def _keep_past_years(seed: int, on: date, parks: Sequence[city.CityPark], ids: Sequence[int], at: datetime) -> None:
    """Keep the ratings of the city at the end of each of the five years before, and of the quarter before."""
    scheme = get_scheme(scheme_id=MAIN_SCHEME)
    if not parks:
        return
    ends = [date(on.year - years_ago, 12, 31) for years_ago in range(PAST_YEARS, 0, -1)]
    quarter = date(on.year, 3 * ((on.month - 1) // 3) + 1, 1) - timedelta(days=1)
    for day in dict.fromkeys([*ends, quarter]):
        years_ago = (on - day).days / 365.25
        facts = city.past_columns(seed=seed, parks=parks, scheme=scheme, catalogue=catalogue(), years_ago=years_ago)
        assessment.keep_past_ratings(cut_off_on=day, park_ids=ids, facts=facts, actor=None, at=at)


def _load_city(
    seed: int, on: date, count: int, operators: dict[str, Branch], at: datetime
) -> tuple[int, Sequence[city.CityPark], Sequence[int]]:
    """Make the fictional parks of the city and what they declare; return how many facts, the parks, their numbers."""
    if count > FEW_PARKS:
        count -= neighbors.load(seed=seed, on=on, operators=operators)
    own = [
        {"code": code, "parent_code": branch.parent.code if branch.parent else ""} for code, branch in operators.items()
    ]
    parks = city.draw_city(seed=seed, on=on, count=count, operators=own)
    rows = [{**park.row, "parent": operators[park.operator]} for park in parks]
    recorded = space.record_parks(rows=rows, actor=None, at=at)
    ids = [r.row.pk for r in recorded]
    facts = city.fact_rows(
        seed=seed,
        on=on,
        parks=parks,
        ids=ids,
        scheme=get_scheme(scheme_id=MAIN_SCHEME),
        catalogue=catalogue(),
    )
    return assessment.declare_facts_bulk(rows=facts, actor=None, at=at), parks, ids
