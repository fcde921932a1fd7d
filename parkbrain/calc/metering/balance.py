"""Main and sub-meters: what was supplied, what the sub-meters below saw of it, and what is lost between them.

A loss is only as good as both its sides. Where one child is unknown the loss is unknown, and the child is named; over a
longer time supplied and sub-metered use are compared over the periods in which both are known, and how much of the time
that is goes with the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .errors import MeteringError
from .periods import Instants
from .registers import NEGATIVE, Amounts, Flags
from .spread import PeriodUse

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Branch:
    """A meter stands below another for a time: half-open [µs since 1970 UTC]; None has no end."""

    parent: str
    child: str
    start_us: int | None = None
    end_us: int | None = None


@dataclass(frozen=True)
class LossTotal:
    """Loss over all periods in which both sides are known.

    `compared` is their share of the time, 0 to 1; amounts are in the unit of the meters and None where nothing could
    be compared, `share` is loss by supplied, None where nothing was supplied.
    """

    supplied: float | None
    metered_below: float | None
    loss: float | None
    share: float | None
    compared: float


@dataclass(frozen=True)
class NodeBalance:
    """Balance of one meter with those below it, by period; NaN is unknown.

    `known_below` adds the children that are known and is a lower bound where `below` is unknown. `unknown` names the
    children that are unknown in some period. `flags` gathers those of the meter and of its children; `NEGATIVE` says
    that the sub-meters saw more than was supplied.
    """

    meter: str
    children: tuple[str, ...]
    borders_us: Instants
    supplied: Amounts
    below: Amounts
    known_below: Amounts
    loss: Amounts
    share: Amounts
    measured: Amounts
    flags: Flags
    unknown: tuple[str, ...]

    @property
    def total(self) -> LossTotal:
        """Supplied, metered below and lost over the periods in which both sides are known."""
        both = ~np.isnan(self.loss)
        compared = float(np.diff(self.borders_us)[both].sum() / (self.borders_us[-1] - self.borders_us[0]))
        if not both.any():
            return LossTotal(None, None, None, None, compared)
        supplied, below = float(self.supplied[both].sum()), float(self.below[both].sum())
        share = (supplied - below) / supplied if supplied > 0 else None
        return LossTotal(supplied, below, supplied - below, share, compared)


def balance(tree: Sequence[Branch], uses: Mapping[str, PeriodUse]) -> dict[str, NodeBalance]:
    """Return the balance of every meter that has others below it, by period.

    Parameters
    ----------
    tree
        Which meter stands below which, and when. A period that a branch covers in part counts in that part.
    uses
        Use by period of the meters, all over the same periods and in the same unit. A meter of the tree without an
        entry is unknown throughout.

    Returns
    -------
    dict
        Balance by meter code, parents before their children.

    Raises
    ------
    MeteringError
        ``tree_cycle`` (params: meters), ``tree_two_parents`` (params: meter, parents) if at one time, or
        ``periods_differ`` (params: meter).

    Examples
    --------
    >>> def steady(*use):
    ...     ones = np.ones(len(use))
    ...     return PeriodUse(np.arange(len(use) + 1), np.array(use), ones, ones, np.zeros(len(use), dtype=np.uint8))
    >>> found = balance([Branch("main", "a"), Branch("main", "b")],
    ...     {"main": steady(10.0, 10.0), "a": steady(6.0, 6.0), "b": steady(3.0, np.nan)})
    >>> found["main"].loss.tolist(), found["main"].known_below.tolist(), found["main"].unknown
    ([1.0, nan], [9.0, 6.0], ('b',))
    >>> found["main"].total.share, found["main"].total.compared
    (0.1, 0.5)
    """
    if not uses:
        return {}
    borders = next(iter(uses.values())).borders_us
    for code, use in uses.items():
        if not np.array_equal(use.borders_us, borders):
            raise MeteringError("periods_differ", meter=code)
    _check_parents(tree)
    below: dict[str, list[Branch]] = {}
    for branch in tree:
        below.setdefault(branch.parent, []).append(branch)
    nothing = np.zeros(borders.size - 1)
    unknown = PeriodUse(borders, nothing + np.nan, nothing, nothing, nothing.astype(np.uint8))
    return {code: _node(code, below[code], uses, unknown) for code in _from_the_top(below)}


def _node(code: str, branches: Sequence[Branch], uses: Mapping[str, PeriodUse], unknown: PeriodUse) -> NodeBalance:
    main, borders = uses.get(code, unknown), unknown.borders_us
    below, known_below = np.zeros(borders.size - 1), np.zeros(borders.size - 1)
    measured, flags = main.measured.copy(), main.flags.copy()
    missing: dict[str, None] = {}
    for branch in branches:
        part, held = uses.get(branch.child, unknown), _share_held(branch, borders)
        counts = held > 0
        amount = np.where(counts, part.use * held, 0.0)
        below += amount
        known_below += np.nan_to_num(amount)
        measured = np.where(counts, np.minimum(measured, part.measured), measured)
        flags = np.where(counts, flags | part.flags, flags)
        if np.isnan(amount).any():
            missing[branch.child] = None
    loss = main.use - below
    exceeded = loss < -_ROUNDING * np.maximum(np.abs(main.use), np.abs(below))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(main.use > 0, loss / main.use, np.nan)
    return NodeBalance(
        meter=code,
        children=tuple(dict.fromkeys(branch.child for branch in branches)),
        borders_us=borders,
        supplied=main.use,
        below=below,
        known_below=known_below,
        loss=loss,
        share=share,
        measured=measured,
        flags=np.where(exceeded, flags | NEGATIVE, flags).astype(np.uint8),
        unknown=tuple(missing),
    )


def _share_held(branch: Branch, borders: Instants) -> Amounts:
    """Return the share of every period in which the branch holds."""
    start = borders[0] if branch.start_us is None else branch.start_us
    end = borders[-1] if branch.end_us is None else branch.end_us
    inside = np.minimum(borders[1:], end) - np.maximum(borders[:-1], start)
    held: Amounts = np.maximum(inside, 0) / np.diff(borders)
    return held


def _check_parents(tree: Sequence[Branch]) -> None:
    parents: dict[str, list[Branch]] = {}
    for branch in tree:
        parents.setdefault(branch.child, []).append(branch)
    for child, branches in parents.items():
        for number, one in enumerate(branches):
            for other in branches[:number]:
                if _overlap(one, other):
                    raise MeteringError("tree_two_parents", meter=child, parents=sorted({one.parent, other.parent}))


def _overlap(one: Branch, other: Branch) -> bool:
    starts_before = one.start_us is None or other.end_us is None or one.start_us < other.end_us
    ends_after = one.end_us is None or other.start_us is None or other.start_us < one.end_us
    return starts_before and ends_after


def _from_the_top(below: Mapping[str, Sequence[Branch]]) -> list[str]:
    """Return the meters with others below them, parents first.

    A cycle over time (a below b, later b below a) is legal; only one that holds at one instant is not. Instants at
    which something begins are enough to ask about.
    """
    starts = {branch.start_us for branches in below.values() for branch in branches}
    for at in starts:
        holds = {
            parent: [branch.child for branch in branches if _holds(branch, at)] for parent, branches in below.items()
        }
        _refuse_cycle(holds)
    children = {branch.child for branches in below.values() for branch in branches}
    ordered: dict[str, None] = {}
    waiting = [code for code in below if code not in children] or list(below)
    while waiting:
        code = waiting.pop(0)
        if code in below and code not in ordered:
            ordered[code] = None
            waiting += [branch.child for branch in below[code]]
    return [*ordered, *(code for code in below if code not in ordered)]


def _holds(branch: Branch, at: int | None) -> bool:
    if at is None:
        return branch.start_us is None
    return (branch.start_us is None or branch.start_us <= at) and (branch.end_us is None or at < branch.end_us)


def _refuse_cycle(children: Mapping[str, Sequence[str]]) -> None:
    parent = {child: code for code, found in children.items() for child in found}
    for first in parent:
        path = [first]
        while (above := parent.get(path[-1])) is not None:
            if above in path:
                raise MeteringError("tree_cycle", meters=[*path[path.index(above) :], above])
            path.append(above)
