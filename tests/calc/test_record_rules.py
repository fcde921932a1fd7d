"""Credit codes, size classes, segments, vacancy and space profiles, without a database."""

from __future__ import annotations

import doctest
from datetime import date

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from parkbrain import schemes
from parkbrain.calc import segments, size_class, specfit, uscc, vacancy
from parkbrain.calc.segments import TenantFigures, segments_of
from parkbrain.calc.size_class import CLASSES, SizeRule, rule_for, size_classes
from parkbrain.calc.specfit import PremisesSpec, SpaceProfile, fit

DOCUMENT = yaml.safe_load(schemes.path("size_classes.yaml").read_text(encoding="utf-8"))
RULES = [
    SizeRule(s["id"], tuple(s["industries"]), tuple(s["limits"][n] for n in ("small", "medium", "large")))
    for s in DOCUMENT["sectors"]
]


@pytest.mark.parametrize("module", [segments, size_class, specfit, uscc, vacancy], ids=lambda m: m.__name__)
def test_examples_in_the_docstrings_hold(module: object) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0


# Codes of organizations as they are published on their own sites; the first is the example of the standard's training.
@pytest.mark.parametrize(
    "code",
    ["91350100M000100Y43", "91440300708461136T", "914403001922038216", "91110000802100433B", "91330100799655058B"],
)
def test_published_credit_codes_are_valid(code: str) -> None:
    assert uscc.problem_of(code) is None


@given(st.text(alphabet=uscc.ALPHABET, min_size=9, max_size=9), st.integers(0, 999_999))
def test_one_wrong_character_is_always_found(body: str, area: int) -> None:
    code = uscc.complete(f"91{area:06d}{body}")
    assert uscc.is_valid(code)
    for place in range(len(code)):
        other = uscc.ALPHABET[(uscc.ALPHABET.index(code[place]) + 1) % len(uscc.ALPHABET)]
        assert not uscc.is_valid(code[:place] + other + code[place + 1 :])


def test_problem_names_what_is_wrong() -> None:
    assert uscc.problem_of("9135") == ("length", "4")
    assert uscc.problem_of("91350100M0001O0Y43") == ("character", "O")
    assert uscc.problem_of("91A50100M000100Y43") == ("area", "A50100")
    assert uscc.problem_of("91350100M000100Y4A") == ("check", "3")


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.sector)
@pytest.mark.parametrize("place", [0, 1, 2], ids=["small", "medium", "large"])
def test_every_limit_of_every_sector_belongs_to_the_upper_class(rule: SizeRule, place: int) -> None:
    exact = {f: [float(v)] for f, v in rule.limits[place].items()}
    assert size_classes(rule, exact)[0] == place + 1
    for field in exact:
        below = {**exact, field: [exact[field][0] - 0.01]}
        assert size_classes(rule, below)[0] < place + 1, f"{field} just below the limit"


@given(st.data())
def test_more_never_makes_a_firm_smaller(data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(RULES))
    figure = st.floats(0, 1e6, allow_nan=False)
    first = {f: data.draw(figure) for f in rule.fields}
    more = {f: v + data.draw(st.floats(0, 1e6, allow_nan=False)) for f, v in first.items()}
    both = size_classes(rule, {f: [first[f], more[f]] for f in rule.fields})
    assert both[0] <= both[1]


def test_unknown_figure_decides_only_where_it_cannot_matter() -> None:
    industry = rule_for("3491", RULES)
    assert industry is not None
    classes = size_classes(industry, {"staff_count": [10.0, 500.0], "revenue_wan": [np.nan, np.nan]})
    # Fewer than 20 people is micro whatever the revenue; 500 people may be anything.
    assert classes.tolist() == [CLASSES.index("MICRO"), size_class.UNKNOWN]


def test_longest_code_decides_the_sector() -> None:
    assert [rule_for(code, RULES).sector for code in ("7010", "7020", "7030", "3491")] == [
        "real_estate_development",
        "property_management",
        "others",
        "industry",
    ]
    assert rule_for("T", RULES) is None


def test_top_tenth_of_output_leads_and_the_reason_is_told() -> None:
    tenants = [TenantFigures("SMALL", date(2010, 1, 1), output_wan=float(n)) for n in range(1, 21)]
    placed = segments_of(tenants, date(2026, 6, 30))
    assert [i for i, s in enumerate(placed) if s.segment == segments.LEADING] == [18, 19]
    assert placed[19].reason == "top_output"


def test_firm_of_exactly_five_years_is_no_startup() -> None:
    on = date(2026, 6, 30)
    older, younger = TenantFigures("MICRO", date(2021, 6, 30)), TenantFigures("MICRO", date(2021, 7, 1))
    assert [s.segment for s in segments_of([older, younger], on)] == [segments.GROWTH, segments.STARTUP]


def test_unknown_size_places_in_growth_and_says_it_is_not_certain() -> None:
    placed = segments_of([TenantFigures(None, date(2025, 1, 1))], date(2026, 6, 30))[0]
    assert (placed.segment, placed.certain) == (segments.GROWTH, False)


@given(st.lists(st.tuples(st.floats(1, 1e5), st.integers(0, 2000)), min_size=1, max_size=20))
def test_mean_vacancy_lies_between_the_shortest_and_the_longest(spells: list[tuple[float, int]]) -> None:
    areas, days = zip(*spells, strict=True)
    mean = vacancy.mean_vacancy_days(list(areas), [float(d) for d in days])
    assert min(days) - 1e-6 <= mean <= max(days) + 1e-6


def test_vacancy_of_unknown_beginning_is_unknown() -> None:
    days = vacancy.vacant_days(
        np.array(["NaT", "2026-03-01"], "datetime64[D]"), np.array(["2026-03-31", "2026-03-31"], "datetime64[D]")
    )
    assert np.isnan(days[0])
    assert days[1] == 30
    assert vacancy.mean_vacancy_days([100.0], [float("nan")]) is None


PROFILE = SpaceProfile("x", ("34",), {}, 15, 8, 5.4, 3, 80, "VC-B", needs_exhaust=True)
GOOD = {
    "floor_load_kn_m2": 8,
    "clear_height_m": 5.4,
    "goods_lift_load_t": 3,
    "power_density_w_m2": 80,
    "vibration_class": "VC-B",
    "has_exhaust": True,
}


def test_premises_that_meet_every_demand_exactly_fit() -> None:
    assert fit(PremisesSpec(lowest_level=3, **GOOD), PROFILE).fits


def test_ground_storey_has_its_own_floor_load() -> None:
    assert not fit(PremisesSpec(lowest_level=1, **GOOD), PROFILE).fits


@pytest.mark.parametrize("name", sorted(GOOD))
def test_unknown_property_does_not_fit_and_is_told_from_a_failed_one(name: str) -> None:
    outcome = fit(PremisesSpec(lowest_level=3, **{**GOOD, name: None}), PROFILE)
    assert not outcome.fits
    assert [r.met for r in outcome.reasons if r.property == name] == [None]


def test_every_shipped_profile_names_itself_in_three_languages() -> None:
    document = yaml.safe_load(schemes.path("space_profiles.yaml").read_text(encoding="utf-8"))
    for profile in specfit.profiles_from(document):
        assert all(profile.name[language] for language in ("en", "zh-Hans", "zh-Hant")), profile.id
