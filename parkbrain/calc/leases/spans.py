"""Which version of an agreement governs which days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date


def governing_spans(effective_on: Sequence[date], starts_on: date, ends_on: date) -> list[tuple[int, date, date]]:
    """Return which version governs which days of ``[starts_on, ends_on)``.

    A day is governed by the version that came into force last on or before it; of two that came into force on the same
    day, by the later one of the sequence. The days before the first version belong to it too. The order in which the
    others were made does not matter.

    Parameters
    ----------
    effective_on
        Day from which each version is in force [date], in the order in which they were made.
    starts_on, ends_on
        The term, half-open [date].

    Returns
    -------
    list of (int, date, date)
        Position of the version and its days ``[from, to)``; together they are the term, no day twice or missed.

    Examples
    --------
    >>> from datetime import date
    >>> spans = governing_spans([date(2026, 1, 1), date(2026, 9, 1), date(2026, 5, 1)], date(2026, 1, 1), date(2027, 1, 1))
    >>> [(n, f.isoformat(), t.isoformat()) for n, f, t in spans]
    [(0, '2026-01-01', '2026-05-01'), (2, '2026-05-01', '2026-09-01'), (1, '2026-09-01', '2027-01-01')]
    """
    if not effective_on or ends_on <= starts_on:
        return []
    order = sorted(range(len(effective_on)), key=lambda n: (effective_on[n], n))
    spans: list[tuple[int, date, date]] = []
    for place, number in enumerate(order):
        begin = starts_on if place == 0 else max(effective_on[number], starts_on)
        end = effective_on[order[place + 1]] if place + 1 < len(order) else ends_on
        end = min(max(end, starts_on), ends_on)
        if end > begin:
            spans.append((number, begin, end))
    return spans
