"""Virtual meters: a meter that nobody installed, computed from others by a formula.

A formula adds, subtracts and weighs the use of meters: ``[E-01] - [E-02] - 0.4 * [E-03]``. A meter is written in square
brackets, or bare where its code is a plain name. It is linear by construction: use times use has no unit, and a constant
alone would depend on how long a period is. What it says is therefore a coefficient a meter, which is also how it travels
to SQL, to a page and to a proof of where a number came from.

An hour that one part does not know is unknown in the whole. Coverage is that of the worst part, flags are those of all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sqlglot import exp

from parkbrain.calc.rating.expression import ExpressionError, parse_expression

from .errors import MeteringError
from .registers import NEGATIVE
from .spread import PeriodUse

#: Codes in square brackets may hold anything but brackets; a placeholder stands for them while the formula is parsed.
_BRACKETED = re.compile(r"\[([^\[\]]+)\]")
_PLACE = "meter__{}__"
_PLACED = re.compile(r"meter__(\d+)__")
_ROUNDING = 1e-9
_MOST_CHARACTERS = 4_000


@dataclass(frozen=True)
class MeterFormula:
    """A checked formula: its text and the coefficient of every meter it reads, in order of first mention."""

    text: str
    coefficients: Mapping[str, float]

    @property
    def meters(self) -> tuple[str, ...]:
        """Codes of the meters it reads, those that cancel out included."""
        return tuple(self.coefficients)


def parse_meter_formula(text: str) -> MeterFormula:
    """Return the checked formula.

    Parameters
    ----------
    text
        Meters, numbers, ``+ - * /`` and parentheses. Division is by numbers only.

    Raises
    ------
    MeteringError
        ``formula_unreadable``, ``formula_not_allowed`` (params: found), ``formula_not_linear``,
        ``formula_constant_alone``, ``formula_without_meter``.

    Examples
    --------
    >>> parse_meter_formula("[E-01] - (kitchen + 0.5 * [公共 3])").coefficients
    {'E-01': 1.0, 'kitchen': -1.0, '公共 3': -0.5}
    """
    return _parse(text)


@lru_cache(maxsize=4096)
def _parse(text: str) -> MeterFormula:
    if len(text) > _MOST_CHARACTERS:
        raise MeteringError("formula_unreadable", text=text[:80])
    codes: list[str] = []

    def place(match: re.Match[str]) -> str:
        codes.append(match.group(1).strip())
        return f" {_PLACE.format(len(codes) - 1)} "

    try:
        tree = parse_expression(_BRACKETED.sub(place, text)).tree
    except ExpressionError as error:
        if error.code == "not_allowed":
            raise MeteringError("formula_not_allowed", text=text, found=error.params["found"]) from error
        raise MeteringError("formula_unreadable", text=text) from error
    except RecursionError as error:
        raise MeteringError("formula_unreadable", text=text[:80]) from error
    terms, constant = _linear(tree, codes, text)
    if not terms:
        raise MeteringError("formula_without_meter", text=text)
    if constant:
        raise MeteringError("formula_constant_alone", text=text, constant=constant)
    return MeterFormula(text, terms)


def _linear(node: exp.Expr, codes: Sequence[str], text: str) -> tuple[dict[str, float], float]:
    """Return coefficients by meter and the constant that stands alone."""
    if isinstance(node, exp.Paren):
        return _linear(node.this, codes, text)
    if isinstance(node, exp.Column):
        placed = _PLACED.fullmatch(node.name)
        return {codes[int(placed.group(1))] if placed else node.name: 1.0}, 0.0
    if isinstance(node, exp.Literal):
        return {}, float(node.this)
    if isinstance(node, exp.Neg):
        return _scaled(_linear(node.this, codes, text), -1.0)
    if not isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div):
        raise MeteringError("formula_not_allowed", text=text, found=node.sql(dialect="duckdb", comments=False))
    left, right = _linear(node.this, codes, text), _linear(node.expression, codes, text)
    if isinstance(node, exp.Add | exp.Sub):
        sign = 1.0 if isinstance(node, exp.Add) else -1.0
        terms = dict(left[0])
        for code, coefficient in right[0].items():
            terms[code] = terms.get(code, 0.0) + sign * coefficient
        return terms, left[1] + sign * right[1]
    if isinstance(node, exp.Mul) and not left[0]:
        left, right = right, left
    if right[0] or (isinstance(node, exp.Div) and right[1] == 0):
        raise MeteringError("formula_not_linear", text=text)
    return _scaled(left, right[1] if isinstance(node, exp.Mul) else 1.0 / right[1])


def _scaled(part: tuple[dict[str, float], float], factor: float) -> tuple[dict[str, float], float]:
    return {code: coefficient * factor for code, coefficient in part[0].items()}, part[1] * factor


def use_of_formula(formula: MeterFormula, uses: Mapping[str, PeriodUse]) -> PeriodUse:
    """Return the use of a virtual meter by period.

    Parameters
    ----------
    formula
        The checked formula.
    uses
        Use by period of every meter it reads, all over the same periods and in the same unit. What the formula reads
        with coefficient zero still decides about coverage: the formula says that it matters.

    Returns
    -------
    PeriodUse
        Use [unit of the meters]: NaN in a period in which a part is unknown. `known` and `measured` are those of the
        worst part; `flags` gathers all and adds `NEGATIVE` where the result is below zero (the value stays).

    Raises
    ------
    MeteringError
        ``meter_unknown`` (params: meters) or ``periods_differ`` (params: meter).

    Examples
    --------
    >>> borders, all_of_it = np.array([0, 10, 20]), np.ones(2)
    >>> supply = PeriodUse(borders, np.array([5.0, 6.0]), all_of_it, all_of_it, np.zeros(2, dtype=np.uint8))
    >>> sub = PeriodUse(borders, np.array([3.0, np.nan]), np.array([1.0, 0.0]), np.array([1.0, 0.0]), supply.flags)
    >>> rest = use_of_formula(parse_meter_formula("[E-1] - [E-2]"), {"E-1": supply, "E-2": sub})
    >>> rest.use.tolist(), rest.known.tolist()
    ([2.0, nan], [1.0, 0.0])
    """
    parts = _parts(formula, uses)
    coefficients = np.array(list(formula.coefficients.values()))[:, np.newaxis]
    terms = np.array([part.use for part in parts]) * coefficients
    use = terms.sum(axis=0)
    flags = np.bitwise_or.reduce([part.flags for part in parts])
    # A difference of equals is not quite zero in floating point; only what exceeds that is below zero.
    below = use < -_ROUNDING * np.abs(terms).sum(axis=0)
    return PeriodUse(
        borders_us=parts[0].borders_us,
        use=use,
        known=np.min([part.known for part in parts], axis=0),
        measured=np.min([part.measured for part in parts], axis=0),
        flags=np.where(below, flags | NEGATIVE, flags).astype(np.uint8),
    )


def _parts(formula: MeterFormula, uses: Mapping[str, PeriodUse]) -> list[PeriodUse]:
    missing = [code for code in formula.meters if code not in uses]
    if missing:
        raise MeteringError("meter_unknown", meters=missing)
    parts = [uses[code] for code in formula.meters]
    for code, part in zip(formula.meters, parts, strict=True):
        if not np.array_equal(part.borders_us, parts[0].borders_us):
            raise MeteringError("periods_differ", meter=code)
    return parts


def order_formulas(formulas: Mapping[str, MeterFormula]) -> tuple[str, ...]:
    """Return the virtual meters so that each comes after those it reads.

    Raises
    ------
    MeteringError
        ``formula_cycle`` (params: meters, the round from a meter back to itself).

    Examples
    --------
    >>> formulas = {"rest": parse_meter_formula("supply - tenants"), "tenants": parse_meter_formula("a + b")}
    >>> order_formulas(formulas)
    ('tenants', 'rest')
    """
    done: dict[str, None] = {}
    for first in formulas:
        # Depth first without recursion: the path is the chain of meters that wait for one another.
        path, waiting = [first], [iter(formulas[first].meters)]
        if first in done:
            continue
        while path:
            needed = next(waiting[-1], None)
            if needed is None:
                done[path.pop()] = None
                waiting.pop()
            elif needed in path:
                raise MeteringError("formula_cycle", meters=[*path[path.index(needed) :], needed])
            elif needed in formulas and needed not in done:
                path.append(needed)
                waiting.append(iter(formulas[needed].meters))
    return tuple(done)


def use_of_formulas(formulas: Mapping[str, MeterFormula], uses: Mapping[str, PeriodUse]) -> dict[str, PeriodUse]:
    """Return the use of all virtual meters, those that read other virtual meters included.

    Raises
    ------
    MeteringError
        As `order_formulas` and `use_of_formula`.

    Examples
    --------
    >>> one = PeriodUse(np.array([0, 10]), np.array([4.0]), np.ones(1), np.ones(1), np.zeros(1, dtype=np.uint8))
    >>> formulas = {"half": parse_meter_formula("twice / 4"), "twice": parse_meter_formula("2 * m")}
    >>> use_of_formulas(formulas, {"m": one})["half"].use.tolist()
    [2.0]
    """
    found: dict[str, PeriodUse] = {}
    for code in order_formulas(formulas):
        found[code] = use_of_formula(formulas[code], {**uses, **found})
    return found
