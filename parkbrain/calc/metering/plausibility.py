"""Whether a reading that somebody has just typed in can be right, held against the readings before it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .registers import BACKWARD, IMPLAUSIBLE, RESET, ROLLED_OVER, Register, use_of_register

#: What may be said of a reading: `backward` and `reset` less than the one before, `rolled_over` past the register's
#: width, `implausible` more than can have been used, `unusual` far above what was used before, `same_time` a reading of
#: that moment is there already.
CODES = ("backward", "reset", "rolled_over", "implausible", "unusual", "same_time")
_BY_FLAG = {BACKWARD: "backward", RESET: "reset", ROLLED_OVER: "rolled_over", IMPLAUSIBLE: "implausible"}
#: A rate counts as unusual above this many times the highest rate before.
UNUSUAL = 3.0
#: So many intervals are needed before anything is called unusual.
FEWEST = 3


def doubts_about(
    at_us: npt.ArrayLike, reading: npt.ArrayLike, *, new_at_us: int, new_reading: float, register: Register
) -> tuple[str, ...]:
    """Return what speaks against a new reading of a register.

    Parameters
    ----------
    at_us
        Instants of the readings there are [µs since 1970 UTC], in order of time.
    reading
        What the register showed [register units].
    new_at_us
        Instant of the new reading [µs since 1970 UTC].
    new_reading
        What it is said to have shown [register units].
    register
        Width, highest possible rate.

    Returns
    -------
    tuple
        Codes, empty where nothing speaks against it.

    Raises
    ------
    ValueError
        If the arrays differ in length.

    Examples
    --------
    >>> hours = np.arange(4) * 3_600_000_000
    >>> doubts_about(hours, [10.0, 11, 12, 13], new_at_us=4 * 3_600_000_000, new_reading=14.0, register=Register())
    ()
    >>> doubts_about(hours, [10.0, 11, 12, 13], new_at_us=4 * 3_600_000_000, new_reading=140.0, register=Register())
    ('unusual',)
    >>> doubts_about(hours, [10.0, 11, 12, 13], new_at_us=4 * 3_600_000_000, new_reading=12.5, register=Register())
    ('backward',)
    """
    instants, values = np.asarray(at_us, dtype=np.int64), np.asarray(reading, dtype=np.float64)
    if instants.shape != values.shape:
        raise ValueError(f"{instants.size} instants for {values.size} readings")
    doubts = ["same_time"] if (instants == new_at_us).any() else []
    before, after = instants < new_at_us, instants > new_at_us
    if not before.any():
        return tuple(doubts)
    # Only its neighbours: a spike far back is no doubt about this one.
    steps = use_of_register(
        np.append(instants[before][-1], new_at_us), np.append(values[before][-1], new_reading), register=register
    )
    flags = int(steps.flags[0]) if steps.flags.size else 0
    doubts += [code for flag, code in _BY_FLAG.items() if flags & flag]
    if after.any() and values[after][0] < new_reading and "rolled_over" not in doubts and "backward" not in doubts:
        doubts.append("backward")
    known = use_of_register(instants[before], values[before], register=register)
    hours = np.diff(known.at_us) / 3_600_000_000
    rates = known.use[hours > 0] / hours[hours > 0] if known.use.size else np.empty(0)
    if rates.size >= FEWEST and steps.use.size and "implausible" not in doubts:
        rate = float(steps.use[0]) / ((new_at_us - int(instants[before][-1])) / 3_600_000_000)
        highest = float(rates.max())
        if highest > 0 and rate > UNUSUAL * highest:
            doubts.append("unusual")
    return tuple(doubts)
