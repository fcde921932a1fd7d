"""The wall: the same numbers as in the office, for each person what they may see, replayed for a day."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from parkbrain.cockpit import charts, queries
from parkbrain.energy.models import Meter, OddUse
from parkbrain.energy.queries import get_day_of_places, get_use, get_use_per_m2, park_zone
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Role
from tests import factories as make
from tests.demo_fixtures import DEMO_ON
from tests.query_counts import pinned_queries

pytestmark = pytest.mark.django_db

#: A day of the demo that is wholly measured.
DAY = DEMO_ON - timedelta(days=3)
STAT = re.compile(
    r'<a href="(?P<url>[^"]+)" class="stat"><div class="label">(?P<label>[^<]*)</div><div class="value"[^>]*>(?P<value>[^<]+)'
)
ROW = re.compile(r'<tr><th scope="row"><a href="(?P<url>[^"]+)"[^>]*>[^<]*</a>.*?</tr>', re.S)


def client_of(username: str, language: str = "en") -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username))
    client.cookies["django_language"] = language
    return client


def park_wall(park: Park, **params: object) -> str:
    query = "&".join(f"{key}={value}" for key, value in params.items())
    return f"{reverse('wall_park', args=[park.pk])}?{query}"


def json_of(html: str, before: str) -> dict:
    """Return the data block that stands after some text."""
    found = re.search(re.escape(before) + r'[^<]*<script type="application/json">(.*?)</script>', html, re.S)
    assert found is not None
    return json.loads(found.group(1))


def seen_text(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", html))


def figures_of(html: str) -> list[tuple[str, str, str]]:
    return [(m["label"], unescape(m["value"]).strip(), unescape(m["url"])) for m in STAT.finditer(html)]


@pytest.mark.parametrize("username", ["operator", "bureau"])
def test_every_figure_of_the_park_is_on_the_page_that_it_opens(demo_park: Park, username: str) -> None:
    client = client_of(username)
    html = client.get(park_wall(demo_park, on=DAY)).content.decode()
    figures = figures_of(html)
    labels = {label for label, _value, _url in figures}
    assert {"Occupancy", "Let area", "Firms", "Load", "Scopes 1 and 2", "Points proven", "This month so far"} <= labels
    pages: dict[str, str] = {}
    for label, value, url in figures:
        if url not in pages:
            answer = client.get(url)
            assert answer.status_code == 200, url
            pages[url] = seen_text(answer.content.decode())
        assert value in pages[url], f"{label} is {value} on the wall, not so on {url}"


def test_every_figure_of_the_city_is_on_the_page_that_it_opens(demo_park: Park) -> None:
    client = client_of("bureau")
    html = client.get(reverse("wall"), {"screens": "city"}).content.decode()
    figures = figures_of(html)
    assert [label for label, _value, _url in figures] == ["Parks", "Three stars or more", "Mean total proven"]
    for _label, value, url in figures:
        assert value in seen_text(client.get(url).content.decode())


def test_the_load_of_a_building_in_an_hour_is_the_hour_of_its_meter(demo_park: Park) -> None:
    at = datetime.combine(DAY + timedelta(days=1), datetime.min.time(), park_zone())
    places = get_day_of_places(park=demo_park, energy_kind="ELECTRICITY", on=DAY, at=at)
    meter = Meter.objects.get(park=demo_park, code="E-T1")
    building = meter.building
    use = get_use(meters=[meter.pk], starts_on=DAY, ends_on=DAY + timedelta(days=1), step="hour")[meter.pk].use
    assert places.unit == "kWh"
    one = places.buildings[building.pk]
    by_code = dict(zip([m.code for m in one.meters], one.by_meter, strict=True))
    # The tower draws through two meters side by side; what its roof generates is no load of it.
    assert set(by_code) == {"E-T1", "E-T1-HVAC"}
    assert by_code["E-T1"] == pytest.approx(list(use))
    assert one.hours[14] == pytest.approx(by_code["E-T1"][14] + by_code["E-T1-HVAC"][14])
    floors = [one for one in places.storeys.values() if one.hours[14] is not None]
    assert len(places.storeys) == 23 and sum(one.hours[14] or 0.0 for one in floors) < use[14]


def test_hours_that_have_not_passed_are_unknown(demo_park: Park) -> None:
    at = datetime.combine(DAY, datetime.min.time(), park_zone()) + timedelta(hours=9, minutes=40)
    places = get_day_of_places(park=demo_park, energy_kind="ELECTRICITY", on=DAY, at=at)
    [hours] = [one.hours for pk, one in places.buildings.items() if one.meters[0].code.startswith("E-T1")]
    assert hours[8] is not None and hours[9:] == [None] * 15
    assert charts.hour_shown(places, asked=None) == 8
    assert charts.hour_shown(places, asked=3) == 3


def test_a_day_to_replay_comes_with_all_its_hours_in_one_answer(demo_park: Park) -> None:
    html = client_of("operator").get(park_wall(demo_park, on=DAY, hour=14)).content.decode()
    hours = json_of(html, "data-hours hidden>")
    assert hours["hour"] == 14 and not hours["live"] and len(hours["clock"]) == 24
    assert all(len(row) == 24 for row in [*hours["houses"].values(), *hours["levels"].values()])
    assert len(json.dumps(hours)) < 200_000
    scene = json_of(html, "data-scene>")
    assert {h["name"] for h in scene["houses"]} and len(json.dumps(scene)) < 200_000
    rows = [row for row in ROW.finditer(html) if "step=hour" in row["url"]]
    text = seen_text(client_of("operator").get(unescape(rows[0]["url"])).content.decode())
    shown = re.search(r"data-meter=\"\d+\">([^<]+)<", rows[0].group(0))
    assert shown is not None and shown.group(1) in text


def test_what_was_odd_is_shown_in_its_hours(demo_park: Park) -> None:
    meter = Meter.objects.get(park=demo_park, code="E-T1")
    start = datetime.combine(DAY, datetime.min.time(), park_zone())
    odd = OddUse(
        meter=meter, what="hours", start_at=start - timedelta(hours=2), end_at=start + timedelta(hours=3), pk=1
    )
    [one] = charts.odd_hours([odd], on=DAY)
    assert (one.first, one.last, one.building) == (0, 2, str(meter.building_id))
    [later] = charts.odd_hours([odd], on=DAY - timedelta(days=1))
    assert (later.first, later.last) == (22, 23)


def test_a_screen_that_asks_again_gets_only_itself_and_nothing_while_nothing_changed(demo_park: Park) -> None:
    client = client_of("operator")
    for kind in ("park", "energy"):
        target = f"{kind}-{demo_park.pk}-live"
        address = park_wall(demo_park, on=DAY, hour=9) if kind == "park" else park_wall(demo_park, on=DAY)
        whole = client.get(address).content.decode()
        part = client.get(address, headers={"HX-Request": "true", "HX-Target": target})
        assert part.status_code == 200
        text = part.content.decode().strip()
        assert text.startswith("<div") and f'id="{target}"' in text and "<html" not in text
        assert seen_text(text).split()[:40] == seen_text(whole[whole.index(f'id="{target}"') :]).split()[1:41] or (
            text[: text.index(">")] in whole
        )
        mark = queries_mark(client, demo_park, kind)
        same = client.get(f"{address}&seen={mark}", headers={"HX-Request": "true", "HX-Target": target})
        assert same.status_code == 204 and same.content == b""


def queries_mark(client: Client, park: Park, kind: str) -> str:
    """Return what the live screen of that day says it shows."""
    address = park_wall(park, on=DAY, hour=9) if kind == "park" else park_wall(park, on=DAY)
    answer = client.get(address)
    [screen] = [s for s in answer.context["screens"] if s.key == f"{kind}-{park.pk}"]
    return str(screen.content["mark"])


def test_a_wall_of_today_asks_again_and_one_of_a_past_day_does_not(demo_park: Park) -> None:
    client = client_of("operator")
    assert "every 60s" not in client.get(park_wall(demo_park, on=DAY)).content.decode()
    today = timezone.localdate()
    html = client.get(park_wall(demo_park, on=today, screens="park")).content.decode()
    assert "every 60s" in html


def test_an_operator_sees_their_own_park_and_a_bureau_the_city(demo_park: Park) -> None:
    keys = [s.key for s in client_of("operator").get(reverse("wall")).context["screens"]]
    assert f"park-{demo_park.pk}" in keys and "city" not in keys
    keys = [s.key for s in client_of("bureau").get(reverse("wall")).context["screens"]]
    assert keys == ["city"]
    chosen = client_of("bureau").get(reverse("wall"), {"park": demo_park.pk, "screens": ["city", "stars"]})
    assert [s.key for s in chosen.context["screens"]] == ["city", f"stars-{demo_park.pk}"]


def test_a_tenant_sees_the_park_without_other_firms_loads_or_the_facts_behind_stars(demo_park: Park) -> None:
    answer = client_of("tenant").get(reverse("wall_park", args=[demo_park.pk]), {"on": DAY})
    assert {s.key.split("-")[0] for s in answer.context["screens"]} == {"park", "space"}
    html = answer.content.decode()
    own = {s.enterprise.name for s in queries.list_own_occupancies(user=User.objects.get(username="tenant"), on=DAY)}
    states = answer.context["screens"][0].content["state"].buildings
    assert {p.enterprise for b in states for p in b.states} - {""} <= own
    assert "data-hours" not in html and "Scopes 1 and 2" not in html and "What needs you" not in html
    assert "premises" in html


def test_a_park_of_another_operator_is_not_found(demo_park: Park) -> None:
    other = make.make_park(operator=make.make_branch(code="elsewhere"), code="elsewhere-park")
    client = client_of("operator")
    assert client.get(reverse("wall_park", args=[other.pk])).status_code == 404
    answer = client.get(reverse("wall"), {"park": other.pk})
    assert other.name not in answer.content.decode()
    # It is refused as if it were not there, and the person's own park stands instead.
    assert "is not one of the available choices" in unescape(answer.content.decode())


def test_a_visitor_has_to_sign_in(db: None) -> None:
    assert Client().get(reverse("wall")).status_code == 302


def test_the_wall_takes_no_changes(demo_park: Park) -> None:
    assert client_of("operator").post(reverse("wall")).status_code == 405
    assert client_of("operator").post(reverse("wall_park", args=[demo_park.pk])).status_code == 405


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"seconds": "soon"}, "Seconds for each screen"), ({"hour": "25"}, "Hour"), ({"colour": "smell"}, "Colour"),
     ({"screens": "lobby"}, "Screens"), ({"seconds": "1"}, "Seconds for each screen")],
)  # fmt: skip
def test_a_wrong_address_names_the_field_and_shows_the_rest(demo_park: Park, wrong: dict[str, str], field: str) -> None:
    answer = client_of("operator").get(reverse("wall_park", args=[demo_park.pk]), {**wrong, "on": DAY})
    html = answer.content.decode()
    assert answer.status_code == 200 and f"<p>{field}:" in html
    assert f'id="park-{demo_park.pk}"' in html


def test_a_day_that_is_none_is_said_so(demo_park: Park) -> None:
    html = unescape(client_of("operator").get(park_wall(demo_park, on="yesterday")).content.decode())
    assert "“yesterday” is not a date" in html


def test_a_park_without_records_shows_no_empty_boxes(db: None) -> None:
    operator = make.make_branch(code="new-operator")
    park = make.make_park(operator=operator, code="new-park")
    client = Client()
    client.force_login(make.make_user(Role.OPERATOR, operator))
    answer = client.get(reverse("wall_park", args=[park.pk]))
    assert answer.status_code == 200 and answer.context["screens"] == []
    assert "stat" not in re.findall(r'class="(\w+)"', answer.content.decode())


@pytest.mark.parametrize("colour", ["tenant", "industry", "lease_end", "use", "vacancy", "energy"])
def test_the_scene_takes_every_colour_of_the_section_and_the_use_of_energy(demo_park: Park, colour: str) -> None:
    html = client_of("operator").get(park_wall(demo_park, on=DAY, colour=colour, screens="park")).content.decode()
    fills = {slab["fill"] for slab in json_of(html, "data-scene>")["slabs"]}
    assert len(fills) > 2


def test_energy_for_each_m2_is_use_over_area_and_unknown_without_a_meter(demo_park: Park) -> None:
    starts_on = DAY - timedelta(days=7)
    found = get_use_per_m2(park=demo_park, energy_kind="ELECTRICITY", starts_on=starts_on, ends_on=DAY)
    assert found and all(value >= 0 for value in found.values())
    fill, legend = charts.energy_colouring(found, unit="kWh")
    answer = client_of("operator").get(park_wall(demo_park, on=DAY))
    states = [p for b in answer.context["screens"][0].content["state"].buildings for p in b.states]
    least, most = min(found, key=found.__getitem__), max(found, key=found.__getitem__)
    by_id = {s.premises_id: s for s in states}
    assert fill(by_id[least]) == "step-1" and fill(by_id[most]) == "step-5"
    unmetered = next(s for s in states if s.premises_id not in found)
    assert fill(unmetered) == "none" and len(legend) == 6


def test_arcs_are_the_pairs_of_the_exchange_and_nothing_else(demo_park: Park) -> None:
    client = client_of("operator")
    html = client.get(park_wall(demo_park, on=DAY, screens="park")).content.decode()
    arcs = json_of(html, "data-scene>")["arcs"]
    page = unescape(client.get(reverse("exchange", args=[demo_park.pk]), {"on": DAY}).content.decode())
    assert arcs
    for arc in arcs:
        offered, needed = arc["text"].split(": ")[0].split(" → ")
        assert offered in page and needed in page


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_the_wall_speaks_the_persons_language(demo_park: Park, language: str) -> None:
    html = client_of("operator", language).get(park_wall(demo_park, on=DAY)).content.decode()
    assert "Seconds for each screen" not in html and "Occupancy" not in html


def test_the_wall_is_dark_whatever_the_theme_of_the_office(demo_park: Park) -> None:
    client = client_of("operator")
    client.cookies["theme"] = "light"
    assert 'data-theme="dark"' in client.get(park_wall(demo_park)).content.decode()


@pytest.mark.parametrize("screen", ["park", "energy", "space", "stars"])
def test_a_screen_needs_no_more_queries_than_pinned(demo_park: Park, screen: str) -> None:
    client = client_of("operator")
    address = park_wall(demo_park, on=DAY, screens=screen)
    client.get(address)
    with pinned_queries(f"cockpit.wall.{screen}"):
        client.get(address)


def test_the_city_needs_no_more_queries_than_pinned(demo_park: Park) -> None:
    client = client_of("bureau")
    client.get(reverse("wall"))
    with pinned_queries("cockpit.wall.city"):
        client.get(reverse("wall"))


def test_the_wall_is_in_the_persons_menu(demo_park: Park) -> None:
    assert f'href="{reverse("wall")}"' in client_of("operator").get(reverse("home")).content.decode()


def test_the_moment_of_a_past_day_is_its_end(db: None) -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=park_zone())
    assert queries.moment_of(on=date(2026, 11, 23), at=now) == now
    assert queries.moment_of(on=date(2026, 11, 20), at=now) == datetime(2026, 11, 20, 23, 59, 59, tzinfo=park_zone())
