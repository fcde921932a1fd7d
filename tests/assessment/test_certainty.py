"""How sure a park's star is: the page, the API, the city's drawing, and who may see it."""

from __future__ import annotations

import statistics

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from parkbrain.assessment import queries, services
from parkbrain.assessment.models import PeerScores, StarCertainty
from parkbrain.assessment.queries.certainty import CITY_DRAWS
from parkbrain.kernel.models import AuditEvent, Job, Park
from parkbrain.kernel.roles import Role
from parkbrain.ui.assets import DIST
from tests.assessment.factories import declare_scheme
from tests.factories import make_park, make_user
from tests.integration.conftest import Caller, caller_for

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not (DIST / "manifest.json").is_file(), reason="the front end is not built: make setup"),
]

#: Enough for a page, few enough for a test.
FEW = {"draws": 200}
WEAK = {"platform_policy": 0.0, "drills_training_done": 0.0, "satisfaction_score": 80.0, "total_tax_wan": 200.0}


@pytest.fixture
def park() -> Park:
    park = make_park()
    declare_scheme(park=park, changed=WEAK, on=timezone.localdate(), at=timezone.now())
    return park


def client_of(park: Park, role: Role = Role.OPERATOR) -> Client:
    client = Client()
    client.cookies["django_language"] = "en"
    client.force_login(make_user(branch=park.branch.parent or park.branch, role=role))
    return client


def program_of(park: Park) -> Caller:
    return caller_for(make_user(branch=park.branch.parent or park.branch, role=Role.OPERATOR))


def page_of(park: Park, **query: object) -> object:
    return client_of(park).get(reverse("star_certainty", args=[park.pk]), {**FEW, **query})


def test_the_page_names_the_chance_of_every_star_and_what_decides(park: Park) -> None:
    answer = page_of(park)
    shown, text = answer.context["shown"], answer.content.decode()
    assert answer.status_code == 200
    assert sum(one.chance for one in shown.chances) == pytest.approx(1.0)
    for one in shown.chances:
        assert f"{one.name}" in text
    assert shown.drivers
    assert "reference model" in text
    fact = next(one for one in shown.drivers if one.kind == "fact")
    assert reverse("fact_detail", args=[park.pk, fact.subject]) in text


def test_the_page_says_what_the_api_says(park: Park) -> None:
    shown = page_of(park, seed=3).context["shown"]
    found = program_of(park).get(f"parks/{park.pk}/certainty?draws={FEW['draws']}&seed=3").json()
    assert [one["chance"] for one in found["chances"]] == [one.chance for one in shown.chances]
    assert found["quantiles"] == list(shown.found.quantiles)
    assert [one["total_order"] for one in found["drivers"]] == [one.total for one in shown.drivers]
    assert found["likeliest"] == shown.likeliest.rank


def test_the_page_says_how_far_its_own_chances_may_be_off(park: Park) -> None:
    answer = page_of(park)
    shown, text = answer.context["shown"], answer.content.decode()
    for one in shown.chances:
        assert one.error == pytest.approx((one.chance * (1 - one.chance) / FEW["draws"]) ** 0.5)
    open_one = next(one for one in shown.chances if 0 < one.chance < 1)
    assert f"± {open_one.error_text} points" in text and "from 200 draws" in text
    assert "a chance below 1.49%" in text, "what no draw ended in is not impossible"
    found = program_of(park).get(f"parks/{park.pk}/certainty?draws={FEW['draws']}").json()
    assert [one["standard_error"] for one in found["chances"]] == [one.error for one in shown.chances]
    assert found["draws"] == FEW["draws"]


def test_the_error_that_is_said_is_the_one_that_other_seeds_show(park: Park) -> None:
    sheet = queries.get_star_sheet(park=park)
    seen = [
        queries.get_certainty(sheet=sheet, assumptions=queries.Assumptions(draws=400, seed=seed)).chances
        for seed in range(12)
    ]
    rank = max(range(len(seen[0])), key=lambda n: seen[0][n].error)
    spread = statistics.stdev(chances[rank].chance for chances in seen)
    said = statistics.mean(chances[rank].error for chances in seen)
    assert 0.5 * said < spread < 1.7 * said


def test_with_every_assumption_at_nothing_the_star_is_certain(park: Park) -> None:
    nothing = dict.fromkeys(("declared", "computed", "verified", "thresholds", "weights", "filled"), 0)
    answer = page_of(park, **nothing)
    shown = answer.context["shown"]
    assert shown.proven.chance == 1.0
    assert shown.drivers == []
    assert "nothing moves the total" in answer.content.decode()


def test_wrong_assumptions_are_named_and_what_was_typed_stays(park: Park) -> None:
    answer = page_of(park, thresholds="900")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'value="900"' in text
    assert "Thresholds moved by" in text
    assert program_of(park).get(f"parks/{park.pk}/certainty?thresholds=900").status_code == 422


def test_an_uncovered_period_widens_a_fact() -> None:
    usual = queries.Assumptions()
    assert usual.relative_of(standing="c", coverage=1.0) == pytest.approx(0.03)
    assert usual.relative_of(standing="c", coverage=0.6) == pytest.approx((0.03**2 + 0.4**2) ** 0.5)
    assert usual.relative_of(standing="v", coverage=1.0) < usual.relative_of(standing="d", coverage=1.0)


def test_a_rare_class_is_not_called_impossible() -> None:
    texts = [queries.ClassChance(1, "", chance, False).text for chance in (0.0, 0.001, 0.42, 0.999, 1.0)]
    assert texts == ["0%", "< 1%", "42%", "> 99%", "100%"]


def test_drawing_the_city_gives_every_park_its_place_and_its_peers(park: Park) -> None:
    other = make_park()
    declare_scheme(park=other, changed={"satisfaction_score": 60.0}, on=timezone.localdate(), at=timezone.now())
    told = []
    assert services.refresh_certainty(at=timezone.now(), progress=lambda done, total: told.append((done, total))) == 2
    rows = {row.park_id: row for row in StarCertainty.objects.all()}
    assert set(rows) == {park.pk, other.pk}
    assert all(sum(row.probabilities) == pytest.approx(1.0, abs=0.001) for row in rows.values())
    assert rows[park.pk].park_count == 2
    assert rows[park.pk].draws == CITY_DRAWS
    assert told[-1][0] == told[-1][1]
    assert PeerScores.objects.get().scores["scores"]["F2.1"]
    shown = page_of(park).context["shown"]
    assert shown.city is not None
    assert shown.is_city_current
    own = rows[park.pk].certainty
    assert shown.city_error_text == f"{100 * (own * (1 - own) / CITY_DRAWS) ** 0.5:.1f}"


def test_a_changed_fact_marks_the_place_as_of_before(park: Park) -> None:
    services.refresh_certainty(at=timezone.now())
    declare_scheme(park=park, changed=WEAK | {"satisfaction_score": 90.0}, on=timezone.localdate(), at=timezone.now())
    answer = page_of(park)
    assert not answer.context["shown"].is_city_current
    assert "facts changed since" in answer.content.decode()


def test_another_parks_person_and_program_find_nothing(park: Park) -> None:
    other = make_park()
    assert client_of(other).get(reverse("star_certainty", args=[park.pk])).status_code == 404
    assert program_of(other).get(f"parks/{park.pk}/certainty").status_code == 404


def test_a_read_only_role_sees_it_and_nothing_is_written(park: Park) -> None:
    before = AuditEvent.objects.count(), StarCertainty.objects.count()
    assert client_of(park, Role.ASSESSOR).get(reverse("star_certainty", args=[park.pk]), FEW).status_code == 200
    assert (AuditEvent.objects.count(), StarCertainty.objects.count()) == before


def test_a_park_of_which_nothing_is_known_says_so() -> None:
    bare = make_park()
    assert "Nothing is known yet" in page_of(bare).content.decode()


def test_only_who_oversees_the_city_starts_its_drawing_and_twice_is_once(park: Park) -> None:
    with pytest.raises(services.CannotDrawCity):
        services.start_drawing(actor=make_user(branch=park.branch, role=Role.OPERATOR), at=timezone.now())
    bureau = make_user(role=Role.BUREAU)
    first = services.start_drawing(actor=bureau, at=timezone.now())
    assert services.start_drawing(actor=bureau, at=timezone.now()).pk == first.pk
    assert AuditEvent.objects.filter(code="assessment.certainty.started").count() == 1
    services.cancel_drawing(actor=bureau)
    assert Job.objects.filter(kind=queries.DRAW_CITY).count() == 1
