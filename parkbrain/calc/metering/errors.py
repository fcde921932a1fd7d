"""Why meters cannot be computed."""

from __future__ import annotations

from typing import Any


class MeteringError(ValueError):
    """A formula, a tree or an allocation that cannot be computed: a machine code and the parameters of its sentence.

    Codes: ``formula_unreadable``, ``formula_not_allowed``, ``formula_not_linear``, ``formula_constant_alone``,
    ``formula_without_meter``, ``formula_cycle``, ``meter_unknown``, ``periods_differ``, ``tree_cycle``,
    ``tree_two_parents``, ``nothing_metered``, ``use_below_zero``, ``invoice_without_use``, ``share_above_limit``.

    Examples
    --------
    >>> MeteringError("meter_unknown", meters=["E-9"]).params
    {'meters': ['E-9']}
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(f"{code} {params}")
        self.code = code
        self.params = params
