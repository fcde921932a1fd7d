"""The scheme: what is rated, how it is scored, weighted and put together, and what outcome follows.

A scheme is read once, checked completely and never changed; everything else in this package takes it as its first
argument. Names in words follow the OECD/JRC Handbook on Constructing Composite Indicators (2008).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from parkbrain.calc.rating import checks
from parkbrain.calc.rating.document import SchemeError, read_document, schema_problems, sha256_of
from parkbrain.calc.rating.expression import VALUE, Expression, parse_expression

Text = Mapping[str, str]
ROOT = "total"


@dataclass(frozen=True)
class Aggregate:
    """How the scores of a node's children become its own; `k` only for the method `best`."""

    method: str = "arithmetic"
    k: int | None = None


@dataclass(frozen=True)
class Score:
    """How an indicator's value becomes points; the options are those of the method."""

    method: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Missing:
    """What happens to an unknown value: zero, fail, reweight or impute."""

    method: str = "zero"
    min_coverage: float = 0.0
    statistic: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Rounding:
    """Decimals of values, indicator scores and node scores; None does not round."""

    value: int | None = None
    score: int | None = None
    total: int | None = None


@dataclass(frozen=True)
class Node:
    """A place in the tree; the root has the id `total`, depth 0 and the level `total`."""

    id: str
    name: Text
    weight: float
    depth: int
    level: str
    parent_id: str | None
    aggregate: Aggregate
    children: tuple[Node, ...] = ()
    note: Text = field(default_factory=dict)
    clause: str | None = None
    basis: Text = field(default_factory=dict)
    confidence: str | None = None

    @property
    def is_indicator(self) -> bool:
        """Tell whether the node is a leaf with a value of its own."""
        return not self.children


@dataclass(frozen=True)
class Indicator(Node):
    """A leaf: a formula over facts and the way its value is scored."""

    unit: str | None = None
    direction: str = "higher"
    period: str = "as_of"
    formula: str | None = None
    score: Score = field(default_factory=lambda: Score("percentile_rank"))
    applicable: str | None = None
    not_applicable: str = "redistribute"
    applicable_text: Text = field(default_factory=dict)
    veto: str | None = None
    evidence: Text = field(default_factory=dict)
    themes: tuple[str, ...] = ()
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True)
class OutcomeClass:
    """A class (a star): what it asks for. A higher rank is better."""

    id: str
    rank: int
    name: Text
    min_total: float
    min_nodes: Mapping[str, float] = field(default_factory=dict)
    gates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gate:
    """A condition that classes may ask for."""

    id: str
    name: Text
    test: str
    indicator: str | None = None


@dataclass(frozen=True)
class Veto:
    """A condition that takes the class away (`cap` None) or holds it at most at the rank `cap`."""

    id: str
    name: Text
    test: str
    cap: int | None = None
    clause: str | None = None
    basis: Text = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """The rule from scores to a class; the kind `index` has no classes."""

    kind: str = "index"
    classes: tuple[OutcomeClass, ...] = ()
    gates: tuple[Gate, ...] = ()
    vetoes: tuple[Veto, ...] = ()


@dataclass(frozen=True)
class Scheme:
    """A checked rating scheme."""

    id: str
    version: str
    status: str
    name: Text
    notice: Text
    source: str
    rounding: Rounding
    missing: Missing
    max_not_applicable_weight: float | None
    levels: tuple[str, ...]
    root: Node
    outcome: Outcome
    hash: str
    expressions: Mapping[str, Expression] = field(repr=False, compare=False)
    level_names: Mapping[str, Text] = field(default_factory=dict)
    declared_facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Every node in the order of the file, the root first, each parent before its children."""
        return tuple(_walk(self.root))

    @cached_property
    def indicators(self) -> tuple[Indicator, ...]:
        """The leaves in the order of the file."""
        return tuple(node for node in self.nodes if isinstance(node, Indicator))

    @cached_property
    def _by_id(self) -> Mapping[str, Node]:
        return {node.id: node for node in self.nodes}

    def node(self, node_id: str) -> Node:
        """Return the node or indicator of that id.

        Raises
        ------
        KeyError
            If there is none.
        """
        return self._by_id[node_id]

    def indicator(self, indicator_id: str) -> Indicator:
        """Return the indicator of that id.

        Raises
        ------
        KeyError
            If there is none, or the id is that of a node above.
        """
        node = self._by_id[indicator_id]
        if not isinstance(node, Indicator):
            raise KeyError(indicator_id)
        return node

    @cached_property
    def facts(self) -> frozenset[str]:
        """The keys of all facts that a formula, checklist, gate or veto reads."""
        items = {item["key"] for one in self.indicators for item in one.score.options.get("items", ())}
        columns = {name for expression in self.expressions.values() for name in expression.columns}
        return frozenset((columns | items) - {VALUE})

    @cached_property
    def nominal_weights(self) -> Mapping[str, float]:
        """Share of every node in the total [points of 100] while everything applies."""
        shares = {self.root.id: 100.0}
        for node in self.nodes:
            total = sum(child.weight for child in node.children)
            for child in node.children:
                shares[child.id] = shares[node.id] * child.weight / total if total else 0.0
        return shares

    def text(self, names: Text, language: str = "en") -> str:
        """Return the text in the language, or in the nearest one there is.

        Examples
        --------
        >>> Scheme.text(None, {"en": "Total", "zh-Hans": "总分"}, "zh-hans")
        '总分'
        """
        by_language = {key.lower(): value for key, value in names.items()}
        wanted = language.lower().replace("_", "-")
        chinese = ("zh-hant", "zh-hans") if "hant" in wanted or wanted in {"zh-hk", "zh-tw"} else ("zh-hans", "zh-hant")
        order = (wanted, *(chinese if wanted.startswith("zh") else ()), "en")
        return next((by_language[key] for key in order if key in by_language), next(iter(by_language.values()), ""))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def load_scheme(
    source: Path | str | Mapping[str, Any], catalogue: Mapping[str, Any] | Collection[str] | None = None
) -> Scheme:
    """Return the checked scheme.

    Parameters
    ----------
    source
        A path, the text of the file (a string with a line break), or the parsed mapping.
    catalogue
        The fact keys the caller knows. A scheme with ``facts: {catalogue: true}`` is checked against it; without one
        its formulas may name any fact.

    Raises
    ------
    SchemeError
        With every problem found; each names its line (for text and files) and key path.
    """
    document = read_document(source)
    problems = schema_problems(document)
    if not problems:
        problems = checks.check_scheme(document, catalogue)
    if problems:
        raise SchemeError(problems)
    return _build(document.data)


def _build(data: Mapping[str, Any]) -> Scheme:
    missing = data.get("missing", {"method": "zero"})
    default = _aggregate(data.get("aggregate"))
    levels = tuple(data["levels"])
    children = tuple(_node(entry, 1, levels, ROOT, default) for entry in data["tree"])
    root = Node(ROOT, _text(data["name"]), 1.0, 0, ROOT, None, default, children)
    outcome = _outcome(data.get("outcome", {"kind": "index"}))
    declared = {entry["key"]: entry for entry in data["facts"]} if isinstance(data["facts"], list) else {}
    return Scheme(
        id=data["id"],
        version=data["version"],
        status=data["status"],
        name=_text(data["name"]),
        notice=_text(data.get("notice")),
        source=data.get("source", ""),
        rounding=Rounding(**data.get("rounding", {})),
        missing=Missing(missing["method"], missing.get("min_coverage", 0.0), missing.get("with"), missing.get("group")),
        max_not_applicable_weight=data.get("not_applicable", {}).get("max_weight"),
        levels=levels,
        root=root,
        outcome=outcome,
        hash=sha256_of(data),
        expressions=_expressions(root, outcome),
        level_names={level: _text(name) for level, name in data.get("level_names", {}).items()},
        declared_facts=declared,
    )


def _text(value: Any) -> Text:
    if value is None:
        return {}
    return {"en": value} if isinstance(value, str) else dict(value)


def _aggregate(entry: Mapping[str, Any] | None) -> Aggregate:
    return Aggregate(entry["method"], entry.get("k")) if entry else Aggregate()


def _node(entry: Mapping[str, Any], depth: int, levels: tuple[str, ...], parent_id: str, default: Aggregate) -> Node:
    common: dict[str, Any] = {
        "id": entry["id"],
        "name": _text(entry["name"]),
        "weight": float(entry.get("weight", 1.0)),
        "depth": depth,
        "level": levels[depth - 1],
        "parent_id": parent_id,
        "aggregate": _aggregate(entry["aggregate"]) if "aggregate" in entry else default,
        "note": _text(entry.get("note")),
        "clause": entry.get("clause"),
        "basis": _text(entry.get("basis")),
        "confidence": entry.get("confidence"),
    }
    if "children" in entry:
        children = tuple(_node(child, depth + 1, levels, entry["id"], default) for child in entry["children"])
        return Node(**common, children=children)
    options = {key: value for key, value in entry["score"].items() if key != "method"}
    return Indicator(
        **common,
        unit=entry.get("unit"),
        direction=entry.get("direction", "higher"),
        period=entry.get("period", "as_of"),
        formula=entry.get("formula"),
        score=Score(entry["score"]["method"], options),
        applicable=entry.get("applicable"),
        not_applicable=entry.get("not_applicable", "redistribute"),
        applicable_text=_text(entry.get("applicable_text")),
        veto=entry.get("veto"),
        evidence=_text(entry.get("evidence")),
        themes=tuple(entry.get("themes", ())),
        facts=checks.facts_of_indicator(entry),
    )


def _outcome(entry: Mapping[str, Any]) -> Outcome:
    return Outcome(
        entry["kind"],
        tuple(_class(one) for one in entry.get("classes", ())),
        tuple(Gate(one["id"], _text(one["name"]), one["test"], one.get("indicator")) for one in entry.get("gates", ())),
        tuple(_veto(one) for one in entry.get("vetoes", ())),
    )


def _class(one: Mapping[str, Any]) -> OutcomeClass:
    floors, gates = one.get("min_nodes", {}), tuple(one.get("gates", ()))
    return OutcomeClass(one["id"], one["rank"], _text(one["name"]), one["min_total"], floors, gates)


def _veto(one: Mapping[str, Any]) -> Veto:
    cap = one["effect"]["cap"] if isinstance(one["effect"], Mapping) else None
    return Veto(one["id"], _text(one["name"]), one["test"], cap, one.get("clause"), _text(one.get("basis")))


def _expressions(root: Node, outcome: Outcome) -> dict[str, Expression]:
    """Return every formula by its key: `A1.1`, `A1.1?applicable`, `A1.1?test`, `gate:G1`, `veto:V01`."""
    texts: dict[str, str] = {}
    for node in _walk(root):
        if isinstance(node, Indicator):
            own = {"": node.formula, "?applicable": node.applicable, "?test": node.score.options.get("test")}
            texts.update({node.id + key: text for key, text in own.items() if text})
    texts.update({f"gate:{gate.id}": gate.test for gate in outcome.gates})
    texts.update({f"veto:{veto.id}": veto.test for veto in outcome.vetoes})
    return {key: parse_expression(text) for key, text in texts.items()}
