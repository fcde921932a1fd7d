"""Time a bureau's own tables of 4,420 parks: `python -m benchmarks.city_import`.

A wide table (a column for each of ten facts) and a long one (a row for each value) are taken into a data round and as
declared facts, then rolled back. Every tenth row has no code and is matched by name and district; some names have a slip,
some cells are wrong. The same files are read by openpyxl and by Python's own csv module in the same run.
"""

from __future__ import annotations

import csv
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

_HOME = tempfile.TemporaryDirectory(prefix="parkbrain-bench-")
os.environ["PARKBRAIN_HOME"] = _HOME.name
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbrain.config.settings")

PARKS = int(os.environ.get("PARKS", "4420"))
FACTS = (
    "leased_area_m2",
    "leasable_area_m2",
    "revenue_wan",
    "total_output_wan",
    "total_tax_wan",
    "rd_spend_wan",
    "staff_total",
    "fresh_water_m3",
    "total_kwh",
    "green_cover_m2",
)
LIMIT_S = 10.0
HEADS = ("园区编码", "园区名称", "所在区")
Times = tuple[float, float]


def seconds(call: Callable[[], Any]) -> tuple[Times, Any]:
    """Return how long a call took on the wall and on the processor, and what it returned."""
    wall, processor = time.perf_counter(), time.process_time()
    result = call()
    return (time.perf_counter() - wall, time.process_time() - processor), result


def load_city() -> tuple[Any, Any]:
    """Make the demo's fictional city with what its parks declare, rate it, and return its branch and a bureau's person."""
    from django.utils import timezone

    from parkbrain.accounts.services import add_person, create_root_branch
    from parkbrain.assessment.queries import get_scheme
    from parkbrain.assessment.queries.schemes import MAIN_SCHEME
    from parkbrain.assessment.services import declare_facts_bulk, refresh_ratings
    from parkbrain.demo import city
    from parkbrain.kernel.models import Branch
    from parkbrain.kernel.roles import Role
    from parkbrain.schemes import catalogue
    from parkbrain.space import services as space

    now, on = timezone.now(), timezone.localdate()
    root = create_root_branch(at=now)
    operators = city.operator_rows(seed=1, park_count=PARKS)
    branches = space.record_branches(rows=[*city.branch_rows(root=root.code), *operators], actor=None, at=now)
    own = [{"code": row["code"], "parent_code": row["parent_code"]} for row in operators]
    parks = city.draw_city(seed=1, on=on, count=PARKS, operators=own)
    rows = [{**park.row, "parent": branches[park.operator]} for park in parks]
    ids = [done.row.pk for done in space.record_parks(rows=rows, actor=None, at=now)]
    scheme = get_scheme(scheme_id=MAIN_SCHEME)
    facts = city.fact_rows(seed=1, on=on, parks=parks, ids=ids, scheme=scheme, catalogue=catalogue())
    declare_facts_bulk(rows=facts, actor=None, at=now)
    refresh_ratings(on=on, at=now)
    branch = Branch.objects.get(code=city.CITY)
    person, _password = add_person(
        username="bench", full_name="Bench", role=Role.BUREAU, branch=branch, actor=None, at=now
    )
    return branch, person


def table_rows(cut_off_on: date) -> list[list[Any]]:
    """Return the wide table: code, name, district and the facts, as a bureau would have them."""
    from parkbrain.assessment.queries.facts import gather_facts
    from parkbrain.kernel.models import Branch, Park

    names = dict(Branch.objects.filter(kind=Branch.Kind.DISTRICT).values_list("code", "name_zh_hans"))
    parks = list(Park.objects.order_by("pk"))
    known = gather_facts(park_ids=[p.pk for p in parks], cut_off_on=cut_off_on, keys=FACTS).values
    rows = []
    for number, (park, values) in enumerate(zip(parks, known, strict=True)):
        code: Any = None if number % 10 == 0 else park.code
        name = park.name_zh_hans
        if number % 500 == 0:
            name = name[:-1] + "圆" if len(name) > 4 else name
        cells: list[Any] = [None if value != value else float(round(value * 1.01)) for value in values]
        if number % 300 == 7:
            cells[2] = "12,5O0"
        rows.append([code, name, names.get(park.district_code, ""), *cells])
    return rows


def write_wide(path: Path, rows: Sequence[Sequence[Any]], heads: Sequence[str]) -> None:
    """Write the wide table as a workbook."""
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("园区")
    sheet.write_row(0, 0, [*HEADS, *heads])
    for number, row in enumerate(rows, start=1):
        sheet.write_row(number, 0, row)
    book.close()


def write_long(path: Path, rows: Sequence[Sequence[Any]], names: Sequence[str]) -> int:
    """Write the long table as CSV and return how many rows it has."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow([*HEADS, "指标", "数值"])
        for row in rows:
            for name, value in zip(names, row[3:], strict=True):
                if value is not None:
                    out.writerow([*row[:3], name, value])
                    count += 1
    return count


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
    from django.utils import timezone
    from django.utils.translation import activate

    from benchmarks import report
    from parkbrain.assessment.queries import get_catalogue
    from parkbrain.intake.queries import get_unit_label

    call_command("migrate", "--skip-checks", verbosity=0)
    activate("zh-hans")
    branch, person = load_city()
    facts = [get_catalogue()[key] for key in FACTS]
    last_year = date(timezone.localdate().year, 1, 1) - timedelta(days=1)
    rows = table_rows(last_year)
    with tempfile.TemporaryDirectory() as folder:
        wide, long = Path(folder) / "wide.xlsx", Path(folder) / "long.csv"
        write_wide(wide, rows, [f"{fact.name}（{get_unit_label(unit=fact.unit)}）" for fact in facts])
        count = write_long(long, rows, [fact.name for fact in facts])
        lines = _measure(wide, long, branch, person, last_year)
        lines.append(
            (
                "openpyxl reads the wide table (no check, nothing written)",
                seconds(lambda: read_with_openpyxl(wide))[0],
                "",
            )
        )
    cells = [(name, f"{wall:.1f}", f"{cpu:.1f}", said) for name, (wall, cpu), said in lines]
    table = report.markdown_table(("step", "time [s]", "of it processor [s]", "rows"), cells)
    text = (
        f"## A city's own tables\n\nA wide table of {len(rows):,} parks and {len(FACTS)} facts, and the same as a long one"
        f" of {count:,} rows, one run, {report.machine()}. Every tenth row has no code and is matched by name and"
        f" district.\n\n{table}\n\nThe bar is {LIMIT_S:.0f} s for taking a table in. Values in a round are drafts,"
        " which rate nothing; as facts a table is taken in with the ratings of all parks computed anew, which is most of its"
        " time."
    )
    report.write_section("city_import", text)
    print(text)


def _measure(wide: Path, long: Path, branch: Any, person: Any, cut_off_on: date) -> list[tuple[str, Times, str]]:
    from django.utils import timezone

    from parkbrain.kernel.names import name_fields
    from parkbrain.portfolio.services import make_area, open_round, prepare_round

    now, today = timezone.now(), timezone.localdate()
    values = {
        **name_fields(zh_hans="测速填报", en="Bench"),
        "cut_off_on": cut_off_on,
        "opens_on": today,
        "due_on": today + timedelta(days=9),
        "fact_keys": list(FACTS),
    }
    data_round = prepare_round(branch=branch, values=values, actor=person, at=now)
    open_round(data_round=data_round, actor=person, at=now)
    data_round.refresh_from_db()
    into = make_area(branch=branch, actor=person, source="测速表", data_round=data_round)
    stated = make_area(branch=branch, actor=person, source="测速表", cut_off_on=cut_off_on)
    lines = []
    for what, path, area in (
        ("wide table into a round", wide, into),
        ("long table into a round", long, into),
        ("wide table as facts", wide, stated),
        ("long table as facts", long, stated),
    ):
        lines += _steps(what, path, area, person)
    return lines


def _steps(what: str, path: Path, area: Any, person: Any) -> list[tuple[str, Times, str]]:
    from django.utils import timezone

    from parkbrain.intake import services

    now = timezone.now()
    preview, found = seconds(lambda: services.import_file(path=path, actor=person, at=now, area=area, dry_run=True))
    assert not found.problems, found.as_text()
    applied, done = seconds(lambda: services.import_file(path=path, actor=person, at=now, area=area))
    assert not done.problems, done.as_text()
    batch = services.find_batch_to_roll_back(batch_id=done.batch_id, actor=person)
    undone, _batch = seconds(lambda: services.roll_back_batch(batch=batch, actor=person, at=now))
    outcomes = ", ".join(f"{count:,} {name}" for name, count in found.outcomes.items() if count)
    return [
        (f"{what}: checked with preview", preview, outcomes),
        ("checked and taken in", applied, ""),
        ("rolled back", undone, ""),
    ]


if __name__ == "__main__":
    main()
