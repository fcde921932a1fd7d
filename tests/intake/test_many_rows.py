"""An import of more rows than a statement of SQLite may hold conditions is taken back like a small one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from parkbrain.calc.uscc import complete
from parkbrain.enterprises.models import Enterprise
from parkbrain.intake import services
from parkbrain.intake.models import Batch
from parkbrain.intake.queries import get_rollback_plan
from parkbrain.kernel.models import Park, User
from parkbrain.space.models import Premises
from parkbrain.telemetry.models import Point, Source
from parkbrain.telemetry.services import CannotRecordPoint, record_points
from tests.factories import AT

from .conftest import workbook_bytes
from .whole import ROWS, Take, record

LATER = AT + timedelta(hours=1)
#: More than the 1,000 conditions that SQLite joins in one expression.
MANY = 1_120
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
FIRMS = [complete(f"91440300MA5{number:06d}") for number in range(MANY)]


def many(*, area: float = 100.0, staff: int = 10, ratio: int = 60) -> dict[str, Any]:
    """Return a park with many rows of kinds that refer to each other."""
    return {
        "park": ROWS["park"],
        "buildings": ROWS["buildings"],
        "storeys": [ROWS["storeys"][0], ["A", 1, 500_000], ["A", 2, 500_000]],
        "premises": [
            ["code", "building_code", "level", "use", "gross_area_m2"],
            *([f"R-{n:04}", "A", 1 + n % 2, "RND", area + n % 7] for n in range(MANY)),
        ],
        "enterprises": [
            ["uscc", "name_zh_hans", "industry_code"],
            *([code, f"众行公司{n}", "3491"] for n, code in enumerate(FIRMS)),
        ],
        "returns": [["uscc", "year", "staff_count"], *([code, 2025, staff + n % 5] for n, code in enumerate(FIRMS))],
        "occupancies": [
            ["premises_code", "uscc", "starts_on"],
            *([f"R-{n:04}", code, "2024-03-01"] for n, code in enumerate(FIRMS)),
        ],
        "points": [
            ["code", "kind", "unit", "ct_ratio", "factor_from_on"],
            *([f"E-{n:04}", "REGISTER", "KiloW-HR", ratio, "2024-01-01"] for n in range(MANY)),
        ],
    }


def test_an_import_of_many_rows_that_refer_to_each_other_is_taken_back(take: Take, clerk: User) -> None:
    before = record()
    batch = take(many())
    assert Premises.objects.count() == Enterprise.objects.count() == Point.objects.count() == MANY
    plan = get_rollback_plan(batch=batch)
    assert plan.is_possible and sum(one.count for one in plan.removed) > 6 * MANY
    services.roll_back_batch(batch=batch, actor=clerk, at=LATER)
    assert record() == before


def test_points_of_as_many_gateways_are_taken_in_and_back(take: Take, clerk: User) -> None:
    take({"park": ROWS["park"]})
    park = Park.objects.get(code="ROLL-1")
    Source.objects.bulk_create(
        Source(park=park, code=f"GW-{n:04}", driver="http", name_en="Gateway", changed_at=AT) for n in range(MANY)
    )
    before = record()
    heads = ["code", "kind", "unit", "source_code", "address"]
    rows = [[f"W-{n:04}", "REGISTER", "M3", f"GW-{n:04}", str(n % 9)] for n in range(MANY)]
    batch = take({"park": ROWS["park"], "points": [heads, *rows]})
    assert Point.objects.filter(source__code="GW-1119", address="3").exists()
    with pytest.raises(CannotRecordPoint, match="W-0007 has the address 7 already"):
        record_points(
            park=park, rows=[{"code": "W-new", "source_code": "GW-0007", "address": "7"}], actor=clerk, at=LATER
        )
    services.roll_back_batch(batch=batch, actor=clerk, at=LATER)
    assert record() == before


def test_many_changed_rows_get_their_old_values(take: Take, clerk: User) -> None:
    take(many())
    before = record()
    batch = take(many(area=200.0, staff=20, ratio=80), at=LATER)
    assert record() != before and batch.change_count > 2 * MANY
    plan = get_rollback_plan(batch=batch)
    assert plan.is_possible and plan.restored_count > 2 * MANY
    services.roll_back_batch(batch=batch, actor=clerk, at=LATER)
    assert record() == before


def test_what_the_terminal_does_not_print_is_said_with_where_it_is(take: Take, clerk: User, tmp_path: Path) -> None:
    take(many())
    path = tmp_path / "again.xlsx"
    path.write_bytes(workbook_bytes(many(staff=20)))
    tried = services.import_file(path=path, actor=clerk, at=LATER, dry_run=True)
    assert f"… and {MANY - 20} more: --json" in tried.as_text() and len(tried.as_dict()["changes"]) == MANY
    path.write_bytes(workbook_bytes({"park": ROWS["park"], "returns": [["uscc", "year"], *[["x", 2025]] * 30]}))
    refused = services.import_file(path=path, actor=clerk, at=LATER)
    lines = refused.as_text().splitlines()
    assert lines[-1] == f"… and {len(refused.problems) - 20} more: {reverse('import_batch', args=[refused.batch_id])}"


def test_many_rows_that_stand_in_the_way_are_counted_without_a_question_for_each(take: Take, clerk: User) -> None:
    few, all_of_them = {"park": ROWS["park"]}, many()
    batch = take({**few, "enterprises": all_of_them["enterprises"]})
    later = take({**few, "returns": all_of_them["returns"]}, at=LATER)
    with CaptureQueriesContext(connection) as asked:
        plan = get_rollback_plan(batch=batch)
    assert plan.conflict_count == MANY and not plan.is_possible
    assert all("yearly return" in one.reason for one in plan.conflicts)
    assert {one.place for one in plan.conflicts} >= {"enterprises 2", "enterprises 3"}
    assert len(asked) < 120
    address = reverse("roll_back_import", args=[batch.pk])
    with pytest.raises(services.CannotRollBackBatch, match="1120 of its rows") as refusal:
        services.roll_back_batch(batch=batch, actor=clerk, at=LATER)
    assert f"… and 1115 more: {address}" in str(refusal.value)
    client = Client()
    client.force_login(clerk)
    pages = [client.get(address, {"page": number}).context["plan"].conflicts for number in range(1, 7)]
    assert len({one.name for page in pages for one in page}) == MANY
    assert "201–400 of 1120" in client.get(address, {"page": 2}).content.decode()
    services.roll_back_batch(batch=later, actor=clerk, at=LATER)
    services.roll_back_batch(batch=batch, actor=clerk, at=LATER)
    assert not Enterprise.objects.exists() and not Batch.objects.exclude(state=Batch.State.ROLLED_BACK).exists()
