"""The schemes that ship: their counts, their weights, and what they say about parks whose result is known."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest

from parkbrain import schemes
from parkbrain.calc import rating

FIVE_STAR, HJ, GREEN = schemes.scheme_names()


@cache
def load(name: str) -> rating.Scheme:
    return rating.load_scheme(schemes.path(f"{name}.yaml"), catalogue=schemes.catalogue())


def rate(scheme: rating.Scheme, facts: dict[str, float | None]) -> rating.UnitResult:
    return rating.rate(scheme, rating.FactTable.from_rows({"Park": facts})).unit("Park")


def proven(scheme: rating.Scheme, indicator: str, **facts: float) -> float | None:
    return rate(scheme, dict(facts)).indicators[indicator].proven


@pytest.mark.parametrize("name", schemes.scheme_names())
def test_scheme_loads_against_the_catalogue_and_says_how_sure_it_is(name: str) -> None:
    scheme = load(name)
    assert set(scheme.notice) == {"en", "zh-Hans", "zh-Hant"}
    assert all(one.basis and one.confidence in {"found", "known", "inferred"} for one in scheme.indicators)


@pytest.mark.parametrize("name", schemes.scheme_names())
def test_names_of_siblings_differ_in_every_language(name: str) -> None:
    for node in load(name).nodes:
        for language in ("en", "zh-Hans", "zh-Hant"):
            names = [child.name[language] for child in node.children]
            assert len(names) == len(set(names)), node.id


def test_ids_of_schemes_and_names_of_files_agree() -> None:
    assert [load(name).id for name in schemes.scheme_names()] == [
        name.replace("_", "-") for name in schemes.scheme_names()
    ]


# The five-star reference model


def test_reference_model_has_6_dimensions_20_factors_63_indicators_and_no_clause() -> None:
    scheme = load(FIVE_STAR)
    levels = [node.level for node in scheme.nodes]
    assert [levels.count(each) for each in ("dimension", "factor", "indicator")] == [6, 20, 63]
    assert {one.clause for one in scheme.indicators} == {None}
    assert scheme.status == "reference"


def test_weights_of_the_reference_model_sum_to_100_at_every_level() -> None:
    scheme = load(FIVE_STAR)
    assert sum(node.weight for node in scheme.root.children) == pytest.approx(100)
    for node in scheme.nodes:
        if node.children and node is not scheme.root:
            assert sum(child.weight for child in node.children) == pytest.approx(node.weight), node.id


def test_breakpoints_rise_in_value_and_run_the_way_that_is_better() -> None:
    for one in load(FIVE_STAR).indicators:
        points = one.score.options.get("points", ())
        sign = -1 if one.direction == "lower" else 1
        for left, right in pairwise(points):
            assert left[0] < right[0], one.id
            assert sign * (right[1] - left[1]) >= 0, one.id


def test_thresholds_of_stars_fall_from_five_to_one() -> None:
    classes = load(FIVE_STAR).outcome.classes
    assert [one.rank for one in classes] == [5, 4, 3, 2, 1]
    assert [one.min_total for one in classes] == [90, 80, 70, 60, 50]
    assert [dict(one.min_nodes).get("dimension") for one in classes] == [75, 65, 60, 50, None]
    assert [one.gates for one in classes] == [("G1", "G2"), ("G1", "G2"), ("G1",), (), ()]


@pytest.mark.parametrize(
    ("indicator", "facts", "score"),
    [
        ("F1.1", {"leased_area_m2": 85, "leasable_area_m2": 100}, 85),
        ("F1.1", {"leased_area_m2": 87.5, "leasable_area_m2": 100}, 88.5),
        ("F1.1", {"leased_area_m2": 97, "leasable_area_m2": 100}, 100),
        ("C2.1", {"co2_scope12_t": 357, "value_added_wan": 1000}, 95),
        ("C2.1", {"co2_scope12_t": 800, "value_added_wan": 1000}, 77.5),
        ("C3.4", {"green_cover_m2": 30, "park_land_m2": 100}, 100),
        ("C3.4", {"green_cover_m2": 12, "park_land_m2": 100}, 24),
        ("C4.2", {"hazards_closed_on_time": 97, "hazards_due": 100}, 86.7),
        ("A3.3", {"vacant_area_days": 150_000, "vacant_area_m2": 1000}, 75),
        ("C1.3", {"obsolete_equipment_kw": 35, "covered_equipment_kw": 1000}, 85),
        ("F1.2", {"total_output_wan": 1250, "park_land_mu": 10, "ref_output_per_mu_wan": 100}, 80),
        ("E1.1", {"leading_output_wan": 60, "total_output_wan": 100}, 72.5),
        ("F2.2", {"output_now_wan": 0.88**3 * 100, "output_3y_ago_wan": 100}, 0),
    ],
)
def test_golden_values_come_out_of_the_facts(indicator: str, facts: dict[str, float], score: float) -> None:
    assert proven(load(FIVE_STAR), indicator, **facts) == pytest.approx(score, abs=1e-9)


def test_growth_of_the_reference_model_is_the_compound_rate_of_three_years() -> None:
    value = rate(load(FIVE_STAR), {"output_now_wan": 1331, "output_3y_ago_wan": 1000}).indicators["F2.2"].value
    assert value == pytest.approx(10)


@pytest.mark.parametrize(
    ("indicator", "absent"),
    [
        ("A3.3", {"vacant_area_m2": 0, "vacant_area_days": 0}),
        ("A5.1", {"exit_triggers_raised": 0, "exit_triggers_decided_in_time": 0, "exit_trigger_run_logged": 1}),
        ("A5.2", {"loweff_area_start_m2": 0, "loweff_area_disposed_m2": 0, "efficiency_classification_run": 1}),
    ],
)
def test_nothing_to_do_earns_the_full_score_where_the_model_says_so(indicator: str, absent: dict[str, float]) -> None:
    assert proven(load(FIVE_STAR), indicator, **absent) == 100


def test_no_trigger_without_a_logged_run_earns_nothing() -> None:
    facts = {"exit_triggers_raised": 0, "exit_triggers_decided_in_time": 0, "exit_trigger_run_logged": 0}
    assert proven(load(FIVE_STAR), "A5.1", **facts) == 0


def test_an_indicator_that_does_not_apply_gives_its_weight_to_its_siblings() -> None:
    scheme = load(FIVE_STAR)
    park = rate(scheme, {"startup_tenants": 0, "growth_tenants": 3, "leading_tenants": 2})
    weight = next(node.weight for node in scheme.nodes if node.id == "B2")
    assert park.indicators["B2.1"].weight_in_force == 0
    assert sum(park.indicators[key].weight_in_force for key in ("B2.2", "B2.3")) == pytest.approx(weight)


# HJ 274-2015

#: Each just at its limit.
MANDATORY: dict[str, float | None] = {
    "symbiosis_projects_new": 6,
    "value_added_growth_percent": 10,
    "energy_growth_percent": 6,
    "fresh_water_growth_percent": 5.5,
    "pollutant_growth_percent": 3,
    "key_polluters": 4,
    "key_polluters_in_limits": 4,
    "emission_targets_set": 2,
    "emission_targets_met": 2,
    "major_env_events_36m": 0,
    "env_management_items_required": 10,
    "env_management_items_held": 10,
    "cleaner_production_required": 3,
    "cleaner_production_done": 3,
    "central_wastewater_treatment": 1,
    "env_risk_items_required": 8,
    "env_risk_items_held": 8,
    "sw_hw_generated_t": 50,
    "sw_hw_handled_t": 50,
    "co2_intensity_prev": 1.0,
    "co2_intensity_now": 0.97,
    "green_cover_m2": 15,
    "park_land_m2": 100,
    "disclosure_required": 4,
    "disclosure_done": 4,
    "eco_platform_items_required": 5,
    "eco_platform_items_held": 5,
    "eco_events_12m": 2,
}
ONE_OF_EACH_GROUP: dict[str, float | None] = {
    "hnte_output_wan": 30,
    "industrial_output_wan": 100,
    "sw_utilised_t": 70,
    "sw_generated_t": 90,
    "sw_old_stock_used_t": 10,
    "industrial_value_added_wan": 90_000,
    "industrial_land_km2": 1,
    "industrial_energy_tce": 45_000,
    "fresh_industrial_water_m3": 720_000,
    "industrial_wastewater_t": 630_000,
}
ECO_PARK = {**MANDATORY, **ONE_OF_EACH_GROUP}


def test_hj_274_has_32_items_17_mandatory_and_six_groups() -> None:
    scheme = load(HJ)
    mandatory, *groups = scheme.root.children
    assert len(scheme.indicators) == 32
    assert (len(mandatory.children), mandatory.aggregate.method) == (17, "minimum")
    assert [len(group.children) for group in groups] == [4, 2, 2, 2, 3, 2]
    assert {(group.aggregate.method, group.aggregate.k) for group in groups} == {("best", 1)}
    assert sorted(int(one.clause or 0) for one in scheme.indicators) == list(range(1, 33))


def test_a_park_just_at_every_limit_passes() -> None:
    park = rate(load(HJ), ECO_PARK)
    assert [key for key, one in park.indicators.items() if one.proven == 0 and one.value is not None] == []
    assert (park.total_proven, park.class_proven) == (100, 1)


@pytest.mark.parametrize("key", MANDATORY)
def test_one_mandatory_fact_missing_leaves_the_pass_reachable_and_not_proven(key: str) -> None:
    park = rate(load(HJ), {**ECO_PARK, key: None})
    assert (park.class_proven, park.class_reachable) == (0, 1)


@pytest.mark.parametrize(
    ("worse", "indicator"),
    [
        ({"symbiosis_projects_new": 5}, "H05"),
        ({"energy_growth_percent": 6.1}, "H10"),
        ({"fresh_water_growth_percent": 5.6}, "H13"),
        ({"pollutant_growth_percent": 3.1}, "H25"),
        ({"key_polluters_in_limits": 3}, "H17"),
        ({"major_env_events_36m": 1}, "H19"),
        ({"co2_intensity_now": 0.971}, "H26"),
        ({"green_cover_m2": 14.9}, "H29"),
        ({"eco_events_12m": 1}, "H32"),
    ],
)
def test_missing_one_mandatory_limit_fails_the_park(worse: dict[str, float], indicator: str) -> None:
    park = rate(load(HJ), {**ECO_PARK, **worse})
    assert park.indicators[indicator].proven == 0
    assert (park.total_reachable, park.class_reachable) == (0, 0)


def test_one_item_of_a_group_is_enough_and_none_is_not() -> None:
    scheme = load(HJ)
    by_head = {**ECO_PARK, "hnte_output_wan": 10, "industrial_staff_mean": 6000}
    assert rate(scheme, by_head).class_proven == 1
    growth = {"industrial_value_added_3y_ago_wan": 89_000, "recycling_value_added_wan": 0}
    none = {**by_head, **growth, "industrial_staff_mean": 6001}
    assert rate(scheme, none).nodes["G1"].reachable == 0


@pytest.mark.parametrize(
    ("value_added", "energy", "score"),
    [(10, 6, 100), (10, 7, 0), (10, -5, 100), (-10, -6, 100), (-10, -5, 0), (-10, 2, 0)],
)
def test_limit_of_an_elasticity_turns_with_the_sign_of_growth(value_added: float, energy: float, score: float) -> None:
    facts = {"value_added_growth_percent": value_added, "energy_growth_percent": energy}
    assert proven(load(HJ), "H10", **facts) == score


def test_an_elasticity_without_growth_is_not_assessed() -> None:
    park = rate(load(HJ), {"value_added_growth_percent": 0, "energy_growth_percent": 2})
    assert park.indicators["H10"].value is None
    assert (park.indicators["H10"].proven, park.indicators["H10"].reachable) == (0, 100)


@pytest.mark.parametrize(("short", "north", "limit"), [(0, 0, 10), (1, 0, 20), (0, 1, 30), (1, 1, 30)])
def test_limit_of_reclaimed_water_depends_on_the_region(short: int, north: int, limit: float) -> None:
    place = {"water_short_city": short, "in_beijing_tianjin_hebei": north, "wastewater_treated_m3": 1000}
    assert proven(load(HJ), "H16", reclaimed_water_m3=10 * limit, **place) == 100
    assert proven(load(HJ), "H16", reclaimed_water_m3=10 * limit - 1, **place) == 0


def test_reclaimed_water_of_an_unknown_region_is_not_assessed() -> None:
    park = rate(load(HJ), {"reclaimed_water_m3": 150, "wastewater_treated_m3": 1000})
    assert (park.indicators["H16"].proven, park.indicators["H16"].reachable) == (0, 100)


def test_all_of_no_key_polluters_keep_the_limits() -> None:
    assert proven(load(HJ), "H17", key_polluters=0, key_polluters_in_limits=0) == 100


# The green-park index

GREEN_PARK: dict[str, float | None] = {
    "industrial_value_added_wan": 150_000,
    "energy_tce_total": 50_000,
    "renewable_energy_tce": 7500,
    "clean_energy_tce": 75,
    "final_energy_tce": 100,
    "fresh_industrial_water_m3": 1_000_000,
    "industrial_land_km2": 1,
    "sw_utilised_t": 95,
    "sw_generated_t": 100,
    "sw_old_stock_used_t": 0,
    "reused_water_m3": 9_000_000,
    "reclaimed_water_m3": 30,
    "wastewater_treated_m3": 100,
    "waste_heat_used_gj": 60,
    "waste_heat_available_gj": 100,
    "central_wastewater_treatment": 1,
    "green_public_building_m2": 60,
    "new_public_building_m2": 100,
    "clean_buses": 3,
    "buses": 10,
    "hightech_industry_output_wan": 30,
    "industrial_output_wan": 100,
    "green_industry_value_added_wan": 45_000,
    "industrial_staff_mean": 10_000,
    "sw_hw_handled_t": 1,
    "sw_hw_generated_t": 1,
    "co2_intensity_prev": 1.0,
    "co2_intensity_now": 0.97,
    "industrial_wastewater_t": 750_000,
    "value_added_growth_percent": 10,
    "pollutant_growth_percent": 3,
    "good_air_days_12m": 288,
    "air_days_valid_12m": 360,
    "green_cover_m2": 30,
    "park_land_m2": 100,
    "green_standards_complete": 1,
    "green_plan_written": 1,
    "green_platform_complete": 1,
}


def test_green_index_has_31_indicators_18_mandatory_and_6_chosen_of_13() -> None:
    scheme = load(GREEN)
    requirements = [node for node in scheme.nodes if node.level == "requirement"]
    mandatory = [node for node in requirements if node.aggregate.method == "arithmetic"]
    choices = [node for node in requirements if node.aggregate.method == "best"]
    assert len(scheme.indicators) == 31
    assert sum(len(node.children) for node in mandatory) == 18
    assert sum(len(node.children) for node in choices) == 13
    assert sum(node.aggregate.k or 0 for node in choices) == 6
    assert all(node.weight == node.aggregate.k for node in choices)
    assert sum(node.weight for node in scheme.root.children) == 24
    for node in scheme.nodes:
        if node.level == "group":
            assert node.weight == sum(child.weight for child in node.children)


def test_a_park_at_every_leading_value_has_an_index_of_100() -> None:
    assert rate(load(GREEN), GREEN_PARK).total_proven == 100


def test_each_of_the_24_counts_alike() -> None:
    half = {**GREEN_PARK, "hightech_industry_output_wan": 15}
    assert rate(load(GREEN), half).total_proven == pytest.approx(100 - 50 / 24, abs=0.005)


def test_the_better_optional_indicator_is_chosen() -> None:
    scheme = load(GREEN)
    both = {**GREEN_PARK, "clean_buses": 1, "bus_stop_covered_m2": 90}
    assert rate(scheme, both).total_proven == 100
    assert rate(scheme, {**both, "bus_stop_covered_m2": 0}).total_proven < 100


def test_ratios_above_the_leading_value_count_up_to_the_cap() -> None:
    facts = {"industrial_value_added_wan": 300_000, "energy_tce_total": 50_000}
    assert proven(load(GREEN), "I01", **facts) == 100
    caps = {one.score.options.get("cap") for one in load(GREEN).indicators if one.score.method == "distance_to_target"}
    assert caps == {100}


def test_lower_is_better_for_waste_water_and_pollutants() -> None:
    lower = {one.id for one in load(GREEN).indicators if one.direction == "lower"}
    assert lower == {"I23", "I24"}
    assert proven(load(GREEN), "I23", industrial_wastewater_t=10, industrial_value_added_wan=1) == 50


def test_elasticity_of_pollutants_is_not_assessed_where_value_added_falls() -> None:
    park = rate(load(GREEN), {"value_added_growth_percent": -5, "pollutant_growth_percent": 3})
    assert park.indicators["I24"].value is None
    assert park.indicators["I24"].proven == 0
