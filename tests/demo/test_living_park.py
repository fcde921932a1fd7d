"""The living park is fictional, fits together, and passes the product's own checks."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path

import pytest

from parkbrain.assessment.models import Declaration, Rating, Verification
from parkbrain.assessment.queries import MAIN_SCHEME, gather_facts, get_catalogue, get_scheme
from parkbrain.assessment.services import recompute_matches
from parkbrain.calc import uscc
from parkbrain.demo import load
from parkbrain.enterprises.models import Enterprise, EnterpriseReturn, Occupancy
from parkbrain.kernel.documents import path_of
from parkbrain.kernel.models import Document, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.space.models import Premises, Storey
from tests.demo_fixtures import DEMO_ON, DEMO_SEED


def facts_of(park: Park, *keys: str) -> list[float]:
    return [float(v) for v in gather_facts(park_ids=[park.pk], cut_off_on=DEMO_ON, keys=list(keys)).values[0]]


def test_every_firm_has_a_valid_code_and_a_name_of_its_own_in_both_languages(demo_park: Park) -> None:
    firms = list(Enterprise.objects.all())
    # 152 of the living park, present and former; the others are those of three parks beside it.
    assert len(firms) == 152 + 3 * 17
    assert all(uscc.is_valid(f.uscc) and f.is_fictional and f.name_en and f.name_zh_hant for f in firms)
    assert len({f.name_zh_hans for f in firms}) == len(firms)
    assert len({f.name_en for f in firms}) == len(firms)


def test_128_firms_of_every_size_are_there_on_the_day(demo_park: Park) -> None:
    (tenants,) = facts_of(demo_park, "tenants_active")
    assert tenants == 128
    sizes = set(Enterprise.objects.in_park(demo_park, DEMO_ON).values_list("size_class", flat=True))
    assert {"MICRO", "SMALL", "MEDIUM", "LARGE"} <= sizes
    assert "" in sizes, "a firm without figures has no size"


def test_premises_fit_on_their_storeys_and_bear_less_the_higher_they_lie(demo_park: Park) -> None:
    for storey in Storey.objects.filter(building__site__park=demo_park).prefetch_related("spaces"):
        there = storey.spaces.exclude(premises__removed_on__isnull=False)
        if storey.gross_floor_area_m2 is not None:
            assert sum(s.gross_area_m2 for s in there) <= storey.gross_floor_area_m2
    tower = Premises.objects.filter(park=demo_park, building__code="T1")
    loads = {level: {p.floor_load_kn_m2 for p in tower.filter(spaces__storey__level=level)} for level in range(1, 24)}
    means = [sum(found) / len(found) for found in loads.values()]
    assert means == sorted(means, reverse=True)
    assert len(loads) == 23 and 15 <= means[0] <= 20 and means[-1] <= 8


def test_nobody_shares_premises_and_some_have_left(demo_park: Park) -> None:
    stays = list(Occupancy.objects.filter(premises__park=demo_park).order_by("premises", "starts_on"))
    for earlier, later in itertools.pairwise(stays):
        if earlier.premises_id == later.premises_id:
            assert earlier.ends_on is not None and earlier.ends_on <= later.starts_on
    assert sum(o.ends_on is not None for o in stays) > 20
    assert any(o.ends_on == DEMO_ON - timedelta(days=200) for o in stays), "one vacancy is 200 days old"


def test_the_odd_things_of_real_data_are_there(demo_park: Park) -> None:
    here = Enterprise.objects.in_park(demo_park, DEMO_ON)
    assert here.filter(addresses__kind="REGISTERED", addresses__park=None).exists()
    assert here.filter(qualifications__valid_to_on__lt=DEMO_ON).exists()
    assert here.exclude(pk__in=EnterpriseReturn.objects.values("enterprise")).count() >= 7
    declared = Declaration.objects.get(park=demo_park, fact_key="staff_total", ends_on__year=DEMO_ON.year)
    assert declared.value != facts_of(demo_park, "staff_total")[0], "the rows contradict what is declared"
    assert here.filter(name_zh_hans__contains="集团").exists(), "one firm changed its name"


def test_output_is_about_three_and_a_half_billion_yuan(demo_park: Park) -> None:
    (output_wan,) = facts_of(demo_park, "total_output_wan")
    assert 300_000 < output_wan < 400_000


def test_three_stars_are_proven_and_more_are_within_reach(demo_park: Park) -> None:
    current = Rating.objects.get(park=demo_park, scheme_id=MAIN_SCHEME, state="CURRENT")
    assert (current.class_proven, current.class_reachable) == (3, 4)
    assert min(v[0] for v in current.dimension_scores.values()) < 72, "one dimension is weak"


def test_two_kept_ratings_show_a_climb_and_recompute_to_the_same_hash(demo_park: Park) -> None:
    kept = list(Rating.objects.filter(park=demo_park, state="FROZEN").order_by("cut_off_on"))
    assert [r.cut_off_on.isoformat() for r in kept] == ["2025-12-31", "2026-06-30"]
    assert kept[0].total_proven < kept[1].total_proven
    assert all(recompute_matches(frozen=r) for r in kept)


def test_no_declared_part_is_larger_than_its_whole(demo_park: Park) -> None:
    catalogue = get_catalogue()
    keys = [k for k in get_scheme(scheme_id=MAIN_SCHEME).facts if catalogue[k].part_of]
    for key in keys:
        part, whole = facts_of(demo_park, key, str(catalogue[key].part_of))
        assert not part > whole, key


def test_findings_are_the_assessors_and_one_differs_with_its_reason(demo_park: Park) -> None:
    found = list(Verification.objects.filter(park=demo_park).select_related("verified_by"))
    assert len(found) > 15
    assert {v.verified_by.username for v in found} == {"assessor"}
    assert [bool(v.reason) for v in found].count(True) == 1


def test_evidence_files_are_stored_and_hold_what_they_show(demo_park: Park) -> None:
    papers = Document.objects.filter(park=demo_park, name=f"energy-{DEMO_ON}.txt")
    text = path_of(papers.get().sha256).read_text()
    declared = Declaration.objects.get(park=demo_park, fact_key="final_energy_tce", ends_on__year=DEMO_ON.year)
    assert f"{declared.value:g}" in text and declared.evidence_id == papers.get().pk


def test_there_is_one_sign_in_for_every_role(demo_park: Park, loaded_demo: tuple[load.DemoSummary, Path]) -> None:
    summary, _folder = loaded_demo
    people = User.objects.filter(username__in=[s.username for s in summary.sign_ins])
    assert {m.role for p in people for m in p.memberships.all()} == set(Role.values)
    assert len({s.password for s in summary.sign_ins}) == len(summary.sign_ins)


def test_a_second_load_is_refused_and_changes_nothing(demo_park: Park) -> None:
    before = Park.objects.count()
    with pytest.raises(load.CannotLoadDemo):
        load.load_demo(seed=DEMO_SEED, on=DEMO_ON, city_size=10)
    assert Park.objects.count() == before
