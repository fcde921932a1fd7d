"""The files that ship: complete, in three languages, and at one with each other."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import jsonschema
import pytest
import yaml

from parkbrain import schemes
from parkbrain.calc import rating
from parkbrain.calc.size_class import rule_for
from parkbrain.enterprises.queries.industries import get_size_rules

LANGUAGES = {"en", "zh-Hans", "zh-Hant"}
TEXT_FILES = (
    *(f"{name}.yaml" for name in schemes.scheme_names()),
    *schemes.CATALOGUES,
    "article_parks.yaml",
    "duties.yaml",
    "measures.yaml",
)
SCHEMA_OF = {
    "facts.yaml": "facts.schema.json",
    "facts_national.yaml": "facts.schema.json",
    "article_parks.yaml": "article_parks.schema.json",
    "duties.yaml": "duties.schema.json",
    "measures.yaml": "measures.schema.json",
}


def load(name: str) -> Any:
    return yaml.safe_load(schemes.path(name).read_text(encoding="utf-8"))


def texts(data: Any, path: str = "") -> Iterator[tuple[str, dict[str, str]]]:
    """Yield every text of a file with its place."""
    if isinstance(data, dict):
        if LANGUAGES & data.keys():
            yield path, data
            return
        for key, value in data.items():
            yield from texts(value, f"{path}.{key}")
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from texts(value, f"{path}[{index}]")


def industries() -> dict[str, dict[str, str]]:
    with schemes.path("gbt4754_2017.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize("name", TEXT_FILES)
def test_every_text_stands_in_three_languages(name: str) -> None:
    found = list(texts(load(name)))
    assert found
    assert [
        path for path, text in found if set(text) != LANGUAGES or not all(each.strip() for each in text.values())
    ] == []


@pytest.mark.parametrize("name", TEXT_FILES)
def test_english_is_not_chinese_and_chinese_is_written_in_its_own_script(name: str) -> None:
    simplified, traditional = "园业国书动质关务", "園業國書動質關務"
    for path, text in texts(load(name)):
        # Numbers of official notices stay as they are written.
        english = re.sub(r"工信厅节函〔2016〕586号", "", text["en"])
        assert not re.search(r"[\u4e00-\u9fff]", english), path
        assert not set(text["zh-Hans"]) & set(traditional), path
        assert not set(re.sub(r"工信厅", "", text["zh-Hant"])) & set(simplified), path


@pytest.mark.parametrize("name", TEXT_FILES)
def test_chinese_texts_use_chinese_punctuation(name: str) -> None:
    for path, text in texts(load(name)):
        for language in ("zh-Hans", "zh-Hant"):
            assert not re.search(r"[\u4e00-\u9fff][,;:(]|[,;)][\u4e00-\u9fff]", text[language]), (path, text[language])


@pytest.mark.parametrize(("name", "schema"), SCHEMA_OF.items())
def test_data_files_follow_their_schemas(name: str, schema: str) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(schemes.path(schema).read_text(encoding="utf-8")))
    assert [error.message for error in validator.iter_errors(load(name))] == []


def test_no_file_prints_a_number_of_the_shenzhen_standard() -> None:
    for path in schemes.FOLDER.iterdir():
        if path.is_file():
            assert not re.search(r"DB\s*4403", path.read_text(encoding="utf-8")), path.name


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(FileNotFoundError):
        schemes.path("no_such_scheme.yaml")


def test_names_of_facts_are_unique_in_every_language() -> None:
    for language in LANGUAGES:
        counts = Counter(fact["name"][language] for fact in schemes.catalogue().values())
        assert [name for name, count in counts.items() if count > 1] == []


def test_the_reference_model_reads_123_inputs_and_35_checklist_items() -> None:
    facts = load("facts.yaml")["facts"]
    inputs = [fact["key"] for fact in facts if fact.get("reference_model")]
    assert len(inputs) == 123
    assert [fact["key"] for fact in facts[:123]] == inputs
    scheme = rating.load_scheme(schemes.path("five_star_reference.yaml"), catalogue=schemes.catalogue())
    items = [item["key"] for one in scheme.indicators for item in one.score.options.get("items", ())]
    assert len(items) == len(set(items)) == 35
    assert set(items) | set(inputs) <= scheme.facts


def test_every_fact_is_read_by_a_scheme() -> None:
    read = set().union(*(rating.load_scheme(path).facts for path in schemes.scheme_paths()))
    assert set(schemes.catalogue()) == read


def test_a_part_stands_beside_its_whole_in_the_same_unit() -> None:
    catalogue = schemes.catalogue()
    parts = {key: fact["part_of"] for key, fact in catalogue.items() if "part_of" in fact}
    assert len(parts) > 40
    assert [(key, whole) for key, whole in parts.items() if catalogue[key]["unit"] != catalogue[whole]["unit"]] == []


def test_facts_that_may_exceed_their_divisor_are_no_parts() -> None:
    catalogue = schemes.catalogue()
    for key in ("rd_spend_wan", "reused_water_m3", "output_now_wan", "talents_delivered_12m", "sw_utilised_t"):
        assert "part_of" not in catalogue[key], key


def test_limits_of_facts_are_in_order() -> None:
    for key, fact in schemes.catalogue().items():
        assert fact.get("min", 0) < fact.get("max", float("inf")), key
        if fact["unit"] == "%" and not key.endswith("growth_percent"):
            assert (fact["min"], fact["max"]) == (0, 100), key


def test_industries_count_as_the_standard_does() -> None:
    rows = industries()
    assert Counter(row["level"] for row in rows.values()) == {"1": 20, "2": 97, "3": 473, "4": 1382}
    assert all(row["name_zh_hans"] and row["name_zh_hant"] for row in rows.values())
    assert all(row["name_en"] for row in rows.values() if row["level"] in {"1", "2"})


def test_every_industry_hangs_on_the_level_above() -> None:
    rows = industries()
    for code, row in rows.items():
        if row["level"] == "1":
            assert row["parent"] == ""
            continue
        assert int(rows[row["parent"]]["level"]) == int(row["level"]) - 1, code
        if row["level"] != "2":
            assert code.startswith(row["parent"])
    childless = set(rows) - {row["parent"] for row in rows.values()}
    assert {rows[code]["level"] for code in childless} == {"4"}


def test_size_rules_name_industries_that_exist_and_rise_from_class_to_class() -> None:
    rows = industries()
    for sector in load("size_classes.yaml")["sectors"]:
        assert set(sector["industries"]) <= set(rows), sector["id"]
        limits = [sector["limits"][name] for name in ("small", "medium", "large")]
        for below, above in pairwise(limits):
            assert below.keys() == above.keys()
            assert all(below[field] < above[field] for field in below)


@pytest.mark.parametrize(
    ("code", "sector"),
    [
        ("3491", "industry"),
        ("4710", "construction"),
        ("5911", "transport"),
        ("5920", "storage"),
        ("6513", "software"),
        ("7010", "real_estate_development"),
        ("7020", "property_management"),
        ("7030", "others"),
        ("7320", "others"),
        ("6620", None),
        ("8310", None),
    ],
)
def test_an_industry_falls_under_its_size_rule(code: str, sector: str | None) -> None:
    rule = rule_for(code, get_size_rules())
    assert (rule.sector if rule else None) == sector


def test_statements_about_real_parks_are_as_stated_and_name_facts_that_exist() -> None:
    data = load("article_parks.yaml")
    operators = {operator["id"] for operator in data["operators"]}
    assert {park["operator"] for park in data["parks"]} <= operators | {None}
    assert len(data["parks"]) == 7
    subjects = [data["city"], *data["parks"], *data["operators"], *data["regions"]]
    for subject in subjects:
        keys = [statement["key"] for statement in subject["statements"]]
        assert len(keys) == len(set(keys)), subject["id"]
        for statement in subject["statements"]:
            assert statement["as_stated"] is True
            # A bound is no figure: it may not be declared as a fact.
            assert not ("fact" in statement and "bound" in statement)
            if "fact" in statement:
                fact = schemes.catalogue()[statement["fact"]]
                assert statement["unit"] == fact["unit"]
                assert fact["period"] != "fy" or "year" in statement


def test_the_share_of_national_product_says_that_it_does_not_check() -> None:
    statements = {each["key"]: each for each in load("article_parks.yaml")["city"]["statements"]}
    assert statements["national_gdp_share"]["value"] == 2.6
    assert "2.73" in statements["national_gdp_share"]["note"]["en"]
    assert 100 * statements["gdp"]["value"] / 1_349_084 == pytest.approx(2.73, abs=0.005)


def test_duties_are_named_once_rest_on_something_and_prove_facts_that_exist() -> None:
    template = load("duties.yaml")
    duties = template["duties"]
    assert [key for key, count in Counter(d["key"] for d in duties).items() if count > 1] == []
    assert {d["basis"] for d in duties} == set(template["bases"])
    facts = schemes.catalogue()
    proven = [d["proves"] for d in duties if "proves" in d]
    assert len(set(proven)) == len(proven)
    assert {facts[key]["kind"] for key in proven} == {"boolean"}
    planning = {key for key in facts if key.startswith("planning_")}
    assert planning <= set(proven) and len(planning) == 8


def test_every_stage_of_every_kind_of_subject_but_the_last_has_a_gate() -> None:
    duties = load("duties.yaml")["duties"]
    gates = {(d["subject"], d["stage"]) for d in duties if d["gate"]}
    assert gates == {(s, t) for s in ("PARK", "BUILDING", "PROJECT") for t in ("PLAN", "BUILD", "ATTRACT", "OPERATE")}
    assert {d["evidence"] for d in duties if d.get("is_build_doc")} <= {
        "CONTRACT",
        "PERMIT",
        "FILING",
        "CERTIFICATE",
        "RECORD",
    }


def test_no_duty_names_a_clause_of_a_text_that_is_not_public() -> None:
    assert {d["clause"] for d in load("duties.yaml")["duties"]} == {""}
