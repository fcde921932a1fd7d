"""What becomes of each row of a list: joined with a record, new, or for a person to decide; always with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from .entities import DECIDE, JOINED, NEW, Entity, Part, Verdict
from .pairs import Pairs, compare_pairs

#: From this score on two things are one; from the lower one on a person is asked.
JOIN_FROM, ASK_FROM = 0.9, 0.75
#: From this score on the nearest record is named where a row is new.
NAMED_FROM = 0.5
#: The best candidate leads the next one by at least this much, or a person is asked.
CLEAR_LEAD = 0.04
#: Candidates that a person is shown lie this near to the best one.
SHOWN_WITHIN = 0.15


def match_entities(rows: Sequence[Entity], records: Sequence[Entity]) -> list[Verdict]:
    """Return for each row which record it is about, and why.

    Parameters
    ----------
    rows
        What a file tells of.
    records
        What is known.

    Returns
    -------
    list of Verdict
        In the order of the rows. By identifiers first; the others by name, address, area [m²] and year.

    Examples
    --------
    >>> known = [Entity(name="Hilltop Retail", address="2700 Welstone Avenue", area_m2=100.0)]
    >>> found = match_entities([Entity(name="Hilltop Retail LLC", address="2700 Welstone Ave", area_m2=98.0)], known)[0]
    >>> found.outcome, found.record, [p.kind for p in found.parts]
    ('joined', 0, ['name', 'address', 'area'])
    """
    verdicts = _by_keys(rows, records)
    rest = [i for i, v in enumerate(verdicts) if v is None]
    for i, verdict in zip(rest, _by_likeness([rows[i] for i in rest], records), strict=True):
        verdicts[i] = verdict
    return _one_row_each([v or Verdict(NEW) for v in verdicts])


def other_keys(row: Entity, record: Entity) -> list[Part]:
    """Return the identifiers that both have and that differ, and the district where they lie in different ones.

    Examples
    --------
    >>> other_keys(Entity(keys={"ubid": "1"}), Entity(keys={"ubid": "2"}))[0].kind
    'other_key'
    """
    other = [Part("other_key", 0.0, detail=k) for k, v in row.keys.items() if record.keys.get(k, v) != v]
    if row.districts and record.districts and row.districts.isdisjoint(record.districts):
        other.append(Part("other_key", 0.0, detail="district"))
    return other


def _by_keys(rows: Sequence[Entity], records: Sequence[Entity]) -> list[Verdict | None]:
    index: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        for key in record.keys.items():
            index[key].append(number)
    verdicts: list[Verdict | None] = []
    for row in rows:
        # An identifier that several records carry identifies none of them.
        hits = {kind: found[0] for kind, v in row.keys.items() if len(found := index.get((kind, v), [])) == 1}
        targets = sorted(set(hits.values()))
        if not targets:
            verdicts.append(None)
        elif len(targets) > 1:
            parts = tuple(Part("keys_disagree", detail=kind) for kind in hits)
            verdicts.append(Verdict(DECIDE, targets[0], 1.0, parts, tuple(targets)))
        else:
            other = other_keys(row, records[targets[0]])
            differ = {p.detail for p in other}
            # One identifier says yes and a stronger one says no: not for a program to settle.
            strongest = next(k for k in row.keys if k in hits or k in differ)
            same = tuple(Part("key", detail=kind) for kind in hits)
            outcome = JOINED if strongest in hits else DECIDE
            verdicts.append(Verdict(outcome, targets[0], 1.0, (*same, *other), (targets[0],)))
    return verdicts


def _by_likeness(rows: Sequence[Entity], records: Sequence[Entity]) -> list[Verdict]:
    if not rows or not records:
        return [Verdict(NEW)] * len(rows)
    pairs = compare_pairs(rows, records)
    order = np.lexsort((pairs.record, -pairs.score, pairs.row)).tolist()
    by_row: dict[int, list[int]] = defaultdict(list)
    row_of = pairs.row.tolist()
    for place in order:
        by_row[row_of[place]].append(place)
    return [_verdict(by_row.get(i, []), pairs, rows[i], records) for i in range(len(rows))]


def _parts(pairs: Pairs, at: int) -> tuple[Part, ...]:
    parts = []
    for kind, shares, difference in (
        ("name", pairs.name, None),
        ("address", pairs.address, None),
        ("area", pairs.area, pairs.area_percent),
        ("year", pairs.year, pairs.years),
    ):
        share = float(shares[at])
        if share == share:
            parts.append(Part(kind, round(share, 4), None if difference is None else round(float(difference[at]), 1)))
    return tuple(parts)


def _verdict(places: list[int], pairs: Pairs, row: Entity, records: Sequence[Entity]) -> Verdict:
    score, record = pairs.score, pairs.record
    # A record with another identifier of the same kind is another thing, however alike the two are.
    possible = [p for p in places if not other_keys(row, records[record[p]])]
    if not possible:
        if not places or score[places[0]] < ASK_FROM:
            return Verdict(NEW)
        nearest = int(record[places[0]])
        parts = (*other_keys(row, records[nearest]), *_parts(pairs, places[0]))
        return Verdict(NEW, nearest, float(score[places[0]]), parts)
    best = possible[0]
    top, nearest = float(score[best]), int(record[best])
    if top < NAMED_FROM:
        return Verdict(NEW)
    parts = _parts(pairs, best)
    if top < ASK_FROM:
        return Verdict(NEW, nearest, top, parts)
    near = tuple(int(record[p]) for p in possible if score[p] >= max(ASK_FROM, top - SHOWN_WITHIN))
    if len(possible) > 1 and score[possible[1]] > max(ASK_FROM, top - CLEAR_LEAD):
        return Verdict(DECIDE, nearest, top, (*parts, Part("close")), near)
    # Alike in one text alone is too little to join two things unseen.
    enough = len(parts) > 1 or parts[0].share == 1.0
    return Verdict(JOINED if top >= JOIN_FROM and enough else DECIDE, nearest, top, parts, near)


def _one_row_each(verdicts: list[Verdict]) -> list[Verdict]:
    """Let a record be joined with the row that is closest to it; the others are for a person to decide."""
    best: dict[int, int] = {}
    for i, verdict in enumerate(verdicts):
        if verdict.outcome == JOINED and verdict.record is not None:
            other = best.get(verdict.record)
            if other is None or verdict.score > verdicts[other].score:
                best[verdict.record] = i
    return [
        Verdict(DECIDE, v.record, v.score, (*v.parts, Part("taken")), v.candidates)
        if v.outcome == JOINED and v.record is not None and best[v.record] != i
        else v
        for i, v in enumerate(verdicts)
    ]
