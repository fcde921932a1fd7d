"""Frozen ratings stand for ever and can be computed anew; current ones follow the data."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from parkbrain.assessment import queries, services
from parkbrain.assessment.models import Rating
from parkbrain.kernel.models import AuditEvent, Park
from parkbrain.kernel.roles import Role
from parkbrain.schemes import path as shipped_path
from tests.assessment.factories import declare_scheme, make_declaration, make_verification
from tests.factories import AT, ON, make_park, make_user

pytestmark = pytest.mark.django_db


def freeze(
    park: Park, *, title: str = "Half-year 2026", role: str = Role.ASSESSOR, scheme_id: str = queries.MAIN_SCHEME
) -> Rating:
    return services.freeze_rating(
        park=park, scheme_id=scheme_id, cut_off_on=ON, title=title, actor=make_user(role, park.branch), at=AT
    )


def test_a_frozen_rating_computed_anew_gives_the_same_hash() -> None:
    park = make_park()
    declare_scheme(park=park, without=("leads_signed_12m", "planning_dev_plan"))
    frozen = Rating.objects.get(pk=freeze(park).pk)
    assert len(frozen.result_hash) == 64
    assert services.recompute_matches(frozen=frozen) is True
    assert AuditEvent.objects.filter(code="assessment.rating.frozen", park=park).exists()


def test_the_same_facts_give_the_same_hash_in_another_park() -> None:
    parks = [make_park(), make_park()]
    for park in parks:
        declare_scheme(park=park)
    assert freeze(parks[0]).result_hash == freeze(parks[1]).result_hash


def test_a_changed_input_no_longer_matches_the_hash() -> None:
    park = make_park()
    declare_scheme(park=park)
    frozen = Rating.objects.get(pk=freeze(park).pk)
    frozen.inputs["satisfaction_score"][0] = 61.0
    assert services.recompute_matches(frozen=frozen) is False


def test_a_frozen_rating_stands_when_the_facts_move_on() -> None:
    park = make_park()
    declare_scheme(park=park)
    frozen = freeze(park)
    before = frozen.total_proven
    make_verification(park=park, fact_key="satisfaction_score", value=10.0)
    services.refresh_ratings(park_ids=[park.pk], on=ON, at=AT)
    frozen.refresh_from_db()
    assert frozen.total_proven == before
    assert Rating.objects.get(park=park, scheme_id=queries.MAIN_SCHEME, state="CURRENT").total_proven < before
    assert queries.build_sheet(row=frozen).unit.total_proven == before


def test_comparing_says_which_fact_moved_and_by_how_many_points() -> None:
    park = make_park()
    declare_scheme(park=park, changed={"satisfaction_score": 75.0})
    before = freeze(park)
    make_verification(park=park, fact_key="satisfaction_score", value=95.0)
    after = freeze(park, title="After the survey")
    comparison = queries.compare_ratings(before=before, after=after)
    assert [move.fact.key for move in comparison.moves] == ["satisfaction_score"]
    # From a score of 60 to one of 100, at a weight of 3 in 100.
    assert comparison.moves[0].points == pytest.approx(1.2)
    assert comparison.moves[0].indicators[0][0] == "F2.1"


def test_a_rating_under_an_older_scheme_keeps_its_numbers(settings: Any, tmp_path: Path) -> None:
    """An own scheme changes after a rating was frozen by it: the old one still opens and still proves itself."""
    settings.HOME_DIR = tmp_path
    (tmp_path / "schemes").mkdir()
    own = yaml.safe_load(shipped_path("five_star_reference.yaml").read_text(encoding="utf-8"))
    own["id"] = "our-own"
    file = tmp_path / "schemes" / "own.yaml"
    file.write_text(yaml.safe_dump(own, allow_unicode=True), encoding="utf-8")
    park = make_park()
    declare_scheme(park=park, changed={"satisfaction_score": 75.0})
    frozen = freeze(park, scheme_id="our-own")
    # The new version no longer asks for satisfaction at all.
    own["version"] = "2"
    for dimension in own["tree"]:
        for factor in dimension["children"]:
            factor["children"] = [one for one in factor["children"] if one["id"] != "F2.1"]
    file.write_text(yaml.safe_dump(own, allow_unicode=True) + "\n", encoding="utf-8")
    frozen = Rating.objects.get(pk=frozen.pk)
    assert queries.get_scheme(scheme_id="our-own").version == "2"
    sheet = queries.build_sheet(row=frozen)
    assert "F2.1" in {row.id for row in sheet.rows}
    assert sheet.unit.total_proven == frozen.total_proven
    assert services.recompute_matches(frozen=frozen) is True


def test_nothing_known_cannot_be_frozen() -> None:
    with pytest.raises(services.CannotFreezeRating):
        freeze(make_park())


def test_a_cut_off_that_lies_ahead_cannot_be_frozen() -> None:
    park = make_park()
    declare_scheme(park=park)
    with pytest.raises(services.CannotFreezeRating):
        services.freeze_rating(
            park=park,
            scheme_id=queries.MAIN_SCHEME,
            cut_off_on=ON + timedelta(days=5),
            title="Too early",
            actor=make_user(Role.ASSESSOR, park.branch),
            at=AT,
        )


@pytest.mark.parametrize("role", [Role.BUREAU, Role.SERVICE_PROVIDER, None])
def test_who_may_not_freeze_is_refused(role: str | None) -> None:
    park = make_park()
    declare_scheme(park=park)
    with pytest.raises(services.CannotFreezeRating):
        freeze(park, role=role)  # type: ignore[arg-type]


def test_a_park_of_public_statements_is_not_rated() -> None:
    park = make_park(standing=Park.Standing.AS_STATED)
    make_declaration(park=park, fact_key="satisfaction_score", value=80)
    assert services.refresh_ratings(park_ids=[park.pk], on=ON, at=AT) == 0
    assert not Rating.objects.exists()


def test_refreshing_twice_leaves_one_current_rating_for_each_scheme() -> None:
    park = make_park()
    declare_scheme(park=park)
    services.refresh_ratings(park_ids=[park.pk], on=ON, at=AT)
    current = Rating.objects.filter(park=park, state=Rating.State.CURRENT)
    assert sorted(current.values_list("scheme_id", flat=True)) == sorted(
        set(current.values_list("scheme_id", flat=True))
    )


def test_a_fall_since_the_last_frozen_rating_needs_attention() -> None:
    park = make_park()
    declare_scheme(park=park, changed={"satisfaction_score": 95.0})
    freeze(park)
    make_verification(park=park, fact_key="satisfaction_score", value=61.0)
    services.refresh_ratings(park_ids=[park.pk], on=ON, at=AT)
    found = queries.list_attention(user=make_user(Role.OPERATOR, park.branch), park=park, on=ON)
    assert any(f"/parks/{park.pk}/ratings/compare/" in item.url for item in found)
