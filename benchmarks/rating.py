"""Times the rating engine on a city of 4,420 parks, beside pymcdm on the same weighted sum.

Run with `python benchmarks/rating.py`; writes the section `rating` of docs/performance.md.
"""

from __future__ import annotations

import resource
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.report import machine, markdown_table, median_seconds, run_seconds, write_section
from parkbrain.calc import rating

PARKS, DRAWS, SEED = 4_420, 10_000, 4420
FIVE_STAR = Path(rating.__file__).parents[2] / "schemes" / "five_star_reference.yaml"
LEAVES_OF_FACTORS = (3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 3, 3, 3, 3, 4, 3, 3, 3, 4, 3)


def synthetic_scheme() -> rating.Scheme:
    """Return a scheme of 6 dimensions, 20 factors and 63 indicators."""
    factors = [
        {
            "id": f"F{factor}",
            "name": f"Factor {factor}",
            "children": [
                {
                    "id": f"F{factor}.{leaf}",
                    "name": f"Indicator {factor}.{leaf}",
                    "formula": f"pct(done_{factor}_{leaf}, due_{factor}_{leaf})",
                    "applicable": f"due_{factor}_{leaf} > 0" if leaf == 0 else None,
                    "score": {"method": "piecewise_linear", "points": [[0, 0], [50, 60], [80, 90], [100, 100]]},
                }
                for leaf in range(leaves)
            ],
        }
        for factor, leaves in enumerate(LEAVES_OF_FACTORS)
    ]
    bounds = (0, 4, 7, 10, 14, 17, 20)
    classes = [
        {
            "id": str(rank),
            "rank": rank,
            "name": f"{rank} stars",
            "min_total": floor,
            "min_nodes": {"dimension": floor - 15},
        }
        for rank, floor in zip((5, 4, 3, 2, 1), (90, 80, 70, 60, 50), strict=True)
    ]
    return rating.load_scheme(
        {
            "schema": "parkbrain.scheme/1",
            "id": "synthetic",
            "version": "1",
            "status": "example",
            "name": "Synthetic",
            "levels": ["dimension", "factor", "indicator"],
            "rounding": {"value": 4, "score": 1, "total": 2},
            "facts": {"catalogue": True},
            "outcome": {"kind": "stars", "classes": classes},
            "tree": [
                {"id": f"D{index}", "name": f"Dimension {index}", "children": factors[first:last]}
                for index, (first, last) in enumerate(pairwise(bounds))
            ],
        }
    )


def city(scheme: rating.Scheme, parks: int = PARKS, seed: int = SEED) -> rating.FactTable:
    """Return seeded facts of a city's parks: counts that hang together, one in twelve unknown, vetoes rare."""
    random = np.random.default_rng(seed)
    checks = {item["key"] for one in scheme.indicators for item in one.score.options.get("items", ())}
    graded = {key for one in scheme.indicators if one.score.method == "grade" for key in one.facts}
    vetoes = {key for veto in scheme.outcome.vetoes for key in scheme.expressions[f"veto:{veto.id}"].columns}
    columns = {}
    for key in sorted(scheme.facts):
        if key in vetoes:
            column = (random.random(parks) < 0.005).astype(float)
        elif key in checks:
            column = (random.random(parks) < 0.75).astype(float)
        elif key in graded:
            column = random.integers(0, 5, parks).astype(float)
        else:
            column = np.round(random.gamma(4.0, 25.0, parks))
        if key not in vetoes:
            column[random.random(parks) < 1 / 12] = np.nan
        columns[key] = column
    return rating.FactTable(units=[f"Park {number:04d}" for number in range(parks)], columns=columns)


def weighted_sums(result: rating.Result):
    """Return calls that rank the parks by the plain weighted sum of their indicator scores: pymcdm's and ours."""
    from pymcdm.methods import WSM
    from pymcdm.normalizations import minmax_normalization

    scheme = result.scheme
    matrix = np.column_stack([result.unrounded_proven[one.id] for one in scheme.indicators])
    matrix = np.nan_to_num(matrix)
    weights = np.array([scheme.nominal_weights[one.id] for one in scheme.indicators]) / 100
    types = np.ones(len(weights))
    method = WSM(normalization_function=minmax_normalization)

    def peer():
        preferences = method(matrix, weights, types)
        return preferences, method.rank(preferences)

    def ours():
        lows, highs = matrix.min(axis=0), matrix.max(axis=0)
        # pymcdm gives a criterion in which all are alike the full score.
        spread = np.where(highs > lows, highs - lows, np.inf)
        sums = ((matrix - lows) / spread + (highs == lows)) @ weights
        return sums, rating.rank_of(sums)

    difference = np.abs(np.asarray(peer()[0]) - ours()[0]).max()
    assert difference < 1e-9, difference
    return peer, ours


def main() -> None:
    """Run everything and write the section."""
    scheme = rating.load_scheme(FIVE_STAR) if FIVE_STAR.exists() else synthetic_scheme()
    table = city(scheme)
    result = rating.rate(scheme, table)
    rate_times = sorted(run_seconds(lambda: rating.rate(scheme, table), runs=21))
    rate_s, fastest_s, slowest_s = rate_times[10], rate_times[0], rate_times[-1]
    one = rating.FactTable(units=table.units[:1], columns={key: column[:1] for key, column in table.columns.items()})
    one_s = median_seconds(lambda: rating.rate(scheme, one), runs=9)
    load_s = median_seconds(lambda: rating.load_scheme(FIVE_STAR), runs=3) if FIVE_STAR.exists() else None
    peer, ours = weighted_sums(result)
    peer_s, ours_s = median_seconds(peer, runs=9), median_seconds(ours, runs=9)
    draws_s = median_seconds(lambda: rating.weight_draws(scheme, result, DRAWS, SEED), runs=3)
    # Every draw costs the peer one call; ten thousand of them would only repeat the same.
    peer_draws_s = peer_s * DRAWS
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    count = len(scheme.indicators)
    rows = [
        (
            f"full rating, {count} indicators × {PARKS:,} parks",
            "parkbrain",
            f"{rate_s * 1e3:.0f} ms (from {fastest_s * 1e3:.0f} to {slowest_s * 1e3:.0f})",
        ),
        ("full rating of one park", "parkbrain", f"{one_s * 1e3:.1f} ms"),
        (f"min–max, weighted sum and ranks, {count} × {PARKS:,}", "pymcdm", f"{peer_s * 1e3:.1f} ms"),
        ("the same, `rank_of` for the ranks", "parkbrain", f"{ours_s * 1e3:.1f} ms"),
        (f"{DRAWS:,} weight draws: ranks, quantiles, class probabilities", "parkbrain", f"{draws_s:.2f} s"),
        (f"{DRAWS:,} weighted sums and ranks (one call a draw, scaled up)", "pymcdm", f"{peer_draws_s:.0f} s"),
    ]
    if load_s is not None:
        rows.insert(0, ("read and check the scheme file", "parkbrain", f"{load_s * 1e3:.0f} ms"))
    text = f"""## Rating

Scheme `{scheme.id}` {scheme.version}; {PARKS:,} made-up parks (seed {SEED}), one fact in twelve unknown. Medians of
several runs on {machine()}; peak memory of the run {memory_mb:.0f} MB. A full rating
evaluates every formula from facts, scores both sides, aggregates the tree and decides the class. pymcdm starts from
finished scores, so the two are compared on the weighted sum alone, where they give the same numbers.

{markdown_table(("work", "by", "median"), rows)}"""
    print(text)
    write_section("rating", text)


if __name__ == "__main__":
    main()
