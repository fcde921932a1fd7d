"""What a park is made of, held against what it said it would be: shares, concentration, specialization."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def share_of(amounts: Mapping[str, float], leading: Collection[str]) -> float | None:
    """Return the share of the leading industries in a whole.

    Parameters
    ----------
    amounts
        Amount (area, output, firms …) by GB/T 4754 code; ``""`` is what has no code. Not negative.
    leading
        Codes of the leading industries, or beginnings of codes.

    Returns
    -------
    float or None
        A share from 0 to 1 of what has a code; None where nothing has one, or no industry is leading.

    Raises
    ------
    ValueError
        If an amount is negative.

    Examples
    --------
    >>> share_of({"3491": 600.0, "3919": 300.0, "6510": 100.0, "": 500.0}, ["34", "39"])
    0.9
    >>> share_of({"": 500.0}, ["34"]) is None
    True
    """
    _check(amounts)
    known = {code: amount for code, amount in amounts.items() if code}
    total = sum(known.values())
    if not total or not leading:
        return None
    return sum(amount for code, amount in known.items() if code.startswith(tuple(leading))) / total


def herfindahl(amounts: Mapping[str, float]) -> float | None:
    """Return how concentrated a whole is (Herfindahl–Hirschman index): the sum of the squared shares.

    Parameters
    ----------
    amounts
        Amount by group. Not negative.

    Returns
    -------
    float or None
        From 1/n (n equal groups) to 1 (one group); None where there is nothing.

    Raises
    ------
    ValueError
        If an amount is negative.

    References
    ----------
    O. C. Herfindahl, *Concentration in the U.S. Steel Industry*, Columbia University, 1950.

    Examples
    --------
    >>> herfindahl({"34": 50.0, "39": 50.0})
    0.5
    >>> herfindahl({"34": 10.0})
    1.0
    """
    _check(amounts)
    total = sum(amounts.values())
    return sum((amount / total) ** 2 for amount in amounts.values()) if total else None


def location_quotient(*, local: float, local_total: float, reference: float, reference_total: float) -> float | None:
    """Return how much more of an industry a place has than the area around it.

    Parameters
    ----------
    local, local_total
        Amount of the industry in the place, and of all industries there. Not negative, in one unit.
    reference, reference_total
        The same of the area it is held against, in the same unit.

    Returns
    -------
    float or None
        1 where the place is like the area, above 1 where it is specialized; None where the place or the area has
        nothing, or the area has none of the industry.

    Raises
    ------
    ValueError
        If an amount is negative or a part is larger than its whole.

    References
    ----------
    W. Isard, *Methods of Regional Analysis*, MIT Press, 1960, ch. 7.

    Examples
    --------
    A fifth of the park against a tenth of the city:

    >>> location_quotient(local=20.0, local_total=100.0, reference=1000.0, reference_total=10000.0)
    2.0
    >>> location_quotient(local=0.0, local_total=100.0, reference=0.0, reference_total=10000.0) is None
    True
    """
    for part, whole in ((local, local_total), (reference, reference_total)):
        if part < 0 or part > whole:
            raise ValueError(f"a part of {part} does not fit into {whole}")
    if not local_total or not reference_total or not reference:
        return None
    return (local / local_total) / (reference / reference_total)


def _check(amounts: Mapping[str, float]) -> None:
    wrong = [code for code, amount in amounts.items() if amount < 0]
    if wrong:
        raise ValueError(f"amounts below zero: {wrong}")
