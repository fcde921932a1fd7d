"""Measures: what they cost, how long they take, how surely they work, and which facts they change."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from parkbrain.calc.rating import Expression, ExpressionError, Problem, Scheme, SchemeError, parse_expression
from parkbrain.calc.rating.document import Document, read_document
from parkbrain.calc.rating.score import looks_at_other_units

Text = Mapping[str, str]
#: So many measures may touch one indicator: it is scored for every subset of them.
MOST_TOUCHING = 10


@dataclass(frozen=True)
class Measure:
    """Something a park can do: its cost [10,000 yuan] and its effects are formulas over the facts before it."""

    id: str
    name: Text
    what: Text
    cost_wan: Expression
    months: int
    success: float
    effects: Mapping[str, Expression]
    requires: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    basis: Text = field(default_factory=dict)


@dataclass(frozen=True)
class Override:
    """What one park knows better about a measure; None keeps the catalogue's word."""

    cost_yuan: int | None = None
    months: int | None = None
    success: float | None = None
    is_off: bool = False


@dataclass(frozen=True)
class Catalogue:
    """Measures for a scheme, in the order in which their effects apply."""

    id: str
    version: str
    scheme_id: str
    notice: Text
    measures: tuple[Measure, ...]

    def measure(self, measure_id: str) -> Measure:
        """Return the measure of that id.

        Raises
        ------
        KeyError
            If there is none.
        """
        for one in self.measures:
            if one.id == measure_id:
                return one
        raise KeyError(measure_id)

    def with_measures(self, entries: Sequence[Mapping[str, Any]], scheme: Scheme) -> Catalogue:
        """Return the catalogue with measures of a park's own after the others.

        Raises
        ------
        SchemeError
            With every problem found in them.
        """
        own = tuple(_measure(entry) for entry in checked_entries(entries, scheme, {one.id for one in self.measures}))
        joined = dataclasses.replace(self, measures=self.measures + own)
        problems = list(_check_together(joined.measures, scheme, Document({}, {})))
        if problems:
            raise SchemeError(problems)
        return joined

    @property
    def facts(self) -> frozenset[str]:
        """The facts that costs and effects read."""
        read = {name for one in self.measures for name in one.cost_wan.columns}
        return frozenset(
            read | {name for one in self.measures for each in one.effects.values() for name in each.columns}
        )


def load_measures(source: Path | str | Mapping[str, Any], scheme: Scheme) -> Catalogue:
    """Return the checked catalogue of measures.

    Parameters
    ----------
    source
        A path, the text of the file (a string with a line break), or the parsed mapping.
    scheme
        The scheme whose facts the measures change.

    Raises
    ------
    SchemeError
        With every problem found; each names its line (for text and files) and key path.
    """
    document = read_document(source)
    problems = [
        document.problem(tuple(error.absolute_path), str(error.validator), error.message)
        for error in _validator().iter_errors(document.data)
    ]
    if problems:
        raise SchemeError(problems)
    problems = list(_check_scheme(document, scheme)) + list(_check_entries(document, scheme))
    if problems:
        raise SchemeError(problems)
    data = document.data
    measures = tuple(_measure(entry) for entry in data["measures"])
    problems = list(_check_together(measures, scheme, document))
    if problems:
        raise SchemeError(problems)
    return Catalogue(data["id"], data["version"], data["scheme"], dict(data.get("notice", {})), measures)


def checked_entries(
    entries: Sequence[Mapping[str, Any]], scheme: Scheme, taken: Collection[str] = ()
) -> Sequence[Mapping[str, Any]]:
    """Return the entries after the checks of each one alone: fields, formulas, facts.

    Raises
    ------
    SchemeError
        With every problem found; an id that is `taken` is one.
    """
    frame = {"schema": "parkbrain.measures/1", "id": "own", "version": "1", "scheme": scheme.id}
    document = Document({**frame, "measures": [dict(one) for one in entries]}, {})
    problems = [
        document.problem(tuple(error.absolute_path), str(error.validator), error.message)
        for error in _validator().iter_errors(document.data)
        if entries
    ]
    problems = problems or list(_check_entries(document, scheme))
    for index, entry in enumerate(entries):
        if entry["id"] in taken:
            problems.append(document.problem(("measures", index, "id"), "taken", f"{entry['id']} stands already"))
    if problems:
        raise SchemeError(problems)
    return entries


@cache
def _validator() -> Draft202012Validator:
    text = files("parkbrain").joinpath("schemes/measures.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def _measure(entry: Mapping[str, Any]) -> Measure:
    return Measure(
        id=entry["id"],
        name=dict(entry["name"]),
        what=dict(entry.get("what", {})),
        cost_wan=parse_expression(str(entry["cost_wan"])),
        months=entry["months"],
        success=float(entry["success"]),
        effects={key: parse_expression(str(text)) for key, text in entry["effects"].items()},
        requires=tuple(entry.get("requires", ())),
        excludes=tuple(entry.get("excludes", ())),
        basis=dict(entry.get("basis", {})),
    )


def _check_scheme(document: Document, scheme: Scheme) -> Iterator[Problem]:
    """Refuse schemes whose totals are no sums of indicators' points that each park owns by itself."""
    if document.data["scheme"] != scheme.id:
        yield document.problem(("scheme",), "other_scheme", f"the measures are for {document.data['scheme']}")
    if any(node.aggregate.method != "arithmetic" for node in scheme.nodes if not node.is_indicator):
        yield document.problem(("scheme",), "not_arithmetic", "plans need arithmetic means throughout the scheme")
    if scheme.missing.method != "zero":
        yield document.problem(("scheme",), "missing_not_zero", "plans need a scheme where the unknown scores zero")
    for one in scheme.indicators:
        if looks_at_other_units(one.score.method, one.score.options):
            message = f"the score of {one.id} depends on other parks"
            yield document.problem(("scheme",), "relative_score", message, indicator=one.id)


def _check_entries(document: Document, scheme: Scheme) -> Iterator[Problem]:
    deciding = deciding_facts(scheme)
    for index, entry in enumerate(document.data["measures"]):
        place = ("measures", index)
        yield from _check_formula(document, (*place, "cost_wan"), entry["cost_wan"], scheme)
        for key, text in entry["effects"].items():
            here = (*place, "effects", key)
            if key not in scheme.facts:
                yield document.problem(here, "unknown_fact", f"the scheme has no fact {key}", fact=key)
            elif key in deciding:
                message = (
                    f"{key} decides whether {', '.join(deciding[key])} applies; a plan must not change the weights"
                )
                yield document.problem(here, "decides_applicability", message, fact=key)
            yield from _check_formula(document, here, text, scheme)


def _check_formula(document: Document, path: tuple[str | int, ...], text: Any, scheme: Scheme) -> Iterator[Problem]:
    try:
        parse_expression(str(text), known=scheme.facts)
    except ExpressionError as error:
        yield document.problem(path, error.code, str(error), **error.params)


def deciding_facts(scheme: Scheme) -> dict[str, list[str]]:
    """Return the facts that decide whether an indicator applies, with the indicators."""
    found: dict[str, list[str]] = {}
    for one in scheme.indicators:
        if one.applicable:
            for key in scheme.expressions[f"{one.id}?applicable"].columns:
                found.setdefault(key, []).append(one.id)
    return found


def _check_together(measures: Sequence[Measure], scheme: Scheme, document: Document) -> Iterator[Problem]:
    """Check what concerns several measures: names that exist, once; prerequisites without a circle; few to a subject."""
    ids = [one.id for one in measures]
    for index, one in enumerate(measures):
        place = ("measures", index)
        if ids.index(one.id) != index:
            yield document.problem((*place, "id"), "stands_twice", f"{one.id} stands twice", id=one.id)
        for kind, named in (("requires", one.requires), ("excludes", one.excludes)):
            for other in named:
                if other not in ids or other == one.id:
                    message = f"{one.id} {kind} {other}, which is no other measure"
                    yield document.problem((*place, kind), "unknown_measure", message, id=other)
    circle = _circle({one.id: [other for other in one.requires if other in ids] for one in measures})
    if circle:
        yield document.problem(("measures",), "circle", f"prerequisites go in a circle: {' → '.join(circle)}")
    changers = changers_of(measures)
    for key, facts in subjects(scheme).items():
        count = len(touching(changers, facts))
        if count > MOST_TOUCHING:
            message = f"{count} measures touch {key}; at most {MOST_TOUCHING} may"
            yield document.problem(("measures",), "too_many", message, subject=key)


def _circle(requires: Mapping[str, Sequence[str]]) -> list[str]:
    done: set[str] = set()

    def visit(key: str, way: list[str]) -> list[str]:
        if key in way:
            return [*way[way.index(key) :], key]
        if key not in done:
            for other in requires[key]:
                if found := visit(other, [*way, key]):
                    return found
            done.add(key)
        return []

    return next((found for key in requires if (found := visit(key, []))), [])


def subjects(scheme: Scheme) -> dict[str, frozenset[str]]:
    """Return everything that is scored or tested with the facts it reads: indicators, `gate:…`, `veto:…`."""
    found = {one.id: one.facts for one in scheme.indicators}
    tests = {key: one.columns for key, one in scheme.expressions.items() if key.startswith(("gate:", "veto:"))}
    return {**found, **tests}


def changers_of(measures: Sequence[Measure]) -> dict[str, list[tuple[int, frozenset[str]]]]:
    """Return by fact the places of the measures that change it, each with the facts that this effect reads."""
    found: dict[str, list[tuple[int, frozenset[str]]]] = {}
    for index, one in enumerate(measures):
        for key, effect in one.effects.items():
            found.setdefault(key, []).append((index, effect.columns))
    return found


def touching(changers: Mapping[str, Sequence[tuple[int, frozenset[str]]]], facts: Collection[str]) -> tuple[int, ...]:
    """Return the places of the measures that change any of the facts, also by way of facts that their effects read."""
    wanted, waiting, found = set(facts), list(facts), set[int]()
    while waiting:
        for index, read in changers.get(waiting.pop(), ()):
            found.add(index)
            waiting += read - wanted
            wanted |= read
    return tuple(sorted(found))
