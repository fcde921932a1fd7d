"""Rows that a bulk edit leaves out are all on the page: the first at once, the rest behind a fold."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.translation import override

from parkbrain.lists.bulk import Refusal


def test_no_row_that_is_left_out_is_cut() -> None:
    refusals = [Refusal(f"row {number}", "because") for number in range(60)]
    with override("en"):
        shown = render_to_string("ui/list_refusals.html", {"refusals": refusals})
        few = render_to_string("ui/list_refusals.html", {"refusals": refusals[:50]})
    at_once, folded = shown.split("<details>")
    assert "row 49:" in at_once and "row 50:" in folded and "row 59:" in folded and "and 10 more" in folded
    assert "<details>" not in few and few.count("<li>") == 50
