"""Avoided energy: what would have been used, less what was, and how sure that is.

Uncertainty as in ASHRAE Guideline 14-2014 after Reddy and Claridge (2000), with the corrected factor of Sun and Baltazar
(2013): for n baseline values and m reported ones, the fraction by which savings may be off is

    ΔE / E = t · a · CV(RMSE) / F · √( n/n' · (1 + 2/n') / m ),   n' = n · (1 − ρ) / (1 + ρ)

where F is the saved share of expected use, t Student's t, ρ the correlation of a residual with the one before it, and a
1.26 for hourly values, −0.00024 M² + 0.03535 M + 1.00286 for daily and −0.00022 M² + 0.03306 M + 0.94054 for monthly ones,
M being the months reported. Monthly residuals count as independent. The formula knows the scatter of the baseline only:
meters of class 1 and changes nobody noted (static factors) come on top.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from .baseline import Baseline, Drivers, Values
from .errors import EnergyError
from .goodness import Goodness

_POLYNOMIALS = {"day": (-0.00024, 0.03535, 1.00286), "month": (-0.00022, 0.03306, 0.94054), "hour": (0.0, 0.0, 1.26)}
_VALUES_A_MONTH = {"hour": 365.25 * 24 / 12, "day": 365.25 / 12, "month": 1.0}


@dataclass(frozen=True)
class Savings:
    """Avoided use over the values compared, in the unit of use; `share` of what was expected.

    `uncertainty` is half the width of the band at `confidence` [unit of use], `fractional` its share of the savings:
    savings count as shown where it is below 1, and ASHRAE asks for less than 0.5 at 68 %. Both are None where the
    baseline leaves too little to judge by. `extrapolated` is the share of values at which a driver lay outside the range
    of the baseline; `compared` how many values counted.
    """

    expected: float
    actual: float
    avoided: float
    share: float | None
    uncertainty: float | None
    fractional: float | None
    confidence: float
    compared: int
    extrapolated: float


def avoided_energy(
    model: Baseline, use: npt.ArrayLike, drivers: Drivers, *, step: str, confidence: float = 0.9
) -> Savings:
    """Return what was avoided in the reporting period, by the baseline under the drivers as they were.

    Parameters
    ----------
    model
        Baseline fitted before.
    use
        What was used by period [unit of the baseline]; periods with anything unknown do not count, on either side.
    drivers
        Drivers of the same periods.
    step
        ``hour``, ``day`` or ``month``: how long the periods are.
    confidence
        Confidence of the band, 0 to 1.

    Raises
    ------
    EnergyError
        ``lengths_differ``, ``driver_missing`` or ``nothing_in_common``.

    Examples
    --------
    >>> from .baseline import fit_linear
    >>> made = np.arange(12.0)
    >>> model = fit_linear(100 + 2 * made + np.array([1, -1] * 6), {"made": made})
    >>> found = avoided_energy(model, 90 + 2 * made, {"made": made}, step="month")
    >>> round(found.avoided, 6), round(found.share, 4), round(found.fractional, 3)
    (120.0, 0.0901, 0.08)
    """
    actual = np.asarray(use, dtype=np.float64)
    expected = model.predict(drivers, count=actual.size)
    if expected.size != actual.size:
        raise EnergyError("lengths_differ", use=actual.size, drivers=expected.size)
    both = ~np.isnan(actual) & ~np.isnan(expected)
    if not both.any():
        raise EnergyError("nothing_in_common", values=actual.size)
    inside = model.is_within(drivers)
    outside = float((~inside[both]).mean()) if inside.size else 0.0
    whole, used = float(expected[both].sum()), float(actual[both].sum())
    band = savings_uncertainty(
        model.goodness, expected=whole, reported=int(both.sum()), step=step, confidence=confidence
    )
    return _savings(whole, used, band, confidence, int(both.sum()), outside)


def _savings(
    expected: float, actual: float, band: float | None, confidence: float, compared: int, extrapolated: float
) -> Savings:
    avoided = expected - actual
    return Savings(
        expected=expected,
        actual=actual,
        avoided=avoided,
        share=avoided / expected if expected > 0 else None,
        uncertainty=band,
        fractional=band / abs(avoided) if band is not None and avoided else None,
        confidence=confidence,
        compared=compared,
        extrapolated=extrapolated,
    )


def savings_uncertainty(
    goodness: Goodness, *, expected: float, reported: int, step: str, confidence: float = 0.9
) -> float | None:
    """Return half the width of the band around savings [unit of use], None where it cannot be told.

    Parameters
    ----------
    goodness
        Figures of the baseline.
    expected
        Use that the baseline expects over the reported values [unit of use].
    reported
        Number of reported values.
    step
        ``hour``, ``day`` or ``month``.
    confidence
        Between 0 and 1.

    Examples
    --------
    >>> figures = Goodness(12, 2, 10.0, 0.9, 0.9, 0.1, 0.0, None, 100.0)
    >>> round(savings_uncertainty(figures, expected=1200.0, reported=12, step="month"), 1)
    88.5
    """
    square, linear, constant = _POLYNOMIALS[step]
    months = reported / _VALUES_A_MONTH[step]
    # Beyond their vertex, at about six years, the polynomials would fall again: they hold at five.
    months = min(months, 60.0)
    factor = square * months**2 + linear * months + constant
    independent = float(goodness.values)
    if step != "month" and goodness.autocorrelation is not None:
        # Residuals that alternate carry no more than as many values as there are.
        rho = min(max(goodness.autocorrelation, 0.0), 0.999)
        independent *= (1 - rho) / (1 + rho)
    freedom = independent - goodness.parameters
    if goodness.cv_rmse is None or freedom < 1 or reported < 1:
        return None
    student = float(special.stdtrit(freedom, (1 + confidence) / 2))
    spread = np.sqrt(goodness.values / independent * (1 + 2 / independent) / reported)
    return float(student * factor * goodness.cv_rmse * spread * abs(expected))


def normalized_savings(
    before: Baseline, after: Baseline, drivers: Drivers, *, step: str, confidence: float = 0.9
) -> Savings:
    """Return what a normal year saves: the earlier model less the later one, under the same drivers.

    Parameters
    ----------
    before, after
        Models of the baseline and the reporting period.
    drivers
        Drivers of the normal year, of both models.
    step, confidence
        As in `avoided_energy`; the bands of both models add as squares.

    Raises
    ------
    EnergyError
        ``driver_missing``, ``lengths_differ`` or ``nothing_in_common``.

    Examples
    --------
    >>> from .baseline import fit_linear
    >>> made = np.arange(12.0)
    >>> before = fit_linear(100 + 2 * made + np.array([1, -1] * 6), {"made": made})
    >>> after = fit_linear(80 + 2 * made + np.array([1, -1] * 6), {"made": made})
    >>> round(normalized_savings(before, after, {"made": made + 1}, step="month").avoided, 6)
    240.0
    """
    sizes = {np.asarray(values).size for values in drivers.values()}
    count = max(sizes, default=0)
    earlier, later = before.predict(drivers, count=count), after.predict(drivers, count=count)
    both = ~np.isnan(earlier) & ~np.isnan(later)
    if not both.any():
        raise EnergyError("nothing_in_common", values=count)
    compared, whole, rest = int(both.sum()), float(earlier[both].sum()), float(later[both].sum())
    bands = [
        savings_uncertainty(model.goodness, expected=total, reported=compared, step=step, confidence=confidence)
        for model, total in ((before, whole), (after, rest))
    ]
    known = [one for one in bands if one is not None]
    band = math.hypot(*known) if len(known) == len(bands) else None
    inside = [model.is_within(drivers) for model in (before, after)]
    outside = [float((~one[both]).mean()) for one in inside if one.size]
    return _savings(whole, rest, band, confidence, compared, max(outside, default=0.0))


@dataclass(frozen=True)
class PlanLine:
    """Plan and actual of one period, alone and summed up since the first; differences above zero are over the plan.

    Shares are of the plan. What is not known is None, and sums run over the periods known so far: `summed` counts them.
    """

    planned: float | None
    actual: float | None
    difference: float | None
    share: float | None
    planned_so_far: float
    actual_so_far: float
    summed: int


def plan_against_actual(planned: Sequence[float | None], actual: Sequence[float | None]) -> list[PlanLine]:
    """Return plan against actual period by period and summed up; periods without either do not enter the sums.

    Raises
    ------
    EnergyError
        ``lengths_differ``.

    Examples
    --------
    >>> lines = plan_against_actual([100.0, 100.0, 100.0], [90.0, None, 120.0])
    >>> [(line.difference, line.actual_so_far - line.planned_so_far) for line in lines]
    [(-10.0, -10.0), (None, -10.0), (20.0, 10.0)]
    """
    if len(planned) != len(actual):
        raise EnergyError("lengths_differ", planned=len(planned), actual=len(actual))
    lines, so_far, summed = [], [0.0, 0.0], 0
    for plan, used in zip(planned, actual, strict=True):
        difference = share = None
        if plan is not None and used is not None:
            difference, summed = used - plan, summed + 1
            share = difference / plan if plan > 0 else None
            so_far = [so_far[0] + plan, so_far[1] + used]
        lines.append(PlanLine(plan, used, difference, share, so_far[0], so_far[1], summed))
    return lines


def cumulative_savings(model: Baseline, use: npt.ArrayLike, drivers: Drivers) -> Values:
    """Return the running sum of expected less actual use (CUSUM): its bends show when something changed.

    What is unknown adds nothing.

    Examples
    --------
    >>> from .baseline import fit_mean
    >>> cumulative_savings(fit_mean([10.0, 10.0]), [10.0, 8.0, np.nan, 8.0], {}).tolist()
    [0.0, 2.0, 2.0, 4.0]
    """
    actual = np.asarray(use, dtype=np.float64)
    saved: Values = np.cumsum(np.nan_to_num(model.predict(drivers, count=actual.size) - actual))
    return saved
