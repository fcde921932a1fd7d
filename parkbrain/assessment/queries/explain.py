"""How an indicator's number comes about, and a scheme as a readable tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from parkbrain.calc import rating

from .schemes import CatalogueFact, describe, get_catalogue, list_schemes


@dataclass(frozen=True)
class ChecklistLine:
    """An item of a checklist: met, unmet or unknown."""

    fact: CatalogueFact
    name: str
    weight: float
    met: bool | None


@dataclass(frozen=True)
class LevelLine:
    """A grade of an indicator that is scored by level."""

    level: float
    score: float
    name: str
    reached: bool


@dataclass(frozen=True)
class SchemeLine:
    """A scheme in the list of schemes."""

    id: str
    name: str
    version: str
    status: str
    notice: str
    counts: Sequence[int]
    fact_count: int


@dataclass(frozen=True)
class TreeLine:
    """A node of a scheme with what its author wrote."""

    id: str
    name: str
    depth: int
    is_indicator: bool
    weight: float
    unit: str
    formula: str
    thresholds: str
    basis: str
    confidence: str
    clause: str


def explain(
    *, scheme: rating.Scheme, node_id: str, inputs: Mapping[str, float | None]
) -> rating.FormulaExplanation | None:
    """Return an indicator's formula with the numbers put in, None for a checklist."""
    return rating.explain_formula(scheme, node_id, inputs)


def list_checklist(*, scheme: rating.Scheme, node_id: str, inputs: Mapping[str, float | None]) -> list[ChecklistLine]:
    """Return the items of a checklist indicator, empty for others."""
    score = scheme.indicator(node_id).score
    catalogue = get_catalogue()
    lines = []
    for item in score.options.get("items", ()) if score.method == "checklist" else ():
        value = inputs.get(item["key"])
        met = None if value is None else bool(value)
        lines.append(
            ChecklistLine(catalogue[item["key"]], describe(value=item["name"]), float(item.get("weight", 1)), met)
        )
    return lines


def list_levels(*, scheme: rating.Scheme, node_id: str, inputs: Mapping[str, float | None]) -> list[LevelLine]:
    """Return the grades of an indicator scored by level, empty for others."""
    one = scheme.indicator(node_id)
    if one.score.method != "grade":
        return []
    value = next((inputs.get(key) for key in one.facts), None)
    return [
        LevelLine(
            float(level["level"]), float(level["score"]), describe(value=level.get("name")), level["level"] == value
        )
        for level in one.score.options["levels"]
    ]


def list_scheme_lines() -> list[SchemeLine]:
    """Return every installed scheme with the number of nodes at each depth."""
    lines = []
    for scheme in list_schemes():
        depths = [node.depth for node in scheme.nodes if node.parent_id is not None]
        counts = [depths.count(depth) for depth in sorted(set(depths))]
        lines.append(
            SchemeLine(
                scheme.id,
                describe(value=scheme.name),
                scheme.version,
                scheme.status,
                describe(value=scheme.notice),
                counts,
                len(scheme.facts),
            )
        )
    return lines


def list_tree(*, scheme: rating.Scheme) -> list[TreeLine]:
    """Return a scheme's nodes with weights [points of 100], formulas and thresholds."""
    weights = scheme.nominal_weights
    return [
        TreeLine(
            id=node.id,
            name=describe(value=node.name),
            depth=node.depth,
            is_indicator=isinstance(node, rating.Indicator),
            weight=weights.get(node.id, 0.0),
            unit=(node.unit or "") if isinstance(node, rating.Indicator) else "",
            formula=(node.formula or "") if isinstance(node, rating.Indicator) else "",
            thresholds=thresholds(score=node.score) if isinstance(node, rating.Indicator) else "",
            basis=describe(value=node.basis),
            confidence=node.confidence or "",
            clause=node.clause or "",
        )
        for node in scheme.nodes
        if node.parent_id is not None
    ]


def thresholds(*, score: rating.Score) -> str:
    """Return an indicator's scoring as a line: breakpoints, target, test or the number of items."""
    options = score.options
    if score.method == "piecewise_linear":
        return " · ".join(f"{x:g} → {y:g}" for x, y in options["points"])
    if score.method == "grade":
        return " · ".join(f"{level['level']:g} → {level['score']:g}" for level in options["levels"])
    if score.method == "checklist":
        return f"✓ × {len(options['items'])}"
    if score.method == "boolean":
        return str(options.get("test", ""))
    return " · ".join(f"{key} {value}" for key, value in options.items())


def list_floors(*, scheme: rating.Scheme, one: rating.OutcomeClass) -> list[tuple[str, float]]:
    """Return what a class asks of the nodes below the total: the level or node in words, and its least score."""
    names = {level: describe(value=scheme.level_names.get(level)) or level for level in scheme.levels}
    names |= {node.id: f"{node.id} {describe(value=node.name)}" for node in scheme.nodes}
    return [(names.get(key, key), float(floor)) for key, floor in one.min_nodes.items()]
