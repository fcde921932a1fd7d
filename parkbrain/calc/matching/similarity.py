"""How alike two texts are, from 0 (nothing in common) to 1 (the same)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

#: Winkler's weight of a common beginning, and how many characters of it count (Winkler 1990).
PREFIX_WEIGHT, PREFIX_LENGTH = 0.1, 4
#: Longer texts are compared by their first characters: names and addresses are shorter.
MAX_LENGTH = 80
_BATCH = 20_000


def jaro_winkler(first: str, second: str) -> float:
    """Return the Jaro–Winkler similarity of two texts [1].

    Parameters
    ----------
    first, second
        Texts in the form in which they are to be compared.

    Returns
    -------
    float
        0 to 1; 1 only for equal texts (in their first 80 characters). Symmetric: the shorter text, then the one that
        sorts first, is always walked through. Two empty texts are 1, an empty one and another are 0.

    References
    ----------
    M. A. Jaro, JASA 84 (1989) 414–420; W. E. Winkler, "String Comparator Metrics and Enhanced Decision Rules in the
    Fellegi–Sunter Model of Record Linkage", Proc. ASA Section on Survey Research Methods (1990) 354–359.

    Examples
    --------
    >>> round(jaro_winkler("martha", "marhta"), 4), round(jaro_winkler("dixon", "dicksonx"), 4)
    (0.9611, 0.8133)
    """
    return float(jaro_winkler_many([first], [second])[0])


def jaro_winkler_many(first: Sequence[str], second: Sequence[str]) -> NDArray[np.float64]:
    """Return the Jaro–Winkler similarity of each pair [1]; see `jaro_winkler`.

    Parameters
    ----------
    first, second
        Equally many texts.

    Examples
    --------
    >>> jaro_winkler_many(["a", "a"], ["a", "b"]).tolist()
    [1.0, 0.0]
    """
    ordered = [
        (a, b) if (len(a), a) <= (len(b), b) else (b, a)
        for a, b in ((x[:MAX_LENGTH], y[:MAX_LENGTH]) for x, y in zip(first, second, strict=True))
    ]
    out = np.empty(len(ordered))
    # Alike lengths together: the arrays are as wide as the longest text of a batch.
    order = sorted(range(len(ordered)), key=lambda i: len(ordered[i][1]))
    for start in range(0, len(order), _BATCH):
        part = order[start : start + _BATCH]
        out[part] = _batch([ordered[i][0] for i in part], [ordered[i][1] for i in part])
    return out


def _codes(texts: Sequence[str], fill: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    lengths = np.array([len(t) for t in texts], dtype=np.int64)
    width = max(int(lengths.max(initial=0)), 1)
    flat = np.frombuffer("".join(t.ljust(width, "\0") for t in texts).encode("utf-32-le", "surrogatepass"), np.int32)
    codes = flat.reshape(len(texts), width).copy()
    codes[np.arange(width) >= lengths[:, None]] = fill
    return codes, lengths


def _batch(first: Sequence[str], second: Sequence[str]) -> NDArray[np.float64]:
    a, a_len = _codes(first, -1)
    b, b_len = _codes(second, -2)
    window = np.maximum(np.maximum(a_len, b_len) // 2 - 1, 0)[:, None]
    rows, places = np.arange(len(a)), np.arange(b.shape[1])
    a_used, b_used = np.zeros(a.shape, bool), np.zeros(b.shape, bool)
    for i in range(a.shape[1]):
        near = (b == a[:, i : i + 1]) & ~b_used & (np.abs(places - i) <= window)
        at = near.argmax(axis=1)
        hit = near[rows, at]
        a_used[:, i] = hit
        b_used[rows[hit], at[hit]] = True
    matches = a_used.sum(axis=1)
    turned = _out_of_order(a, a_used, b, b_used, matches)
    with np.errstate(divide="ignore", invalid="ignore"):
        jaro = (matches / a_len + matches / b_len + (matches - turned) / matches) / 3
    jaro = np.where(matches == 0, 0.0, jaro)
    jaro[(a_len == 0) & (b_len == 0)] = 1.0
    head = min(PREFIX_LENGTH, a.shape[1], b.shape[1])
    prefix = np.cumprod(a[:, :head] == b[:, :head], axis=1).sum(axis=1)
    return np.asarray(np.clip(jaro + prefix * PREFIX_WEIGHT * (1 - jaro), 0.0, 1.0))


def _out_of_order(
    a: NDArray[np.int32],
    a_used: NDArray[np.bool_],
    b: NDArray[np.int32],
    b_used: NDArray[np.bool_],
    matches: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return half the number of matched characters that stand in another order."""
    a_first = np.take_along_axis(a, np.argsort(~a_used, axis=1, kind="stable"), axis=1)
    b_first = np.take_along_axis(b, np.argsort(~b_used, axis=1, kind="stable"), axis=1)
    width = min(a.shape[1], b.shape[1])
    differ = (a_first[:, :width] != b_first[:, :width]) & (np.arange(width) < matches[:, None])
    return np.asarray(differ.sum(axis=1) / 2.0)


def dice(first: frozenset[str], second: frozenset[str]) -> float:
    """Return the share of the tokens that two sets have in common [1].

    Source: L. R. Dice, Ecology 26 (1945) 297–302.

    Examples
    --------
    >>> dice(frozenset({"east", "hall"}), frozenset({"west", "hall"}))
    0.5
    """
    if not first and not second:
        return 1.0
    return 2 * len(first & second) / (len(first) + len(second))
