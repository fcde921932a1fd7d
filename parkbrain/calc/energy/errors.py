"""Why an energy analysis cannot be computed."""

from __future__ import annotations

from typing import Any


class EnergyError(ValueError):
    """An analysis that cannot be computed: a machine code and the parameters of its sentence.

    Codes: ``lengths_differ``, ``too_few_values``, ``driver_missing``, ``drivers_dependent``, ``use_not_positive``,
    ``model_unknown``, ``no_change_point``, ``no_model_fits``, ``nothing_in_common``, ``history_too_short``.

    Examples
    --------
    >>> EnergyError("too_few_values", needed=12, found=3).params
    {'needed': 12, 'found': 3}
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params = params
