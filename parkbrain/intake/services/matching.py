"""Rows of a sheet held against the record and against each other: joined, new, or for a person to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from parkbrain.calc.matching import DECIDE, JOINED, NEW, Entity, Part, Verdict, match_entities
from parkbrain.calc.matching.pairs import compare_pairs
from parkbrain.calc.matching.verdicts import ASK_FROM, JOIN_FROM, other_keys
from parkbrain.kernel import audit
from parkbrain.kernel.models import User
from parkbrain.kernel.taking import Known, Matching, TakenRow

from ..models import Batch
from ..queries import Problem
from .refusals import CannotDecideRows
from .rows import TypedSheet, refuse_duplicates

DUPLICATE, SKIPPED, REFUSED = "duplicate", "skipped", "refused"
OUTCOMES = (JOINED, NEW, DUPLICATE, DECIDE, SKIPPED, REFUSED)
#: Decisions a person may take; "join:" is followed by the identity of the record.
SKIP, AS_NEW, JOIN = "skip", "new", "join:"


@dataclass
class _Matched:
    """What the matching of one sheet works on."""

    sheet: TypedSheet
    how: Matching
    known: Sequence[Known]
    decisions: Mapping[str, str]
    identity: str
    # Row → the first row that names the same thing, where several tell of one.
    leader: dict[int, int] = field(default_factory=dict)

    def decision(self, row: TakenRow) -> str:
        """Return what a person decided about a row, or about the one that stands for it."""
        return self.decisions.get(f"{self.sheet.name}|{self.leader.get(row.number, row.number)}", "")

    def say(self, row: TakenRow, outcome: str, label: str, verdict: Verdict | None = None, target: str = "") -> None:
        """Keep what became of a row and why."""
        parts = [[p.kind, p.share, p.difference, p.detail] for p in verdict.parts] if verdict else []
        self.sheet.reasons[row.number] = {
            "outcome": outcome, "with": label, "target": target, "score": verdict.score if verdict else None,
            "parts": parts, "name": self.how.entity(row.values).name[:100],
        }  # fmt: skip
        if self.leader.get(row.number, row.number) != row.number:
            self.sheet.reasons[row.number]["leader"] = self.leader[row.number]


def match_rows(
    *, sheet: TypedSheet, place: Mapping[str, Any], actor: User, decisions: Mapping[str, str]
) -> list[Problem]:
    """Give every row of a sheet its identity, or leave it aside; `sheet.reasons` says why.

    Returns the problems of rows that are new and whose identity only a person can give.
    """
    assert sheet.mapped.forms is not None
    taker = sheet.mapped.forms.taker
    if taker.matching is None or not sheet.clean:
        return []
    known = taker.matching.records(**place, actor=actor)
    work = _Matched(sheet, taker.matching, known, decisions, taker.identity[0])
    problems: list[Problem] = []
    if taker.matching.has_many:
        problems = _match_together(work)
        return [*problems, *refuse_duplicates(typed=sheet)]
    if sheet.mapped.foreign:
        sheet.clean = _merge_duplicates(work)
        # What is left with the code of another row contradicts it by its other numbers.
        problems = refuse_duplicates(typed=sheet)
    rows = list(sheet.clean)
    entities = [work.how.entity(r.values) for r in rows]
    verdicts = match_entities(entities, [k.entity for k in known])
    if sheet.mapped.foreign and not work.how.is_closed:
        verdicts = _alike_within(work, rows, entities, verdicts)
    return [*problems, *_settle(work, rows, verdicts)]


def _match_together(work: _Matched) -> list[Problem]:
    """Match rows that name one thing alike as one; the first of them stands for all when a person is asked."""
    first: dict[Any, int] = {}
    for row in work.sheet.clean:
        one = work.how.entity(row.values)
        work.leader[row.number] = first.setdefault(
            (one.name, one.address, *one.keys.items(), one.districts), row.number
        )
    leaders = [row for row in work.sheet.clean if work.leader[row.number] == row.number]
    entities = [work.how.entity(row.values) for row in leaders]
    found = match_entities(entities, [k.entity for k in work.known])
    verdicts = {row.number: verdict for row, verdict in zip(leaders, found, strict=True)}
    rows = list(work.sheet.clean)
    return _settle(work, rows, [verdicts[work.leader[row.number]] for row in rows])


def _merge_duplicates(work: _Matched) -> list[TakenRow]:
    """Return the rows of a list with those that carry one identifier made one; what contradicts is for a person."""
    first: dict[tuple[str, str], int] = {}
    kept: dict[int, TakenRow] = {}
    for row in work.sheet.clean:
        keys = work.how.entity(row.values).keys
        # The strongest identifier that an earlier row has: a weaker one may be shared by many.
        hit = next(((k, first[k, v]) for k, v in keys.items() if (k, v) in first), None)
        other = kept[hit[1]] if hit else None
        if other is None or hit is None or other_keys(Entity(keys=keys), work.how.entity(other.values)):
            for key in keys.items():
                first.setdefault(key, row.number)
            kept[row.number] = row
            continue
        verdict = Verdict(DUPLICATE, None, 1.0, (Part("key", detail=hit[0]),))
        target, label = f"row:{other.number}", str(other.number)
        differing = any(other.values.get(f, v) != v for f, v in row.values.items() if v is not None)
        decision = work.decisions.get(f"{work.sheet.name}|{row.number}", "")
        if decision == SKIP:
            work.say(row, SKIPPED, label, verdict, target)
        elif differing and decision != JOIN + target:
            work.say(row, DECIDE, label, verdict, target)
        else:
            values = {f: v for f, v in row.values.items() if v is not None}
            kept[other.number] = TakenRow(other.number, {**other.values, **values})
            work.say(row, DUPLICATE, label, verdict, target)
    return list(kept.values())


def _alike_within(
    work: _Matched, rows: Sequence[TakenRow], entities: Sequence[Entity], verdicts: list[Verdict]
) -> list[Verdict]:
    """Return the verdicts with rows that are new but look like an earlier new row put to a person."""
    new = [i for i, v in enumerate(verdicts) if v.outcome == NEW]
    if len(new) < 2:
        return verdicts
    own = [entities[i] for i in new]
    pairs = compare_pairs(own, own)
    out = list(verdicts)
    for a, b, score in zip(pairs.row.tolist(), pairs.record.tolist(), pairs.score.tolist(), strict=True):
        if b < a and score >= JOIN_FROM and not other_keys(own[a], own[b]) and out[new[a]].outcome == NEW:
            found = match_entities([own[a]], [own[b]])[0]
            out[new[a]] = Verdict(DECIDE, None, score, found.parts, (-rows[new[b]].number,))
    return out


def _settle(work: _Matched, rows: Sequence[TakenRow], verdicts: Sequence[Verdict]) -> list[Problem]:
    taken = {str(k.identity[work.identity]) for k in work.known}
    taken |= {str(r.values[work.identity]) for r in rows if r.values.get(work.identity)}
    by_identity = {str(k.identity[work.identity]): k for k in work.known}
    clean: list[TakenRow] = []
    problems: list[Problem] = []
    for row, verdict in zip(rows, verdicts, strict=True):
        decision = work.decision(row)
        record = work.known[verdict.record] if verdict.record is not None else None
        label, target = (record.label, str(record.identity[work.identity])) if record else ("", "")
        if verdict.candidates and verdict.candidates[0] < 0:
            label = str(-verdict.candidates[0])
            target = f"row:{label}"
        if decision == SKIP:
            work.say(row, SKIPPED, label, verdict, target)
        elif decision.startswith(JOIN) and decision[len(JOIN) :] in by_identity:
            chosen = by_identity[decision[len(JOIN) :]]
            clean.append(TakenRow(row.number, {**row.values, **chosen.identity}))
            work.say(row, JOINED, chosen.label, verdict, str(chosen.identity[work.identity]))
        elif verdict.outcome == JOINED and record is not None:
            clean.append(TakenRow(row.number, {**row.values, **record.identity}))
            work.say(row, JOINED, label, verdict, target)
        elif verdict.outcome == DECIDE and (decision != AS_NEW or work.how.is_closed):
            work.say(row, DECIDE, label, verdict, target)
        elif work.how.is_closed and record is not None and verdict.score >= ASK_FROM:
            # Much alike, but for a code or a district that says otherwise: whether it is a slip a person knows.
            work.say(row, DECIDE, label, verdict, target)
        elif work.how.is_closed:
            problems.append(_unmatched(work, row, label, verdict))
        else:
            given = row.values.get(work.identity)
            made = {work.identity: given} if given else work.how.identify(values=row.values, taken=taken)
            if made is None:
                problems.append(_unidentified(work, row))
                continue
            taken.add(str(made[work.identity]))
            clean.append(TakenRow(row.number, {**row.values, **made}))
            work.say(row, NEW, label, verdict, target)
    work.sheet.clean = sorted(clean, key=lambda r: r.number)
    return problems


def _unmatched(work: _Matched, row: TakenRow, nearest: str, verdict: Verdict) -> Problem:
    one = work.how.entity(row.values)
    said = " · ".join(part for part in (*one.keys.values(), one.name, one.address) if part) or "—"
    field_name = next((f for f in work.how.one_of if row.values.get(f)), work.identity)
    params = {"said": said[:200]}
    if nearest:
        params |= {"nearest": nearest, "score": f"{verdict.score:.2f}"}
    column = work.sheet.letters_by_field().get(field_name, "")
    headings = {c.field: c.heading for c in work.sheet.mapped.columns if c.field}
    return Problem(
        "unmatched_near" if nearest else "unmatched", work.sheet.name, row.number, column, headings.get(field_name, ""),
        field_name, work.sheet.key, said[:200], params,
    )  # fmt: skip


def _unidentified(work: _Matched, row: TakenRow) -> Problem:
    return Problem("required", work.sheet.name, row.number, field=work.identity, taker=work.sheet.key,
                   params={"wanted": work.identity})  # fmt: skip


@transaction.atomic
def decide_rows(*, batch: Batch, decisions: Mapping[str, str], actor: User, at: datetime) -> Batch:
    """Keep what a person decided about rows: join, new or skip; the batch is checked again afterwards.

    :raises CannotDecideRows: the batch was applied or discarded, or an answer is none of those offered.
    """
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    if locked.state in {Batch.State.APPLIED, Batch.State.CANCELLED}:
        raise CannotDecideRows(_("The file was applied or discarded already."))
    if any(d not in {SKIP, AS_NEW, ""} and not d.startswith(JOIN) for d in decisions.values()):
        raise CannotDecideRows(_("Choose to join, to take as new or to skip."))
    locked.decisions = {**locked.decisions, **{k: d for k, d in decisions.items() if d}}
    locked.state = Batch.State.UPLOADED
    locked.save(update_fields=["decisions", "state"])
    audit.record("intake.rows.decided", target=locked, actor=actor, at=at, park=locked.park, rows=len(locked.decisions))
    return locked
