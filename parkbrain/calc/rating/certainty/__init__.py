"""How sure a class is: weights, scoring thresholds, uncertain facts and gaps drawn thousands of times.

Uncertainty and sensitivity analysis as in the OECD/JRC Handbook on Constructing Composite Indicators (2008), step 7:
`certainty_of` for one unit by full re-evaluation, `city_certainty` for thousands of units by tables of each indicator's
answers, `sensitivity_of` for what decides (Sobol' indices through SciPy).
"""

from parkbrain.calc.rating.certainty.city import CityCertainty, city_certainty
from parkbrain.calc.rating.certainty.doubt import (
    NO_DOUBT,
    Doubt,
    Limit,
    Peers,
    most_unseen,
    peers_of,
    standard_error_of,
)
from parkbrain.calc.rating.certainty.one import Certainty, CertaintyDraws, Prepared, certainty_of, prepare
from parkbrain.calc.rating.certainty.sensitivity import Driver, Sensitivity, sensitivity_of, sobol_of

__all__ = [
    "NO_DOUBT",
    "Certainty",
    "CertaintyDraws",
    "CityCertainty",
    "Doubt",
    "Driver",
    "Limit",
    "Peers",
    "Prepared",
    "Sensitivity",
    "certainty_of",
    "city_certainty",
    "most_unseen",
    "peers_of",
    "prepare",
    "sensitivity_of",
    "sobol_of",
    "standard_error_of",
]
