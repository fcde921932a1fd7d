"""Operator groups: lines with services, parks in at most one line at a time, and who sees and changes what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from parkbrain.assessment.services import FactEntry, declare_facts, refresh_ratings
from parkbrain.kernel.models import AuditEvent, Branch, Park, User
from parkbrain.kernel.names import name_fields
from parkbrain.kernel.roles import Role
from parkbrain.portfolio import queries, services
from parkbrain.portfolio.models import LinePlace, LineService, OperatorGroup, ProductLine
from tests.factories import make_branch, make_enterprise, make_occupancy, make_park, make_premises, make_user
from tests.integration.conftest import caller_for
from tests.query_counts import pinned_queries

pytestmark = pytest.mark.django_db

ROAD = {"name_zh_hans": "政策申报", "kind": "POLICY", "for_startup": True, "for_growth": True, "is_standard": True}


class World:
    """A city of two districts, a group with an operator in each, three parks, and a stranger's operator."""

    def __init__(self) -> None:
        self.now = timezone.now()
        self.today = timezone.localdate(self.now)
        city = make_branch(Branch.Kind.CITY)
        self.districts = [make_branch(Branch.Kind.DISTRICT, city) for _n in range(2)]
        self.operators = [make_branch(Branch.Kind.OPERATOR, district) for district in self.districts]
        self.parks = [
            make_park(operator=self.operators[n // 2], gross_floor_area_m2=1000.0 * (n + 1), name_en=f"Park {n}")
            for n in range(3)
        ]
        self.director = make_user(Role.OPERATOR, self.operators[0])
        self.director.memberships.create(branch=self.operators[1], role=Role.OPERATOR)
        self.manager = make_user(Role.OPERATOR, self.operators[0])
        self.bureau = make_user(Role.BUREAU, self.districts[0])
        self.stranger = make_user(Role.OPERATOR, make_branch(Branch.Kind.OPERATOR, self.districts[0]))
        self.group = services.record_group(
            values={"code": "qisheng", **name_fields(zh_hans="启晟", en="Qisheng")},
            operators=self.operators,
            actor=self.director,
            at=self.now,
        )
        self.works, self.labs = (self.line(code) for code in ("works", "labs"))

    def line(self, code: str, **changes: Any) -> ProductLine:
        values = {"code": code, **name_fields(zh_hans=code, en=code.title())}
        return services.record_line(
            group=self.group, values=values, services=[ROAD], actor=self.director, at=self.now, **changes
        )

    def place(self, line: ProductLine | None, *parks: Park, on: date | None = None, actor: User | None = None) -> int:
        return services.place_parks(
            group=self.group,
            line=line,
            parks=parks,
            starts_on=on or self.today,
            actor=actor or self.director,
            at=self.now,
        )


@pytest.fixture
def world() -> Iterator[World]:
    with override("en"):
        yield World()


def sign_in(user: User) -> Client:
    client = Client(headers={"host": "localhost"})
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client


def test_park_is_in_one_line_at_a_time_and_its_past_stays(world: World) -> None:
    park, earlier = world.parks[0], world.today - timedelta(days=100)
    assert world.place(world.works, park, on=earlier) == 1
    assert world.place(world.works, park) == 0, "it is in the line already"
    assert world.place(world.labs, park) == 1
    assert list(LinePlace.objects.values_list("line__code", "starts_on", "ends_on")) == [
        ("works", earlier, world.today),
        ("labs", world.today, None),
    ]
    assert queries.places_on(on=world.today - timedelta(days=1))[park.pk].line_id == world.works.pk
    assert queries.places_on(on=world.today)[park.pk].line_id == world.labs.pk
    assert world.place(None, park, on=world.today + timedelta(days=9)) == 1
    assert park.pk not in queries.places_on(on=world.today + timedelta(days=9))
    # It was to leave later; placed in the same line again, it stays.
    assert world.place(world.labs, park) == 1
    assert queries.places_on(on=world.today + timedelta(days=99))[park.pk].line_id == world.labs.pk
    placed = AuditEvent.objects.filter(code="portfolio.park.placed", park=park, actor=world.director)
    assert placed.count() == 3


def test_slip_of_the_same_day_leaves_no_day_behind(world: World) -> None:
    world.place(world.works, world.parks[0])
    world.place(world.labs, world.parks[0])
    assert list(LinePlace.objects.values_list("line__code", flat=True)) == ["labs"]


def test_database_holds_that_no_park_is_in_two_lines(world: World) -> None:
    world.place(world.works, world.parks[0], on=world.today - timedelta(days=5))
    with pytest.raises(IntegrityError), transaction.atomic():
        LinePlace.objects.create(line=world.labs, park=world.parks[0], starts_on=world.today)


def test_placing_is_refused_before_a_later_place_for_others_parks_and_for_other_groups_lines(world: World) -> None:
    world.place(world.works, world.parks[0])
    with pytest.raises(services.CannotRunGroup, match="Park 0 is in the line Works"):
        world.place(world.labs, world.parks[0], on=world.today - timedelta(days=1))
    with pytest.raises(services.CannotRunGroup, match="run by no operator"):
        world.place(world.works, make_park())
    with pytest.raises(services.CannotRunGroup, match="may not change"):
        world.place(world.works, world.parks[1], world.parks[2], actor=world.manager)
    assert LinePlace.objects.count() == 1, "all or none"
    other = services.record_group(
        values={"code": "other", **name_fields(zh_hans="乙")},
        operators=[world.stranger.memberships.get().branch],
        actor=world.stranger,
        at=world.now,
    )
    with pytest.raises(services.CannotRunGroup, match="another group"):
        services.place_parks(
            group=other, line=world.works, parks=world.parks, starts_on=world.today, actor=None, at=world.now
        )


def test_group_is_changed_only_by_who_keeps_every_operator_of_it(world: World) -> None:
    with pytest.raises(services.CannotRunGroup, match="every operator"):
        services.record_line(group=world.group, values={"code": "x"}, services=[], actor=world.manager, at=world.now)
    with pytest.raises(services.CannotRunGroup, match="in another group"):
        services.record_group(
            values={"code": "thief", **name_fields(zh_hans="丙")},
            operators=[world.operators[0]],
            actor=world.manager,
            at=world.now,
        )
    world.place(world.works, world.parks[2])
    with pytest.raises(services.CannotRunGroup, match="take it out first"):
        services.record_group(
            group=world.group,
            values={"code": "qisheng"},
            operators=world.operators[:1],
            actor=world.director,
            at=world.now,
        )
    assert world.group.operators.count() == 2


def test_line_keeps_its_services_by_name_and_says_what_changed(world: World) -> None:
    kept = world.works.services.get()
    more = {
        **name_fields(zh_hans="金融对接", en="Finance"),
        "kind": "FINANCE",
        "for_leading": True,
        "is_standard": False,
    }
    values = {"code": "works", **name_fields(zh_hans="works", en="Works")}
    services.record_line(
        group=world.group, line=world.works, values=values, services=[more, ROAD], actor=world.director, at=world.now
    )
    assert [row.name_zh_hans for row in world.works.services.all()] == ["金融对接", "政策申报"]
    assert world.works.services.get(name_zh_hans="政策申报").pk == kept.pk
    event = AuditEvent.objects.filter(code="portfolio.line.changed").latest("pk")
    assert event.details["added"] == ["金融对接"] and event.details["changed"] == ["政策申报"]
    count = AuditEvent.objects.count()
    rows = [{**more}, {**ROAD}]
    services.record_line(
        group=world.group, line=world.works, values=values, services=rows, actor=world.director, at=world.now
    )
    assert AuditEvent.objects.count() == count, "what is already so is no event"
    with pytest.raises(services.CannotRunGroup, match="twice"):
        services.record_line(
            group=world.group, line=world.works, values=values, services=[ROAD, ROAD], actor=None, at=world.now
        )


def test_line_that_had_parks_stays(world: World) -> None:
    world.place(world.works, world.parks[0])
    with pytest.raises(services.CannotRunGroup, match="stays, with its past"):
        services.remove_line(line=world.works, actor=world.director, at=world.now)
    services.remove_line(line=world.labs, actor=world.director, at=world.now)
    assert list(world.group.lines.all()) == [world.works]
    assert AuditEvent.objects.filter(code="portfolio.line.removed").count() == 1


def give_facts(world: World, park: Park, leased: float, leasable: float) -> None:
    entries = [FactEntry(key, value) for key, value in (("leased_area_m2", leased), ("leasable_area_m2", leasable))]
    declare_facts(park=park, entries=entries, cut_off_on=world.today, actor=None, at=world.now)


def test_sums_are_those_of_the_parks_and_say_what_is_not_known(world: World) -> None:
    world.place(world.works, world.parks[0], world.parks[1])
    world.place(world.labs, world.parks[2])
    give_facts(world, world.parks[0], 800.0, 1000.0)
    give_facts(world, world.parks[2], 300.0, 1000.0)
    make_occupancy(
        premises=make_premises(park=world.parks[0]), enterprise=make_enterprise(), starts_on=date(2024, 1, 1)
    )
    refresh_ratings(on=world.today, at=world.now, park_ids=[world.parks[0].pk, world.parks[2].pk])
    sheet = queries.get_group_sheet(user=world.director, group=world.group, on=world.today)
    works, labs = sheet.sums
    assert (works.park_count, works.floor_area_m2.value) == (2, 3000.0)
    assert (works.mean_stars.known_count, works.mean_stars.unknown_count) == (1, 1)
    assert (works.firms.value, works.firms.unknown_count) == (1.0, 1)
    assert labs.firms.value is None, "a park without a firm on record keeps none: unknown, not zero"
    known = queries.get_figures(park_ids=(world.parks[2].pk,), on=world.today).each()[world.parks[2].pk]
    assert labs.occupancy.value == known.occupancy
    assert sheet.total.park_count == 3 and sheet.hidden_count == 0


def test_person_sees_the_parks_of_their_branches_and_how_many_there_are_besides(world: World) -> None:
    world.place(world.works, *world.parks)
    text = sign_in(world.bureau).get(f"/operators/{world.group.pk}/").content.decode()
    assert "Park 0" in text and "Park 2" not in text
    assert "Start-ups · Growing firms" in text, "for which firms a service is"
    assert "1 other park lies outside your branches and is not shown" in text
    assert world.operators[1].name not in text
    sheet = queries.get_group_sheet(user=world.bureau, group=world.group, on=world.today)
    assert (sheet.total.park_count, sheet.hidden_count) == (2, 1)
    assert sheet.total.floor_area_m2.value == 3000.0
    assert sign_in(world.stranger).get(f"/operators/{world.group.pk}/").status_code == 404
    assert "Qisheng" not in sign_in(world.stranger).get("/operators/").content.decode()
    # Whoever oversees one park alone sees the group through it.
    assessor = make_user(Role.ASSESSOR, world.parks[2].branch)
    assert list(queries.list_groups(user=assessor)) == [world.group]
    assert sign_in(world.bureau).get(f"/operators/{world.group.pk}/place/").status_code == 403
    assert sign_in(world.bureau).get(f"/operators/{world.group.pk}/change/").status_code == 403
    assert sign_in(world.manager).get(f"/operators/{world.group.pk}/lines/add/").status_code == 403


def test_numbers_open_their_parks(world: World) -> None:
    world.place(world.works, world.parks[0])
    client, address = sign_in(world.director), f"/operators/{world.group.pk}/"
    shown = client.get(f"{address}?view=0").content.decode()
    assert f"?view=0&amp;line={world.works.pk}#parks" in shown
    every_number = re.findall(r'<td class="num">(.*?)</td>', shown.split("<h2 id=")[0], re.DOTALL)
    assert every_number and all("<a " in one or one == "0" or "unknown" in one for one in every_number)
    opened = client.get(f"{address}?line={world.works.pk}")
    assert [row[0].text for row in opened.context["list"].table.rows] == ["Park 0"]
    rest = client.get(f"{address}?line=none&stars=none")
    assert [row[0].text for row in rest.context["list"].table.rows] == ["Park 1", "Park 2"]


def test_stars_firms_and_what_is_not_known_open_their_parks(world: World) -> None:
    world.place(world.works, *world.parks)
    give_facts(world, world.parks[0], 800.0, 1000.0)
    entries = [FactEntry("startup_tenants", 7.0)]
    declare_facts(park=world.parks[1], entries=entries, cut_off_on=world.today, actor=None, at=world.now)
    client, address = sign_in(world.director), f"/operators/{world.group.pk}/"
    shown = client.get(f"{address}?view=0")
    firms = next(one for one in shown.context["sheet"].sums[0].segments if one.key == "startup")
    assert (firms.known.value, firms.known.unknown_count) == (7.0, 2)
    assert "2 parks unknown</a>" in shown.content.decode()

    def opened(query: str) -> list[str]:
        return [
            row[0].text for row in client.get(f"{address}?line={world.works.pk}&{query}").context["list"].table.rows
        ]

    assert opened("lacks=startup") == ["Park 0", "Park 2"]
    assert opened("lacks=occupancy") == ["Park 1", "Park 2"]
    assert opened("lacks=floor") == []
    columns = client.get(f"{address}?line={world.works.pk}&cols=name,startup,firms").context["list"].table
    assert [row[1].text for row in columns.rows] == ["", "7", ""]


def test_group_of_the_page_is_no_filter_that_a_person_sets(world: World) -> None:
    world.place(world.works, *world.parks)
    other = make_park(operator=world.stranger.memberships.get().branch)
    client, address = sign_in(world.director), f"/operators/{world.group.pk}/"
    shown = client.get(f"{address}?view=0&group={world.group.pk + 1}").context["list"]
    assert shown.more_active == 0 and not shown.chips
    assert "group" not in {field.filter.key for field in shown.fields}
    assert [row[0].text for row in shown.table.rows] == ["Park 0", "Park 1", "Park 2"]
    assert client.get(f"{address}?view=0&kind=MIXED").context["list"].more_active == 1
    assert all(f"group%3D{world.group.pk}" in link.url for link in shown.actions), "what is sent is of the group too"
    assert other.name not in client.get(f"{address}?format=csv").getvalue().decode()


def test_pages_change_a_group_and_keep_what_was_typed_where_it_is_refused(world: World) -> None:
    client, address = sign_in(world.director), f"/operators/{world.group.pk}"
    rows = {"s-TOTAL_FORMS": "2", "s-INITIAL_FORMS": "0", "s-MIN_NUM_FORMS": "0", "s-MAX_NUM_FORMS": "60"}
    typed = {"code": "quarter", "position": "2", "name_zh_hans": "综合体", **rows, "s-0-name_zh_hans": "工商代办",
             "s-0-kind": "BUSINESS", "s-1-kind": "POLICY"}  # fmt: skip
    wrong = client.post(f"{address}/lines/add/", typed)
    assert wrong.status_code == 422
    text = wrong.content.decode()
    assert "Say for which firms it is." in text and "工商代办" in text and "综合体" in text
    sent = client.post(f"{address}/lines/add/", {**typed, "s-0-for_startup": "on", "s-0-is_standard": "on"})
    assert sent.status_code == 302
    line = world.group.lines.get(code="quarter")
    assert line.name_zh_hant == "綜合體" and line.services.get().for_startup
    taken = client.post(f"{address}/lines/add/", {**typed, "s-0-for_startup": "on"})
    assert taken.status_code == 422 and "has a line with the code quarter already" in taken.content.decode()
    none = client.post(f"{address}/place/", {"line": str(line.pk), "starts_on": "2025-01-01"})
    assert none.status_code == 422 and "Choose at least one park." in none.content.decode()
    done = client.post(
        f"{address}/place/",
        {"line": str(line.pk), "starts_on": "2025-01-01", "parks": [world.parks[0].pk]},
        follow=True,
    )
    assert "1 park changed its line." in done.content.decode()
    early = client.post(f"{address}/place/", {"line": "", "starts_on": "2024-01-01", "parks": [world.parks[0].pk]})
    assert early.status_code == 422 and "choose a day from then on" in early.content.decode()
    assert client.post(f"{address}/lines/{line.pk}/remove/", follow=True).status_code == 200
    assert ProductLine.objects.filter(pk=line.pk).exists(), "a park is in it"
    shown = client.get(f"/parks/{world.parks[0].pk}/").content.decode()
    assert f"{address}/" in shown and "综合体" in shown


def test_adding_a_group_asks_for_operators_that_are_free(world: World) -> None:
    client = sign_in(world.stranger)
    own = world.stranger.memberships.get().branch
    typed = {"code": "mine", "name_zh_hans": "丁"}
    wrong = client.post("/operators/add/", {**typed, "operators": [world.operators[0].pk]})
    assert wrong.status_code == 422 and world.operators[0].name not in wrong.content.decode()
    assert client.post("/operators/add/", {**typed, "operators": [own.pk]}).status_code == 302
    assert OperatorGroup.objects.get(code="mine").operators.get().operator == own
    assert sign_in(world.bureau).get("/operators/add/").status_code == 403


def test_group_page_needs_the_same_statements_at_any_size(world: World) -> None:
    client, address = sign_in(world.director), f"/operators/{world.group.pk}/?view=0"
    world.place(world.works, *world.parks)
    for n in range(6):
        world.place(world.labs, make_park(operator=world.operators[n % 2]))
    client.get(address)
    with pinned_queries("portfolio.group"):
        assert client.get(address).status_code == 200


def test_api_answers_groups_within_the_persons_branches(world: World) -> None:
    world.place(world.works, *world.parks)
    client = caller_for(world.bureau)
    listed = client.get("operators").json()
    assert [(one["code"], one["parks_not_shown"], one["total"]["park_count"]) for one in listed["items"]] == [
        ("qisheng", 1, 2)
    ]
    sheet = client.get(f"operators/{world.group.pk}").json()
    assert [line["code"] for line in sheet["lines"]] == ["works", "labs"]
    assert sheet["lines"][0]["services"][0]["firms"] == ["STARTUP", "GROWTH"]
    assert [park["code"] for park in sheet["parks"]] == [p.code for p in world.parks[:2]]
    assert sheet["lines"][0]["sums"]["mean_stars"] == {"value": None, "known_count": 0, "unknown_count": 2}
    assert caller_for(world.stranger).get(f"operators/{world.group.pk}").status_code == 404
    assert caller_for(make_user(None)).get("operators").json()["total"] == 0


def test_service_of_a_line_is_for_somebody(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        LineService.objects.create(line=world.works, name_zh_hans="空", kind="POLICY")
