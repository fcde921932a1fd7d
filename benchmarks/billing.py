"""Times a year of bills: 12 runs of 1,000 firms from proposals to stored bills, and the page of a run.

Run with `python -m benchmarks.billing`; it works in a database of its own and writes the section `billing` of
docs/performance.md.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    os.environ["PARKBRAIN_HOME"] = tempfile.mkdtemp(prefix="parkbrain-billing-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbrain.config.settings")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.report import machine, markdown_table, write_section

FIRMS, MONTHS = 1000, 12
AT = datetime(2027, 1, 31, tzinfo=UTC)


def proposals(firms: Sequence[int]) -> Any:
    """Return a source that proposes a rent and a fee for every firm, each with three reasons, made beforehand."""
    from parkbrain.billing import queries
    from parkbrain.billing.queries import ChargeSource, ProposedCharge, Reason

    made: dict[date, list[ProposedCharge]] = {}
    for number in range(1, MONTHS + 1):
        month = date(2026, number, 1)
        end = queries.month_after(month)
        made[month] = [
            ProposedCharge(
                f"{kind}:{firm}:{month:%Y-%m}", firm, kind, month, end, month.replace(day=5), net, rate,
                (net * rate).quantize(Decimal("0.01")), quantity=Decimal(500), unit="m²", unit_price_yuan=net / 500,
                reasons=[Reason("billing.tax", {"rate": str(rate), "net": str(net), "tax": "0"})] * 3,
            )
            for firm in firms
            for kind, net, rate in (
                ("RENT", Decimal("30000.00") + firm, Decimal("0.09")),
                ("PROPERTY_FEE", Decimal("6000.00"), Decimal("0.06")),
            )
        ]  # fmt: skip
    return ChargeSource("benchmark", "Benchmark", lambda *, park, starts_on, ends_on: made[starts_on])


def main() -> None:
    """Measure and write the section."""
    import django

    django.setup()

    from django.core.management import call_command
    from django.db.models import Sum

    from parkbrain.billing import queries, services
    from parkbrain.billing.models import Bill, Charge
    from tests.factories import make_enterprise, make_park, make_user

    call_command("migrate", verbosity=0)
    park = make_park()
    clerk = make_user("OPERATOR", park.branch)
    source = proposals([make_enterprise().pk for _ in range(FIRMS)])
    for key in list(queries.charge_sources.keys()):
        del queries.charge_sources._items[key]
    queries.charge_sources.add(source.key, source)
    started, wall = time.process_time(), time.perf_counter()
    for number in range(1, MONTHS + 1):
        month = date(2026, number, 1)
        run = services.begin_run(park=park, month_on=month, issued_on=month, actor=clerk, at=AT)
        services.preview_run(run=run, actor=clerk, at=AT)
        services.ask_to_approve_run(run=run, actor=clerk, at=AT)
    spent, passed = time.process_time() - started, time.perf_counter() - wall
    lines = Charge.objects.aggregate(total=Sum("gross_yuan"))["total"]
    assert Bill.objects.count() == FIRMS * MONTHS and lines == Bill.objects.aggregate(t=Sum("gross_yuan"))["t"]
    started = time.process_time()
    queries.get_run_view(run=run)
    shown = time.process_time() - started
    rows = [
        [f"{MONTHS} runs of {FIRMS:,} firms, {Charge.objects.count():,} charges: preview to stored bills",
         f"{spent:.2f} s", f"{passed:.2f} s"],
        [f"the page of a run: sums, differences of {FIRMS:,} firms to last month with causes", f"{shown:.2f} s", ""],
    ]  # fmt: skip
    table = markdown_table(["what", "processor", "wall clock"], rows)
    text = f"## Billing\n\n{machine()}. Proposals are made beforehand; SQLite on disk; `python -m benchmarks.billing`.\n\n{table}"
    write_section("billing", text)
    print(text)


if __name__ == "__main__":
    main()
