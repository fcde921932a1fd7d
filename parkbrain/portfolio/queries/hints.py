"""Hints that the figures of a round give, for all its parks at once: what looks odd, with the numbers that show it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from parkbrain.assessment.queries import CatalogueFact, get_catalogue
from parkbrain.assessment.queries.facts import gather_facts
from parkbrain.calc import plausibility
from parkbrain.calc.intervals import months_before, period_of
from parkbrain.kernel import registry
from parkbrain.kernel.reading import read_once

from ..models import DataRound, Entry, Finding, Submission

FloatArray = NDArray[np.float64]
Kind = Finding.Kind
#: Bounds of gross floor area between parks of like size [m²].
SIZES_M2 = (20_000, 50_000, 120_000)
#: From so many figures of four digits on, so large a share of round ones is a hint; by chance it is about 1 %.
LEAST_ROUND, ROUND_SHARE = 4, 0.6
#: From so many figures on, so large a share of last year's very values is a hint.
LEAST_SAME, SAME_SHARE = 4, 0.6
#: A copy is a hint from so many figures of three digits on that are the same as those of another park.
LEAST_COPIED = 4
#: Numbers for which a power of ten, a peer or a round value says something.
AMOUNTS = frozenset({"number", "count"})


@dataclass(frozen=True)
class Hint:
    """Something that looks odd in the figures of a park."""

    kind: str
    fact_key: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class Figures:
    """The figures of a round as tables of parks × facts, `nan` where nothing is known.

    `asked` are the rows that are looked at; the others are what they are held against.
    """

    keys: Sequence[str]
    submission_ids: Sequence[int]
    park_names: Sequence[str]
    asked: NDArray[np.intp]
    values: FloatArray
    #: Of the asked rows alone, in their order.
    before: FloatArray
    computed: FloatArray
    days_late: Sequence[int]
    has_remark: Sequence[Collection[str]]
    kinds: Sequence[str]
    areas_m2: FloatArray
    band: float


def year_before(*, on: date) -> date:
    """Return the same day of the year before."""
    return months_before(on, 12)


def load_figures(*, data_round: DataRound, submission_ids: Collection[int] | None = None) -> Figures:
    """Return the figures of all that was handed in, with those of the asked submissions whatever their state."""
    rows = data_round.submissions.select_related("park").order_by("pk")
    wanted = set(submission_ids or ())
    counts = (Submission.State.SUBMITTED, Submission.State.ACCEPTED)
    found = [one for one in rows if one.pk in wanted or one.state in counts]
    asked = np.array([n for n, one in enumerate(found) if submission_ids is None or one.pk in wanted], dtype=np.intp)
    keys = list(data_round.fact_keys)
    places, columns = {one.pk: n for n, one in enumerate(found)}, {key: n for n, key in enumerate(keys)}
    values = np.full((len(found), len(keys)), np.nan)
    remarks: list[set[str]] = [set() for _one in found]
    entries = Entry.objects.filter(submission__round=data_round)
    if len(found) <= 1:
        entries = entries.filter(submission_id__in=list(places))
    for submission, key, value, remark in entries.values_list("submission_id", "fact_key", "value", "remark"):
        if submission in places and key in columns:
            values[places[submission], columns[key]] = np.nan if value is None else value
            if remark:
                remarks[places[submission]].add(key)
    park_ids = [found[n].park_id for n in asked.tolist()]
    # The figures of the year before and now are asked of the same rows.
    with read_once():
        before = _before(park_ids, keys, data_round.cut_off_on)
        computed = get_computed(park_ids=park_ids, keys=keys, on=data_round.cut_off_on)
    return Figures(
        keys=keys,
        submission_ids=[one.pk for one in found],
        park_names=[one.park.name for one in found],
        asked=asked,
        values=values,
        before=before,
        computed=computed,
        days_late=[_days_late(one, data_round.due_on) for one in found],
        has_remark=remarks,
        kinds=[one.park.kind for one in found],
        areas_m2=np.array([one.park.gross_floor_area_m2 or np.nan for one in found]),
        band=data_round.band_percent / 100,
    )


def _days_late(one: Submission, due_on: date) -> int:
    return max(0, (timezone.localdate(one.submitted_at) - due_on).days) if one.submitted_at else 0


def _before(park_ids: Sequence[int], keys: Sequence[str], on: date) -> FloatArray:
    if not park_ids:
        return np.full((0, len(keys)), np.nan)
    return gather_facts(park_ids=park_ids, cut_off_on=year_before(on=on), keys=keys).values


def get_computed(*, park_ids: Sequence[int], keys: Sequence[str], on: date) -> FloatArray:
    """Return what the system computes itself from the rows of parks, `nan` where it does not."""
    table = np.full((len(park_ids), len(keys)), np.nan)
    rows, catalogue = {park_id: n for n, park_id in enumerate(park_ids)}, get_catalogue()
    for column, key in enumerate(keys):
        fact = registry.facts.get(key)
        if fact is None or not park_ids:
            continue
        for park_id, one in fact.values(park_ids=park_ids, period=period_of(catalogue[key].period, on)).items():
            if one.value is not None and park_id in rows:
                table[rows[park_id], column] = one.value
    return table


def find_hints(*, figures: Figures) -> dict[int, list[Hint]]:
    """Return the hints of every asked submission, by its number, in the order of the facts."""
    found: list[list[Hint]] = [[] for _row in figures.asked]
    own = figures.values[figures.asked]
    scores, medians = _peers(figures)
    slips = np.where(
        np.isnan(figures.before),
        plausibility.unit_slips(own, medians[figures.asked]),
        plausibility.unit_slips(own, figures.before),
    )
    changes = plausibility.relative_changes(own, figures.before)
    for n, row in enumerate(figures.asked.tolist()):
        if figures.days_late[row]:
            found[n].append(Hint(Kind.LATE, "", {"days": figures.days_late[row]}))
        for column, key in enumerate(figures.keys):
            around = _Around(
                value=float(own[n, column]),
                before=float(figures.before[n, column]),
                computed=float(figures.computed[n, column]),
                median=float(medians[row, column]),
                score=float(scores[row, column]),
                slip=int(slips[n, column]),
                change=float(changes[n, column]),
            )
            remarked = key in figures.has_remark[row]
            found[n] += _of_fact(key, around, figures.band, remarked) + _of_whole(key, figures, own[n])
        found[n] += _of_digits(figures, own, n)
    _add_copies(figures, own, found)
    return {figures.submission_ids[row]: hints for row, hints in zip(figures.asked.tolist(), found, strict=True)}


@dataclass(frozen=True)
class _Around:
    """A figure and what it is held against."""

    value: float
    before: float
    computed: float
    median: float
    score: float
    slip: int
    change: float


def _of_fact(key: str, one: _Around, band: float, remarked: bool) -> list[Hint]:
    """Return what one figure shows by itself, the gravest first: a slip of the unit explains a change and an outlier."""
    fact = get_catalogue()[key]
    if one.value != one.value:
        return [Hint(Kind.MISSING, key, {})]
    beyond = (fact.minimum is not None and one.value < fact.minimum) or (
        fact.maximum is not None and one.value > fact.maximum
    )
    if beyond:
        return [Hint(Kind.LIMIT, key, {"value": one.value, "low": fact.minimum, "high": fact.maximum})]
    hints = []
    if one.slip and fact.kind in AMOUNTS:
        near = one.median if one.before != one.before else one.before
        return [Hint(Kind.UNIT, key, {"value": one.value, "near": near, "power": one.slip})]
    if abs(one.change) > band and fact.kind in AMOUNTS:
        change = None if np.isinf(one.change) else round(one.change, 6)
        hints.append(
            Hint(Kind.CHANGE, key, {"value": one.value, "before": one.before, "change": change, "remarked": remarked})
        )
    if abs(one.value - one.computed) > 0.005 * max(1.0, abs(one.computed)):
        hints.append(Hint(Kind.COMPUTED, key, {"value": one.value, "computed": one.computed}))
    if abs(one.score) > plausibility.OUTLYING and fact.kind in AMOUNTS:
        hints.append(Hint(Kind.PEERS, key, {"value": one.value, "median": one.median, "score": round(one.score, 2)}))
    return hints


def _of_whole(key: str, figures: Figures, own: FloatArray) -> list[Hint]:
    whole = get_catalogue()[key].part_of
    if whole is None or whole not in figures.keys:
        return []
    value, total = float(own[figures.keys.index(key)]), float(own[figures.keys.index(whole)])
    if value > total * (1 + 1e-9):
        return [Hint(Kind.PART, key, {"value": value, "whole": whole, "total": total})]
    return []


def _amounts(figures: Figures) -> list[int]:
    catalogue = get_catalogue()
    return [n for n, key in enumerate(figures.keys) if catalogue[key].kind in AMOUNTS]


def _peers(figures: Figures) -> tuple[FloatArray, FloatArray]:
    """Return the robust score of every figure among parks of like kind and size, and the median it is held against.

    Where too few are of like size, those of the kind stand in.
    """
    sizes = np.digitize(np.nan_to_num(figures.areas_m2), SIZES_M2)
    kinds = np.array(figures.kinds)
    narrow = np.array([f"{kind} {size}" for kind, size in zip(figures.kinds, sizes.tolist(), strict=True)])
    scores, medians = (np.full(figures.values.shape, np.nan) for _n in range(2))
    for groups in (kinds, narrow):
        own = plausibility.robust_scores(figures.values, groups) if len(groups) else scores
        near = plausibility.group_medians(figures.values, groups)
        known = ~np.isnan(near)
        scores, medians = np.where(known, own, scores), np.where(known, near, medians)
    return scores, medians


def _of_digits(figures: Figures, own: FloatArray, n: int) -> list[Hint]:
    columns = _amounts(figures)
    if not columns:
        return []
    hints = []
    shares, counts = plausibility.round_shares(own[n : n + 1, columns])
    if counts[0] >= LEAST_ROUND and shares[0] >= ROUND_SHARE:
        hints.append(Hint(Kind.ROUND, "", {"share": float(shares[0]), "count": int(counts[0])}))
    same, compared = plausibility.repeated_shares(own[n : n + 1, columns], figures.before[n : n + 1, columns])
    if compared[0] >= LEAST_SAME and same[0] / compared[0] >= SAME_SHARE:
        hints.append(Hint(Kind.SAME, "", {"same": int(same[0]), "count": int(compared[0])}))
    return hints


def _add_copies(figures: Figures, own: FloatArray, found: list[list[Hint]]) -> None:
    columns = _amounts(figures)
    if not columns or not len(figures.asked):
        return
    copies = plausibility.closest_copies(
        own[:, columns], figures.values[:, columns], own=figures.asked.tolist(), least=LEAST_COPIED
    )
    for hints, copy in zip(found, copies, strict=True):
        if copy is not None:
            params = {"submission": figures.submission_ids[copy.row], "same": copy.same, "count": copy.compared}
            hints.append(Hint(Kind.COPY, "", params))


@dataclass(frozen=True)
class DigitLine:
    """How the digits of one fact are spread over all parks of a round; None where the test may not be asked."""

    fact: CatalogueFact
    figure_count: int
    deviation: float | None
    conforms: bool
    last_digit_p: float | None


def judge_digits(*, data_round: DataRound) -> list[DigitLine]:
    """Return the spread of digits of every fact of a round over what was handed in: Benford's law, and last digits."""
    catalogue = get_catalogue()
    values: dict[str, list[float]] = {key: [] for key in data_round.fact_keys if catalogue[key].kind in AMOUNTS}
    counts = (Submission.State.SUBMITTED, Submission.State.ACCEPTED)
    entries = Entry.objects.filter(submission__round=data_round, submission__state__in=counts, fact_key__in=values)
    for key, value in entries.values_list("fact_key", "value"):
        if value is not None:
            values[key].append(value)
    lines = []
    for key, figures in values.items():
        first, last = plausibility.benford(figures), plausibility.judge_last_digits(figures)
        lines.append(
            DigitLine(
                fact=catalogue[key],
                figure_count=len(figures),
                deviation=first.deviation if first.applies else None,
                conforms=first.conforms,
                last_digit_p=last.p_value if last.applies else None,
            )
        )
    return lines
