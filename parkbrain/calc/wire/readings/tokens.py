"""Text of one regular form, taken apart as a whole: no loop over lines, no thread, a few passes over the bytes."""

from __future__ import annotations

import numpy as np
import pyarrow as pa


def split_regular(body: bytes, separators: bytes) -> list[pa.StringArray] | None:
    """Return the columns of a text in which every line has exactly these separators, None where one has not.

    Parameters
    ----------
    body
        The text; a line feed at its end may be missing.
    separators
        The separators of one line in their order, the last a line feed (``b",,\\n"`` for three columns).

    Examples
    --------
    >>> [c.to_pylist() for c in split_regular(b"E-1 value=3 17\\nE-2 value=4 18", b" = \\n")]
    [['E-1', 'E-2'], ['value', 'value'], ['3', '4'], ['17', '18']]
    >>> split_regular(b"E-1 value=3\\n", b" = \\n") is None
    True
    """
    if not body.endswith(b"\n"):
        body += b"\n"
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError:
            return None
    text = np.frombuffer(body, dtype=np.uint8)
    pattern = np.frombuffer(separators, dtype=np.uint8)
    is_separator = np.zeros(text.size, dtype=np.bool_)
    for separator in set(separators):
        is_separator |= text == separator
    places = np.flatnonzero(is_separator)
    width = pattern.size
    if places.size % width or (text[places].reshape(-1, width) != pattern).any():
        return None
    # Without the separators the cells lie one after the other: what Arrow calls an array of texts.
    ends = np.zeros(places.size + 1, dtype=np.int32)
    ends[1:] = places - np.arange(places.size)
    cells = pa.StringArray.from_buffers(places.size, pa.py_buffer(ends), pa.py_buffer(text[~is_separator]))
    return [cells.take(pa.array(np.arange(column, places.size, width))) for column in range(width)]
