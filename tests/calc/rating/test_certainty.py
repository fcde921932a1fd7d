"""How sure a class is: what must hold whatever is drawn, and the city's short cut against full re-evaluation."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.rating import FIVE_STAR, city
from parkbrain.calc import rating
from parkbrain.calc.rating import certainty
from parkbrain.calc.rating.certainty.leaves import facts_of, score_values
from tests.calc.rating.schemes import GOOD, flat_scheme, indicator, park_scheme

PARKS = 240
#: What the city's short cut may differ by from full re-evaluation: chances, and quantiles of the total in points.
CHANCE_OFF, POINTS_OFF = 0.04, 0.35


@pytest.fixture(scope="module")
def scheme():
    return rating.load_scheme(FIVE_STAR)


@pytest.fixture(scope="module")
def table(scheme):
    return city(scheme, PARKS)


@pytest.fixture(scope="module")
def result(scheme, table):
    return rating.rate(scheme, table)


@pytest.fixture(scope="module")
def relative(scheme):
    return {key: 0.1 for one in scheme.indicators for key in facts_of(scheme, one)}


def prepared_of(scheme, table, row, relative, peers=None):
    return certainty.prepare(scheme, table.inputs(row), relative=relative, peers=peers)


@pytest.mark.parametrize("row", [0, 7, 31])
def test_without_doubt_the_star_and_the_total_are_those_of_the_rating(scheme, table, result, row):
    found = certainty.certainty_of(certainty.prepare(scheme, table.inputs(row)), certainty.NO_DOUBT)
    assert found.probability[int(result.class_proven[row])] == 1.0
    assert found.quantiles == pytest.approx((result.total_proven[row],) * 5)


def test_without_doubt_the_city_is_its_rating(scheme, table, result):
    found = certainty.city_certainty(scheme, table, doubt=certainty.NO_DOUBT)
    places = [found.class_ranks.index(rank) for rank in result.class_proven]
    assert (found.probability[np.arange(PARKS), places] == 1.0).all()
    assert found.quantiles[:, 2] == pytest.approx(result.total_proven, abs=0.011)
    assert (found.rank[:, 0] == found.rank[:, 2]).all()


def test_chances_sum_to_one(scheme, table, result, relative):
    peers = certainty.peers_of(result)
    doubt = certainty.Doubt(draws=300)
    for row in range(5):
        found = certainty.certainty_of(prepared_of(scheme, table, row, relative, peers), doubt)
        assert sum(found.probability.values()) == pytest.approx(1.0)
    many = certainty.city_certainty(scheme, table, doubt=doubt, peers=peers)
    assert many.probability.sum(axis=1) == pytest.approx(np.ones(PARKS))


def test_the_order_of_facts_changes_nothing(scheme, table, result, relative):
    peers, facts = certainty.peers_of(result), table.inputs(3)
    doubt = certainty.Doubt(draws=200, seed=4)
    one = certainty.prepare(scheme, facts, relative=relative, peers=peers)
    turned = dict(reversed(facts.items()))
    other = certainty.prepare(scheme, turned, relative=dict(reversed(relative.items())), peers=peers)
    assert certainty.certainty_of(one, doubt) == certainty.certainty_of(other, doubt)


def test_another_uncertain_fact_leaves_the_draws_of_the_others_alone(scheme, table, relative):
    some = dict(sorted(relative.items())[:20])
    more = certainty.one.draw(prepared_of(scheme, table, 0, relative), certainty.Doubt(draws=50))
    fewer = certainty.one.draw(prepared_of(scheme, table, 0, some), certainty.Doubt(draws=50))
    for key, column in fewer.facts.items():
        assert (more.facts[key] == column).all()


@pytest.mark.parametrize(("veto", "most"), [("larger_accidents_12m", 0), ("operator_special_equipment_overdue", 2)])
def test_a_veto_holds_in_all_draws(scheme, table, result, relative, veto, most):
    strong = int(np.argmax(result.total_proven))
    facts = table.inputs(strong) | {veto: 1.0}
    doubt = certainty.Doubt(draws=500, concentration=10, filled=1.0)
    prepared = certainty.prepare(scheme, facts, relative=relative, peers=certainty.peers_of(result))
    found = certainty.certainty_of(prepared, doubt)
    assert all(chance == 0 for rank, chance in found.probability.items() if rank > most)
    columns = {key: column.copy() for key, column in table.columns.items()}
    columns[veto][:] = 1.0
    raised = rating.FactTable(units=table.units, columns=columns)
    many = certainty.city_certainty(scheme, raised, doubt=doubt, peers=certainty.peers_of(result))
    assert many.probability[:, [rank > most for rank in many.class_ranks]].sum() == 0


RAMP = {"method": "piecewise_linear", "points": [[0, 0], [1000, 100]]}


@settings(max_examples=25, deadline=None)
@given(
    let=st.floats(400.0, 600.0),
    less=st.floats(0.0, 0.08),
    more=st.floats(0.0, 0.08),
    what=st.sampled_from(["facts", "thresholds"]),
)
def test_more_uncertainty_never_narrows_the_band(let, less, more, what):
    """Where a score rises evenly; at a step one draw may jump that another does not, and no such rule holds."""
    scheme = flat_scheme("arithmetic", indicator("A", "let", RAMP))
    table = rating.FactTable.from_rows({"X": {"let": let}})

    def width(share):
        relative = {"let": share if what == "facts" else 0.0}
        still = certainty.Doubt(draws=400, concentration=None, filled=0.0)
        doubt = replace(still, threshold_spread=share if what == "thresholds" else 0.0)
        found = certainty.certainty_of(certainty.prepare(scheme, table.inputs(0), relative=relative), doubt)
        return found.quantiles[-1] - found.quantiles[0]

    # The same numbers are drawn for both; totals are rounded to hundredths of a point.
    assert width(less + more) >= width(less) - 0.02
    assert width(0.08) > 1.0


def test_a_closer_hold_of_the_weights_narrows_the_band(scheme, table):
    prepared = certainty.prepare(scheme, table.inputs(0))
    widths = []
    for concentration in (20, 100, 1000):
        doubt = certainty.Doubt(draws=800, concentration=concentration, threshold_spread=0.0)
        found = certainty.certainty_of(prepared, doubt)
        widths.append(found.quantiles[-1] - found.quantiles[0])
    assert widths == sorted(widths, reverse=True)


def test_gaps_lie_between_what_is_proven_and_what_can_be_reached(scheme, table, result):
    peers = certainty.peers_of(result)
    for row in range(4):
        prepared = certainty.prepare(scheme, table.inputs(row), peers=peers)
        still = certainty.Doubt(draws=400, concentration=None, threshold_spread=0.0, filled=0.0)
        medians = []
        for filled in (0.0, 0.5, 1.0):
            found = certainty.certainty_of(prepared, replace(still, filled=filled))
            assert found.total_proven - 0.01 <= found.quantiles[0]
            assert found.quantiles[-1] <= found.total_reachable + 0.01
            medians.append(found.quantiles[2])
        assert medians == sorted(medians)
        assert medians[0] == pytest.approx(found.total_proven)


def test_the_city_agrees_with_full_re_evaluation(scheme, table, result, relative):
    peers = certainty.peers_of(result)
    columns = {key: np.full(PARKS, share) for key, share in relative.items()}
    doubt = certainty.Doubt(draws=6000, seed=1)
    many = certainty.city_certainty(scheme, table, doubt=doubt, relative=columns, peers=peers)
    for row in range(0, PARKS, 40):
        one = certainty.certainty_of(prepared_of(scheme, table, row, relative, peers), replace(doubt, seed=2))
        chances = [one.probability.get(rank, 0.0) for rank in many.class_ranks]
        assert np.abs(many.probability[row] - chances).max() < CHANCE_OFF
        assert np.abs(many.quantiles[row] - one.quantiles).max() < POINTS_OFF


def test_the_same_seed_draws_the_same_city_and_ranks_are_places(scheme, table):
    doubt = certainty.Doubt(draws=120, seed=9)
    groups = [row % 3 for row in range(PARKS)]
    first = certainty.city_certainty(scheme, table, doubt=doubt, groups=groups)
    again = certainty.city_certainty(scheme, table, doubt=doubt, groups=groups)
    assert (first.rank == again.rank).all()
    assert (first.probability == again.probability).all()
    assert first.rank.min() >= 1
    assert first.rank.max() <= PARKS
    assert first.group_rank.max() <= PARKS / 3
    assert first.units == table.units


def test_moving_all_points_of_a_scale_is_moving_the_value_the_other_way(scheme):
    one = scheme.indicator("F1.1")
    points = [[x + 0.1 * 45, y] for x, y in one.score.options["points"]]
    moved = replace(one, score=rating.Score("piecewise_linear", {"points": points}))
    values = np.linspace(40, 100, 25)
    assert score_values(scheme, one, values, 0.1) == pytest.approx(score_values(scheme, moved, values, 0.0))


def test_a_part_never_passes_its_whole_and_a_fact_never_its_limits():
    known = {"let": np.full(200, 95.0), "all": np.full(200, 100.0)}
    random = np.random.default_rng(0)
    moves = {"let": random.normal(0, 0.2, 200), "all": random.normal(0, 0.2, 200)}
    limits = {"let": certainty.Limit(0.0, np.inf, "all"), "all": certainty.Limit(90.0, 105.0)}
    moved = certainty.leaves.move_facts(known, moves, limits)
    assert (moved["let"] <= moved["all"]).all()
    assert moved["all"].min() >= 90
    assert moved["all"].max() <= 105


def test_sobol_indices_are_those_published_for_the_ishigami_function():
    # Ishigami and Homma (1990) with a = 7, b = 0.1; the indices follow from the integrals, as in Saltelli (2008).
    def ishigami(x):
        return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])

    first, total = certainty.sobol_of(ishigami, 3, base=4096, seed=0, low=-np.pi, high=np.pi)
    assert first == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert total == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


def test_what_decides_is_what_moves_the_total(scheme, table, result, relative):
    peers = certainty.peers_of(result)
    found, sensitivity = certainty.sensitivity_of(
        prepared_of(scheme, table, 2, relative, peers), certainty.Doubt(draws=1024), base=128
    )
    assert sensitivity.evaluations == 128 * (len(sensitivity.drivers) + 2)
    assert [one.total for one in sensitivity.drivers] == sorted((d.total for d in sensitivity.drivers), reverse=True)
    assert {"weights", "thresholds"} <= {one.kind for one in sensitivity.drivers}
    for one in sensitivity.drivers:
        if one.kind == "gap":
            assert one.high[0] > one.low[0]
    assert found.quantiles[0] < found.quantiles[-1]


def test_without_doubt_nothing_decides(scheme, table):
    _found, sensitivity = certainty.sensitivity_of(certainty.prepare(scheme, table.inputs(0)), certainty.NO_DOUBT)
    assert sensitivity.drivers == ()
    assert sensitivity.evaluations == 0


@pytest.mark.parametrize("wrong", [{"draws": 0}, {"concentration": 0.0}, {"threshold_spread": 2.0}, {"filled": -0.1}])
def test_assumptions_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=r"draws|concentration|filled"):
        certainty.Doubt(**wrong)


def test_schemes_whose_scores_depend_on_others_are_refused():
    ranked = flat_scheme("arithmetic", indicator("A", "let", {"method": "percentile_rank"}))
    with pytest.raises(ValueError, match="depends on the other units"):
        certainty.prepare(ranked, {})


@pytest.mark.parametrize(("unknown", "test"), [("metered", "gate:G1"), ("deaths", "veto:V1"), ("overdue", "veto:V2")])
def test_what_is_unknown_of_a_gate_or_a_veto_is_drawn_as_often_as_peers_have_it(unknown, test):
    facts = GOOD | {unknown: None}
    peers = certainty.Peers(gates={"G1": 0.7}, vetoes={"V1": 0.3, "V2": 0.3})
    prepared = certainty.prepare(park_scheme(), facts, peers=peers)
    assert prepared.open_tests == (test,)
    doubt = certainty.Doubt(draws=8000, concentration=None, threshold_spread=0.0, filled=0.5)
    best = certainty.certainty_of(prepared, doubt).probability[5]
    assert best == pytest.approx(0.5 * 0.7, abs=0.02), "half of the draws fill it in, seven in ten of them well"
    table = rating.FactTable.from_rows({str(row): facts for row in range(8)})
    many = certainty.city_certainty(park_scheme(), table, doubt=doubt, peers=peers)
    assert many.probability[:, many.class_ranks.index(5)] == pytest.approx(best, abs=0.03)
