"""Degree days: how much, and how long, it was colder or warmer than a base temperature."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .errors import EnergyError

Values = npt.NDArray[np.float64]

#: Bases in use: 18 °C for heating and 26 °C for cooling in Chinese building codes (JGJ 26, GB 50189).
HEATING_BASE_C, COOLING_BASE_C = 18.0, 26.0


def degree_days(
    temperature_c: npt.ArrayLike, *, base_c: float, cooling: bool, values_a_day: int = 1, least_share: float = 0.75
) -> Values:
    """Return the degree days of every day.

    Parameters
    ----------
    temperature_c
        Outdoor temperature [°C], equally spaced from the first midnight, `values_a_day` a day: 24 integrates hour by
        hour, 1 takes daily means. NaN is unknown.
    base_c
        Base temperature [°C].
    cooling
        Degrees above the base instead of below it.
    values_a_day
        Values a day, 1 or more.
    least_share
        Share of a day's values that must be known, else the day is unknown.

    Returns
    -------
    array of float
        Degree days [K·d] by day, never below zero; NaN where too little is known.

    Raises
    ------
    EnergyError
        ``lengths_differ`` if the values do not fill whole days.

    Examples
    --------
    >>> degree_days([10.0, 20.0, np.nan], base_c=18, cooling=False).tolist()
    [8.0, 0.0, nan]
    >>> degree_days([30.0, 30.0, 20.0, 20.0], base_c=26, cooling=True, values_a_day=4).tolist()
    [2.0]
    """
    values = np.asarray(temperature_c, dtype=np.float64)
    if values.size % values_a_day:
        raise EnergyError("lengths_differ", values=values.size, a_day=values_a_day)
    days = values.reshape(-1, values_a_day)
    known = ~np.isnan(days)
    apart = np.where(known, np.maximum((days - base_c) if cooling else (base_c - days), 0.0), 0.0)
    count = known.sum(axis=1)
    enough = (count > 0) & (count >= least_share * values_a_day)
    return np.where(enough, apart.sum(axis=1) / np.maximum(count, 1), np.nan)
