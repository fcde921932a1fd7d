"""Times the planning of stars: one park, a city of 4,417, HiGHS, the dynamic program, trying everything, and greedy.

Run with `python -m benchmarks.plans`; writes the section `plans` of docs/performance.md.
"""

from __future__ import annotations

import os
import statistics
import time
from datetime import date
from itertools import product

import numpy as np

from benchmarks.report import machine, markdown_table, write_section
from parkbrain import schemes
from parkbrain.calc import planning, rating

PARKS, SEED, ON = 4_417, 20_260_101, date(2026, 11, 23)
SAMPLE = 60
FILES = schemes.path("five_star_reference.yaml"), schemes.path("measures.yaml")


def demo_city(scheme: rating.Scheme) -> rating.FactTable:
    """Return the facts of the demo's city."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbrain.config.settings")
    django.setup()
    from parkbrain.demo import city

    operators = [
        {"code": row["code"], "parent_code": row["parent_code"]}
        for row in city.operator_rows(seed=SEED, park_count=PARKS)
    ]
    parks = city.draw_city(seed=SEED, on=ON, count=PARKS, operators=operators)
    rows: dict[str, dict[str, float]] = {str(number): {} for number in range(len(parks))}
    facts = city.fact_rows(
        seed=SEED, on=ON, parks=parks, ids=list(range(len(parks))), scheme=scheme, catalogue=schemes.catalogue()
    )
    for park, key, _starts, _ends, value, _note in facts:
        rows[str(park)][key] = value
    return rating.FactTable.from_rows({park: {key: row.get(key) for key in scheme.facts} for park, row in rows.items()})


def greedy(problem: planning.Problem) -> set[int] | None:
    """Choose by points of the total per yuan, prerequisites taken along, until the class is reached."""
    chosen: set[int] = set()
    while not problem.is_met(chosen):
        before, best, pick = problem.reached(chosen), 0.0, None
        for one in set(range(len(problem.measures))) - chosen:
            bundle, waiting = set[int](), [one]
            while waiting:
                each = waiting.pop()
                if each not in chosen | bundle:
                    bundle.add(each)
                    waiting += [other for first, other in problem.requires if first == each]
            if not problem.is_consistent(chosen | bundle):
                continue
            gain = float((problem.reached(chosen | bundle) - before).clip(min=0)[0])
            rate = gain / max(problem.cost_of(bundle), 1)
            if rate > best:
                best, pick = rate, bundle
        if pick is None:
            return None
        chosen |= pick
    return chosen


def brute_force(problem: planning.Problem) -> int | None:
    """Return the least cost over every consistent set."""
    best = None
    for picks in product((False, True), repeat=len(problem.measures)):
        chosen = {one for one, pick in enumerate(picks) if pick}
        cost = problem.cost_of(chosen)
        if (best is None or cost < best) and problem.is_consistent(chosen) and problem.is_met(chosen):
            best = cost
    return best


def timed(call, items) -> tuple[list[object], float, float]:
    """Return the answers, the median and the slowest time [ms]."""
    answers, times = [], []
    for item in items:
        started = time.perf_counter()
        answers.append(call(item))
        times.append(1000 * (time.perf_counter() - started))
    return answers, statistics.median(times), max(times)


def problems_of(prepared: planning.Prepared, rows: list[int]) -> list[planning.Problem]:
    """Return the problem of each park's next star."""
    classes = sorted(prepared.scheme.outcome.classes, key=lambda one: one.rank)
    found = []
    for row in rows:
        target = next((one for one in classes if one.rank > prepared.base.class_proven[row]), None)
        if target is not None:
            found.append(planning.make_problem(prepared, row, target))
    return found


def small(
    prepared: planning.Prepared, problem: planning.Problem, row: int, chosen: tuple[int, ...]
) -> planning.Problem:
    """Return the problem with the chosen measures and a few more, so that everything can be tried."""
    measures = prepared.catalogue.measures
    kept = {problem.measures[one] for one in chosen} | set(problem.measures[:4])
    off = [one.id for place, one in enumerate(measures) if place not in kept]
    return planning.make_problem(prepared, row, problem.target, switched_off=off)


def every_page(
    scheme: rating.Scheme, catalogue: planning.Catalogue, facts: rating.FactTable, prepared: planning.Prepared
) -> str:
    """Return how long everything that a park's page shows takes, for each park that has a star above it."""
    top = max(one.rank for one in scheme.outcome.classes)
    rows = [row for row, rank in enumerate(prepared.base.class_proven.tolist()) if rank < top]

    def whole(row: int) -> planning.Planning:
        wish = planning.Wish(int(prepared.base.class_proven[row]) + 1, certainty=0.8)
        alone = rating.FactTable.from_rows({"park": facts.inputs(row)})
        return planning.find_plans(planning.prepare(scheme, catalogue, alone), 0, wish)

    def took_ms(row: int) -> float:
        started = time.perf_counter()
        whole(row)
        return 1000 * (time.perf_counter() - started)

    whole(rows[0])
    times = {row: took_ms(row) for row in rows}
    late = [row for row, each in times.items() if each > 300]
    again = [min(took_ms(row) for _try in range(3)) for row in late]
    rest = max(each for each in times.values() if each <= 300)
    said = f"slowest {rest:.0f} ms"
    if late:
        once = max(times.values())
        said += f";\nbut for {len(late)} that took up to {once:.0f} ms once, at most {max(again):.0f} ms as the best of three more"
    return (
        f"All that a park's page shows (tables, cheapest with proof, certainty 80 %, two rivals, reasons), each of\n"
        f"{len(rows):,} parks by itself: {statistics.median(times.values()):.0f} ms in the middle, "
        f"{float(np.percentile(list(times.values()), 99)):.0f} ms at the 99th percentile, {said}."
    )


def main() -> None:
    """Run everything and write the section."""
    scheme = rating.load_scheme(FILES[0], schemes.catalogue())
    catalogue = planning.load_measures(FILES[1], scheme)
    facts = demo_city(scheme)
    started = time.perf_counter()
    prepared = planning.prepare(scheme, catalogue, facts)
    prepare_s = time.perf_counter() - started
    started = time.perf_counter()
    plans = planning.plan_in_processes(*FILES, facts, workers=2)
    city_s = time.perf_counter() - started
    solvable = [plan for plan in plans if plan.cost_yuan]
    rows = [plan.row for plan in solvable[:: max(1, len(solvable) // SAMPLE)]]
    problems = problems_of(prepared, rows)
    solved, milp_ms, milp_most = timed(planning.solve_cheapest, problems)
    joined, join_ms, join_most = timed(planning.cheapest_by_joining, problems)
    costs = [problem.cost_of(chosen) for problem, chosen in zip(problems, solved, strict=True)]
    assert costs == [problem.cost_of(chosen) for problem, chosen in zip(problems, joined, strict=True)]
    chosen_greedily, greedy_ms, greedy_most = timed(greedy, problems)
    reached = [(c, p.cost_of(g)) for c, p, g in zip(costs, problems, chosen_greedily, strict=True) if g is not None]
    extra = [dear / least - 1 for least, dear in reached]
    tiny = [
        small(prepared, problem, row, chosen)
        for problem, row, chosen in zip(problems, rows, solved, strict=True)
        if len(chosen) <= 8
    ][:12]
    tried, brute_ms, brute_most = timed(brute_force, tiny)
    again, tiny_ms, tiny_most = timed(planning.solve_cheapest, tiny)
    assert tried == [problem.cost_of(chosen) for problem, chosen in zip(tiny, again, strict=True)]

    page = every_page(scheme, catalogue, facts, prepared)
    table = markdown_table(
        ("what", "median", "slowest"),
        (
            ("cheapest plan, HiGHS", f"{milp_ms:.0f} ms", f"{milp_most:.0f} ms"),
            ("cheapest plan, dynamic program (the same costs)", f"{join_ms:.0f} ms", f"{join_most:.0f} ms"),
            ("greedy by points per yuan", f"{greedy_ms:.0f} ms", f"{greedy_most:.0f} ms"),
            ("at most 12 measures: trying everything", f"{brute_ms:.0f} ms", f"{brute_most:.0f} ms"),
            ("the same by HiGHS (the same costs)", f"{tiny_ms:.0f} ms", f"{tiny_most:.0f} ms"),
        ),
    )
    write_section(
        "plans",
        f"""## Plans to the next star

`python -m benchmarks.plans` on {machine()}. {len(facts):,} parks of the demo's city, {len(catalogue.measures)} measures.

All parks: tables in {prepare_s:.1f} s, then every park's cheapest plan with its chance by two processes in **{city_s:.0f} s**;
{len(solvable):,} parks have a way that costs something. On {len(problems)} of these:

{table}

{page}

Greedy reaches the star in {len(reached)} of {len(problems)} parks; there it is {100 * float(np.mean(extra)):.0f} % dearer on
average, at worst {100 * max(extra):.0f} %.
""",
    )


if __name__ == "__main__":
    main()
