"""Time the city's pages and filters with 200,000 enterprises loaded: `python -m benchmarks.portfolio`.

Runs against the data folder PARKBRAIN_HOME, where a demo of 4,420 parks must be loaded (`parkbrain demo`), with the test
client: no network, no browser, the full stack of middleware, queries and templates. The enterprises are laid over the
parks' own rooms inside a transaction that is taken back at the end.
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
FIRMS = 200_000


def addresses() -> Iterator[tuple[str, str]]:
    """Yield title and address of every page and filter to time."""
    from django.urls import reverse

    from parkbrain.kernel.models import Park

    city, points = reverse("city"), reverse("city_points")
    park = Park.objects.filter(code__startswith="sz-").order_by("pk").first()
    assert park is not None
    outline = "113.8,22.5;114.1,22.5;114.1,22.8;113.8,22.8"
    yield "city", city
    yield "by an indicator", f"{city}?by=value.F1.1"
    yield "by a fact, sorted by it", f"{city}?by=fact.leasable_area_m2&sort=-chosen"
    yield "range of an indicator", f"{city}?by=value.F1.1&value_min=60"
    yield "district", f"{city}?district=440306"
    yield "district and street", f"{city}?district=440306&street=新安街道"
    yield "outline on the map", f"{city}?lasso={outline}"
    yield "parks like one", f"{city}?like={park.pk}"
    yield "sorted by place among like parks", f"{city}?sort=-place"
    yield "as of three years ago", f"{city}?on=2023-06-30"
    yield "as of then, by an indicator, three stars", f"{city}?on=2023-06-30&by=value.F1.1&stars=3"
    yield "points of all parks", points
    yield "points within an outline", f"{points}?lasso={outline}&by=value.F1.1"
    yield "peers of a park", reverse("park_peers", args=[park.pk])
    yield "peers three years ago", reverse("park_peers", args=[park.pk]) + "?on=2023-06-30"


def load_firms(count: int) -> None:
    """Lay many enterprises over the parks, one to a room."""
    from datetime import date

    from parkbrain.enterprises.models import Enterprise, Occupancy
    from parkbrain.kernel.models import Park
    from parkbrain.space.models import Building, Premises, Site

    parks = list(Park.objects.filter(code__startswith="sz-").order_by("pk"))
    sites = Site.objects.bulk_create([Site(park=p, code="B", name_zh_hans="测试") for p in parks])
    houses = Building.objects.bulk_create([Building(site=s, code="B", name_zh_hans="测试") for s in sites])
    rooms = Premises.objects.bulk_create(
        [
            Premises(park=park, building=house, code=f"B{i}", use=Premises.Use.OFFICE, billing_area_m2=100)
            for park, house in zip(parks, houses, strict=True)
            for i in range(count // len(parks) + 1)
        ],
        batch_size=5000,
    )[:count]
    firms = Enterprise.objects.bulk_create(
        [Enterprise(uscc=f"9999{i:014d}", name_zh_hans=f"企业{i}") for i in range(count)], batch_size=5000
    )
    Occupancy.objects.bulk_create(
        [Occupancy(enterprise=e, premises=r, starts_on=date(2024, 1, 1)) for e, r in zip(firms, rooms, strict=True)],
        batch_size=5000,
    )


def main() -> None:
    """Print the median and the slowest of some runs of every address; fail where a median is above the limit."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import transaction
    from django.test import Client

    from parkbrain.kernel.models import User

    settings.ALLOWED_HOSTS = ["*"]
    slow = []
    with transaction.atomic():
        started = time.perf_counter()
        load_firms(FIRMS)
        print(f"{FIRMS:,} enterprises laid in {time.perf_counter() - started:.1f} s")
        client = Client()
        client.force_login(User.objects.get(username="bureau"))
        print("| page or filter | first (ms) | median (ms) | slowest (ms) |\n|---|---|---|---|")
        for title, path in addresses():
            times = []
            for _run in range(RUNS + 1):
                begun = time.perf_counter()
                answer = client.get(path)
                assert answer.status_code == 200, (path, answer.status_code)
                times.append((time.perf_counter() - begun) * 1000)
            median = statistics.median(times[1:])
            print(f"| {title} | {times[0]:.0f} | {median:.0f} | {max(times[1:]):.0f} |")
            if median > LIMIT_MS:
                slow.append(title)
        transaction.set_rollback(True)
    if slow:
        sys.exit(f"Above {LIMIT_MS:.0f} ms: {', '.join(slow)}")


if __name__ == "__main__":
    main()
