"""Time of API answers in process: `python -m benchmarks.api` over 1,000 enterprises, each in premises of one park.

In a database of its own; writes its section of docs/performance.md.
"""

from __future__ import annotations

import os
import tempfile
from datetime import timedelta

from benchmarks.report import machine, markdown_table, median_seconds, write_section

RUNS, FIRMS = 15, 1000


def main() -> None:
    """Load firms into a database of its own and print the median time of a few answers."""
    os.environ["PARKBRAIN_HOME"] = tempfile.mkdtemp(prefix="parkbrain-bench-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "parkbrain.config.settings"
    os.environ["PARKBRAIN_LOG_LEVEL"] = "ERROR"
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from django.utils import timezone

    from parkbrain.integration.services import create_token
    from parkbrain.kernel.roles import Role
    from tests.factories import make_building, make_enterprise, make_occupancy, make_park, make_premises, make_user

    call_command("migrate", verbosity=0)
    park = make_park()
    building = make_building(park=park)
    for number in range(FIRMS):
        premises = make_premises(building=building, level=1 + number % 30)
        make_occupancy(premises=premises, enterprise=make_enterprise())
    user, now = make_user(Role.OPERATOR, park.branch), timezone.now()
    scopes = ["space:read", "enterprises:read"]
    token = create_token(
        owner=user, name="bench", scopes=scopes, expires_at=now + timedelta(days=1), actor=user, at=now
    )
    client, rows = Client(headers={"authorization": f"Bearer {token.secret}"}), []
    for path in ("enterprises?limit=1000", "enterprises?limit=50", "premises?limit=1000", "parks", "me"):
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 200, answer.content
        seconds = median_seconds(lambda path=path: client.get(f"/api/v1/{path}"), RUNS)
        rows.append((f"`{path}`", f"{seconds * 1000:.0f}", f"{len(answer.content) / 1000:.0f}"))
    table = markdown_table(("JSON API", "median ms", "kB"), rows)
    said = f"{FIRMS:,} enterprises in one park (`python -m benchmarks.api`); time at the server, median of {RUNS}; {machine()}."
    print(said, table, sep="\n")
    write_section("api", f"{said}\n\n{table}")


if __name__ == "__main__":
    main()
