"""Size classes of enterprises by the statistical rule of 2017 (统计上大中小微型企业划分办法, 2017)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

#: Classes from the smallest up; the number in an answer is the place in this tuple, -1 is unknown.
CLASSES = ("MICRO", "SMALL", "MEDIUM", "LARGE")
UNKNOWN = -1
FIELDS = ("staff_count", "revenue_wan", "assets_wan")


@dataclass(frozen=True)
class SizeRule:
    """Lower limits of one sector: per class from small up, the limits by field."""

    sector: str
    prefixes: tuple[str, ...]
    limits: tuple[Mapping[str, float], Mapping[str, float], Mapping[str, float]]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the rule of this sector looks at."""
        return tuple(f for f in FIELDS if any(f in limit for limit in self.limits))


def rule_for(industry_code: str, rules: Sequence[SizeRule]) -> SizeRule | None:
    """Return the rule whose longest prefix fits a GB/T 4754 code, or None where no rule covers it.

    Parameters
    ----------
    industry_code
        Code of a division, group or class of GB/T 4754-2017 [two to four digits].
    rules
        The rules; the sectors' prefixes are digits of GB/T 4754.

    Examples
    --------
    >>> rules = [SizeRule("industry", ("34",), ({"staff_count": 20}, {"staff_count": 300}, {"staff_count": 1000}))]
    >>> rule_for("3491", rules).sector
    'industry'
    """
    best: tuple[int, SizeRule] | None = None
    for rule in rules:
        for prefix in rule.prefixes:
            if industry_code.startswith(prefix) and (best is None or len(prefix) > best[0]):
                best = (len(prefix), rule)
    return best[1] if best else None


def size_classes(rule: SizeRule, figures: Mapping[str, FloatArray | Sequence[float]]) -> npt.NDArray[np.int8]:
    """Return the class of many firms of one sector.

    Parameters
    ----------
    rule
        Limits of the sector.
    figures
        Per field of the rule its values: staff [persons], revenue and assets [10,000 yuan]; ``nan`` is unknown.

    Returns
    -------
    array of int8
        Place in `CLASSES`. A class needs all its lower limits, otherwise the firm falls one class down; a firm whose
        figures leave more than one class possible is `UNKNOWN` (rule of 2017, note 1).

    Raises
    ------
    KeyError
        If a field of the rule is missing.

    Examples
    --------
    >>> rule = SizeRule("industry", ("34",), (
    ...     {"staff_count": 20, "revenue_wan": 300},
    ...     {"staff_count": 300, "revenue_wan": 2000},
    ...     {"staff_count": 1000, "revenue_wan": 40000}))
    >>> size_classes(rule, {"staff_count": [1000, 1000, 19], "revenue_wan": [40000, 39999, 5000]}).tolist()
    [3, 2, 0]
    """
    arrays = {f: np.asarray(figures[f], dtype=np.float64) for f in rule.fields}
    if not arrays:
        return np.empty(0, dtype=np.int8)
    low, high = (
        _ranks(rule, {f: np.where(np.isnan(a), fill, a) for f, a in arrays.items()}) for fill in (-np.inf, np.inf)
    )
    return np.where(low == high, low, UNKNOWN).astype(np.int8)


def _ranks(rule: SizeRule, arrays: Mapping[str, FloatArray]) -> npt.NDArray[np.int64]:
    size = len(next(iter(arrays.values())))
    rank = np.zeros(size, dtype=np.int64)
    for limits in rule.limits:
        meets = np.ones(size, dtype=bool)
        for field, limit in limits.items():
            meets &= arrays[field] >= limit
        rank += meets
    return rank


def size_class(
    industry_code: str,
    rules: Sequence[SizeRule],
    *,
    staff_count: float | None,
    revenue_wan: float | None,
    assets_wan: float | None = None,
) -> str | None:
    """Return the size class of one firm, or None where the figures or the sector do not decide it.

    Parameters
    ----------
    industry_code
        Code of GB/T 4754-2017 [two to four digits].
    rules
        Rules of all sectors, see `rules_from`.
    staff_count
        Employed persons at year end [persons], None when unknown.
    revenue_wan, assets_wan
        Operating revenue and total assets [10,000 yuan], None when unknown.
    """
    rule = rule_for(industry_code, rules)
    if rule is None:
        return None
    given = {"staff_count": staff_count, "revenue_wan": revenue_wan, "assets_wan": assets_wan}
    figures = {f: [np.nan if given[f] is None else float(given[f])] for f in rule.fields}  # type: ignore[arg-type]
    place = int(size_classes(rule, figures)[0])
    return None if place == UNKNOWN else CLASSES[place]
