"""Times how sure a city's stars are, beside the plain way: rating every drawn set of facts anew.

Run with `python benchmarks/certainty.py`; writes the section `certainty` of docs/performance.md.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.rating import DRAWS, FIVE_STAR, PARKS, city
from benchmarks.report import machine, markdown_table, median_seconds, write_section
from parkbrain.calc import rating
from parkbrain.calc.rating import certainty
from parkbrain.calc.rating.certainty.leaves import facts_of

SEED = 4420
#: Draws of the plain way that are timed; the rest would only repeat them.
PLAIN_DRAWS = 40
#: Half the 95 % range of every amount.
SPREAD = 0.1


def setting() -> tuple[rating.Scheme, rating.FactTable, rating.Result, dict[str, np.ndarray]]:
    """Return the reference model, the made-up city, its rating, and how far every amount may be off."""
    scheme = rating.load_scheme(FIVE_STAR)
    table = city(scheme)
    keys = {key for one in scheme.indicators for key in facts_of(scheme, one)}
    return scheme, table, rating.rate(scheme, table), {key: np.full(PARKS, SPREAD) for key in keys}


def plain(scheme: rating.Scheme, table: rating.FactTable, random: np.random.Generator) -> np.ndarray:
    """Rate the city once with every amount off: one draw of the plain way, without weights and thresholds."""
    columns = {
        key: column * (1 + SPREAD / 1.96 * random.standard_normal(PARKS)) for key, column in table.columns.items()
    }
    return rating.rate(scheme, rating.FactTable(units=table.units, columns=columns)).class_proven


def drawn() -> tuple[float, float, float, float]:
    """Return seconds, processor seconds, and peak memory before and after [MB] of the city's drawing, in this process."""
    scheme, table, result, relative = setting()
    peers, before = certainty.peers_of(result), _peak_mb()
    wall, cpu = time.perf_counter(), time.process_time()
    doubt = certainty.Doubt(draws=DRAWS, seed=SEED)
    groups = [row % 6 for row in range(PARKS)]
    certainty.city_certainty(scheme, table, doubt=doubt, relative=relative, peers=peers, groups=groups)
    return time.perf_counter() - wall, time.process_time() - cpu, before, _peak_mb()


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Run everything and write the section."""
    # In processes of their own, so that a peak of memory is that of the drawing alone.
    runs = [
        subprocess.run([sys.executable, __file__, "drawn"], capture_output=True, text=True, check=True) for _ in "123"
    ]
    wall_s, cpu_s, before_mb, peak_mb = sorted(tuple(map(float, run.stdout.split())) for run in runs)[1]
    scheme, table, result, relative = setting()
    peers = certainty.peers_of(result)
    one_doubt = certainty.Doubt(seed=SEED)
    facts = {key: SPREAD for key in relative}
    prepared = certainty.prepare(scheme, table.inputs(0), relative=facts, peers=peers)
    one_s = median_seconds(lambda: certainty.certainty_of(prepared, one_doubt), runs=5)
    both_s = median_seconds(lambda: certainty.sensitivity_of(prepared, one_doubt, base=256), runs=5)
    evaluations = certainty.sensitivity_of(prepared, one_doubt, base=256)[1].evaluations
    random = np.random.default_rng(SEED)
    plain_s = median_seconds(lambda: [plain(scheme, table, random) for _ in range(PLAIN_DRAWS)], runs=1)
    plain_s *= DRAWS / PLAIN_DRAWS
    rows = [
        (
            f"{PARKS:,} parks × {DRAWS:,} draws of everything",
            "parkbrain",
            f"{wall_s:.1f} s ({cpu_s:.1f} s of processor)",
        ),
        (f"{PARKS:,} × {DRAWS:,} ratings with other facts alone (scaled up)", "plain NumPy", f"{plain_s:.0f} s"),
        (f"one park, {one_doubt.draws:,} draws by full re-evaluation", "parkbrain", f"{one_s * 1e3:.0f} ms"),
        (
            f"the same with what decides it ({evaluations:,} more evaluations)",
            "parkbrain and SciPy",
            f"{both_s * 1e3:.0f} ms",
        ),
    ]
    text = f"""## How sure a star is

Scheme `{scheme.id}` {scheme.version}; the made-up city of the section above, every amount off by ± {SPREAD:.0%}; weights,
thresholds, facts and gaps drawn; chances of every star, quantiles of the total, ranks among all and within six kinds.
The peak memory of the process is {peak_mb:.0f} MB, of which {before_mb:.0f} MB were there before the drawing. The plain way rates
the whole city once a draw, {PLAIN_DRAWS} draws timed. On {machine()}, shared with other work.

{markdown_table(("work", "by", "median"), rows)}"""
    print(text)
    write_section("certainty", text)


if __name__ == "__main__":
    if sys.argv[1:] == ["drawn"]:
        print(*drawn())
    else:
        main()
