"""What an address names: the number of a row, or none."""

from __future__ import annotations

import pytest

from parkbrain.ui.links import key_in


@pytest.mark.parametrize(
    ("typed", "key"), [("12", 12), ("", None), ("x", None), ("²", None), ("-1", None), ("9" * 5000, None)]
)
def test_a_row_is_named_by_its_number_and_by_nothing_else(typed: str, key: int | None) -> None:
    assert key_in(typed) == key
