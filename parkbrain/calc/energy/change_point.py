"""Change-point models: where heating begins and cooling begins is read from use itself.

For given change points a model is a line, fitted by least squares; the change points are searched for: on a coarse grid
over the range of temperature, then on ever finer ones around the best, as the inverse modelling toolkit does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from .baseline import (
    ABOVE,
    BELOW,
    STRAIGHT,
    TEMPERATURE,
    Baseline,
    Drivers,
    Values,
    fit_linear,
    fit_mean,
    fit_terms,
    known_rows,
    shaped,
)
from .errors import EnergyError

Shapes = tuple[tuple[str, str, float | None], ...]

#: Terms of temperature by kind; a number is the place of its change point.
_KINDS: Mapping[str, tuple[tuple[str, int | None], ...]] = {
    "2P": ((STRAIGHT, None),),
    "3PH": ((BELOW, 0),),
    "3PC": ((ABOVE, 0),),
    "4P": ((BELOW, 0), (ABOVE, 0)),
    "5P": ((BELOW, 0), (ABOVE, 1)),
}
KINDS = tuple(_KINDS)
_COARSE, _FINEST, _ROUNDS = 24, 1e-5, 100
#: As many values at least beyond each change point: a slope through fewer is a coincidence.
_LEAST_BEYOND = 3


def fit_change_point(
    use: npt.ArrayLike, temperature_c: npt.ArrayLike, *, kind: str, others: Drivers | None = None
) -> Baseline:
    """Return the best model of a kind.

    Parameters
    ----------
    use
        Use by hour, day or month [unit of energy]; per day where months differ in length. NaN is left out.
    temperature_c
        Mean outdoor temperature of the same periods [°C].
    kind
        ``2P``, ``3PH``, ``3PC``, ``4P`` or ``5P``.
    others
        Further drivers, straight (production, working days).

    Returns
    -------
    Baseline
        Change points have at least three values beyond each.

    Raises
    ------
    EnergyError
        ``model_unknown``, ``lengths_differ``, ``too_few_values``, ``no_change_point`` (the temperatures are too much
        alike) or ``drivers_dependent``.

    Examples
    --------
    >>> temperature = np.arange(0.0, 30.0)
    >>> model = fit_change_point(50 + 3 * np.maximum(15 - temperature, 0), temperature, kind="3PH")
    >>> round(model.constant, 3), round(model.terms[0].slope, 3), [round(one, 3) for one in model.change_points]
    (50.0, 3.0, [15.0])
    """
    if kind not in _KINDS:
        raise EnergyError("model_unknown", kind=kind)
    parts = _KINDS[kind]
    points = len({place for _shape, place in parts if place is not None})
    further = dict(others or {})
    least = len(parts) + points + len(further) + 2
    amounts, columns = known_rows(use, {TEMPERATURE: temperature_c, **further}, least=least)

    def shapes(at: Sequence[float]) -> Shapes:
        own = [(TEMPERATURE, shape, None if place is None else float(at[place])) for shape, place in parts]
        return (*own, *((name, STRAIGHT, None) for name in further))

    if not points:
        return fit_terms(kind, amounts, columns, shapes(()))
    best = _search(amounts, columns, shapes, points, kind)
    return fit_terms(kind, amounts, columns, shapes(best))


def _search(
    use: Values, columns: Mapping[str, Values], shapes: Callable[[Sequence[float]], Shapes], points: int, kind: str
) -> tuple[float, ...]:
    """Return the change points of the least sum of squares."""
    ordered = np.sort(columns[TEMPERATURE])
    beyond = min(_LEAST_BEYOND, ordered.size // 4)
    lowest, highest = float(ordered[beyond]), float(ordered[-1 - beyond])
    if not highest > lowest:
        raise EnergyError("no_change_point", kind=kind)
    best: tuple[float, ...] = ()
    width, least = (highest - lowest) / _COARSE, np.inf
    grids = [np.linspace(lowest, highest, _COARSE + 1)] * points
    for _round in range(_ROUNDS):
        before = best
        for at in product(*grids):
            if list(at) == sorted(set(at)) and (squares := _squares(use, columns, shapes(at))) < least:
                best, least = tuple(float(one) for one in at), squares
        if not best:
            raise EnergyError("no_change_point", kind=kind)
        # The best lies in a valley that may run aslant: only where a round does not move it is the grid made finer.
        width /= 2 if best == before or not before else 1
        if width < _FINEST * (highest - lowest):
            break
        grids = [np.clip(one + np.arange(-2, 3) * width, lowest, highest) for one in best]
    return best


def _squares(use: Values, columns: Mapping[str, Values], shapes: Shapes) -> float:
    matrix = np.column_stack([np.ones(use.size), *(shaped(columns[name], shape, at) for name, shape, at in shapes)])
    gram, side = matrix.T @ matrix, matrix.T @ use
    try:
        found = np.linalg.solve(gram, side)
    except np.linalg.LinAlgError:
        return float("inf")
    residual = use - matrix @ found
    return float(residual @ residual)


def choose_baseline(
    use: npt.ArrayLike,
    temperature_c: npt.ArrayLike,
    *,
    others: Drivers | None = None,
    kinds: Sequence[str] = KINDS,
    significance: float = 0.1,
) -> Baseline:
    """Return the model that describes use best without saying more than the values do.

    A model is a candidate if its slopes make sense (below a heating point and above a cooling point use grows) and each
    is significant; the mean and a line in the other drivers alone always are. Of the candidates the one with the least
    Bayesian information criterion counts, n·ln(Σe²/n) + p·ln n.

    Parameters
    ----------
    use, temperature_c, others
        As in `fit_change_point`.
    kinds
        Kinds to try.
    significance
        Largest p-value of a slope of temperature.

    Raises
    ------
    EnergyError
        ``lengths_differ`` or ``too_few_values`` if there is nothing at all to fit.

    Examples
    --------
    >>> temperature = np.arange(0.0, 36.0)
    >>> use = 80 + 2 * np.maximum(14 - temperature, 0) + 5 * np.maximum(temperature - 24, 0)
    >>> choose_baseline(use + np.sin(7 * temperature), temperature).kind
    '5P'
    """
    further = dict(others or {})
    amounts, columns = known_rows(use, {TEMPERATURE: temperature_c, **further}, least=1)
    candidates = [fit_mean(amounts), *_without_temperature(amounts, {name: columns[name] for name in further})]
    for kind in kinds:
        try:
            model = fit_change_point(
                amounts, columns[TEMPERATURE], kind=kind, others={name: columns[name] for name in further}
            )
        except EnergyError as refused:
            if refused.code == "model_unknown":
                raise
            continue
        if _makes_sense(model, significance):
            candidates.append(model)
    return min(candidates, key=_criterion)


def _without_temperature(use: Values, others: Drivers) -> list[Baseline]:
    """Return the line in the other drivers, where there are any and they leave one."""
    try:
        return [fit_linear(use, others)] if others else []
    except EnergyError as refused:
        if refused.code not in ("too_few_values", "drivers_dependent"):
            raise
        return []


def _makes_sense(model: Baseline, significance: float) -> bool:
    own = [term for term in model.terms if term.driver == TEMPERATURE]
    if any(term.p_value is None or term.p_value > significance for term in own):
        return False
    return model.kind in ("2P", "4P") or all(term.slope > 0 for term in own)


def _criterion(model: Baseline) -> float:
    count, rmse = model.goodness.values, model.goodness.rmse or 0.0
    squares = rmse**2 * (count - model.goodness.parameters)
    # A perfect fit would be minus infinity whatever it costs: rounding noise is the floor.
    floor = count * (1e-9 * max(abs(model.goodness.mean_use), 1e-9)) ** 2
    return float(count * np.log(max(squares, floor) / count) + model.goodness.parameters * np.log(count))
