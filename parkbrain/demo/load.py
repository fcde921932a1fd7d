"""Load the demo: one living fictional park, a city around it, real parks with only their public statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection, transaction
from django.utils import timezone

from parkbrain import schemes
from parkbrain.accounts.services import add_person
from parkbrain.assessment import queries as assessment
from parkbrain.assessment import services as stars
from parkbrain.enterprises.models import Occupancy
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.names import name_fields
from parkbrain.kernel.roles import Role
from parkbrain.space import services as space

from . import city, living, stated

Progress = Callable[[str, int, int], None]
STAGES = 10


@dataclass(frozen=True)
class SignIn:
    """A person of the demo; the password is shown once."""

    role: str
    username: str
    password: str


@dataclass(frozen=True)
class DemoSummary:
    """What was loaded."""

    park_id: int
    park_count: int
    sign_ins: list[SignIn]


class _Steps:
    """Counts the stages for a progress bar."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._done = progress, 0

    def __call__(self, stage: str) -> None:
        self._done += 1
        if self._progress:
            self._progress(stage, self._done, STAGES)


def load_demo(*, seed: int, on: date, city_size: int = 4420, progress: Progress | None = None) -> DemoSummary:
    """Load the demo into an empty installation; the same seed and day give the same demo.

    All or nothing: a failure leaves the installation as it was.
    """
    at = datetime.combine(on, time(9), tzinfo=timezone.get_current_timezone())
    step = _Steps(progress)
    with transaction.atomic():
        step("branches")
        real = stated.record_stated_parks(at=at)
        fictional = max(0, city_size - 1 - real.in_city)
        operators = city.operator_rows(seed=seed, park_count=city_size)
        space.record_branches(rows=[*city.branch_rows()[1:], *operators, _own_operator()], actor=None, at=at)
        own = Branch.objects.get(code="op-living")
        people, sign_ins = _add_people(own, at)
        cast = living.Cast(seed, on, at, people[Role.OPERATOR], people[Role.ASSESSOR])
        park = living.record_living_park(branch=own, cast=cast, step=step)
        sign_ins.append(_add_tenant(park, at))
        step("facts")
        _declare_and_freeze(park, cast)
        step("city")
        ids, parks = _record_city(seed, on, at, fictional, operators)
        step("facts")
        _declare_city(seed, on, at, ids, parks)
        step("ratings")
        stars.refresh_ratings(on=on, at=at)
    step("statistics")
    with connection.cursor() as cursor:
        # The planner of both databases chooses better indexes once it has counted.
        cursor.execute("ANALYZE")
    return DemoSummary(park.pk, Park.objects.count(), sorted(sign_ins, key=lambda s: s.role))


def _own_operator() -> dict[str, str]:
    names = name_fields(zh_hans="星河里园区运营公司（虚构）", en="Xinghe Li Park Operation (fictional)")
    return {"code": "op-living", "kind": "OPERATOR", "parent_code": "440309", **names}


def _add_people(own: Branch, at: datetime) -> tuple[dict[str, User], list[SignIn]]:
    top = Branch.objects.get(code=city.CITY)
    cast = (
        (Role.ADMINISTRATOR, "admin", "演示管理员", top),
        (Role.BUREAU, "bureau", "演示主管部门", top),
        (Role.OPERATOR, "operator", "演示运营方", own),
        (Role.ASSESSOR, "assessor", "演示评估师", own),
        (Role.SERVICE_PROVIDER, "provider", "演示服务商", own),
    )
    people: dict[str, User] = {}
    sign_ins = []
    for role, username, name, branch in cast:
        user, password = add_person(
            username=username, full_name=name, role=role, branch=branch, actor=None, at=at
        )
        people[role] = user
        sign_ins.append(SignIn(role.value, username, password))
    return people, sign_ins


def _add_tenant(park: Park, at: datetime) -> SignIn:
    stays = Occupancy.objects.filter(premises__park=park, ends_on=None).select_related("enterprise")
    firm = stays.order_by("-premises__billing_area_m2", "pk")[0].enterprise
    _user, password = add_person(
        username="tenant",
        full_name="演示企业用户",
        role=Role.TENANT,
        branch=park.branch,
        subject=firm.uscc,
        actor=None,
        at=at,
    )
    return SignIn(Role.TENANT.value, "tenant", password)


def _declare_and_freeze(park: Park, cast: living.Cast) -> None:
    """Declare the park's facts half-year by half-year and freeze each, the last state staying current."""
    for cut_off_on, shift, title in living.frozen_dates(on=cast.on):
        if cut_off_on > cast.on - timedelta(days=20):
            continue
        living.declare_living_facts(park=park, cast=cast, cut_off_on=cut_off_on, shift=shift, note="演示数据")
        stars.freeze_rating(
            park=park,
            scheme_id=assessment.MAIN_SCHEME,
            cut_off_on=cut_off_on,
            title=title,
            actor=cast.operator,
            at=cast.at,
        )
    living.declare_living_facts(park=park, cast=cast, cut_off_on=cast.on, shift=0.0, note="演示数据")


def _record_city(
    seed: int, on: date, at: datetime, count: int, operators: list[dict[str, str]]
) -> tuple[list[int], list[city.CityPark]]:
    parks = city.draw_city(seed=seed, on=on, count=count, operators=operators)
    branches = {b.code: b for b in Branch.objects.filter(kind=Branch.Kind.OPERATOR)}
    recorded = space.record_parks(
        rows=[{**park.row, "parent": branches[park.operator]} for park in parks], actor=None, at=at
    )
    return [r.row.pk for r in recorded], parks


def _declare_city(seed: int, on: date, at: datetime, ids: list[int], parks: list[city.CityPark]) -> None:
    rows = city.fact_rows(
        seed=seed,
        on=on,
        parks=parks,
        ids=ids,
        scheme=assessment.get_scheme(scheme_id=assessment.MAIN_SCHEME),
        catalogue=schemes.catalogue(),
    )
    stars.declare_facts_bulk(rows=rows, actor=None, at=at)
