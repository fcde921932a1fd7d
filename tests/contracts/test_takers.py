"""What every importable thing promises, whichever module brings it."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.utils.translation import override

from parkbrain.billing import services as billing
from parkbrain.billing.models import Deposit
from parkbrain.calc.cells import parse_cell, plain_text, write_cell
from parkbrain.calc.headings import HeadingForms, match_heading, plain
from parkbrain.carbon.models import GreenPower
from parkbrain.enterprises.models import Enterprise
from parkbrain.intake import services
from parkbrain.intake.queries import (
    get_cell_type,
    get_choices,
    get_heading,
    get_sheet_forms,
    list_in_languages,
    list_takers,
)
from parkbrain.kernel.models import Park, User
from parkbrain.kernel.roles import Role
from parkbrain.kernel.taking import Column, TakenRow, Taker
from parkbrain.leasing import services as leasing
from parkbrain.space.models import Premises
from tests.factories import (
    AT,
    ON,
    make_activity,
    make_address,
    make_building,
    make_contact,
    make_enterprise,
    make_equipment,
    make_green_power,
    make_lead,
    make_lease,
    make_occupancy,
    make_offer,
    make_park,
    make_premises,
    make_qualification,
    make_refrigerant_event,
    make_return,
    make_storey,
    make_user,
)

LANGUAGES = ["zh-hans", "zh-hant", "en"]
SHEETS = list_takers()
TAKERS = [*SHEETS, *list_takers(drawn=True)]
every_taker = pytest.mark.parametrize("taker", TAKERS, ids=lambda t: t.key)
every_column = pytest.mark.parametrize(
    ("taker", "column"), [(t, c) for t in TAKERS for c in t.columns], ids=lambda v: getattr(v, "key", None) or v.field
)


def test_there_is_something_to_import() -> None:
    assert {"park", "buildings", "premises", "enterprises", "occupancies"} <= {t.key for t in TAKERS}


@every_taker
def test_sheet_is_named_and_explained_in_three_languages(taker: Taker) -> None:
    for text in (taker.label, taker.note):
        said = list_in_languages(text=text)
        assert all(said.values())
        assert said["en"] != said["zh-hans"], f"{said['en']!r} is not translated"


@every_taker
def test_identity_consists_of_columns(taker: Taker) -> None:
    assert set(taker.identity) <= {c.field for c in taker.columns}


@every_taker
def test_sheets_keep_names_of_their_own(taker: Taker) -> None:
    others = [get_sheet_forms(taker=t).names for t in TAKERS if t.key != taker.key]
    assert not any(get_sheet_forms(taker=taker).names & names for names in others)


@every_column
def test_heading_and_note_exist_in_three_languages(taker: Taker, column: Column) -> None:
    said = list_in_languages(text=column.label)
    assert all(said.values())
    assert said["en"] != said["zh-hans"], f"{said['en']!r} is not translated"
    if column.note:
        note = list_in_languages(text=column.note)
        assert note["en"] != note["zh-hans"], f"{note['en']!r} is not translated"


@every_column
def test_heading_means_its_column_in_every_language(taker: Taker, column: Column) -> None:
    forms: list[HeadingForms] = list(get_sheet_forms(taker=taker).headings)
    for language in LANGUAGES:
        with override(language):
            for heading in (get_heading(column=column), str(column.label), f"{column.label} *"):
                assert match_heading(heading, forms).field == column.field, heading


@every_column
def test_synonym_means_one_column(taker: Taker, column: Column) -> None:
    forms = get_sheet_forms(taker=taker).headings
    for synonym in column.synonyms:
        assert match_heading(synonym, forms).field == column.field, f"{plain(synonym)} is not only {column.field}"


@every_column
def test_example_is_read_and_written_back(taker: Taker, column: Column) -> None:
    kind = get_cell_type(column=column, taker=taker)
    assert column.example is not None or not column.required, "a required column shows an example"
    value = parse_cell(column.example, kind)
    for language in LANGUAGES:
        with override(language):
            labels = get_choices(column=column) if column.kind == "choice" else None
            assert parse_cell(write_cell(value, kind, labels=labels, words=("是", "否")), kind) == value


@every_column
def test_choices_have_labels_of_their_own_in_every_language(taker: Taker, column: Column) -> None:
    if column.kind != "choice":
        return
    for language in LANGUAGES:
        with override(language):
            labels = [plain_text(label) for label in get_choices(column=column).values()]
            assert labels
            assert len(set(labels)) == len(labels)


@every_taker
def test_check_bears_rows_of_other_sheets_that_could_not_be_read_in_full(db: None, taker: Taker) -> None:
    def example(taker: Taker, fields: set[str]) -> TakenRow:
        kinds = {c.field: get_cell_type(column=c, taker=taker) for c in taker.columns}
        return TakenRow(2, {c.field: parse_cell(c.example, kinds[c.field]) for c in taker.columns if c.field in fields})

    def required(taker: Taker) -> set[str]:
        return {c.field for c in taker.columns if c.required}

    context = {t.key: [example(t, required(t) & set(t.identity))] for t in TAKERS}
    for park in (None, make_park()):
        taker.check(park=park, rows=[example(taker, required(taker))], context=context)


@pytest.mark.parametrize("language", LANGUAGES)
def test_template_has_every_sheet_with_notes_and_a_marked_example(language: str) -> None:
    buffer = io.BytesIO()
    services.write_template(target=buffer, language=language)
    book = openpyxl.load_workbook(buffer)
    visible = [s for s in book.worksheets if s.sheet_state == "visible"]
    assert len(visible) == len(SHEETS) + 1
    with override(language):
        for sheet, taker in zip(visible[1:], SHEETS, strict=True):
            heads = [c.value for c in sheet[1]]
            assert len(heads) == len(taker.columns) + 1
            assert all(c.comment is not None for c in sheet[1])
            assert sheet.freeze_panes is not None
            assert sheet["A2"].value, "the example is marked"


def fill_leases(park: Park, firm: Enterprise, premises: Premises) -> None:
    """Put an active lease with all that secures it into the park, and a draft of a firm that is nowhere yet."""
    lease = make_lease(park=park, enterprise=firm, premises=premises, starts_on=date(2026, 1, 1))
    by = {"lease": lease, "actor": None, "at": AT}
    leasing.agree_deposit(months_of_rent=Decimal(2), due_on=date(2026, 1, 1), remark="两个月", **by)
    leasing.record_guarantee(
        kind="BANK", guarantor="某银行", amount_yuan=Decimal("150000.50"), valid_from_on=date(2026, 1, 1), **by
    )
    leasing.activate_lease(**by)
    papers = [
        {"lease_number": lease.number, "number": 1, "kind": "SIGNED", "name": "合同", "dated_on": ON, "reference": "7"},
        {"lease_number": lease.number, "number": 2, "kind": "ANNEX", "version": 1},
    ]
    leasing.record_papers(park=park, rows=papers, actor=None, at=AT)
    money = {"park": park, "enterprise": firm, "booked_on": date(2026, 1, 5), "actor": None, "at": AT}
    for kind, amount, reason in (("RECEIVED", "50000", ""), ("RECEIVED", "50000", ""), ("FORFEITED", "300.25", "损坏")):
        billing.book_deposit(kind=kind, amount_yuan=Decimal(amount), reason=reason, **money)
    wrong = billing.book_deposit(kind="RECEIVED", amount_yuan=Decimal(1), **money)
    billing.undo_deposit(entry=wrong, reason="记错", actor=None, at=AT)
    room = make_premises(building=premises.building, level=2, area_m2=400.0)
    leasing.draft_lease(
        park=park, enterprise=make_enterprise(products="意向"), number="D-1", starts_on=date(2027, 1, 1),
        ends_on=date(2029, 1, 1), premises=[leasing.PlaceRow(room)],
        clauses=[leasing.ClauseRow("RENT", {"price_yuan_per_m2": "61"})], actor=None, at=AT,
    )  # fmt: skip


@pytest.fixture
def full_park(db: None) -> Park:
    """A park with one of everything that can be imported."""
    park = make_park(
        land_area_m2=26_800.0, gross_floor_area_m2=98_000.1 + 0.2, opened_on=date(2019, 6, 18),
        leading_industries=["34", "391"], longitude=113.9012, latitude=22.5633, kind=Park.Kind.UPSTAIRS,
    )  # fmt: skip
    building = make_building(park=park, height_m=99.5)
    for level in (-1, 1, 2):
        make_storey(building=building, level=level)
    firm = make_enterprise(products="协作机器人")
    premises = make_premises(building=building, level=2, area_m2=612.5)
    make_premises(building=building, level=1, area_m2=1 / 3 * 1000)
    make_occupancy(premises=premises, enterprise=firm, rent_yuan_per_m2_month="58.50", lease_number="007")
    make_return(enterprise=firm, revenue_wan="5200.10", tax_wan="-3.5", staff_count=86)
    make_qualification(enterprise=firm)
    make_address(enterprise=firm, text="创业一路 1 号", park=park, source="LICENCE")
    make_contact(enterprise=firm, park=park, phone="0755-2600 0000", email="li@example.com", is_main=True)
    machine = make_equipment(park=park, building=building, storey=building.storeys.get(level=-1), rated_kw=12.5)
    make_lead(
        park=park, stage="QUOTED", contact_phone="0755-2600 0000", need={"area_from_m2": 612.5, "needs_water": True}
    )
    make_activity(park=park, kind="natural_gas", building=building, equipment=machine, uncertainty=0.03)
    make_activity(park=park, quantity=None, enterprise=firm, is_breakdown=True)
    make_refrigerant_event(park=park, building=building)
    make_green_power(park=park)
    make_offer(park=park, enterprise=firm, building=building)
    fill_leases(park, firm, premises)
    make_premises(building=building, level=1, area_m2=80.0, added_on=date(2020, 1, 1), removed_on=date(2025, 1, 1))
    return park


@pytest.fixture
def editor(full_park: Park) -> User:
    """A person who may change the park's record."""
    return make_user(Role.OPERATOR, full_park.branch.parent)


@pytest.mark.parametrize("language", LANGUAGES)
def test_export_imported_again_changes_nothing(full_park: Park, editor: User, tmp_path: Path, language: str) -> None:
    path = tmp_path / "record.xlsx"
    services.write_export(park=full_park, target=path, language=language)
    summary = services.import_file(path=path, actor=editor, at=AT, dry_run=True)
    assert summary.problems == []
    assert (summary.created, summary.updated) == (0, 0)
    assert summary.unchanged >= 10
    assert summary.park_code == full_park.code


@pytest.mark.parametrize("language", LANGUAGES)
def test_export_makes_the_same_park_where_it_is_new(
    full_park: Park, editor: User, tmp_path: Path, language: str
) -> None:
    path = tmp_path / "record.xlsx"
    services.write_export(park=full_park, target=path, language=language)
    # Read before: an address lies in one park, and the new one takes it over.
    before = exported_rows(full_park)
    # A certificate counts once in the installation: with the first park gone, the copy may bring its number.
    GreenPower.objects.filter(park=full_park).delete()
    book = openpyxl.load_workbook(path)
    park_sheet = book.worksheets[1]
    park_sheet["B2"].value = "ANOTHER-1"
    book.save(path)
    summary = services.import_file(path=path, actor=editor, at=AT)
    assert summary.problems == [], summary.as_text()
    copy = Park.objects.get(code="ANOTHER-1")
    assert copy.premises.count() == full_park.premises.count()
    assert exported_rows(copy) == before
    assert all(before[key] for key in ("lease_deposits", "lease_guarantees", "lease_documents", "deposit_entries"))
    assert sums_of(copy) == sums_of(full_park)


def sums_of(park: Park) -> list[dict[str, Any]]:
    rows = Deposit.objects.filter(park=park).order_by("enterprise__uscc").values()
    # The day of the last entry may be that of an undoing, which is no longer there.
    return [{k: v for k, v in row.items() if k not in {"id", "park_id", "moved_on"}} for row in rows]


def exported_rows(park: Park) -> dict[str, Any]:
    return {t.key: [dict(r) for r in t.export(park=park)] for t in TAKERS if t.export and not t.describes_park}
