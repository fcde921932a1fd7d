"""Time the lists at 100,000 rows each, at the server: `python -m benchmarks.lists [rows]`.

Makes premises, enterprises, occupancies and audit events in bulk in a temporary data folder, then asks the pages with the
test client (the full stack of middleware, queries and templates): first and last page, filters, sorts, text, totals; and
how soon the first bytes of a file come.
"""

from __future__ import annotations

import os
import random
import re
import resource
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta

if __name__ == "__main__":
    os.environ.setdefault("PARKBRAIN_HOME", tempfile.mkdtemp(prefix="parkbrain-lists-"))
os.environ.setdefault("PARKBRAIN_TASKS", "django_tasks.backends.immediate.ImmediateBackend")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbrain.config.settings")

LIMIT_MS = 200.0
FIRST_BYTES_LIMIT_S = 1.0
RUNS = 3
PARKS = 400
SENTENCE = re.compile(r"data-list-sentence[^>]*>([\d,]+)")
AT = datetime(2026, 6, 30, 2, 0, tzinfo=UTC)


def fill(rows: int) -> None:
    """Make the rows in bulk: values differ, repeat, and are missing in every tenth row."""
    from parkbrain.enterprises.models import Enterprise, EnterpriseReturn, Occupancy, Qualification
    from parkbrain.kernel.models import AuditEvent, Branch, Membership, Park, User
    from parkbrain.kernel.names import name_fields
    from parkbrain.space.models import Building, Premises, Site

    draw = random.Random(7)
    root = Branch.objects.create(kind="CITY", code="root", path="/root/", **name_fields(zh_hans="市", en="City"))
    operators = Branch.objects.bulk_create(
        Branch(kind="OPERATOR", parent=root, code=f"op{n}", path=f"/root/op{n}/", name_zh_hans=f"运营商{n}")
        for n in range(PARKS // 20)
    )
    branches = Branch.objects.bulk_create(
        Branch(
            kind="PARK",
            parent=operators[n % len(operators)],
            code=f"p{n:04d}",
            path=f"{operators[n % len(operators)].path}p{n:04d}/",
            name_zh_hans=f"园区{n}",
        )
        for n in range(PARKS)
    )
    parks = Park.objects.bulk_create(
        Park(code=b.code, branch=b, name_zh_hans=b.name_zh_hans, land_area_m2=1000.0 + n)
        for n, b in enumerate(branches)
    )
    sites = Site.objects.bulk_create(Site(park=park, code="S1") for park in parks)
    buildings = Building.objects.bulk_create(Building(site=s, code=f"T{n}") for s in sites for n in range(5))
    words = ["智能", "机器人", "生物", "电子", "传感", "软件", "新材料", "光电", "精密", "医疗"]
    premises = Premises.objects.bulk_create(
        (
            Premises(
                park=parks[n % PARKS],
                building=buildings[5 * (n % PARKS) + n // PARKS % 5],
                code=f"{n // PARKS % 5}-{n:06d}",
                use=draw.choice(Premises.Use.values),
                billing_area_m2=round(draw.uniform(40, 4000), 1),
                floor_load_kn_m2=None if n % 10 == 0 else draw.choice([2.5, 3.5, 5.0, 7.5, 10.0]),
                clear_height_m=None if n % 10 == 1 else draw.choice([3.0, 4.5, 6.0]),
                fire_class=draw.choice(["", "C", "D"]),
            )
            for n in range(rows)
        ),
        batch_size=2000,
    )
    firms = Enterprise.objects.bulk_create(
        (
            searchable(
                Enterprise,
                uscc=f"91440300MA{n:08d}",
                name_zh_hans=f"深圳市{draw.choice(words)}{draw.choice(words)}科技{n}有限公司",
                name_zh_hant="",
                name_en=f"Shenzhen Technology {n} Co., Ltd.",
                products=draw.choice(words),
                industry_code=draw.choice(["3491", "3969", "6513", "2770", "7310"]),
                size_class=draw.choice(["LARGE", "MEDIUM", "SMALL", "MICRO", ""]),
                founded_on=None if n % 10 == 0 else date(2000 + n % 25, 1 + n % 12, 1),
            )
            for n in range(rows)
        ),
        batch_size=2000,
    )
    EnterpriseReturn.objects.bulk_create(
        (EnterpriseReturn(enterprise=f, year=2025, staff_count=n % 500, output_wan=n) for n, f in enumerate(firms)),
        batch_size=2000,
    )
    Qualification.objects.bulk_create(
        (Qualification(enterprise=f, kind="HNTE", valid_from_on=date(2025, 1, 1)) for f in firms[::5]), batch_size=2000
    )
    starts = date(2015, 1, 1)
    Occupancy.objects.bulk_create(
        (
            Occupancy(
                premises=premises[n],
                enterprise=firms[n],
                starts_on=starts + timedelta(days=n % 3000),
                ends_on=date(2025, 6, 1) if n % 10 == 0 else None,
                lease_number=f"L-{n}",
                lease_ends_on=None if n % 9 == 0 else date(2026, 6, 1) + timedelta(days=n % 900),
                rent_yuan_per_m2_month=40 + n % 90,
            )
            for n in range(rows)
        ),
        batch_size=2000,
    )
    person = User.objects.create(username="administrator", language="en")
    Membership.objects.create(user=person, branch=root, role="ADMINISTRATOR")
    one = User.objects.create(username="operator", language="en")
    Membership.objects.create(user=one, branch=operators[0], role="OPERATOR")
    AuditEvent.objects.bulk_create(
        (
            AuditEvent(
                # As a chain would number them: what is timed is reading.
                position=n + 1,
                previous_hash="0" * 64,
                hash=f"{n:064x}",
                code=draw.choice(["space.premises.changed", "enterprises.enterprise.changed"]),
                at=AT - timedelta(minutes=n),
                actor=person,
                actor_name=person.username,
                park=parks[n % PARKS],
                target_label="space.premises",
                target_id=str(n),
                target_name=f"{n // PARKS % 5}-{n:06d}",
            )
            for n in range(rows)
        ),
        batch_size=2000,
    )


def searchable(model: type, **values: object) -> object:
    """Return a row with its search text, as the services write it."""
    row = model(**values)
    row.search_text = row.fresh_search_text()
    return row


def questions(rows: int) -> list[tuple[str, str, str]]:
    """Return list, title and address of what is asked."""
    from django.urls import reverse

    from parkbrain.kernel.models import Park

    park = Park.objects.order_by("pk")[7].pk
    last, middle = f"page={rows // 50 - 200}", f"page={rows // 100}"
    asked = {
        "premises_list": [
            ("first page", ""),
            ("page near the end", last),
            ("sort by area, largest first", "sort=-area"),
            ("sort by area, page near the end", f"sort=-area&{last}"),
            ("sort by area, page in the middle", f"sort=-area&{middle}"),
            ("sort by load (a tenth unknown)", "sort=load"),
            ("sort by building, then area", "sort=building,-area"),
            ("vacant", "state=vacant"),
            ("let, laboratory, 200–500 m²", "state=let&use=LAB&area_min=200&area_max=500"),
            ("code holds 777", "q=777"),
            ("code that is not there", "q=nowhere"),
            ("as of 2020, 200 rows", "on=2020-01-01&per=200"),
            ("one park", f"park={park}"),
        ],
        "enterprise_list": [
            ("first page", ""),
            ("page near the end", last),
            ("sort by name, page near the end", f"sort=name&{last}"),
            ("sort by name, page in the middle", f"sort=name&{middle}"),
            ("sort by founding day", "sort=-founded"),
            ("name or product holds 机器人", "q=机器人"),
            ("name holds 機器人, typed in the other script", "q=機器人"),
            ("initials jqrdz", "q=jqrdz"),
            ("name that is not there", "q=nowhere"),
            ("industry C, small and micro", "section=C&size=SMALL&size=MICRO"),
            ("with a certificate", "qualification=HNTE"),
            ("founded 2010–2015", "founded_min=2010-01-01&founded_max=2015-12-31"),
            ("one park", f"park={park}"),
        ],
        "occupancy_list": [
            ("first page", ""),
            ("all, page near the end", f"state=all&{last}"),
            ("all, page in the middle", f"state=all&{middle}"),
            ("sort by lease end", "sort=lease_ends_on"),
            ("sort by enterprise", "sort=enterprise"),
            ("sort by rent, page near the end", f"sort=-rent&state=all&{last}"),
            ("leases that end", "state=ending"),
            ("enterprise holds 机器人", "q=机器人"),
            ("rent 60–70, 1,000 m² and more", "rent_min=60&rent_max=70&area_min=1000"),
        ],
        "audit_trail": [
            ("first page", ""),
            ("page near the end", last),
            ("one day", "at_min=2026-06-01&at_max=2026-06-01"),
            ("what holds 777", "q=777"),
            ("one module", "area=space"),
            ("sort by actor, page near the end", f"sort=actor&{last}"),
            ("sort by actor, page in the middle", f"sort=actor&{middle}"),
        ],
        "search": [(f"search for {text}", f"q={text}") for text in ("机器人", "機器人", "jqr", "jiqiren", "nowhere")],
    }
    return [
        (name, title, f"{reverse(name)}?{query or 'view=0'}") for name, all_ in asked.items() for title, query in all_
    ]


def time_files(client: object, names: list[str]) -> list[str]:
    """Return per list how soon its first bytes come, how long all of it takes, and what memory it takes."""
    from django.urls import reverse

    lines, slow = [], False
    for name in names:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        query = "?format=csv&state=all" if name == "occupancy_list" else "?format=csv"
        parts = iter(client.get(reverse(name) + query).streaming_content)  # type: ignore[attr-defined]
        size = len(next(parts)) + len(next(parts))
        first_s = time.perf_counter() - started
        size += sum(map(len, parts))
        total_s = time.perf_counter() - started
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        lines.append(f"| {name} | {first_s:.2f} | {total_s:.1f} | {size / 1e6:.1f} | {grown:.0f} |")
        slow = slow or first_s > FIRST_BYTES_LIMIT_S
    return [*lines, ""] if not slow else [*lines, f"over {FIRST_BYTES_LIMIT_S} s to the first rows", ""]


def main() -> int:
    """Fill, time, print and write the section; exit 1 when an answer is too slow."""
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from benchmarks.report import machine, write_section
    from parkbrain.config.cli_serve import prepare_database
    from parkbrain.kernel.models import User

    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    prepare_database()
    if not User.objects.exists():
        fill(rows)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    clients = {name: Client(headers={"host": "localhost"}) for name in ("administrator", "operator")}
    for name, client in clients.items():
        client.force_login(User.objects.get(username=name))
        client.get("/premises/?view=0")
    measured = []
    for name, title, url in questions(rows):
        times, busy = [], []
        for _ in range(RUNS):
            started, began = time.perf_counter(), time.process_time()
            answer = clients["administrator"].get(url)
            times.append((time.perf_counter() - started) * 1000)
            busy.append((time.process_time() - began) * 1000)
        assert answer.status_code == 200, url
        with CaptureQueriesContext(connection) as queries:
            clients["administrator"].get(url)
            asked = list(queries.captured_queries)
        started = time.perf_counter()
        clients["operator"].get(url)
        own = (time.perf_counter() - started) * 1000
        found = int(SENTENCE.search(answer.content.decode())[1].replace(",", ""))  # type: ignore[index]
        measured.append((name, title, found, statistics.median(times), statistics.median(busy), len(asked), own))
        if "-v" in sys.argv:
            slowest = sorted(asked, key=lambda q: float(q["time"]))[-2:]
            print(name, title, round(measured[-1][3]), [(q["time"], q["sql"][:260]) for q in slowest])
    lines = [
        f"{rows:,} premises, enterprises, occupancies and audit events in {PARKS} parks, SQLite; {machine()}. Time at the server "
        f"(test client, full stack; what exceeds the processor time is waiting for a shared machine), median of {RUNS}, for "
        "a person who sees everything and for an operator of 20 parks.",
        "",
        "| list | question | rows found | median ms | of it processor ms | queries | operator ms |",
        "|---|---|---:|---:|---:|---:|---:|",
        *(f"| {n} | {t} | {c:,} | {m:.0f} | {w:.0f} | {q} | {o:.0f} |" for n, t, c, m, w, q, o in measured),
        "",
        "Files of all rows as CSV:",
        "",
        "| list | first 500 rows after s | all rows after s | MB | memory grown MB |",
        "|---|---:|---:|---:|---:|",
        *time_files(clients["administrator"], ["premises_list", "enterprise_list", "occupancy_list", "audit_trail"]),
    ]
    text = "\n".join(lines)
    print(text)
    write_section("lists", f"## Lists\n\n{text}")
    slow = [f"{n}: {t}" for n, t, _c, m, *_rest in measured if m > LIMIT_MS]
    if slow:
        print(f"over {LIMIT_MS:.0f} ms: {'; '.join(slow)}")
    return 1 if slow or "over" in lines[-2] else 0


if __name__ == "__main__":
    sys.exit(main())
