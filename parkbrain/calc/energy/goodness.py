"""How well a baseline describes what it was fitted to, and whether that is enough.

Figures as in ASHRAE Guideline 14-2014: with p parameters and n values, CV(RMSE) = √(Σe² / (n − p)) / mean and
NMBE = Σe / (n − p) / mean. Least squares with an intercept has no mean bias on its own data, so NMBE speaks about other
data: a year held back, or a model carried over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .errors import EnergyError

#: Limits by length of the values: CV(RMSE) and NMBE from ASHRAE Guideline 14-2014 (calibration criteria: monthly 15 % and
#: 5 %, hourly 30 % and 10 %; daily has none of its own, hourly's are taken), R² 0.75 as IPMVP recommends for regressions.
LIMITS: Mapping[str, Mapping[str, float]] = {
    "month": {"r2": 0.75, "cv_rmse": 0.15, "nmbe": 0.05},
    "day": {"r2": 0.75, "cv_rmse": 0.30, "nmbe": 0.10},
    "hour": {"r2": 0.75, "cv_rmse": 0.30, "nmbe": 0.10},
}


@dataclass(frozen=True)
class Goodness:
    """Figures of a fit: `values` and `parameters` counted, `r2`, `adjusted_r2`, `cv_rmse` and `nmbe` as shares.

    `rmse` is in the unit of use, `autocorrelation` the correlation of a residual with the one before it. A figure that
    cannot be computed (no spread, no mean, too few values) is None.
    """

    values: int
    parameters: int
    rmse: float | None
    r2: float | None
    adjusted_r2: float | None
    cv_rmse: float | None
    nmbe: float | None
    autocorrelation: float | None
    mean_use: float


def goodness_of_fit(use: npt.ArrayLike, fitted: npt.ArrayLike, *, parameters: int) -> Goodness:
    """Return the figures of a fit; pairs of which one is unknown are left out.

    Parameters
    ----------
    use, fitted
        What was used and what the model says [same unit], in order of time.
    parameters
        Parameters of the model that were fitted to these values (0 for other data), change points included.

    Raises
    ------
    EnergyError
        ``lengths_differ`` or ``too_few_values``.

    Examples
    --------
    >>> found = goodness_of_fit([10.0, 12.0, 14.0, 16.0], [10.0, 12.0, 14.0, 12.0], parameters=2)
    >>> round(found.cv_rmse, 4), round(found.r2, 2), round(found.nmbe, 4)
    (0.2176, 0.2, 0.1538)
    """
    actual, model = np.asarray(use, dtype=np.float64), np.asarray(fitted, dtype=np.float64)
    if actual.shape != model.shape:
        raise EnergyError("lengths_differ", values=actual.size, fitted=model.size)
    known = ~np.isnan(actual) & ~np.isnan(model)
    actual, model = actual[known], model[known]
    if not actual.size:
        raise EnergyError("too_few_values", needed=1, found=0)
    residual, freedom, mean = actual - model, actual.size - parameters, float(actual.mean())
    squares, spread = float((residual**2).sum()), float(((actual - mean) ** 2).sum())
    rmse = float(np.sqrt(squares / freedom)) if freedom > 0 else None
    r2 = 1 - squares / spread if spread > 0 else None
    adjusted = 1 - (1 - r2) * (actual.size - 1) / freedom if r2 is not None and freedom > 0 else None
    return Goodness(
        values=int(actual.size),
        parameters=parameters,
        rmse=rmse,
        r2=r2,
        adjusted_r2=adjusted,
        cv_rmse=rmse / mean if rmse is not None and mean > 0 else None,
        nmbe=float(residual.sum()) / freedom / mean if freedom > 0 and mean > 0 else None,
        autocorrelation=_autocorrelation(residual),
        mean_use=mean,
    )


def _autocorrelation(residual: npt.NDArray[np.float64]) -> float | None:
    if residual.size < 4:
        return None
    earlier, later = residual[:-1] - residual[:-1].mean(), residual[1:] - residual[1:].mean()
    scale = float(np.sqrt((earlier**2).sum() * (later**2).sum()))
    # Residuals that are rounding noise have no correlation to speak of.
    return float((earlier * later).sum()) / scale if scale > 1e-12 * max(1.0, float((residual**2).max())) else None


def list_shortfalls(goodness: Goodness, *, step: str) -> list[str]:
    """Return the names of the figures that miss their limit or could not be computed: nothing means good enough.

    Parameters
    ----------
    goodness
        Figures of the fit.
    step
        ``month``, ``day`` or ``hour``: how long each value is.

    Examples
    --------
    >>> list_shortfalls(goodness_of_fit([10.0, 12.0, 14.0, 16.0], [10.0, 12.0, 14.0, 12.0], parameters=2), step="month")
    ['r2', 'cv_rmse', 'nmbe']
    """
    limits = LIMITS[step]
    is_good = {
        "r2": goodness.r2 is not None and goodness.r2 >= limits["r2"],
        "cv_rmse": goodness.cv_rmse is not None and goodness.cv_rmse <= limits["cv_rmse"],
        "nmbe": goodness.nmbe is not None and abs(goodness.nmbe) <= limits["nmbe"],
    }
    return [name for name, good in is_good.items() if not good]
