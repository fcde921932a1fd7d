"""Energy baselines: what use would be expected, given what drives it (ISO 50006).

Every model is a constant and terms: a driver times a slope, a driver above a change point, or below one. That covers the
mean, ratios of production, regressions with degree days, and the change-point models of the inverse modelling toolkit of
ASHRAE Guideline 14 (Kissock, Haberl and Claridge, RP-1050):

    2P   constant + slope · T                       3PH  constant + slope · (T_h − T)⁺
    3PC  constant + slope · (T − T_c)⁺              4P   constant + left · (T_b − T)⁺ + right · (T − T_b)⁺
    5P   constant + left · (T_h − T)⁺ + right · (T − T_c)⁺, T_h < T_c

Production and other drivers may stand beside temperature in each of them. A model carries the range of its drivers: what it
says beyond is extrapolation, and `is_within` tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from .errors import EnergyError
from .goodness import Goodness, goodness_of_fit

Values = npt.NDArray[np.float64]
Drivers = Mapping[str, npt.ArrayLike]

STRAIGHT, ABOVE, BELOW = "straight", "above", "below"
TEMPERATURE = "temperature_c"


@dataclass(frozen=True)
class Term:
    """A slope [use per unit of the driver] times the driver itself, or its distance `above` or `below` a change point.

    `error` is the slope's standard error and `p_value` the probability of such a slope where there is none; None where
    no freedom is left to tell.
    """

    driver: str
    shape: str
    slope: float
    change_point: float | None = None
    error: float | None = None
    p_value: float | None = None

    def shaped(self, values: Values) -> Values:
        """Return the driver as the term sees it."""
        return shaped(values, self.shape, self.change_point)


def shaped(values: Values, shape: str, change_point: float | None) -> Values:
    """Return a driver, or its distance above or below a change point.

    Examples
    --------
    >>> shaped(np.array([10.0, 20.0]), BELOW, 18.0).tolist()
    [8.0, 0.0]
    """
    if shape == STRAIGHT or change_point is None:
        return values
    away = values - change_point if shape == ABOVE else change_point - values
    # A maximum would turn unknown into zero in some orders of its arguments; this keeps it.
    return np.where(away < 0, 0.0, away)


@dataclass(frozen=True)
class Baseline:
    """A fitted model: `kind`, `constant` [unit of use], terms, how good it is, and the range its drivers had."""

    kind: str
    constant: float
    terms: tuple[Term, ...]
    goodness: Goodness
    ranges: Mapping[str, tuple[float, float]]

    @property
    def drivers(self) -> tuple[str, ...]:
        """Names of what drives use, each once."""
        return tuple(dict.fromkeys(term.driver for term in self.terms))

    @property
    def change_points(self) -> tuple[float, ...]:
        """Change points in ascending order, each once."""
        return tuple(sorted({term.change_point for term in self.terms if term.change_point is not None}))

    def predict(self, drivers: Drivers, *, count: int | None = None) -> Values:
        """Return expected use; unknown where a driver is.

        Parameters
        ----------
        drivers
            Values of every driver of the model.
        count
            How many values a model without drivers (a mean) is asked for.

        Raises
        ------
        EnergyError
            ``driver_missing`` (params: driver) or ``lengths_differ``.
        """
        columns = _columns(drivers, self.drivers)
        size = next((column.size for column in columns.values()), count or 0)
        return self.constant + sum(
            (term.slope * term.shaped(columns[term.driver]) for term in self.terms), start=np.zeros(size)
        )

    def is_within(self, drivers: Drivers) -> npt.NDArray[np.bool_]:
        """Tell where all drivers are within the range the model was fitted on."""
        columns = _columns(drivers, self.drivers)
        inside = [
            (column >= self.ranges[name][0]) & (column <= self.ranges[name][1]) for name, column in columns.items()
        ]
        return np.logical_and.reduce(inside) if inside else np.ones(0, dtype=np.bool_)

    def as_dict(self) -> dict[str, Any]:
        """Return the model as plain values, to be kept and read back by `from_dict`."""
        return {**asdict(self), "ranges": {name: list(span) for name, span in self.ranges.items()}}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> Baseline:
        """Return the model that `as_dict` wrote."""
        return cls(
            kind=kept["kind"],
            constant=kept["constant"],
            terms=tuple(Term(**term) for term in kept["terms"]),
            goodness=Goodness(**kept["goodness"]),
            ranges={name: (span[0], span[1]) for name, span in kept["ranges"].items()},
        )


def _columns(drivers: Drivers, names: Sequence[str]) -> dict[str, Values]:
    columns = {}
    for name in names:
        if name not in drivers:
            raise EnergyError("driver_missing", driver=name)
        columns[name] = np.asarray(drivers[name], dtype=np.float64)
    if len({column.size for column in columns.values()}) > 1:
        raise EnergyError("lengths_differ", **{name: column.size for name, column in columns.items()})
    return columns


def known_rows(use: npt.ArrayLike, drivers: Drivers, *, least: int) -> tuple[Values, dict[str, Values]]:
    """Return use and drivers where all are known.

    Raises
    ------
    EnergyError
        ``lengths_differ`` or ``too_few_values`` (params: needed, found).

    Examples
    --------
    >>> known_rows([1.0, np.nan], {"made": [5.0, 6.0]}, least=1)[0].tolist()
    [1.0]
    """
    amounts = np.asarray(use, dtype=np.float64)
    columns = _columns(drivers, tuple(drivers))
    if any(column.size != amounts.size for column in columns.values()):
        raise EnergyError("lengths_differ", use=amounts.size, **{name: one.size for name, one in columns.items()})
    known = np.logical_and.reduce([~np.isnan(amounts), *(~np.isnan(column) for column in columns.values())])
    if int(known.sum()) < least:
        raise EnergyError("too_few_values", needed=least, found=int(known.sum()))
    return amounts[known], {name: column[known] for name, column in columns.items()}


def fit_mean(use: npt.ArrayLike) -> Baseline:
    """Return the mean as a baseline: the bar that every other model must clear.

    Examples
    --------
    >>> fit_mean([2.0, 4.0]).predict({}, count=3).tolist()
    [3.0, 3.0, 3.0]
    """
    amounts, _none = known_rows(use, {}, least=1)
    mean = float(amounts.mean())
    return Baseline("mean", mean, (), goodness_of_fit(amounts, np.full(amounts.size, mean), parameters=1), {})


def fit_linear(use: npt.ArrayLike, drivers: Drivers) -> Baseline:
    """Return the least-squares line through use and its drivers (production, degree days, staff …).

    Parameters
    ----------
    use
        Use by period [any unit of energy or volume]; NaN is left out.
    drivers
        Driver values by name, each as many as there are uses.

    Raises
    ------
    EnergyError
        ``lengths_differ``, ``too_few_values`` or ``drivers_dependent`` (one driver is a combination of others).

    Examples
    --------
    >>> model = fit_linear([120.0, 140.0, 160.0, 180.0], {"tons": [10.0, 20.0, 30.0, 40.0]})
    >>> round(model.constant, 6), round(model.terms[0].slope, 6), round(model.goodness.r2, 6)
    (100.0, 2.0, 1.0)
    """
    amounts, columns = known_rows(use, drivers, least=len(drivers) + 2)
    return fit_terms("linear", amounts, columns, tuple((name, STRAIGHT, None) for name in columns))


def fit_ratio(use: npt.ArrayLike, driver: str, values: npt.ArrayLike) -> Baseline:
    """Return use per unit of one driver (energy per ton, per m²) as a baseline: all use ÷ all of the driver.

    The commonest indicator and the most often wrong: base load makes it fall when production rises, by itself. Compare
    with `fit_linear`, whose constant says how much base load there is.

    Raises
    ------
    EnergyError
        ``too_few_values`` or ``use_not_positive`` if the driver sums to nothing.

    Examples
    --------
    >>> fit_ratio([100.0, 200.0], "tons", [10.0, 20.0]).terms[0].slope
    10.0
    """
    amounts, columns = known_rows(use, {driver: values}, least=1)
    whole = float(columns[driver].sum())
    if whole <= 0:
        raise EnergyError("use_not_positive", driver=driver, total=whole)
    ratio = float(amounts.sum()) / whole
    goodness = goodness_of_fit(amounts, ratio * columns[driver], parameters=1)
    return Baseline("ratio", 0.0, (Term(driver, STRAIGHT, ratio),), goodness, _ranges(columns))


def fit_terms(
    kind: str, use: Values, columns: Mapping[str, Values], shapes: Sequence[tuple[str, str, float | None]]
) -> Baseline:
    """Return the least-squares model of a constant and terms of given shape; all values must be known.

    Raises
    ------
    EnergyError
        ``drivers_dependent`` (params: drivers).
    """
    seen = [shaped(columns[name], shape, at) for name, shape, at in shapes]
    matrix = np.column_stack([np.ones(use.size), *seen])
    # Drivers of very different size (tons, degrees) are brought to one scale, so that dependence shows as such.
    scale = np.maximum(np.abs(matrix).max(axis=0), 1e-300)
    solution, _squares, rank, _singular = np.linalg.lstsq(matrix / scale, use, rcond=1e-10)
    if rank < matrix.shape[1]:
        raise EnergyError("drivers_dependent", drivers=[name for name, _shape, _at in shapes])
    found = solution / scale
    change_points = {at for _name, _shape, at in shapes if at is not None}
    goodness = goodness_of_fit(use, matrix @ found, parameters=matrix.shape[1] + len(change_points))
    errors = _errors(matrix / scale, goodness, scale)
    freedom = goodness.values - goodness.parameters
    terms = tuple(
        Term(name, shape, float(slope), at, error, _p_value(float(slope), error, freedom))
        for (name, shape, at), slope, error in zip(shapes, found[1:], errors[1:], strict=True)
    )
    return Baseline(kind, float(found[0]), terms, goodness, _ranges(columns))


def _errors(scaled: Values, goodness: Goodness, scale: Values) -> list[float | None]:
    if goodness.rmse is None:
        return [None] * scaled.shape[1]
    spread = np.sqrt(np.maximum(np.diag(np.linalg.inv(scaled.T @ scaled)), 0.0))
    return [float(one) for one in goodness.rmse * spread / scale]


def _p_value(slope: float, error: float | None, freedom: int) -> float | None:
    if error is None:
        return None
    return float(2 * special.stdtr(freedom, -abs(slope) / error)) if error > 0 else 0.0


def _ranges(columns: Mapping[str, Values]) -> dict[str, tuple[float, float]]:
    return {name: (float(column.min()), float(column.max())) for name, column in columns.items()}
