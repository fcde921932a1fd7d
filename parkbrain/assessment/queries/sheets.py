"""A rating as people read it: the star, what it rests on, what is missing, and how far the next one is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parkbrain.calc import rating as engine
from parkbrain.kernel.models import Park
from parkbrain.ui.formats import number

from ..models import Rating
from .facts import gather_facts
from .origins import Origins, count_origins
from .rated import list_gains, rate_stored
from .schemes import MAIN_SCHEME, CatalogueFact, UnknownScheme, describe, find_scheme_version, get_catalogue, get_scheme


class NotRated(Exception):
    """The park has no rating under that scheme."""


@dataclass(frozen=True)
class InputFact:
    """A fact as a rating took it."""

    fact: CatalogueFact
    value: float | None
    standing: str
    coverage: float


@dataclass(frozen=True)
class NodeRow:
    """A node of the tree with its scores, in the order of the scheme."""

    id: str
    name: str
    depth: int
    is_indicator: bool
    weight: float
    proven: float | None
    reachable: float | None
    value: float | None
    unit: str
    state: str
    standing: str

    @property
    def points(self) -> float:
        """Points that the node proves of the total's hundred."""
        return (self.proven or 0.0) * self.weight / 100

    @property
    def reachable_points(self) -> float:
        """Points that the node could reach."""
        return (self.reachable or 0.0) * self.weight / 100


@dataclass(frozen=True)
class ScoreStep:
    """A value that an indicator would have to reach, the score it would bring, and the points gained by it."""

    value: float
    score: float
    points: float


@dataclass(frozen=True)
class TestRow:
    """A gate or a veto: what it asks, and whether it is so (None: not known)."""

    id: str
    name: str
    holds: bool | None
    effect: str
    facts: Sequence[CatalogueFact]


@dataclass(frozen=True)
class GapRow:
    """What to fill in: the facts, what they serve, and what they may gain at most."""

    facts: Sequence[CatalogueFact]
    subject_id: str
    subject_name: str
    points: float
    kind: str
    class_rank: int


@dataclass(frozen=True)
class StarSheet:
    """Everything a star page, a report and a command print of one rating."""

    park: Park
    rating: Rating
    scheme: engine.Scheme
    unit: engine.UnitResult
    inputs: Mapping[str, Sequence[Any]]

    @cached_property
    def rows(self) -> list[NodeRow]:
        """The tree below the total, each node with its effective weight in points."""
        return [self.node_row(node=node) for node in self.scheme.nodes if node.parent_id is not None]

    def node_row(self, *, node: engine.Node) -> NodeRow:
        """Return one node with its scores."""
        if isinstance(node, engine.Indicator):
            score = self.unit.indicators[node.id]
            return NodeRow(
                id=node.id,
                name=describe(value=node.name),
                depth=node.depth,
                is_indicator=True,
                weight=score.weight_in_force,
                proven=score.proven,
                reachable=score.reachable,
                value=score.value,
                unit=node.unit or "",
                state=score.state_name,
                standing=self.standing_of(indicator=node),
            )
        scores = self.unit.nodes[node.id]
        return NodeRow(
            id=node.id,
            name=describe(value=node.name),
            depth=node.depth,
            is_indicator=False,
            weight=sum(self.unit.indicators[i].weight_in_force for i in leaf_ids(node=node)),
            proven=scores.proven,
            reachable=scores.reachable,
            value=None,
            unit="",
            state="",
            standing="",
        )

    def next_scores(self, *, indicator: engine.Indicator) -> list[ScoreStep]:
        """Return the breakpoints and levels above the present score: what the value would have to become."""
        options, score = indicator.score.options, self.unit.indicators[indicator.id]
        if score.state_name == "not_applicable":
            return []
        reached = score.proven or 0.0
        table = [(float(x), float(y)) for x, y in options.get("points", ())]
        table += [(float(level["level"]), float(level["score"])) for level in options.get("levels", ())]
        steps = [
            ScoreStep(value, got, (got - reached) * score.weight_in_force / 100)
            for value, got in table
            if got > reached
        ]
        return sorted(steps, key=lambda step: step.score)

    def standing_of(self, *, indicator: engine.Indicator) -> str:
        """Return the weakest standing of the facts an indicator reads: d before c before v, empty where one is unknown."""
        letters = [str(self.inputs[k][1]) for k in indicator.facts if k in self.inputs]
        return next((letter for letter in "dcv" if letter in letters), "")

    @cached_property
    def origins(self) -> Origins:
        """How many indicators rest on what."""
        standings = [(row.state, row.standing) for row in self.rows if row.is_indicator]
        return count_origins(scheme=self.scheme, standings=standings)

    @cached_property
    def dimensions(self) -> list[NodeRow]:
        """The nodes of the first level."""
        top = {node.id for node in self.scheme.root.children}
        return [row for row in self.rows if row.id in top]

    @cached_property
    def gates(self) -> list[TestRow]:
        """The gates with their state."""
        return [
            self._test(one.id, describe(value=one.name), self.unit.gates.get(one.id), "", f"gate:{one.id}")
            for one in self.scheme.outcome.gates
        ]

    @cached_property
    def vetoes(self) -> list[TestRow]:
        """The vetoes with their state; one that holds is raised."""
        rows = []
        for one in self.scheme.outcome.vetoes:
            effect = _("no star") if one.cap is None else _("at most %(cap)s stars") % {"cap": one.cap}
            holds = self.unit.vetoes.get(one.id)
            rows.append(self._test(one.id, describe(value=one.name), holds, effect, f"veto:{one.id}"))
        return rows

    def _test(self, key: str, name: str, holds: bool | None, effect: str, expression: str) -> TestRow:
        catalogue = get_catalogue()
        parsed = self.scheme.expressions.get(expression)
        facts = [catalogue[k] for k in sorted(parsed.columns)] if parsed else []
        return TestRow(key, name, holds, effect, facts)

    @cached_property
    def gaps(self) -> list[GapRow]:
        """What to fill in, by the points it may gain; what decides about a class stands first."""
        catalogue, names = get_catalogue(), self._names
        return [
            GapRow(
                facts=[catalogue[k] for k in gain.fact_keys if k in catalogue],
                subject_id=gain.indicator_ids[0] if gain.indicator_ids else "",
                subject_name=" · ".join(names.get(i, i) for i in gain.indicator_ids),
                points=gain.points,
                kind=gain.kind,
                class_rank=gain.class_rank,
            )
            for gain in list_gains(scheme=self.scheme, inputs=self.inputs)
        ]

    @cached_property
    def _names(self) -> dict[str, str]:
        outcome = self.scheme.outcome
        named = {node.id: node.name for node in self.scheme.nodes}
        named |= {gate.id: gate.name for gate in outcome.gates} | {veto.id: veto.name for veto in outcome.vetoes}
        return {key: describe(value=name) for key, name in named.items()}

    def name_of(self, *, node_id: str) -> str:
        """Return the name of a node, gate or veto in the active language."""
        return self._names.get(node_id, node_id)

    @cached_property
    def facts(self) -> list[InputFact]:
        """Every fact the scheme reads, in the catalogue's order, with what this rating took."""
        return [self.input_fact(key=key) for key in get_catalogue() if key in self.scheme.facts]

    def input_fact(self, *, key: str) -> InputFact:
        """Return one fact as this rating took it."""
        entry = self.inputs.get(key)
        if entry is None:
            return InputFact(get_catalogue()[key], None, "", 0.0)
        return InputFact(get_catalogue()[key], float(entry[0]), str(entry[1]), float(entry[2]))

    @cached_property
    def unknown_count(self) -> int:
        """How many facts of the scheme are not known."""
        return len(self.scheme.facts - set(self.inputs))

    @cached_property
    def next_step(self) -> list[str]:
        """What stands between the proven class and the next one, as sentences."""
        return [self._reason(reason) for reason in self.unit.reasons_not_higher]

    def _reason(self, reason: engine.Reason) -> str:
        values = {
            "name": self.name_of(node_id=reason.subject_id),
            "actual": number(reason.actual, 2) if reason.actual is not None else _("unknown"),
            "needed": number(reason.needed),
        }
        sentences = {
            "total_below": _("The proven total is %(actual)s; %(needed)s are needed."),
            "node_below": _("“%(name)s” has %(actual)s; at least %(needed)s are needed."),
            "gate_not_met": _("The gate “%(name)s” is not met."),
            "gate_unknown": _("Whether the gate “%(name)s” is met is not known."),
            "veto_applies": _("The veto “%(name)s” is raised."),
            "veto_unknown": _("Whether the veto “%(name)s” applies is not known."),
            "too_much_not_applicable": _("Too much is declared not applicable."),
        }
        return sentences.get(reason.code, reason.code) % values

    @property
    def outcome_kind(self) -> str:
        """stars, pass or index."""
        return self.scheme.outcome.kind

    @property
    def sentence(self) -> str:
        """The result in one sentence."""
        values = {
            "proven": number(self.unit.total_proven, 2),
            "reachable": number(self.unit.total_reachable, 2),
            "star": self.unit.class_proven,
            "best": self.unit.class_reachable,
        }
        if self.outcome_kind == "stars":
            text = _("%(star)s stars proven with %(proven)s points, %(best)s stars reachable with %(reachable)s.")
        elif self.outcome_kind == "pass":
            if self.unit.class_proven:
                text = _("The requirements are met.")
            elif self.unit.class_reachable:
                text = _("It is not proven that the requirements are met; they can still be.")
            else:
                text = _("The requirements are not met.")
        else:
            text = _("The index is %(proven)s proven, %(reachable)s reachable.")
        count = self.unknown_count
        if count:
            more = ngettext("%(count)s fact is unknown.", "%(count)s facts are unknown.", count) % {"count": count}
            return f"{text % values} {more}"
        return text % values

    @cached_property
    def hash(self) -> str:
        """The seal over scheme, facts and results: stored with a frozen rating, computed for a current one."""
        if self.rating.result_hash:
            return str(self.rating.result_hash)
        plain = {key: float(entry[0]) for key, entry in self.inputs.items()}
        return engine.result_hash(self.scheme, plain, self.unit)

    def as_dict(self) -> dict[str, Any]:
        """Return the result for programs."""
        return {
            "park": self.park.code,
            "scheme": self.scheme.id,
            "scheme_version": self.scheme.version,
            "cut_off_on": str(self.rating.cut_off_on),
            "total_proven": self.unit.total_proven,
            "total_reachable": self.unit.total_reachable,
            "class_proven": self.unit.class_proven,
            "class_reachable": self.unit.class_reachable,
            "coverage": self.unit.coverage,
            "hash": self.hash,
            "indicators": {
                row.id: {"value": row.value, "score": row.proven, "state": row.state, "standing": row.standing}
                for row in self.rows
                if row.is_indicator
            },
        }


def leaf_ids(*, node: engine.Node) -> list[str]:
    """Return the indicators below a node (itself, where it is one)."""
    if not node.children:
        return [node.id]
    return [leaf for child in node.children for leaf in leaf_ids(node=child)]


def build_sheet(*, row: Rating) -> StarSheet:
    """Return a stored rating as people read it; the scores are computed anew from its inputs.

    :raises UnknownScheme: the version of the scheme it was computed by is neither installed nor kept.
    """
    scheme = find_scheme_version(scheme_id=row.scheme_id, scheme_hash=row.scheme_hash)
    if scheme is None:
        raise UnknownScheme(f"{row.scheme_id} {row.scheme_version}")
    return StarSheet(row.park, row, scheme, rate_stored(scheme=scheme, inputs=row.inputs), row.inputs)


def get_star_sheet(*, park: Park, scheme_id: str = MAIN_SCHEME) -> StarSheet:
    """Return the current rating of a park.

    :raises NotRated: it has none under that scheme, or there is no such scheme.
    """
    try:
        get_scheme(scheme_id=scheme_id)
    except UnknownScheme as error:
        raise NotRated(_("There is no scheme “%(id)s”.") % {"id": scheme_id}) from error
    row = (
        Rating.objects.filter(park=park, scheme_id=scheme_id, state=Rating.State.CURRENT).select_related("park").first()
    )
    if row is None:
        raise NotRated(_("Nothing is known yet that this scheme could rate."))
    return build_sheet(row=row)


def rate_on(*, park: Park, scheme_id: str = MAIN_SCHEME, on: date, at: datetime) -> StarSheet:
    """Return how the park stands by what is known of another day; nothing is stored.

    :raises NotRated: there is no such scheme, or nothing that it asks for is known of that day.
    """
    try:
        scheme = get_scheme(scheme_id=scheme_id)
    except UnknownScheme as error:
        raise NotRated(_("There is no scheme “%(id)s”.") % {"id": scheme_id}) from error
    gathered = gather_facts(park_ids=[park.pk], cut_off_on=on, keys=sorted(scheme.facts))
    inputs = gathered.all_inputs()[0]
    if not inputs:
        raise NotRated(_("Nothing is known yet that this scheme could rate."))
    unit = engine.rate(scheme, gathered.table()).unit(0)
    row = Rating(
        park=park, scheme_id=scheme.id, scheme_version=scheme.version, scheme_hash=scheme.hash,
        state=Rating.State.CURRENT, cut_off_on=on, computed_at=at, inputs=inputs,
    )  # fmt: skip
    return StarSheet(park, row, scheme, unit, inputs)


def list_current(*, park: Park) -> list[Rating]:
    """Return the current ratings of a park, the main scheme first."""
    rows = Rating.objects.filter(park=park, state=Rating.State.CURRENT).defer("inputs", "result")
    return sorted(rows, key=lambda row: (row.scheme_id != MAIN_SCHEME, row.scheme_id))


def list_frozen(*, park: Park) -> list[Rating]:
    """Return the frozen ratings of a park, the newest cut-off first."""
    rows = Rating.objects.filter(park=park, state=Rating.State.FROZEN).select_related("frozen_by")
    return list(rows.defer("inputs", "result").order_by("-cut_off_on", "-pk"))
