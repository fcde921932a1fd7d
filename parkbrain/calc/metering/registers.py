"""From what a cumulative register showed to what was used between its readings.

A register only grows, in theory. In practice it rolls over at its width, is reset by a repair, is swapped with the
meter, is read twice, out of order or wrongly, and falls silent. Each of these is recognized by a stated rule, none is
hidden: every interval carries flags, every reading left out its reason.

The rules, in the order they are applied
    1. What is not a number is left out; readings are put in order of time.
    2. Of several readings at one instant the last to arrive counts.
    3. A reading that its own neighbours contradict while they agree with each other is left out (a spike or a dip).
    4. Known swaps cut the series: what came before belongs to the old register, what comes after to the new.
    5. A step down is a roll-over if the register has a width and the step taken around it is possible; else a reset,
       if the new reading itself is a possible use since zero; else a backward step, which counts as no use.
    6. A step up that is not possible counts, and is flagged.

Possible means: at most `max_rate_per_hour` times the hours between; where no rate is known, at most half the width
(roll-over) or half of the reading before (reset).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .periods import HOUR_US, Instants

Amounts = npt.NDArray[np.float64]
Flags = npt.NDArray[np.uint8]
Steps = npt.NDArray[np.bool_]

#: What may be said of an interval; several may hold at once. A register is never NEGATIVE, a computed meter may be.
GAP, ROLLED_OVER, RESET, SWAPPED, BACKWARD, IMPLAUSIBLE, NEGATIVE = 1, 2, 4, 8, 16, 32, 64

NOT_A_NUMBER, SAME_AGAIN, REPLACED, CONTRADICTED = "not_a_number", "same_again", "replaced", "contradicted"
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Register:
    """How a register counts.

    `width` is the value at which it starts again from zero [register units], None where it never does.
    `max_rate_per_hour` is the most it can count in an hour [register units/h], from the connected load or the meter's
    rating; None where nobody knows. `gap_hours` is the longest time between readings that still counts as measured.

    Raises
    ------
    ValueError
        If one of them is not above zero.
    """

    width: float | None = None
    max_rate_per_hour: float | None = None
    gap_hours: float = 2.0

    def __post_init__(self) -> None:
        for name in ("width", "max_rate_per_hour", "gap_hours"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name} must be above zero, not {value}")


@dataclass(frozen=True)
class Swap:
    """A meter was exchanged at an instant: what the old one showed last, and the new one first [register units]."""

    at_us: int
    end_reading: float
    start_reading: float


@dataclass(frozen=True)
class Dropped:
    """Readings left out: their place in the input and why."""

    index: Instants = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    reason: tuple[str, ...] = ()


@dataclass(frozen=True)
class IntervalUse:
    """What was used between readings: `use[i]` from `at_us[i]` to `at_us[i + 1]`, with its flags.

    One border more than there are intervals; a single reading makes none.
    """

    at_us: Instants
    use: Amounts
    flags: Flags
    dropped: Dropped = field(default_factory=Dropped)

    @property
    def total(self) -> float:
        """All that was used."""
        return float(self.use.sum())


def use_of_register(
    at_us: npt.ArrayLike, reading: npt.ArrayLike, *, register: Register, swaps: Sequence[Swap] = ()
) -> IntervalUse:
    """Return what was used between the readings of one register.

    Parameters
    ----------
    at_us
        Instants of the readings [µs since 1970 UTC], in order of arrival; any order of time, doubles allowed.
    reading
        What the register showed [register units]; NaN where it showed nothing.
    register
        Width, highest possible rate, longest measured time.
    swaps
        Known exchanges of the meter.

    Returns
    -------
    IntervalUse
        Use [register units], never below zero. The result depends on the set of readings alone, not on how they were
        batched; order of arrival only decides between different readings of one instant.

    Raises
    ------
    ValueError
        If the two arrays differ in length.

    Examples
    --------
    >>> hours = np.arange(4) * 3_600_000_000
    >>> used = use_of_register(hours, [99_990.0, 99_998.0, 7.0, 9.0], register=Register(width=100_000))
    >>> used.use.tolist(), used.flags.tolist()
    ([8.0, 9.0, 2.0], [0, 2, 0])
    """
    instants, values = np.asarray(at_us, dtype=np.int64), np.asarray(reading, dtype=np.float64)
    if instants.shape != values.shape or instants.ndim != 1:
        raise ValueError(f"{instants.size} instants for {values.size} readings")
    left_out: dict[int, str] = {}
    kept = _in_order(instants, values, left_out)
    borders = sorted(swaps, key=lambda swap: swap.at_us)
    cuts = np.searchsorted(instants[kept], [swap.at_us for swap in borders], side="left")
    pieces = []
    for number, part in enumerate(np.split(kept, cuts)):
        part = _without_contradicted(instants, values, part, register, left_out)
        before = borders[number - 1] if number else None
        after = borders[number] if number < len(borders) else None
        pieces.append(_with_swaps(instants[part], values[part], before, after))
    return _joined(pieces, register, left_out)


def _in_order(instants: Instants, values: Amounts, left_out: dict[int, str]) -> Instants:
    """Return the places of the readings that count, by time; of one instant the last to arrive."""
    for index in np.flatnonzero(~np.isfinite(values)):
        left_out[int(index)] = NOT_A_NUMBER
    order = np.argsort(instants, kind="stable")
    order = order[np.isfinite(values[order])]
    if not order.size:
        return order
    last = np.append(instants[order][1:] != instants[order][:-1], True)
    groups = np.append(0, np.cumsum(last)[:-1])
    winners: Instants = order[last]
    for place in np.flatnonzero(~last):
        same = values[order[place]] == values[winners[groups[place]]]
        left_out[int(order[place])] = SAME_AGAIN if same else REPLACED
    return winners


def _limits(instants: Instants, register: Register) -> Amounts | None:
    if register.max_rate_per_hour is None:
        return None
    return np.diff(instants) / HOUR_US * register.max_rate_per_hour + _ROUNDING


def _without_contradicted(
    instants: Instants, values: Amounts, kept: Instants, register: Register, left_out: dict[int, str]
) -> Instants:
    """Leave out single readings that both neighbours contradict while these agree with each other."""
    while kept.size > 2:
        times, shown = instants[kept], values[kept]
        limits = _limits(times, register)
        steps = np.diff(shown)
        possible = steps >= 0 if limits is None else (steps >= 0) & (steps <= limits)
        across = shown[2:] - shown[:-2]
        agree = across >= 0
        if limits is not None:
            agree &= across <= limits[1:] + limits[:-1]
        # A spike goes up and comes down again, a dip goes down and up: with no rate known one of the steps is negative.
        wrong = ~(possible[:-1] & possible[1:]) & agree
        if not wrong.any():
            break
        # Two in a row would each blame the other: the first of a run goes, then the rest is looked at again.
        wrong &= ~np.append(False, wrong[:-1])
        places = np.flatnonzero(wrong) + 1
        for index in kept[places]:
            left_out[int(index)] = CONTRADICTED
        kept = np.delete(kept, places)
    return kept


def _with_swaps(
    instants: Instants, values: Amounts, before: Swap | None, after: Swap | None
) -> tuple[Instants, Amounts, bool]:
    if before is not None:
        if instants.size and instants[0] == before.at_us:
            # Read by the new meter at the moment of the swap: the start reading of the record counts.
            instants, values = instants[1:], values[1:]
        instants, values = np.append(before.at_us, instants), np.append(before.start_reading, values)
    if after is not None:
        instants, values = np.append(instants, after.at_us), np.append(values, after.end_reading)
    return instants.astype(np.int64), values, after is not None


def _joined(
    pieces: Sequence[tuple[Instants, Amounts, bool]], register: Register, left_out: dict[int, str]
) -> IntervalUse:
    borders: list[Instants] = []
    uses: list[Amounts] = []
    flags: list[Flags] = []
    for instants, values, swapped in pieces:
        use, flag = _steps(instants, values, register)
        if swapped and flag.size:
            flag[-1] |= SWAPPED
        uses.append(use)
        flags.append(flag)
        # A piece begins at the instant at which the one before it ended.
        borders.append(instants[1:] if borders and borders[-1].size and instants.size else instants)
    dropped = sorted(left_out)
    return IntervalUse(
        at_us=np.concatenate(borders) if borders else np.empty(0, dtype=np.int64),
        use=np.concatenate(uses) if uses else np.empty(0),
        flags=np.concatenate(flags) if flags else np.empty(0, dtype=np.uint8),
        dropped=Dropped(np.array(dropped, dtype=np.int64), tuple(left_out[index] for index in dropped)),
    )


def _steps(instants: Instants, values: Amounts, register: Register) -> tuple[Amounts, Flags]:
    """Return use and flags between the readings of one register."""
    steps = np.diff(values)
    limits = _limits(instants, register)
    flags = np.zeros(steps.size, dtype=np.uint8)
    flags[np.diff(instants) > register.gap_hours * HOUR_US] |= GAP
    use = steps.copy()
    down = steps < 0
    around = steps + (register.width or 0.0)
    since_zero = values[1:]
    if limits is None:
        rolled = down & (around >= 0) & (around <= (register.width or 0.0) / 2)
        # A counter that was set to zero starts low; one that was corrected stays near what it was.
        reset = down & ~rolled & (since_zero >= 0) & (since_zero <= values[:-1] / 2)
    else:
        rolled = down & (around >= 0) & (around <= limits) if register.width else np.zeros_like(down)
        reset = down & ~rolled & (since_zero >= 0) & (since_zero <= limits)
        flags[steps > limits] |= IMPLAUSIBLE
    backward = down & ~rolled & ~reset
    use = np.where(rolled, around, np.where(reset, since_zero, np.where(backward, 0.0, use)))
    flags[rolled] |= ROLLED_OVER
    flags[reset] |= RESET
    flags[backward] |= BACKWARD
    return use, flags
