"""A register of leases from a spreadsheet: taken in as drafts or in force, billed at once, wrong rows named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from parkbrain.enterprises.models import Occupancy
from parkbrain.intake import services as intake
from parkbrain.kernel.models import AuditEvent, Park, User
from parkbrain.kernel.roles import Role
from parkbrain.leasing import queries
from parkbrain.leasing.models import Clause, IndexValue, Lease, LeaseVersion, Let, ReportedTurnover
from tests.factories import AT, make_enterprise, make_lease, make_occupancy, make_park, make_premises, make_user
from tests.intake.conftest import workbook_bytes

pytestmark = pytest.mark.django_db

FIRM = "91440300MA5DEM0006"
Take = Callable[..., Any]


@pytest.fixture
def park() -> Park:
    return make_park(code="REG-1")


@pytest.fixture
def clerk(park: Park) -> User:
    return make_user(Role.OPERATOR, park.branch.parent)


@pytest.fixture
def take(park: Park, clerk: User, tmp_path: Path) -> Take:
    def run(content: Any, *, actor: User | None = None, at: datetime = AT) -> Any:
        path = tmp_path / "register.xlsx"
        path.write_bytes(workbook_bytes(content))
        with override("en"):
            return intake.import_file(path=path, actor=actor or clerk, at=at, park_code=park.code)

    return run


def register(**changed: Any) -> dict[str, list[list[Any]]]:
    sheets: dict[str, list[list[Any]]] = {
        "lease_register": [
            ["租约编号", "承租方信用代码", "租约状态", "租约开始日期", "租约结束日期"],
            ["ZY-1", FIRM, "启用中", "2026-01-01", "2029-01-01"],
        ],
        "lease_premises": [["lease_number", "premises_code", "area_m2"], ["ZY-1", "A-1", 800]],
        "lease_clauses": [
            ["lease_number", "position", "kind", "price_yuan_per_m2", "percent", "fees", "rate_percent"],
            ["ZY-1", 1, "租金", 58.5, "", "", ""],
            ["ZY-1", 2, "RISE", "", 5, "", ""],
            ["ZY-1", 3, "税收", "", "", "租金、物业费", 9],
        ],
    }
    return {key: rows for key, rows in {**sheets, **changed}.items() if rows}


@pytest.fixture
def rooms(park: Park) -> None:
    make_premises(park=park, code="A-1", area_m2=800)
    make_enterprise(uscc=FIRM)


def said(summary: Any) -> str:
    with override("en"):
        return str(summary.as_text())


def test_an_active_lease_of_a_register_is_in_force_and_billed(rooms: None, take: Take, park: Park) -> None:
    summary = take(register())
    assert not summary.problems, said(summary)
    lease = Lease.objects.get(number="ZY-1")
    assert (lease.state, lease.versions.get().state) == (Lease.State.ACTIVE, LeaseVersion.State.APPROVED)
    let = Let.objects.get()
    assert (let.premises.code, let.starts_on, let.ends_on) == ("A-1", date(2026, 1, 1), date(2029, 1, 1))
    stay = Occupancy.objects.get()
    assert (stay.lease_number, stay.lease_ends_on) == ("ZY-1", date(2029, 1, 1))
    assert stay.rent_yuan_per_m2_month == Decimal("58.50")
    [charge] = queries.propose_charges(park=park, starts_on=date(2026, 7, 1), ends_on=date(2026, 8, 1))
    assert charge.gross_yuan == Decimal("46800.00") and charge.tax_rate == Decimal("0.09")
    assert AuditEvent.objects.filter(code="leasing.lease.taken_in", target_id=str(lease.pk)).count() == 1


def test_a_lease_without_a_state_is_a_draft_that_holds_nothing(rooms: None, take: Take, park: Park) -> None:
    rows = [["number", "uscc", "starts_on", "ends_on"], ["ZY-1", FIRM, "2026-01-01", "2029-01-01"]]
    assert not take(register(lease_register=rows)).problems
    assert Lease.objects.get().state == Lease.State.DRAFT
    assert not Let.objects.exists() and not Occupancy.objects.exists()
    assert queries.propose_charges(park=park, starts_on=date(2026, 7, 1), ends_on=date(2026, 8, 1)) == []


def test_a_stay_that_is_known_keeps_what_it_says(rooms: None, take: Take, park: Park) -> None:
    room, firm = park.premises.get(), make_enterprise(uscc="91440300MA5DEM0014")
    make_occupancy(premises=room, enterprise=firm, starts_on=date(2020, 1, 1), ends_on=date(2026, 1, 1))
    firm = type(firm).objects.get(uscc=FIRM)
    make_occupancy(
        premises=room, enterprise=firm, starts_on=date(2026, 1, 1), rent_yuan_per_m2_month="57", lease_number=""
    )
    assert not take(register()).problems
    stay = Occupancy.objects.get(enterprise=firm)
    assert (stay.rent_yuan_per_m2_month, stay.lease_number) == (Decimal("57.00"), "ZY-1")


def test_the_same_register_again_changes_nothing(rooms: None, take: Take) -> None:
    take(register())
    events = AuditEvent.objects.exclude(code__startswith="intake.").count()
    again = take(register())
    assert (again.created, again.updated) == (0, 0), said(again)
    assert AuditEvent.objects.exclude(code__startswith="intake.").count() == events


def test_a_lease_in_force_is_changed_by_a_version_not_by_a_register(rooms: None, take: Take) -> None:
    take(register())
    clauses = register()["lease_clauses"]
    clauses[1][3] = 61
    summary = take(register(lease_clauses=clauses), at=AT + timedelta(days=1))
    [problem] = summary.problems
    assert (problem.code, problem.sheet, problem.row, problem.column, problem.value) == (
        "not_a_draft", "lease_clauses", 2, "D", "61",
    )  # fmt: skip
    assert Clause.objects.get(kind="RENT").values["price_yuan_per_m2"] == "58.5"


WRONG = {
    "kind has no such field": (("lease_clauses", 1, 4), 5, "percent", "unknown_field"),
    "percent too large": (("lease_clauses", 2, 4), 101, "percent", "above_maximum"),
    "fee that is none": (("lease_clauses", 3, 5), "rent, water", "fees", "not_an_option"),
    "price missing": (("lease_clauses", 1, 3), "", "price_yuan_per_m2", "missing"),
    "unknown premises": (("lease_premises", 1, 1), "Z-9", "premises_code", "unknown_premises"),
    "unknown lease": (("lease_premises", 1, 0), "ZY-7", "lease_number", "unknown_lease"),
    "term backwards": (("lease_register", 1, 4), "2025-01-01", "ends_on", "period_backwards"),
    "term over 20 years": (("lease_register", 1, 4), "2046-02-01", "ends_on", "term_too_long"),
    "unknown firm": (("lease_register", 1, 1), "91440300MA5DEM002C", "uscc", "unknown_enterprise"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_row_is_named_with_sheet_row_column_and_value_and_nothing_is_written(
    rooms: None, take: Take, case: str
) -> None:
    (sheet, row, column), value, field, code = WRONG[case]
    content = register()
    content[sheet][row][column] = value
    summary = take(content)
    found = [p for p in summary.problems if (p.sheet, p.row, p.field, p.code) == (sheet, row + 1, field, code)]
    assert len(found) == 1, said(summary)
    assert found[0].column or code == "missing"
    assert not Lease.objects.exists() and not Clause.objects.exists()


def test_premises_that_are_let_or_occupied_are_named_beside_the_row(rooms: None, take: Take, park: Park) -> None:
    room = park.premises.get()
    other = make_enterprise()
    make_lease(park=park, enterprise=other, premises=room, number="OLD-1", starts_on=date(2025, 1, 1))
    summary = take(register())
    assert [(p.code, p.sheet, p.row) for p in summary.problems] == [("premises_let", "lease_premises", 2)]
    assert "OLD-1" in said(summary)


def test_two_leases_of_the_file_for_the_same_premises_and_days_are_refused(rooms: None, take: Take) -> None:
    content = register()
    content["lease_register"].append(["ZY-2", FIRM, "SIGNED", "2028-01-01", "2030-01-01"])
    content["lease_premises"].append(["ZY-2", "A-1", 800])
    content["lease_clauses"].append(["ZY-2", 1, "RENT", 60, "", "", ""])
    summary = take(content)
    assert [(p.code, p.row) for p in summary.problems] == [("premises_let", 3)], said(summary)
    assert not Lease.objects.exists()


def test_a_signed_lease_without_premises_or_rent_is_refused(rooms: None, take: Take) -> None:
    summary = take(register(lease_premises=None, lease_clauses=None))
    assert {p.code for p in summary.problems} == {"no_premises", "no_rent"}


def test_an_approved_lease_that_is_new_becomes_a_draft_and_the_report_says_so(rooms: None, take: Take) -> None:
    rows = register()["lease_register"]
    rows[1][2] = "APPROVED"
    summary = take(register(lease_register=rows))
    assert Lease.objects.get().state == Lease.State.DRAFT
    assert "second person" in said(summary)


def test_changes_count_from_their_day_and_draft_changes_wait(rooms: None, take: Take, park: Park) -> None:
    content = register(
        lease_versions=[
            ["lease_number", "version", "effective_on", "reason"],
            ["ZY-1", 2, "2027-01-01", "supplement 1"],
        ]
    )
    content["lease_premises"] = [
        ["lease_number", "version", "premises_code", "area_m2"], ["ZY-1", 1, "A-1", 800], ["ZY-1", 2, "A-1", 800],
    ]  # fmt: skip
    content["lease_clauses"] = [
        ["lease_number", "version", "position", "kind", "price_yuan_per_m2"],
        ["ZY-1", 1, 1, "RENT", 58.5],
        ["ZY-1", 2, 1, "RENT", 50],
    ]
    summary = take(content)
    assert not summary.problems, said(summary)
    for month, amount in ((date(2026, 12, 1), "46800.00"), (date(2027, 1, 1), "40000.00")):
        end = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        [charge] = queries.propose_charges(park=park, starts_on=month, ends_on=end)
        assert charge.gross_yuan == Decimal(amount)
    later = {"lease_versions": [*content["lease_versions"][:1], ["ZY-1", 3, "2028-01-01", "supplement 2"]]}
    assert not take(later, at=AT + timedelta(days=1)).problems
    assert Lease.objects.get().versions.get(number=3).state == LeaseVersion.State.DRAFT


def test_turnover_and_index_values_are_taken_in(rooms: None, take: Take) -> None:
    take(register())
    content = {
        "lease_turnover": [
            ["lease_number", "starts_on", "ends_on", "turnover_yuan"], ["ZY-1", "2026-01-01", "2026-04-01", 1200000.5],
        ],
        "index_values": [["series", "month_on", "value"], ["CPI", "2026-01-15", 101.2]],
    }  # fmt: skip
    assert not take(content).problems
    assert ReportedTurnover.objects.get().turnover_yuan == Decimal("1200000.50")
    assert IndexValue.objects.get().month_on == date(2026, 1, 1)


def test_only_who_works_on_leases_of_the_park_takes_a_register_in(rooms: None, take: Take) -> None:
    for stranger in (make_user(Role.OPERATOR), make_user(Role.ASSESSOR)):
        with pytest.raises(intake.CannotTakeIn):
            take(register(), actor=stranger)
    assert not Lease.objects.exists()


def test_what_a_clause_lacks_is_named_also_where_the_sheet_has_no_such_column(rooms: None, take: Take) -> None:
    content = register()
    content["lease_clauses"].append(["ZY-1", 4, "RENT_FREE", "", "", "", ""])
    summary = take(content)
    assert {(p.row, p.field) for p in summary.problems} == {(5, "starts_on"), (5, "ends_on")}
    assert "“Clause from” has to be given" in said(summary)
