"""Sheets of the record: what a file says is checked before it is written, and an export changes nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from parkbrain.calc import uscc
from parkbrain.enterprises.models import Occupancy
from parkbrain.kernel.models import AuditEvent, Park
from parkbrain.kernel.roles import Role
from parkbrain.kernel.taking import TakenRow, takers
from parkbrain.space.models import Premises
from tests.factories import AT, make_branch, make_building, make_occupancy, make_park, make_storey, make_user

pytestmark = pytest.mark.django_db

SHEETS = (
    "park",
    "buildings",
    "storeys",
    "premises",
    "enterprises",
    "returns",
    "qualifications",
    "addresses",
    "occupancies",
)
FIRMS = [uscc.complete(f"91440300MA5T{n:05d}") for n in range(200)]


def taken(rows: Sequence[Mapping[str, Any]]) -> list[TakenRow]:
    """Return rows as an import hands them over: empty cells are absent."""
    return [TakenRow(n, {k: v for k, v in r.items() if v not in (None, "")}) for n, r in enumerate(rows, start=2)]


def file_of_a_park(firms: int = 3) -> dict[str, list[dict[str, Any]]]:
    codes = [f"A-{n}" for n in range(firms)]
    return {
        "park": [{"code": "XH", "name_zh_hans": "星河园", "name_en": "Xinghe", "leading_industries": ["34"]}],
        "buildings": [{"code": "A", "name_zh_hans": "A 座", "use": "FACTORY"}],
        "storeys": [{"building_code": "A", "level": n + 1, "gross_floor_area_m2": 2000.0} for n in range(firms)],
        "premises": [
            {"code": c, "building_code": "A", "level": n + 1, "use": "RND", "gross_area_m2": 500.0, "lettable": True}
            for n, c in enumerate(codes)
        ],
        "enterprises": [
            {"uscc": f, "name_zh_hans": f"企业{n}", "industry_code": "3491", "is_listed": False}
            for n, f in enumerate(FIRMS[:firms])
        ],
        "returns": [
            {"uscc": f, "year": y, "source": "TAX", "staff_count": 30, "revenue_wan": 900.5}
            for f in FIRMS[:firms]
            for y in (2024, 2025)
        ],
        "qualifications": [{"uscc": f, "kind": "HNTE", "valid_from_on": date(2024, 5, 1)} for f in FIRMS[:firms]],
        "addresses": [
            {"uscc": f, "kind": "REGISTERED", "text": "一路 1 号", "in_this_park": True, "starts_on": date(2024, 1, 1)}
            for f in FIRMS[:firms]
        ],
        "occupancies": [
            {"premises_code": c, "uscc": f, "starts_on": date(2024, 1, 1), "rent_yuan_per_m2_month": 58.5}
            for c, f in zip(codes, FIRMS, strict=False)
        ],
    }


def check(file: Mapping[str, Any], park: Park | None = None) -> dict[str, list[tuple[int, str]]]:
    """Return the codes of the problems of each sheet with the rows they lie in."""
    context = {key: taken(rows) for key, rows in file.items()}
    found = {}
    for key, rows in context.items():
        problems = takers.get(key).check(park=park, rows=rows, context=context)
        if problems:
            found[key] = [(n, p.code) for n, group in sorted(problems.items()) for p in group]
            assert all(p.message for group in problems.values() for p in group)
    return found


def apply(file: Mapping[str, Any], actor: Any, park: Park | None = None) -> dict[str, set[str]]:
    """Apply the sheets in their order and return which actions each led to."""
    actions = {}
    for taker in sorted(takers, key=lambda t: t.order):
        if taker.key in file:
            rows = taken(file[taker.key])
            applied = taker.apply(park=park, rows=rows, actor=actor, at=AT)
            assert set(applied) == {r.number for r in rows}
            actions[taker.key] = {a.change.action for a in applied.values()}
            park = park or Park.objects.get(code="XH")
    return actions


@pytest.mark.parametrize("key", SHEETS)
def test_sheet_describes_its_columns_well(key: str) -> None:
    taker = takers.get(key)
    fields = [c.field for c in taker.columns]
    assert len(set(fields)) == len(fields)
    assert set(taker.identity) <= set(fields)
    for column in taker.columns:
        assert str(column.label), column.field
        assert column.example is not None, column.field
        assert column.synonyms or column.note, column.field
        assert (column.kind == "choice") == bool(column.choices), column.field
    headings = [s for c in taker.columns for s in c.synonyms]
    assert len(set(headings)) == len(headings), "a heading that stands for two columns"


def test_example_credit_code_is_valid() -> None:
    column = next(c for c in takers.get("enterprises").columns if c.field == "uscc")
    assert uscc.is_valid(column.example)


def test_file_of_a_new_park_is_taken_and_the_same_file_again_changes_nothing() -> None:
    actor = make_user(Role.OPERATOR, make_branch())
    file = file_of_a_park()
    assert check(file) == {}
    assert set().union(*apply(file, actor).values()) == {"create"}
    park, events = Park.objects.get(code="XH"), AuditEvent.objects.count()
    assert check(file, park) == {}
    assert set().union(*apply(file, actor, park).values()) == {"nothing"}
    assert AuditEvent.objects.count() == events


def test_export_is_taken_without_a_change() -> None:
    actor = make_user(Role.OPERATOR, make_branch())
    apply(file_of_a_park(), actor)
    park = Park.objects.get(code="XH")
    exported = {key: list(takers.get(key).export(park=park)) for key in SHEETS}
    assert all(exported.values())
    for key, rows in exported.items():
        assert set(rows[0]) <= {c.field for c in takers.get(key).columns}
    assert check(exported, park) == {}
    assert set().union(*apply(exported, actor, park).values()) == {"nothing"}


def test_changed_cell_shows_the_old_and_the_new_value() -> None:
    actor = make_user(Role.OPERATOR, make_branch())
    file = file_of_a_park()
    apply(file, actor)
    file["premises"][0]["clear_height_m"] = 5.4
    park = Park.objects.get(code="XH")
    applied = takers.get("premises").apply(park=park, rows=taken(file["premises"]), actor=actor, at=AT)
    assert applied[2].change.fields == {"clear_height_m": (None, 5.4)}
    assert applied[3].change.action == "nothing"
    assert (applied[2].target_label, applied[2].target_id) == ("space.premises", Premises.objects.get(code="A-0").pk)


def test_park_of_120_firms_is_taken_in_under_two_seconds() -> None:
    actor = make_user(Role.OPERATOR, make_branch())
    file = file_of_a_park(120)
    began = time.perf_counter()
    assert check(file) == {}
    apply(file, actor)
    assert time.perf_counter() - began < 2
    assert Occupancy.objects.count() == 120


def test_unknown_references_are_named_where_neither_record_nor_file_has_them() -> None:
    file = file_of_a_park()
    file["storeys"][0]["building_code"] = "Z"
    file["premises"][0]["building_code"] = "Z"
    file["returns"][0]["uscc"] = FIRMS[50]
    file["occupancies"][1]["premises_code"] = "nowhere"
    assert check(file) == {
        "storeys": [(2, "unknown_building")],
        "premises": [(2, "unknown_building")],
        "returns": [(2, "unknown_enterprise")],
        "occupancies": [(3, "unknown_premises")],
    }


def test_wrong_check_character_names_the_right_one() -> None:
    wrong = FIRMS[0][:-1] + ("A" if FIRMS[0][-1] != "A" else "B")
    rows = taken([{"uscc": wrong, "name_zh_hans": "错码"}])
    problem = takers.get("enterprises").check(park=None, rows=rows, context={})[2][0]
    assert problem.code == "uscc_check"
    assert FIRMS[0][-1] in problem.message


def test_industry_that_the_standard_does_not_know_is_named() -> None:
    rows = taken([{"uscc": FIRMS[0], "name_zh_hans": "甲", "industry_code": "9999"}])
    assert takers.get("enterprises").check(park=None, rows=rows, context={})[2][0].code == "unknown_industry"


def test_two_firms_in_one_place_are_found_inside_the_file_and_with_the_record() -> None:
    file = file_of_a_park()
    file["occupancies"][1]["premises_code"] = "A-0"
    assert check(file)["occupancies"] == [(3, "premises_taken")]
    there = make_occupancy(starts_on=date(2025, 1, 1))
    row = {"premises_code": there.premises.code, "uscc": FIRMS[0], "starts_on": date(2026, 1, 1)}
    rows = taken([row])
    context = {"enterprises": taken([{"uscc": FIRMS[0], "name_zh_hans": "新来"}])}
    problem = takers.get("occupancies").check(park=there.premises.park, rows=rows, context=context)[2][0]
    assert problem.code == "premises_taken"
    assert there.enterprise.name in problem.message
    assert "2025-01-01" in problem.message


def test_handover_in_the_file_is_no_overlap() -> None:
    there = make_occupancy(starts_on=date(2025, 1, 1))
    rows = [
        {"premises_code": there.premises.code, "uscc": FIRMS[0], "starts_on": date(2026, 1, 1)},
        {
            "premises_code": there.premises.code,
            "uscc": there.enterprise.uscc,
            "starts_on": date(2025, 1, 1),
            "ends_on": date(2026, 1, 1),
        },
    ]
    context = {"enterprises": taken([{"uscc": FIRMS[0], "name_zh_hans": "新来"}])}
    assert takers.get("occupancies").check(park=there.premises.park, rows=taken(rows), context=context) == {}


def test_storey_that_would_be_fuller_than_it_is_large_is_named() -> None:
    building = make_building(code="A")
    make_storey(building=building, level=1, gross_floor_area_m2=800.0)
    rows = [{"code": f"A-{n}", "building_code": "A", "level": 1, "use": "RND", "gross_area_m2": 500.0} for n in (1, 2)]
    problems = takers.get("premises").check(park=building.park, rows=taken(rows), context={})
    assert [(n, p.code) for n, group in problems.items() for p in group] == [(3, "storey_overfull")]


def test_rows_of_the_same_premises_may_not_disagree() -> None:
    park = make_building(code="A").park
    base = {"code": "A-1", "building_code": "A", "gross_area_m2": 50.0}
    rows = taken([{**base, "level": 1, "use": "RND"}, {**base, "level": 2, "use": "LAB"}])
    problems = takers.get("premises").check(park=park, rows=rows, context={})
    assert [(n, p.field, p.code) for n, group in problems.items() for p in group] == [(3, "use", "rows_disagree")]


@pytest.mark.parametrize(
    ("key", "row", "code"),
    [
        ("storeys", {"building_code": "A", "level": 0}, "level_zero"),
        ("premises", {"code": "P", "building_code": "A", "level": 1, "use": "RND"}, "area_missing"),
        (
            "premises",
            {
                "code": "P",
                "building_code": "A",
                "level": 1,
                "use": "RND",
                "gross_area_m2": 5.0,
                "net_internal_area_m2": 6.0,
            },
            "net_over_gross",
        ),
        ("park", {"code": "other", "name_zh_hans": "别园"}, "other_park"),
        ("park", {"code": "XH", "name_zh_hans": "园", "longitude": 113.9}, "half_position"),
        ("park", {"code": "XH", "name_zh_hans": "园", "leading_industries": ["C"]}, "industry_code"),
    ],
)
def test_row_that_contradicts_itself_is_named(key: str, row: dict[str, Any], code: str) -> None:
    park = make_park(code="XH")
    make_building(park=park, code="A")
    problems = takers.get(key).check(park=park, rows=taken([row]), context={})
    assert [p.code for p in problems[2]] == [code]
