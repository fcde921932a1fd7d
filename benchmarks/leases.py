"""How long a year of schedule lines of a thousand leases takes; writes the section "leases" of docs/performance.md."""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.report import machine, markdown_table, write_section
from parkbrain.calc.leases import (
    Agreement,
    Concession,
    FitOut,
    Place,
    PropertyFee,
    RecurringFree,
    Rent,
    RentFree,
    Rise,
    Tax,
    Terms,
    Version,
    readings,
    schedule,
)

LEASES = 1000
YEAR = (date(2026, 1, 1), date(2027, 1, 1))


def make_lease(dice: random.Random) -> Agreement:
    """Return a lease of three to six years with one to three premises, a property fee and several clauses."""
    begin = date(2023, 1, 1) + timedelta(days=dice.randrange(1000))
    end = begin.replace(year=begin.year + dice.choice([4, 5, 6]), day=min(begin.day, 28))
    places = [
        Place(f"R{n}", Decimal(dice.randrange(10_000, 200_000)) / 100, begin, end)
        for n in range(dice.choice([1, 1, 2, 3]))
    ]
    clauses = [
        Rent(price_yuan_per_m2=Decimal(dice.randrange(3000, 9000)) / 100),
        PropertyFee(price_yuan_per_m2=Decimal(dice.randrange(300, 1500)) / 100),
        Tax(rate_percent=Decimal(9)),
        RentFree(starts_on=begin, ends_on=begin + timedelta(days=60)),
        FitOut(starts_on=begin, ends_on=begin + timedelta(days=90)),
        Rise(percent=Decimal(5), every_years=dice.choice([1, 2])),
    ]
    if dice.random() < 0.4:
        clauses.append(RecurringFree(meaning="CONTRACT_YEAR_LAST_MONTHS"))
    if dice.random() < 0.3:
        relief = {"starts_on": YEAR[0], "ends_on": YEAR[1], "limit_yuan": Decimal(50_000)}
        clauses.append(Concession(programme="relief", percent=Decimal(20), **relief))
    terms = Terms(day_count=dice.choice(["ACTUAL", "THIRTY_360", "ACTUAL_365"]))
    versions = [Version(begin, terms, places, clauses)]
    if dice.random() < 0.3:
        versions.append(Version(begin + timedelta(days=dice.randrange(200, 900)), terms, places, clauses))
    return Agreement(begin, end, versions)


def cpu_seconds(call: Callable[[], object], runs: int) -> float:
    """Return the median processor time of a call [s]: one thread, so the time of a machine that does nothing else."""
    times = []
    for _ in range(runs):
        started = time.process_time()
        call()
        times.append(time.process_time() - started)
    return statistics.median(times)


def main() -> None:
    dice = random.Random(7)
    leases = [make_lease(dice) for _ in range(LEASES)]
    year = lambda: sum(len(schedule(a, from_on=YEAR[0], to_on=YEAR[1])) for a in leases)  # noqa: E731
    whole = lambda: sum(len(schedule(a)) for a in leases)  # noqa: E731
    one = next(a for a in leases if any(isinstance(c, RecurringFree) for c in a.versions[0].clauses))
    two = lambda: readings(one, on=YEAR[0], percent_per_year=Decimal(5))  # noqa: E731
    rows = [
        [f"{LEASES:,} leases × 12 months", f"{year():,}", f"{cpu_seconds(year, 5):.2f} s"],
        [f"{LEASES:,} leases, whole terms", f"{whole():,}", f"{cpu_seconds(whole, 3):.2f} s"],
        ["all second readings of one lease", f"{len(two())} readings", f"{cpu_seconds(two, 5) * 1000:.0f} ms"],
    ]
    table = markdown_table(["Schedule", "Lines", "Median processor time"], rows)
    text = f"""## Schedules of leases

`python benchmarks/leases.py`, {machine()}. Random leases with rent, property fee, tax, free and fit-out periods, rises;
four in ten with free months every year, three in ten with a limited concession, three in ten changed once. Every line
with its explanation. No other open program computes such a schedule, so there is no peer in this run.

{table}
"""
    write_section("leases", text)
    print(table)


if __name__ == "__main__":
    main()
