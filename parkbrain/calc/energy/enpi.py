"""Energy performance indicators (ISO 50006) beside their baseline: how they changed, and if that is more than chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from .baseline import Baseline, Drivers
from .errors import EnergyError


@dataclass(frozen=True)
class Performance:
    """An indicator over a period and over its baseline period.

    `value` and `baseline` are the means of the indicator, `change` is (value − baseline) ÷ baseline: below zero is less
    energy. `margin` is half the width of the band around the change at `confidence`; an improvement `is_shown` where
    the change is below zero by more than that. None where too little is known.
    """

    value: float
    baseline: float
    change: float | None
    margin: float | None
    confidence: float
    is_shown: bool | None


def energy_per_unit(use: npt.ArrayLike, amount: npt.ArrayLike) -> float | None:
    """Return all use ÷ all of what it served (tons, m², heads) over the periods in which both are known.

    The ratio of sums, not the mean of ratios: a month of little production would else count as much as a full one.

    Returns
    -------
    float or None
        Use per unit; None where nothing was served.

    Examples
    --------
    >>> energy_per_unit([100.0, 300.0, np.nan], [1.0, 9.0, 5.0])
    40.0
    """
    used, served = np.asarray(use, dtype=np.float64), np.asarray(amount, dtype=np.float64)
    if used.shape != served.shape:
        raise EnergyError("lengths_differ", use=used.size, amount=served.size)
    both = ~np.isnan(used) & ~np.isnan(served)
    whole = float(served[both].sum())
    return float(used[both].sum()) / whole if whole > 0 else None


def actual_to_expected(model: Baseline, use: npt.ArrayLike, drivers: Drivers) -> npt.NDArray[np.float64]:
    """Return use ÷ expected use by period: the energy performance coefficient, 1 where all is as in the baseline.

    Examples
    --------
    >>> from .baseline import fit_mean
    >>> actual_to_expected(fit_mean([10.0, 10.0]), [9.0, np.nan], {}).tolist()
    [0.9, nan]
    """
    actual = np.asarray(use, dtype=np.float64)
    expected = model.predict(drivers, count=actual.size)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(expected > 0, actual / expected, np.nan)


def compare_performance(baseline: npt.ArrayLike, reported: npt.ArrayLike, *, confidence: float = 0.95) -> Performance:
    """Return how an indicator changed against its baseline period, by the means of its values in both.

    The margin is t times the standard error of the difference, √(SD₁²/n₁ + SD₂²/n₂), as in IPMVP 2012, appendix B, with
    the degrees of freedom of Welch and Satterthwaite.

    Parameters
    ----------
    baseline, reported
        Indicator by period (month, week, day); NaN is left out.
    confidence
        Two-sided, 0 to 1.

    Raises
    ------
    EnergyError
        ``too_few_values`` if one of the two has none.

    Examples
    --------
    >>> found = compare_performance([1.0, 1.04, 0.96, 1.0], [0.9, 0.88, 0.92, 0.9])
    >>> round(found.change, 3), found.is_shown
    (-0.1, True)
    """
    first, second = (np.asarray(one, dtype=np.float64) for one in (baseline, reported))
    first, second = first[~np.isnan(first)], second[~np.isnan(second)]
    if not first.size or not second.size:
        raise EnergyError("too_few_values", needed=1, found=0)
    before, after = float(first.mean()), float(second.mean())
    change = (after - before) / before if before > 0 else None
    if change is None or first.size < 2 or second.size < 2:
        return Performance(after, before, change, None, confidence, None)
    parts = np.array([first.var(ddof=1) / first.size, second.var(ddof=1) / second.size])
    error = float(np.sqrt(parts.sum()))
    freedom = error**4 / float((parts**2 / [first.size - 1, second.size - 1]).sum()) if error > 0 else 1.0
    margin = float(special.stdtrit(freedom, (1 + confidence) / 2)) * error / before
    return Performance(after, before, change, margin, confidence, change < -margin)
