"""The city: what each role sees, what the list keeps, that public statements stay out of every number."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from parkbrain.assessment.models import Rating
from parkbrain.kernel.models import Branch, Park, User
from parkbrain.kernel.names import street_name
from parkbrain.kernel.roles import Role
from parkbrain.portfolio import queries
from parkbrain.portfolio.queries import tiles
from tests.demo_fixtures import DEMO_ON, DEMO_SIZE
from tests.factories import make_branch, make_park, make_user
from tests.query_counts import pinned_queries

CITY = "/city/"
RATED = DEMO_SIZE - 3


@pytest.fixture
def bureau(demo_park: Park) -> User:
    return User.objects.get(username="bureau")


def open_as(user: User, path: str = CITY, **params: str) -> object:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(user)
    return client.get(path, params)


def test_the_bureau_sees_every_rated_park_of_its_city_in_one_sentence(bureau: User) -> None:
    page = open_as(bureau)
    assert page.status_code == 200
    text = page.content.decode()
    totals = page.context["totals"]
    assert totals.park_count == RATED
    assert (
        totals.modern_count
        == Rating.objects.filter(scheme_id="five-star-reference", state="CURRENT", class_proven__gte=3).count()
    )
    assert f"{RATED} parks" in text


@pytest.mark.parametrize("username", ["operator", "assessor", "tenant", "provider"])
def test_nobody_without_a_city_sees_it_or_a_way_to_it(demo_park: Park, username: str) -> None:
    user = User.objects.get(username=username)
    assert open_as(user).status_code in {403, 404}
    assert f'href="{CITY}"' not in open_as(user, "/").content.decode()


def test_a_district_bureau_sees_its_own_district_alone(demo_park: Park) -> None:
    district = Branch.objects.get(code="440306")
    page = open_as(make_user(Role.BUREAU, district))
    inside = Park.objects.filter(branch__path__startswith=district.path).exclude(standing="AS_STATED").count()
    assert page.context["totals"].park_count == inside < RATED
    assert {line.code for line in page.context["lines"]} == {"440306"}


def test_a_bureau_of_another_city_sees_nothing_of_this_one(demo_park: Park) -> None:
    page = open_as(make_user(Role.BUREAU, make_branch(Branch.Kind.CITY)))
    assert page.status_code == 200
    assert page.context["totals"].park_count == 0


def test_public_statements_are_shown_with_their_source_and_never_counted(bureau: User) -> None:
    page = open_as(bureau)
    stated = list(page.context["stated"])
    assert len(stated) == 3
    assert not queries.ratings_of(user=bureau).filter(park__in=stated).exists()
    park = open_as(bureau, reverse("park_detail", args=[next(p.pk for p in stated if p.code == "quanzhi")]))
    text = park.content.decode()
    assert "躍升至35億元" in text, "the words of the source"
    assert "NetEase" in text, "the source"
    assert "not verified" in text


def test_filters_narrow_the_list_and_its_count(bureau: User) -> None:
    everything = queries.ratings_of(user=bureau)
    wanted = everything.filter(park__district_code="440306", class_proven=0).count()
    page = open_as(bureau, district="440306", stars="0")
    assert page.context["list"].table.count == wanted
    assert page.context["totals"].park_count == RATED, "the sentence speaks of the whole city"
    one = everything.filter(park__code__startswith="sz-").select_related("park").first()
    assert one is not None
    found = open_as(bureau, q=one.park.name_zh_hans)
    assert one.park.name_en in found.content.decode()


@pytest.mark.parametrize("sort", ["total", "-total", "coverage", "a", "-f", "stars", "nonsense"])
def test_every_sort_answers_with_all_parks(bureau: User, sort: str) -> None:
    page = open_as(bureau, sort=sort)
    assert page.status_code == 200
    assert page.context["list"].table.count == RATED


def test_sorting_by_a_dimension_orders_by_its_proven_score(bureau: User) -> None:
    rows = open_as(bureau, sort="-a", format="csv")
    lines = list(csv.reader(io.StringIO(b"".join(rows.streaming_content).decode("utf-8-sig"))))
    scores = [float(line[8].replace(",", "")) for line in lines[1:] if line[8]]
    assert len(lines) == RATED + 1
    assert scores == sorted(scores, reverse=True)


def test_the_workbook_holds_what_is_shown(bureau: User) -> None:
    answer = open_as(bureau, format="xlsx", district="440306")
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert content.startswith(b"PK")


def test_the_map_links_every_district(bureau: User) -> None:
    drawn = open_as(bureau).context["map"]
    codes = {code for shape in queries.list_shapes() for code in shape.codes}
    assert codes >= {line.code for line in queries.get_overview(user=bureau).lines}
    assert all(d.url.startswith(CITY) and d.path.startswith("M") and 1 <= d.step <= 5 for d in drawn.districts)


def test_the_list_is_a_slice_of_the_page(bureau: User) -> None:
    client = Client(headers={"hx-request": "true", "hx-target": "list"})
    client.force_login(bureau)
    part = client.get(CITY, {"district": "440306"}).content.decode()
    assert "<html" not in part
    assert '<div id="list"' in part


def test_a_writing_method_changes_nothing(bureau: User) -> None:
    client = Client()
    client.force_login(bureau)
    before = Rating.objects.count()
    client.post(CITY)
    assert Rating.objects.count() == before


def test_the_city_needs_a_fixed_number_of_statements(bureau: User) -> None:
    open_as(bureau)
    with pinned_queries("portfolio.city"):
        open_as(bureau)


@pytest.mark.django_db
def test_an_empty_city_says_so_instead_of_failing() -> None:
    page = open_as(make_user(Role.BUREAU))
    assert page.status_code == 200
    assert page.context["totals"].mean_total is None


@pytest.mark.django_db
def test_an_operating_park_has_no_public_statements() -> None:
    assert queries.get_park_statements(park=make_park()) is None


@pytest.mark.parametrize(("language", "name"), [("en", 2), ("zh-hans", 0), ("zh-hant", 1)])
def test_a_street_is_asked_for_by_its_name_in_any_language(bureau: User, language: str, name: int) -> None:
    kept = Park.objects.exclude(street="").exclude(standing="AS_STATED").first().street
    names = []
    for one in ("zh-hans", "zh-hant", "en"):
        with override(one):
            names.append(street_name(kept))
    assert len(set(names)) == 3
    client = Client()
    client.cookies["django_language"] = language
    client.force_login(bureau)
    count = Park.objects.filter(street=kept).exclude(standing="AS_STATED").count()
    for typed in names:
        by_filter, by_text = client.get(CITY, {"street": typed}), client.get(CITY, {"q": typed})
        assert by_filter.context["list"].table.page.paginator.count == count, typed
        assert by_text.context["list"].table.page.paginator.count == count, typed
        assert f'<option value="{kept}" selected>' in by_filter.content.decode()
        assert names[name] in [link.label for link in by_filter.context["way"]]


def test_parks_of_no_district_are_a_line_of_their_own(bureau: User) -> None:
    keys = list(Park.objects.exclude(standing="AS_STATED").values_list("pk", flat=True)[:2])
    Park.objects.filter(pk__in=keys).update(district_code="")
    page = open_as(bureau, district="none")
    assert page.context["list"].table.page.paginator.count == 2
    assert "not stated" in [link.label for link in page.context["way"]]


def test_a_park_with_points_for_more_stars_than_it_has_is_said_to_be_held_back(bureau: User) -> None:
    rated = Rating.objects.filter(scheme_id="five-star-reference", state="CURRENT").order_by("pk")
    held, free = rated[0], rated[1]
    Rating.objects.filter(pk=held.pk).update(total_proven=99.5, class_proven=0, class_reachable=0)
    Rating.objects.filter(pk=free.pk).update(total_proven=99.0, class_proven=5, class_reachable=5)
    tile = tiles.get_strongest_tile(user=bureau, park=None, on=DEMO_ON)
    assert tile is not None and [row.pk for row in tile["rows"][:2]] == [held.pk, free.pk]
    assert held.pk in tile["held"] and free.pk not in tile["held"]
    assert "held back" in open_as(bureau, "/").content.decode()
