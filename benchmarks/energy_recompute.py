"""Work out the use of many meters from hourly readings of a year, from scratch: `python benchmarks/energy_recompute.py`."""

from __future__ import annotations

import os
import tempfile
import time
from datetime import UTC, datetime

POINTS, HOURS = int(os.environ.get("POINTS", "300")), 8760


def main() -> None:
    """Make a park of its own in a folder of its own, and print how long each part takes."""
    home = tempfile.mkdtemp(prefix="parkbrain-bench-")
    os.environ["PARKBRAIN_HOME"] = home
    os.environ["PARKBRAIN_LAKE"] = f"{home}/lake"
    os.environ["DJANGO_SETTINGS_MODULE"] = "parkbrain.config.settings"
    import django

    django.setup()
    import numpy as np
    import pyarrow as pa
    from django.core.management import call_command

    from parkbrain import lake
    from parkbrain.accounts.services import create_root_branch
    from parkbrain.energy import services
    from parkbrain.energy.models import DayUse
    from parkbrain.space.services import record_parks
    from parkbrain.telemetry.services import record_points

    call_command("migrate", verbosity=0)
    at = datetime(2026, 1, 2, tzinfo=UTC)
    root = create_root_branch(at=at)
    park = record_parks(rows=[{"code": "BENCH", "name_zh_hans": "试验园区"}], actor=None, at=at, parent=root)[0].row
    codes = [f"E-{n}" for n in range(POINTS)]
    rows = [{"code": c, "unit": "KiloW-HR", "name_zh_hans": c} for c in codes]
    points = [r.row for r in record_points(park=park, rows=rows, actor=None, at=at)]
    meters = [{"code": c, "energy_kind": "ELECTRICITY", "point_code": c, "level": 3} for c in codes]
    services.record_meters(park=park, rows=meters, actor=None, at=at)
    draw = np.random.default_rng(1)
    start_us = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
    at_us = start_us + np.arange(HOURS) * 3_600_000_000
    for point in points:
        values = np.cumsum(draw.uniform(0, 5, HOURS)).round(2)
        columns = [np.full(HOURS, point.pk), at_us, values, np.zeros(HOURS, dtype=np.int8)]
        table = pa.table(dict(zip(lake.SCHEMA.names, columns, strict=True)), schema=lake.SCHEMA)
        lake.append_readings(table, batch_id=f"bench-{point.pk}", at=at)
    started, busy = time.perf_counter(), time.process_time()
    services.recompute_use(at=at)
    print(f"processor time: {time.process_time() - busy:.1f} s")
    print(
        f"{POINTS} points x {HOURS} hours from scratch: {time.perf_counter() - started:.1f} s, {DayUse.objects.count()} days"
    )
    started = time.perf_counter()
    services.recompute_use(at=at)
    print(f"nothing new: {time.perf_counter() - started:.2f} s")
    late = pa.table(
        {
            "point": [p.pk for p in points],
            "at_us": [int(at_us[-1]) + 900_000_000] * POINTS,
            "value": [50_000.0] * POINTS,
            "quality": [0] * POINTS,
        },
        schema=lake.SCHEMA,
    )
    lake.append_readings(late, batch_id="bench-late", at=at)
    started = time.perf_counter()
    outcome = services.recompute_use(at=at)
    print(f"one new reading of each: {time.perf_counter() - started:.2f} s, {outcome.days_written} days written")


if __name__ == "__main__":
    main()
