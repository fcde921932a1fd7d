"""Time every page at the server with the whole demo city loaded: `python -m benchmarks.pages`.

Runs against the data folder PARKBRAIN_HOME (the demo is loaded into `var/bench` unless it is set) with the test client: no
network, no browser, the full stack of middleware, queries and templates.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Iterator

os.environ.setdefault("PARKBRAIN_HOME", "var/bench")
os.environ.setdefault("PARKBRAIN_TASKS", "django_tasks.backends.immediate.ImmediateBackend")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbrain.config.settings")

LIMIT_MS = 200.0
RUNS = 7


def addresses() -> Iterator[tuple[str, str, str]]:
    """Yield role, title and address of every page to time."""
    from django.urls import reverse

    from parkbrain.assessment.models import Rating
    from parkbrain.enterprises.models import Occupancy
    from parkbrain.kernel.models import Park

    living = Park.objects.filter(standing=Park.Standing.FICTIONAL, premises__isnull=False).order_by("pk").first()
    assert living is not None
    occupancy = Occupancy.objects.filter(premises__park=living).select_related("premises").order_by("pk").first()
    assert occupancy is not None
    frozen = Rating.objects.filter(park=living, state=Rating.State.FROZEN).order_by("pk").first()
    assert frozen is not None
    park = [living.pk]
    for role in ("OPERATOR", "BUREAU", "ASSESSOR", "TENANT"):
        yield role, "home", reverse("home")
    yield "BUREAU", "city", reverse("city")
    yield "BUREAU", "city, filtered and sorted", reverse("city") + "?q=科技&sort=-total"
    yield "BUREAU", "park list", reverse("park_list")
    yield "BUREAU", "park list, text filter", reverse("park_list") + "?q=智"
    for name in ("park_detail", "stars", "fact_list", "rating_list"):
        yield "OPERATOR", name.replace("_", " "), reverse(name, args=park)
    yield "OPERATOR", "indicator", reverse("indicator_detail", args=[living.pk, "five-star-reference", "F1.1"])
    yield "OPERATOR", "fact", reverse("fact_detail", args=[living.pk, "leased_area_m2"])
    yield "OPERATOR", "frozen rating", reverse("rating_detail", args=[frozen.pk])
    yield "OPERATOR", "building with section", reverse("building_detail", args=[occupancy.premises.building_id])
    yield "OPERATOR", "premises", reverse("premises_detail", args=[occupancy.premises_id])
    yield "OPERATOR", "premises list", reverse("premises_list")
    yield "OPERATOR", "enterprise", reverse("enterprise_detail", args=[occupancy.enterprise_id])
    yield "OPERATOR", "enterprise list", reverse("enterprise_list")
    yield "OPERATOR", "occupancies", reverse("occupancy_list")
    yield "OPERATOR", "imports", reverse("import_list")
    yield "OPERATOR", "search", reverse("search") + "?q=机器人"
    yield "OPERATOR", "schemes", reverse("scheme_list")
    yield "OPERATOR", "scheme", reverse("scheme_detail", args=["five-star-reference"])
    yield "OPERATOR", "people", reverse("people")
    yield "OPERATOR", "audit trail", reverse("audit_trail")
    yield from money_addresses(living.pk)
    yield from life_addresses(living.pk)
    yield from energy_addresses(living.pk)


def money_addresses(park: int) -> Iterator[tuple[str, str, str]]:
    """Yield the pages of leases, lettings and bills."""
    from django.urls import reverse

    from parkbrain.billing.models import Bill, BillRun
    from parkbrain.leasing.models import Lead, Lease

    lease = Lease.objects.filter(park=park, state=Lease.State.ACTIVE).order_by("pk").first()
    lead = Lead.objects.filter(park=park).order_by("pk").first()
    bill = Bill.objects.filter(park=park).order_by("pk").first()
    run = BillRun.objects.filter(park=park, state__in=BillRun.ISSUED).order_by("-month_on").first()
    assert lease is not None and lead is not None and bill is not None and run is not None
    yield "OPERATOR", "leases", reverse("lease_list")
    yield "OPERATOR", "lease", reverse("lease_detail", args=[lease.pk])
    yield "OPERATOR", "clause tester", reverse("clause_tester")
    yield "OPERATOR", "tester of a lease", reverse("lease_tester", args=[lease.pk])
    yield "OPERATOR", "lettings board", reverse("lettings_board", args=[park])
    yield "OPERATOR", "lettings what-if", reverse("lettings_what_if", args=[park])
    yield "OPERATOR", "rent roll", reverse("rent_roll")
    yield "OPERATOR", "find space", reverse("find_space")
    yield "OPERATOR", "leads", reverse("lead_list")
    yield "OPERATOR", "lead", reverse("lead_detail", args=[lead.pk])
    yield "OPERATOR", "lead funnel", reverse("lead_funnel", args=[park])
    for name in ("billing_home", "billing_arrears", "billing_deposits", "billing_corrections"):
        yield "OPERATOR", name.replace("_", " "), reverse(name, args=[park])
    yield "OPERATOR", "billing run", reverse("billing_run", args=[run.pk])
    yield "OPERATOR", "money of a firm", reverse("billing_firm", args=[park, bill.enterprise_id])
    yield "OPERATOR", "bill", reverse("bill_detail", args=[bill.pk])
    for name in ("bill_list", "charge_list", "payment_list"):
        yield "OPERATOR", name.replace("_", " "), reverse(name)


def energy_addresses(park: int) -> Iterator[tuple[str, str, str]]:
    """Yield the pages of meters, energy, carbon, equipment and what comes in."""
    from django.urls import reverse

    from parkbrain.energy.models import Meter
    from parkbrain.facilities.models import Equipment
    from parkbrain.telemetry.models import Point, Source

    meter = Meter.objects.filter(park=park).order_by("pk").first()
    point = Point.objects.filter(park=park).order_by("pk").first()
    source = Source.objects.filter(park=park).order_by("pk").first()
    machine = Equipment.objects.filter(park=park).order_by("pk").first()
    assert meter is not None and point is not None and source is not None and machine is not None
    for name in ("energy_home", "energy_heat", "energy_flows", "meter_tree", "energy_bills", "energy_performance"):
        yield "OPERATOR", name.replace("_", " "), reverse(name, args=[park])
    for name in ("metering_audit", "carbon_statement", "exchange"):
        yield "OPERATOR", name.replace("_", " "), reverse(name, args=[park])
    for name in ("meter_list", "point_list", "source_list", "equipment_list", "activity_list", "factor_list"):
        yield "OPERATOR", name.replace("_", " "), reverse(name)
    yield "OPERATOR", "meter", reverse("meter_detail", args=[meter.pk])
    yield "OPERATOR", "point", reverse("point_detail", args=[point.pk])
    yield "OPERATOR", "source", reverse("source_detail", args=[source.pk])
    yield "OPERATOR", "equipment", reverse("equipment_detail", args=[machine.pk])


def life_addresses(park: int) -> Iterator[tuple[str, str, str]]:
    """Yield the pages of the life cycle, exits, plans and the wall."""
    from django.urls import reverse

    from parkbrain.lifecycle.models import ExitCase, LifeSubject

    subject = LifeSubject.objects.filter(park=park).order_by("pk").first()
    case = ExitCase.objects.filter(park=park).order_by("pk").first()
    assert subject is not None and case is not None
    for name in ("life_board", "life_matrix", "life_positioning", "park_efficiency", "next_star", "measure_list"):
        yield "OPERATOR", name.replace("_", " "), reverse(name, args=[park])
    yield "OPERATOR", "life of a subject", reverse("life_subject", args=[subject.pk])
    for name in ("duty_list", "my_duties", "exit_triggers", "exit_cases", "exit_ledger"):
        yield "OPERATOR", name.replace("_", " "), reverse(name)
    yield "OPERATOR", "exit", reverse("exit_case", args=[case.pk])
    yield "BUREAU", "wall", reverse("wall")
    yield "OPERATOR", "wall of a park", reverse("wall_park", args=[park])


def main() -> int:
    """Time the pages, print and write the table; exit 1 when one is too slow."""
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from benchmarks.report import write_section
    from parkbrain.config.cli_serve import prepare_database
    from parkbrain.demo import load
    from parkbrain.kernel.models import Park, User

    prepare_database()
    if not Park.objects.exists():
        load.load_demo(seed=20260101, on=timezone.localdate())
    clients: dict[str, Client] = {}
    rows = []
    for role, title, url in addresses():
        if role not in clients:
            clients[role] = Client(headers={"host": "localhost"})
            clients[role].force_login(User.objects.filter(memberships__role=role).order_by("pk")[0])
        client = clients[role]
        answer = client.get(url)
        assert answer.status_code == 200, f"{url} answered {answer.status_code}"
        times = []
        for _ in range(RUNS):
            # The processor's time: what the page takes on a machine that does nothing else.
            started = time.process_time()
            body = b"".join(client.get(url))
            times.append((time.process_time() - started) * 1000)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        rows.append((title, role.lower(), statistics.median(times), max(times), len(queries), len(body) / 1024))
    lines = [
        f"{Park.objects.count():,} parks loaded; processor time at the server, median and worst of {RUNS}.",
        "",
        "| page | role | median ms | worst ms | queries | kB |",
        "|---|---|---:|---:|---:|---:|",
        *(f"| {t} | {r} | {m:.0f} | {w:.0f} | {q} | {k:.0f} |" for t, r, m, w, q, k in rows),
    ]
    print("\n".join(lines))
    write_section("pages", "\n".join(lines))
    slow = [t for t, _, m, *_ in rows if m > LIMIT_MS]
    if slow:
        print(f"over {LIMIT_MS:.0f} ms: {', '.join(slow)}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
