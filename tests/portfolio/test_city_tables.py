"""A bureau's own tables: into the drafts of a round, as facts with their source, matched, refused by cell, taken back."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from parkbrain.assessment.models import Declaration
from parkbrain.calc.headings import match_heading
from parkbrain.intake import services as intake
from parkbrain.intake.models import Batch, Origin
from parkbrain.intake.queries import get_heading, get_sheet_forms, list_takers
from parkbrain.kernel.models import AuditEvent, Branch, Park
from parkbrain.kernel.roles import Role
from parkbrain.portfolio import services
from parkbrain.portfolio.models import Entry, Submission
from tests.factories import make_branch, make_park, make_user

from .test_rounds import City, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def city() -> Iterator[City]:
    with override("en"):
        made = City()
        district = made.district
        names = ["星海科技园", "云谷产业园", "湾区制造园", "北环物流园"]
        for park, name in zip(made.parks, names, strict=True):
            Park.objects.filter(pk=park.pk).update(name_zh_hans=name, name_en="", district_code=district.code)
            park.refresh_from_db()
        yield made


def heading(key: str) -> str:
    from parkbrain.assessment.queries import get_catalogue

    with override("zh-hans"):
        return get_catalogue()[key].name


def table(rows: Sequence[Sequence[Any]], heads: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "台账"
    for row in [heads or wide_heads(), *rows]:
        sheet.append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def wide_heads() -> list[str]:
    return [
        "园区编码",
        "园区名称",
        "所在区",
        heading("leased_area_m2") + "（m²）",
        heading("total_tax_wan") + "（万元）",
    ]


def into_round(city: City) -> Any:
    return services.make_area(branch=city.district, actor=city.bureau, source="统计台账", data_round=city.round)


def as_facts(city: City) -> Any:
    day = date(city.today.year, 1, 1)
    return services.make_area(branch=city.district, actor=city.bureau, source="统计台账", cut_off_on=day)


def take(city: City, area: Any, rows: Sequence[Sequence[Any]], heads: Sequence[str] = ()) -> Batch:
    content = table(rows, heads)
    batch = services.upload_table(name="t.xlsx", chunks=[content], area=area, actor=city.bureau, at=city.now)
    batch = intake.check_batch(batch=batch, actor=city.bureau, at=city.now)
    if batch.state == Batch.State.CHECKED:
        batch = intake.apply_batch(batch=batch, actor=city.bureau, at=city.now)
    return batch


def test_a_wide_table_fills_the_drafts_and_every_value_knows_its_cell(city: City) -> None:
    one, two = city.parks[:2]
    batch = take(city, into_round(city), [[one.code, None, None, 8_123, "2,345"], [two.code, None, None, None, 99]])
    assert batch.state == Batch.State.APPLIED, batch.report["problems"]
    kept = {(e.submission.park_id, e.fact_key): (e.value, e.remark) for e in Entry.objects.select_related("submission")}
    assert kept == {
        (one.pk, "leased_area_m2"): (8_123, "统计台账"),
        (one.pk, "total_tax_wan"): (2_345, "统计台账"),
        (two.pk, "total_tax_wan"): (99, "统计台账"),
    }
    city.answer.refresh_from_db()
    assert (city.answer.state, city.answer.given_count, city.answer.saved_at) == (Submission.State.DRAFT, 2, None)
    origin = Origin.objects.get(target_label="portfolio.entry", target_id=Entry.objects.get(value=2_345).pk)
    assert origin.cells == {"value": "E2"}
    assert AuditEvent.objects.filter(code="portfolio.submission.filled", park=one, actor=city.bureau).count() == 1
    # The park reads it and hands it in.
    done = services.submit(submission=city.answer, actor=city.operator, at=city.now)
    assert done.state == Submission.State.SUBMITTED


def test_the_same_table_again_changes_nothing(city: City) -> None:
    rows = [[city.parks[0].code, None, None, 8_123, 2_345]]
    take(city, into_round(city), rows)
    again = take(city, into_round(city), rows)
    assert again.change_count == 0 and again.row_count == 1


def test_a_long_table_says_one_value_a_row_in_any_unit_of_the_fact(city: City) -> None:
    heads = ["园区", "指标", "数值", "单位"]
    rows = [
        ["星海科技园", heading("leased_area_m2"), 0.8, "万m2"],
        ["星海科技园", "total_tax_wan", 50_000, "元"],
        ["云谷产业园", heading("total_tax_wan"), 7, None],
        ["云谷产业园", heading("leased_area_m2"), 7, "kWh"],
    ]
    batch = take(city, into_round(city), rows, heads)
    kept = {(e.submission.park_id, e.fact_key): e.value for e in Entry.objects.select_related("submission")}
    one, two = city.parks[:2]
    assert kept == {(one.pk, "leased_area_m2"): 8_000, (one.pk, "total_tax_wan"): 5, (two.pk, "total_tax_wan"): 7}
    assert [(p["row"], p["column"], p["value"]) for p in batch.report["unread"]] == [(5, "D", "kWh")]


def test_a_park_is_found_by_name_within_its_district_and_near_misses_are_asked_about(city: City) -> None:
    other = make_branch(Branch.Kind.DISTRICT, city.city)
    Park.objects.filter(pk=city.parks[3].pk).update(name_zh_hans="星海科技园", district_code=other.code)
    district = city.district.name_zh_hans
    rows = [
        [None, "星海科技园", district, 1, 1],
        [None, "云谷产业园区", district, 2, 2],
        ["no-such-code", "湾区制造园", district, 3, 3],
        [None, "天涯海角园", district, 4, 4],
    ]
    batch = take(city, into_round(city), rows)
    given = dict(Entry.objects.filter(fact_key="total_tax_wan").values_list("value", "submission__park"))
    assert given[1.0] == city.parks[0].pk and 4.0 not in given and 3.0 not in given
    aside = {line["row"]: line for line in batch.report["aside"]}
    assert aside[4]["with"] == "湾区制造园" and aside[4]["outcome"] == "decide" and aside[4]["score"] >= 0.75
    assert [(p["row"], p["code"]) for p in batch.report["unread"]] == [(5, "unmatched")]
    page = sign_in(city.bureau).get(f"/imports/{batch.pk}/").content.decode()
    assert "No park is found by 天涯海角园" in page and "take as new" not in page


def test_a_person_says_which_park_a_near_miss_is(city: City) -> None:
    content = table([["no-such-code", "湾区制造园", None, 3, 3]])
    upload = services.upload_table(
        name="t.xlsx", chunks=[content], area=into_round(city), actor=city.bureau, at=city.now
    )
    batch = intake.check_batch(batch=upload, actor=city.bureau, at=city.now)
    decided = {"台账|2": f"join:{city.parks[2].code}"}
    batch = intake.decide_rows(batch=batch, decisions=decided, actor=city.bureau, at=city.now)
    batch = intake.check_batch(batch=batch, actor=city.bureau, at=city.now)
    intake.apply_batch(batch=batch, actor=city.bureau, at=city.now)
    assert set(Entry.objects.values_list("submission__park", flat=True)) == {city.parks[2].pk}


def test_rows_that_cannot_be_taken_are_named_by_cell_and_the_others_are_taken(city: City) -> None:
    city.hand_in(answer=city.round.submissions.get(park=city.parks[1]))
    outside = make_park(operator=make_branch(Branch.Kind.OPERATOR, city.district))
    rows = [
        [city.parks[0].code, None, None, "8,1O0", 1],
        [city.parks[1].code, None, None, 5, 1],
        [outside.code, None, None, 5, 1],
        [city.parks[2].code, None, None, -4, 1],
        [city.parks[3].code, None, None, 10, 1],
    ]
    batch = take(city, into_round(city), rows)
    found = {(p["row"], p["column"], p["code"]): p.get("value") for p in batch.report["unread"]}
    assert found == {
        (2, "D", "letter_in_number"): "8,1O0",
        (3, "A", "handed_in"): city.parks[1].code,
        (4, "A", "not_asked"): outside.code,
        (5, "D", "below_minimum"): "-4",
    }
    assert set(Entry.objects.filter(value=10).values_list("submission__park", flat=True)) == {city.parks[3].pk}


def test_what_a_park_typed_itself_stays_and_facts_that_are_not_asked_are_left_out(city: City) -> None:
    city.fill({"total_tax_wan": 77.0})
    heads = [*wide_heads(), heading("rd_spend_wan")]
    batch = take(city, into_round(city), [[city.parks[0].code, None, None, 5, 1, 3]], heads)
    kept = dict(city.answer.entries.values_list("fact_key", "value"))
    assert kept == {"total_tax_wan": 77.0, "leased_area_m2": 5.0}
    said = " ".join(str(r["params"].get("said")) for r in batch.report["remarks"])
    assert "which stays" in said and "does not ask for" in said


def test_a_part_above_its_whole_refuses_its_row(city: City) -> None:
    heads = ["园区编码", heading("leased_area_m2"), heading("leasable_area_m2")]
    batch = take(city, into_round(city), [[city.parks[0].code, 9, 5], [city.parks[1].code, 4, 5]], heads)
    assert [(p["row"], p["column"], p["code"]) for p in batch.report["unread"]] == [(2, "B", "implausible_fact")]
    assert Entry.objects.count() == 2


def test_a_table_becomes_declared_facts_with_its_source_and_is_taken_back_as_a_whole(city: City) -> None:
    batch = take(city, as_facts(city), [[p.code, None, None, 10 + n, 5] for n, p in enumerate(city.parks)])
    assert batch.state == Batch.State.APPLIED, batch.report["problems"]
    declared = Declaration.objects.filter(fact_key="leased_area_m2").order_by("value")
    assert [one.value for one in declared] == [10, 11, 12, 13]
    assert {(one.declared_by, one.note) for one in declared} == {(city.bureau, "统计台账")}
    assert AuditEvent.objects.filter(code="assessment.facts.stated", actor=city.bureau).count() == 4
    take(city, as_facts(city), [[city.parks[0].code, None, None, 99, None]])
    with pytest.raises(intake.CannotRollBackBatch):
        intake.roll_back_batch(batch=batch, actor=city.bureau, at=city.now)
    second = Batch.objects.latest("pk")
    intake.roll_back_batch(batch=second, actor=city.bureau, at=city.now)
    intake.roll_back_batch(batch=batch, actor=city.bureau, at=city.now)
    assert not Declaration.objects.exists()


def test_a_table_of_more_parks_than_a_statement_holds_conditions_is_taken_back(city: City) -> None:
    many = 1_120
    place = {"kind": Branch.Kind.PARK, "parent": city.operators[0]}
    codes = [f"m-{number}" for number in range(many)]
    branches = Branch.objects.bulk_create(
        Branch(**place, code=code, path=f"{city.operators[0].path}{code}/", name_en=code) for code in codes
    )
    Park.objects.bulk_create(Park(branch=one, code=one.code, name_zh_hans=f"众园{one.code}") for one in branches)
    first = take(city, as_facts(city), [[code, None, None, 10 + n, 5] for n, code in enumerate(codes)])
    assert first.state == Batch.State.APPLIED, first.report["problems"][:3]
    stated = list(Declaration.objects.order_by("pk").values())
    assert len(stated) == 2 * many
    second = take(city, as_facts(city), [[code, None, None, 20 + n, 6] for n, code in enumerate(codes)])
    with pytest.raises(intake.CannotRollBackBatch, match=f"{2 * many} of its rows"):
        intake.roll_back_batch(batch=first, actor=city.bureau, at=city.now)
    intake.roll_back_batch(batch=second, actor=city.bureau, at=city.now)
    assert list(Declaration.objects.order_by("pk").values()) == stated
    intake.roll_back_batch(batch=first, actor=city.bureau, at=city.now)
    assert not Declaration.objects.exists()


def test_a_draft_is_taken_back_unless_the_park_went_on_with_it(city: City) -> None:
    one, two = (city.round.submissions.get(park=park) for park in city.parks[:2])
    batch = take(city, into_round(city), [[p.code, None, None, 5, 1] for p in city.parks[:2]])
    services.submit(submission=one, actor=city.operator, at=city.now)
    with pytest.raises(intake.CannotRollBackBatch):
        intake.roll_back_batch(batch=batch, actor=city.bureau, at=city.now)
    services.return_submission(submission=one, note="?", objections={}, actor=city.bureau, at=city.now)
    two.refresh_from_db()
    assert two.state == Submission.State.DRAFT and Entry.objects.count() == 4


def test_the_bureau_uploads_by_the_page_and_sees_the_way_back(city: City) -> None:
    client, address = sign_in(city.bureau), f"/city/rounds/{city.round.pk}/table/"
    assert client.post(address, {"source": ""}).status_code == 422
    wrong = client.post(address, {"source": "x", "file": SimpleUploadedFile("t.pdf", b"x")})
    assert wrong.status_code == 422 and "“pdf” cannot be read" in wrong.content.decode()
    file = SimpleUploadedFile("t.xlsx", table([[city.parks[0].code, None, None, 5, 1]]))
    sent = client.post(address, {"source": "统计台账", "file": file}, follow=True)
    batch = Batch.objects.get()
    assert sent.redirect_chain[-1][0] == f"/imports/{batch.pk}/" and address in sent.content.decode()
    client.post(f"/imports/{batch.pk}/apply/")
    assert Entry.objects.count() == 2
    assert "t.xlsx" in client.get(address).content.decode()
    blank = client.get(address, {"format": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(blank.streaming_content)))  # type: ignore[attr-defined]
    assert book.worksheets[0].max_row == 5
    client.post(f"/imports/{batch.pk}/roll-back/")
    assert not Entry.objects.exists()
    city.answer.refresh_from_db()
    assert city.answer.state == Submission.State.ASKED


def test_facts_of_a_branch_are_uploaded_beside_a_round(city: City) -> None:
    client = sign_in(city.bureau)
    file = SimpleUploadedFile("t.xlsx", table([[city.parks[0].code, None, None, 5, 1]]))
    asked = {"source": "统计台账", "file": file, "branch": city.district.pk, "cut_off_on": str(city.today)}
    assert client.post("/city/table/", asked).status_code == 302
    client.post(f"/imports/{Batch.objects.get().pk}/apply/")
    assert Declaration.objects.count() == 2


def test_nobody_else_uploads_or_reads_a_table_of_the_bureau(city: City) -> None:
    batch = take(city, into_round(city), [[city.parks[0].code, None, None, 5, 1]])
    neighbour = make_user(Role.BUREAU, make_branch(Branch.Kind.DISTRICT, city.city))
    for actor, status in ((city.operator, 403), (make_user(Role.ASSESSOR, city.district), 403), (neighbour, 404)):
        with pytest.raises(services.CannotRunRound):
            services.make_area(branch=city.district, actor=actor, source="x", data_round=city.round)
        with pytest.raises(intake.CannotRollBackBatch):
            intake.find_batch_to_roll_back(batch_id=batch.pk, actor=actor)
        assert sign_in(actor).get(f"/city/rounds/{city.round.pk}/table/").status_code == status
        assert sign_in(actor).get(f"/imports/{batch.pk}/").status_code == 404


def test_a_closed_round_takes_no_table(city: City) -> None:
    area = into_round(city)
    services.close_round(data_round=city.round, actor=city.bureau, at=city.now)
    city.round.refresh_from_db()
    with pytest.raises(services.CannotRunRound, match="not open"):
        into_round(city)
    batch = take(city, area, [[city.parks[0].code, None, None, 5, 1]])
    assert batch.state == Batch.State.REFUSED and not Entry.objects.exists()


def test_the_terminal_takes_a_table_in(city: City, tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(table([[city.parks[0].code, None, None, 5, 1]]))
    tried = intake.import_file(path=path, actor=city.bureau, at=city.now, area=into_round(city), dry_run=True)
    assert tried.created == 1 and not Entry.objects.exists()
    done = intake.import_file(path=path, actor=city.bureau, at=city.now, area=into_round(city))
    assert done.created == 1 and Entry.objects.count() == 2


@pytest.mark.parametrize("key", ["city_table", "city_list"])
def test_every_heading_means_its_column_in_every_language(key: str) -> None:
    taker = next(t for t in list_takers(about_parks=True) if t.key == key)
    forms = get_sheet_forms(taker=taker).headings
    for language in ("zh-hans", "zh-hant", "en"):
        with override(language):
            for column in taker.columns:
                for said in (get_heading(column=column), str(column.label), column.field, *column.synonyms):
                    assert match_heading(said, forms).field == column.field, said


def test_no_parks_own_workbook_has_a_sheet_of_a_bureau() -> None:
    assert not {t.key for t in list_takers()} & {"city_table", "city_list"}
