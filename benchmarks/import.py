"""Time the import of 25,000 rows: `python -m benchmarks.import`.

A workbook of one park with firms, returns and occupancies is checked with preview, applied, imported a second
time, rolled back, and taken in as by the page; the same workbook is read by openpyxl in the same run.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

_HOME = tempfile.TemporaryDirectory(prefix="parkbrain-bench-")
os.environ["PARKBRAIN_HOME"] = _HOME.name
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbrain.config.settings")

FIRMS = PREMISES = 5000
YEARS = (2023, 2024)
LIMIT_S = 10.0


def rows() -> dict[str, list[dict[str, Any]]]:
    """Return 25,000 rows by the key of their sheet."""
    from datetime import date

    from parkbrain.calc.uscc import complete

    codes = [complete(f"91440300MA5{number:06d}") for number in range(FIRMS)]
    levels = PREMISES // 50
    return {
        "park": [{"code": "BENCH", "name_zh_hans": "测速园", "kind": "UPSTAIRS"}],
        "buildings": [{"code": "A", "name_zh_hans": "A 座", "use": "FACTORY"}],
        "storeys": [{"building_code": "A", "level": n + 1, "gross_floor_area_m2": 26_000} for n in range(levels)],
        "premises": [
            {"code": f"A-{n:05d}", "building_code": "A", "level": n // 50 + 1, "use": "RND", "gross_area_m2": 500.5}
            for n in range(PREMISES)
        ],
        "enterprises": [
            {"uscc": code, "name_zh_hans": f"测速{n}号公司", "industry_code": "3491", "founded_on": date(2018, 4, 12)}
            for n, code in enumerate(codes)
        ],
        "returns": [
            {"uscc": code, "year": year, "staff_count": 80, "revenue_wan": 5200.5, "tax_wan": 310}
            for code in codes
            for year in YEARS
        ],
        "occupancies": [
            {"premises_code": f"A-{n:05d}", "uscc": code, "starts_on": date(2023, 3, 1), "rent_yuan_per_m2_month": 58.5}
            for n, code in enumerate(codes)
        ],
    }


def write_workbook(path: Path) -> int:
    """Write the workbook as a person's would be, and return how many rows it has."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    count = 0
    for key, sheet_rows in rows().items():
        sheet = book.add_worksheet(key)
        fields = list(sheet_rows[0])
        sheet.write_row(0, 0, fields)
        for number, row in enumerate(sheet_rows, start=1):
            for column, field in enumerate(fields):
                sheet.write(number, column, row[field])
        count += len(sheet_rows)
    book.close()
    return count


Times = tuple[float, float]


def seconds(call: Callable[[], Any]) -> tuple[Times, Any]:
    """Return how long a call took on the wall and on the processor, and what it returned."""
    wall, processor = time.perf_counter(), time.process_time()
    result = call()
    return (time.perf_counter() - wall, time.process_time() - processor), result


def read_with_openpyxl(path: Path) -> int:
    """Read every cell with the peer; it neither checks nor writes."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    return sum(1 for sheet in book.worksheets for _row in sheet.iter_rows(values_only=True))


def main() -> None:
    """Measure and write the section."""
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks import report

    call_command("migrate", "--skip-checks", verbosity=0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "park.xlsx"
        count = write_workbook(path)
        lines = _measure(path)
        peer = seconds(lambda: read_with_openpyxl(path))[0]
    lines.append(("openpyxl reads the same file (no check, nothing written)", peer))
    cells = [(name, f"{wall:.1f}", f"{cpu:.1f}") for name, (wall, cpu) in lines]
    table = report.markdown_table(("step", "time [s]", "of it processor [s]"), cells)
    slowest = max(wall for _name, (wall, _cpu) in lines[:4])
    verdict = (
        f"The bar is {LIMIT_S:.0f} s for each step; the slowest took {slowest:.1f} s. Applying includes every audit"
        " event, the origin of every value, and the park's ratings computed anew."
    )
    head = f"One workbook with {count:,} rows in seven sheets, one run, {report.machine()}."
    text = f"## Import\n\n{head}\n\n{table}\n\n{verdict}"
    report.write_section("import", text)
    print(text)


def _measure(path: Path) -> list[tuple[str, Times]]:
    from django.utils import timezone

    from parkbrain.accounts.services import add_person, create_root_branch
    from parkbrain.intake import services
    from parkbrain.kernel.roles import Role

    now = timezone.now()
    root = create_root_branch(at=now)
    actor, _password = add_person(
        username="bench", full_name="Bench", role=Role.ADMINISTRATOR, branch=root, actor=None, at=now
    )
    preview, found = seconds(lambda: services.import_file(path=path, actor=actor, at=now, dry_run=True))
    assert not found.problems, found.as_text()
    applied, done = seconds(lambda: services.import_file(path=path, actor=actor, at=now))
    assert done.created == done.rows, done.as_text()
    again, nothing = seconds(lambda: services.import_file(path=path, actor=actor, at=now))
    assert nothing.unchanged == nothing.rows, nothing.as_text()
    batch = services.find_batch_to_roll_back(batch_id=done.batch_id, actor=actor)
    undone, _batch = seconds(lambda: services.roll_back_batch(batch=batch, actor=actor, at=now))
    uploaded, _batch = seconds(lambda: _by_page(path, actor, now))
    return [
        ("check with preview", preview),
        ("check and apply", applied),
        ("the same file again: no change", again),
        ("the import rolled back", undone),
        ("as by the page: uploaded, previewed, then applied, together", uploaded),
    ]


def _by_page(path: Path, actor: Any, now: datetime) -> Any:
    """Take the file in by the steps that a person takes."""
    from parkbrain.intake import services

    batch = services.upload_batch(name=path.name, chunks=[path.read_bytes()], park=None, actor=actor, at=now)
    assert not services.needs_mapping(batch=batch, actor=actor)
    batch = services.check_batch(batch=batch, actor=actor, at=now)
    batch = services.apply_batch(batch=batch, actor=actor, at=now)
    assert batch.change_count == batch.row_count
    return batch


if __name__ == "__main__":
    main()
