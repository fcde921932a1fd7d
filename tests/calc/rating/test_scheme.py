"""Scheme files: every error names its line and key; the hash stands for the content."""

from copy import deepcopy

import pytest
import yaml

from parkbrain.calc import rating
from tests.calc.rating.schemes import PARK, park_scheme

TEXT = """\
schema: parkbrain.scheme/1
id: small
version: "1"
status: example
name: {en: Small}
levels: [dimension, indicator]
rounding: {total: 2}
outcome:
  kind: stars
  classes:
  - {id: "2", rank: 2, name: Two, min_total: 80, min_nodes: {dimension: 60}, gates: [G1]}
  - {id: "1", rank: 1, name: One, min_total: 50}
  gates:
  - {id: G1, indicator: A1, name: Gate, test: a >= 1}
  vetoes:
  - {id: V1, name: Veto, test: b > 0, effect: {cap: 1}}
facts:
- {key: a}
- {key: b}
tree:
- id: A
  name: Alpha
  children:
  - id: A1
    name: Share
    formula: pct(a, b)
    applicable: b > 0
    veto: V1
    score: {method: piecewise_linear, points: [[0, 0], [100, 100]]}
  - id: A2
    name: List
    score:
      method: checklist
      items:
      - {key: a, weight: 2}
      - {key: b}
"""


def problems_of(text):
    with pytest.raises(rating.SchemeError) as refused:
        rating.load_scheme(text)
    return refused.value.problems


def test_a_correct_file_loads():
    scheme = rating.load_scheme(TEXT)
    assert [node.id for node in scheme.nodes] == ["total", "A", "A1", "A2"]
    assert [one.id for one in scheme.indicators] == ["A1", "A2"]
    assert scheme.facts == {"a", "b"}
    assert scheme.node("A").level == "dimension"
    assert scheme.indicator("A1").facts == {"a", "b"}


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "code"),
    [
        ('version: "1"', "version: 1", 3, "version", "type"),
        ("status: example", "state: example", 4, "state", "additionalProperties"),
        ("levels: [dimension, indicator]", "levels: [dimension]", 24, "tree[0].children[0]", "too_deep"),
        ("rank: 1", "rank: 3", 12, "outcome.classes[1].rank", "not_descending"),
        ("{dimension: 60}", "{dimensions: 60}", 11, "outcome.classes[0].min_nodes.dimensions", "unknown_node"),
        ("gates: [G1]", "gates: [G2]", 11, "outcome.classes[0].gates", "unknown_gate"),
        ("indicator: A1", "indicator: A9", 14, "outcome.gates[0].indicator", "unknown_node"),
        ("test: a >= 1", "test: c >= 1", 14, "outcome.gates[0].test", "unknown_fact"),
        ("test: b > 0", "test: sum(b) > 0", 16, "outcome.vetoes[0].test", "not_allowed"),
        ("{cap: 1}", "all", 16, "outcome.vetoes[0].effect", "anyOf"),
        ("- {key: b}\ntree", "- {key: A}\n- {key: b}\ntree", 19, "facts[1].key", "duplicate_fact"),
        ("formula: pct(a, b)", "formula: pct(a, c)", 26, "tree[0].children[0].formula", "unknown_fact"),
        ("formula: pct(a, b)", "formula: pct(a,", 26, "tree[0].children[0].formula", "not_sql"),
        ("formula: pct(a, b)", "formula: null", 24, "tree[0].children[0]", "no_formula"),
        ("applicable: b > 0", "applicable: (select 1)", 27, "tree[0].children[0].applicable", "not_allowed"),
        ("veto: V1", "veto: V2", 28, "tree[0].children[0].veto", "unknown_veto"),
        ("[100, 100]", "[0, 100]", 29, "tree[0].children[0].score.points[1]", "not_ascending"),
        ("[0, 0], [100, 100]", "[0, 100], [100, 0]", 29, "tree[0].children[0].score.points[1]", "against_direction"),
        ("[100, 100]", "[100, 101]", 29, "tree[0].children[0].score.points[1]", "out_of_range"),
        ("points:", "point:", 29, "tree[0].children[0].score.point", "additionalProperties"),
        ("method: piecewise_linear", "method: magic", 29, "tree[0].children[0].score.method", "enum"),
        ("id: A2", "id: A1", 30, "tree[0].children[1].id", "duplicate_id"),
        ("      - {key: b}\n", "      - {key: a}\n", 36, "tree[0].children[1].score.items[1].key", "duplicate_item"),
        ("      - {key: b}\n", "      - {key: z}\n", 36, "tree[0].children[1].score.items[1].key", "unknown_fact"),
        ("name: Alpha", "name: Alpha\n  name: Beta", 23, "tree[0].name", "duplicate_key"),
        ("name: {en: Small}", "name: {en: 3}", 5, "name", "anyOf"),
        ("name: {en: Small}", "name: [en", 6, "", "not_yaml"),
    ],
)
def test_every_error_names_its_line_and_key(old, new, line, path, code):
    text = TEXT.replace(old, new, 1)
    assert text != TEXT
    found = [(problem.line, problem.path, problem.code) for problem in problems_of(text)]
    assert (line, path, code) in found


def test_all_errors_come_at_once():
    text = TEXT.replace("pct(a, b)", "pct(a, c)").replace("id: A2", "id: A1").replace("[G1]", "[G7]")
    assert [problem.code for problem in problems_of(text)] == ["unknown_gate", "unknown_fact", "duplicate_id"]


def test_errors_read_as_sentences_with_their_place():
    message = str(problems_of(TEXT.replace("pct(a, b)", "pct(a, c)"))[0])
    assert message == "line 26, tree[0].children[0].formula: unknown fact c in 'pct(a, c)'"


def test_catalogue_of_the_caller_is_checked():
    with pytest.raises(rating.SchemeError) as refused:
        rating.load_scheme(PARK, catalogue={"leased_m2", "leasable_m2"})
    assert "unknown_fact" in {problem.code for problem in refused.value.problems}
    assert refused.value.problems[0].line is None


def test_hash_is_stable_under_key_order_and_form():
    document = yaml.safe_load(TEXT)
    backwards = {key: document[key] for key in reversed(document)}
    assert rating.load_scheme(TEXT).hash == rating.load_scheme(document).hash == rating.load_scheme(backwards).hash
    comment = TEXT.replace("tree:", "# a comment\ntree:")
    assert rating.load_scheme(comment).hash == rating.load_scheme(TEXT).hash


def test_hash_changes_with_a_single_weight():
    assert rating.load_scheme(TEXT.replace("weight: 2", "weight: 3")).hash != rating.load_scheme(TEXT).hash


def test_texts_come_in_the_nearest_language():
    scheme = park_scheme()
    assert scheme.text(scheme.name, "zh-hant") == "园区"
    assert scheme.text(scheme.name, "fr") == "Park"
    assert scheme.text({}, "en") == ""


def test_nominal_weights_are_shares_of_the_total():
    weights = park_scheme().nominal_weights
    assert weights["total"] == 100
    assert weights["A1.1"] == pytest.approx(30)
    assert sum(weights[one.id] for one in park_scheme().indicators) == pytest.approx(100)


def test_a_mapping_is_not_changed_by_loading():
    before = deepcopy(PARK)
    rating.load_scheme(PARK)
    assert before == PARK
