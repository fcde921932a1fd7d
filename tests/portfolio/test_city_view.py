"""The city looked at by any measure: drill-down sums, points, lasso, distribution, past days, peers."""

from __future__ import annotations

import json

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from parkbrain.assessment.models import Rating, Snapshot
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.portfolio import queries
from tests.factories import make_user

from .test_city_page import CITY, RATED, open_as

POINTS = "/city/points/"


@pytest.fixture
def bureau(demo_park: Park) -> User:
    return User.objects.get(username="bureau")


def points_of(user: User, **params: str) -> dict[str, list[object]]:
    answer = open_as(user, POINTS, **params)
    assert answer.status_code == 200
    return json.loads(answer.content)


def test_each_level_sums_to_the_one_above_down_to_the_parks_of_an_operator(bureau: User) -> None:
    chosen: dict[str, str] = {}
    expected = RATED
    for level in ("district", "street", "operator"):
        branches = open_as(bureau, **chosen).context["branches"]
        assert branches.level == level
        assert branches.total.park_count == expected == sum(line.park_count for line in branches.lines)
        assert sum(branches.total.stars) == expected
        assert branches.total.land_area_m2 == pytest.approx(sum(line.land_area_m2 or 0 for line in branches.lines))
        line = next(line for line in branches.lines if line.key)
        chosen[level], expected = line.key, line.park_count
    page = open_as(bureau, **chosen)
    assert page.context["branches"].level == ""
    assert page.context["list"].table.count == expected
    assert next(step.label for step in page.context["way"]) == "City"
    assert len(page.context["way"]) == 4


def test_firms_of_the_branches_are_those_of_the_record(bureau: User, demo_park: Park) -> None:
    from parkbrain.enterprises.models import Occupancy

    total = open_as(bureau).context["branches"].total
    here = Occupancy.objects.current_on(open_as(bureau).context["as_of"])
    assert total.firm_count == here.values("enterprise").distinct().count() > 0


def test_points_are_the_parks_of_the_list_and_say_their_colours(bureau: User) -> None:
    found = points_of(bureau, district="440306")
    listed = set(queries.ratings_of(user=bureau).filter(park__district_code="440306").values_list("park_id", flat=True))
    placed = set(Park.objects.filter(pk__in=listed, longitude__isnull=False).values_list("pk", flat=True))
    assert set(found["id"]) == placed
    assert len({len(found[key]) for key in ("id", "x", "y", "step", "name", "text")}) == 1
    assert sum(shade["count"] for shade in found["shades"]) == len(listed), "unknown ones are counted too"


def test_points_come_once_as_long_as_nothing_changed(bureau: User) -> None:
    client = Client()
    client.force_login(bureau)
    tag = client.get(POINTS)["ETag"]
    assert client.get(POINTS, headers={"if-none-match": tag}).status_code == 304
    assert client.get(POINTS, {"by": "stars"}, headers={"if-none-match": tag}).status_code == 200


def test_an_outline_keeps_the_parks_within_it_alone(bureau: User) -> None:
    ring = "113.7,22.4;114.0,22.4;114.0,22.9;113.7,22.9"
    inside = queries.ratings_of(user=bureau).filter(
        park__longitude__gt=113.7, park__longitude__lt=114.0, park__latitude__gt=22.4, park__latitude__lt=22.9
    )
    page = open_as(bureau, lasso=ring)
    assert 0 < page.context["list"].table.count == inside.count() < RATED
    assert set(points_of(bureau, lasso=ring)["id"]) == set(inside.values_list("park_id", flat=True))
    assert "drawn on the map" in page.content.decode()


@pytest.mark.parametrize("ring", ["1,2", "a,b;c,d;e,f", "200,1;2,2;3,3", ";".join(["1,1"] * 300)])
def test_what_is_no_outline_is_refused_with_a_reason(bureau: User, ring: str) -> None:
    page = open_as(bureau, lasso=ring)
    assert page.status_code == 422
    assert "is no outline on the map" in page.content.decode()


@pytest.mark.parametrize("by", ["fact.leasable_area_m2", "value.F1.1", "score.A", "stars", "kind", "certainty"])
def test_any_measure_colours_counts_and_lists(bureau: User, by: str) -> None:
    page = open_as(bureau, by=by)
    assert page.status_code == 200
    spread = page.context["spread"]
    counted = sum(spread.bars.counts) + sum(n for _key, _name, n in spread.kinds) + spread.bars.unknown_count
    assert counted == RATED
    assert page.context["distribution"].table.rows
    assert len(points_of(bureau, by=by)["id"]) > 0


def test_a_bar_of_the_distribution_opens_its_parks(bureau: User) -> None:
    page = open_as(bureau, by="value.F1.1")
    spread, option = page.context["spread"], page.context["distribution"].option
    for count, bar in zip(spread.bars.counts, option["series"][0]["data"], strict=True):
        client = Client()
        client.force_login(bureau)
        assert client.get(bar["url"]).context["list"].table.count == count


def test_the_chosen_measure_orders_the_list_with_unknown_last(bureau: User) -> None:
    page = open_as(bureau, by="fact.leasable_area_m2", sort="-chosen", cols="name,chosen", per="200")
    texts = [row[1].text for row in page.context["list"].table.rows]
    known = [float(text.replace(",", "").split()[0]) for text in texts if text and text[0].isdigit()]
    assert known == sorted(known, reverse=True)
    assert len(known) > 3
    assert all(text and text[0].isdigit() for text in texts[: len(known)])


def test_no_measure_is_said_and_the_total_shown(bureau: User) -> None:
    page = open_as(bureau, by="fact.of_nobody")
    assert page.status_code == 200
    assert page.context["measure"].key == "total"
    assert "is no measure" in page.content.decode()


def test_a_past_day_shows_the_city_as_it_was_kept(bureau: User) -> None:
    day = Snapshot.objects.filter(kind="KEPT").order_by("cut_off_on").first().cut_off_on
    page = open_as(bureau, on=day.isoformat())
    columns = queries.columns_on(keys=["total", "stars"], on=day)
    known = columns.values["total"][~np.isnan(columns.values["total"])]
    assert page.context["branches"].total.mean_total == pytest.approx(known.mean())
    assert page.context["branches"].total.mean_total < open_as(bureau).context["branches"].total.mean_total
    starred = open_as(bureau, on=day.isoformat(), stars="1")
    assert starred.context["list"].table.count == int((columns.values["stars"] == 1).sum())
    assert open_as(bureau, on="1990-01-01").context["branches"].total.mean_total is None


def test_the_course_ends_with_today_and_begins_with_the_first_year_kept(bureau: User) -> None:
    course = open_as(bureau).context["spread"].course
    kept = list(Snapshot.objects.filter(kind="KEPT").order_by("cut_off_on").values_list("cut_off_on", flat=True))
    assert [day for day, _one in course][: len(kept)] == kept
    assert len(course) == len(kept) + 1 >= 6


def test_every_number_of_stars_opens_its_parks(bureau: User) -> None:
    page = open_as(bureau, district="440306")
    lines = page.context["stars"]
    assert [line.rank for line in lines] == [5, 4, 3, 2, 1, 0]
    assert sum(line.share for line in lines) == pytest.approx(1)
    for line in lines:
        assert escape(line.url) in page.content.decode()
        client = Client()
        client.force_login(bureau)
        assert client.get(line.url).context["list"].table.count == line.park_count


def test_figures_are_a_slice_of_the_page(bureau: User) -> None:
    client = Client(headers={"hx-request": "true", "hx-target": "figures"})
    client.force_login(bureau)
    part = client.get(CITY, {"district": "440306"}).content.decode()
    assert "<html" not in part
    assert "star-lines" in part
    assert 'id="list"' not in part


@pytest.mark.parametrize("path", [POINTS, "/city/shapes/"])
def test_nobody_without_a_city_gets_points_or_shapes(demo_park: Park, path: str) -> None:
    assert open_as(User.objects.get(username="operator"), path).status_code == 403


def test_a_district_bureau_gets_the_points_of_its_district_alone(demo_park: Park) -> None:
    district = Branch.objects.get(code="440306")
    found = points_of(make_user(Role.BUREAU, district))
    assert found["id"]
    assert set(found["id"]) <= set(
        Park.objects.filter(branch__path__startswith=district.path).values_list("pk", flat=True)
    )


def test_the_place_among_like_parks_counts_the_better_ones_of_the_group(bureau: User, demo_park: Park) -> None:
    page = open_as(bureau, reverse("park_peers", args=[demo_park.pk]))
    sheet = page.context["sheet"]
    group = queries.list_like_parks(park_id=demo_park.pk, on=page.context["as_of"])
    totals = dict(
        Rating.objects.filter(scheme_id="five-star-reference", state="CURRENT", park__in=group).values_list(
            "park_id", "total_proven"
        )
    )
    better = sum(total > totals[demo_park.pk] for total in totals.values())
    assert (sheet.total.place, sheet.peer_count) == (better + 1, len(group) - 1)
    assert sheet.peer_count >= 8
    assert sum(len(lines) for _name, lines in sheet.indicators) == 63
    assert len(sheet.dimensions) == 6
    listed = open_as(bureau, like=str(demo_park.pk))
    assert listed.context["list"].table.count == len(group)


def test_an_operator_sees_the_peers_of_its_own_park_without_a_list_of_others(demo_park: Park) -> None:
    operator = User.objects.get(username="operator")
    text = open_as(operator, reverse("park_peers", args=[demo_park.pk])).content.decode()
    assert "Compared with" in text
    assert "?like=" not in text
    other = (
        Park.objects.filter(code__startswith="sz-")
        .exclude(branch__path__startswith=demo_park.branch.parent.path)
        .first()
    )
    assert open_as(operator, reverse("park_peers", args=[other.pk])).status_code == 404


def test_a_park_without_a_rating_that_day_says_so(bureau: User, demo_park: Park) -> None:
    page = open_as(bureau, reverse("park_peers", args=[demo_park.pk]), on="1990-01-01")
    assert page.status_code == 200
    assert "no rating on that day" in page.content.decode()
