"""Pairs worth a close look, and how alike the two of each are; arrays throughout, for lists of tens of thousands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .entities import Entity
from .names import numbers_of, plain_addresses, plain_names, tokens_of
from .similarity import dice, jaro_winkler_many

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WEIGHTS = {"name": 0.4, "address": 0.4, "area": 0.15, "year": 0.05}
#: Tokens that more records than this share tell nothing apart; and how many candidates a row gathers.
COMMON, GATHERED = 50, 60
#: Candidates of a row that are looked at closely, and how telling they are beside the most telling one.
CLOSEST, TELLING = 5, 0.4
#: Numbers that differ ("11 Ninth Street", "12 Ninth Street") make two of almost equal texts.
OTHER_NUMBER = 0.6


@dataclass(frozen=True)
class Pairs:
    """Pairs of a row and a record with their likeness; NaN where one of the two does not say it.

    `area_percent` is the difference of the areas in percent of the larger one, `years` that of the years.
    """

    row: Ints
    record: Ints
    name: Floats
    address: Floats
    area: Floats
    area_percent: Floats
    year: Floats
    years: Floats
    score: Floats


def _unique(texts: Sequence[str], plain: Callable[[Sequence[str]], list[str]]) -> list[str]:
    """Return the plain form of each text, made once for equal ones."""
    order = {t: i for i, t in enumerate(dict.fromkeys(texts))}
    made = plain(list(order))
    return [made[order[t]] for t in texts]


class Plain:
    """The texts of rows and records in their plain form, and their tokens as numbers."""

    def __init__(self, rows: Sequence[Entity], records: Sequence[Entity]) -> None:
        both = [*rows, *records]
        self.count = len(rows)
        self.names = _unique([e.name for e in both], plain_names)
        self.addresses = _unique([e.address for e in both], plain_addresses)
        known: dict[str, int] = {}
        owners, tokens = [], []
        for owner, (entity, name, address) in enumerate(zip(both, self.names, self.addresses, strict=True)):
            found = self._tokens(name, address, entity.postcode)
            owners += [owner] * len(found)
            tokens += [known.setdefault(t, len(known)) for t in found]
        self.owners, self.tokens = np.array(owners, np.int64), np.array(tokens, np.int64)
        self.vocabulary = len(known)

    @staticmethod
    def _tokens(name: str, address: str, postcode: str) -> set[str]:
        # "park" in a name and in a street are two things; a whole text is rarer than any of its words.
        found = {f"n{t}" for t in tokens_of(name)}
        if address:
            words = tokens_of(address)
            found |= {f"a{t}" for t in words}
            found.add(f"w{address}")
            if postcode:
                found |= {f"p{postcode[:5]} {t}" for t in words if t.isdigit()}
        return found


def find_pairs(plain: Plain) -> tuple[Ints, Ints]:
    """Return the pairs of row and record that share the rarest tokens, a few per row.

    Examples
    --------
    >>> rows, records = [Entity(name="Hilltop Retail")], [Entity(name="City Library"), Entity(name="Hilltop Offices")]
    >>> [p.tolist() for p in find_pairs(Plain(rows, records))]
    [[0], [1]]
    """
    nothing = np.empty(0, np.int64)
    is_row = plain.owners < plain.count
    row_of, row_token = plain.owners[is_row], plain.tokens[is_row]
    record_of, record_token = plain.owners[~is_row] - plain.count, plain.tokens[~is_row]
    many = np.bincount(record_token, minlength=plain.vocabulary)
    use = (many[row_token] > 0) & (many[row_token] <= COMMON)
    row_of, row_token = row_of[use], row_token[use]
    if not row_of.size:
        return nothing, nothing
    # The rarest tokens of each row first, until enough candidates are gathered.
    order = np.lexsort((row_token, many[row_token], row_of))
    row_of, row_token = row_of[order], row_token[order]
    gathered = np.cumsum(many[row_token])
    starts = np.r_[True, row_of[1:] != row_of[:-1]]
    before = np.where(starts, gathered - many[row_token], 0)
    keep = gathered - np.maximum.accumulate(before) <= np.maximum(GATHERED, many[row_token] * starts)
    row_of, row_token = row_of[keep], row_token[keep]
    by_token = np.argsort(record_token, kind="stable")
    first = np.r_[0, np.cumsum(many)][:-1]
    repeats = many[row_token]
    offset = np.arange(repeats.sum()) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    records = record_of[by_token[np.repeat(first[row_token], repeats) + offset]]
    weight = np.repeat(np.log((1 + record_of.max()) / repeats + 1), repeats)
    return _closest(np.repeat(row_of, repeats), records, weight)


def _closest(rows: Ints, records: Ints, weight: Floats) -> tuple[Ints, Ints]:
    """Return the most telling records of each row."""
    wide = int(records.max()) + 1
    codes, inverse = np.unique(rows * wide + records, return_inverse=True)
    sums = np.bincount(inverse, weights=weight)
    row, record = codes // wide, codes % wide
    order = np.lexsort((record, -sums, row))
    row, record, sums = row[order], record[order], sums[order]
    starts = np.r_[True, row[1:] != row[:-1]]
    start = np.maximum.accumulate(np.where(starts, np.arange(row.size), 0))
    keep = (np.arange(row.size) - start < CLOSEST) & (sums >= TELLING * sums[start])
    return row[keep], record[keep]


def compare_pairs(rows: Sequence[Entity], records: Sequence[Entity]) -> Pairs:
    """Return the pairs worth a look with how alike the two of each are [1].

    Parameters
    ----------
    rows, records
        Areas in square meters.

    Examples
    --------
    >>> made = compare_pairs([Entity(name="East Hall", area_m2=99.0)], [Entity(name="East Hall", area_m2=100.0)])
    >>> made.score.tolist(), made.area_percent.tolist()
    ([1.0], [1.0])
    """
    plain = Plain(rows, records)
    row, record = find_pairs(plain)
    name = _alike(plain.names, row, record + plain.count)
    address = _alike(plain.addresses, row, record + plain.count)
    areas = np.array([e.area_m2 or np.nan for e in (*rows, *records)], float)
    years = np.array([e.year or np.nan for e in (*rows, *records)], float)
    a, b = areas[row], areas[record + plain.count]
    percent = 100 * np.abs(a - b) / np.maximum(a, b)
    apart = np.abs(years[row] - years[record + plain.count])
    # Measuring rules differ by some percent; a third more is another building.
    area = np.clip(1 - (percent - 3) / 30, 0, 1)
    year = np.where(apart <= 1, 1.0, np.clip(1 - apart / 10, 0, 1))
    shares = np.stack([name, address, area, np.where(np.isnan(apart), np.nan, year)])
    weights = np.array([WEIGHTS[k] for k in ("name", "address", "area", "year")])[:, None] * ~np.isnan(shares)
    total = np.nansum(shares * weights, axis=0)
    text = ~(np.isnan(name) & np.isnan(address))
    score = np.where(text, total / np.maximum(weights.sum(axis=0), 1e-9), 0.0)
    return Pairs(
        row, record, name, address, area, percent, shares[3], apart, np.asarray(np.round(score, 4), np.float64)
    )


def _alike(texts: Sequence[str], first: Ints, second: Ints) -> Floats:
    """Return how alike the texts of each pair are; NaN where one of the two is empty."""
    out = np.full(first.size, np.nan)
    a, b = [texts[i] for i in first.tolist()], [texts[i] for i in second.tolist()]
    differ: dict[tuple[str, str], list[int]] = {}
    for place, pair in enumerate(zip(a, b, strict=True)):
        if pair[0] and pair[0] == pair[1]:
            out[place] = 1.0
        elif pair[0] and pair[1]:
            differ.setdefault(pair, []).append(place)
    strings = jaro_winkler_many([p[0] for p in differ], [p[1] for p in differ]).tolist()
    for (one, other), string in zip(differ, strings, strict=True):
        alike = max(string, dice(tokens_of(one), tokens_of(other)))
        if numbers_of(one) != numbers_of(other):
            alike *= OTHER_NUMBER
        out[differ[one, other]] = round(alike, 4)
    return out
