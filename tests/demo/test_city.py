"""The fictional city is believable and deterministic; real parks appear as stated and nowhere else."""

from __future__ import annotations

import os
import time

import pytest
from django.test import override_settings

from parkbrain.assessment.models import Declaration, Rating
from parkbrain.assessment.queries import MAIN_SCHEME
from parkbrain.demo import city, draws, firms, load
from parkbrain.kernel.models import Branch, Park
from parkbrain.portfolio.queries import get_article
from tests.demo_fixtures import DEMO_ON, DEMO_SEED, DEMO_SIZE


def test_the_same_seed_and_day_give_the_same_firms_and_parks() -> None:
    def drawn(seed: int) -> tuple[object, object]:
        operators = city.operator_rows(seed=seed, park_count=60)
        return (
            firms.draw_firms(seed=seed, on=DEMO_ON, count=40),
            city.draw_city(seed=seed, on=DEMO_ON, count=60, operators=operators),
        )

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_shenzhen_holds_as_many_parks_as_asked_for_with_the_real_ones_among_them(demo_park: Park) -> None:
    assert Park.objects.filter(branch__path__startswith=Branch.objects.get(code=city.CITY).path).count() == DEMO_SIZE


def test_parks_lie_inside_their_districts(demo_park: Park) -> None:
    shapes = city._shapes()
    for park in Park.objects.filter(code__startswith="sz-"):
        rings = shapes[park.district_code]
        assert any(city._inside(park.longitude, park.latitude, ring) for ring in rings), park.code


def test_no_fictional_park_bears_the_name_of_a_real_one() -> None:
    operators = city.operator_rows(seed=DEMO_SEED, park_count=4420)
    names = {p.row["name_zh_hans"] for p in city.draw_city(seed=DEMO_SEED, on=DEMO_ON, count=4416, operators=operators)}
    real = {park["name"]["zh-Hans"] for park in get_article()["parks"]}
    assert len(names) == 4416, "every park has a name of its own"
    assert not names & real


def test_of_real_parks_only_what_was_said_is_kept(demo_park: Park) -> None:
    real = Park.objects.filter(standing="AS_STATED")
    assert real.count() == len(get_article()["parks"])
    assert not Rating.objects.filter(park__in=real).exists()
    facts = list(Declaration.objects.filter(park__in=real))
    assert [(f.park.code, f.fact_key, f.value, f.note) for f in facts] == [
        ("chengdu-digital-image", "total_output_wan", 370000.0, "as stated: article")
    ]
    assert not real.exclude(land_area_m2=None, opened_on=None, premises=None).exists()


def test_real_parks_of_other_cities_lie_outside_shenzhen(demo_park: Park) -> None:
    shenzhen = Branch.objects.get(code=city.CITY)
    outside = Park.objects.filter(standing="AS_STATED").exclude(branch__path__startswith=shenzhen.path)
    assert outside.count() == 4
    operators = {p.code: p.branch.parent.code for p in outside if p.branch.parent.kind == "OPERATOR"}
    assert operators == {"chengdu-digital-image": "shumei"}


def test_data_files_name_every_district_with_its_streets() -> None:
    districts = draws.data("city.yaml")["districts"]
    assert len(districts) >= 9
    assert all(d["code"].startswith("4403") and d["streets"] and d["en"] for d in districts)


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("PARKBRAIN_SLOW"), reason="4,420 parks take half a minute: set PARKBRAIN_SLOW=1")
@pytest.mark.django_db
def test_about_a_tenth_of_a_whole_city_has_three_stars_or_more() -> None:
    started = time.process_time()
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        load.load_demo(seed=DEMO_SEED, on=DEMO_ON)
    seconds = time.process_time() - started
    ratings = Rating.objects.filter(scheme_id=MAIN_SCHEME, state="CURRENT")
    share = ratings.filter(class_proven__gte=3).count() / ratings.count()
    assert ratings.count() == 4417
    assert 0.08 <= share <= 0.12
    assert ratings.filter(class_proven=0).count() / ratings.count() < 0.75
    assert ratings.filter(class_proven=5).exists()
    assert seconds < 40
