"""Vacancy in area and days, from dated spells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def vacant_days(vacant_from_on: npt.ArrayLike, vacant_to_on: npt.ArrayLike) -> FloatArray:
    """Return the length of vacancy spells, unknown where the beginning is unknown.

    Parameters
    ----------
    vacant_from_on
        First day of each spell [date, ``NaT`` when unknown].
    vacant_to_on
        Day after the last day of each spell [date]: the day it was let again, or the day after the cut-off.

    Returns
    -------
    array of float
        Days of each spell [d], at least 0, ``nan`` when unknown.

    Examples
    --------
    >>> import numpy as np
    >>> vacant_days(np.array(["2026-01-01"], "datetime64[D]"), np.array(["2026-01-31"], "datetime64[D]")).tolist()
    [30.0]
    """
    starts = np.asarray(vacant_from_on, dtype="datetime64[D]")
    ends = np.asarray(vacant_to_on, dtype="datetime64[D]")
    days = (ends - starts).astype("timedelta64[D]").astype(np.float64)
    return np.where(np.isnat(starts) | np.isnat(ends), np.nan, np.maximum(days, 0.0))


def area_days(area_m2: Sequence[float] | FloatArray, days: Sequence[float] | FloatArray) -> FloatArray:
    """Return area times days of each spell [m²·d]; unknown days stay unknown.

    Examples
    --------
    >>> area_days([500.0, 100.0], [30.0, 10.0]).tolist()
    [15000.0, 1000.0]
    """
    return np.asarray(area_m2, dtype=np.float64) * np.asarray(days, dtype=np.float64)


def mean_vacancy_days(area_m2: Sequence[float] | FloatArray, days: Sequence[float] | FloatArray) -> float | None:
    """Return the area-weighted mean age of vacancy, None without a spell of known length.

    Parameters
    ----------
    area_m2
        Area of each vacant unit [m², > 0].
    days
        Length of its spell [d, ``nan`` when unknown].

    Examples
    --------
    >>> mean_vacancy_days([300.0, 100.0], [40.0, 80.0])
    50.0
    """
    area, length = np.asarray(area_m2, dtype=np.float64), np.asarray(days, dtype=np.float64)
    known = ~np.isnan(length)
    total = float(area[known].sum())
    return float((area[known] * length[known]).sum() / total) if total > 0 else None
