"""What a JSON Schema cannot say about a scheme: names that exist, orders that hold, formulas that run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from typing import Any

from parkbrain.calc.rating.document import Document, KeyPath, Problem
from parkbrain.calc.rating.expression import VALUE, ExpressionError, parse_expression

_NEEDS_NO_FORMULA = {"checklist", "boolean"}
_Places = list[tuple[KeyPath, Mapping[str, Any]]]


def facts_of_indicator(entry: Mapping[str, Any]) -> frozenset[str]:
    """Return the fact keys an indicator of the file reads: formula, applicability, test and checklist items."""
    texts = (entry.get("formula"), entry.get("applicable"), entry["score"].get("test"))
    columns = {name for text in texts if text for name in parse_expression(text).columns}
    return frozenset((columns | {item["key"] for item in entry["score"].get("items", ())}) - {VALUE})


def check_scheme(document: Document, catalogue: Mapping[str, Any] | Collection[str] | None = None) -> list[Problem]:
    """Return everything that is wrong with a scheme whose file already passes the JSON Schema."""
    data = document.data
    nodes = list(_walk(data["tree"], ("tree",)))
    known = _known_facts(data, catalogue)
    problems = list(_check_declared_facts(document))
    problems += _check_ids(document, nodes)
    for path, entry in nodes:
        problems += _check_node(document, path, entry)
        if "children" not in entry:
            problems += _check_score(document, (*path, "score"), entry)
            problems += _check_formulas(document, path, entry, known)
    problems += _check_outcome(document, nodes, known)
    problems += _check_missing(document)
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.path))


def _known_facts(
    data: Mapping[str, Any], catalogue: Mapping[str, Any] | Collection[str] | None
) -> frozenset[str] | None:
    if isinstance(data["facts"], list):
        return frozenset(entry["key"] for entry in data["facts"])
    return None if catalogue is None else frozenset(catalogue)


def _walk(entries: list[Any], path: KeyPath) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    for index, entry in enumerate(entries):
        yield (*path, index), entry
        yield from _walk(entry.get("children", []), (*path, index, "children"))


def _check_declared_facts(document: Document) -> Iterator[Problem]:
    facts = document.data["facts"]
    seen: dict[str, str] = {}
    for index, entry in enumerate(facts if isinstance(facts, list) else []):
        key = entry["key"]
        if key.lower() in seen:
            message = f"fact {key} stands twice (as {seen[key.lower()]}; upper and lower case count as the same)"
            yield document.problem(("facts", index, "key"), "duplicate_fact", message, fact=key)
        seen[key.lower()] = key


def _check_ids(document: Document, nodes: _Places) -> Iterator[Problem]:
    seen = {"total"}
    for path, entry in nodes:
        if entry["id"] in seen:
            message = f"the id {entry['id']} is taken"
            yield document.problem((*path, "id"), "duplicate_id", message, id=entry["id"])
        seen.add(entry["id"])


def _check_node(document: Document, path: KeyPath, entry: Mapping[str, Any]) -> Iterator[Problem]:
    depth, levels = (len(path)) // 2, document.data["levels"]
    if depth > len(levels):
        message = f"{entry['id']} is at depth {depth}, but only {len(levels)} levels are named"
        yield document.problem(path, "too_deep", message, id=entry["id"], depth=depth, levels=len(levels))
    children = entry.get("children")
    if children is None:
        return
    if not any(child.get("weight", 1) > 0 for child in children):
        message = f"all children of {entry['id']} weigh nothing"
        yield document.problem((*path, "children"), "no_weight", message, id=entry["id"])
    best = entry.get("aggregate", document.data.get("aggregate", {})).get("k", 0)
    if best > len(children):
        message = f"best {best} of {len(children)} children"
        yield document.problem((*path, "aggregate", "k"), "too_few_children", message, k=best, children=len(children))


def _check_score(document: Document, path: KeyPath, entry: Mapping[str, Any]) -> Iterator[Problem]:
    score = entry["score"]
    method, direction = score["method"], entry.get("direction", "higher")
    if method == "piecewise_linear":
        yield from _check_points(document, (*path, "points"), score["points"], direction)
    if "low" in score and "high" in score and not score["low"] < score["high"] and method != "target_band":
        message = f"low {score['low']} is not below high {score['high']}"
        yield document.problem((*path, "low"), "not_ascending", message, low=score["low"], high=score["high"])
    if method == "target_band" and score["low"] > score["high"]:
        yield document.problem((*path, "low"), "not_ascending", f"low {score['low']} is above high {score['high']}")
    if "range" in score and not score["range"][0] < score["range"][1]:
        yield document.problem((*path, "range"), "not_ascending", f"range {score['range']} does not ascend")
    if method == "min_max" and ("low" in score) != ("high" in score):
        yield document.problem(path, "half_given", "give both low and high, or neither (then both come from the data)")
    if method == "z_score" and "to" in score and score["to"][1] <= 0:
        yield document.problem((*path, "to"), "not_positive", "the standard deviation must be above zero")
    for key, unique in (("items", "key"), ("levels", "level")):
        found = [item[unique] for item in score.get(key, ())]
        for index, item in enumerate(found):
            if item in found[:index]:
                message = f"{unique} {item} stands twice"
                yield document.problem((*path, key, index, unique), "duplicate_item", message, item=item)


def _check_points(document: Document, path: KeyPath, points: list[list[float]], direction: str) -> Iterator[Problem]:
    for index, (left, right) in enumerate(pairwise(points), start=1):
        place = (*path, index)
        if not left[0] < right[0]:
            message = f"values must ascend: {left[0]} before {right[0]}"
            yield document.problem(place, "not_ascending", message, before=left[0], after=right[0])
        falls = right[1] < left[1]
        rises = right[1] > left[1]
        if (direction == "higher" and falls) or (direction == "lower" and rises):
            verb = "falls" if falls else "rises"
            message = f"the score {verb} from {left[1]} to {right[1]} where {direction} is better"
            yield document.problem(place, "against_direction", message, direction=direction)
    for index, point in enumerate(points):
        if not 0 <= point[1] <= 100:
            message = f"score {point[1]} is not within 0 to 100"
            yield document.problem((*path, index), "out_of_range", message, score=point[1])


def _check_formulas(
    document: Document, path: KeyPath, entry: Mapping[str, Any], known: frozenset[str] | None
) -> Iterator[Problem]:
    score = entry["score"]
    if not entry.get("formula") and score["method"] not in _NEEDS_NO_FORMULA:
        message = f"{entry['id']} needs a formula for {score['method']}"
        yield document.problem(path, "no_formula", message, id=entry["id"])
    if entry.get("formula") and score["method"] == "checklist":
        yield document.problem((*path, "formula"), "needless_formula", "a checklist has items and no formula")
    yield from _check_expression(document, (*path, "formula"), entry.get("formula"), known)
    yield from _check_expression(document, (*path, "applicable"), entry.get("applicable"), known)
    with_value = None if known is None else known | {VALUE}
    yield from _check_expression(document, (*path, "score", "test"), score.get("test"), with_value)
    if score.get("test") and not entry.get("formula") and _reads_value(score["test"]):
        message = "the test reads `value`, but there is no formula"
        yield document.problem((*path, "score", "test"), "no_formula", message, id=entry["id"])
    for index, item in enumerate(score.get("items", ())):
        if known is not None and item["key"] not in known:
            place = (*path, "score", "items", index, "key")
            yield document.problem(place, "unknown_fact", f"unknown fact {item['key']}", facts=[item["key"]])


def _reads_value(text: str) -> bool:
    try:
        return VALUE in parse_expression(text).columns
    except ExpressionError:
        return False


def _check_expression(
    document: Document, path: KeyPath, text: str | None, known: frozenset[str] | None
) -> Iterator[Problem]:
    if not text:
        return
    try:
        parse_expression(text, known=known)
    except ExpressionError as error:
        yield document.problem(path, error.code, str(error), **error.params)


def _check_outcome(document: Document, nodes: _Places, known: frozenset[str] | None) -> Iterator[Problem]:
    outcome = document.data.get("outcome", {"kind": "index"})
    classes = outcome.get("classes", [])
    if outcome["kind"] == "index" and (classes or outcome.get("gates") or outcome.get("vetoes")):
        yield document.problem(("outcome", "kind"), "index_has_no_classes", "an index has no classes, gates or vetoes")
    if outcome["kind"] != "index" and not classes:
        yield document.problem(("outcome",), "no_classes", f"the kind {outcome['kind']} needs classes")
    names = {entry["id"] for _, entry in nodes} | {"total"}
    gates = {gate["id"] for gate in outcome.get("gates", ())}
    for index, one in enumerate(classes):
        place: KeyPath = ("outcome", "classes", index)
        if index and one["rank"] >= classes[index - 1]["rank"]:
            message = f"classes stand best first: rank {one['rank']} after {classes[index - 1]['rank']}"
            yield document.problem((*place, "rank"), "not_descending", message, rank=one["rank"])
        for key in one.get("min_nodes", {}):
            if key not in names and key not in document.data["levels"]:
                yield document.problem((*place, "min_nodes", key), "unknown_node", f"no node or level {key}", id=key)
        for gate in one.get("gates", ()):
            if gate not in gates:
                yield document.problem((*place, "gates"), "unknown_gate", f"no gate {gate}", id=gate)
    yield from _check_conditions(document, outcome, names, known)
    vetoes = {veto["id"] for veto in outcome.get("vetoes", ())}
    for path, entry in nodes:
        if entry.get("veto") and entry["veto"] not in vetoes:
            yield document.problem((*path, "veto"), "unknown_veto", f"no veto {entry['veto']}", id=entry["veto"])


def _check_conditions(
    document: Document, outcome: Mapping[str, Any], names: set[str], known: frozenset[str] | None
) -> Iterator[Problem]:
    for kind in ("gates", "vetoes"):
        seen: set[str] = set()
        for index, one in enumerate(outcome.get(kind, ())):
            place: KeyPath = ("outcome", kind, index)
            if one["id"] in seen:
                yield document.problem((*place, "id"), "duplicate_id", f"the id {one['id']} is taken", id=one["id"])
            seen.add(one["id"])
            if one.get("indicator") and one["indicator"] not in names:
                message = f"no indicator {one['indicator']}"
                yield document.problem((*place, "indicator"), "unknown_node", message, id=one["indicator"])
            yield from _check_expression(document, (*place, "test"), one["test"], known)


def _check_missing(document: Document) -> Iterator[Problem]:
    missing = document.data.get("missing", {})
    if (missing.get("with") == "group_mean") != ("group" in missing):
        yield document.problem(("missing",), "half_given", "with: group_mean and group: COLUMN belong together")
