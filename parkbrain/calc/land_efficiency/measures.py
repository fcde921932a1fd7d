"""What a firm yields: per mu of its land share, per m² of its floor, per tce, ton, person and kWh."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

#: Square meters of one mu.
M2_PER_MU = 10000.0 / 15.0

#: Measure → numerator, denominator, and the factor between their quotient and the measure's unit.
MEASURES: dict[str, tuple[str, str, float]] = {
    "tax_per_mu": ("tax_wan", "land_mu", 1.0),
    "value_added_per_mu": ("value_added_wan", "land_mu", 1.0),
    "sales_per_mu": ("revenue_wan", "land_mu", 1.0),
    "output_per_mu": ("output_wan", "land_mu", 1.0),
    "tax_per_m2": ("tax_wan", "floor_m2", 10000.0),
    "output_per_m2": ("output_wan", "floor_m2", 10000.0),
    "value_added_per_tce": ("value_added_wan", "energy_tce", 1.0),
    "value_added_per_pollutant": ("value_added_wan", "pollutants_t", 1.0),
    "value_added_per_worker": ("value_added_wan", "staff_count", 1.0),
    "rd_share": ("rd_spend_wan", "revenue_wan", 1.0),
    "tax_per_kwh": ("tax_wan", "electricity_kwh", 10000.0),
    "energy_per_m2": ("energy_tce", "floor_m2", 1000.0),
}
#: What is needed of each firm; the units stand in the names.
INPUTS = tuple(dict.fromkeys(name for top, bottom, _factor in MEASURES.values() for name in (top, bottom)))


def land_share_mu(floor_m2: npt.ArrayLike, *, park_floor_m2: float, park_land_m2: float) -> FloatArray:
    """Return the land that counts as a firm's: its floor's share of the park's land.

    Parameters
    ----------
    floor_m2
        Floor area of each firm [m², ≥ 0, ``nan`` when unknown].
    park_floor_m2
        Floor area of the park [m², > 0].
    park_land_m2
        Land of the park [m², > 0].

    Returns
    -------
    array of float
        Land share [mu].

    Raises
    ------
    ValueError
        If the park's areas are not positive.

    Examples
    --------
    >>> land_share_mu([3000.0], park_floor_m2=60000.0, park_land_m2=20000.0).round(4).tolist()
    [1.5]
    """
    if not (park_floor_m2 > 0 and park_land_m2 > 0):
        raise ValueError("the areas of the park must be positive")
    share: FloatArray = np.asarray(floor_m2, dtype=np.float64) * (park_land_m2 / park_floor_m2 / M2_PER_MU)
    return share


def measures_of(inputs: Mapping[str, npt.ArrayLike]) -> dict[str, FloatArray]:
    """Return every measure of many firms; what cannot be told is ``nan``.

    Parameters
    ----------
    inputs
        Per name of `INPUTS` one value per firm: money [10,000 yuan], land [mu], floor [m²], energy [tce], electricity
        [kWh], pollutants [t], staff [persons]; ``nan`` is unknown, a missing name is unknown for all.

    Returns
    -------
    dict of arrays
        Per name of `MEASURES`: money per mu, tce, ton and person [10,000 yuan], per m² and kWh [yuan], R&D spend per
        revenue [1], energy per floor [kgce/m²]. A denominator of zero or less makes a measure unknown.

    Examples
    --------
    >>> found = measures_of({"tax_wan": [30.0, 12.0], "land_mu": [1.5, 0.0], "floor_m2": [3000.0, 800.0]})
    >>> found["tax_per_mu"].tolist(), found["tax_per_m2"].tolist()
    ([20.0, nan], [100.0, 150.0])
    """
    arrays = {name: np.asarray(values, dtype=np.float64) for name, values in inputs.items()}
    size = max((len(values) for values in arrays.values()), default=0)
    unknown = np.full(size, np.nan)
    found = {}
    for name, (top, bottom, factor) in MEASURES.items():
        above, below = arrays.get(top, unknown), arrays.get(bottom, unknown)
        quotient = np.full(size, np.nan)
        found[name] = np.divide(above, below, out=quotient, where=below > 0) * factor
    return found


def payback_months(
    *, cost_yuan: float | None, empty_days: float | None, old_monthly_yuan: float | None, new_monthly_yuan: float | None
) -> float | None:
    """Return after how many months the higher rent has paid for a change of tenant.

    Parameters
    ----------
    cost_yuan
        What the change cost the owner [yuan, ≥ 0].
    empty_days
        Days the space was empty [d, ≥ 0]; their old rent was lost.
    old_monthly_yuan, new_monthly_yuan
        Rent per month before and after [yuan].

    Returns
    -------
    float or None
        Months [≥ 0]; None where something is unknown or the rent did not rise.

    Examples
    --------
    >>> payback_months(cost_yuan=30000.0, empty_days=60.875, old_monthly_yuan=35000.0, new_monthly_yuan=40000.0)
    20.0
    >>> payback_months(cost_yuan=0.0, empty_days=30.0, old_monthly_yuan=35000.0, new_monthly_yuan=35000.0) is None
    True
    """
    if cost_yuan is None or empty_days is None or old_monthly_yuan is None or new_monthly_yuan is None:
        return None
    gain = new_monthly_yuan - old_monthly_yuan
    lost = empty_days / (365.25 / 12) * old_monthly_yuan
    return (cost_yuan + lost) / gain if gain > 0 else None
